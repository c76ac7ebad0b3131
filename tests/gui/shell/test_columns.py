"""The columns of the window: folded, dragged, remembered, and bounded in a smaller window."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QSplitterHandle, QWidget

from gui.shell.columns import MAX_SHARE
from gui.shell.left_column import MIN_WIDTH_FOR_OPEN
from gui.state.preferences import Preferences
from gui.theme import appearance
from gui.window import Window
from tests.engine.cover import some_of
from tests.gui.frames import frame as stage_frame
from tests.gui.patience import settle
from tests.gui.shell_frames import FakeSession

Show = Callable[[int, int], Window]
pytestmark = pytest.mark.may_stall("another text size polishes each of some 500 widgets anew")


@pytest.fixture
def show(dressed: None) -> Iterator[Show]:
    """(width, height) -> a window of that size, in the place of the one before."""
    shown: list[Window] = []

    def opened(width: int, height: int) -> Window:
        for before in shown:
            before.close()
            before.deleteLater()
        shown.clear()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        session = FakeSession()
        window = Window(session, Preferences())
        window.resize(width, height)
        window.show()
        window.add_charts()
        session.feed(stage_frame("lora", step=1))
        settle()
        shown.append(window)
        return window

    yield opened
    for window in shown:
        window.close()
        window.deleteLater()


def press(window: Window, name: str) -> None:
    button = window.findChild(QAbstractButton, name)
    assert isinstance(button, QAbstractButton) and button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    settle()


def drag(handle: QSplitterHandle, by: QPoint) -> None:
    middle = handle.rect().center()
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(handle, middle + by)
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=middle + by)
    settle()


def test_the_left_column_is_folded_unless_the_window_is_very_wide(show: Show) -> None:
    assert not show(1600, 1000).left.isVisible()
    assert show(MIN_WIDTH_FOR_OPEN, 1000).left.isVisible()


def test_the_rail_and_a_key_open_it_and_it_is_remembered(show: Show) -> None:
    window = show(1280, 720)
    press(window, "railLessons")
    assert window.left.isVisible()
    window = show(1280, 720)
    assert window.left.isVisible()
    QTest.keyClick(window, Qt.Key.Key_L)
    assert not window.left.isVisible() and not show(1280, 720).left.isVisible()


def test_a_lesson_unfolds_it_and_leaves_it_as_it_was(show: Show) -> None:
    window = show(1280, 720)
    window.lesson_panel.open_named("8")
    settle()
    assert window.left.isVisible()
    press(window, "railLessons")
    assert not window.left.isVisible()
    press(window, "railLessons")
    assert window.left.isVisible()
    window.lesson_controller.leave()
    settle()
    assert not window.left.isVisible() and Preferences().left_open is None


def test_all_lessons_shows_the_list_also_where_the_column_was_folded(show: Show) -> None:
    window = show(1280, 720)
    window.lesson_panel.open_named("8")
    settle()
    press(window, "allLessons")
    assert window.lesson_controller.lesson is None and window.lesson_panel.lesson_list.isVisible()


def test_at_the_end_of_a_lesson_keys_lead_to_another_one_and_to_the_list(show: Show) -> None:
    window = show(1280, 720)
    controller = window.lesson_controller
    for number in (8, 4):
        QTest.keyClick(window, Qt.Key(Qt.Key.Key_0 + number))
        assert controller.lesson is not None and controller.lesson.number == number
        controller.go(len(controller.lesson.cards) - 1)
        controller.next()
        settle()
        assert controller.finished
    QTest.keyClick(window, Qt.Key.Key_L)
    settle()
    assert controller.lesson is None and window.lesson_panel.lesson_list.isVisible()


def test_enter_presses_the_blue_button_also_after_a_click_on_the_stage(show: Show) -> None:
    window = show(1600, 1000)
    window.lesson_panel.open_named("8")
    settle()
    QTest.mouseClick(window.stage, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert window.focusWidget() is window
    QTest.keyClick(window, Qt.Key.Key_Return)
    assert window.lesson_controller.index == 1


def test_a_divider_is_dragged_and_remembered(show: Show) -> None:
    window = show(1600, 1000)
    before = window.right.width()
    drag(window.columns.handle(2), QPoint(-80, 0))
    assert window.right.width() == pytest.approx(before + 80, abs=2)
    window.resize(1700, 1000)
    settle()
    assert window.right.width() == pytest.approx(before + 80, abs=2)
    assert show(1600, 1000).right.width() == pytest.approx(before + 80, abs=2)


def test_no_key_reaches_what_is_folded_away(show: Show) -> None:
    preferences = Preferences()
    preferences.right_width = 0
    window = show(1280, 720)
    for _ in range(60):
        QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_Tab)
        focused = window.focusWidget()
        assert focused is None or not window.right.isAncestorOf(focused), focused


def test_the_settings_keep_their_share_of_the_right_column(show: Show) -> None:
    window = show(1600, 1000)
    controls = window.right.controls
    before = controls.height()
    handle = window.right.findChildren(QSplitterHandle)[-1]
    drag(handle, QPoint(0, 60))
    assert controls.height() == pytest.approx(before - 60, abs=4)
    assert show(1600, 1000).right.controls.height() == pytest.approx(before - 60, abs=4)


def test_what_was_remembered_on_a_larger_screen_leaves_the_stage_its_place(show: Show) -> None:
    preferences = Preferences()
    preferences.left_open, preferences.left_width, preferences.right_width = True, 900, 1100
    window = show(1280, 720)
    assert max(window.left.width(), window.right.width()) <= MAX_SHARE * window.columns.width() + 1
    assert window.stage.width() > 0


@pytest.mark.parametrize("scale", some_of([2.0, 1.0], 2))
def test_nothing_is_out_of_reach(show: Show, scale: float) -> None:
    """Every part of the window is inside it, whatever the text; stage and right column scroll."""
    window = show(1280, 720)
    appearance.set_text_scale(scale)
    for size in ((1280, 720), (960, 540), (900, 560)):
        window.resize(*size)
        settle()
        assert window.size().toTuple() == size
        for name in ("playButton", "strategyBox", "taskBox", "helpButton", "railLessons", "stage",
                     "timelineSlider", "microscopeButton", "cellReadout"):  # fmt: skip
            part = window.findChild(QWidget, name)
            assert part is not None and part.isVisible(), name
            seen = part.visibleRegion().boundingRect()
            if name != "stage":
                assert seen == part.rect(), (size, name, seen, part.rect())
            assert min(seen.width(), seen.height()) > 10, (size, name)
    appearance.set_text_scale(1.0)


def test_a_key_folds_the_right_column_and_brings_it_back(show: Show) -> None:
    window = show(1280, 720)
    before = window.right.width()
    QTest.keyClick(window, Qt.Key.Key_P)
    settle()
    assert window.columns.sizes()[2] == 0
    assert Preferences().right_width == 0
    QTest.keyClick(window, Qt.Key.Key_P)
    settle()
    assert window.columns.sizes()[2] == before
