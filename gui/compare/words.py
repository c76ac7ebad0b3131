"""What the compare page says: why the race is fair, and each figure of its table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.protocol.comparison import SHARED_FIELDS
from engine.protocol.messages import ComparisonRow
from engine.protocol.settings import Settings
from gui.text.numbers import MINUS, count_text, percent, short_number, size_text
from gui.text.settings_change import OPTIMIZER_NAMES

NONE = "–"


def fairness(entries: Sequence[Settings], steps: int) -> str:
    """How the race is fair, in this race's own figures."""
    first = entries[0]
    samples = "training samples"
    if first.train_samples is not None:
        samples = f"{first.train_samples:,} training samples"
    rates = {entry.learning_rate for entry in entries}
    rate = "each at its own learning rate" if len(rates) > 1 else "the same learning rate"
    return (
        f"Same W, same {samples} in the same order (seed {first.seed}), same {steps:,} steps, "
        f"batch size {first.batch_size} and optimizer ({OPTIMIZER_NAMES[first.optimizer]}); "
        f"{rate}, in turn on one core. Each gets exactly the numbers that it gets alone."
    )


def beside(settings: Settings, comparison: Sequence[Settings]) -> str:
    """What else to know: early stopping, and settings that have changed since the race began.

    Args: settings: the run's, now.  race: those of the racers; empty: it has not begun.
    """
    if comparison and any(
        getattr(settings, field) != getattr(comparison[0], field) for field in SHARED_FIELDS
    ):
        return "The settings at the right have changed since: they count from the next race on."
    if settings.patience is not None:
        return "Early stopping plays no part."
    return ""


# ---------------------------------------------------------------- the table


@dataclass(frozen=True, slots=True)
class RunText:
    """A racer, as a column and a row of the table show it."""

    label: str
    settings: Settings
    ranked: bool
    """Whether the strategy has a rank."""
    row: ComparisonRow | None
    """None: the race has not begun."""


Value = Callable[[RunText], float | None]


@dataclass(frozen=True, slots=True)
class TableFigure:
    """A column of the table."""

    key: str
    titles: tuple[str, str]
    """In full, and for little room."""
    hint: str
    widest: str
    """Its longest text."""
    value: Value
    """None: there is none, or none yet."""
    written: Callable[[float], str]
    better: int = 0
    """1: the more the better, −1: the less; 0: neither."""

    def text(self, line: RunText) -> str:
        """The figure, or a dash."""
        value = self.value(line)
        return NONE if value is None else self.written(value)


def forgetting(row: ComparisonRow) -> float:
    """Source accuracy lost, in points, 0…100; below zero where some was gained."""
    return 100.0 * (row.start_source_accuracy - row.source_accuracy)


def points(value: float) -> str:
    """Points with one digit and a real minus sign.

    >>> points(3.21), points(-0.04)
    ('3.2', '0.0')
    """
    text = f"{value:.1f}"
    return (text[1:] if float(text) == 0 and text[0] == "-" else text).replace("-", MINUS)


def seconds_text(seconds: float) -> str:
    """Seconds in two or three figures.

    >>> seconds_text(0.0421), seconds_text(12.34)
    ('0.042\u202fs', '12.3\u202fs')
    """
    digits = 3 if seconds < 0.1 else 2 if seconds < 10 else 1
    return f"{seconds:,.{digits}f}\u202fs"


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _count(value: float) -> str:
    return count_text(int(value))


def _size(value: float) -> str:
    return size_text(int(value))


def _of_row(value: Callable[[ComparisonRow], float | None]) -> Value:
    return lambda line: None if line.row is None else value(line.row)


FIGURES = (
    TableFigure(
        "learning_rate", ("Learning rate", "η"), "Learning rate η, per step", "0.00316",
        lambda line: line.settings.learning_rate, short_number,
    ),
    TableFigure(
        "rank", ("Rank", "r"), "Rank r, where the strategy has one", "30",
        lambda line: line.settings.rank if line.ranked else None, _whole,
    ),
    TableFigure(
        "step", ("Step", "Step"), "Steps taken", "10,000", _of_row(lambda row: row.step), _whole,
    ),
    TableFigure(
        "target", ("Target accuracy", "Target"), "Accuracy on the target task’s test samples",
        "100.0\u202f%", _of_row(lambda row: row.target_accuracy), percent, better=1,
    ),
    TableFigure(
        "source", ("Source accuracy", "Source"),
        "Accuracy on the source task’s test samples: what is remembered", "100.0\u202f%",
        _of_row(lambda row: row.source_accuracy), percent, better=1,
    ),
    TableFigure(
        "forgetting", ("Forgetting, points", "Points lost"),
        "Source accuracy lost since the start, in percentage points", "−00.0",
        _of_row(forgetting), points, better=-1,
    ),
    TableFigure(
        "trainable", ("Trainable weights", "Trainable"),
        "Weights that move at the next step, with the head", "00,000",
        _of_row(lambda row: row.trainable_parameters), _count, better=-1,
    ),
    TableFigure(
        "stored", ("To store", "To store"),
        "What is to be kept for this task besides the pretrained network, which all tasks share: "
        "4 bytes for each number that moves. Not kept: what is frozen, what a seed makes again "
        "(VeRA’s B and A), W in 4 bits, and the directions that AdaLoRA has pruned",
        "999\u202fbytes", _of_row(lambda row: row.stored_bytes), _size, better=-1,
    ),
    TableFigure(
        "seconds", ("Time", "Time"), "What its own steps have taken, not those of the others",
        "100.0\u202fs", _of_row(lambda row: row.seconds), seconds_text, better=-1,
    ),
)  # fmt: skip


def best(figure: TableFigure, lines: Sequence[RunText]) -> frozenset[int]:
    """Which lines have the best of a column: none before the first step, or where all are alike.

    One that stopped before its end is not among them.
    """
    values = {
        index: value
        for index, line in enumerate(lines)
        if line.row is not None and line.row.step > 0 and not line.row.problem
        if (value := figure.value(line)) is not None
    }
    if not figure.better or len(set(values.values())) < 2:
        return frozenset()
    top = max(figure.better * value for value in values.values())
    return frozenset(i for i, value in values.items() if figure.better * value == top)


def in_order(lines: Sequence[RunText], figure: TableFigure | None, *, falling: bool) -> list[int]:
    """Indices of the lines, sorted by a column; what has no figure there comes last.

    Args: figure: None: by name.
    """
    if figure is None:
        return sorted(range(len(lines)), key=lambda i: lines[i].label.lower(), reverse=falling)
    values = [figure.value(line) for line in lines]
    have = [index for index, value in enumerate(values) if value is not None]
    have.sort(key=lambda index: values[index] or 0.0, reverse=falling)
    return [*have, *(index for index, value in enumerate(values) if value is None)]
