"""Columns of figures: what their cells say, and where each figure comes from; without Qt."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from engine.protocol.uncertainty import mean_margin
from gui.method_guide.entries import GuideEntry, MethodGuide, Setup
from gui.method_guide.rules import RULES, keeps_source
from gui.text.numbers import NO_VALUE, points_text, size_text

LARGE_MODEL = "a 70B model"


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure, or a remark on the figures above it."""

    text: str
    hint: str = ""
    """Where it comes from."""
    suits: str = ""
    """Situation that the method suits by this figure; empty: none."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of figures; each of its cells has up to two of them and a remark."""

    title: str
    parts: tuple[str, ...]
    """What each line of its cells is."""
    hint: str
    cells: Callable[[MethodGuide, GuideEntry], tuple[Cell, ...]]


def average_text(values: Sequence[float]) -> str:
    """Return mean and margin in points. Args: values: shares, one of each seed.

    >>> average_text([0.8, 0.9])
    '85.0 ± 10.0'
    """
    if any(map(math.isnan, values)):
        return NO_VALUE
    margin, text = mean_margin(values), points_text(fmean(values))
    return f"{text} ± {points_text(margin)}" if margin else text


def _measured(
    guide: MethodGuide, entry: GuideEntry, setup: str, field: str, what: str, situation: str = ""
) -> Cell:
    values = getattr(guide.figures[entry.strategy].runs[setup], field)
    text = average_text(values)
    if text == NO_VALUE:
        return Cell(text, "It does not start from a pretrained network")
    hint = f"{what}: {text} (two standard errors)\n{_measured_on(guide.setup(setup), len(values))}"
    suits = _suited(guide, entry, situation)
    return Cell(text, hint + (f"\n{RULES[situation].text}." if suits else ""), suits)


def _suited(guide: MethodGuide, entry: GuideEntry, situation: str) -> str:
    return situation if situation in guide.suits[entry.strategy] else ""


def _measured_on(setup: Setup, seeds: int) -> str:
    return f"Measured here: {setup.text}; mean of {seeds} seeds"


def _target(*setups: tuple[str, str]) -> Callable[[MethodGuide, GuideEntry], tuple[Cell, ...]]:
    """Return the cells of target accuracies. Args: setups: (name, situation) of each."""
    return lambda guide, entry: tuple(
        _measured(guide, entry, setup, "target", "Target accuracy in per cent", situation)
        for setup, situation in setups
    )


def _source(guide: MethodGuide, entry: GuideEntry) -> tuple[Cell, ...]:
    what = "Source accuracy lost, in points, with"
    return (
        _measured(guide, entry, "near", "forgetting", f"{what} the head as it is now"),
        _measured(guide, entry, "near", "forgetting_kept_head", f"{what} the old head"),
        _source_remark(guide, entry),
    )


def _source_remark(guide: MethodGuide, entry: GuideEntry) -> Cell:
    figures = guide.figures[entry.strategy]
    if not any(figures.runs["near"].forgetting):
        text = "untouched"
    else:
        text = "restorable" if keeps_source(guide.figures, entry.strategy) else ""
    suits = _suited(guide, entry, "keep")
    return Cell(
        text,
        f"Without the task’s file the old network is back.\n{RULES['keep'].text}." if suits else "",
        suits,
    )


def _past_best(guide: MethodGuide, entry: GuideEntry) -> tuple[Cell, ...]:
    what = "Target accuracy lost since the best step, in points"
    return tuple(_measured(guide, entry, setup, "past_best", what) for setup in ("noise", "few"))


def _stored(guide: MethodGuide, entry: GuideEntry) -> tuple[Cell, ...]:
    count = guide.figures[entry.strategy].stored_parameters
    return (Cell(f"{count:,}", "Parameters that one task stores, its head included; exact"),)


def _large(guide: MethodGuide, entry: GuideEntry) -> tuple[Cell, ...]:
    figures = guide.figures[entry.strategy]
    how = f"Calculated for {LARGE_MODEL}; {figures.plan}"
    memory = f"{how}: at least this for weights, gradients and Adam’s states; without activations"
    file = f"{how}: one task’s file, 2 bytes per weight, 4 per added parameter"
    return (
        Cell(size_text(figures.memory_bytes), memory, _suited(guide, entry, "tight")),
        Cell(size_text(figures.file_bytes), file, _suited(guide, entry, "tasks")),
    )


def _compute(guide: MethodGuide, entry: GuideEntry) -> tuple[Cell, ...]:
    figures = guide.figures[entry.strategy]
    hint = (
        f"Calculated for {LARGE_MODEL}; {figures.plan}: one training step, in forward passes.\n"
        "Forward: 1. The gradient through a layer: as much again. The gradients of its "
        "weights: as much again. Source: arXiv:2001.08361 §2.1"
    )
    cells = (Cell(f"{figures.forward_passes:.1f} ×", hint),)
    unpacking = "Calculated: the 4-bit weights are unpacked in every pass: slower than LoRA"
    return (*cells, Cell("+ unpacking", unpacking)) if figures.unpacks else cells


COLUMNS = (
    Column(
        "Odd/even", ("10 samples", "200 samples"),
        "Target accuracy, odd or even, after 10 and after 200 samples. Training and test images "
        "are both rotated as in pretraining",
        _target(("few", "few"), ("many", "many")),
    ),
    Column(
        "Inverted, %", ("new head", "old head"),
        "Target accuracy on digits with light and dark swapped: every method with a new head; then "
        "with the pretrained head, where the method keeps it",
        _target(("far", "far"), ("far_old_head", "far")),
    ),
    Column(
        "Source lost", ("head as it is", "old head"),
        "Points of accuracy on upright digits lost by training on rotated ones: with the head as "
        "it is now; then with the old head put back", _source,
    ),
    Column(
        "Overfitting", ("wrong labels", "10 samples"),
        "Points of target accuracy lost by training on after the best step: with 30 % wrong "
        "labels; then with 10 samples", _past_best,
    ),
    Column("Stored here", ("parameters",), "What one task stores in this network", _stored),
    Column("70B model", ("memory", "file per task"), "Calculated, not measured", _large),
    Column("Compute", ("per step",), "Calculated, not measured", _compute),
)  # fmt: skip
"""The columns between a method's name and its advice, in order."""
