"""A guessed cell or column: its rank by |ΔW|, and what is ringed on the stage."""

from __future__ import annotations

import numpy as np

from engine.protocol.messages import Array
from gui.lessons.card.words import NO_GUESS, column_text, rank_text
from gui.lessons.lesson import GuessedCell
from gui.lessons.run_result import RunResult
from gui.matrices.overlays import CellHighlight


def cell_text(question: GuessedCell, answer: list[float] | None, result: RunResult) -> str:
    """Return the text about the rank of what was guessed among all of its layer."""
    change = result.absolute_delta(question.layer)
    if not change.size or not np.isfinite(change).all():
        return "This run has no such layer to compare with."
    at = _cell_within(answer, change.shape)
    if question.column:
        means = change.mean(axis=0)
        guess = None if at is None else at[1]
        return column_text(guess, means.tolist())
    best = _argmax(change)
    if at is None:
        return f"{NO_GUESS} {rank_text(0, change.size, 0.0, best, float(change[best]))}"
    rank = 1 + int((change > change[at]).sum())
    return rank_text(rank, change.size, float(change[at]), best, float(change[best]))


def cell_highlights(
    question: GuessedCell, answer: list[float] | None, result: RunResult | None
) -> tuple[CellHighlight, ...]:
    """Return highlights of the guess and, with a result, of what changed most."""
    change = (
        np.zeros((0, 0), np.float32) if result is None else result.absolute_delta(question.layer)
    )
    at = _cell_within(answer, change.shape if change.size else (10**9, 10**9))
    guess = () if at is None else (CellHighlight(*at, "yours"),)
    if not change.size:
        return guess
    best = _argmax_in_best_column(change) if question.column else _argmax(change)
    what = f"column {best[1] + 1}" if question.column else "changed most"
    hit = at is not None and (at[1] == best[1] if question.column else at == best)
    if hit:
        return (CellHighlight(*best, f"yours: {what}", "accent"),)
    return (*guess, CellHighlight(*best, what, "accent"))


def _argmax(change: Array) -> tuple[int, int]:
    row, column = np.unravel_index(int(np.nan_to_num(change).argmax()), change.shape)
    return int(row), int(column)


def _argmax_in_best_column(change: Array) -> tuple[int, int]:
    """Return the cell that changed most in the column that changed most on average."""
    finite = np.nan_to_num(change)
    column = int(finite.mean(axis=0).argmax())
    return int(finite[:, column].argmax()), column


def _cell_within(answer: list[float] | None, shape: tuple[int, ...]) -> tuple[int, int] | None:
    """Return the cell of an answer; None: there is none, or it is outside of the matrix."""
    if answer is None:
        return None
    row, column = int(answer[0]), int(answer[1])
    return (row, column) if 0 <= row < shape[0] and 0 <= column < shape[1] else None
