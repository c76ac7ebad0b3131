"""Settings: the frozen, validated description of one run."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Annotated, Any, Self, get_type_hints

from engine.protocol.network_shape import (
    FEATURES,
    LESSON_DEPTH,
    LESSON_WIDTH,
    MAX_BODY_WEIGHTS,
    MAX_DEPTH,
    MAX_KEPT_WEIGHTS,
    MAX_RANK,
    MAX_STUDIED_WEIGHTS,
    MAX_WIDTH,
    body_shapes,
    body_weights,
    max_width,
)
from engine.protocol.setting import (
    STEP_COUNTS,
    Choice,
    Flag,
    Integer,
    LayerNames,
    Number,
    Section,
    Setting,
    SettingsError as SettingsError,
    SliderScale,
    check_fields,
    check_value,
    integer_scale,
    log_scale,
    one_two_five,
)
from engine.protocol.strategy_files import strategy_names

OPTIMIZER_LABELS = {"sgd": "SGD", "momentum": "Momentum", "adam": "Adam", "adamw": "AdamW"}
TRAINING_SAMPLES = {
    "digits-to-rotated": 100, "digits-0-4-to-5-9": 200, "digits-to-inverted": 100,
    "digits-turned-to-turned-parity": 200, "digits-turned-to-parity": 200,
    "cancer-small-to-large": 20,
}  # fmt: skip
"""Task -> samples of its target that there are to train on."""
TASK_NAMES = tuple(TRAINING_SAMPLES)
SCHEDULE_LABELS = {
    "constant": "constant", "linear": "linear", "cosine": "cosine", "slanted": "slanted triangle",
}  # fmt: skip
"""Course of the learning rate after the warm-up -> its label."""
MAX_ADDED_WIDTH = 40
"""Width of the largest bottleneck or hidden layer of a head."""
MAX_BATCH_SIZE = 1024
MAX_STEPS = 1_000_000
MAX_SEED = 2**31 - 1
WIDTHS = SliderScale((40, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048, 4096, MAX_WIDTH))
_SHARES = SliderScale(tuple(twentieth / 20 for twentieth in range(19)))
"""0, 0.05 … 0.9."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of one run: strategy, task and every number that a control can set.

    The range of a field, and how the window shows it, stand in its `Setting`.

    Raises: SettingsError: a field outside its range; the message names field, value and range.
    """

    strategy: Annotated[
        str, Setting("Strategy", Choice({name: name for name in strategy_names()}), restarts=True,
                     section="header"),
    ] = "full"  # fmt: skip
    task: Annotated[
        str, Setting("Task", Choice({name: name for name in TASK_NAMES}), restarts=True,
                     shared=True, section="header"),
    ] = "digits-to-rotated"  # fmt: skip
    learning_rate: Annotated[
        float, Setting("Learning rate", Number(0, above=True), symbol="η", key="rate",
                       section="general", scale=log_scale(-5, 0)),
    ] = 3e-3  # fmt: skip
    """η, per step."""
    rank: Annotated[
        int, Setting("Rank r", Integer(1, MAX_RANK), symbol="r", section="strategy",
                     hint="The largest number of directions that ΔW can have"),
    ] = 4  # fmt: skip
    """r of a low-rank update."""
    alpha: Annotated[
        float | None,
        Setting("Alpha α", Number(1e-6, 1e6), none="", symbol="α", section="strategy",
                scale=integer_scale(1, 64), shown="scaling_alpha",
                hint="Scales the low-rank product in ΔW"),
    ] = None  # fmt: skip
    """α of a low-rank update; None: equal to the rank, so that the scaling is 1."""
    bottleneck: Annotated[
        int, Setting("Bottleneck width", Integer(1, MAX_ADDED_WIDTH), section="strategy",
                     restarts=True, hint="Units in the middle of an adapter"),
    ] = 8  # fmt: skip
    head_width: Annotated[
        int, Setting("Head width", Integer(1, MAX_ADDED_WIDTH), restarts=True, section="strategy",
                     hint="Hidden units of the new head"),
    ] = 16  # fmt: skip
    optimizer: Annotated[
        str, Setting("Optimizer", Choice(OPTIMIZER_LABELS), symbol="", shared=True, section="boxes",
                     hint="Applies from the next step; the state of the optimizer is reset"),
    ] = "adam"  # fmt: skip
    batch_size: Annotated[
        int, Setting("Batch size", Integer(1, MAX_BATCH_SIZE), symbol="batch", key="batch",
                     shared=True, section="boxes",
                     hint=f"Samples per step, 1 … {MAX_BATCH_SIZE:,}; applies from the next step"),
    ] = 32  # fmt: skip
    weight_decay: Annotated[
        float | None,
        Setting("Weight decay", Number(0), none="default", symbol="decay", section="overfitting",
                scale=SliderScale((None, 0, *one_two_five(-5, 0))),
                hint="Pulls every trained weight towards zero, not towards its pretrained value. "
                     "Default: 0.01 for AdamW, 0 for the others"),
    ] = None  # fmt: skip
    """λ; None: the optimizer's own default (0.01 for AdamW, 0 for the others)."""
    schedule: Annotated[
        str, Setting("Schedule of the learning rate", Choice(SCHEDULE_LABELS), symbol="η",
                     section="schedule",
                     hint="How the learning rate decreases over the total steps T: at the same "
                          "peak, less training in all"),
    ] = "constant"  # fmt: skip
    warmup_steps: Annotated[
        int, Setting("Warm-up steps", Integer(0, MAX_STEPS), symbol="warm-up", section="schedule",
                     scale=SliderScale((0, 5, *STEP_COUNTS[:10])), why_unused=_why_no_warmup,
                     hint="Steps over which the learning rate rises from zero"),
    ] = 0  # fmt: skip
    total_steps: Annotated[
        int | None,
        Setting("Total steps T", Integer(1, MAX_STEPS), none="open", symbol="T",
                section="schedule", scale=SliderScale(STEP_COUNTS),
                hint="Number of steps that the schedule is planned for", why_unused=_why_no_end),
    ] = 300  # fmt: skip
    """T, the step budget that schedules and AdaLoRA plan with; None: no end is planned."""
    rate_ratio: Annotated[
        float, Setting("Learning rate B / A", Number(1, 1000), symbol="rate of B / A",
                       section="strategy", scale=SliderScale(tuple(2**n for n in range(9))),
                       hint="Learning rate of B divided by that of A"),
    ] = 16.0  # fmt: skip
    """Learning rate of B divided by that of A (LoRA+)."""
    rate_decay: Annotated[
        float, Setting("Rate divisor per layer", Number(1, 1000), section="strategy",
                       scale=SliderScale(tuple(tenth / 10 for tenth in range(10, 101, 2))),
                       hint="The learning rate of each layer is that of the one above it, "
                            "divided by this"),
    ] = 2.6  # fmt: skip
    """Learning rate of each layer divided by that of the one below it (discriminative)."""
    stage_steps: Annotated[
        int, Setting("Steps per stage", Integer(1, MAX_STEPS), section="strategy",
                     hint="Steps before more layers are unlocked",
                     scale=SliderScale(STEP_COUNTS[:-3])),
    ] = 75  # fmt: skip
    """Steps before the strategy unfreezes the next layer, or all of them."""
    penalty: Annotated[
        float, Setting("Penalty λ", Number(0, 1e6), symbol="λ", section="strategy",
                       scale=SliderScale((0, *one_two_five(-4, 4))),
                       hint="How strongly the weights are pulled towards the pretrained ones"),
    ] = 0.1  # fmt: skip
    """λ of the penalty on moving away from the pretrained weights (L2-SP, EWC)."""
    old_samples: Annotated[
        int, Setting("Old samples kept", Integer(1, 100_000), symbol="old samples",
                     section="strategy", restarts=True,
                     scale=SliderScale((5, 10, 20, 50, 100, 200, 500)),
                     hint="Training samples of the source task that rehearsal keeps and trains "
                          "on at every step"),
    ] = 100  # fmt: skip
    dropout: Annotated[
        float, Setting("Dropout", Number(0, 0.9), section="overfitting", scale=_SHARES,
                       hint="Fraction of the activations that each training step sets to zero"
                            " at random"),
    ] = 0.0  # fmt: skip
    patience: Annotated[
        int | None,
        Setting("Patience", Integer(1, 1000), none="off", section="overfitting",
                scale=SliderScale((None, *STEP_COUNTS[:12])),
                hint="Early stopping: after this many steps without a lower validation loss, "
                     "training stops and returns to the best step. Every step counts, and "
                     "step 0 as well"),
    ] = None  # fmt: skip
    """None: no early stopping. Its range is as far back as a run can go, exactly."""
    label_noise: Annotated[
        float, Setting("Label noise", Number(0, 0.9), restarts=True, shared=True,
                       section="overfitting", scale=_SHARES,
                       hint="Fraction of the training labels that are replaced by a wrong one"),
    ] = 0.0  # fmt: skip
    train_samples: Annotated[
        int | None,
        Setting("Training samples", Integer(1, 100_000), none="all", symbol="samples",
                restarts=True, shared=True, section="overfitting",
                scale=SliderScale((5, 10, 15, 20, 30, 40, 50, 60, 80, 100, 150, 200, None)),
                hint="Samples to train on, classes in the usual proportions; the validation "
                     "samples stay as many. With few samples the network memorises them"),
    ] = None  # fmt: skip
    """Training samples used, the first of the split; None: all."""
    new_head: Annotated[
        bool, Setting("New head", Flag("new", "pretrained"), symbol="head", restarts=True,
                      shared=True, section="network",
                      hint="Begins with a new random head even where the pretrained one would "
                           "serve; a comparison gives it to every run"),
    ] = False  # fmt: skip
    """Whether the head is drawn anew; some strategies and tasks need that anyway."""
    batch_norm: Annotated[
        bool, Setting("BatchNorm after each layer", Flag(), restarts=True, shared=True,
                      section="network",
                      hint="Normalises each output to mean 0 and variance 1 over the batch, then "
                           "scales and shifts it by learned γ and β. In testing it uses running "
                           "averages of mean and variance"),
    ] = False  # fmt: skip
    """Whether a BatchNorm follows each body layer; such a network is pretrained on demand."""
    freeze_statistics: Annotated[
        bool, Setting("Freeze the statistics too", Flag("frozen", "free"), symbol="statistics",
                      section="network", why_unused=_why_no_statistics,
                      hint="For frozen layers. Otherwise each batch still updates their running "
                           "mean and variance"),
    ] = False  # fmt: skip
    width: Annotated[
        int, Setting("Width", Integer(LESSON_WIDTH, MAX_WIDTH), restarts=True, shared=True,
                     section="network", scale=WIDTHS,
                     hint="Outputs of each layer. Networks of up to 100,000 weights are "
                          "pretrained on demand, larger ones are random"),
    ] = LESSON_WIDTH  # fmt: skip
    depth: Annotated[
        int, Setting("Depth", Integer(1, MAX_DEPTH), restarts=True, shared=True, section="network",
                     hint="Number of layers in the body"),
    ] = LESSON_DEPTH  # fmt: skip
    """Body layers: layer1 is width × 30, the others are width × width."""
    frozen: Annotated[tuple[str, ...] | None, Setting("Frozen", LayerNames(), none="")] = None
    """Names of frozen layers; None: the strategy's own."""
    seed: Annotated[
        int, Setting("Seed", Integer(0, MAX_SEED), restarts=True, shared=True, section="boxes",
                     hint="Determines the split of the data, the pretrained network, new "
                          "weights and the order of the samples; a change starts a new run"),
    ] = 0  # fmt: skip

    def __post_init__(self) -> None:
        for field, setting in SETTINGS.items():
            check_value(field, getattr(self, field), setting)
        if self.frozen is not None:
            object.__setattr__(self, "frozen", tuple(sorted(set(self.frozen))))
        self._check_together()

    def _check_together(self) -> None:
        """Check combinations of values that are each allowed."""
        self._check_size()
        self._check_budget()
        if self.patience is not None and self.body_weights > MAX_KEPT_WEIGHTS:
            allowed = (
                f"off where width and depth make more than {MAX_KEPT_WEIGHTS:,} body weights: "
                "the best step of such a large network is not stored"
            )
            raise SettingsError("patience", self.patience, allowed)
        if self.batch_norm and 1 in (self.batch_size, self.train_samples):
            field = "batch_size" if self.batch_size == 1 else "train_samples"
            raise SettingsError(field, 1, "at least 2 with BatchNorm: it needs a variance")

    def _check_size(self) -> None:
        if self.body_weights > MAX_BODY_WEIGHTS:
            max_depth = 1 + (MAX_BODY_WEIGHTS - self.width * FEATURES) // self.width**2
            allowed = (
                f"such that the body has at most {MAX_BODY_WEIGHTS:,} weights: at depth "
                f"{self.depth} a width of up to {max_width(self.depth):,}, at this width a depth "
                f"of up to {max_depth}"
            )
            raise SettingsError("width", self.width, allowed)

    def _check_budget(self) -> None:
        """Check what is planned over `total_steps`."""
        if self.total_steps is None and self.schedule != "constant":
            raise SettingsError("total_steps", None, f"a step budget for the {self.schedule} rate")
        if self.total_steps is None and self.strategy == "adalora":
            raise SettingsError("total_steps", None, "a step budget, over which AdaLoRA prunes")
        if self.schedule in ("linear", "cosine") and self.total_steps:
            # At step T the rate is zero for good: whatever was to begin there would never move.
            if self.warmup_steps >= self.total_steps:
                allowed = f"below total_steps, {self.total_steps}"
                raise SettingsError("warmup_steps", self.warmup_steps, allowed)
            stages = count_unfreeze_stages(self.strategy, self.depth)
            if stages * self.stage_steps >= self.total_steps:
                times = f"{stages} times it" if stages > 1 else "it"
                allowed = f"such that {times} is below total_steps, {self.total_steps}"
                raise SettingsError("stage_steps", self.stage_steps, allowed)

    @property
    def body_shapes(self) -> dict[str, tuple[int, int]]:
        """Body layer -> (out, in), in order."""
        return body_shapes(self.width, self.depth)

    @property
    def body_weights(self) -> int:
        """Number of weights in the body: 4,400 in the lessons."""
        return body_weights(self.width, self.depth)

    @property
    def is_studied(self) -> bool:
        """Whether the network is small enough for traces, truncation and merging."""
        return self.body_weights <= MAX_STUDIED_WEIGHTS

    @property
    def is_lesson_size(self) -> bool:
        """Whether the network has the lessons' size, whose pretrained W are shipped."""
        return (self.width, self.depth) == (LESSON_WIDTH, LESSON_DEPTH)

    @property
    def scaling_alpha(self) -> float:
        """α as a number: the rank where alpha follows it."""
        return float(self.rank) if self.alpha is None else self.alpha

    def replace(self, **changes: Any) -> Self:
        """Return a copy. Args: changes: field -> value.  Raises: SettingsError: a bad value."""
        return dataclasses.replace(self, **changes)

    def differences(self, other: Settings) -> dict[str, tuple[Any, Any]]:
        """Return field -> (value here, value there) where they differ. Args: other: to compare."""
        pairs = {field: (getattr(self, field), getattr(other, field)) for field in SETTINGS}
        return {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}

    def to_json(self) -> str:
        """Return one line of JSON; `from_json` reads it back equal."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Make settings from plain values.

        Args: values: field -> value; fields left out have their defaults.
        Raises: SettingsError: unknown field or bad value.
        """
        return cls(**check_fields("settings", values, cls))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Make settings from the text that `to_json` returned.

        Args: text: a JSON object of fields.
        Raises: SettingsError: not JSON, unknown field or bad value.
        """
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            raise SettingsError("settings", text[:40], f"JSON ({error})") from error
        return cls.from_mapping(values)


def count_unfreeze_stages(strategy: str, depth: int) -> int:
    """Return the number of `stage_steps` after which a strategy lets its last layer train; 0: none.

    Args: strategy: its name.  depth: number of body layers.
    """
    return {"gradual_unfreezing": depth, "probe_then_finetune": 1}.get(strategy, 0)


def _why_no_warmup(settings: Settings) -> tuple[str, str]:
    full = "The slanted triangle has its own warm-up over the first tenth of the steps."
    return ("has its own warm-up", full) if settings.schedule == "slanted" else ("", "")


def _why_no_end(settings: Settings) -> tuple[str, str]:
    full = "A constant learning rate needs no total number of steps; the other schedules do."
    return ("needs a schedule", full) if settings.schedule == "constant" else ("", "")


def _why_no_statistics(settings: Settings) -> tuple[str, str]:
    return ("" if settings.batch_norm else "needs BatchNorm"), ""


SETTINGS: Mapping[str, Setting] = {
    field: hint.__metadata__[0]
    for field, hint in get_type_hints(Settings, include_extras=True).items()
}
"""Field of `Settings` -> its description, in order."""
RESTARTS = frozenset(field for field, setting in SETTINGS.items() if setting.restarts)
"""Fields whose change always begins a new run; a strategy may add others."""


def fields_in(section: Section) -> tuple[str, ...]:
    """Return the fields whose controls stand in a place, in order. Args: section: the place."""
    return tuple(field for field, setting in SETTINGS.items() if setting.section == section)
