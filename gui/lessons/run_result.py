"""What a lesson's run came to: its last frame, its curves, and the measures that texts name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from engine.protocol.messages import Frame, LayerFrame, Matrix
from gui.state.curve_buffer import SOURCE, TARGET, TRAIN, VALIDATION, CurveBuffer, Points

CURVES = {
    "train_loss": TRAIN,
    "validation_loss": VALIDATION,
    "target_accuracy": TARGET,
    "source_accuracy": SOURCE,
    "change": "",
}
"""Curves that a lesson can draw, and how a `CurveBuffer` calls them; change: mean ‖ΔW‖/‖W‖ of the body.
"""
AT_A_STEP = {
    "target": "target_accuracy",
    "source": "source_accuracy",
    "loss": "train_loss",
    "validation": "validation_loss",
    "change": "change",
}
"""Measures that can be asked for at a step."""
_OF_A_LAYER = re.compile(r"(change|k90)_(layer\d+|head)")


@dataclass(frozen=True, slots=True)
class RunResult:
    """One run of a lesson, as it ended."""

    frame: Frame
    """The last one; its measures are of its own step."""
    curves: CurveBuffer
    lost: bool = False
    """Whether it went beyond all bounds."""
    altered: bool = False
    """Whether somebody changed a setting on the way: its numbers are not those of the lesson."""

    def measure(self, name: str) -> float:
        """Its value; NaN where there is none, as of a layer that the network does not have."""
        of_layer = _OF_A_LAYER.fullmatch(name)
        if of_layer is None:
            return _MEASURES[name](self)
        layer = self._layer(of_layer[2])
        if layer is None:
            return float("nan")
        return _change(layer) if of_layer[1] == "change" else float(layer.k90 or 0)

    def at(self, name: str, step: int) -> float:
        """A measure of `AT_A_STEP` at the point nearest to a step."""
        steps, values = self.curve(AT_A_STEP[name])
        return float(values[np.abs(steps - step).argmin()]) if len(steps) else float("nan")

    def curve(self, of: str) -> tuple[Points, Points]:
        """(n,) steps and (n,) values of one of `CURVES`."""
        if of != "change":
            return self.curves.curve(CURVES[of])
        found = [self.curves.curve(layer.name) for layer in self.body]
        if not found:
            return np.zeros(0), np.zeros(0)
        return found[0][0], np.mean([values for _, values in found], axis=0)

    def moved(self, layer: str) -> Matrix:
        """(out, in) |ΔW| of a layer; (0, 0) where there is none."""
        found = self._layer(layer)
        return np.zeros((0, 0), np.float32) if found is None else np.abs(found.delta)

    @property
    def body(self) -> tuple[LayerFrame, ...]:
        """The layers of the pretrained body."""
        names = self.frame.settings.body_shapes
        return tuple(layer for layer in self.frame.layers if layer.name in names)

    def _layer(self, name: str) -> LayerFrame | None:
        return next((layer for layer in self.frame.layers if layer.name == name), None)


def _change(layer: LayerFrame) -> float:
    return layer.delta_norm / layer.weight_norm if layer.weight_norm > 0 else float("nan")


def _rounding(record: RunResult) -> float:
    """‖rounding error‖ / ‖W‖ over the body; 0 where nothing is rounded."""
    errors = [dict(layer.factors).get("rounding_error") for layer in record.body]
    error = sum(float(np.square(e).sum()) for e in errors if e is not None)
    weight = sum(layer.weight_norm**2 for layer in record.body)
    return float((error / weight) ** 0.5) if weight > 0 else float("nan")


def _best_validation(record: RunResult) -> float:
    _, values = record.curve("validation_loss")
    return float(values.min()) if len(values) else float("nan")


def _target(record: RunResult) -> float:
    found = record.frame.target_accuracy
    return float("nan") if found is None else found


_MEASURES: dict[str, Callable[[RunResult], float]] = {
    "target": _target,
    "source": lambda run: run.frame.source_accuracy,
    "start_target": lambda run: run.at("target", 0),
    "start_source": lambda run: run.frame.start_source_accuracy,
    "forgotten": lambda run: run.frame.start_source_accuracy - run.frame.source_accuracy,
    "loss": lambda run: run.frame.train_loss,
    "validation": lambda run: run.frame.validation_loss,
    "start_loss": lambda run: run.at("loss", 0),
    "start_validation": lambda run: run.at("validation", 0),
    "best_validation": _best_validation,
    "steps": lambda run: float(run.frame.step),
    "rate": lambda run: run.frame.settings.learning_rate,
    "trainable": lambda run: float(run.frame.trainable_parameters),
    "body_trainable": lambda run: float(run.frame.body_trainable),
    "total": lambda run: float(run.frame.total_parameters),
    "change": lambda run: fmean(map(_change, run.body)) if run.body else float("nan"),
    "rounding": _rounding,
    "lost": lambda run: float(run.lost),
}


def measure_problem(name: str) -> str:
    """What is wrong with the name of a measure; empty: nothing."""
    if name in _MEASURES or _OF_A_LAYER.fullmatch(name):
        return ""
    return f"unknown; there are {', '.join(_MEASURES)}, change_layer1 …, k90_layer1 …"
