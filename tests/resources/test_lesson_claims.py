"""What the lessons say of the network: no lesson lies. Every third one is tried each day."""

import pytest

from gui.lessons.lesson import Lesson
from tests.engine.cover import some_of
from tests.statistics.lesson_claims import LESSONS, check

SEEDS = (0,)
"""One with which every claim holds; tests/statistics takes twelve."""


@pytest.mark.parametrize("lesson", some_of(LESSONS, 3), ids=lambda lesson: lesson.name)
def test_what_a_lesson_says_is_so(lesson: Lesson) -> None:
    check(lesson, SEEDS, agreeing=1)
