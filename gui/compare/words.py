"""Text of the compare page: its fairness, and the columns of its table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.protocol.comparison import SHARED_FIELDS
from engine.protocol.messages import ComparisonRow
from engine.protocol.settings import Settings
from gui.text.numbers import NO_VALUE, count_text, percent, points_text, short_number, size_text
from gui.text.setting_text import shown_text


def fairness_text(entries: Sequence[Settings], steps: int) -> str:
    """Return the conditions that make the comparison fair, with their numbers."""
    first = entries[0]
    samples = "training samples"
    if first.train_samples is not None:
        samples = f"{first.train_samples:,} training samples"
    learning_rates = {entry.learning_rate for entry in entries}
    rate_text = "the same learning rate"
    if len(learning_rates) > 1:
        rate_text = "each at its own learning rate"
    return (
        f"Same W, same {samples} in the same order (seed {first.seed}), same {steps:,} steps, "
        f"batch size {first.batch_size} and optimizer ({shown_text('optimizer', first)}); "
        f"{rate_text}. Results are identical to separate runs."
    )


def remark_text(settings: Settings, comparison: Sequence[Settings]) -> str:
    """Return a remark on settings now, and those of the comparison; empty: not started."""
    if comparison and any(
        getattr(settings, field) != getattr(comparison[0], field) for field in SHARED_FIELDS
    ):
        return "The settings at the right have changed since; they apply to the next comparison."
    if settings.patience is not None:
        return "Early stopping is off."
    return ""


# ---------------------------------------------------------------- the table


@dataclass(frozen=True, slots=True)
class RunText:
    """A compared run as its column and its row of the table show it."""

    label: str
    settings: Settings
    has_rank: bool
    """True: the strategy has a rank."""
    row: ComparisonRow | None
    """None: the comparison has not started."""


Value = Callable[[RunText], float | None]


@dataclass(frozen=True, slots=True)
class TableFigure:
    """A column of the table."""

    key: str
    titles: tuple[str, str]
    """Long and short title."""
    hint: str
    widest: str
    """Longest text of the column."""
    value: Value
    """Function that returns the value; None: there is none yet."""
    format: Callable[[float], str]
    better: int = 0
    """1: a higher value is better, −1: a lower one; 0: neither."""

    def text(self, run: RunText) -> str:
        """Return the formatted value, or a dash."""
        value = self.value(run)
        return NO_VALUE if value is None else self.format(value)


def seconds_text(seconds: float) -> str:
    """Format seconds with one to three decimals.

    >>> seconds_text(0.0421), seconds_text(12.34)
    ('0.042\u202fs', '12.3\u202fs')
    """
    digits = 3 if seconds < 0.1 else 2 if seconds < 10 else 1
    return f"{seconds:,.{digits}f}\u202fs"


def _from_row(value: Callable[[ComparisonRow], float | None]) -> Value:
    return lambda run: None if run.row is None else value(run.row)


FIGURES = (
    TableFigure(
        "learning_rate", ("Learning rate", "η"), "Learning rate η, per step", "0.00316",
        lambda run: run.settings.learning_rate, short_number,
    ),
    TableFigure(
        "rank", ("Rank", "r"), "Rank r, where the strategy has one", "30",
        lambda run: run.settings.rank if run.has_rank else None, "{:,.0f}".format,
    ),
    TableFigure(
        "step", ("Step", "Step"), "Steps taken", "10,000",
        _from_row(lambda row: row.step), "{:,.0f}".format,
    ),
    TableFigure(
        "target", ("Target accuracy", "Target"), "Accuracy on the test samples of the target task",
        "100.0\u202f%", _from_row(lambda row: row.target_accuracy), percent, better=1,
    ),
    TableFigure(
        "source", ("Source accuracy", "Source"),
        "Accuracy on the test samples of the source task", "100.0\u202f%",
        _from_row(lambda row: row.source_accuracy), percent, better=1,
    ),
    TableFigure(
        "forgetting", ("Forgetting, points", "Points lost"),
        "Source accuracy lost since step 0, in percentage points", "−00.0",
        _from_row(lambda row: row.start_source_accuracy - row.source_accuracy),
        points_text, better=-1,
    ),
    TableFigure(
        "trainable", ("Trainable parameters", "Trainable"),
        "Parameters that are trained, including the head", "00,000",
        _from_row(lambda row: row.trainable_parameters),
        lambda value: count_text(int(value)), better=-1,
    ),
    TableFigure(
        "stored", ("To store", "To store"),
        "What has to be stored for this task besides the pretrained network, which all tasks "
        "share: 4 bytes per trained parameter. Not included: frozen weights, what a seed "
        "reproduces (B and A of VeRA), W in 4 bits, and directions pruned by AdaLoRA",
        "999\u202fbytes", _from_row(lambda row: row.stored_bytes),
        lambda value: size_text(int(value)), better=-1,
    ),
    TableFigure(
        "seconds", ("Time", "Time"), "Time for its own steps alone",
        "100.0\u202fs", _from_row(lambda row: row.seconds), seconds_text, better=-1,
    ),
)  # fmt: skip


def best_runs(figure: TableFigure, runs: Sequence[RunText]) -> frozenset[int]:
    """Return the indices of the runs with the best value of a column, unless all are alike."""
    values = {
        index: value
        for index, run in enumerate(runs)
        if run.row is not None and run.row.step > 0 and not run.row.problem
        if (value := figure.value(run)) is not None
    }
    if not figure.better or len(set(values.values())) < 2:
        return frozenset()
    top = max(figure.better * value for value in values.values())
    return frozenset(i for i, value in values.items() if figure.better * value == top)


def sorted_runs(
    runs: Sequence[RunText], figure: TableFigure | None, *, descending: bool
) -> list[int]:
    """Return the runs' indices, sorted by a column, None: by name; those without a value last."""
    if figure is None:
        return sorted(range(len(runs)), key=lambda i: runs[i].label.lower(), reverse=descending)
    values = [figure.value(run) for run in runs]
    indices = [index for index, value in enumerate(values) if value is not None]
    indices.sort(key=lambda index: values[index] or 0.0, reverse=descending)
    return [*indices, *(index for index, value in enumerate(values) if value is None)]
