"""What the page says: of the sample, of a number under the pointer, of what there is to see."""

from __future__ import annotations

from engine.protocol.messages import Frame, NetworkActivations, SampleFrame, TaskInfo
from gui.network_page.stations import station_title
from gui.text.layers import RANDOM_START
from gui.text.numbers import number_text

READING_HINT = "Point at a number to read it before and now."
HOW_TO_DRAW = "Draw on it: left button ink, right button or Shift rubs out."
AS_DRAWN = "Taken as drawn: nothing turns or inverts it."
WAITING = "The two networks appear as soon as the engine is ready."
LARGEST_STRIP = 256
"""More numbers in a layer are too many to be pointed at with ease, and W is drawn reduced."""


def sample_words(sample: SampleFrame) -> tuple[str, str]:
    """What is looked at, and its class."""
    if sample.drawn or sample.label is None:
        return "Your drawing", "nobody knows its class"
    return (
        f"Sample {sample.index + 1:,} of {sample.count:,}",
        f"true class: {sample.classes[sample.label]}",
    )


def before_words(frame: Frame) -> str:
    """What the network before is."""
    fresh = all(layer.randomly_initialised for layer in frame.layers)
    return f"Before, {RANDOM_START}" if fresh else "Before, with W"


def given_words(info: TaskInfo | None, flow: NetworkActivations) -> str:
    """What x is."""
    count = f"{len(flow.x):,}"
    return f"x: {count} measurements" if info and info.features else f"x: {count} components"


def drawing_words(info: TaskInfo | None, *, drawn: bool) -> str:
    """How to draw, or why one cannot."""
    if info is not None and info.no_drawing:
        return f"No drawing here: {info.no_drawing}."
    return AS_DRAWN if drawn else HOW_TO_DRAW


def reading_words(flow: NetworkActivations, name: str, unit: int) -> str:
    """One number, before and now; empty where there is no such number."""
    if name == "x":
        return f"x, number {unit + 1}: {_value(flow.x[unit])}" if unit < len(flow.x) else ""
    layer = next((layer for layer in flow.layers if layer.name == name), None)
    if layer is None or unit >= len(layer.after):
        return ""
    now = _value(layer.after[unit])
    where = f"{station_title(name)}, unit {unit + 1:,}"
    if layer.before is None:
        return f"{where}: {now} now; not there before"
    return f"{where}: {_value(layer.before[unit])} before, {now} now"


def size_words(flow: NetworkActivations) -> str:
    """What is too much to be seen one by one; empty: nothing is."""
    widest = max((len(layer.after) for layer in flow.layers), default=0)
    if widest < LARGEST_STRIP:
        return ""
    return f"{widest:,} numbers a layer, row by row; of W each pixel is the largest of a block."


def _value(value: float) -> str:
    return number_text(float(value), 3)
