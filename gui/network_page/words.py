"""Text of the network page: about the sample, a number under the pointer, the drawing."""

from __future__ import annotations

from engine.protocol.catalogue import find_named
from engine.protocol.messages import Frame, NetworkActivations, SampleFrame, TaskInfo
from gui.network_page.stations import station_title
from gui.text.layers import RANDOM_START
from gui.text.numbers import number_text

READING_HINT = "Point at a number to read it before and now."
HOW_TO_DRAW = "Draw on it: left button ink, right button or Shift rubs out."
AS_DRAWN = "Taken as drawn: nothing turns or inverts it."
WAITING = "The two networks appear as soon as the engine is ready."
MAX_READABLE_UNITS = 256
"""Largest layer whose numbers can be pointed at; W of a larger one is drawn downsampled."""


def sample_text(sample: SampleFrame) -> tuple[str, str]:
    """Return the sample's title, and its true class."""
    if sample.drawn or sample.label is None:
        return "Your drawing", "nobody knows its class"
    return (
        f"Sample {sample.index + 1:,} of {sample.count:,}",
        f"true class: {sample.classes[sample.label]}",
    )


def before_text(frame: Frame) -> str:
    """Return the title of the network before."""
    fresh = all(layer.randomly_initialised for layer in frame.layers)
    return f"Before, {RANDOM_START}" if fresh else "Before, with W"


def input_text(info: TaskInfo | None, activations: NetworkActivations) -> str:
    """Return the description of x."""
    count = f"{len(activations.x):,}"
    return f"x: {count} measurements" if info and info.features else f"x: {count} components"


def drawing_text(info: TaskInfo | None, *, drawn: bool) -> str:
    """Return how to draw, or why drawing is not possible."""
    if info is not None and info.no_drawing:
        return f"No drawing here: {info.no_drawing}."
    return AS_DRAWN if drawn else HOW_TO_DRAW


def reading_text(activations: NetworkActivations, name: str, unit: int) -> str:
    """Return a unit's activation before and now; empty: no such unit. Args: unit: from 0."""
    if name == "x":
        x = activations.x
        return f"x, number {unit + 1}: {_value(x[unit])}" if unit < len(x) else ""
    layer = find_named(activations.layers, name)
    if layer is None or unit >= len(layer.after):
        return ""
    now = _value(layer.after[unit])
    where = f"{station_title(name)}, unit {unit + 1:,}"
    if layer.before is None:
        return f"{where}: {now} now; not there before"
    return f"{where}: {_value(layer.before[unit])} before, {now} now"


def size_text(activations: NetworkActivations) -> str:
    """Return the remark about layers too large to read; empty: there is none."""
    widest = max((len(layer.after) for layer in activations.layers), default=0)
    if widest < MAX_READABLE_UNITS:
        return ""
    return f"{widest:,} numbers a layer, row by row; of W each pixel is the largest of a block."


def _value(value: float) -> str:
    return number_text(float(value), 3)
