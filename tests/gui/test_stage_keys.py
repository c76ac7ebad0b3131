"""A key that is meant for the stage changes no setting, whatever was touched before."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.protocol.settings import SETTINGS, Settings
from gui.matrices.heatmap import Heatmap
from gui.state.preferences import Preferences
from gui.widgets.value_field import ValueField
from gui.window import Window
from tests.gui.shell_frames import FakeSession, frame

ACTS = 400
EVERYTHING = frozenset({*SETTINGS, "speed"})
NAMES = {
    "strategyBox": EVERYTHING,  # each strategy brings its own
    "taskBox": EVERYTHING,
    "optimizerBox": {"optimizer"},
    "batchBox": {"batch_size"},
    "seedBox": {"seed"},
    "speed": {"speed"},
}
"""Object name of a control -> what it sets, where the name itself does not say it."""
STAGE_KEYS = (
    Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Space,
    Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
)  # fmt: skip
WAY_KEYS = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_F6)


def named_settings(widget: QWidget | None) -> frozenset[str]:
    """What a control sets: the control that the widget is, or is a part of."""
    while widget is not None:
        name = widget.objectName()
        if name.startswith("freeze."):
            return frozenset({"frozen"})
        if name.removeprefix("control.") in SETTINGS:
            return frozenset({name.removeprefix("control.")})
        if name in NAMES:
            return frozenset(NAMES[name])
        for kind in ("Box", "Toggle"):
            for field in SETTINGS:
                if name and name == f"{_camel(field)}{kind}":
                    return frozenset({field})
        widget = widget.parentWidget()
    return frozenset()


def _camel(field: str) -> str:
    first, *rest = field.split("_")
    return "".join((first, *(word.capitalize() for word in rest)))


class Walker:
    """Presses keys and the mouse at random; each act says which settings it names."""

    def __init__(self, qtbot: QtBot, seed: int) -> None:
        self.session = FakeSession(Settings(strategy="lora", rank=4))
        self.window = Window(self.session, Preferences())
        self.window.resize(1600, 1000)
        self.session.show(qtbot, self.window)
        self.window.add_charts()
        self.session.feed(frame(1))
        QTest.qWaitForWindowActive(self.window)
        self.random = random.Random(seed)
        self.by_tab: QWidget | None = None
        """The control that Tab led to, until the mouse is used."""
        self.log: list[str] = []

    def values(self) -> dict[str, object]:
        settings = self.session.state.settings
        return {
            **{field: getattr(settings, field) for field in SETTINGS},
            "speed": self.session.playback.speed,
        }

    def focused(self) -> QWidget | None:
        return self.window.focusWidget()

    def seen(self, kind: type[QWidget]) -> list[QWidget]:
        found = self.window.findChildren(kind)
        return [w for w in found if w.isVisible() and w.isEnabled() and w.width() > 8]

    def typed(self) -> frozenset[str]:
        """A field that is left commits what was typed in it."""
        field = self.focused()
        is_field = isinstance(field, QLineEdit | QComboBox)
        return named_settings(field) if is_field else frozenset()

    # Each act returns what it names.

    def press_stage_key(self) -> frozenset[str]:
        focused = self.focused()
        named = self.typed() if focused is not self.by_tab else named_settings(focused)
        self._key(self.random.choice(STAGE_KEYS))
        return named

    def go_elsewhere(self) -> frozenset[str]:
        named = self.typed()
        self._key(self.random.choice(WAY_KEYS))
        self.by_tab = self.focused()
        return named

    def click_the_stage(self) -> frozenset[str]:
        named = self.typed()
        place = self.random.choice([*self.seen(Heatmap), self.window.stage])
        self._click(place)
        return named

    def click_a_button(self) -> frozenset[str]:
        named = self.typed()
        names = "playButton", "stepButton", "stepBackButton", "stepOnButton", "pinScales"
        button = self.window.findChild(QAbstractButton, self.random.choice(names))
        if button is not None and button.isVisible() and button.isEnabled():
            self._click(button)
        return named

    def drag_a_slider(self) -> frozenset[str]:
        slider = self.random.choice(self.seen(QSlider))
        named = self.typed() | named_settings(slider)
        self._click(slider)
        return named

    def type_a_value(self) -> frozenset[str]:
        field = self.random.choice(self.seen(ValueField))
        named = self.typed() | named_settings(field)
        self._click(field)
        field.selectAll()
        QTest.keyClicks(field, self.random.choice(("1", "2", "0.01", "4", "300")))
        self._key(self.random.choice((Qt.Key.Key_Return, Qt.Key.Key_Escape)))
        assert self.focused() in (None, self.window), self.log[-1]
        return named

    def choose_with_the_mouse(self) -> frozenset[str]:
        box = self.random.choice(self.seen(QComboBox))
        named = self.typed() | named_settings(box)
        QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(box.width() - 6, 8))
        self.by_tab = None
        view = box.view()
        if view.isVisible():
            row = self.random.randrange(box.count())
            QApplication.processEvents()  # a list that has just opened takes no click
            place = view.visualRect(box.model().index(row, 0)).center()
            QTest.mouseMove(view.viewport(), place)
            QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
            box.hidePopup()
        return named

    def turn_the_wheel(self) -> frozenset[str]:
        widget = self.random.choice([*self.seen(QSlider), *self.seen(QComboBox)])
        named = named_settings(widget) if widget is self.by_tab else frozenset()
        place = QPointF(widget.rect().center())
        QApplication.sendEvent(widget, QWheelEvent(
            place, widget.mapToGlobal(place), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        ))  # fmt: skip
        return named

    def _key(self, key: Qt.Key) -> None:
        self.log.append(f"{key.name} on {_name(self.focused())}")
        QTest.keyClick(self.focused() or self.window, key)

    def _click(self, widget: QWidget) -> None:
        self.log.append(f"click on {_name(widget)}")
        x = self.random.randrange(4, max(widget.width() - 4, 5))
        place = QPoint(x, widget.height() // 2)
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place)
        self.by_tab = None


def _name(widget: QWidget | None) -> str:
    return "nothing" if widget is None else f"{type(widget).__name__} {widget.objectName()}"


@pytest.mark.may_stall("fields are laid out anew when the strategy changes")
def test_only_what_names_a_setting_changes_it(qtbot: QtBot, qapp: QApplication) -> None:
    qapp.setDoubleClickInterval(0)  # for so long an open list takes the click that opened it
    walker = Walker(qtbot, seed=15)
    acts: list[Callable[[], frozenset[str]]] = [
        *[walker.press_stage_key] * 5, walker.go_elsewhere, walker.go_elsewhere,
        walker.click_the_stage, walker.click_a_button, walker.drag_a_slider,
        walker.type_a_value, walker.choose_with_the_mouse, walker.turn_the_wheel,
    ]  # fmt: skip
    moved: set[str] = set()
    for number in range(ACTS):
        before = walker.values()
        named = walker.random.choice(acts)()
        QApplication.processEvents()
        after = walker.values()
        changed = {field for field in after if after[field] != before[field]}
        assert changed <= named, (number, changed, walker.log[-6:])
        moved |= changed
    assert {"learning_rate", "speed", "optimizer"} <= moved, "the walk reached no control"


def test_tab_reaches_the_learning_rate_within_ten_stops(qtbot: QtBot, dressed: None) -> None:
    session = FakeSession()
    window = Window(session, Preferences())
    window.resize(1280, 720)
    session.show(qtbot, window)
    session.feed(frame(1))
    for _ in range(10):
        QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_Tab)
        focused = window.focusWidget()
        if focused is not None and focused.objectName() == "learningRateSlider":
            return
    pytest.fail("ten stops, and no learning rate")
