"""Numbers as somebody typed them: one rule for the window's fields and for the command line.

Digits are 0…9. A comma stands before each three digits of the whole part, as in 1,024, or is the
decimal sign, as in 0,003; one that could be either is refused, and nothing is guessed.
"""

from __future__ import annotations

import math
import re

MAX_SHOWN_CHARACTERS = 40
"""Characters of a refused text that the sentence repeats."""
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_SPACE = r"[ \u00a0\u2009\u202f]"
_GROUPED = rf"[1-9][0-9]{{0,2}}(?:(?:,[0-9]{{3}})+|(?:{_SPACE}[0-9]{{3}})+)"
_WHOLE = re.compile(rf"(?P<sign>[+-]?)(?P<digits>[0-9]+|{_GROUPED})")
_NUMBER = re.compile(
    rf"(?P<sign>[+-]?)(?P<digits>(?:[0-9]+|{_GROUPED})(?:\.[0-9]*)?|[0-9]*[.,][0-9]+)"
    r"(?P<power>[eE][+-]?[0-9]{1,9})?"
)
_POWER = re.compile(
    r"(?:(?P<factor>.*[0-9.,])\s*[·×*]\s*)?(?P<sign>[+-]?)"
    r"10(?P<power>[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,9}|\^[+-]?[0-9]{1,9})"
)
_AMBIGUOUS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}(?:[eE].*)?")
MAX_DIGITS = 18
"""Digits of a whole number, at most."""


def parse_whole_number(text: str) -> int:
    """Return the whole number that somebody typed. Args: text: as typed.

    Raises: ValueError: it is none, in a sentence without a full stop.

    >>> parse_whole_number("1,024"), parse_whole_number(" 8 "), parse_whole_number("−3")
    (1024, 8, -3)
    >>> parse_whole_number("1,5")
    Traceback (most recent call last):
    ValueError: “1,5” is not a whole number
    """
    plain = _plain(text)
    match = _WHOLE.fullmatch(plain)
    if match is None:
        raise ValueError(f"{_shown(text)} is not a whole number")
    digits = re.sub(rf"{_SPACE}|,", "", match["digits"])
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"{_shown(text)} is too large")
    return int(match["sign"] + digits)


def parse_number(text: str) -> float:
    """Return the number that somebody typed: 0.003, 0,003, 3e-3, 3·10⁻³. Args: text: as typed.

    Raises: ValueError: it is none, or could be two, in a sentence without a full stop.

    >>> parse_number("0,003"), parse_number("3·10⁻³"), parse_number("1,000,000")
    (0.003, 0.003, 1000000.0)
    >>> parse_number("1,024")
    Traceback (most recent call last):
    ValueError: “1,024” could be 1024 or 1.024: write it without the comma
    """
    plain = _plain(text)
    power = _POWER.fullmatch(plain)
    if power is not None:
        factor = power["factor"] or f"{power['sign']}1"
        plain = f"{factor}e{power['power'].lstrip('^').translate(_SUPERSCRIPTS)}"
    if _AMBIGUOUS.fullmatch(plain):
        number, e, rest = plain.partition("e")
        readings = (f"{number.replace(',', sign)}{e}{rest}" for sign in ("", "."))
        raise ValueError(
            f"{_shown(text)} could be {' or '.join(readings)}: write it without the comma"
        )
    match = _NUMBER.fullmatch(plain)
    if match is None:
        raise ValueError(f"{_shown(text)} is not a number")
    digits = re.sub(_SPACE, "", match["digits"])
    grouped = digits.count(",") > 1 or re.search(r",.*\.", digits) is not None
    digits = digits.replace(",", "" if grouped else ".")
    value = float(f"{match['sign']}{digits}{match['power'] or ''}")
    if not math.isfinite(value):
        raise ValueError(f"{_shown(text)} is too large")
    if value == 0.0 and re.search("[1-9]", digits):
        raise ValueError(f"{_shown(text)} is too small")
    return value


def _plain(text: str) -> str:
    return text.strip().replace("−", "-")


def _shown(text: str) -> str:
    text = text.strip()
    cut = f"{text[:MAX_SHOWN_CHARACTERS]}…" if len(text) > MAX_SHOWN_CHARACTERS else text
    return f"“{cut}”" if text else "an empty field"
