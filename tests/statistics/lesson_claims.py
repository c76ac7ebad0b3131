"""Whether what a lesson says of the network is so, over seeds."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

from gui.lessons.expression import UNKNOWN, Claim, fill
from gui.lessons.file import load_lessons, read_lesson
from gui.lessons.lesson import ChoiceQuestion, Lesson
from gui.lessons.library import EXAMPLE_FILE
from gui.lessons.run_result import RunResult
from tests.resources.lesson_runs import records_of

LESSONS = (*load_lessons()[0], read_lesson(EXAMPLE_FILE))
Runs = list[Mapping[str, RunResult]]


def check(lesson: Lesson, seeds: Sequence[int], agreeing: int) -> None:
    """All at once, so that each of its runs is made once.

    Args: agreeing: of so many seeds at least the run must decide for the same option of a question.
    """
    runs = [records_of(lesson, seed) for seed in seeds]
    assert _broken_claims(lesson, runs) == []
    _check_predictions(lesson, runs, agreeing)
    for card in lesson.cards:
        assert card.needs <= lesson.runs.keys()
        for records in runs:
            text = fill(card.text, records)
            assert "not a number" not in text and UNKNOWN not in text and "–" not in text, text


def _broken_claims(lesson: Lesson, runs: Runs) -> list[str]:
    broken = []
    for claim, always in _claims(lesson):
        pairs = [(claim.left.value(r), claim.right.value(r)) for r in runs]
        means = fmean(left for left, _ in pairs), fmean(right for _, right in pairs)
        held = [claim.compare(*pair) for pair in pairs]
        if not (all(held) if always else claim.compare(*means)):
            broken.append(f"{claim}: {means}, in {sum(held)} of {len(held)} runs")
    return broken


def _claims(lesson: Lesson) -> Iterator[tuple[Claim, bool]]:
    """Each claim, and whether it holds in every run rather than on average."""
    for card in lesson.cards:
        yield from ((claim, False) for claim in card.claims)
        yield from ((claim, True) for claim in card.always)


def _check_predictions(lesson: Lesson, runs: Runs, agreeing: int) -> None:
    """The run decides for the same option under most seeds: the question has an answer."""
    for card in lesson.cards:
        choice = card.question
        if isinstance(choice, ChoiceQuestion) and choice.measure is not None:
            values = [choice.measure.value(records) for records in runs]
            right = [sum(value >= bound for bound in choice.below) for value in values]
            assert max(map(right.count, right)) >= agreeing, (choice.name, values)
