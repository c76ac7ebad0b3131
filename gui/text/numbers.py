"""Numbers formatted for reading."""

from __future__ import annotations

import math

from engine.protocol.sizes import byte_text

MINUS = "−"
"""The minus sign of typography, used in place of the hyphen."""
NO_VALUE = "–"
"""Stands where there is no number."""
FLOAT32_DIGITS = 9
"""Significant digits in which a float32 is exact."""
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def signed(value: float, digits: int = 4) -> str:
    """Return the number with a real minus sign and about the same length whatever its magnitude.

    Args: digits: behind the decimal point while |value| < 10.

    >>> signed(-0.1312), signed(-12.34567), signed(-1e30)
    ('−0.1312', '−12.346', '−1.0·10³⁰')
    """
    if not math.isfinite(value) or abs(value) >= 10_000:
        return number_text(value)
    before_point = len(str(int(abs(value))))
    text = f"{abs(value):.{max(digits + 1 - before_point, 0)}f}"
    return f"{_sign(value) if float(text) else ''}{text}"


def loss_text(value: float) -> str:
    """Return a loss in at most six characters. Args: value: ≥ 0, or not finite.

    >>> loss_text(0.15239), loss_text(1.5e30), loss_text(math.inf)
    ('0.1524', '1.5·10³⁰', 'not a number')
    """
    if not math.isfinite(value):
        return "not a number"
    if 0 < value < 0.00005:
        return "< 0.0001"
    if value >= 10_000:
        return number_text(value)
    return f"{value:.4f}"[:6] if value < 1000 else f"{value:.0f}"


def count_text(count: int) -> str:
    """Return a count: exact up to 99,999, then to three significant digits. Args: count: ≥ 0.

    >>> count_text(4400), count_text(189_000), count_text(999_600), count_text(201_572_352)
    ('4,400', '189 k', '1 M', '202 M')
    """
    if count < 100_000:
        return f"{count:,}"
    return f"{count / 1e3:.3g} k" if count < 999_500 else f"{count / 1e6:.3g} M"


def percent(share: float | None) -> str:
    """Return a percentage with one decimal and a narrow no-break space, `NO_VALUE` without a share.

    Args: share: 0…1, or None.
    """
    if share is None or not math.isfinite(share):
        return NO_VALUE
    return f"{100 * share:.1f}\u202f%"


def percent_text(share: float) -> str:
    """Return a percentage to three significant digits, also a small one. Args: share: 0…1.

    >>> percent_text(0.00237), percent_text(1.0)
    ('0.237 %', '100 %')
    """
    if 0 < share < 1e-6:
        return "< 0.0001\u202f%"
    return f"{100 * share:.3g}\u202f%"


def points_text(share: float, *, plus: bool = False) -> str:
    """Return a difference of shares in percentage points, with one decimal.

    Args: share: −1…1.  plus: whether a gain has a plus sign.

    >>> points_text(0.0321), points_text(-0.0004), points_text(0.01, plus=True)
    ('3.2', '0.0', '+1.0')
    """
    if not math.isfinite(share):
        return NO_VALUE
    text = f"{abs(100 * share):.1f}"
    return f"{_sign(share) or ('+' if plus else '')}{text}" if float(text) else text


def size_text(count: int) -> str:
    """Return bytes in decimal units, MB = 10⁶ and GB = 10⁹, with a narrow space. Args: count: ≥ 0.

    >>> size_text(589_824)
    '590 kB'
    """
    return byte_text(count).replace(" ", "\u202f")


def number_text(value: float, digits: int = 2) -> str:
    """Return the number to some significant digits, with a real minus sign and powers of ten.

    Args: value: any float.  digits: significant ones, ≥ 1.

    >>> number_text(-0.04216), number_text(0.0), number_text(12.4), number_text(3.14e-6)
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


def short_number(value: float, digits: int = 3) -> str:
    """Return `number_text` without trailing zeros.

    A number that needs more than three digits keeps them: they say how precise it is.
    Args: value: any float.  digits: significant ones, ≥ 3.

    >>> short_number(0.003), short_number(1e-5), short_number(16.0), short_number(0.25004, 4)
    ('0.003', '10⁻⁵', '16', '0.2500')
    """
    text = number_text(value, digits)
    if not math.isfinite(value) or (digits > 3 and float(f"{value:.3g}") != value):
        return text
    mantissa, dot, power = text.partition("·")
    short = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    if power and short.lstrip(MINUS) == "1":
        return f"{_sign(value)}{power}"
    return f"{short}{dot}{power}"


def distinct_texts(one: float, other: float, digits: int = 2) -> tuple[str, str]:
    """Return two numbers in as few digits as distinguish them, even if by one bit of float32.

    Args: one, other: any floats.  digits: significant ones, at least.

    >>> distinct_texts(0.5, 0.25), distinct_texts(0.041234568, 0.041234571)
    (('0.50', '0.25'), ('0.041234568', '0.041234571'))
    >>> distinct_texts(-0.0, 0.0)
    ('−0', '0')
    """
    if one == other == 0.0:
        return _signed_zero(one), _signed_zero(other)
    shown = number_text(one, digits), number_text(other, digits)
    if one == other or shown[0] != shown[1] or digits == FLOAT32_DIGITS:
        return shown
    return distinct_texts(one, other, digits + 1)


def _signed_zero(value: float) -> str:
    return f"{MINUS}0" if math.copysign(1.0, value) < 0 else "0"


def _sign(value: float) -> str:
    return MINUS if value < 0 else ""
