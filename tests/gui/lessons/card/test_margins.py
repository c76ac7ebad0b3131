"""The line at the foot of a card that says how sure its accuracies are."""

from pathlib import Path
from types import SimpleNamespace

from engine.protocol.frames import SplitFacts
from gui.lessons.card.margins import margin_note
from tests.gui.lessons.sample_lesson import everything


def made(target: float) -> SimpleNamespace:
    frame = SimpleNamespace(target_test=SplitFacts(samples=400), source_test=SplitFacts())
    return SimpleNamespace(frame=frame, measure=lambda _name: target)


def test_accuracies_have_their_margin_once_they_are_shown(tmp_path: Path) -> None:
    lesson = everything(tmp_path)
    told = lesson.cards[2]  # {low.target|percent}, and counts of both runs
    assert margin_note(lesson, told, {}) == ""
    low, full = made(0.5), made(0.9)
    note = margin_note(lesson, told, {"low": low})  # type: ignore[dict-item]
    assert note == "Target ±\u202f4.9 points (95\u202f%; 400 test samples)"
    both = margin_note(lesson, told, {"low": low, "full": full})  # type: ignore[dict-item]
    assert both.startswith("Target up to ±\u202f4.9 points"), "the widest of the runs"
    assert both.endswith("(95\u202f%; every run on the same 400 test samples)")
    assert margin_note(lesson, lesson.cards[0], {"low": low}) == ""  # type: ignore[dict-item]
