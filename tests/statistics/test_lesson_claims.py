"""What the lessons say of the network, over more seeds than there is time for each day."""

import pytest

from gui.lessons.lesson import Lesson
from tests.statistics.lesson_claims import LESSONS, check

SEEDS = range(12)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_what_a_lesson_says_is_so(lesson: Lesson) -> None:
    check(lesson, SEEDS, agreeing=8)
