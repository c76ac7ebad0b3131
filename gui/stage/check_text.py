"""Texts of the runtime checks: names, sentences, and the numbers that disagree."""

from __future__ import annotations

from collections.abc import Sequence

from engine.protocol.messages import Check
from gui.text.numbers import distinct_texts, number_text

CHECK_LABELS = {
    "frozen": "W and all frozen parts",
    "zero_start": "ΔW = 0 at the start",
    "sum": "W′ = W + ΔW",
    "merged": "merged = unmerged",
    "rank": "rank of ΔW",
}
CHECK_NAMES = tuple(CHECK_LABELS)
"""In the order of the lights: those that nearly every layer has come first."""
REMEDY = "freeze the statistics too"
"""Label of the switch that keeps BatchNorm's statistics still."""
BUG, BY_DESIGN = "a bug of ours", "by design"
_FAILURE_TITLES = {
    "zero_start": "ΔW ≠ 0 at start",
    "sum": "W′ ≠ W + ΔW",
    "merged": "merged ≠ unmerged",
    "rank": "rank too high",
    "frozen": "frozen, yet changed",
}
_TENSOR_LABELS = {
    "original": "W",
    "weight": "W",
    "original_bias": "b",
    "bias": "b",
    "norm.running_mean": "running mean",
    "norm.running_var": "running variance",
    "norm.num_batches_tracked": "count of batches",
}


def check_label(claim: str) -> str:
    """Return the label of a check, in symbols."""
    return CHECK_LABELS.get(claim, claim)


def light_order(check: Check) -> int:
    """Return the position of a check's light from the left."""
    return CHECK_NAMES.index(check.name) if check.name in CHECK_NAMES else len(CHECK_NAMES)


def first_failing(checks: Sequence[Check]) -> Check | None:
    """Return the first check that fails, in the order of the lights."""
    wrong = [check for check in checks if not check.holds]
    return min(wrong, key=light_order) if wrong else None


def check_sentence(check: Check) -> str:
    """Return what was checked with its number; for a failure everything known about it.

    >>> check_sentence(Check("merged", True, 3e-7, 1e-5, 0))
    'Merged = unmerged: the outputs differ by at most 3.0·10⁻⁷.'
    >>> check_sentence(Check("rank", False, 5, 4, 41))
    'Rank of ΔW: 5, but at most 4 is allowed; first seen at step 41. This is a bug of ours.'
    """
    if check.holds:
        return f"{_success_sentence(check)}."
    return f"{_failure_sentence(check)}; first seen at step {check.step:,}. {_blame(check)}"


def failure_lines(check: Check) -> tuple[str, ...]:
    """Return a failing check in a few short lines: check, two numbers, position, step and blame.

    >>> failure_lines(Check("merged", False, 0.02, 1e-5, 41))
    ('merged ≠ unmerged', '0.020, at most 1.0·10⁻⁵', 'step 41: a bug of ours')
    """
    title = _FAILURE_TITLES.get(check.name, check.name)
    title = "statistics change" if check.by_settings else title
    where = (position_text(check.location),) if check.location else ()
    whose = BY_DESIGN if check.by_settings else BUG
    remedy = (REMEDY,) if check.by_settings else ()
    return title, _failure_values(check), *where, f"step {check.step:,}: {whose}", *remedy


def value_text(check: Check) -> str:
    """Return the number of a check for a table, or the two that disagree."""
    if not check.holds:
        return _failure_values(check)
    if check.name == "frozen":
        return f"since step {check.step:,}"
    if check.name == "rank":
        return f"{check.value:.0f} ≤ {check.expected:.0f}"
    return "exactly" if check.value == 0.0 else number_text(check.value)


def position_text(where: str) -> str:
    """Return a cell's position with rows and columns counted from 1.

    >>> position_text("original[3, 7]"), position_text("norm.running_mean[0]")
    ('W, row 4, column 8', 'running mean, row 1')
    >>> position_text("update.lora_A[0, 1]")
    'lora_A, row 1, column 2'
    """
    name, _, index = where.partition("[")
    words = _TENSOR_LABELS.get(name, name.removeprefix("update.").replace(".", " "))
    numbers = [part.strip() for part in index.rstrip("]").split(",") if part.strip().isdigit()]
    cell = [
        f"{axis} {int(number) + 1}"
        for axis, number in zip(("row", "column"), numbers, strict=False)
    ]
    return ", ".join([words, *cell])


def _success_sentence(check: Check) -> str:
    exact = check.value == 0.0
    size = number_text(check.value)
    match check.name:
        case "frozen":
            return f"W and all that is frozen: every bit is as it was at step {check.step:,}"
        case "zero_start":
            return f"At the start ΔW was {'exactly 0' if exact else f'at most {size}'}"
        case "rank":
            return f"Rank of ΔW: {check.value:.0f}, and at most {check.expected:.0f} is allowed"
        case "sum":
            return f"W′ = W + ΔW: {'exactly' if exact else f'no cell is off by more than {size}'}"
        case "merged":
            by = "not at all" if exact else f"by at most {size}"
            return f"Merged = unmerged: the outputs differ {by}"
    return f"{check.name}: {size}, at most {number_text(check.expected)}"


def _failure_sentence(check: Check) -> str:
    found, wanted = distinct_texts(check.value, check.expected)
    where = position_text(check.location) if check.location else "a cell"
    match check.name:
        case "frozen":
            return f"Frozen, yet {where} is {found} and was {wanted}"
        case "zero_start":
            return f"At the start ΔW was not {wanted}: its largest value was {found}"
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
        "This is by design: freezing stops the weights, but BatchNorm goes on updating its "
        f"statistics; turn on “{REMEDY.capitalize()}” to hold them too."
    )


def _failure_values(check: Check) -> str:
    found, wanted = distinct_texts(check.value, check.expected)
    match check.name:
        case "frozen":
            return f"{found}, was {wanted}"
        case "rank":
            return f"{check.value:.0f}, at most {check.expected:.0f}"
    return f"{found}, at most {wanted}"
