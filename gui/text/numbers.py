"""Numbers as people write and read them."""

from __future__ import annotations

import math
import re

from engine.protocol.sizes import byte_text

MINUS = "−"
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_POWER = re.compile(r"^(?:(?P<factor>[\d.]+)\s*[·×*]\s*)?10\^?(?P<power>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+|-\d+)$")


def parse_number(text: str) -> float | None:
    """The number that `text` means: 3e-3, 0.003, 0,003, 3·10⁻³; None where it means none.

    >>> parse_number("0,003")
    0.003
    >>> parse_number("3·10⁻³")
    0.003
    """
    plain = text.strip().replace(MINUS, "-")
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    power = _POWER.match(plain)
    if power is not None:
        plain = f"{power['factor'] or '1'}e{power['power'].translate(_SUPERSCRIPTS)}"
    try:
        return float(plain)
    except ValueError:
        return None


def parse_whole(text: str) -> int | None:
    """The whole number that `text` means, with or without thousands marks; None for others.

    >>> parse_whole("1,024"), parse_whole("8.5")
    (1024, None)
    """
    plain = re.sub(r"[\s,\u2009\u202f']", "", text)
    return int(plain) if re.fullmatch(r"[+-]?[0-9]{1,18}", plain) else None


def short_number(value: float) -> str:
    """Three figures, in a form that `parse_number` reads: 0.003, 1e-5, 1e30.

    >>> short_number(0.003), short_number(1e-5), short_number(16.0)
    ('0.003', '1e-5', '16')
    """
    return re.sub(r"e([+-])0*(\d+)$", _exponent, f"{value:.3g}")


def _exponent(match: re.Match[str]) -> str:
    return f"e{match[1].replace('+', '')}{match[2]}"


def signed(value: float, digits: int = 4) -> str:
    """With a real minus sign, and of about the same length whatever its size.

    >>> signed(-0.1312), signed(-12.34567), signed(-1e30)
    ('−0.1312', '−12.346', '−1.0e30')
    """
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else ("∞" if value > 0 else f"{MINUS}∞")
    if abs(value) >= 10_000:
        text = re.sub(r"e([+-])0*(\d+)$", _exponent, f"{value:.1e}")
    else:
        before_point = len(str(int(abs(value))))
        text = f"{value:.{max(digits + 1 - before_point, 0)}f}"
    if float(text) == 0:
        text = text.replace("-", "")
    return text.replace("-", MINUS)


def loss_text(value: float) -> str:
    """A loss in few signs: 0.1524, 2.3101, 154.20, 1.5e30; or that it is none.

    >>> loss_text(0.15239), loss_text(1.5e30), loss_text(math.inf)
    ('0.1524', '1.5e30', 'not a number')
    """
    if not math.isfinite(value):
        return "not a number"
    if 0 < value < 0.00005:
        return "< 0.0001"
    if value >= 10_000:
        return re.sub(r"e([+-])0*(\d+)$", _exponent, f"{value:.1e}")
    return f"{value:.4f}"[:6] if value < 1000 else f"{value:.0f}"


def count_text(count: int) -> str:
    """How many: exact up to 99,999, then to three figures.

    >>> count_text(4400), count_text(189_000), count_text(999_600), count_text(201_572_352)
    ('4,400', '189 k', '1 M', '202 M')
    """
    if count < 100_000:
        return f"{count:,}"
    return f"{count / 1e3:.3g} k" if count < 999_500 else f"{count / 1e6:.3g} M"


def percent(share: float | None) -> str:
    """78.0 % with a thin space that does not break; – without a share."""
    if share is None or not math.isfinite(share):
        return "–"
    return f"{100 * share:.1f}\u202f%"


def figures(share: float) -> str:
    """A share in three figures, also a small one, with the same thin space.

    >>> figures(0.00237), figures(1.0)
    ('0.237\u202f%', '100\u202f%')
    """
    if 0 < share < 1e-6:
        return "< 0.0001\u202f%"
    return f"{100 * share:.3g}\u202f%"


def size_text(count: int) -> str:
    """Bytes in decimal units, MB = 10⁶ and GB = 10⁹; its space is thin and does not break.

    >>> size_text(589_824)
    '590\u202fkB'
    """
    return byte_text(count).replace(" ", "\u202f")
