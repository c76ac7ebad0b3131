"""Columns of the comparison's table: their values, formats, order, and which run is marked."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.protocol.messages import ComparisonRow
from gui.compare.estimates import (
    FORGETTING,
    SOURCE,
    SOURCE_KEPT_HEAD,
    TARGET,
    Estimate,
    Measure,
    clear_best,
    estimate,
)
from gui.compare.words import RunText, is_meaningless
from gui.text.accuracies import plus_minus
from gui.text.numbers import NO_VALUE, count_text, points_text, size_text
from gui.text.plain_numbers import plain_number


@dataclass(frozen=True, slots=True)
class TableFigure:
    """A column of the table. Either it is measured on samples, or its value is exact."""

    key: str
    titles: tuple[str, str]
    """Long and short title, of up to two lines."""
    hint: str
    widest: str
    """Longest text of the column, without a margin."""
    format: Callable[[float], str]
    exact: Callable[[ComparisonRow], float] | None = None
    measure: Measure | None = None
    is_starred: bool = True
    """Whether the best is marked."""
    unit: str = ""
    """Of the exact value; of a measured one the title says it."""

    @property
    def better(self) -> int:
        """1: a higher value is better, −1: a lower one."""
        return -1 if self.measure is None else self.measure.better

    def value(self, run: RunText, seeds: int = 1) -> float | None:
        """Return the value; None: there is none yet. Args: seeds: that it is the mean of."""
        found = self._estimate(run, seeds)
        return None if found is None else found.value

    def _estimate(self, run: RunText, seeds: int) -> Estimate | None:
        """Return the value with its margin, of an exact one NaN; None: there is none yet."""
        if run.row is None:
            return None
        if self.exact is not None:
            return Estimate(self.exact(run.row), math.nan, seeds)
        if self.measure is None or is_meaningless(self.measure, run):
            return None
        return estimate(self.measure, run.row, seeds)

    def texts(self, run: RunText, seeds: int = 1) -> tuple[str, str]:
        """Return the formatted value, or a dash, and its margin. Args: as `value`."""
        found = self._estimate(run, seeds)
        return (
            (NO_VALUE, "")
            if found is None
            else (self.format(found.value), plus_minus(found.margin))
        )

    @property
    def plain_titles(self) -> tuple[str, ...]:
        """Headings of its columns in a table that is copied."""
        title = ", ".join(filter(None, (self.titles[0], self.unit)))
        return (title,) if self.measure is None else (title, "±")

    def plain_texts(self, run: RunText, seeds: int = 1) -> tuple[str, ...]:
        """Return the value and, of a measured one, its margin, with every digit. As `value`."""
        found = self._estimate(run, seeds)
        if found is None:
            return ("",) * len(self.plain_titles)
        if self.measure is None:
            return (plain_number(found.value),)
        margin = "" if math.isnan(found.margin) else plain_number(100 * found.margin)
        return plain_number(100 * found.value), margin

    def best_runs(self, runs: Sequence[RunText], seeds: int = 1) -> frozenset[int]:
        """Return the indices of the runs to be marked as the best; see `clear_best`.

        Of exact values equal ones share the mark, unless all are alike.
        """
        if not self.is_starred:
            return frozenset()
        if self.measure is not None:
            rows = [None if is_meaningless(self.measure, run) else run.row for run in runs]
            best = clear_best(self.measure, rows)
            return frozenset() if best is None else frozenset((best,))
        values = {
            index: value
            for index, run in enumerate(runs)
            if run.row is not None and run.row.step > 0 and not run.row.problem
            if (value := self.value(run, seeds)) is not None
        }
        if len(set(values.values())) < 2:
            return frozenset()
        return frozenset(i for i, value in values.items() if value == min(values.values()))


def share_text(share: float) -> str:
    """Return a share in percent without its sign, which the heading has. Args: share: 0…1."""
    return f"{100 * share:.1f}"


def seconds_text(seconds: float) -> str:
    """Format seconds with one to three decimals.

    >>> seconds_text(0.0421), seconds_text(12.34)
    ('0.042\u202fs', '12.3\u202fs')
    """
    digits = 3 if seconds < 0.1 else 2 if seconds < 10 else 1
    return f"{seconds:,.{digits}f}\u202fs"


FIGURES = (
    TableFigure(
        "target", ("Target accuracy, %\ntest", "Target, %\ntest"),
        "Accuracy on the test samples of the target task: for looking, not for choosing settings",
        "100.0", share_text, measure=TARGET,
    ),
    TableFigure(
        "source", ("Source accuracy, %\nhead as it is", "Source, %\nhead as it is"),
        "Accuracy on the test samples of the source task, with its head as it is now, "
        "which fine-tuning has trained too unless the task has a new head",
        "100.0", share_text, measure=SOURCE,
    ),
    TableFigure(
        "source_kept_head", ("Source accuracy, %\nold head kept", "Source, %\nold head kept"),
        "Accuracy on the test samples of the source task, with the source's head as it stood "
        "before the first step: any loss is in the body",
        "100.0", share_text, measure=SOURCE_KEPT_HEAD,
    ),
    TableFigure(
        "forgetting", ("Forgetting, points\nhead as it is", "Points lost\nhead as it is"),
        "Source accuracy lost since step 0 with the head as it is, in percentage points; a row's "
        "tooltip has it with the old head kept as well",
        "−00.0", points_text, measure=FORGETTING,
    ),
    TableFigure(
        "trainable", ("Trainable", "Trainable"),
        "Parameters that are trained, including the head", "00,000",
        lambda value: count_text(int(value)), lambda row: row.trainable_parameters,
    ),
    TableFigure(
        "stored", ("To store", "To store"),
        "What has to be stored for this task besides the pretrained network, which all tasks "
        "share: 4 bytes per trained parameter. Not included: frozen weights, what a seed "
        "reproduces (B and A of VeRA), W in 4 bits, and directions pruned by AdaLoRA",
        "999\u202fbytes", lambda value: size_text(int(value)), lambda row: row.stored_bytes,
        unit="bytes",
    ),
    TableFigure(
        "seconds", ("Time", "Time"),
        "Time of this run's own steps, without a ★: in a network of some 4,400 weights it measures "
        "the overhead of each method's extra operations. In large models it is usually the "
        "reverse, since there is less to compute and to store where little is trained",
        "100.0\u202fs", seconds_text, lambda row: row.seconds, is_starred=False, unit="s",
    ),
)  # fmt: skip


def sorted_runs(
    runs: Sequence[RunText], figure: TableFigure | None, seeds: int = 1, *, descending: bool
) -> list[int]:
    """Return the runs' indices in the table's order; those without a value come last.

    Args: figure: column to sort by; None: by name.  seeds: that its values are means of.
    """
    if figure is None:
        return sorted(range(len(runs)), key=lambda i: runs[i].label.lower(), reverse=descending)
    values = [figure.value(run, seeds) for run in runs]
    indices = [index for index, value in enumerate(values) if value is not None]
    indices.sort(key=lambda index: values[index] or 0.0, reverse=descending)
    return [*indices, *(index for index, value in enumerate(values) if value is None)]
