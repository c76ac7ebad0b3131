"""What a card says of what a learner committed to; without Qt."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import partial

from gui.lessons.expression import Claim
from gui.lessons.run_result import RunResult
from gui.text.numbers import MINUS, short_number

LETTERS = "abcdefgh"
SHARES = frozenset({"target_accuracy", "source_accuracy"})
"""Measures that are shares of all samples: they are told in percent."""
MEASURES = {
    "train_loss": "training loss",
    "validation_loss": "validation loss",
    "target_accuracy": "target accuracy",
    "source_accuracy": "source accuracy",
    "change": "‖ΔW‖ / ‖W‖",
}
"""What a curve may be of, in words."""


MEASURES_OF_A_RUN = {
    "target": "target accuracy",
    "source": "source accuracy",
    "start_target": "target accuracy at step 0",
    "start_source": "source accuracy at step 0",
    "forgotten": "forgetting",
    "loss": "training loss",
    "validation": "validation loss",
    "start_loss": "training loss at step 0",
    "start_validation": "validation loss at step 0",
    "best_validation": "lowest validation loss",
    "change": "‖ΔW‖ / ‖W‖",
}
"""Those of claims, in words; others are called by their names."""
_MEASURE = re.compile(r"([a-z]\w*)\.([a-z]\w*)(?:\[(\d+)\])?")
_SIGNS = (("<=", "≤"), (">=", "≥"), ("-", MINUS), ("*", "×"))


def verdict(yours: bool, right: bool | None) -> str:
    """What is said below an option.

    >>> verdict(True, None), verdict(True, True), verdict(False, True), verdict(True, False)
    ('Your answer', 'Right: your answer', 'Right', 'Not this: your answer')
    """
    if right is None or not (yours or right):
        return "Your answer" if yours else ""
    if right:
        return "Right: your answer" if yours else "Right"
    return "Not this: your answer"


def value_text(measure: str, value: float) -> str:
    """A value of a measure, on its axis.

    >>> value_text("target_accuracy", 0.83), value_text("train_loss", 2.31)
    ('83%', '2.31')
    """
    return f"{100 * value:.0f}%" if measure in SHARES else short_number(value)


def distance_text(measure: str, guess: Sequence[float], truth: Sequence[float]) -> str:
    """How far two curves are apart, step for step.

    >>> distance_text("target_accuracy", [0.5, 0.6], [0.56, 0.66])
    'On average your curve is 6 points off.'
    """
    pairs = [(a, b) for a, b in zip(guess, truth, strict=True) if math.isfinite(b)]
    if not pairs:
        return "This run has no such curve."
    mean = sum(abs(a - b) for a, b in pairs) / len(pairs)
    if measure not in SHARES:
        return f"On average your curve is {short_number(mean)} off."
    points = round(100 * mean)
    unit = "point" if points == 1 else "points"
    return f"On average your curve is {points} {unit} off."


def cell_name(row: int, column: int) -> str:
    """As people count: from 1.

    >>> cell_name(2, 6)
    'row 3, column 7'
    """
    return f"row {row + 1}, column {column + 1}"


def rank_text(rank: int, count: int, moved: float, best: tuple[int, int], most: float) -> str:
    """How the guessed cell did.

    Args: rank: 1: none moved more; 0: none was guessed.  count: of cells.  moved, most: |ΔW| there
    and of the best.

    >>> rank_text(37, 1200, 0.012, (11, 3), 0.09)
    'Your cell moved by 0.012, 37th of 1,200. Row 12, column 4 moved most: 0.09.'
    """
    where = cell_name(*best)
    winner = f"{where[0].upper()}{where[1:]} moved most: {short_number(most)}."
    if rank == 0:
        return winner
    if rank == 1:
        return f"Your cell moved most of all {count:,}: by {short_number(most)}."
    return f"Your cell moved by {short_number(moved)}, {ordinal(rank)} of {count:,}. {winner}"


def layer_name(layer: str) -> str:
    """In a sentence.

    >>> layer_name("layer2"), layer_name("head")
    ('layer 2', 'the head')
    """
    return layer.replace("layer", "layer ") if layer.startswith("layer") else f"the {layer}"


def exception_text(claim: Claim, results: Mapping[str, RunResult], names: Mapping[str, str]) -> str:
    """That these runs do not bear a claim out, with their numbers.

    Args: names: of the runs, for people.
    """
    left, right = _figures(*(side.value(results) for side in (claim.left, claim.right)))
    return (
        f"Your run is an exception. On average over many seeds: {claim_text(claim.text, names)}. "
        f"Here it is {left} against {right}."
    )


def claim_text(claim: str, names: Mapping[str, str]) -> str:
    """A comparison of measures, to be read.

    >>> claim_text("few.loss[30] - 0.1 <= 2 * b.target", {"few": "ten pictures", "b": "probe"})
    'training loss at step 30 (ten pictures) − 0.1 ≤ 2 × target accuracy (probe)'
    """
    for written, sign in _SIGNS:
        claim = claim.replace(written, sign)
    return _MEASURE.sub(partial(_measure_text, names), claim)


def _measure_text(names: Mapping[str, str], match: re.Match[str]) -> str:
    run, measure, step = match.groups()
    words = MEASURES_OF_A_RUN.get(measure, measure.replace("_", " "))
    return f"{words}{f' at step {step}' if step else ''} ({names[run]})"


def _figures(left: float, right: float) -> tuple[str, str]:
    """With as many digits as it takes to tell one from the other."""
    digits = next((n for n in range(3, 8) if f"{left:.{n}g}" != f"{right:.{n}g}"), 3)
    told = [f"{v:.{digits}g}" if math.isfinite(v) else "not a number" for v in (left, right)]
    return told[0].replace("-", MINUS), told[1].replace("-", MINUS)


def ordinal(number: int) -> str:
    """A place in an order.

    >>> [ordinal(n) for n in (1, 2, 3, 11, 22, 1200)]
    ['1st', '2nd', '3rd', '11th', '22nd', '1,200th']
    """
    last = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{'th' if number % 100 in (11, 12, 13) else last}"
