"""How the stage writes: names of layers, shapes, counts and numbers, with real signs."""

from __future__ import annotations

import math

from engine.protocol.messages import LayerFrame

MINUS = "−"
NONE = "–"
RANDOM_START = "random start"
"""What W is where a layer is new."""
NORM_RATIO = "‖ΔW‖/‖W‖"

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_PARTS = {
    "hidden": "hidden layer",
    "output": "output layer",
    "down": "down",
    "up": "up",
}


def title(layer: str) -> str:
    """A layer's name as a reader says it.

    >>> title("layer1"), title("head.hidden"), title("adapter1")
    ('Layer 1', 'Head · hidden layer', 'Adapter 1')
    """
    unit, _, part = layer.partition(".")
    stem = unit.rstrip("0123456789")
    digits = unit[len(stem) :]
    name = " ".join(word for word in (stem.replace("_", " ").capitalize(), digits) if word)
    return f"{name} · {_PARTS.get(part, part)}" if part else name


def k90_text(layer: LayerFrame) -> str:
    """Directions that hold 90 % of ΔW's energy; empty where there are none."""
    if layer.k90 is None:
        return f"> {len(layer.singular_values)}"
    return f"{layer.k90}" if layer.k90 else ""


def shape(out: int, inputs: int) -> str:
    """Rows × columns.

    >>> shape(40, 30)
    '40 × 30'
    """
    return f"{out:,} × {inputs:,}"


def span(first: int, last: int) -> str:
    """Rows or columns from one to another, counted from 0 here and from 1 for the reader.

    >>> span(119, 159), span(4, 4)
    ('120–160', '5')
    """
    return f"{first + 1:,}" if first == last else f"{first + 1:,}–{last + 1:,}"


def number(value: float, digits: int = 2) -> str:
    """A number to so many significant digits, with a real minus sign.

    >>> number(-0.04216), number(0.0), number(12.4), number(3.14e-6)
    ('−0.042', '0', '12', '3.1·10⁻⁶')
    """
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else f"{_sign(value)}∞"
    if value == 0.0:
        return "0"
    # Rounding first decides the exponent: 9.99 is written "10", not "10.0".
    mantissa, _, exponent = f"{abs(value):.{digits - 1}e}".partition("e")
    power = int(exponent)
    if -4 <= power < 6:
        return f"{_sign(value)}{float(f'{mantissa}e{power}'):,.{max(digits - 1 - power, 0)}f}"
    return f"{_sign(value)}{mantissa}·10{str(power).translate(_SUPERSCRIPT)}"


def plain_number(value: float, digits: int) -> str:
    """The same, without zeros at its end where it is just so: a constant, not a measurement.

    >>> plain_number(0.9, 4), plain_number(0.25123, 4), plain_number(-1e-8, 4)
    ('0.9', '0.2512', '−1·10⁻⁸')
    """
    text = number(value, digits)
    if not math.isfinite(value) or float(f"{value:.3g}") != value:
        return text
    mantissa, dot, power = text.partition("·")
    short = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{short}{dot}{power}"


def times(factor: float | None) -> str:
    """How much stronger one matrix is drawn than another.

    >>> times(12.3), times(2.83), times(None)
    ('× 12', '× 2.8', '–')
    """
    return NONE if factor is None else f"× {number(factor)}"


def moving(trainable: int, total: int) -> str:
    """How many of a layer's parameters move at a step.

    >>> moving(280, 1480), moving(1200, 1200)
    ('280 of 1,480 move', '1,200 move')
    """
    return f"{total:,} move" if trainable == total else f"{trainable:,} of {total:,} move"


def _sign(value: float) -> str:
    return MINUS if value < 0 else ""
