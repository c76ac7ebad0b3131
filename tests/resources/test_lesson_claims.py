"""What the lessons say of the network, seen over seeds: no lesson lies."""

from collections.abc import Mapping
from statistics import fmean

import pytest

from gui.lessons import Lesson, load_lessons
from gui.lessons.file import read_lesson
from gui.lessons.lesson import ChoiceQuestion
from gui.lessons.library import EXAMPLE_FILE
from gui.lessons.run_result import RunResult
from gui.lessons.template import UNKNOWN, fill
from tests.resources.lesson_runs import records_of

SEEDS = range(6)
LESSONS = (*load_lessons()[0], read_lesson(EXAMPLE_FILE))
Runs = list[Mapping[str, RunResult]]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_what_a_lesson_says_is_so(lesson: Lesson) -> None:
    """One test a lesson, so that each of its runs is made once."""
    runs = [records_of(lesson, seed) for seed in SEEDS]
    assert _broken_claims(lesson, runs) == []
    _check_predictions(lesson, runs)
    for card in lesson.cards:
        assert card.needs <= lesson.runs.keys()
        for records in runs:
            text = fill(card.text, records)
            assert "not a number" not in text and UNKNOWN not in text and "–" not in text, text


def _broken_claims(lesson: Lesson, runs: Runs) -> list[str]:
    broken = []
    for claim in (claim for card in lesson.cards for claim in card.claims):
        pairs = [(claim.left.value(r), claim.right.value(r)) for r in runs]
        means = fmean(left for left, _ in pairs), fmean(right for _, right in pairs)
        held = [claim.compare(*pair) for pair in pairs]
        if not (all(held) if claim.always else claim.compare(*means)):
            broken.append(f"{claim.text}: {means}, in {sum(held)} of {len(held)} runs")
    return broken


def _check_predictions(lesson: Lesson, runs: Runs) -> None:
    """The run decides for the same option under most seeds: the question has an answer."""
    for card in lesson.cards:
        choice = card.question
        if isinstance(choice, ChoiceQuestion) and choice.measure is not None:
            values = [choice.measure.value(records) for records in runs]
            right = [sum(value >= bound for bound in choice.below) for value in values]
            assert max(map(right.count, right)) >= 4, (choice.name, values)
