"""The options of a question."""

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from gui.lessons.card.choice_list import ChoiceList, OptionRow
from gui.theme import appearance

pytestmark = pytest.mark.usefixtures("dressed")
TEXTS = ("It stays the same", "It falls", "It rises")


def options(qtbot: QtBot, texts: tuple[str, ...] = TEXTS) -> ChoiceList:
    found = ChoiceList(texts)
    qtbot.addWidget(found)
    found.show_answers(None, None, is_open=True)
    found.resize(280, found.heightForWidth(280))
    found.show()
    return found


def rows(found: ChoiceList) -> list[OptionRow]:
    return sorted(found.findChildren(OptionRow), key=lambda row: row.y())


def test_a_click_anywhere_in_a_row_takes_it(qtbot: QtBot) -> None:
    found = options(qtbot)
    assert found.selected is None
    for number, row in enumerate(rows(found)):
        qtbot.mouseClick(row, Qt.MouseButton.LeftButton, pos=QPoint(row.width() - 4, 4))
        assert found.selected == number
        assert [row.isChecked() for row in rows(found)].count(True) == 1


def test_the_keys(qtbot: QtBot) -> None:
    found = options(qtbot)
    heard: list[int] = []
    found.selection_changed.connect(heard.append)
    with qtbot.assertNotEmitted(found.committed):
        qtbot.keyClick(found, Qt.Key.Key_Return)  # nothing is taken yet
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_2):
        qtbot.keyClick(found, key)
    assert heard == [0, 1, 0, 2, 1]
    qtbot.keyClick(found, Qt.Key.Key_4)  # there is none
    assert found.selected == 1
    with qtbot.waitSignal(found.committed):
        qtbot.keyClick(found, Qt.Key.Key_Return)


def test_what_is_committed_stays(qtbot: QtBot) -> None:
    found = options(qtbot)
    found.show_answers(1, None, is_open=False)
    assert found.selected == 1
    qtbot.mouseClick(rows(found)[0], Qt.MouseButton.LeftButton)
    qtbot.keyClick(found, Qt.Key.Key_1)
    assert found.selected == 1
    assert "Your answer" in rows(found)[1].accessibleDescription()


def test_each_verdict_is_said_in_words_and_drawn(qtbot: QtBot) -> None:
    found, plain = options(qtbot), options(qtbot).grab().toImage()
    found.show_answers(1, 0, [f"Because {n}." for n in range(3)], is_open=False)
    found.resize(280, found.heightForWidth(280))
    said = [row.accessibleDescription().strip() for row in rows(found)]
    assert said == ["Correct Because 0.", "Your answer (incorrect) Because 1.", "Because 2."]
    assert found.grab().toImage().height() > plain.height()  # the reasons have room


def test_long_options_wrap(qtbot: QtBot) -> None:
    long = "It falls below that of the network that was fine-tuned in full"
    found = options(qtbot, (long, "No"))
    short, wrapped = sorted(row.heightForWidth(240) for row in rows(found))
    assert wrapped > short
    appearance.set_text_scale(2.0)
    try:
        assert rows(found)[0].heightForWidth(240) > 1.5 * wrapped
    finally:
        appearance.set_text_scale(1.0)


def test_the_focus_rings_the_option_where_the_keys_act(qtbot: QtBot) -> None:
    found = options(qtbot)

    def ringed() -> list[int]:
        return [place for place, row in enumerate(found.rows) if row.ringed]

    assert ringed() == []
    found.activateWindow()
    found.setFocus()
    qtbot.waitUntil(found.hasFocus)
    assert ringed() == [0]
    for key, place in ((Qt.Key.Key_Down, 0), (Qt.Key.Key_Down, 1), (Qt.Key.Key_3, 2)):
        qtbot.keyClick(found, key)
        assert ringed() == [place]
        assert f"2px solid {appearance.theme.text}" in found.rows[place].styleSheet()
    found.clearFocus()
    assert ringed() == []
