"""The real window over a real engine: back, forth, and on other branches."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QSlider, QWidget
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Frame
from engine.protocol.settings import Settings
from gui.matrices.heatmap import Heatmap
from gui.text.numbers import short_number
from gui.timeline.slider import TimelineSlider
from tests.gui.patience import PATIENCE
from tests.gui.real_window import LORA, RealWindow


class Navigation(RealWindow):
    """A user who goes back and forth."""

    @property
    def track(self) -> TimelineSlider:
        found = self.find(QSlider, "timelineSlider")
        assert isinstance(found, TimelineSlider)
        return found

    def says(self, text: str) -> None:
        """Wait until the window says where it is."""
        place = self.window.timeline.position
        self.qtbot.waitUntil(lambda: place.text() == text, timeout=PATIENCE)

    def at(self, step: int, branch: int = 0) -> Frame:
        """Wait for a step of a branch; then the stage, the strip and the charts show it."""
        frame = self.wait(lambda frame: (frame.step, frame.branch) == (step, branch))
        self.qtbot.waitUntil(lambda: self.track.value() == step, timeout=PATIENCE)
        for layer in frame.layers:
            assert self.matrix(f"{layer.name}.updated").tobytes() == layer.updated.tobytes()
        return frame

    def take(self, count: int) -> None:
        self.session.playback.take_steps(count)


@pytest.fixture
def travel(qtbot: QtBot) -> Iterator[Callable[[Settings], Navigation]]:
    opened: list[Navigation] = []

    def start(settings: Settings) -> Navigation:
        opened.append(Navigation(qtbot, settings))
        opened[-1].wait(lambda frame: frame.step == 0)
        return opened[-1]

    yield start
    for traveller in opened:
        traveller.close()


def bits(frame: Frame) -> list[bytes]:
    return [layer.updated.tobytes() for layer in frame.layers]


SeekQueue = Callable[[Settings], Navigation]


def test_back_and_forth_shows_the_same_bits(travel: SeekQueue) -> None:
    user = travel(LORA)
    user.take(60)
    there = bits(user.at(60))
    user.says("Step 60 · now")
    user.qtbot.keyClick(user.window, Qt.Key.Key_Left)
    before = bits(user.at(59))
    user.says("Step 59 of 60 · the past")
    user.track.setValue(17)
    user.at(17)
    user.qtbot.keyClick(user.window, Qt.Key.Key_Home)
    user.at(0)
    user.track.setValue(59)
    assert bits(user.at(59)) == before
    user.qtbot.keyClick(user.window, Qt.Key.Key_Right)
    assert bits(user.at(60)) == there
    user.says("Step 60 · now")
    user.qtbot.keyClick(user.window, Qt.Key.Key_Home)
    user.at(0)
    user.take(80)
    user.at(80)
    user.track.setValue(60)
    assert bits(user.at(60)) == there
    record = user.window.findChild(QWidget, "lossChart").spec.curves[-1]
    assert sorted(set(record.steps.tolist())) == record.steps.tolist()


def test_scrubbing_while_it_trains_pauses_there(travel: SeekQueue, plays_on: None) -> None:
    user = travel(LORA)
    user.click("playButton")
    user.wait(lambda frame: frame.step > 150)
    for step in range(100, 40, -1):
        user.track.setValue(step)
    user.at(41)
    assert not user.session.state.playing
    tip = user.session.state.frame.tip
    user.says(f"Step 41 of {tip:,} · the past")
    play = user.find(QAbstractButton, "playButton")
    assert play.toolTip().startswith("Train from step 41")
    user.click("playButton")
    user.wait(lambda frame: frame.step > tip)
    user.click("playButton")
    user.wait(lambda frame: not frame.playing)
    assert len(user.session.state.branches()) == 1
    user.qtbot.waitUntil(lambda: user.window.timeline.position.text().endswith(" · now"))


def test_settings_follow_the_step(travel: SeekQueue) -> None:
    user = travel(LORA)
    user.take(30)
    user.at(30)
    rate = user.find(QSlider, "learningRateSlider")
    slow = rate.value()
    rate.setValue(slow + 50)
    fast = user.session.state.settings
    user.wait(lambda frame: frame.settings == fast)
    user.take(30)
    user.at(60)
    user.track.setValue(20)
    user.at(20)
    assert (user.session.state.settings, rate.value()) == (LORA, slow)
    user.take(20)  # through the change: it acts again
    user.at(40)
    assert (user.session.state.settings, rate.value()) == (fast, slow + 50)
    assert len(user.session.state.branches()) == 1
    assert [mark.step for mark in user.session.state.change_log.of(0)] == [30]


def test_a_fork_from_its_making_to_its_end(travel: SeekQueue) -> None:
    user = travel(LORA)
    user.take(60)
    first = bits(user.at(60))
    user.track.setValue(40)
    shared = bits(user.at(40))
    rate = user.find(QSlider, "learningRateSlider")
    slow = rate.value()
    rate.setValue(slow + 60)
    user.wait(lambda frame: frame.branch == 1)
    name = f"η {short_number(user.session.state.settings.learning_rate)}"
    user.says(f"Step 40 · now · Branch {name}")
    assert bits(user.at(40, 1)) == shared
    control = Qt.KeyboardModifier.ControlModifier
    user.qtbot.keyClick(user.window, Qt.Key.Key_Z, control)
    assert user.session.state.settings == LORA  # before the branch took a step: it is gone again
    user.wait(lambda frame: frame.branch == 0)
    user.says("Step 40 of 60 · the past")
    rate.setValue(slow + 80)
    branch = user.wait(lambda frame: frame.branch > 0).branch
    user.take(30)
    fork = user.at(70, branch)
    name = f"η {short_number(user.session.state.settings.learning_rate)}"
    user.says(f"Step 70 · now · Branch {name}")
    assert [each.name for each in user.session.state.branches()] == ["η 0.003", name]
    assert [mark.step for mark in user.session.state.change_log.of(branch)] == [40]
    assert user.session.state.change_log.of(0) == ()

    user.click("compare.0")
    seen = user.wait(lambda frame: frame.measurements.difference is not None)
    assert (seen.measurements.difference.branch, seen.measurements.difference.step) == (0, 60)
    difference = dict(seen.layers[0].factors)["difference"]
    heatmap = user.find(Heatmap, "heatmap.layer1.difference")
    assert heatmap.matrix().tobytes() == difference.tobytes()
    user.track.setValue(40)
    seen = user.wait(lambda frame: frame.step == 40 and frame.measurements.difference is not None)
    assert seen.measurements.difference.step == 40
    assert not any(dict(layer.factors)["difference"].any() for layer in seen.layers)
    user.click("compare.0")
    user.wait(lambda frame: frame.measurements.difference is None)

    user.find(QAbstractButton, f"branch.{branch}").rename()
    editor = user.find(QLineEdit, "branchNameEdit")
    editor.setText("fast")
    user.qtbot.keyClick(editor, Qt.Key.Key_Return)
    user.says("Step 40 of 70 · the past · Branch fast")
    user.click("branch.0")
    user.at(40)
    assert rate.value() == slow
    user.click("nowButton")
    assert bits(user.at(60)) == first
    user.qtbot.keyClick(user.window, Qt.Key.Key_Right, control)
    user.at(60, branch)
    user.click("nowButton")
    assert bits(user.at(70, branch)) == bits(fork)
    user.click(f"askDrop.{branch}")
    assert bits(user.at(60)) == first
    user.says("Step 60 · now")
    assert user.session.state.settings == LORA


def test_a_reset_and_a_new_strategy_begin_a_new_timeline(travel: SeekQueue) -> None:
    user = travel(LORA)
    user.take(30)
    user.at(30)
    user.track.setValue(10)
    user.at(10)
    user.session.editor.update(rank=7)
    user.wait(lambda frame: frame.branch == 1)
    user.click("resetButton")
    user.wait(lambda frame: frame.run > 1)
    user.says("Step 0 · now")
    assert user.track.maximum() == 0
    assert user.session.state.settings.rank == 7
    user.take(5)
    user.at(5)
    user.session.editor.choose_strategy("full")
    user.wait(lambda frame: frame.settings.strategy == "full")
    user.says("Step 0 · now")


def test_more_branches_than_there_may_be_are_refused_in_words(travel: SeekQueue) -> None:
    user = travel(LORA)
    user.take(10)
    user.at(10)
    for number in range(1, 7):
        user.session.navigation.go_to(5, 0)
        user.at(5)
        user.session.editor.update(rank=10 + number)
        if number < 6:
            user.wait(lambda frame, number=number: frame.branch == number)
            user.take(1)
            user.at(6, number)
    status = user.find(QWidget, "statusMessage")
    user.qtbot.waitUntil(lambda: "drop one" in status.text(), timeout=PATIENCE)
    assert user.session.state.settings == LORA
    assert user.window.stage.height() >= 300
