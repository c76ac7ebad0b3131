"""Line at the foot of a card: how sure the accuracies are that it shows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from engine.protocol.frames import SplitFacts
from engine.protocol.uncertainty import accuracy_margin
from gui.lessons.cause import Because
from gui.lessons.expression import Expression, Results, placeholders
from gui.lessons.lesson import Card, ChoiceQuestion, Lesson
from gui.lessons.run_result import RunResult
from gui.text.accuracies import plus_minus

MEASURES = {
    "target": frozenset({"target"}),
    "source": frozenset({"source", "source_kept", "forgotten", "forgotten_kept"}),
}
"""Task -> the measures that are taken on its test samples."""


def margin_note(lesson: Lesson, card: Card, results: Results) -> str:
    """Return on how many samples a card's accuracies were measured; empty: it shows none yet."""
    shown = {pair for pair in _measures(lesson, card) if pair[0] in results}
    several = len({run for run, _ in shown}) > 1
    told, counts = [], []
    for task, names in MEASURES.items():
        runs = sorted({run for run, measure in shown if measure.partition("[")[0] in names})
        margin, samples = _widest(task, (results[run] for run in runs))
        if samples:
            told.append(f"{task} {'up to ' if several else ''}{plus_minus(margin)}")
            counts.append(f"{samples:,}")
    if not told:
        return ""
    every = "every run on the same " if several else ""
    margins = " points, ".join(told)
    margins = f"{margins[0].upper()}{margins[1:]}"
    return f"{margins} points (95\u202f%; {every}{' and '.join(counts)} test samples)"


def is_within_margin(because: Because, results: Results) -> bool:
    """Return whether a run and its control differ by less than the margin of an accuracy.

    One run of each then shows no cause. False for what is no accuracy: it has no margin.
    """
    ours, theirs = results[because.run], results[because.control]
    name = because.measure.partition("[")[0]
    for task, names in MEASURES.items():
        if name in names:
            values = (Expression(f"{run}.{because.measure}") for run in because.claim.runs)
            low, high = sorted(value.value(results) for value in values)
            return high - low < _widest(task, (ours, theirs))[0]
    return False


def _measures(lesson: Lesson, card: Card) -> Iterator[tuple[str, str]]:
    """Yield (run, measure) of all numbers on a card."""
    for _, expression in placeholders(card.text):
        yield from expression.measures
    if (table := card.shown_table) is not None:
        yield from ((run, column) for run in table.runs for column in table.columns)
    asked = (card.question, *(lesson.questions[name] for name in card.reveal))
    for question in asked:
        if isinstance(question, ChoiceQuestion) and question.measure is not None:
            yield from question.measure.measures
    yield from _of_causes(card.because)


def _of_causes(causes: Iterable[Because]) -> Iterator[tuple[str, str]]:
    for because in causes:
        for run in (because.run, because.control):
            yield from Expression(f"{run}.{because.measure}").measures


def _widest(task: str, results: Iterable[RunResult]) -> tuple[float, int]:
    """Return the widest margin of some runs, a share, and the number of samples; 0: unknown."""
    widest = 0.0, 0
    for result in results:
        facts = _facts(task, result)
        margin = accuracy_margin(result.measure(task), facts.samples)
        if math.isfinite(margin):
            widest = max(widest, (margin, facts.samples))
    return widest


def _facts(task: str, result: RunResult) -> SplitFacts:
    return result.frame.target_test if task == "target" else result.frame.source_test
