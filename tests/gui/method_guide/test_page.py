"""The method guide: its entries are true of the program, and the page shows what suits."""

from pathlib import Path
from statistics import fmean

import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine.catalogue import catalogue
from engine.protocol.settings import Settings
from engine.trainer import Trainer
from gui.lessons.answers import Answers
from gui.lessons.card.plots import CardPlot
from gui.lessons.controller import LessonController
from gui.lessons.expression import UNKNOWN, fill
from gui.lessons.file import find_lesson
from gui.lessons.toml_reader import LessonError
from gui.method_guide.entries import FILE, GuideEntry, Pitfall, read_method_guide
from gui.method_guide.page import MethodGuidePage
from gui.session import Session
from gui.widgets.label import Label
from tests.gui.patience import PATIENCE, settle
from tests.gui.shell_frames import FakeSession
from tests.resources.lesson_runs import record_of

GUIDE = read_method_guide()
OFFERED = {info.name: info for info in catalogue().strategies}


@pytest.mark.parametrize("method", GUIDE.methods, ids=lambda method: method.strategy)
def test_a_row_is_true_of_the_program(method: GuideEntry) -> None:
    settings = Settings(**{"strategy": method.strategy, **OFFERED[method.strategy].defaults})
    assert Trainer(settings).frame().trainable_parameters == method.stored_numbers
    assert find_lesson(method.lesson).strategy == method.strategy


@pytest.mark.parametrize("pitfall", GUIDE.pitfalls, ids=lambda pitfall: pitfall.name)
def test_a_pitfall_is_one_and_its_cure_helps(pitfall: Pitfall) -> None:
    runs = [
        {
            kind: record_of(Settings(**settings, seed=seed), steps=300)
            for kind, settings in (("wrong", pitfall.wrong), ("right", pitfall.right))
        }
        for seed in range(4)
    ]
    for claim in pitfall.claims:
        means = [
            fmean(side.value(results) for results in runs) for side in (claim.left, claim.right)
        ]
        assert claim.compare(*means), (claim, means)
    for text in (pitfall.shows, pitfall.cured):
        assert UNKNOWN not in fill(text, runs[0])


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
        read_method_guide(file)
    assert words in str(raised.value)


def test_ticks_leave_what_suits(qtbot: QtBot) -> None:
    session = FakeSession()
    page = MethodGuidePage(session, LessonController(session, Answers()))
    session.show(qtbot, page)
    assert "Tick" in page.verdict.text()
    page.ticks["few"].setChecked(True)
    page.ticks["tight"].setChecked(True)
    fitting = [m.strategy for m in GUIDE.methods if {"few", "tight"} <= m.suits]
    assert page.verdict.text().startswith(f"{len(fitting)} of {len(GUIDE.methods)} ")
    assert "lora" in fitting, "it is what people use there"
    page.ticks["far"].setChecked(True)
    assert "No method suits" in page.verdict.text()


def test_a_method_and_a_pitfall_are_run_and_say_what_came_of_it(qtbot: QtBot) -> None:
    session = Session(Settings(seed=2))
    session.start()
    controller = LessonController(session, Answers())
    page = MethodGuidePage(session, controller)
    qtbot.addWidget(page)
    page.show()
    try:
        qtbot.waitUntil(
            lambda: session.state.frame is not None and session.state.frame.run > 0,
            timeout=PATIENCE,
        )
        for press in (page.rows[3].run_button, page.findChild(QPushButton, "pitfall.frozen.wrong")):
            with qtbot.waitSignal(controller.trial_finished, timeout=PATIENCE):
                press.click()
                session.playback.set_speed(0.0)
        assert "Here: " in page.rows[3].when.text()
        result = page.findChild(Label, "pitfallResult.frozen")
        assert result.isVisible() and result.text().startswith("The training loss was ")
        assert "With layer 1" not in result.text(), "the cure has not been run"
        (plot,) = page.findChild(QWidget, "choicesPitfalls").findChildren(CardPlot)[-1:]
        assert [curve.steps[-1] for curve in plot.spec.curves] == [300]
        assert session.state.settings.seed == 2
    finally:
        session.close()


def test_buttons_lead_to_the_lesson_and_back(qtbot: QtBot) -> None:
    session = FakeSession()
    page = MethodGuidePage(session, LessonController(session, Answers()))
    session.show(qtbot, page)
    with qtbot.waitSignal(page.lesson_wanted) as read:
        page.rows[3].lesson_button.click()
    assert read.args == ["linear-probe"]
    with qtbot.waitSignal(page.left):
        page.back.click()


@pytest.mark.parametrize(("width", "in_a_row"), [(1000, 3), (620, 3), (400, 2), (250, 1)])
def test_no_tick_is_cut(qtbot: QtBot, width: int, in_a_row: int) -> None:
    session = FakeSession()
    around = QWidget()  # a window of its own would not get narrower than it is laid out
    page = MethodGuidePage(session, LessonController(session, Answers()))
    page.setParent(around)
    session.show(qtbot, around)
    page.resize(width, 600)
    settle()
    assert page.minimumSizeHint().width() <= 250
    ticks = list(page.ticks.values())
    assert all(tick.width() >= tick.sizeHint().width() for tick in ticks)
    assert sum(tick.y() == ticks[0].y() for tick in ticks) == in_a_row
