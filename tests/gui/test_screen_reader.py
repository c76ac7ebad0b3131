"""What a screen reader is told: a name for all that Tab reaches, values in words, and changes."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gui.controls.pace import FASTEST, SpeedSlider
from gui.controls.value_slider import ValueSlider
from gui.shell.page_stack import COMPARE, COSTS, METHOD_GUIDE, NETWORK, STAGE
from gui.state.preferences import Preferences
from gui.widgets import spoken_slider
from gui.widgets.combo_box import ComboBox
from gui.widgets.slider import Slider
from gui.window import Window
from tests.gui.frames import frame
from tests.gui.patience import settle
from tests.gui.shell_frames import FakeSession, sample

VALUE, NAME = QAccessible.Text.Value, QAccessible.Text.Name


def read(widget: QWidget) -> tuple[str, str, float]:
    """Its name, its value in words and as a number."""
    interface = QAccessible.queryAccessibleInterface(widget)
    number = interface.valueInterface()
    assert number is not None
    return interface.text(NAME), interface.text(VALUE), number.currentValue()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Values that a screen reader hears of, oldest first."""
    values: list[str] = []

    class Accessible(QAccessible):
        @staticmethod
        def isActive() -> bool:
            return True

        @staticmethod
        def updateAccessibility(event: QAccessibleEvent) -> None:
            values.append(str(event.value()))  # type: ignore[attr-defined] # of a change of value

    monkeypatch.setattr(spoken_slider, "QAccessible", Accessible)
    yield values


@pytest.mark.parametrize(
    ("field", "name", "text", "number"),
    [
        ("learning_rate", "Learning rate", "0.003", 0.003), ("rank", "Rank r", "4", 4),
        ("total_steps", "Total steps T", "300", 300), ("patience", "Patience", "off", 0),
    ],
)  # fmt: skip
def test_a_slider_has_the_value_of_its_setting(
    qtbot: QtBot, field: str, name: str, text: str, number: float
) -> None:
    widget = ValueSlider(FakeSession(), field)
    qtbot.addWidget(widget)
    found = read(widget.findChild(Slider))
    assert found[0].startswith(name)
    assert found[1] == text and found[2] == pytest.approx(number, rel=0.01)


def test_a_change_is_said_as_the_setting_has_it(qtbot: QtBot, heard: list[str]) -> None:
    session = FakeSession()
    widget, pace = ValueSlider(session, "learning_rate"), SpeedSlider(session)
    for each in (widget, pace):
        qtbot.addWidget(each)
    session.editor.update(learning_rate=0.1)
    session.editor.update(rank=8)  # not its own
    slider = widget.findChild(Slider)
    slider.setValue(-200)
    assert heard[-2:] == ["0.1", "0.01"]
    assert read(slider)[1:] == ("0.01", pytest.approx(0.01))
    QAccessible.queryAccessibleInterface(slider).valueInterface().setCurrentValue(0.5)
    assert session.state.settings.learning_rate == pytest.approx(0.5, rel=0.02)
    session.playback.set_speed(0)
    assert read(pace.findChild(Slider))[:2] == ("Speed", FASTEST)
    session.playback.set_speed(30)
    assert read(pace.findChild(Slider))[1] == "30 steps/s"


def test_everything_that_can_have_the_keyboard_has_a_name(qtbot: QtBot, dressed: None) -> None:
    session = FakeSession()
    window = Window(session, Preferences())
    window.resize(1600, 1000)
    session.show(qtbot, window)
    window.add_charts()
    session.feed(replace(frame("lora", step=1), sample=sample()))

    def unnamed() -> list[str]:
        settle()
        return [
            f"{type(widget).__name__} {widget.objectName()}"
            for widget in window.findChildren(QWidget)
            if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.isVisible()
            if not widget.focusProxy()
            if not QAccessible.queryAccessibleInterface(widget).text(NAME)
        ]

    for page in (STAGE, NETWORK, COMPARE, METHOD_GUIDE, COSTS, STAGE):
        window.page_stack.show_page(page)
        assert unnamed() == [], page
    assert window.lesson_panel.open_named("8")
    while not window.lesson_controller.finished:
        assert unnamed() == [], window.lesson_controller.index
        window.lesson_controller.next()


def test_an_open_list_has_the_name_of_its_box(qtbot: QtBot) -> None:
    box = ComboBox("box", "Optimizer")
    qtbot.addWidget(box)
    box.set_items([("sgd", "SGD"), ("adam", "Adam")], "adam")
    box.show()
    box.showPopup()
    assert box.view().accessibleName() == "Optimizer"
    box.hidePopup()


def test_what_a_screen_reader_asked_for_dies_with_its_slider(qtbot: QtBot) -> None:
    for _ in range(3):
        slider = Slider()
        assert read(slider)[1] == "0"
        alive = weakref.ref(slider)
        slider.deleteLater()
        del slider
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        assert alive() is None
