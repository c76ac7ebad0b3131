"""Templating of a lesson's text: {full.target|percent} becomes a number; not in $formulas$."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from gui.lessons.expression import Expression, ExpressionError
from gui.lessons.run_result import RunResult
from gui.lessons.tex import FORMULA
from gui.text.numbers import (
    NO_VALUE,
    count_text,
    number_text,
    percent,
    points_text,
    short_number,
    signed,
)

UNKNOWN = "…"
"""Text in place of a number whose run has no result."""
_PATTERN = re.compile(rf"(?P<formula>{FORMULA.pattern})|\{{(?P<place>[^{{}}\n]*)\}}", FORMULA.flags)


def points(share: float) -> str:
    """Format a difference of shares in percentage points.

    >>> points(-0.0312), points(0.01)
    ('−3.1 points', '+1.0 point')
    """
    text = points_text(share, plus=True)
    unit = "point" if text.endswith("1.0") and len(text) == 4 else "points"
    return text if text == NO_VALUE else f"{text} {unit}"


def _number(value: float) -> str:
    """Format a number with three digits, also trailing zeros, so that two can be compared.

    >>> _number(0.4), _number(-2.9204), _number(16.0), _number(0.0), _number(1e-7)
    ('0.400', '−2.92', '16', '0', '1.00·10⁻⁷')
    """
    is_whole = math.isfinite(value) and value == round(value)
    return short_number(value) if is_whole else number_text(value, 3)


def _count(value: float) -> str:
    return count_text(round(value)) if math.isfinite(value) else NO_VALUE


FORMATS: dict[str, Callable[[float], str]] = {
    "percent": percent,
    "points": points,
    "number": _number,
    "signed": lambda value: signed(value, 2),
    "count": _count,
    "times": lambda value: f"{_number(value)}\u202f×",
}


class TemplateError(ValueError):
    """A placeholder that is not valid."""

    def __init__(self, problem: str, offset: int) -> None:
        super().__init__(problem)
        self.offset = offset
        """Position of the placeholder in the text."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A placeholder in a text."""

    start: int
    end: int
    expression: Expression
    format: str


def placeholders(text: str) -> Iterator[Placeholder]:
    """Yield the placeholders of a text. Raises: TemplateError."""
    for part in _PATTERN.finditer(text):
        if part["formula"] is not None:
            continue
        expression, _, format_ = part["place"].rpartition("|")
        format_ = format_.strip()
        if format_ not in FORMATS or not expression:
            raise TemplateError(
                f"{part[0]}: write a measure and how to show it, as in {{full.target|percent}}; "
                f"there are {', '.join(FORMATS)}",
                part.start(),
            )
        try:
            yield Placeholder(part.start(), part.end(), Expression(expression.strip()), format_)
        except ExpressionError as error:
            raise TemplateError(f"{part[0]}: {error}", part.start()) from error


def fill(text: str, results: Mapping[str, RunResult]) -> str:
    """Fill in the numbers of runs that have results, and `UNKNOWN` for all others."""
    pieces, end = [], 0
    for place in placeholders(text):
        pieces.append(text[end : place.start])
        is_known = place.expression.runs <= results.keys()
        pieces.append(
            FORMATS[place.format](place.expression.value(results)) if is_known else UNKNOWN
        )
        end = place.end
    return "".join((*pieces, text[end:]))
