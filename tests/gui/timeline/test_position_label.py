"""The text at the right of the timeline, where there is little room for it."""

from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from gui.theme import SPACE, font
from gui.timeline.bar import PositionLabel


def test_without_room_parts_of_the_text_go_and_never_its_size(qtbot: QtBot) -> None:
    label = PositionLabel()
    qtbot.addWidget(label)
    text = "Step 153 of 600 · the past · Branch η 0.003"
    label.show_text(text, text, past=True)
    label.resize(label.sizeHint())
    assert label.shown_text() == text
    label.resize(label.sizeHint().width() - 1, 20)
    assert label.shown_text() == "Step 153 of 600 · the past"
    label.resize(label.minimumSizeHint())
    assert label.shown_text() == "Step 153 of 600"
    needed = QFontMetrics(font(bold=True)).horizontalAdvance("Step 153 of 600")
    assert label.width() >= needed + 2 * SPACE
    label.resize(needed, 20)
    assert label.shown_text() == "153 of 600"
    assert label.toolTip() == text
    label.grab()
