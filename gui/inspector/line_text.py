"""A line of a derivation as text, with so many digits that both sides agree as shown."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from engine.protocol.messages import DerivationLine
from gui.inspector.formula import evaluate
from gui.text.numbers import MINUS, number_text, trimmed_number

DIGITS = 4
"""Digits of a value, where its numbers allow as many."""
MAX_DIGITS = 9
"""Digits in which a float32 is exact."""
MAX_DISTINGUISHING_DIGITS = 6
"""Digits at most to distinguish a number that has hardly moved from what it was."""
SHOWN_TERMS = 2
"""Terms of a long sum that are shown: the first that are not zero."""
MAX_UNFOLDED_TERMS = 4
"""Terms up to which a sum is written out."""
MAX_FULL_VALUE = 1e6
"""Smaller values are written in full before the point."""
ROUNDING_TOLERANCE = 1e-6
"""Error that float32 may leave where the result is zero, relative to a line's largest number."""
NO_BREAK_SPACE = "\u00a0"
"""A space at which no line is broken."""
_PLACEHOLDER = re.compile(r"\{\}")
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_SHORT_BRACKETS = re.compile(r"\([^()]{1,18}\)")


@dataclass(frozen=True, slots=True)
class LineText:
    """The text of a line."""

    formula: str
    """g = 1/n · Σ δᵢ · xⱼ"""
    numbers: str
    """= 1/32 · (0.31·0.44 − 0.2·(−0.1) + … 32 terms) = −0.0021"""
    whole: str
    """The numbers with every term."""


def line_text(line: DerivationLine) -> LineText:
    """Return the text of a line.

    Parsed back, the numbers of `whole` give its value within the digits shown.
    Args: line: of a derivation.
    """
    formula = " = ".join(filter(None, (line.symbol, line.formula)))
    terms = line.products.tolist()
    if not terms and not line.pattern:
        value = f"={NO_BREAK_SPACE}{number_text(line.value, DIGITS)}"
        return LineText(formula, value, value)
    digits, shown = _digits(line, terms)
    value = f"={NO_BREAK_SPACE}{number_text(line.value, shown)}"
    whole = f"= {_right_side(line, terms, digits)} {value}"
    if len(terms) <= MAX_UNFOLDED_TERMS:
        return LineText(formula, whole, whole)
    more = f" +{NO_BREAK_SPACE}…{NO_BREAK_SPACE}{len(terms)}{NO_BREAK_SPACE}terms"
    shown_terms = [term for term in terms if math.prod(term)] or terms
    beginning = _right_side(line, shown_terms[:SHOWN_TERMS], digits, more=more)
    return LineText(formula, f"= {beginning} {value}", whole)


def _digits(line: DerivationLine, terms: list[list[float]]) -> tuple[int, int]:
    """Return the fewest digits of the numbers, and the most of the value, that agree."""
    every = [*line.numbers, *(factor for term in terms for factor in term), line.value]
    if not all(map(math.isfinite, every)):
        return DIGITS, DIGITS
    least = ROUNDING_TOLERANCE * max(map(abs, every))
    sides: dict[int, float] = {}
    for shown in range(_max_value_digits(line), 0, -1):
        value = number_text(line.value, shown)
        for digits in range(DIGITS, MAX_DIGITS + 1):
            if digits not in sides:
                sides[digits] = evaluate(_right_side(line, terms, digits))
            side = sides[digits]
            if (line.value == 0.0 and abs(side) <= least) or number_text(side, shown) == value:
                return digits, shown
    return MAX_DIGITS, 1


def _max_value_digits(line: DerivationLine) -> int:
    """Return the digits of the value: all before the point, and enough to differ from a summand."""
    value = line.value
    before_point = len(f"{abs(value):.0f}") if abs(value) < MAX_FULL_VALUE else 0
    others = [other for other in line.numbers if other != value]
    least = max(DIGITS, before_point)
    if not any(sign in _IN_BRACKETS.sub("", line.pattern) for sign in ("+", MINUS)):
        return least
    for digits in range(least, MAX_DISTINGUISHING_DIGITS + 1):
        if number_text(value, digits) not in {number_text(other, digits) for other in others}:
            return digits
    return least


def _right_side(line: DerivationLine, terms: list[list[float]], digits: int, more: str = "") -> str:
    if not terms:
        return _without_breaks(
            _filled_pattern(line.pattern, [trimmed_number(value, digits) for value in line.numbers])
        )
    total = _sum_of_products(terms, digits) + more
    if line.scale == 1.0:
        return total
    return f"{_scale_text(line.scale, digits)} · ({total})"


def _scale_text(scale: float, digits: int) -> str:
    """Return 1/32 where the scale is one part of a whole, otherwise the number."""
    parts = round(1 / scale) if scale else 0
    if parts > 1 and math.isclose(scale * parts, 1.0, rel_tol=1e-6):
        return f"1/{parts}"
    return trimmed_number(scale, digits)


def _sum_of_products(terms: list[list[float]], digits: int) -> str:
    text = ""
    for term in terms:
        first, *others = (trimmed_number(factor, digits) for factor in term)
        if text:
            minus = first.startswith(MINUS)
            sign, number = (MINUS, first[1:]) if minus else ("+", first)
            text += f" {sign}{NO_BREAK_SPACE}{number}"
        else:
            text = first
        text += "".join(f"·{_in_brackets(other, always=False)}" for other in others)
    return text


def _filled_pattern(pattern: str, numbers: list[str]) -> str:
    """Fill in the numbers, with brackets where a sign or a power of ten would mislead.

    >>> _filled_pattern("{} + {} · {}²", ["−1", "−2", "−3"])
    '−1 − 2 · (−3)²'
    >>> _filled_pattern("{} / √{}", ["1", "2·10⁻⁹"])
    '1 / √(2·10⁻⁹)'
    """
    before, *rest = _PLACEHOLDER.split(pattern)
    text = before
    for value, after in zip(numbers, rest, strict=True):
        last, powered = text.rstrip()[-1:], after[:1] == "²"
        if powered or last in ("/", "√"):
            text += _in_brackets(value)
        elif last in ("+", MINUS) and value.startswith(MINUS) and text.endswith(f" {last} "):
            text = f"{text[:-2]}{'+' if last == MINUS else MINUS} {value[1:]}"
        elif last in ("", "(", "|"):
            text += value
        else:
            text += _in_brackets(value, always=False)
        text += after
    return text


def _without_breaks(text: str) -> str:
    """Replace spaces inside short brackets, so that no line is broken there."""
    return _SHORT_BRACKETS.sub(lambda match: match[0].replace(" ", NO_BREAK_SPACE), text)


def _in_brackets(value: str, *, always: bool = True) -> str:
    """Put the number in brackets if it has a sign, or, if `always`, a power of ten."""
    return f"({value})" if value.startswith(MINUS) or (always and "·" in value) else value
