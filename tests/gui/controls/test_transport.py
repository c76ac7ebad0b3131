"""The bar at the top."""

import gc
import weakref

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QSlider,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Catalogue, Configure, Pause, Play, Reset, SetSpeed, Step
from engine.protocol.settings import Settings
from gui.actions.keys_dialog import KeysDialog
from gui.controls.pace import SPEEDS
from gui.controls.run_choice import FittedComboBox
from gui.controls.transport import Transport
from gui.state.playback import FIRST_STOP
from gui.state.preferences import Preferences
from gui.theme import Scheme, appearance
from gui.widgets.label import Label
from gui.window import Window
from tests.gui.shell_frames import FakeSession, catalogue, frame


def opened(qtbot: QtBot, session: FakeSession) -> Transport:
    bar = Transport(session)
    bar.resize(1280, bar.sizeHint().height())
    session.show(qtbot, bar)
    return bar


def button(bar: Transport, name: str) -> QToolButton:
    found = bar.findChild(QToolButton, name)
    assert found is not None
    return found


def click(qtbot: QtBot, bar: Transport, name: str) -> None:
    qtbot.mouseClick(button(bar, name), Qt.MouseButton.LeftButton)


def test_play_and_pause(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    click(qtbot, bar, "playButton")
    assert session.last_sent == Play(FIRST_STOP)
    assert button(bar, "playButton").accessibleName() == "Pause"
    assert button(bar, "playButton").isChecked()
    click(qtbot, bar, "playButton")
    assert session.last_sent == Pause()
    assert button(bar, "playButton").accessibleName() == "Play"


def test_step_and_reset(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.playback.play()
    click(qtbot, bar, "stepButton")
    assert session.last_sent == Step(1)
    assert not button(bar, "playButton").isChecked()
    click(qtbot, bar, "resetButton")
    assert session.last_sent == Reset()


def test_nothing_can_be_pressed_before_the_engine_is_ready(qtbot: QtBot) -> None:
    session = FakeSession(ready=False)
    bar = opened(qtbot, session)
    names = ("playButton", "stepButton", "resetButton")
    assert not any(button(bar, name).isEnabled() for name in names)
    assert "starting" in button(bar, "playButton").toolTip()
    assert bar.findChild(QComboBox, "strategyBox").currentText() == "LoRA"
    assert bar.findChild(QComboBox, "taskBox").currentText() == "Digits to rotated"
    session.feed(catalogue())
    assert all(button(bar, name).isEnabled() for name in names)
    assert "Space" in button(bar, "playButton").toolTip()


def test_play_pauses_at_a_step_and_goes_on_from_there_without_an_end(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(frame(FIRST_STOP - 1))
    assert button(bar, "playButton").text() == "Play"
    assert "pause at step 300" in button(bar, "playButton").toolTip()
    session.feed(frame(FIRST_STOP))
    assert button(bar, "playButton").text() == "Continue"
    width = button(bar, "playButton").width()
    click(qtbot, bar, "playButton")
    assert session.last_sent == Play()
    assert button(bar, "playButton").width() == width, "nothing moves"


def test_only_what_the_user_chose_is_to_be_remembered(qtbot: QtBot) -> None:
    session = FakeSession()
    bar, chosen = opened(qtbot, session), list[float]()
    session.playback.speed_chosen.connect(chosen.append)
    session.playback.set_speed(75.0)
    assert chosen == []
    bar.findChild(QSlider, "speedSlider").setValue(20)
    assert chosen == [pytest.approx(10.0)]
    assert Preferences().speed == 30.0
    Preferences().remember_speed(chosen[0])
    assert Preferences().speed == pytest.approx(10.0)


def test_a_focused_button_is_pressed_by_space_and_by_enter(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    step = button(bar, "stepButton")
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Return):
        sent = len(session.fake_host.sent)
        qtbot.keyClick(step, key)
        assert session.fake_host.sent[sent:] == [Step(1)]


def grouped() -> Catalogue:
    """The strategies of the lessons, with LoRA under a heading of its own."""
    offered = catalogue()
    *lessons, lora = (info for info in offered.strategies if info.lesson)
    return Catalogue((*lessons, replace(lora, group="Low rank")), offered.tasks)


def test_strategies_are_offered_under_headings_in_the_order_of_the_catalogue(qtbot: QtBot) -> None:
    session = FakeSession(ready=False)
    box = opened(qtbot, session).findChild(QComboBox, "strategyBox")
    session.feed(grouped())
    assert [box.itemData(i) or box.itemText(i) for i in range(box.count())] == [
        "Lessons", "weight_update", "pretrain", "full", "freeze",
        "linear_probe", "feature_head", "adapter", "Low rank", "lora",
    ]  # fmt: skip


def test_a_heading_cannot_be_chosen(qtbot: QtBot) -> None:
    session = FakeSession(ready=False)
    box = opened(qtbot, session).findChild(QComboBox, "strategyBox")
    session.feed(grouped())
    assert not box.model().index(box.findText("Low rank"), 0).flags() & Qt.ItemFlag.ItemIsSelectable
    box.setCurrentIndex(box.findText("Low rank"))
    assert session.state.settings.strategy == box.currentData() == "lora"
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert session.state.settings.strategy == box.currentData() == "adapter"
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert session.state.settings.strategy == box.currentData() == "lora"


def test_a_strategy_is_chosen(qtbot: QtBot) -> None:
    session = FakeSession()
    box = opened(qtbot, session).findChild(QComboBox, "strategyBox")
    assert box.currentData() == "lora"
    box.setCurrentIndex(box.findData("weight_update"))
    assert session.state.settings.strategy == "weight_update"
    assert session.state.settings.optimizer == "sgd"
    session.undo_stack.undo()
    assert box.currentData() == "lora"


def test_a_task_is_chosen(qtbot: QtBot) -> None:
    session = FakeSession()
    box = opened(qtbot, session).findChild(QComboBox, "taskBox")
    box.setCurrentIndex(1)
    assert session.state.settings.task == "digits-0-4-to-5-9"
    assert session.last_sent == Configure(session.state.settings)


def test_the_step_stands_still_in_its_place(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    label = bar.findChild(QLabel, "stepCount")
    assert label.text() == "step 0"
    place = label.geometry()
    session.feed(frame(234_567, playing=True, steps_per_second=2840.4))
    assert label.text() == "step 234,567"
    assert label.geometry() == place
    QApplication.processEvents()
    assert "2,840 steps/s" in [part.text() for part in bar.findChildren(QLabel)]
    session.feed(frame(234_568))
    assert "paused" in [part.text() for part in bar.findChildren(QLabel)]


def test_the_speed_goes_from_one_step_a_second_to_as_fast_as_it_goes(qtbot: QtBot) -> None:
    session = FakeSession()
    slider = opened(qtbot, session).findChild(QSlider, "speedSlider")
    assert slider.value() == slider.maximum()
    slider.setValue(0)
    assert session.last_sent == SetSpeed(1.0)
    slider.setValue(20)
    assert session.playback.speed == pytest.approx(10.0)
    slider.setValue(slider.maximum())
    assert session.last_sent == SetSpeed(0.0)
    assert all(SPEEDS.position(SPEEDS.value(p)) == p for p in range(SPEEDS.last + 1))


@pytest.mark.may_stall("another theme polishes every widget anew")
def test_the_theme_goes_round_and_the_first_change_shows(qtbot: QtBot) -> None:
    bar = opened(qtbot, FakeSession())
    before = appearance.scheme
    try:
        appearance.set_scheme(Scheme.SYSTEM)
        dark = appearance.theme.dark
        seen = []
        for _ in range(3):
            click(qtbot, bar, "themeButton")
            seen.append((appearance.scheme, appearance.theme.dark))
        assert seen[0][1] != dark
        assert {scheme for scheme, _ in seen} == set(Scheme)
        assert seen[-1][0] is Scheme.SYSTEM
    finally:
        appearance.set_scheme(before)


def test_the_help_button_lists_the_keys(qtbot: QtBot) -> None:
    window = Window(FakeSession(), Preferences())
    qtbot.addWidget(window)
    click(qtbot, window, "helpButton")
    dialog = window.findChild(KeysDialog)
    assert dialog is not None and dialog.isVisible()


def test_it_is_one_row_where_that_fits_and_never_cuts_a_name(qtbot: QtBot) -> None:
    bar = opened(qtbot, FakeSession())
    boxes = bar.findChildren(QComboBox)
    assert bar.sizeHint().height() <= 48
    wide = [box.width() for box in boxes]
    bar.resize(1000, bar.height())
    assert bar.sizeHint().height() > 60, "strategy and task stand below"
    assert [box.width() for box in boxes] == wide
    bar.resize(2560, bar.height())
    assert [box.width() for box in boxes] == wide


def test_a_name_that_has_no_room_ends_in_dots_and_is_whole_in_the_list(qtbot: QtBot) -> None:
    box = FittedComboBox("choiceBox", "Choice")
    qtbot.addWidget(box)
    box.set_items([("a", "a very long name of a choice")], "a")
    box.resize(box.minimumSizeHint())
    box.grab()
    assert box.width() < box.sizeHint().width()
    box.showPopup()
    assert box.view().width() >= box.fontMetrics().horizontalAdvance("a very long name of a choice")
    box.hidePopup()


def test_every_control_says_what_it_is(qtbot: QtBot) -> None:
    bar = opened(qtbot, FakeSession())
    for kind in (QToolButton, QComboBox, QSlider):
        for control in bar.findChildren(kind):
            assert control.accessibleName(), control.objectName()
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_it_fits_a_projector(qtbot: QtBot) -> None:
    assert opened(qtbot, FakeSession(Settings())).minimumSizeHint().width() <= 1100


def test_it_dies_when_it_is_closed(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = Transport(session)
    bar.show()
    alive = weakref.ref(bar)
    bar.close()
    bar.deleteLater()
    del bar
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert alive() is None
    session.playback.play()
    session.feed(frame(1))


def test_the_speed_that_is_in_force_is_shown_whoever_set_it(qtbot: QtBot) -> None:
    session = FakeSession()
    transport = opened(qtbot, session)
    slider = transport.findChild(QSlider, "speedSlider")
    assert slider is not None
    session.playback.set_speed(61.7)
    assert session.playback.speed == 61.7, "the nearest place on the slider is no speed of its own"
    assert slider.value() == SPEEDS.position(61.7)
    assert "Speed: 62 steps/s" in [text.text() for text in transport.findChildren(Label)]
    session.playback.set_speed(0.0)
    assert slider.value() == SPEEDS.last
