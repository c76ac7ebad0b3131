"""A plan to fine-tune a large model, and what each method trains of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Self

from engine.cost.model_shapes import (
    FUSED,
    FUSED_PARTS,
    Dimensions,
    ModelShape,
    Projection,
    check_choice,
    make_typed_model,
)
from engine.cost.presets import MODELS
from engine.cost.training_state import FLOAT32_BYTES, STATES, TrainingState, training_state
from engine.model.bits import PRECISIONS
from engine.protocol.setting import Flag, Integer, SettingsError, check_fields, check_value

_BOTTLENECK = 64
_TOKENS = 20
_MAX_RANK = 65_536
_MAX_TASKS = 1_000
_MAX_BATCH = 4_096
_SEQUENCE = 2_048
_USUAL_STATE = 16
ADAPTER_BYTES = (4, 2)
"""Bytes that a parameter of an adapter can have."""


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
    bytes_per_parameter: int = _USUAL_STATE
    """Bytes of a trained parameter with gradient and optimizer states, one of `STATES`."""
    adapter_bytes: int | None = None
    """Bytes of a parameter that the method adds, one of `ADAPTER_BYTES`; None: 4, as PEFT trains
    and saves them, or 2 where `bytes_per_parameter` leaves no room for that."""
    batch_size: int = 1
    """Sequences of one forward pass, 1…4,096."""
    sequence_length: int | None = None
    """Tokens of each sequence, 1…context; None: 2,048, or the context if that is less."""
    checkpointing: bool | None = None
    """Whether activations are computed again in the backward pass; None: where the model is
    quantised, as PEFT's preparation of such a model turns it on."""
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
        check_value("batch_size", self.batch_size, Integer(1, _MAX_BATCH))
        check_choice("bytes_per_parameter", self.bytes_per_parameter, tuple(STATES))
        if self.checkpointing is None:
            object.__setattr__(self, "checkpointing", self.is_quantised)
        check_value("checkpointing", self.checkpointing, Flag())
        self._check_targets()
        for field, default, most in (
            ("rank", METHODS[self.method].rank, self._max_rank()),
            ("bottleneck", _BOTTLENECK, self.model.dimensions.width),
            ("tokens", _TOKENS, self.model.dimensions.context),
            ("sequence_length", _SEQUENCE, self.model.dimensions.context),
        ):
            if getattr(self, field) is None:
                object.__setattr__(self, field, min(default, most))
            check_value(field, getattr(self, field), Integer(1, most))
        self._check_method()
        self._check_bytes()

    def _check_method(self) -> None:
        if self.method == "full" and self.precision < 16:
            raise SettingsError("precision", self.precision, "32 or 16: full trains the weights")
        if self.method == "bitfit" and not self.model.biases:
            raise SettingsError(
                "method", self.method, f"another one: {self.model.label} has no biases to train"
            )

    def _check_bytes(self) -> None:
        """Check that what trains has room in `bytes_per_parameter`."""
        fits = self.bytes_per_parameter >= FLOAT32_BYTES
        if self.adapter_bytes is None:
            float32 = fits or self.precision == 32
            object.__setattr__(self, "adapter_bytes", 4 if float32 else 2)
        check_choice("adapter_bytes", self.adapter_bytes, ADAPTER_BYTES)
        if self.adapter_bytes == 2 and self.precision == 32 and METHODS[self.method].adds:
            raise SettingsError("adapter_bytes", 2, "4 where the model itself is float32")
        if self.trained_bytes < 4 or fits:
            return
        larger = " or ".join(str(size) for size in STATES if size >= FLOAT32_BYTES)
        if METHODS[self.method].adds and self.precision != 32:
            raise SettingsError(
                "adapter_bytes", self.adapter_bytes,
                f"2 where a trained parameter takes {self.bytes_per_parameter} bytes in all; "
                f"4 needs {larger}",
            )  # fmt: skip
        raise SettingsError(
            "bytes_per_parameter", self.bytes_per_parameter,
            f"{larger}: what trains is float32, with a gradient of 4 bytes and moments of 8",
        )  # fmt: skip

    def _check_targets(self) -> None:
        known = tuple(projection.name for projection in self.model.targets)
        targets = self._usual_targets() if self.targets is None else self.targets
        if not isinstance(targets, tuple) or not targets:
            raise SettingsError("targets", targets, f"at least one of {', '.join(known)}")
        for name in targets:
            check_choice("targets", name, known, "among")
        chosen = tuple(name for name in known if name in targets)
        if FUSED in chosen and not set(FUSED_PARTS).isdisjoint(chosen):
            raise SettingsError(
                "targets", chosen, f"either {FUSED}, the whole matrix, or its parts"
            )
        object.__setattr__(self, "targets", chosen)

    def _usual_targets(self) -> tuple[str, ...]:
        """Return the method's targets; a fused matrix is adapted as a whole, as PEFT does it."""
        usual = METHODS[self.method].targets
        if not self.model.dimensions.fused:
            return usual
        return tuple(dict.fromkeys(FUSED if name in FUSED_PARTS else name for name in usual))

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

    @property
    def is_quantised(self) -> bool:
        """Whether the frozen weights have fewer than 16 bits."""
        return self.precision < 16

    @property
    def trained_bytes(self) -> int:
        """Bytes of a trained parameter itself, without gradient and states: 4 or 2."""
        if METHODS[self.method].adds:
            return 4 if self.precision == 32 else self.adapter_bytes or 4
        # What a quantised model has beside its matrices is cast to float32 before training.
        return 2 if self.precision == 16 else 4

    @property
    def state(self) -> TrainingState:
        """Bytes of a trained parameter, one by one."""
        return training_state(self.bytes_per_parameter, self.trained_bytes)

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
    saved: Count = lambda plan: 0
    """Numbers that its new parameters keep of a token in each block for the backward pass, beside
    the inputs of their matrices."""
    saved_once: Count = lambda plan: 0
    """Numbers that they keep in each block, however many tokens there are."""
    note: str = ""
    """What the count leaves out, or what else its file holds, in words."""
    targets: tuple[str, ...] = ("q", "v")
    rank: int = 8

    @property
    def adds(self) -> bool:
        """Whether what trains is new, so that the model itself stays as it is."""
        return "adapter_bytes" in self.uses


def _count_per_target(size: Callable[[int, Projection], int]) -> Count:
    """Return the count of a method that adds `size(r, projection)` to each target."""
    return lambda plan: sum(size(plan.rank or 0, target) for target in plan.target_projections())


def _count_adapters(per_block: int) -> Count:
    """Return the count of a d×m and an m×d matrix with biases; trained norms are not counted."""

    def count(plan: CostPlan) -> int:
        width, bottleneck = plan.model.dimensions.width, plan.bottleneck or 0
        return per_block * (2 * width * bottleneck + bottleneck + width)

    return count


def _count_adapter_values(per_block: int) -> Count:
    """Return the numbers that adapters keep of a token: their input, and the bottleneck."""
    return lambda plan: per_block * (plan.model.dimensions.width + (plan.bottleneck or 0))


def _scaled_values(_rank: int, target: Projection) -> int:
    """Return how many numbers IA³ scales: of the feed-forward layer its inputs."""
    return target.inputs if target.name == "down" else target.out


def _count_prefix(plan: CostPlan) -> int:
    """Count a key and a value per token: 2d, or less with grouped queries."""
    keys_and_values = plan.model.projection("k").out + plan.model.projection("v").out
    return (plan.tokens or 0) * keys_and_values


def _count_vera_matrices(plan: CostPlan) -> int:
    """Count A (r, in) and B (out, r), one pair for all, cut to each target's size."""
    targets = plan.target_projections()
    sides = max(p.inputs for p in targets) + max(p.out for p in targets)
    return (plan.rank or 0) * sides


_RANK_FIELDS = ("rank", "targets", "adapter_bytes")
METHODS = {
    "lora": TrainingMethod(
        "LoRA", "arXiv:2106.09685", _RANK_FIELDS,
        _count_per_target(lambda r, p: r * (p.out + p.inputs)),
        saved=_count_per_target(lambda r, p: r),
    ),
    "adapter_houlsby": TrainingMethod(
        "Houlsby adapters", "arXiv:1902.00751", ("bottleneck", "adapter_bytes"),
        _count_adapters(2), saved=_count_adapter_values(2),
        note="the paper trains the LayerNorms as well, which are not counted",
    ),
    "adapter_pfeiffer": TrainingMethod(
        "Pfeiffer adapters", "arXiv:2005.00247", ("bottleneck", "adapter_bytes"),
        _count_adapters(1), saved=_count_adapter_values(1),
    ),
    "full": TrainingMethod("Full fine-tuning", "", trained=lambda model: model.parameters),
    "bitfit": TrainingMethod("BitFit", "arXiv:2106.10199", trained=lambda model: model.biases),
    "prefix": TrainingMethod(
        "Prefix tuning", "arXiv:2101.00190", ("tokens", "adapter_bytes"), _count_prefix,
        note="the paper trains the prefix through an MLP, which is not counted: it takes more "
        "memory, and is thrown away afterwards",
    ),
    # The feed-forward layer's inputs, others' outputs.
    "ia3": TrainingMethod(
        "IA³", "arXiv:2205.05638", ("targets", "adapter_bytes"), _count_per_target(_scaled_values),
        saved=_count_per_target(_scaled_values), targets=("k", "v", "down"),
    ),
    # As LoRA, and one magnitude per row of W.
    "dora": TrainingMethod(
        "DoRA", "arXiv:2402.09353", _RANK_FIELDS,
        _count_per_target(lambda r, p: r * (p.out + p.inputs) + p.out),
        # B A x, and W x in half as many bytes; to measure the rows of B A, PEFT multiplies it
        # with the identity, which it keeps.
        saved=_count_per_target(lambda r, p: r + p.out + p.out // 2),
        saved_once=_count_per_target(lambda r, p: p.inputs**2),
        note="PEFT keeps an identity matrix for each matrix that it changes, as wide as its input; "
        "it is counted with the activations",
    ),
    "vera": TrainingMethod(
        "VeRA", "arXiv:2310.11454", _RANK_FIELDS, _count_per_target(lambda r, p: r + p.out),
        frozen=_count_vera_matrices, rank=256, saved=_count_per_target(lambda r, p: r + p.out),
        note="its file holds the random A and B as well, as PEFT saves them "
        "(save_projection=True); from their seed they can be drawn again",
    ),
}  # fmt: skip
"""Name on the command line -> method. Source: each method's own."""
