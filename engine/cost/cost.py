"""Cost of fine-tuning a large model, by formula: parameters, bytes on disk, bytes in memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Self

from engine.cost.model_shapes import (
    MODELS,
    Dimensions,
    ModelShape,
    Projection,
    check_choice,
    make_typed_model,
)
from engine.model.bits import PRECISIONS
from engine.protocol.setting import Integer, SettingsError, check_fields, check_value

EXCLUDED = (
    "activations, temporary buffers, the float32 copy that some keep of 16-bit weights in "
    "training, the framework itself and a task's new head"
)
"""Memory that the figures leave out, in words."""
_ADAM_BYTES = 8
_BOTTLENECK = 64
_TOKENS = 20
_MAX_RANK = 65_536
_MAX_TASKS = 1_000


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CostPlan:
    """One way to fine-tune one model. Raises: SettingsError: a field outside its range."""

    preset: str | None = None
    """A name in `MODELS`; None: `dimensions` describe the model."""
    dimensions: Dimensions | None = None
    """Shape of a typed-in model, instead of a preset."""
    method: str = "lora"
    """A name in `METHODS`."""
    rank: int | None = None
    """r of a low-rank update; None: the method's own default, or less in too small a model."""
    bottleneck: int | None = None
    """m, width of an adapter's bottleneck, 1…d; None: 64, or d if that is less."""
    tokens: int | None = None
    """n, length of a prefix, 1…context; None: 20, or the context if that is less."""
    targets: tuple[str, ...] | None = None
    """Projections that a method changes; None: the method's own default."""
    precision: int = 16
    """Bits per frozen weight, one of `PRECISIONS`."""
    tasks: int = 10
    """Number of tasks that the model is fine-tuned for, 1…1,000."""

    def __post_init__(self) -> None:
        if self.dimensions is None:
            check_choice("preset", self.preset, tuple(MODELS))
        elif self.preset is not None:
            raise SettingsError("preset", self.preset, "left out where dimensions are typed in")
        check_choice("method", self.method, tuple(METHODS))
        check_choice("precision", self.precision, PRECISIONS)
        check_value("tasks", self.tasks, Integer(1, _MAX_TASKS))
        self._check_targets()
        for field, default, most in (
            ("rank", METHODS[self.method].rank, self._max_rank()),
            ("bottleneck", _BOTTLENECK, self.model.dimensions.width),
            ("tokens", _TOKENS, self.model.dimensions.context),
        ):
            if getattr(self, field) is None:
                object.__setattr__(self, field, min(default, most))
            check_value(field, getattr(self, field), Integer(1, most))
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
        """Make a plan. Args: values: by field.  Raises: SettingsError: a bad field or value."""
        plain = check_fields("plan", values, cls)
        if plain.get("dimensions") is not None:
            plain["dimensions"] = Dimensions.from_mapping(plain["dimensions"])
        return cls(**plain)

    @property
    def model(self) -> ModelShape:
        """Shape of the model that is fine-tuned."""
        if self.dimensions is not None:
            return make_typed_model(self.dimensions)
        assert self.preset is not None
        return MODELS[self.preset]

    def target_projections(self) -> list[Projection]:
        """Return the projections of one block that the method changes."""
        return [self.model.projection(name) for name in self.targets or ()]

    def _max_rank(self) -> int:
        # More would not be low-rank; VeRA's matrices are random and gain from a rank beyond that.
        if self.method not in ("lora", "dora"):
            return _MAX_RANK
        return min(side for p in self.target_projections() for side in (p.out, p.inputs))


Count = Callable[[CostPlan], int]
"""Plan -> number of parameters."""


@dataclasses.dataclass(frozen=True, slots=True)
class TrainingMethod:
    """A fine-tuning method and the number of parameters that it trains."""

    label: str
    source: str
    uses: tuple[str, ...] = ()
    """Fields of the plan that it reads."""
    added_per_block: Count = lambda plan: 0
    """Number of new parameters in each block, which train."""
    trained: Callable[[ModelShape], int] = lambda model: 0
    """Number of the model's own parameters that train."""
    frozen: Count = lambda plan: 0
    """Number of new parameters that stay as they were drawn."""
    targets: tuple[str, ...] = ("q", "v")
    rank: int = 8


def _count_per_target(size: Callable[[int, Projection], int]) -> Count:
    """Return the count of a method that adds `size(r, projection)` to each target."""
    return lambda plan: sum(size(plan.rank or 0, target) for target in plan.target_projections())


def _count_adapters(per_block: int) -> Count:
    """Return the count of a d×m and an m×d matrix with biases; trained norms are not counted."""

    def count(plan: CostPlan) -> int:
        width, bottleneck = plan.model.dimensions.width, plan.bottleneck or 0
        return per_block * (2 * width * bottleneck + bottleneck + width)

    return count


def _count_prefix(plan: CostPlan) -> int:
    """Count a key and a value per token: 2d, or less with grouped queries."""
    keys_and_values = plan.model.projection("k").out + plan.model.projection("v").out
    return (plan.tokens or 0) * keys_and_values


def _count_vera_matrices(plan: CostPlan) -> int:
    """Count A (r, in) and B (out, r), one pair for all, cut to each target's size."""
    targets = plan.target_projections()
    sides = max(p.inputs for p in targets) + max(p.out for p in targets)
    return (plan.rank or 0) * sides


_RANK_FIELDS = ("rank", "targets")
METHODS = {
    "lora": TrainingMethod(
        "LoRA", "arXiv:2106.09685", _RANK_FIELDS,
        _count_per_target(lambda r, p: r * (p.out + p.inputs)),
    ),
    "adapter_houlsby": TrainingMethod(
        "Houlsby adapters", "arXiv:1902.00751", ("bottleneck",), _count_adapters(2)
    ),
    "adapter_pfeiffer": TrainingMethod(
        "Pfeiffer adapters", "arXiv:2005.00247", ("bottleneck",), _count_adapters(1)
    ),
    "full": TrainingMethod("Full fine-tuning", "", trained=lambda model: model.parameters),
    "bitfit": TrainingMethod("BitFit", "arXiv:2106.10199", trained=lambda model: model.biases),
    "prefix": TrainingMethod("Prefix tuning", "arXiv:2101.00190", ("tokens",), _count_prefix),
    # The feed-forward layer's inputs, others' outputs.
    "ia3": TrainingMethod(
        "IA³", "arXiv:2205.05638", ("targets",),
        _count_per_target(lambda r, p: p.inputs if p.name == "down" else p.out),
        targets=("k", "v", "down"),
    ),
    # As LoRA, and one magnitude per row of W.
    "dora": TrainingMethod(
        "DoRA", "arXiv:2402.09353", _RANK_FIELDS,
        _count_per_target(lambda r, p: r * (p.out + p.inputs) + p.out),
    ),
    "vera": TrainingMethod(
        "VeRA", "arXiv:2310.11454", _RANK_FIELDS, _count_per_target(lambda r, p: r + p.out),
        frozen=_count_vera_matrices, rank=256,
    ),
}  # fmt: skip
"""Name on the command line -> method. Source: each method's own."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Cost of a plan; sizes in bytes, `EXCLUDED` left out."""

    trainable_parameters: int
    total_parameters: int
    """Parameters of the model as published, without those that the method adds."""
    added_parameters: int
    """Parameters that the method adds, trainable or not."""
    checkpoint_bytes: int
    """Size of one task's file: the trained parameters, 2 bytes each, 4 at precision 32."""
    copy_bytes: int
    """Size of one task's file after full fine-tuning: every parameter, of that size."""
    model_bytes: int
    """The model at the plan's precision."""
    added_bytes: int
    """Size of what the method adds."""
    gradient_bytes: int
    """One gradient per trained parameter, of its size."""
    optimizer_bytes: int
    """Adam's two moments per trained parameter, float32."""

    @property
    def memory_bytes(self) -> int:
        """Weights, gradients and optimizer states during training."""
        weights = self.model_bytes + self.added_bytes
        return weights + self.gradient_bytes + self.optimizer_bytes


def compute_cost(plan: CostPlan) -> Cost:
    """Compute the cost of fine-tuning by a plan. Args: plan: to compute."""
    method, model = METHODS[plan.method], plan.model
    added = model.dimensions.blocks * method.added_per_block(plan)
    trainable = method.trained(model) + added
    added += method.frozen(plan)
    size = 4 if plan.precision == 32 else 2  # bytes of whatever trains or is not quantised
    return Cost(
        trainable_parameters=trainable,
        total_parameters=model.parameters,
        added_parameters=added,
        checkpoint_bytes=trainable * size,
        copy_bytes=model.parameters * size,
        model_bytes=model.stored_bytes(plan.precision),
        added_bytes=added * size,
        gradient_bytes=trainable * size,
        optimizer_bytes=trainable * _ADAM_BYTES,
    )
