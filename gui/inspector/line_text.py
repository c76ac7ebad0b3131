"""A line of arithmetic as text: so many digits that what is shown comes to what is shown."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from engine.protocol.messages import DerivationLine
from gui.inspector.formula import evaluate
from gui.text.numbers import MINUS, number_text, trimmed_number

DIGITS = 4
"""Of a value, where its numbers bear as many out."""
MOST_DIGITS = 9
"""A float32 is exact with so many."""
TELLING = 6
"""Digits with which a number that has hardly moved is told from what it was, at most."""
SHOWN_TERMS = 2
"""Of a long sum, the first that are not zero."""
ALL_TERMS = 4
"""A sum of so many is written out."""
WHOLE = 1e6
"""Smaller values are written in full before the point."""
ROUNDING = 1e-6
"""Of the largest number of a line: what float32 may leave where nothing should be left."""
TIED = "\u00a0"
"""A space at which no line ends."""
_SPLIT = re.compile(r"\{\}")
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_SHORT_BRACKETS = re.compile(r"\([^()]{1,18}\)")


@dataclass(frozen=True, slots=True)
class LineText:
    """What is shown of a line."""

    formula: str
    """g = 1/n · Σ δᵢ · xⱼ"""
    numbers: str
    """= 1/32 · (0.31·0.44 − 0.2·(−0.1) + … 32 terms) = −0.0021"""
    whole: str
    """The same with every term."""


def line_text(line: DerivationLine) -> LineText:
    """Write a line out.

    Parsed back, the numbers of `whole` come to its value within the digits shown.
    """
    formula = " = ".join(filter(None, (line.symbol, line.formula)))
    terms = line.products.tolist()
    if not terms and not line.pattern:
        value = f"={TIED}{number_text(line.value, DIGITS)}"
        return LineText(formula, value, value)
    digits, shown = _digits(line, terms)
    value = f"={TIED}{number_text(line.value, shown)}"
    whole = f"= {_right_side(line, terms, digits)} {value}"
    if len(terms) <= ALL_TERMS:
        return LineText(formula, whole, whole)
    more = f" +{TIED}…{TIED}{len(terms)}{TIED}terms"
    telling = [term for term in terms if math.prod(term)] or terms
    begun = _right_side(line, telling[:SHOWN_TERMS], digits, more=more)
    return LineText(formula, f"= {begun} {value}", whole)


def _digits(line: DerivationLine, terms: list[list[float]]) -> tuple[int, int]:
    """The fewest digits of the numbers, and the most of the value, that agree."""
    every = [*line.numbers, *(factor for term in terms for factor in term), line.value]
    if not all(map(math.isfinite, every)):
        return DIGITS, DIGITS
    least = ROUNDING * max(map(abs, every))
    sides: dict[int, float] = {}
    for shown in range(_most(line), 0, -1):
        value = number_text(line.value, shown)
        for digits in range(DIGITS, MOST_DIGITS + 1):
            if digits not in sides:
                sides[digits] = evaluate(_right_side(line, terms, digits))
            side = sides[digits]
            if (line.value == 0.0 and abs(side) <= least) or number_text(side, shown) == value:
                return digits, shown
    return MOST_DIGITS, 1


def _most(line: DerivationLine) -> int:
    """Digits of the value: all before the point, and enough to tell a sum from its first part."""
    value = line.value
    before_point = len(f"{abs(value):.0f}") if abs(value) < WHOLE else 0
    others = [other for other in line.numbers if other != value]
    least = max(DIGITS, before_point)
    if not any(sign in _IN_BRACKETS.sub("", line.pattern) for sign in ("+", MINUS)):
        return least
    for digits in range(least, TELLING + 1):
        if number_text(value, digits) not in {number_text(other, digits) for other in others}:
            return digits
    return least


def _right_side(line: DerivationLine, terms: list[list[float]], digits: int, more: str = "") -> str:
    if not terms:
        return _tied(
            _filled(line.pattern, [trimmed_number(value, digits) for value in line.numbers])
        )
    total = _sum_of_products(terms, digits) + more
    if line.scale == 1.0:
        return total
    return f"{_scale(line.scale, digits)} · ({total})"


def _scale(scale: float, digits: int) -> str:
    """1/32 where it is one part of a whole, else the number."""
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
            text += f" {MINUS}{TIED}{first[1:]}" if minus else f" +{TIED}{first}"
        else:
            text = first
        text += "".join(f"·{_bracketed(other, always=False)}" for other in others)
    return text


def _filled(pattern: str, numbers: list[str]) -> str:
    """The pattern with its numbers; brackets where a sign or a power of ten would mislead.

    >>> _filled("{} + {} · {}²", ["−1", "−2", "−3"]), _filled("{} / √{}", ["1", "2·10⁻⁹"])
    ('−1 − 2 · (−3)²', '1 / √(2·10⁻⁹)')
    """
    before, *rest = _SPLIT.split(pattern)
    text = before
    for value, after in zip(numbers, rest, strict=True):
        last, powered = text.rstrip()[-1:], after[:1] == "²"
        if powered or last in ("/", "√"):
            text += _bracketed(value)
        elif last in ("+", MINUS) and value.startswith(MINUS) and text.endswith(f" {last} "):
            text = f"{text[:-2]}{'+' if last == MINUS else MINUS} {value[1:]}"
        elif last in ("", "(", "|"):
            text += value
        else:
            text += _bracketed(value, always=False)
        text += after
    return text


def _tied(text: str) -> str:
    """The same with no line ending inside short brackets."""
    return _SHORT_BRACKETS.sub(lambda found: found[0].replace(" ", TIED), text)


def _bracketed(value: str, *, always: bool = True) -> str:
    """In brackets where it has a sign. Args: always: also where it is times a power of ten."""
    return f"({value})" if value.startswith(MINUS) or (always and "·" in value) else value
