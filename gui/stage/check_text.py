"""What the proof lights say: each claim, what was checked, and what two numbers disagree."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.protocol.messages import Check
from gui.text.layers import MINUS, number

CLAIMS = ("frozen", "zero_start", "sum", "merged", "rank")
"""In the order of the lights: those that nearly every layer has come first."""
LABELS = {
    "frozen": "W and all frozen parts",
    "zero_start": "ΔW = 0 at the start",
    "sum": "W′ = W + ΔW",
    "merged": "merged = unmerged",
    "rank": "rank of ΔW",
}
REMEDY = "freeze the statistics too"
"""As the switch is called that does it."""
BUG, LESSON = "a bug of ours", "a lesson"
_FAILED = {
    "zero_start": "ΔW ≠ 0 at start",
    "sum": "W′ ≠ W + ΔW",
    "merged": "merged ≠ unmerged",
    "rank": "rank too high",
    "frozen": "frozen, yet moved",
}
_TENSORS = {
    "original": "W",
    "weight": "W",
    "original_bias": "b",
    "bias": "b",
    "norm.running_mean": "running mean",
    "norm.running_var": "running variance",
    "norm.num_batches_tracked": "count of batches",
}
_MOST_DIGITS = 9
"""So many tell any two float32 apart."""


def label(claim: str) -> str:
    """What is claimed, in signs."""
    return LABELS.get(claim, claim)


def order(check: Check) -> int:
    """Place of its light from the left."""
    return CLAIMS.index(check.name) if check.name in CLAIMS else len(CLAIMS)


def failing(checks: Sequence[Check]) -> Check | None:
    """The first that does not hold, in the order of the lights."""
    wrong = [check for check in checks if not check.holds]
    return min(wrong, key=order) if wrong else None


def sentence(check: Check) -> str:
    """What was checked with its number; where it fails everything that is known of it.

    >>> sentence(Proof("merged", True, 3e-7, 1e-5, 0))
    'Merged = unmerged: the outputs differ by at most 3.0·10⁻⁷.'
    >>> sentence(Proof("rank", False, 5, 4, 41))
    'Rank of ΔW: 5, but at most 4 is allowed; first seen at step 41. This is a bug of ours.'
    """
    if check.holds:
        return f"{_holding(check)}."
    return f"{_failing(check)}; first seen at step {check.step:,}. {_blame(check)}"


def short_lines(check: Check) -> tuple[str, ...]:
    """A failing proof in a few short lines: claim, two numbers, place, step and whose fault.

    >>> short_lines(Proof("merged", False, 0.02, 1e-5, 41))
    ('merged ≠ unmerged', '0.020, at most 1.0·10⁻⁵', 'step 41: a bug of ours')
    """
    title = "statistics move" if check.by_settings else _FAILED.get(check.name, check.name)
    where = (place(check.location),) if check.location else ()
    whose = LESSON if check.by_settings else BUG
    remedy = (REMEDY,) if check.by_settings else ()
    return title, _numbers(check), *where, f"step {check.step:,}: {whose}", *remedy


def figure(check: Check) -> str:
    """The one number of a proof for a table, or the two that disagree."""
    if not check.holds:
        return _numbers(check)
    if check.name == "frozen":
        return f"since step {check.step:,}"
    if check.name == "rank":
        return f"{check.value:.0f} ≤ {check.expected:.0f}"
    return "exactly" if check.value == 0.0 else number(check.value)


def place(where: str) -> str:
    """A cell as it is written elsewhere: rows and columns counted from 1.

    >>> place("original[3, 7]"), place("norm.running_mean[0]"), place("update.lora_A[0, 1]")
    ('W, row 4, column 8', 'running mean, row 1', 'lora_A, row 1, column 2')
    """
    name, _, index = where.partition("[")
    words = _TENSORS.get(name, name.removeprefix("update.").replace(".", " "))
    numbers = [part.strip() for part in index.rstrip("]").split(",") if part.strip().isdigit()]
    cell = [
        f"{axis} {int(found) + 1}" for axis, found in zip(("row", "column"), numbers, strict=False)
    ]
    return ", ".join([words, *cell])


def apart(one: float, other: float) -> tuple[str, str]:
    """Two numbers in as few digits as tell them apart, even by one bit.

    >>> apart(0.5, 0.25), apart(0.041234568, 0.041234571)
    (('0.50', '0.25'), ('0.041234568', '0.041234571'))
    >>> apart(-0.0, 0.0)
    ('−0', '0')
    """
    if one == other or not (math.isfinite(one) and math.isfinite(other)):
        zero = one == other == 0.0
        return (_signed_zero(one), _signed_zero(other)) if zero else (number(one), number(other))
    for digits in range(2, _MOST_DIGITS):
        shown = number(one, digits), number(other, digits)
        if shown[0] != shown[1]:
            return shown
    return number(one, _MOST_DIGITS), number(other, _MOST_DIGITS)


def _signed_zero(value: float) -> str:
    return f"{MINUS}0" if math.copysign(1.0, value) < 0 else "0"


def _holding(check: Check) -> str:
    exact = check.value == 0.0
    size = number(check.value)
    match check.name:
        case "frozen":
            return f"W and all that is frozen: every bit is as at step {check.step:,}"
        case "zero_start":
            return f"At the start ΔW was {'exactly 0' if exact else f'at most {size}'}"
        case "rank":
            return f"Rank of ΔW: {check.value:.0f}, and at most {check.expected:.0f} is allowed"
        case "sum":
            return f"W′ = W + ΔW: {'exactly' if exact else f'no cell is off by more than {size}'}"
        case "merged":
            by = "not at all" if exact else f"by at most {size}"
            return f"Merged = unmerged: the outputs differ {by}"
    return f"{check.name}: {size}, at most {number(check.expected)}"


def _failing(check: Check) -> str:
    found, wanted = apart(check.value, check.expected)
    where = place(check.location) if check.location else "a cell"
    match check.name:
        case "frozen":
            return f"Frozen, yet {where} is {found} and was {wanted}"
        case "zero_start":
            return f"At the start ΔW was not {wanted}: its largest number was {found}"
        case "rank":
            return f"Rank of ΔW: {check.value:.0f}, but at most {check.expected:.0f} is allowed"
        case "sum":
            return f"W′ ≠ W + ΔW: {where} is off by {found}, at most {wanted} is rounding"
        case "merged":
            return f"Merged ≠ unmerged: an output differs by {found}, at most {wanted} is rounding"
    return f"{check.name}: {found}, at most {wanted} is allowed"


def _blame(check: Check) -> str:
    if not check.by_settings:
        return f"This is {BUG}."
    return (
        "This is a lesson: freezing stops the weights, but BatchNorm goes on counting its "
        f"statistics; turn on “{REMEDY.capitalize()}” to hold them as well."
    )


def _numbers(check: Check) -> str:
    found, wanted = apart(check.value, check.expected)
    match check.name:
        case "frozen":
            return f"{found}, was {wanted}"
        case "rank":
            return f"{check.value:.0f}, at most {check.expected:.0f}"
    return f"{found}, at most {wanted}"
