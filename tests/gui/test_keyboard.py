"""Tab, arrows and F6: from stop to stop, within one, and from region to region."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui.widgets.box import hbox, vbox
from gui.widgets.keyboard import KeyboardFocus, make_one_stop, release_keyboard
from gui.widgets.surface import ScrollArea


class Page(QWidget):
    """A window with a bar of three buttons and a form of two fields, the form first."""

    def __init__(self) -> None:
        super().__init__()
        self.buttons = [QPushButton(name) for name in "abc"]
        self.fields = [QLineEdit(), QLineEdit()]
        self.stray = QPushButton("in no region")
        self.bar, self.form = QWidget(), QWidget()
        hbox(*self.buttons, on=self.bar)
        vbox(*self.fields, on=self.form)
        vbox(self.stray, self.bar, self.form, on=self)
        make_one_stop(self.bar)
        self.keyboard = KeyboardFocus(self, [self.form, self.bar])

    def focusNextPrevChild(self, forward: bool) -> bool:
        return self.keyboard.move(forward=forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.keyboard.handle_key(event):
            super().keyPressEvent(event)

    def press(self, *keys: Qt.Key) -> QWidget | None:
        for key in keys:
            QTest.keyClick(self.focusWidget() or self, key)
        return self.focusWidget()


TAB, BACK, RIGHT, LEFT, DOWN, F6 = (
    Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Down,
    Qt.Key.Key_F6,
)  # fmt: skip


def opened(qtbot: QtBot) -> Page:
    page = Page()
    qtbot.addWidget(page)
    page.show()
    QTest.qWaitForWindowActive(page)
    return page


def test_the_window_has_the_keyboard_first_and_tab_goes_in_the_order_of_the_regions(
    qtbot: QtBot,
) -> None:
    page = opened(qtbot)
    assert page.focusWidget() is page
    stops = [*page.fields, page.buttons[0], page.stray, page.fields[0]]
    assert [page.press(TAB) for _ in stops] == stops
    assert page.press(BACK) is page.stray


def test_a_bar_is_one_stop_with_arrows_inside_and_remembers_its_place(qtbot: QtBot) -> None:
    page = opened(qtbot)
    page.press(TAB, TAB, TAB)
    assert page.press(RIGHT) is page.buttons[1]
    assert page.press(TAB) is page.stray
    assert page.press(BACK) is page.buttons[1]
    assert page.press(RIGHT, RIGHT) is page.buttons[2], "it ends there"
    assert page.press(DOWN) is page.buttons[2]
    page.buttons[1].setEnabled(False)
    assert page.press(LEFT) is page.buttons[0]


def test_f6_goes_to_the_next_region_that_has_anything(qtbot: QtBot) -> None:
    page = opened(qtbot)
    assert page.press(F6) is page.fields[0]
    assert page.press(F6) is page.buttons[0]
    page.form.hide()
    assert page.press(F6, F6) is page.buttons[0], "past what is in no region"
    QTest.keyClick(page.focusWidget(), F6, Qt.KeyboardModifier.ShiftModifier)
    assert page.focusWidget() is page.stray


def test_tab_goes_on_from_what_gave_up_the_keyboard(qtbot: QtBot) -> None:
    page = opened(qtbot)
    page.press(TAB)
    release_keyboard(page.fields[0])
    assert page.focusWidget() is page
    assert page.press(TAB) is page.fields[1]


def test_another_window_that_closes_leaves_the_keyboard_where_it_was_given_up(qtbot: QtBot) -> None:
    page = opened(qtbot)
    page.press(TAB)
    release_keyboard(page.fields[0])
    dialog = QDialog(page)
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.qWaitForWindowActive(dialog)
    dialog.close()
    QTest.qWaitForWindowActive(page)
    assert page.focusWidget() is page


def test_a_click_beside_a_field_gives_the_keyboard_back(qtbot: QtBot) -> None:
    page = opened(qtbot)
    page.buttons[1].setFocusPolicy(Qt.FocusPolicy.TabFocus)
    QTest.mouseClick(page.fields[0], Qt.MouseButton.LeftButton)
    assert page.focusWidget() is page.fields[0]
    QTest.mouseClick(page.buttons[1], Qt.MouseButton.LeftButton)
    assert page.focusWidget() is page


def test_a_key_that_scrolls_nothing_is_left_to_the_window(qtbot: QtBot) -> None:
    content = QWidget()
    area = ScrollArea(content)
    qtbot.addWidget(area)
    content.setMinimumHeight(1000)
    area.resize(200, 300)
    area.show()
    left = []
    for _ in range(9):
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_PageDown, Qt.KeyboardModifier.NoModifier)
        area.keyPressEvent(event)
        left.append(not event.isAccepted())
    assert left[0] is False and left[-1] is True
    assert area.verticalScrollBar().value() == area.verticalScrollBar().maximum() > 0
