"""What fine-tuning a large model costs, by formula: parameters, bytes on disk, bytes in memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from engine.analysis.model_shapes import MODELS, ModelShape, Projection
from engine.analysis.weight_storage import PRECISIONS, model_bytes
from engine.protocol.settings import SettingsError

EXCLUDED = "activations, temporary buffers, the framework itself and a task's new head"
_ADAM_BYTES = 8
_MAX_RANK = 65_536


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One way to fine-tune one model.

    Raises: SettingsError: a field outside its range; the message names field, value and range.
    """

    preset: str
    """A name in `MODELS`."""
    method: str = "lora"
    """A name in `METHODS`."""
    rank: int | None = None
    """r of a low-rank update; None: the method's own default."""
    bottleneck: int = 64
    """m, width of an adapter's bottleneck, 1…d."""
    tokens: int = 20
    """n, length of a prefix, 1…context."""
    targets: tuple[str, ...] | None = None
    """Projections that a method changes; None: the method's own default."""
    precision: int = 16
    """Bits per frozen weight, one of `PRECISIONS`."""

    def __post_init__(self) -> None:
        _choice("preset", self.preset, tuple(MODELS))
        _choice("method", self.method, tuple(METHODS))
        _choice("precision", self.precision, PRECISIONS)
        known = tuple(projection.name for projection in self.model.projections)
        for name in self.targets or ():
            _choice("targets", name, known, "among")
        if self.targets is not None and not self.targets:
            raise SettingsError("targets", "", f"among {', '.join(known)}")
        chosen = self.targets or METHODS[self.method].targets
        object.__setattr__(self, "targets", tuple(name for name in known if name in chosen))
        if self.rank is None:
            object.__setattr__(self, "rank", METHODS[self.method].rank)
        _whole("rank", self.rank, self._max_rank())
        _whole("bottleneck", self.bottleneck, self.model.width)
        _whole("tokens", self.tokens, self.model.context)
        if self.method == "full" and self.precision < 16:
            raise SettingsError("precision", self.precision, "32 or 16: full trains the weights")
        if self.method == "bitfit" and not self.model.biases:
            others = ", ".join(name for name in METHODS if name != "bitfit")
            raise SettingsError(
                "method", "bitfit", f"one of {others}: {self.model.label} has no biases"
            )

    @property
    def model(self) -> ModelShape:
        """The shape of the model that is fine-tuned."""
        return MODELS[self.preset]

    def chosen(self) -> list[Projection]:
        """The projections of one block that the method changes."""
        return [self.model.projection(name) for name in self.targets or ()]

    def _max_rank(self) -> int:
        # More would not be low-rank; VeRA's matrices are random and gain from a rank beyond that.
        if self.method not in ("lora", "dora"):
            return _MAX_RANK
        return min(min(projection.out, projection.inputs) for projection in self.chosen())


Count = Callable[[Plan], int]


@dataclasses.dataclass(frozen=True, slots=True)
class Method:
    """How many parameters a method trains."""

    label: str
    source: str
    trains: Count
    uses: tuple[str, ...] = ()
    """The fields of the plan that it reads."""
    targets: tuple[str, ...] = ("q", "v")
    rank: int = 8
    adds: bool = True
    """Whether what it trains is new; else it trains parameters that the model has."""
    frozen: Count = lambda plan: 0
    """New parameters that stay as they were drawn."""


def _per_target(size: Callable[[int, Projection], int]) -> Count:
    """The count of a method that adds `size(r, projection)` to each target of each block."""

    def count(plan: Plan) -> int:
        rank = plan.rank or 0
        return plan.model.blocks * sum(size(rank, target) for target in plan.chosen())

    return count


def _adapters(per_block: int) -> Count:
    """Down d×m with a bias of m, up m×d with a bias of d; norms that train along not counted."""

    def count(plan: Plan) -> int:
        width, bottleneck = plan.model.width, plan.bottleneck
        return plan.model.blocks * per_block * (2 * width * bottleneck + bottleneck + width)

    return count


def _prefix(plan: Plan) -> int:
    """One key and one value per token and block: 2d without grouped queries, less with them."""
    keys_and_values = plan.model.projection("k").out + plan.model.projection("v").out
    return plan.tokens * plan.model.blocks * keys_and_values


def _vera_matrices(plan: Plan) -> int:
    """A (r, in) and B (out, r), one pair for all, cut to each target's size."""
    widest = max(p.inputs for p in plan.chosen()) + max(p.out for p in plan.chosen())
    return (plan.rank or 0) * widest


_RANKED = ("rank", "targets")
# fmt: off
METHODS = {
    "lora": Method("LoRA", "arXiv:2106.09685",
                   _per_target(lambda r, p: r * (p.out + p.inputs)), _RANKED),
    "adapter_houlsby": Method("Houlsby adapters", "arXiv:1902.00751", _adapters(2),
                              ("bottleneck",)),
    "adapter_pfeiffer": Method("Pfeiffer adapters", "arXiv:2005.00247", _adapters(1),
                               ("bottleneck",)),
    "full": Method("Full fine-tuning", "", lambda plan: plan.model.parameters, adds=False),
    "bitfit": Method("BitFit", "arXiv:2106.10199", lambda plan: plan.model.biases, adds=False),
    "prefix": Method("Prefix tuning", "arXiv:2101.00190", _prefix, ("tokens",)),
    "ia3": Method("IA³", "arXiv:2205.05638",  # the feed-forward layer's inputs, others' outputs
                  _per_target(lambda r, p: p.inputs if p.name == "down" else p.out),
                  ("targets",), targets=("k", "v", "down")),
    "dora": Method("DoRA", "arXiv:2402.09353",  # and one magnitude per row of W
                   _per_target(lambda r, p: r * (p.out + p.inputs) + p.out), _RANKED),
    "vera": Method("VeRA", "arXiv:2310.11454",
                   _per_target(lambda r, p: r + p.out), _RANKED, rank=256, frozen=_vera_matrices),
}
# fmt: on
"""Name on the command line -> method."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a plan costs; sizes in bytes, `EXCLUDED` left out."""

    trainable_parameters: int
    total_parameters: int
    """Of the model as published; what the method adds is not among them."""
    added_parameters: int
    """What the method adds, trainable or not."""
    checkpoint_bytes: int
    """What one task stores: the trained parameters, 2 bytes each, 4 at precision 32."""
    copy_bytes: int
    """What one task would store after full fine-tuning: every parameter, of that size."""
    model_bytes: int
    """The model at the plan's precision."""
    added_bytes: int
    """What the method adds."""
    gradient_bytes: int
    """One gradient per trained parameter, of its size."""
    optimizer_bytes: int
    """Adam's two moments per trained parameter, float32."""

    @property
    def memory_bytes(self) -> int:
        """Weights, gradients and optimizer states during training."""
        weights = self.model_bytes + self.added_bytes
        return weights + self.gradient_bytes + self.optimizer_bytes


def cost(plan: Plan) -> Cost:
    """What fine-tuning by this plan costs."""
    method, model = METHODS[plan.method], plan.model
    trainable = method.trains(plan)
    added = (trainable if method.adds else 0) + method.frozen(plan)
    size = 4 if plan.precision == 32 else 2  # bytes of whatever trains or is not quantised
    return Cost(
        trainable_parameters=trainable,
        total_parameters=model.parameters,
        added_parameters=added,
        checkpoint_bytes=trainable * size,
        copy_bytes=model.parameters * size,
        model_bytes=model_bytes(model, plan.precision),
        added_bytes=added * size,
        gradient_bytes=trainable * size,
        optimizer_bytes=trainable * _ADAM_BYTES,
    )


def _choice(field: str, value: object, allowed: tuple[object, ...], words: str = "one of") -> None:
    if value not in allowed:
        raise SettingsError(field, value, f"{words} {', '.join(map(str, allowed))}")


def _whole(field: str, value: object, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= high:
        raise SettingsError(field, value, f"a whole number from 1 to {high}")
