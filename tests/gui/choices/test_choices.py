"""Which method when: the entries are true of the program, and the page says what suits."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.catalogue import catalogue
from engine.protocol.settings import Settings
from engine.trainer import Trainer
from gui.choices.entries import FILE, Method, read_choices
from gui.choices.page import ChoicesPage
from gui.lessons import LessonError, find_lesson
from tests.gui.shell_frames import FakeSession

CHOICES = read_choices()
OFFERED = {info.name: info for info in catalogue().strategies}


@pytest.mark.parametrize("method", CHOICES.methods, ids=lambda method: method.strategy)
def test_a_row_is_true_of_the_program(method: Method) -> None:
    settings = Settings(**{"strategy": method.strategy, **OFFERED[method.strategy].defaults})
    assert Trainer(settings).frame().trainable_parameters == method.here
    assert find_lesson(method.lesson).strategy == method.strategy


def test_a_pitfall_leads_to_runs_that_there_are() -> None:
    assert len(CHOICES.pitfalls) == 3
    for pitfall in CHOICES.pitfalls:
        runs = find_lesson(pitfall.lesson).runs
        assert {pitfall.wrong, pitfall.right} <= runs.keys()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("data = 3", "data = 4", "line 16: method.data: must be a whole number from 1 to 3"),
        ('suits = ["many", "far"]', 'suits = ["mny"]', "method.suits: 'mny' is none of"),
        ("here = 4810", "her = 4810", "method.her: unknown; did you mean here?"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    whole = FILE.read_text(encoding="utf-8")
    assert old in whole
    file = tmp_path / "choices.toml"
    file.write_text(whole.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(LessonError) as raised:
        read_choices(file)
    assert words in str(raised.value)


def test_ticks_leave_what_suits(qtbot: QtBot) -> None:
    session = FakeSession()
    page = ChoicesPage(session)
    session.show(qtbot, page)
    assert "Tick" in page.verdict.text()
    page.ticks["few"].setChecked(True)
    page.ticks["tight"].setChecked(True)
    fitting = [m.strategy for m in CHOICES.methods if {"few", "tight"} <= m.suits]
    assert page.verdict.text().startswith(f"{len(fitting)} of {len(CHOICES.methods)} ")
    page.ticks["far"].setChecked(True)
    assert "None suits" in page.verdict.text()


def test_each_button_says_what_is_wanted(qtbot: QtBot) -> None:
    session = FakeSession()
    page = ChoicesPage(session)
    session.show(qtbot, page)
    row = page.rows[3]
    with qtbot.waitSignal(page.method_wanted) as tried:
        row.run.click()
    with qtbot.waitSignal(page.lesson_wanted) as read:
        row.lesson.click()
    assert (tried.args, read.args) == (["linear_probe"], ["linear-probe"])
    with qtbot.waitSignal(page.left):
        page.back.click()
