"""Whether what a lesson says of the network is so, over seeds."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

from engine.protocol.uncertainty import mean_margin
from gui.lessons.cause import Because
from gui.lessons.expression import UNKNOWN, Claim, fill
from gui.lessons.file import load_lessons, read_lesson
from gui.lessons.lesson import ChoiceQuestion, Lesson
from gui.lessons.library import EXAMPLE_FILE
from gui.lessons.run_result import RunResult
from tests.resources.lesson_runs import records_of

LESSONS = (*load_lessons()[0], read_lesson(EXAMPLE_FILE))
Runs = list[Mapping[str, RunResult]]
FEWEST_SEEDS = 6
"""From so many on, an effect is held against its standard error: two seeds give no such error."""


def check(lesson: Lesson, seeds: Sequence[int], agreeing: int) -> None:
    """All at once, so that each of its runs is made once.

    Args: agreeing: of so many seeds at least the run must decide for the same option of a question.
    """
    runs = [records_of(lesson, seed) for seed in seeds]
    assert _broken_claims(lesson, runs) == []
    assert _broken_causes(lesson, runs) == []
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


def _broken_causes(lesson: Lesson, runs: Runs) -> list[str]:
    """Causes whose control differs in more than they say, or whose effect may be chance."""
    broken = []
    for because in (because for card in lesson.cards for because in card.because):
        differing = lesson.differences(because.run, because.control)
        effects = [because.effect(records) for records in runs]
        if len(differing) != 1:
            broken.append(f"{because.claim}: {differing}")
        elif len(runs) >= FEWEST_SEEDS and not is_clear(because, effects):
            broken.append(f"{because.claim}: {fmean(effects)} ± {mean_margin(effects)}")
    return broken


def is_clear(because: Because, effects: Sequence[float]) -> bool:
    """Whether the effect is beyond two standard errors, on the side that the claim says."""
    mean, margin = fmean(effects), mean_margin(effects)
    return abs(mean) > margin and because.claim.compare(mean, 0.0)


def _claims(lesson: Lesson) -> Iterator[tuple[Claim, bool]]:
    """Each claim, and whether it holds in every run rather than on average."""
    for card in lesson.cards:
        yield from ((claim, False) for claim in card.claims)
        yield from ((because.claim, False) for because in card.because)
        yield from ((claim, True) for claim in card.always)


def _check_predictions(lesson: Lesson, runs: Runs, agreeing: int) -> None:
    """The run decides for the same option under most seeds: the question has an answer."""
    for card in lesson.cards:
        choice = card.question
        if isinstance(choice, ChoiceQuestion) and choice.measure is not None:
            values = [choice.measure.value(records) for records in runs]
            right = [sum(value >= bound for bound in choice.below) for value in values]
            assert max(map(right.count, right)) >= agreeing, (choice.name, values)
