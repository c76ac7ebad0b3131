"""How the lessons are written: short cards, short options, a reason for each answer."""

import re

import pytest

from gui.lessons.code_block import passages, without_code
from gui.lessons.file import load_lessons
from gui.lessons.lesson import Card, ChoiceQuestion, Lesson
from gui.lessons.tex import FORMULA, check_formula

LESSONS = load_lessons()[0]
CARDS = [
    pytest.param(lesson, card, id=f"{lesson.name}: {card.title}")
    for lesson in LESSONS
    for card in lesson.cards
]
MOST_WORDS, LONGEST_OPTION, MOST_REASON = 45, 45, 20
MOST_LINES, LONGEST_LINE = 10, 44
"""Of code: what stands whole beside the stage of a small window."""


def words(text: str) -> int:
    """How many, without code; a formula counts as one in a line, and as none on its own."""
    text = re.sub(r"\$\$.*?\$\$", " ", without_code(text), flags=re.DOTALL)
    return len(re.sub(r"\$[^$]*\$|\{[^{}]*\}", "x", text).split())


def is_quiz(card: Card) -> bool:
    return isinstance(card.question, ChoiceQuestion) and card.question.answer is not None


@pytest.mark.parametrize(("lesson", "card"), CARDS)
def test_every_formula_can_be_set(lesson: Lesson, card: Card) -> None:
    for formula in FORMULA.finditer(without_code(card.text)):
        check_formula(formula["tex"])
    assert "$" not in FORMULA.sub("", without_code(card.text))  # none was left unseen


@pytest.mark.parametrize(("lesson", "card"), CARDS)
def test_a_card_is_short(lesson: Lesson, card: Card) -> None:
    assert 1 <= words(card.text) <= MOST_WORDS
    assert "](" not in card.text  # no links: a lesson loads nothing from outside
    for code in (part.text.splitlines() for part in passages(card.text) if part.is_code):
        assert len(code) <= MOST_LINES and max(map(len, code)) <= LONGEST_LINE
    if isinstance(card.question, ChoiceQuestion):
        assert max(map(len, card.question.options)) <= LONGEST_OPTION
        assert all(words(reason) <= MOST_REASON for reason in card.question.reasons)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_asks_before_it_runs_and_after(lesson: Lesson) -> None:
    assert 6 <= len(lesson.cards) <= 10
    assert "$" in lesson.cards[0].text
    assert 2 <= sum(map(is_quiz, lesson.cards)) <= 3
    predictions = [card for card in lesson.cards if card.question is not None and not is_quiz(card)]
    assert predictions or not lesson.runs  # what is counted is not run
    for place, card in enumerate(lesson.cards):  # asked before it is seen
        if card in predictions and card.question is not None:
            later = {run.name for other in lesson.cards[place:] for run in other.runs}
            assert card.question.runs & later
    revealed = {name for card in lesson.cards for name in card.reveal}
    assert {card.question.name for card in predictions if card.question} == revealed


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_the_right_option_of_a_quiz_is_not_always_at_the_same_place(lesson: Lesson) -> None:
    questions = [card.question for card in lesson.cards if is_quiz(card)]
    assert (
        len({question.answer for question in questions if isinstance(question, ChoiceQuestion)}) > 1
    )


@pytest.mark.parametrize(("lesson", "card"), CARDS)
def test_the_speaker_has_notes_for_every_question(lesson: Lesson, card: Card) -> None:
    assert card.question is None or 1 <= words(card.notes) <= MOST_WORDS


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_has_a_goal_and_a_level(lesson: Lesson) -> None:
    assert lesson.goal.endswith(".") and lesson.level
    assert 5 <= lesson.minutes <= 15
