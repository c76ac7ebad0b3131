"""What the lessons say of the network, seen over seeds: no lesson lies."""

from collections.abc import Mapping
from functools import lru_cache
from statistics import fmean

import pytest

from gui.lessons import load_lessons
from gui.lessons.expression import Claim
from gui.lessons.fill import UNKNOWN, fill
from gui.lessons.lesson import Choice, Lesson
from gui.lessons.record import RunRecord
from tests.resources.lesson_runs import records_of

SEEDS = range(6)
LESSONS = {lesson.name: lesson for lesson in load_lessons()[0]}


@lru_cache(maxsize=1)
def _records(name: str) -> tuple[Mapping[str, RunRecord], ...]:
    return tuple(records_of(LESSONS[name], seed) for seed in SEEDS)


def _claims(lesson: Lesson) -> list[Claim]:
    return [claim for card in lesson.cards for claim in card.claims]


@pytest.mark.parametrize("name", LESSONS)
def test_what_a_lesson_claims_is_so(name: str) -> None:
    broken = []
    for claim in _claims(LESSONS[name]):
        pairs = [(claim.left.value(r), claim.right.value(r)) for r in _records(name)]
        means = fmean(left for left, _ in pairs), fmean(right for _, right in pairs)
        held = [claim.compare(*pair) for pair in pairs]
        if not (all(held) if claim.always else claim.compare(*means)):
            broken.append(f"{claim.text}: {means}, in {sum(held)} of {len(held)} runs")
    assert not broken


@pytest.mark.parametrize("name", LESSONS)
def test_a_prediction_is_no_matter_of_course(name: str) -> None:
    """The run decides for one of the options, and for the same one under most seeds."""
    for card in LESSONS[name].cards:
        choice = card.question
        if isinstance(choice, Choice) and choice.measure is not None:
            values = [choice.measure.value(records) for records in _records(name)]
            right = [sum(value >= bound for bound in choice.below) for value in values]
            assert max(map(right.count, right)) >= 4, (choice.name, values)


@pytest.mark.parametrize("name", LESSONS)
def test_every_number_that_a_card_shows_is_one(name: str) -> None:
    for card in LESSONS[name].cards:
        assert card.needs <= LESSONS[name].runs.keys()
        for records in _records(name):
            text = fill(card.text, records)
            assert "not a number" not in text and UNKNOWN not in text and "–" not in text, text
