"""Byte counts and GPUs as text; the command line and the window use the same."""

from __future__ import annotations

from collections.abc import Mapping

_UNITS = ("kB", "MB", "GB", "TB", "PB", "EB")


def byte_text(count: int) -> str:
    """Format a byte count with one to three digits before the point.

    Args: count: bytes, ≥ 0.
    Returns: the number with its decimal unit, MB = 10⁶ bytes, GB = 10⁹ bytes.

    >>> byte_text(999), byte_text(589_824), byte_text(1_411_074_129_920)
    ('999 bytes', '590 kB', '1.41 TB')
    """
    if count < 1000:
        return f"{count} byte{'' if count == 1 else 's'}"
    value, units = count / 1000, list(_UNITS)
    while value >= 999.5 and len(units) > 1:
        value /= 1000
        del units[0]
    return f"{value:.3g} {units[0]}" if value < 999.5 else f"{value:,.0f} {units[0]}"


def gpu_text(counts: Mapping[int, int]) -> str:
    """Return on which GPUs something fits. Args: counts: GB of a GPU -> how many it takes.

    >>> gpu_text({24: 2, 48: 1, 80: 1})
    'on one GPU of 48 GB or more'
    >>> gpu_text({48: 25, 80: 15})
    'on no single GPU: it takes at least 15 of 80 GB, if all divides evenly'
    """
    holding, largest = [size for size, count in counts.items() if count == 1], max(counts)
    if holding:
        return f"on one GPU of {min(holding)} GB" + (" or more" if len(holding) > 1 else "")
    return (
        f"on no single GPU: it takes at least {counts[largest]:,} of {largest} GB, "
        "if all divides evenly"
    )
