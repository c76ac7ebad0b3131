"""Measures of runs as words, and their numbers as a text has them; without Qt."""

from __future__ import annotations

import math

from gui.text.layers import layer_title
from gui.text.numbers import NO_VALUE, loss_text, number_text, percent, points_text, short_number

MEASURE_TITLES = {
    "target": "target accuracy",
    "source": "source accuracy",
    "start_target": "target accuracy at step 0",
    "start_source": "source accuracy at step 0",
    "source_kept": "source accuracy with the old head",
    "forgotten": "forgetting",
    "forgotten_kept": "forgetting with the old head",
    "loss": "training loss",
    "validation": "validation loss",
    "validation_accuracy": "validation accuracy",
    "start_loss": "training loss at step 0",
    "start_validation": "validation loss at step 0",
    "best_validation": "lowest validation loss",
    "best_step": "best step",
    "rate": "learning rate",
    "trainable": "trainable parameters",
    "body_trainable": "trainable in the body",
    "total": "all parameters",
    "change": "‖ΔW‖ / ‖W‖",
    "rounding": "rounding error",
}
"""Measure -> its title; of one layer, its name is `change_layer1`."""
SHARES = frozenset(
    {"target", "source", "source_kept", "validation_accuracy", "start_target", "start_source"}
)
"""Measures that are shares of all samples, 0…1."""
POINTS = frozenset({"forgotten", "forgotten_kept"})
"""Measures that are differences of two shares, −1…1."""
COUNTS = frozenset({"trainable", "body_trainable", "total", "steps", "best_step"})
LOSSES = frozenset({"loss", "validation", "start_loss", "start_validation", "best_validation"})
"""Measures that are written as beside the stage."""


def measure_title(name: str) -> str:
    """Return a measure's words.

    >>> measure_title("target"), measure_title("k90_layer1"), measure_title("change_head")
    ('target accuracy', 'k90 of layer 1', '‖ΔW‖ / ‖W‖ of the head')
    """
    measure, _, layer = name.partition("_")
    if name in MEASURE_TITLES or not layer:
        return MEASURE_TITLES.get(name, name)
    where = "the head" if layer == "head" else layer_title(layer).lower()
    return f"{MEASURE_TITLES.get(measure, measure)} of {where}"


def plain_measure_text(name: str, value: float) -> str:
    """Return a measure's number without what its heading says.

    >>> plain_measure_text("forgotten", 0.121), plain_measure_text("rate", 0.003)
    ('12.1', '0.003')
    >>> plain_measure_text("loss", 0.4), plain_measure_text("trainable", 4810.0)
    ('0.4000', '4,810')
    """
    if not math.isfinite(value):
        return NO_VALUE
    if name in SHARES:
        return percent(value)
    if name in POINTS:
        return points_text(value)
    if name in COUNTS:
        return f"{round(value):,}"
    if name in LOSSES:
        return loss_text(value)
    return short_number(value) if name == "rate" or value == round(value) else number_text(value, 3)
