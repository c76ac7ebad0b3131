"""Sliders: moved, typed into, greyed, and followed."""

import gc
import weakref

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QSlider, QToolButton
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Catalogue, Configure
from engine.protocol.settings import Settings
from gui.controls.value_slider import AlphaSlider, ValueSlider
from tests.gui.shell_frames import FakeSession, catalogue


def opened(qtbot: QtBot, session: FakeSession, kind: str = "rate") -> ValueSlider:
    widget = (
        AlphaSlider(session)
        if kind == "alpha"
        else ValueSlider(session, "learning_rate" if kind == "rate" else kind)
    )
    widget.resize(216, widget.sizeHint().height())
    session.show(qtbot, widget)
    return widget


def slider_of(widget: ValueSlider) -> QSlider:
    return widget.findChild(QSlider)


def field_of(widget: ValueSlider) -> QLineEdit:
    return widget.findChild(QLineEdit)


def typed(qtbot: QtBot, widget: ValueSlider, text: str) -> None:
    field = field_of(widget)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_moving_the_thumb_changes_the_setting_at_once(qtbot: QtBot) -> None:
    session = FakeSession()
    widget = opened(qtbot, session)
    slider = slider_of(widget)
    assert (slider.minimum(), slider.maximum(), slider.value()) == (-500, 0, -252)
    slider.setValue(-200)
    assert session.state.settings.learning_rate == pytest.approx(0.01)
    assert session.last_sent == Configure(session.state.settings)
    assert field_of(widget).text() == "0.01"


def test_every_position_of_the_thumb_is_sent(qtbot: QtBot) -> None:
    session = FakeSession()
    slider = slider_of(opened(qtbot, session))
    before = len(session.fake_host.sent)
    for position in (-240, -230, -220):
        slider.setValue(position)
    assert len(session.fake_host.sent) == before + 3


def test_keys_move_the_thumb_and_are_kept_from_the_window(qtbot: QtBot) -> None:
    session = FakeSession()
    slider = slider_of(opened(qtbot, session, "rank"))
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert session.state.settings.rank == 5
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert session.state.settings.rank == 30


def test_a_click_on_the_groove_goes_there(qtbot: QtBot) -> None:
    session = FakeSession()
    slider = slider_of(opened(qtbot, session, "rank"))
    qtbot.mouseClick(
        slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() - 4, slider.height() // 2)
    )
    assert session.state.settings.rank == 30


def test_the_wheel_leaves_a_setting_alone(qtbot: QtBot) -> None:
    session = FakeSession()
    slider = slider_of(opened(qtbot, session, "rank"))
    slider.clearFocus()
    wheel = QWheelEvent(
        QPointF(9, 9), QPointF(9, 9), QPoint(0, 120), QPoint(0, 120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(slider, wheel)
    assert session.state.settings.rank == 4


@pytest.mark.parametrize(
    ("text", "rate"), [("3e-2", 0.03), ("0.03", 0.03), ("0,03", 0.03), ("1e30", 1e30)]
)
def test_a_value_can_be_typed(qtbot: QtBot, text: str, rate: float) -> None:
    session = FakeSession()
    widget = opened(qtbot, session)
    typed(qtbot, widget, text)
    assert session.state.settings.learning_rate == pytest.approx(rate)
    assert slider_of(widget).value() == (0 if rate > 1 else -152)


def test_a_value_beyond_the_end_keeps_its_figure_until_the_thumb_moves(qtbot: QtBot) -> None:
    session = FakeSession()
    widget = opened(qtbot, session)
    typed(qtbot, widget, "1e30")
    assert field_of(widget).text() == "10³⁰"
    qtbot.keyClick(slider_of(widget), Qt.Key.Key_Right)
    assert session.state.settings.learning_rate == 1e30
    qtbot.keyClick(slider_of(widget), Qt.Key.Key_Left)
    assert session.state.settings.learning_rate == pytest.approx(10**-0.05)


@pytest.mark.parametrize("text", ["abc", "0", "-1", "nan", "inf"])
def test_a_wrong_value_leaves_the_old_one_and_says_what_is_allowed(qtbot: QtBot, text: str) -> None:
    session = FakeSession()
    widget = opened(qtbot, session)
    typed(qtbot, widget, text)
    assert session.state.settings.learning_rate == 3e-3
    assert session.state.notice is not None
    assert "above 0" in session.state.notice.text
    assert field_of(widget).text() == text  # to be mended, not typed anew
    qtbot.keyClick(field_of(widget), Qt.Key.Key_Escape)
    assert field_of(widget).text() == "0.003"


@pytest.mark.parametrize("text", ["0", "31", "4.5", "four"])
def test_a_wrong_rank_is_refused_with_its_range(qtbot: QtBot, text: str) -> None:
    session = FakeSession()
    widget = opened(qtbot, session, "rank")
    typed(qtbot, widget, text)
    assert session.state.settings.rank == 4
    assert session.state.notice is not None
    assert "1 to 30" in session.state.notice.text


def test_escape_takes_back_what_was_typed(qtbot: QtBot) -> None:
    session = FakeSession()
    widget = opened(qtbot, session)
    field = field_of(widget)
    qtbot.keyClicks(field, "99")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "0.003"
    assert session.state.settings.learning_rate == 3e-3


def test_it_follows_a_change_made_elsewhere_without_answering(qtbot: QtBot) -> None:
    session = FakeSession()
    widget = opened(qtbot, session)
    session.editor.update(learning_rate=0.1)
    sent = len(session.fake_host.sent)
    assert (slider_of(widget).value(), field_of(widget).text()) == (-100, "0.1")
    session.undo_stack.undo()
    assert (slider_of(widget).value(), field_of(widget).text()) == (-252, "0.003")
    assert len(session.fake_host.sent) == sent + 1


def test_greyed_it_says_why_and_keeps_its_height(qtbot: QtBot) -> None:
    session = FakeSession()
    widget = opened(qtbot, session, "rank")
    height = widget.sizeHint().height()
    widget.set_reason("only with LoRA", "Full fine-tuning does not have it; LoRA does.")
    assert widget.reason == "only with LoRA"
    assert not slider_of(widget).isEnabled()
    assert not field_of(widget).isEnabled()
    assert "Full fine-tuning" in slider_of(widget).toolTip()
    assert widget.sizeHint().height() == height
    widget.set_reason("")
    assert slider_of(widget).isEnabled()
    assert widget.sizeHint().height() == height


def test_alpha_follows_the_rank_until_it_is_set_and_again_when_told(qtbot: QtBot) -> None:
    session = FakeSession()
    widget = opened(qtbot, session, "alpha")
    follow = widget.findChild(QToolButton)
    session.editor.update(rank=8)
    assert (slider_of(widget).value(), field_of(widget).text()) == (8, "8")
    assert follow.isChecked()
    slider_of(widget).setValue(16)
    assert session.state.settings.alpha == 16.0
    assert not follow.isChecked()
    session.editor.update(rank=4)
    assert field_of(widget).text() == "16"
    qtbot.mouseClick(follow, Qt.MouseButton.LeftButton)
    assert session.state.settings.alpha is None
    assert field_of(widget).text() == "4"
    typed(qtbot, widget, "0.5")
    assert session.state.settings.alpha == 0.5


def notes(widget: ValueSlider) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]


def test_a_restarting_setting_says_so(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="adapter"))
    widget = ValueSlider(session, "bottleneck")
    session.show(qtbot, widget)
    assert "new run" in slider_of(widget).toolTip()
    assert "starts a new run" in notes(widget)


def test_what_restarts_only_under_one_strategy_says_so_there(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="lora"))
    offered = catalogue()
    restarting = tuple(
        replace(info, restarts=("rank",), controls=("rank",))
        if info.name == "adapter" else info for info in offered.strategies
    )  # fmt: skip
    session.feed(Catalogue(restarting, offered.tasks))
    widget = opened(qtbot, session, "rank")
    assert "starts a new run" not in notes(widget)
    assert "next step" in slider_of(widget).toolTip()
    session.editor.choose_strategy("adapter")
    assert "starts a new run" in notes(widget)
    assert "new run" in slider_of(widget).toolTip()


def slid(qtbot: QtBot, session: FakeSession, field: str) -> ValueSlider:
    widget = ValueSlider(session, field)
    session.show(qtbot, widget)
    return widget


def test_a_setting_that_can_be_off_has_a_place_for_it(qtbot: QtBot) -> None:
    session = FakeSession()
    widget = slid(qtbot, session, "patience")
    assert (field_of(widget).text(), slider_of(widget).value()) == ("off", 0)
    qtbot.keyClick(slider_of(widget), Qt.Key.Key_Right)
    assert session.state.settings.patience == 10
    typed(qtbot, widget, "33")
    assert session.state.settings.patience == 33
    assert field_of(widget).text() == "33"
    typed(qtbot, widget, "Off")
    assert session.state.settings.patience is None
    assert slider_of(widget).value() == 0


def test_the_default_of_the_optimizer_is_not_zero(qtbot: QtBot) -> None:
    session = FakeSession()
    widget = slid(qtbot, session, "weight_decay")
    assert session.state.settings.weight_decay is None
    for value in (0, 1e-5, 2e-5):
        qtbot.keyClick(slider_of(widget), Qt.Key.Key_Right)
        assert session.state.settings.weight_decay == value
    qtbot.keyClick(slider_of(widget), Qt.Key.Key_Home)
    assert session.state.settings.weight_decay is None
    assert field_of(widget).text() == "default"


def test_a_refused_value_leaves_the_thumb_where_it_is(qtbot: QtBot) -> None:
    session = FakeSession(Settings(batch_size=1))
    widget = slid(qtbot, session, "total_steps")
    before = slider_of(widget).value()
    typed(qtbot, widget, "0")
    assert session.state.settings.total_steps == 300
    assert slider_of(widget).value() == before
    assert session.state.notice is not None
    assert session.state.notice.text.startswith(
        "Total steps T: 0 is not allowed; it must be a whole"
    )


def test_it_dies_when_it_is_closed(qtbot: QtBot) -> None:
    session = FakeSession()
    widget = ValueSlider(session, "rank")
    alive = weakref.ref(widget)
    widget.deleteLater()
    del widget
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert alive() is None
    session.editor.update(rank=9)  # and nobody answers any more
