"""The button that starts a run of a card."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.lessons.card.run_button import RunButton

pytestmark = pytest.mark.usefixtures("dressed")


def test_it_waits_runs_and_is_done(qtbot: QtBot) -> None:
    button = RunButton("runButton")
    qtbot.addWidget(button)
    button.resize(240, 32)
    pictures = []
    for state in (
        {"text": "Run 300 steps", "enabled": False, "reason": "Answer first."},
        {"text": "Run 300 steps"},
        {"text": "Step 120 of 300", "enabled": False, "progress": 0.4},
        {"text": "Step 240 of 300", "enabled": False, "progress": 0.8},
        {"text": "Run again", "primary": False},
    ):
        button.show_state(**state)
        pictures.append(button.grab().toImage())
        assert button.isEnabled() == state.get("enabled", True)
        assert button.toolTip() == state.get("reason", "")
    assert all(a != b for i, a in enumerate(pictures) for b in pictures[:i])


def test_enter_and_space_press_it_while_it_has_the_keyboard(qtbot: QtBot) -> None:
    button = RunButton()
    qtbot.addWidget(button)
    button.show_state("Run")
    button.show()
    button.setFocus()
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Return):
        with qtbot.waitSignal(button.clicked):
            qtbot.keyClick(button, key)
