"""Result of a lesson's run: its last frame, its curves, and the measures that texts name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

import numpy as np

from engine.protocol.catalogue import find_named
from engine.protocol.messages import Array, Frame, LayerFrame
from gui.lessons.suggestion import did_you_mean
from gui.state.curve_buffer import (
    KEPT_HEAD,
    SOURCE,
    TARGET,
    TRAIN,
    VALIDATION,
    VALIDATION_ACCURACY,
    CurveBuffer,
    Points,
)

CurveName = Literal[
    "train_loss", "validation_loss", "target_accuracy", "source_accuracy",
    "source_accuracy_kept_head", "validation_accuracy", "change",
]  # fmt: skip
"""A curve that a lesson can draw; `change`: the mean ‖ΔW‖ / ‖W‖ of the body."""
STEP_MEASURES = {
    "target": TARGET,
    "source": SOURCE,
    "source_kept": KEPT_HEAD,
    "loss": TRAIN,
    "validation": VALIDATION,
    "validation_accuracy": VALIDATION_ACCURACY,
    "change": "change",
}
"""Measures that are known at every step -> their curves."""
_LAYER_MEASURE = re.compile(r"(change|k90)_(layer\d+|head)")


@dataclass(frozen=True, slots=True, eq=False)
class RunResult:
    """Result of one finished run."""

    frame: Frame
    """The last frame; its metrics are of its own step."""
    curves: CurveBuffer
    diverged: bool = False
    """True: the loss became infinite or NaN."""
    altered: bool = False
    """True: the user changed a setting on the way, so the numbers are not the lesson's."""

    def measure(self, name: str) -> float:
        """Return a measure's value; NaN where there is none, e.g. of a layer that is not there."""
        match = _LAYER_MEASURE.fullmatch(name)
        if match is None:
            return _MEASURES[name](self)
        layer = self._layer(match[2])
        if layer is None:
            return float("nan")
        return layer.relative_change if match[1] == "change" else float(layer.measured.k90 or 0)

    def measure_at(self, name: str, step: int) -> float:
        """Return a measure of `STEP_MEASURES` at the recorded step nearest to `step`."""
        steps, values = self.curve(STEP_MEASURES[name])
        return float(values[np.abs(steps - step).argmin()]) if len(steps) else float("nan")

    def curve(self, name: str) -> tuple[Points, Points]:
        """Return (n,) steps and (n,) values of a `CurveName`."""
        if name != "change":
            return self.curves.curve(name)
        curves = [self.curves.curve(layer.name) for layer in self.body]
        if not curves:
            return np.zeros(0), np.zeros(0)
        return curves[0][0], np.mean([values for _, values in curves], axis=0)

    def absolute_delta(self, name: str) -> Array:
        """Return |ΔW| of a layer, (out, in); (0, 0) if there is no such layer."""
        layer = self._layer(name)
        return np.zeros((0, 0), np.float32) if layer is None else np.abs(layer.delta)

    @property
    def body(self) -> tuple[LayerFrame, ...]:
        """Layers of the pretrained body."""
        names = self.frame.settings.body_shapes
        return tuple(layer for layer in self.frame.layers if layer.name in names)

    def _layer(self, name: str) -> LayerFrame | None:
        return find_named(self.frame.layers, name)


def _relative_rounding_error(result: RunResult) -> float:
    """Return ‖rounding error‖ / ‖W‖ over the body; 0 where nothing is rounded."""
    factors = (factor for layer in result.body for factor in layer.factors)
    error = sum(
        float(np.square(factor.values).sum())
        for factor in factors
        if factor.info.role == "rounding error"
    )
    weight = sum(layer.weight_norm**2 for layer in result.body)
    return float((error / weight) ** 0.5) if weight > 0 else float("nan")


def _best_validation(result: RunResult) -> float:
    _, values = result.curve("validation_loss")
    return float(values.min()) if len(values) else float("nan")


def _best_step(result: RunResult) -> float:
    steps, values = result.curve("validation_loss")
    return float(steps[values.argmin()]) if len(values) else float("nan")


def _target(result: RunResult) -> float:
    accuracy = result.frame.measurements.target_accuracy
    return float("nan") if accuracy is None else accuracy


_MEASURES: dict[str, Callable[[RunResult], float]] = {
    "target": _target,
    "source": lambda run: run.frame.measurements.source_accuracy,
    "start_target": lambda run: run.measure_at("target", 0),
    "start_source": lambda run: run.frame.start_source_accuracy,
    "forgotten": lambda run: (
        run.frame.start_source_accuracy - run.frame.measurements.source_accuracy
    ),
    "source_kept": lambda run: run.frame.measurements.source_accuracy_kept_head,
    "forgotten_kept": lambda run: (
        run.frame.start_source_accuracy - run.frame.measurements.source_accuracy_kept_head
    ),
    "loss": lambda run: run.frame.measurements.train_loss,
    "validation": lambda run: run.frame.measurements.validation_loss,
    "validation_accuracy": lambda run: run.frame.measurements.validation_accuracy,
    "start_loss": lambda run: run.measure_at("loss", 0),
    "start_validation": lambda run: run.measure_at("validation", 0),
    "best_validation": _best_validation,
    "best_step": _best_step,
    "steps": lambda run: float(run.frame.step),
    "rate": lambda run: run.frame.settings.learning_rate,
    "trainable": lambda run: float(run.frame.trainable_parameters),
    "body_trainable": lambda run: float(run.frame.body_trainable),
    "total": lambda run: float(run.frame.total_parameters),
    "change": lambda run: fmean([layer.relative_change for layer in run.body] or [float("nan")]),
    "rounding": _relative_rounding_error,
    "lost": lambda run: float(run.diverged),
}


def measure_problem(name: str) -> str:
    """Return the error message about a measure's name; empty: it is valid."""
    if name in _MEASURES or _LAYER_MEASURE.fullmatch(name):
        return ""
    meant = did_you_mean(name, _MEASURES)
    return f"unknown; {meant}there are {', '.join(_MEASURES)}, change_layer1 …, k90_layer1 …"


def step_problem(name: str) -> str:
    """Return the error message about a measure that has no steps; empty: it has."""
    return "" if name in STEP_MEASURES else f"only these have steps: {', '.join(STEP_MEASURES)}"
