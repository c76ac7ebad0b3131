"""Evaluation of arithmetic as it is shown on the screen, so that what is shown can be checked."""

from __future__ import annotations

import math
import re

from gui.text.numbers import MINUS

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_TOKEN = re.compile(r"\s*(\d[\d,]*(?:\.\d+)?|[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+|[-+−·/√()|])")


class FormulaSyntaxError(ValueError):
    """The text is not arithmetic of the signs + − · / √ ² | and brackets."""


def evaluate(text: str) -> float:
    """Return the value; NaN where it divides by 0 or takes the root of a negative number.

    Args: text: digits, the signs above and brackets.
    Raises: FormulaSyntaxError.

    >>> evaluate("2 · (0.5·0.5 − 3·(−0.25))"), evaluate("√4 / (5·10⁻¹)"), evaluate("|−3|²")
    (2.0, 4.0, 9.0)
    """
    return _Reader(text).whole()


class _Reader:
    """Recursive-descent parser of sums of terms of powers."""

    def __init__(self, text: str) -> None:
        self._tokens = self._split(text)
        self._text, self._at = text, 0

    @staticmethod
    def _split(text: str) -> list[str]:
        found, at = [], 0
        stripped = text.rstrip()
        while at < len(stripped):
            token = _TOKEN.match(stripped, at)
            if token is None:
                raise FormulaSyntaxError(f"{text!r} at {at}")
            found.append(token[1])
            at = token.end()
        return found

    def whole(self) -> float:
        value = self._sum()
        if self._at < len(self._tokens):
            raise FormulaSyntaxError(self._text)
        return value

    def _next(self, *wanted: str) -> str:
        """Consume and return the next token if it is one of these; otherwise return ""."""
        if self._at < len(self._tokens) and self._tokens[self._at] in wanted:
            self._at += 1
            return self._tokens[self._at - 1]
        return ""

    def _sum(self) -> float:
        value = self._term()
        while sign := self._next("+", MINUS):
            term = self._term()
            value = value + term if sign == "+" else value - term
        return value

    def _term(self) -> float:
        value = self._factor()
        while sign := self._next("·", "/"):
            factor = self._factor()
            if sign == "·":
                value *= factor
            else:
                value = value / factor if factor else math.nan
        return value

    def _factor(self) -> float:
        if self._next(MINUS):
            return -self._factor()
        if self._next("√"):
            inside = self._factor()
            return math.sqrt(inside) if inside >= 0.0 else math.nan
        value = self._primary()
        if self._at < len(self._tokens) and self._tokens[self._at][0] in "⁻⁰¹²³⁴⁵⁶⁷⁸⁹":
            value **= int(self._tokens[self._at].translate(_SUPERSCRIPTS))
            self._at += 1
        return value

    def _primary(self) -> float:
        if bracket := self._next("(", "|"):
            value = self._sum()
            if not self._next(")" if bracket == "(" else "|"):
                raise FormulaSyntaxError(self._text)
            return abs(value) if bracket == "|" else value
        if self._at == len(self._tokens) or not self._tokens[self._at][0].isdigit():
            raise FormulaSyntaxError(self._text)
        self._at += 1
        return float(self._tokens[self._at - 1].replace(",", ""))
