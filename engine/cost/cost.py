"""What fine-tuning a large model costs, by formula: parameters, bytes on disk, bytes in memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Self

from engine.cost.model_bytes import model_bytes
from engine.cost.model_shapes import MODELS, Dimensions, ModelShape, Projection, typed_in
from engine.cost.validation import check_choice, check_known, check_whole
from engine.model.bits import PRECISIONS
from engine.protocol.settings import SettingsError

EXCLUDED = (
    "activations, temporary buffers, the float32 copy that some keep of 16-bit weights in "
    "training, the framework itself and a task's new head"
)
_ADAM_BYTES = 8
_BOTTLENECK = 64
_TOKENS = 20
_MAX_RANK = 65_536
_MAX_TASKS = 1_000


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CostPlan:
    """One way to fine-tune one model.

    Raises: SettingsError: a field outside its range; the message names field, value and range.
    """

    preset: str | None = None
    """A name in `MODELS`; None: `dimensions` describe the model."""
    dimensions: Dimensions | None = None
    """Of a typed-in model, instead of a preset."""
    method: str = "lora"
    """A name in `METHODS`."""
    rank: int | None = None
    """r of a low-rank update; None: the method's own default, or the most that the model takes."""
    bottleneck: int | None = None
    """m, width of an adapter's bottleneck, 1…d; None: 64, or d if that is less."""
    tokens: int | None = None
    """n, length of a prefix, 1…context; None: 20, or the context if that is less."""
    targets: tuple[str, ...] | None = None
    """Projections that a method changes; None: the method's own default."""
    precision: int = 16
    """Bits per frozen weight, one of `PRECISIONS`."""
    tasks: int = 10
    """For how many tasks the model is fine-tuned, 1…1,000."""

    def __post_init__(self) -> None:
        if self.dimensions is None:
            check_choice("preset", self.preset, tuple(MODELS))
        elif self.preset is not None:
            raise SettingsError("preset", self.preset, "left out where dimensions are typed in")
        check_choice("method", self.method, tuple(METHODS))
        check_choice("precision", self.precision, PRECISIONS)
        check_whole("tasks", self.tasks, _MAX_TASKS)
        self._check_targets()
        for field, default, most in (
            ("rank", METHODS[self.method].rank, self._max_rank()),
            ("bottleneck", _BOTTLENECK, self.model.width),
            ("tokens", _TOKENS, self.model.context),
        ):
            if getattr(self, field) is None:
                object.__setattr__(self, field, min(default, most))
            check_whole(field, getattr(self, field), most)
        if self.method == "full" and self.precision < 16:
            raise SettingsError("precision", self.precision, "32 or 16: full trains the weights")
        if self.method == "bitfit" and not self.model.biases:
            raise SettingsError(
                "method", self.method, f"another one: {self.model.label} has no biases to train"
            )

    def _check_targets(self) -> None:
        known = tuple(projection.name for projection in self.model.projections)
        targets = METHODS[self.method].targets if self.targets is None else self.targets
        if not isinstance(targets, tuple) or not targets:
            raise SettingsError("targets", targets, f"at least one of {', '.join(known)}")
        for name in targets:
            check_choice("targets", name, known, "among")
        object.__setattr__(self, "targets", tuple(name for name in known if name in targets))

    @classmethod
    def from_mapping(cls, values: object) -> Self:
        """A plan from plain values. Raises: SettingsError: unknown field or bad value."""
        plain = check_known("plan", values, cls)
        if plain.get("dimensions") is not None:
            plain["dimensions"] = Dimensions.from_mapping(plain["dimensions"])
        return cls(**plain)

    @property
    def model(self) -> ModelShape:
        """The shape of the model that is fine-tuned."""
        if self.dimensions is not None:
            return typed_in(self.dimensions)
        assert self.preset is not None
        return MODELS[self.preset]

    def chosen(self) -> list[Projection]:
        """The projections of one block that the method changes."""
        return [self.model.projection(name) for name in self.targets or ()]

    def _max_rank(self) -> int:
        # More would not be low-rank; VeRA's matrices are random and gain from a rank beyond that.
        if self.method not in ("lora", "dora"):
            return _MAX_RANK
        return min(min(projection.out, projection.inputs) for projection in self.chosen())


Count = Callable[[CostPlan], int]


@dataclasses.dataclass(frozen=True, slots=True)
class TrainingMethod:
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

    def count(plan: CostPlan) -> int:
        rank = plan.rank or 0
        return plan.model.blocks * sum(size(rank, target) for target in plan.chosen())

    return count


def _adapters(per_block: int) -> Count:
    """Down d×m with a bias of m, up m×d with a bias of d; norms that train along not counted."""

    def count(plan: CostPlan) -> int:
        width, bottleneck = plan.model.width, plan.bottleneck or 0
        return plan.model.blocks * per_block * (2 * width * bottleneck + bottleneck + width)

    return count


def _prefix(plan: CostPlan) -> int:
    """One key and one value per token and block: 2d without grouped queries, less with them."""
    keys_and_values = plan.model.projection("k").out + plan.model.projection("v").out
    return (plan.tokens or 0) * plan.model.blocks * keys_and_values


def _vera_matrices(plan: CostPlan) -> int:
    """A (r, in) and B (out, r), one pair for all, cut to each target's size."""
    widest = max(p.inputs for p in plan.chosen()) + max(p.out for p in plan.chosen())
    return (plan.rank or 0) * widest


_RANKED = ("rank", "targets")
# fmt: off
METHODS = {
    "lora": TrainingMethod("LoRA", "arXiv:2106.09685",
                   _per_target(lambda r, p: r * (p.out + p.inputs)), _RANKED),
    "adapter_houlsby": TrainingMethod("Houlsby adapters", "arXiv:1902.00751", _adapters(2),
                              ("bottleneck",)),
    "adapter_pfeiffer": TrainingMethod("Pfeiffer adapters", "arXiv:2005.00247", _adapters(1),
                               ("bottleneck",)),
    "full": TrainingMethod("Full fine-tuning", "", lambda plan: plan.model.parameters, adds=False),
    "bitfit": TrainingMethod("BitFit", "arXiv:2106.10199", lambda plan: plan.model.biases, adds=False),
    "prefix": TrainingMethod("Prefix tuning", "arXiv:2101.00190", _prefix, ("tokens",)),
    "ia3": TrainingMethod("IA³", "arXiv:2205.05638",  # the feed-forward layer's inputs, others' outputs
                  _per_target(lambda r, p: p.inputs if p.name == "down" else p.out),
                  ("targets",), targets=("k", "v", "down")),
    "dora": TrainingMethod("DoRA", "arXiv:2402.09353",  # and one magnitude per row of W
                   _per_target(lambda r, p: r * (p.out + p.inputs) + p.out), _RANKED),
    "vera": TrainingMethod("VeRA", "arXiv:2310.11454",
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


def cost(plan: CostPlan) -> Cost:
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
