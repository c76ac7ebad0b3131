"""Words of the list of runs."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable

from engine.protocol.catalogue import find_named
from engine.protocol.comparison import MAX_COMPARED_RUNS, MIN_COMPARED_RUNS, SHARED_FIELDS
from engine.protocol.messages import Catalogue, EarlierRun, Frame, Measurements, Runs
from engine.protocol.settings import Settings
from gui.text.numbers import percent, size_text
from gui.text.setting_text import field_label
from gui.text.settings_change import difference_texts, offered_label

HEADINGS = (
    "Run", "Strategy", "Settings", "Task", "Steps", "Target", "Source", "Branches",
)  # fmt: skip
FIGURES = frozenset({4, 5, 6, 7})
"""Columns that hold numbers."""
ON_STAGE = "on the stage"
DEFAULTS = "defaults"


@dataclasses.dataclass(frozen=True, slots=True)
class ListedRun:
    """One row of the list."""

    serial: int
    on_stage: bool
    name: str
    """As the user named it; empty: not."""
    settings: Settings
    steps: int
    cells: tuple[str, ...]
    """Under `HEADINGS`."""


def run_rows(
    runs: Runs, settings: Settings, frame: Frame | None, catalogue: Catalogue | None
) -> tuple[ListedRun, ...]:
    """Return the rows, the newest run first.

    Args: runs: the engine's list.  settings, frame: of the present run.  catalogue: the engine's.
    """
    measured = Measurements() if frame is None else frame.measurements
    present = EarlierRun(
        serial=runs.serial,
        name=runs.name,
        settings=settings,
        step=0 if frame is None else frame.step,
        tip=0 if frame is None else max(frame.tip, frame.step),
        branches=1,
        target_accuracy=math.nan if measured.target_accuracy is None else measured.target_accuracy,
        source_accuracy=measured.source_accuracy,
        size=0,
    )
    every = sorted((*runs.earlier, present), key=lambda run: -run.serial)
    return tuple(_row(run, run is present, catalogue) for run in every)


def _row(run: EarlierRun, on_stage: bool, catalogue: Catalogue | None) -> ListedRun:
    settings = run.settings
    strategies = () if catalogue is None else catalogue.strategies
    tasks = () if catalogue is None else catalogue.tasks
    strategy = find_named(strategies, settings.strategy)
    usual = Settings(strategy=settings.strategy, task=settings.task)
    if strategy is not None:
        usual = usual.replace(**strategy.defaults)
    name = run.name or f"Run {run.serial + 1}"
    cells = (
        f"{name} · {ON_STAGE}" if on_stage else name,
        offered_label(strategies, settings.strategy),
        ", ".join(difference_texts(settings, usual, catalogue)) or DEFAULTS,
        offered_label(tasks, settings.task),
        f"{run.tip:,}",
        percent(run.target_accuracy),
        percent(run.source_accuracy),
        "" if on_stage else str(run.branches),
    )
    return ListedRun(run.serial, on_stage, run.name, settings, run.tip, cells)


def why_not_compare(rows: Iterable[ListedRun]) -> str:
    """Return why runs cannot be trained side by side; empty: they can. Args: rows: chosen."""
    chosen = [row.settings for row in rows]
    if not MIN_COMPARED_RUNS <= len(chosen) <= MAX_COMPARED_RUNS:
        return f"Choose {MIN_COMPARED_RUNS} to {MAX_COMPARED_RUNS} runs, with Ctrl and a click"
    differ = [
        field
        for field in SHARED_FIELDS
        if len({getattr(settings, field) for settings in chosen}) > 1
    ]
    if differ:
        names = " and ".join(field_label(field).lower() for field in differ)
        return f"Runs that are compared agree in this: {names}"
    return ""


def memory_text(runs: Runs) -> str:
    """Return how many earlier runs are kept, and in how much memory. Args: runs: the list."""
    count, size = len(runs.earlier), sum(run.size for run in runs.earlier)
    which = "1 earlier run is" if count == 1 else f"{count} earlier runs are"
    return (
        f"{which} kept until you close the window, in {size_text(size)} of "
        f"{runs.max_megabytes:,} MB. When these are full, the oldest goes."
    )
