"""What a tick needs, and answers that are deleted and brought back."""

from pathlib import Path

from gui.lessons.answers import Answers
from gui.lessons.end import missing_text
from tests.gui.lessons.sample_lesson import everything

VALUES = {"guess": 1, "drawn": [[0.0, 0.5], [10.0, 0.6]], "place": [1.0, 2.0], "q1": 0}


def test_a_tick_needs_every_answer_and_every_run(tmp_path: Path) -> None:
    lesson, answers = everything(tmp_path), Answers()
    for index in range(len(lesson.cards)):
        answers.mark_seen(lesson.key, index)
    assert not answers.is_done(lesson), "reading alone earns none"
    unmade = "Not run to the end: cards 2, 4, 5."
    assert missing_text(answers, lesson) == f"Not answered: cards 2, 4, 5, 7. {unmade}"
    for name, value in VALUES.items():
        answers.store(lesson.key, name, value)
    assert missing_text(answers, lesson) == unmade
    for name in lesson.runs:
        answers.mark_made(lesson.key, name)
    assert answers.is_done(lesson) and missing_text(answers, lesson) == ""


def test_the_answers_of_one_lesson_are_deleted_and_brought_back(tmp_path: Path) -> None:
    answers = Answers(tmp_path / "answers.json")
    answers.store("one", "q", 1)
    answers.mark_made("one", "run")
    answers.store("two", "q", 2)
    answers.clear("one")
    assert (answers.answer("one", "q"), answers.answer("two", "q")) == (None, 2)
    assert Answers(tmp_path / "answers.json").answer("one", "q") is None
    answers.restore()
    assert Answers(tmp_path / "answers.json").answer("one", "q") == 1
    answers.clear()
    assert answers.answer("two", "q") is None
    answers.store("two", "q", 0)
    answers.restore()
    assert (answers.answer("one", "q"), answers.answer("two", "q")) == (1, 0)
    Answers(tmp_path / "answers.json").store("three", "q", 3)
    answers.clear()
    answers.restore()
    assert answers.answer("three", "q") == 3, "another window's answers come back as well"


def test_two_deletions_are_brought_back_one_after_the_other() -> None:
    answers = Answers()
    answers.store("one", "q", 1)
    answers.store("two", "q", 2)
    answers.clear("one")
    answers.clear("two")
    answers.restore()
    assert (answers.answer("one", "q"), answers.answer("two", "q")) == (None, 2)
    answers.restore()
    assert (answers.answer("one", "q"), answers.answer("two", "q")) == (1, 2)
    answers.restore()
    assert (answers.answer("one", "q"), answers.answer("two", "q")) == (1, 2), "nothing is left"
