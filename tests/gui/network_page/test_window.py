"""A sample flows through both networks in the real window, over a real engine."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Frame, SampleFrame
from engine.protocol.settings import Settings
from gui.network_page.page import NetworkPage
from gui.sample.card import SampleCard
from tests.gui.real_window import LORA, RealWindow

MAY_STALL = pytest.mark.may_stall("the page is built when it is first opened")
TUMOURS = "cancer-small-to-large"


class Flowing(RealWindow):
    """A window with the network page open, and its user."""

    def __init__(self, qtbot: QtBot, settings: Settings = LORA) -> None:
        super().__init__(qtbot, settings)
        self.wait(lambda frame: self.session.state.catalogue is not None)
        self.press(Qt.Key.Key_N)
        page = self.window.findChild(NetworkPage)
        assert isinstance(page, NetworkPage)
        self.page = page
        self.wait(lambda frame: frame.activations is not None)

    def press(self, key: Qt.Key) -> None:
        self.qtbot.keyClick(self.window, key)

    def sample(self, good: Callable[[SampleFrame], bool]) -> SampleFrame:
        frame = self.wait(lambda frame: frame.sample is not None and good(frame.sample))
        assert frame.sample is not None
        return frame.sample


@pytest.fixture
def user(qtbot: QtBot) -> Iterator[Flowing]:
    made = Flowing(qtbot)
    yield made
    made.close()


def _widest(frame: Frame) -> float:
    """Return the largest difference between the activations and those before."""
    assert frame.activations is not None
    return max(
        float(np.abs(layer.after - layer.before).max())
        for layer in frame.activations.layers
        if layer.before is not None
    )


@MAY_STALL
def test_it_opens_and_closes_by_key_and_button_and_the_run_goes_on(
    user: Flowing, plays_on: None
) -> None:
    window, session = user.window, user.session
    assert window.page_stack.current == "network" and not window.stage.isVisible()
    assert window.timeline.isVisible()
    user.press(Qt.Key.Key_Right)
    user.wait(lambda frame: frame.step == 1)
    user.press(Qt.Key.Key_Left)
    user.wait(lambda frame: frame.step == 0)
    user.press(Qt.Key.Key_Space)
    user.wait(lambda frame: frame.step > 20)
    assert window.page_stack.current == "network"  # what moves is to be seen here too
    user.press(Qt.Key.Key_Space)
    user.until(lambda: not session.state.playing)
    for leave in (Qt.Key.Key_Escape, Qt.Key.Key_N):
        user.press(leave)
        assert window.page_stack.current != "network" and window.stage.isVisible()
        assert not session.view_requests.frame_options.activations
        user.click("networkButton")
        assert window.page_stack.current == "network"
        assert session.view_requests.frame_options.activations
    user.click("networkBack")
    assert window.page_stack.current != "network"
    user.wait(lambda frame: frame.activations is None)


@MAY_STALL
def test_before_and_now_part_while_it_trains(user: Flowing, plays_on: None) -> None:
    assert _widest(user.wait()) < 1e-5
    user.press(Qt.Key.Key_Space)
    first = user.wait(lambda frame: frame.playing and frame.step > 5)
    later = user.wait(lambda frame: frame.step > first.step + 60 and _widest(frame) > 0.05)
    assert later.activations is not None and first.activations is not None
    for then, now in zip(first.activations.layers, later.activations.layers, strict=True):
        assert np.array_equal(then.before, now.before)
    assert user.page.canvas.places[-1].station.name == "outputs"


@MAY_STALL
def test_the_other_pages_and_this_one_take_turns(user: Flowing) -> None:
    window = user.window
    user.press(Qt.Key.Key_V)
    assert window.page_stack.current == "compare" and not user.page.isVisible()
    assert not user.session.view_requests.frame_options.activations
    user.press(Qt.Key.Key_N)
    assert window.page_stack.current == "network" and user.page.isVisible()
    user.press(Qt.Key.Key_M)
    assert window.page_stack.current != "network" and window.stage.step_view.active
    user.press(Qt.Key.Key_N)
    assert window.page_stack.current == "network" and not window.stage.step_view.active
    assert not window.strip.isVisible()


@MAY_STALL
def test_a_drawing_is_answered_and_the_card_shows_it_too(user: Flowing) -> None:
    user.click("padClear")
    blank = user.sample(lambda sample: sample.drawn)
    pad, cell = user.page.side.pad, user.page.side.pad.width() // 8
    user.qtbot.mousePress(pad, Qt.MouseButton.LeftButton, pos=QPoint(4 * cell, cell))
    user.qtbot.mouseMove(pad, QPoint(4 * cell, 7 * cell))
    user.qtbot.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=QPoint(4 * cell, 7 * cell))
    stroke = user.sample(lambda sample: sample.drawn and bool(sample.picture.any()))
    user.until(lambda: np.array_equal(user.session.state.frame.sample.picture, pad.matrix()))
    assert stroke.label is None
    assert not np.allclose(stroke.before, blank.before)
    card = user.window.findChild(SampleCard)
    assert card.text().startswith("Your drawing")
    assert "right" not in card.text() and "wrong" not in card.text()
    user.session.editor.update(task="digits-to-inverted")
    user.wait(
        lambda frame: frame.settings.task == "digits-to-inverted" and frame.activations is not None
    )
    assert user.sample(lambda sample: True).drawn
    user.click("padBack")
    assert user.sample(lambda sample: not sample.drawn).label is not None
    assert card.text().startswith("Sample 1 of")


@MAY_STALL
def test_a_drawing_outlives_the_engine(user: Flowing) -> None:
    user.click("padClear")
    user.sample(lambda sample: sample.drawn)
    process = user.session.host.process_id
    assert process is not None
    os.kill(process, signal.SIGKILL)
    user.until(lambda: not user.session.host.alive)
    user.session.act_on_notice()
    user.until(lambda: user.session.host.alive and user.session.host.process_id != process)
    user.session.playback.step()
    user.wait(lambda frame: frame.step == 1 and frame.sample is not None and frame.sample.drawn)


@MAY_STALL
def test_tumours_have_no_drawing_and_say_why(user: Flowing) -> None:
    user.click("padClear")
    user.sample(lambda sample: sample.drawn)
    user.session.editor.update(task=TUMOURS)
    user.wait(lambda frame: frame.settings.task == TUMOURS and frame.activations is not None)
    assert user.page.side.pad.matrix().shape == (3, 10)
    assert "not an image" in user.page.side.drawing_hint.text()
    user.qtbot.mouseClick(user.page.side.pad, Qt.MouseButton.LeftButton)
    process = user.session.host.process_id
    os.kill(process, signal.SIGKILL)
    user.until(lambda: not user.session.host.alive)
    user.session.act_on_notice()
    user.until(lambda: user.session.host.alive and user.session.host.process_id != process)
    user.session.playback.step()
    user.wait(lambda frame: frame.step == 1)
    notice = user.session.state.notice
    assert notice is None or "drawn" not in notice.text  # it was not told what it must refuse


@MAY_STALL
def test_a_large_network_has_small_pictures_here_and_sharp_ones_on_the_stage(
    qtbot: QtBot,
) -> None:
    user = Flowing(qtbot, Settings(strategy="lora", width=300, depth=6))
    try:
        thumb = user.page.canvas.network_layout.thumb

        def small(frame: Frame) -> bool:
            layer = frame.layers[1]
            return layer.part is not None and max(layer.weight.shape) <= thumb

        user.session.playback.step()
        user.wait(lambda frame: frame.step == 1)
        user.session.playback.step()
        user.wait(small)
        user.press(Qt.Key.Key_N)
        user.session.playback.step()
        user.wait(lambda frame: max(frame.layers[1].weight.shape) > thumb)
    finally:
        user.close()
