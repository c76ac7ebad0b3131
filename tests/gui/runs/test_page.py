"""The page of runs: what it lists, and what its buttons and keys do, over a real engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QTreeWidget
from pytestqt.qtbot import QtBot

from engine.protocol.messages import EarlierRun, Runs
from engine.protocol.settings import Settings
from gui.runs.page import RunsPage
from gui.runs.words import memory_text, run_rows, why_not_compare
from gui.shell.page_stack import COMPARE, RUNS, STAGE
from tests.gui.real_window import LORA, RealWindow
from tests.gui.shell_frames import catalogue

KEPT = EarlierRun(0, "", Settings(strategy="lora", rank=8), 40, 300, 2, 0.8, 0.7, 2_500_000)
OTHER = replace(KEPT, serial=1, name="my best", settings=Settings(strategy="full"), branches=1)


def test_the_newest_run_comes_first_and_the_one_on_the_stage_says_so() -> None:
    rows = run_rows(Runs(2, "", (KEPT, OTHER), 256), Settings(), None, catalogue())
    assert [row.cells[0] for row in rows] == ["Run 3 · on the stage", "my best", "Run 1"]
    assert rows[2].cells[1:3] == ("LoRA", "r 8")
    assert rows[2].cells[4:] == ("300", "80.0\u202f%", "70.0\u202f%", "2")
    assert rows[1].cells[2] == "defaults"


def test_memory_is_told() -> None:
    text = memory_text(Runs(2, "", (KEPT, OTHER), 256))
    assert text.startswith("2 earlier runs are kept") and "5 MB of 256 MB" in text.replace(
        "\u202f", " "
    )


def test_runs_that_do_not_agree_are_not_compared_and_it_says_in_what() -> None:
    seeded = replace(OTHER, settings=Settings(strategy="full", seed=3))
    rows = run_rows(Runs(2, "", (KEPT, OTHER), 256), Settings(), None, catalogue())
    assert why_not_compare(rows[1:]) == ""
    assert "2 to 4" in why_not_compare(rows[:1])
    rows = run_rows(Runs(2, "", (KEPT, seeded), 256), Settings(), None, catalogue())
    assert why_not_compare(rows[1:]).endswith("agree in this: seed")


@pytest.fixture
def driven(qtbot: QtBot) -> Iterator[RealWindow]:
    real = RealWindow(qtbot, LORA)
    yield real
    real.close()


def test_a_run_is_opened_renamed_deleted_and_all_of_it_is_undone(
    driven: RealWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, window = driven.session, driven.window
    state = session.state
    until = qtbot.waitUntil
    session.playback.take_steps(5)
    until(lambda: state.frame is not None and state.frame.step == 5)
    assert state.frame is not None
    before = [layer.updated.tobytes() for layer in state.frame.layers]
    session.playback.reset()
    until(lambda: state.runs is not None and len(state.runs.earlier) == 1)
    until(lambda: state.frame is not None and state.frame.step == 0)
    window.page_stack.show_page(RUNS)
    page = window.findChild(RunsPage)
    assert page is not None
    rows = page.findChild(QTreeWidget)
    until(lambda: rows.topLevelItemCount() == 2)
    button = page.findChild(QPushButton, "openRun")
    assert not button.isEnabled() and "on the stage" in button.toolTip()
    rows.setCurrentItem(rows.topLevelItem(1))
    monkeypatch.setattr("gui.runs.page.QInputDialog.getText", lambda *_, **__: ("tried", True))
    QTest.keyClick(rows, Qt.Key.Key_F2)
    until(lambda: rows.topLevelItem(1).text(0) == "tried")
    QTest.keyClick(rows, Qt.Key.Key_Delete)
    until(lambda: rows.topLevelItemCount() == 1)
    session.undo_stack.undo()
    until(lambda: rows.topLevelItemCount() == 2)
    session.undo_stack.undo()
    until(lambda: rows.topLevelItem(1).text(0) == "Run 1")
    rows.setCurrentItem(rows.topLevelItem(1))
    QTest.keyClick(rows, Qt.Key.Key_Return)
    assert window.page_stack.current == STAGE
    until(lambda: state.frame is not None and state.frame.step == 5)
    assert [layer.updated.tobytes() for layer in state.frame.layers] == before
    session.undo_stack.undo()
    until(lambda: state.frame is not None and state.frame.step == 0)
    session.undo_stack.undo()  # the reset
    until(lambda: state.frame is not None and state.frame.step == 5)
    assert [layer.updated.tobytes() for layer in state.frame.layers] == before


def test_chosen_runs_are_compared(driven: RealWindow, qtbot: QtBot) -> None:
    session, window = driven.session, driven.window
    session.playback.take_steps(3)
    qtbot.waitUntil(lambda: session.state.frame is not None and session.state.frame.step == 3)
    session.editor.choose_strategy("full")
    qtbot.waitUntil(lambda: session.state.runs is not None and len(session.state.runs.earlier) == 1)
    window.page_stack.show_page(RUNS)
    page = window.findChild(RunsPage)
    assert page is not None
    rows = page.findChild(QTreeWidget)
    qtbot.waitUntil(lambda: rows.topLevelItemCount() == 2)
    rows.selectAll()
    QTest.mouseClick(page.findChild(QPushButton, "compareRuns"), Qt.MouseButton.LeftButton)
    assert window.page_stack.current == COMPARE
    qtbot.waitUntil(lambda: session.comparison.frame is not None)
    compared = session.comparison.frame
    assert compared is not None
    assert {row.settings.strategy for row in compared.rows} == {"full", "lora"}
    session.comparison.end()
