"""Settings: the frozen, validated description of one run."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from bisect import bisect_right
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from engine.protocol.network_shape import (
    FEATURES,
    LESSON_DEPTH,
    LESSON_WIDTH,
    MAX_RANK,
    body_shapes,
    body_weights,
)

OPTIMIZERS = ("sgd", "momentum", "adam", "adamw")
TASK_NAMES = (
    "digits-to-rotated",
    "digits-0-4-to-5-9",
    "digits-to-inverted",
    "digits-turned-to-parity",
    "cancer-small-to-large",
)
SCHEDULES = ("constant", "linear", "cosine", "slanted")
"""Course of the learning rate after the warm-up."""
MAX_ADDED_WIDTH = 40
"""Width of the largest bottleneck or hidden layer of a head."""
MAX_WIDTH = 8192
MAX_DEPTH = 16
MAX_BODY_WEIGHTS = 220_000_000
"""Weights of the largest body: three layers of 8,192 × 8,192 fit."""
MAX_STUDIED_WEIGHTS = 1_000_000
"""Body weights of the largest network whose steps are traced and whose W′ is truncated and merged.
"""
MAX_KEPT_WEIGHTS = 8_000_000
"""Body weights of the largest network whose earlier steps are kept whatever its strategy."""
MAX_BATCH_SIZE = 1024
MAX_STEPS = 1_000_000
MAX_PATIENCE = 1000
"""Steps: as far back as a run can go, exactly."""
MAX_RATIO = 1000.0
MAX_PENALTY = 1e6
MAX_SHARE = 0.9
"""Largest share of labels made wrong, and of activations dropped."""
MAX_SAMPLES = 100_000
MIN_ALPHA, MAX_ALPHA = 1e-6, 1e6
MAX_SEED = 2**31 - 1
MAX_SHOWN_CHARACTERS = 60
"""Characters of a refused value that the error message repeats."""

RESTARTS = frozenset({
    "strategy", "task", "seed", "bottleneck", "head_width", "label_noise", "train_samples",
    "batch_norm", "width", "depth",
})  # fmt: skip
"""Fields whose change always begins a new run; a strategy may add others."""


class SettingsError(ValueError):
    """A setting outside its range; names the field, the value and the allowed values."""

    def __init__(self, field: str, value: object, allowed: str) -> None:
        shown = repr(value)
        shown = shown if len(shown) <= MAX_SHOWN_CHARACTERS else f"{shown[:MAX_SHOWN_CHARACTERS]}…"
        super().__init__(f"{field}: {shown} is not allowed; it must be {allowed}")
        self.field, self.allowed = field, allowed


_STRATEGIES = Path(__file__).parent.parent / "strategies"


@lru_cache(maxsize=1)
def strategy_names() -> tuple[str, ...]:
    """Return the names of all strategies: the files in engine/strategies, listed without torch."""
    return tuple(sorted(file.stem for file in _STRATEGIES.glob("[!_]*.py")))


def strategy_label(name: str) -> str:
    """Return the label that a strategy's file states, read without torch; empty: there is none.

    Args: name: of the strategy.
    """
    file = _STRATEGIES / f"{name}.py"
    source = file.read_text(encoding="utf-8") if name in strategy_names() else ""
    stated = re.search(r'^    label="(.+)",$', source, re.MULTILINE)
    return stated[1] if stated else ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of one run: strategy, task and every number that a control can set.

    Raises: SettingsError: a field outside its range; the message names field, value and range.
    """

    strategy: str = "full"
    task: str = "digits-to-rotated"
    learning_rate: float = 3e-3
    """η, per step, > 0 and finite."""
    rank: int = 4
    """r of a low-rank update, 1…30."""
    alpha: float | None = None
    """α of a low-rank update, 10⁻⁶…10⁶; None: equal to the rank, so that the scaling is 1."""
    bottleneck: int = 8
    """Width of an adapter's bottleneck, 1…40."""
    head_width: int = 16
    """Hidden width of a feature head, 1…40."""
    optimizer: str = "adam"
    """One of `OPTIMIZERS`."""
    batch_size: int = 32
    """Samples per step, 1…1024."""
    weight_decay: float | None = None
    """λ ≥ 0; None: the optimizer's own default (0.01 for AdamW, 0 for the others)."""
    schedule: str = "constant"
    """Course of the learning rate over `total_steps`, one of `SCHEDULES`."""
    warmup_steps: int = 0
    """Steps over which the learning rate rises from zero; slanted has a warm-up of its own."""
    total_steps: int | None = 300
    """T, the step budget that schedules and AdaLoRA plan with; None: no end is planned."""
    rate_ratio: float = 16.0
    """Learning rate of B divided by that of A (LoRA+), 1…1,000."""
    rate_decay: float = 2.6
    """Learning rate of each layer divided by that of the one below it (discriminative), 1…1,000."""
    stage_steps: int = 75
    """Steps before the strategy unfreezes the next layer, or all of them."""
    penalty: float = 0.1
    """λ of the penalty on moving away from the pretrained weights (L2-SP, EWC), 0…10⁶."""
    dropout: float = 0.0
    """Share of the body's activations set to zero at a training step, 0…0.9."""
    patience: int | None = None
    """Early stopping: steps without a better validation loss after which to stop; None: off."""
    label_noise: float = 0.0
    """Share of the training labels replaced by another class, 0…0.9."""
    train_samples: int | None = None
    """Training samples used, the first of the split; None: all."""
    batch_norm: bool = False
    """Whether a BatchNorm follows each body layer; such a network is pretrained on demand."""
    freeze_statistics: bool = False
    """Whether the BatchNorm of a frozen layer keeps its running mean and variance as well."""
    width: int = LESSON_WIDTH
    """Outputs of every body layer, 40…8,192."""
    depth: int = LESSON_DEPTH
    """Body layers, 1…16: layer1 is width × 30, the others are width × width."""
    frozen: tuple[str, ...] | None = None
    """Names of frozen layers; None: the strategy's own."""
    seed: int = 0
    """Seed of the data split, the pretrained network, new weights and the data order."""

    def __post_init__(self) -> None:
        _check_choice("strategy", self.strategy, strategy_names())
        _check_choice("task", self.task, TASK_NAMES)
        _check_choice("optimizer", self.optimizer, OPTIMIZERS)
        _check_number("learning_rate", self.learning_rate, above=0.0)
        if self.alpha is not None:
            _check_number("alpha", self.alpha, least=MIN_ALPHA, most=MAX_ALPHA)
        if self.weight_decay is not None:
            _check_number("weight_decay", self.weight_decay, least=0.0)
        _check_whole("rank", self.rank, 1, MAX_RANK)
        _check_whole("bottleneck", self.bottleneck, 1, MAX_ADDED_WIDTH)
        _check_whole("head_width", self.head_width, 1, MAX_ADDED_WIDTH)
        _check_whole("batch_size", self.batch_size, 1, MAX_BATCH_SIZE)
        _check_whole("seed", self.seed, 0, MAX_SEED)
        self._check_size()
        self._check_training()
        if self.frozen is not None:
            names = self.frozen if isinstance(self.frozen, tuple | list) else (None,)
            if not all(isinstance(name, str) for name in names):
                raise SettingsError("frozen", self.frozen, "a list of layer names")
            object.__setattr__(self, "frozen", tuple(sorted(set(self.frozen))))

    def _check_size(self) -> None:
        _check_whole("width", self.width, LESSON_WIDTH, MAX_WIDTH)
        _check_whole("depth", self.depth, 1, MAX_DEPTH)
        if self.body_weights > MAX_BODY_WEIGHTS:
            max_depth = 1 + (MAX_BODY_WEIGHTS - self.width * FEATURES) // self.width**2
            allowed = (
                f"such that the body has at most {MAX_BODY_WEIGHTS:,} weights: at depth "
                f"{self.depth} a width of up to {max_width(self.depth):,}, at this width a depth "
                f"of up to {max_depth}"
            )
            raise SettingsError("width", self.width, allowed)

    def _check_training(self) -> None:
        """Check the training aids."""
        _check_choice("schedule", self.schedule, SCHEDULES)
        _check_whole("warmup_steps", self.warmup_steps, 0, MAX_STEPS)
        _check_whole("stage_steps", self.stage_steps, 1, MAX_STEPS)
        _check_number("rate_ratio", self.rate_ratio, least=1.0, most=MAX_RATIO)
        _check_number("rate_decay", self.rate_decay, least=1.0, most=MAX_RATIO)
        _check_number("penalty", self.penalty, least=0.0, most=MAX_PENALTY)
        _check_number("dropout", self.dropout, least=0.0, most=MAX_SHARE)
        _check_number("label_noise", self.label_noise, least=0.0, most=MAX_SHARE)
        for field, most in (("total_steps", MAX_STEPS), ("patience", MAX_PATIENCE),
                            ("train_samples", MAX_SAMPLES)):  # fmt: skip
            if getattr(self, field) is not None:
                _check_whole(field, getattr(self, field), 1, most)
        for field in ("batch_norm", "freeze_statistics"):
            if not isinstance(getattr(self, field), bool):
                raise SettingsError(field, getattr(self, field), "true or false")
        self._check_together()

    def _check_together(self) -> None:
        """Check combinations of values that are each allowed."""
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
        if self.patience is not None and self.body_weights > MAX_KEPT_WEIGHTS:
            allowed = (
                f"off where width and depth make more than {MAX_KEPT_WEIGHTS:,} body weights: "
                "the best step of so large a network is not kept"
            )
            raise SettingsError("patience", self.patience, allowed)
        if self.batch_norm and 1 in (self.batch_size, self.train_samples):
            field = "batch_size" if self.batch_size == 1 else "train_samples"
            raise SettingsError(field, 1, "at least 2 with BatchNorm: it needs a variance")

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
        """Return a copy with other values.

        Args: changes: field -> value.
        Raises: TypeError: a field is unknown.  SettingsError: a value outside its range.
        """
        return dataclasses.replace(self, **changes)

    def differences(self, other: Settings) -> dict[str, tuple[Any, Any]]:
        """Return the fields in which two settings differ.

        Args: other: to compare with.
        Returns: field -> (value here, value in `other`).
        """
        pairs = (
            (field.name, getattr(self, field.name), getattr(other, field.name))
            for field in dataclasses.fields(self)
        )
        return {name: (here, there) for name, here, there in pairs if here != there}

    def to_json(self) -> str:
        """Return one line of JSON; `from_json` reads it back equal."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Make settings from plain values.

        Args: values: field -> value; fields left out have their defaults.
        Raises: SettingsError: unknown field or bad value.
        """
        known = {field.name for field in dataclasses.fields(cls)}
        for name in values:
            if name not in known:
                raise SettingsError(name, values[name], f"one of the fields {_join_sorted(known)}")
        plain = dict(values)
        if isinstance(plain.get("frozen"), list):
            plain["frozen"] = tuple(plain["frozen"])
        return cls(**plain)

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
        if not isinstance(values, dict):
            raise SettingsError("settings", text[:40], "a JSON object of fields")
        return cls.from_mapping(values)


def count_unfreeze_stages(strategy: str, depth: int) -> int:
    """Return the number of `stage_steps` after which a strategy lets its last layer train; 0: none.

    Args: strategy: its name.  depth: number of body layers.
    """
    return {"gradual_unfreezing": depth, "probe_then_finetune": 1}.get(strategy, 0)


def max_width(depth: int) -> int:
    """Return the largest allowed width of a body.

    Args: depth: number of body layers, 1…16.
    """
    allowed = range(LESSON_WIDTH, MAX_WIDTH + 1)
    return allowed[
        bisect_right(allowed, MAX_BODY_WEIGHTS, key=lambda w: body_weights(w, depth)) - 1
    ]


def _check_choice(field: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise SettingsError(field, value, f"one of {_join_sorted(allowed)}")


def _check_number(
    field: str,
    value: object,
    *,
    above: float | None = None,
    least: float | None = None,
    most: float = math.inf,
) -> None:
    allowed = f"above {above:g}" if above is not None else f"of at least {least:g}"
    if most < math.inf:
        allowed += f" and at most {most:,.0f}" if most >= 1 else f" and at most {most:g}"
    error = SettingsError(field, value, f"a finite number {allowed}")
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise error
    try:
        number = float(value)
    except OverflowError:
        raise error from None
    too_low = (above is not None and number <= above) or (least is not None and number < least)
    if not math.isfinite(number) or too_low or number > most:
        raise error


def _check_whole(field: str, value: object, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise SettingsError(field, value, f"a whole number from {low} to {high}")


def _join_sorted(names: tuple[str, ...] | set[str]) -> str:
    return ", ".join(sorted(names))
