"""Puts this run's own numbers into a lesson's text: {full.target|percent}; not in $formulas$."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from gui.lessons.expression import Expression, ExpressionError
from gui.lessons.run_result import RunResult
from gui.lessons.tex import FORMULA
from gui.text.numbers import MINUS, count_text, percent, short_number, signed

UNKNOWN = "…"
"""Stands where a run has not been made yet."""
_PART = re.compile(rf"(?P<formula>{FORMULA.pattern})|\{{(?P<place>[^{{}}\n]*)\}}", FORMULA.flags)


def points(share: float) -> str:
    """A difference of shares: +14.2 points.

    >>> points(-0.0312), points(0.01)
    ('−3.1 points', '+1.0 point')
    """
    if not math.isfinite(share):
        return "–"
    text = f"{100 * share:+.1f}"
    text = text[1:] if float(text) == 0 else text.replace("-", MINUS)
    return f"{text} point{'' if abs(100 * share) - 1 == 0 else 's'}"


def number(value: float) -> str:
    """Three figures, also where the last is a zero, so that two of them can be compared.

    >>> number(0.4), number(-2.9204), number(16.0), number(0.0), number(1e-7)
    ('0.400', '−2.92', '16', '0', '1e−7')
    """
    if not math.isfinite(value):
        return "not a number"
    text = short_number(value)
    if value != round(value) and "e" not in text:
        text = f"{value:#.3g}".rstrip(".")
    return text.replace("-", MINUS)


def _count(value: float) -> str:
    return count_text(round(value)) if math.isfinite(value) else "–"


FORMATS: dict[str, Callable[[float], str]] = {
    "percent": percent,
    "points": points,
    "number": number,
    "signed": lambda value: signed(value, 2),
    "count": _count,
    "times": lambda value: f"{number(value)}\u202f×",
}


class TemplateError(ValueError):
    """A place in a text that cannot be filled."""

    def __init__(self, problem: str, offset: int) -> None:
        super().__init__(problem)
        self.offset = offset
        """Of its first sign in the text."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A number that a text leaves open."""

    start: int
    end: int
    expression: Expression
    format: str


def places(text: str) -> Iterator[Placeholder]:
    """What is to be filled in. Raises: FillError."""
    for part in _PART.finditer(text):
        if part["formula"] is not None:
            continue
        written, _, form = part["place"].rpartition("|")
        form = form.strip()
        if form not in FORMATS or not written:
            raise TemplateError(
                f"{part[0]}: write a measure and how to show it, as in {{full.target|percent}}; "
                f"there are {', '.join(FORMATS)}",
                part.start(),
            )
        try:
            yield Placeholder(part.start(), part.end(), Expression(written.strip()), form)
        except ExpressionError as error:
            raise TemplateError(f"{part[0]}: {error}", part.start()) from error


def fill(text: str, records: Mapping[str, RunResult]) -> str:
    """The text with the numbers of these runs, and `UNKNOWN` for those of others."""
    pieces, at = [], 0
    for place in places(text):
        pieces.append(text[at : place.start])
        known = place.expression.runs <= records.keys()
        pieces.append(FORMATS[place.format](place.expression.value(records)) if known else UNKNOWN)
        at = place.end
    return "".join((*pieces, text[at:]))
