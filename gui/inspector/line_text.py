"""A line of a derivation as text: the formula with its numbers ≈ the value."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from engine.protocol.messages import DerivationLine
from gui.text.numbers import FLOAT32_DIGITS, MINUS, number_text, short_number

DIGITS = 4
"""Significant digits of a number, unless the line needs more."""
SHOWN_TERMS = 2
"""Terms of a long sum that are shown: the first that are not zero."""
MAX_UNFOLDED_TERMS = 4
"""Terms up to which a sum is written out."""
NO_BREAK_SPACE = "\u00a0"
"""A space at which no line is broken."""
_PLACEHOLDER = re.compile(r"\{\}")
_SIGN = re.compile(f" ([+{MINUS}]) ")
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_SHORT_BRACKETS = re.compile(r"\([^()]{1,18}\)")


@dataclass(frozen=True, slots=True)
class LineText:
    """The text of a line."""

    formula: str
    """g = 1/n · Σ δᵢ · xⱼ"""
    numbers: str
    """= 1/32 · (0.31·0.44 − 0.2·(−0.1) + … 32 terms) ≈ −0.0021"""
    whole: str
    """The numbers with every term."""


def line_text(line: DerivationLine) -> LineText:
    """Return the text of a line. Args: line: of a derivation."""
    formula = " = ".join(filter(None, (line.symbol, line.formula)))
    terms = line.products.tolist()
    if not terms and not line.pattern:
        value = f"={NO_BREAK_SPACE}{number_text(line.value, DIGITS)}"
        return LineText(formula, value, value)
    decimals = _decimals(line)
    value = f"≈{NO_BREAK_SPACE}{number_text(line.value, _digits(line.value, decimals))}"
    whole = f"= {_right_side(line, terms, decimals)} {value}"
    if len(terms) <= MAX_UNFOLDED_TERMS:
        return LineText(formula, whole, whole)
    more = f" +{NO_BREAK_SPACE}…{NO_BREAK_SPACE}{len(terms)}{NO_BREAK_SPACE}terms"
    shown_terms = [term for term in terms if math.prod(term)] or terms
    beginning = _right_side(line, shown_terms[:SHOWN_TERMS], decimals, more=more)
    return LineText(formula, f"= {beginning} {value}", whole)


def _decimals(line: DerivationLine) -> int:
    """Return the decimal places that a sum needs; 0: it is none.

    They show three digits of its value where summands nearly cancel, and of the change where a
    summand hardly changes.
    """
    summands = _summands(line)
    rests = (line.value, *(line.value - summand for summand in summands))
    sizes = [abs(number) for number in (*summands, *rests) if number]
    if not summands or not sizes or not all(map(math.isfinite, sizes)):
        return 0
    return 2 - math.floor(math.log10(min(sizes)))


def _digits(number: float, decimals: int) -> int:
    before_point = math.floor(math.log10(abs(number))) + 1 if number and decimals else 0
    return min(max(DIGITS, before_point + decimals), FLOAT32_DIGITS)


def _summands(line: DerivationLine) -> list[float]:
    """Return the numbers that stand alone between the signs + and − of the pattern."""
    numbers, alone = iter(line.numbers), []
    pattern = _IN_BRACKETS.sub(lambda match: match[0].replace(" ", ""), line.pattern)
    parts = re.split(f" [+{MINUS}] ", pattern)
    for part in parts:
        found = [next(numbers) for _ in _PLACEHOLDER.finditer(part)]
        alone += found if part == "{}" and len(parts) > 1 else []
    return alone


def _right_side(
    line: DerivationLine, terms: list[list[float]], decimals: int, more: str = ""
) -> str:
    if not terms:
        numbers = [short_number(value, _digits(value, decimals)) for value in line.numbers]
        return _without_breaks(_filled_pattern(line.pattern, numbers))
    total = _sum_of_products(terms) + more
    return total if line.scale == 1.0 else f"{_scale_text(line.scale)} · ({total})"


def _scale_text(scale: float) -> str:
    """Return 1/32 where the scale is one part of a whole, otherwise the number."""
    parts = round(1 / scale) if scale else 0
    if parts > 1 and math.isclose(scale * parts, 1.0, rel_tol=1e-6):
        return f"1/{parts}"
    return short_number(scale, DIGITS)


def _sum_of_products(terms: list[list[float]]) -> str:
    pattern = " + ".join("·".join("{}" for _ in term) for term in terms)
    numbers = [short_number(factor, DIGITS) for term in terms for factor in term]
    return _SIGN.sub(rf" \1{NO_BREAK_SPACE}", _filled_pattern(pattern, numbers))


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
    has_power = always and not value[-1:].isdecimal()
    return f"({value})" if value.startswith(MINUS) or has_power else value
