"""A step looked into in the whole window: by key, by button, in slow motion, and out again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Frame, FrameOptions, GoTo, Play, Step
from gui.matrices.heatmap import Heatmap
from gui.sample.class_bars import ClassBars
from gui.stage.stage import Stage
from gui.step_view.phases import FIRST_PHASE, Phase
from gui.step_view.strip import PhasePath
from gui.theme import appearance
from tests.engine.cover import each_with
from tests.gui.cut_texts import cut_texts
from tests.gui.frames import frame, session_of
from tests.gui.large_frames import Engine
from tests.gui.made_derivations import with_trace
from tests.gui.patience import settle
from tests.gui.places import check_geometry
from tests.gui.shared_window import SharedWindow, shared_window


class Looking(SharedWindow):
    """A window whose engine answers when it is told to."""

    def __init__(self, strategy: str = "full", size: tuple[int, int] = (1280, 720)) -> None:
        self.strategy, self.step = strategy, 7
        self.step_trace = False
        super().__init__(size, frame(strategy, step=self.step), session=session_of(strategy))
        self.window.activateWindow()

    def restore(self) -> None:
        self.step, self.step_trace = 7, False
        super().restore()

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.window, key)
        self.answer()

    def answer(self) -> None:
        """Do what was asked since the last time."""
        sent, went = self.session.fake_host.sent, False
        for command in sent:
            if isinstance(command, Step):
                self.step += command.count
            elif isinstance(command, GoTo):
                self.step, went = command.step, True
            elif isinstance(command, FrameOptions):
                self.step_trace = command.step_trace
        sent.clear()
        if went:
            self.session.arrive(self.frame())
        else:
            self.session.feed(self.frame())

    def frame(self) -> Frame:
        now = replace(frame(self.strategy, step=self.step), tip=8)
        return with_trace(now) if self.step_trace else now

    @property
    def moment(self) -> tuple[int, Phase]:
        shown = self.window.stage.step_view.shown
        assert shown is not None
        return shown[1].step, shown[2]

    def seen(self, layer: str = "layer2") -> set[str]:
        """Matrices of the step that are seen beside a layer's own."""
        found = self.window.findChildren(Heatmap)
        names = {one.objectName() for one in found if one.isVisible()}
        return {info.name for info in FIRST_PHASE if f"heatmap.{layer}.{info.name}" in names}

    def strip(self) -> str:
        return self.window.strip.text()


@pytest.mark.parametrize(
    ("strategy", "size"),
    each_with(
        [(1280, 720), (1600, 1000)],
        ones=["qlora", "adapter", "prefix", "full", "lora", "dora", "vera"],
        share=2,
    ),
)
def test_nothing_covers_anything(
    qtbot: QtBot, dressed: None, strategy: str, size: tuple[int, int]
) -> None:
    looking = Looking(strategy, size)
    qtbot.addWidget(looking.window)
    looking.press(Qt.Key.Key_M)
    looking.press(Qt.Key.Key_Right)
    looking.press(Qt.Key.Key_Right)
    looking.press(Qt.Key.Key_Right)
    assert looking.moment == (8, Phase.OPTIMIZER)
    check_geometry(looking.window.stage)


@pytest.fixture(scope="module")
def shared(dressed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looking]:
    with shared_window(tmp_path_factory.mktemp("shared"), Looking) as looking:
        yield looking


@pytest.fixture
def looking(shared: Looking) -> Iterator[Looking]:
    yield shared
    shared.restore()


def test_keys_lead_through_the_moments_and_out_again(looking: Looking) -> None:
    before = _pictures(looking.window.stage)
    assert not looking.window.strip.isVisible()
    looking.press(Qt.Key.Key_M)
    assert looking.window.strip.isVisible()
    assert looking.strip().startswith("Step 7 → 8\nThe first of the batch's 32 samples")
    places = _pictures(looking.window.stage)
    seen = []
    for moment in Phase:
        assert looking.moment == (8, moment)
        path = looking.window.findChild(PhasePath)
        assert isinstance(path, PhasePath) and path.phase is moment
        seen.append(looking.seen())
        now = _pictures(looking.window.stage)
        assert all(now.get(name, place) == place for name, place in places.items())  # none moves
        own = {name.rpartition(".")[2] for name in now if ".layer2." in name}
        assert ("updated" in own) == (moment in (Phase.FORWARD, Phase.LOSS, Phase.TAKEN))
        assert ("delta" in own) == (moment is not Phase.OPTIMIZER)
        check_geometry(looking.window.stage)
        looking.press(Qt.Key.Key_Right)
    assert [len(names) for names in seen] == [2, 3, 4, 5, 3]
    assert looking.moment == (9, Phase.FORWARD)
    assert looking.step == 8
    looking.press(Qt.Key.Key_Escape)
    assert not looking.window.strip.isVisible()
    assert not looking.step_trace
    settle()
    assert _pictures(looking.window.stage) == before
    assert not looking.seen()


def _pictures(stage: Stage) -> dict[str, tuple[int, int, int, int]]:
    """Where the layers' own matrices stand."""
    return {
        one.objectName(): (one.x(), one.y(), one.width(), one.height())
        for one in stage.findChildren(Heatmap)
        if one.isVisible()
    }


def test_back_leads_through_the_step_before(looking: Looking) -> None:
    looking.press(Qt.Key.Key_M)
    looking.press(Qt.Key.Key_Left)  # asks for step 6
    assert looking.step == 6
    looking.answer()
    assert (looking.moment, looking.step) == ((7, Phase.TAKEN), 7)
    looking.press(Qt.Key.Key_Left)
    assert (looking.moment, looking.step) == ((7, Phase.OPTIMIZER), 6)


def test_space_is_slow_motion_there_and_play_elsewhere(qtbot: QtBot, dressed: None) -> None:
    looking = Looking()
    qtbot.addWidget(looking.window)
    looking.press(Qt.Key.Key_M)
    looking.window.strip.change_pace(0.01)  # as fast as it allows
    QTest.keyClick(looking.window, Qt.Key.Key_Space)
    assert looking.window.strip.slow_motion
    assert not any(isinstance(sent, Play) for sent in looking.session.fake_host.sent)
    qtbot.waitUntil(lambda: looking.moment[1] is Phase.OPTIMIZER)
    looking.press(Qt.Key.Key_Left)  # by hand: it stops
    assert not looking.window.strip.slow_motion
    assert looking.moment == (8, Phase.GRADIENT)
    looking.press(Qt.Key.Key_Escape)
    QTest.keyClick(looking.window, Qt.Key.Key_Space)
    assert looking.session.state.playing


def test_buttons_do_what_keys_do(looking: Looking) -> None:
    def button(kind: type, name: str) -> QPushButton | QToolButton:
        found = looking.window.findChild(kind, name)
        assert isinstance(found, QPushButton | QToolButton)
        return found

    def click(which: QPushButton | QToolButton) -> None:
        QTest.mouseClick(which, Qt.MouseButton.LeftButton)
        looking.answer()

    click(button(QPushButton, "microscopeButton"))
    assert looking.moment == (8, Phase.FORWARD)
    path = looking.window.findChild(PhasePath)
    assert isinstance(path, PhasePath)
    at: QPointF = path.place(Phase.GRADIENT).center()
    QTest.mouseClick(path, Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert looking.moment == (8, Phase.GRADIENT)
    click(button(QToolButton, "slowMotion"))
    assert looking.window.strip.slow_motion
    click(button(QToolButton, "microscopeClose"))
    assert not looking.window.stage.step_view.active
    assert not looking.window.strip.slow_motion


def test_the_chances_come_with_the_loss(looking: Looking) -> None:
    looking.press(Qt.Key.Key_M)
    chances = looking.window.findChild(ClassBars, "chances")
    assert isinstance(chances, ClassBars) and not chances.isVisible()
    looking.press(Qt.Key.Key_Right)
    assert chances.isVisible()
    assert "3: 82.0" in chances.toolTip()


def test_the_matrices_of_a_step_are_read_like_others(looking: Looking) -> None:
    looking.press(Qt.Key.Key_M)
    for _ in range(3):
        looking.press(Qt.Key.Key_Right)
    stage = looking.window.stage
    maps = {one.objectName(): one for one in stage.findChildren(Heatmap)}
    maps["heatmap.layer2.updated"].hovered.emit(17, 5)
    assert maps["heatmap.layer2.inputs"].mark() == (None, 5)
    assert maps["heatmap.layer2.outputs"].mark() == (17, None)
    assert maps["heatmap.layer2.delta_out"].mark() == (17, None)
    assert maps["heatmap.layer2.loss_gradient"].mark() == (17, 5)
    maps["heatmap.layer2.updated"].left.emit()
    maps["heatmap.layer2.inputs"].hovered.emit(0, 5)
    assert maps["heatmap.layer2.updated"].mark() == (None, 5)
    shown = stage.step_view.shown
    assert shown is not None and stage.reading is not None
    assert stage.reading.value == float(shown[1].layers[1].inputs[0, 5])
    assert "layer's input" in looking.window.right.readout.text()
    step = shown[1].layers[1]
    assert np.array_equal(maps["heatmap.layer2.move"].matrix(), step.move)


def test_it_is_not_offered_for_a_large_network(looking: Looking) -> None:
    button = looking.window.findChild(QPushButton, "microscopeButton")
    assert isinstance(button, QPushButton) and button.isEnabled()
    looking.session.feed(Engine({"layer1": (400, 30), "head": (10, 400)}).frame(1, run=2))
    assert not button.isEnabled()
    assert "more than 256" in button.toolTip()
    QTest.keyClick(looking.window, Qt.Key.Key_M)
    assert not looking.window.stage.step_view.active


def test_where_it_is_narrow_the_words_stand_below_and_none_is_cut(looking: Looking) -> None:
    looking.window.resize(800, 720)
    appearance.set_text_scale(2.0)
    looking.press(Qt.Key.Key_M)
    for _ in Phase:
        settle()
        assert cut_texts(looking.window.strip) == []
        looking.press(Qt.Key.Key_Right)
    appearance.set_text_scale(1.0)
    looking.window.resize(1280, 720)
    settle()
    assert cut_texts(looking.window.strip) == []
