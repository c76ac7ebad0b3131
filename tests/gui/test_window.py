"""The real window over a real engine, driven as a user drives it."""

import gc
import hashlib
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QPushButton,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

import gui.state.engine_link
from engine.protocol.messages import Applied
from engine.protocol.settings import Settings
from gui.theme import appearance
from gui.widgets.value_field import ValueField
from tests.engine.faulty_engines import StepGate
from tests.forked import run_main
from tests.gui.patience import PATIENCE, settle
from tests.gui.real_window import LORA, RealWindow

ROOT = Path(__file__).resolve().parents[2]


Drive = Callable[[Settings], RealWindow]


@pytest.fixture
def drive(qtbot: QtBot) -> Iterator[Drive]:
    opened: list[RealWindow] = []

    def start(settings: Settings) -> RealWindow:
        opened.append(RealWindow(qtbot, settings))
        return opened[-1]

    yield start
    for driven in opened:
        driven.close()


def _trained_alone(*arguments: str) -> dict:
    """What `train --json` says of the same run."""
    done = run_main(["train", "--json", *arguments], os.environ)
    return {layer["name"]: layer for layer in json.loads(done.stdout)["layers"]}


def _sha256(matrix: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(matrix).tobytes()).hexdigest()


def _kept(user: RealWindow, step: int) -> None:
    """Wait until the window holds the state of this step: an engine sends it before it answers."""
    user.wait(lambda frame: frame.step == step and frame.is_measured)
    user.session.view_requests.show_sample(1)
    user.wait(lambda frame: frame.sample is not None and frame.sample.index == 1)


def test_a_lecture(drive: Drive) -> None:
    """Play, drag rank and rate, toggle a lock, read, reset, step: all as the trainer has it."""
    user = drive(LORA)
    start = user.wait(lambda frame: frame.step == 0)
    user.session.playback.play()  # without an end
    user.wait(lambda frame: frame.step > 30)

    rank, rate = user.find(QSlider, "rankSlider"), user.find(QSlider, "learningRateSlider")
    for value in (5, 7, 12):
        rank.setValue(value)
    rate.setValue(-200)
    user.wait(lambda frame: frame.settings.rank == 12 and frame.settings.learning_rate == 0.01)
    assert user.matrix("layer1.lora_B").shape == (40, 12)

    user.click("freeze.layer2")
    locked = user.wait(lambda frame: not frame.layers[1].trainable)
    kept = locked.layers[1].delta.tobytes()
    later = user.wait(lambda frame: frame.step > locked.step + 100)
    assert later.layers[1].delta.tobytes() == kept
    assert user.matrix("layer2.delta").tobytes() == kept
    assert later.layers[0].delta.tobytes() != locked.layers[0].delta.tobytes()

    user.click("playButton")
    for layer in user.wait(lambda frame: not frame.playing).layers:
        assert user.matrix(f"{layer.name}.weight").tobytes() == layer.weight.tobytes()
        assert user.matrix(f"{layer.name}.delta").tobytes() == layer.delta.tobytes()
        assert user.matrix(f"{layer.name}.updated").tobytes() == layer.updated.tobytes()

    user.click("resetButton")
    user.wait(lambda frame: frame.step == 0 and frame.run > start.run)
    assert not user.matrix("layer1.delta").any()
    assert user.matrix("layer1.weight").tobytes() == start.layers[0].weight.tobytes()
    user.click("stepButton")
    user.wait(lambda frame: frame.step == 1)
    user.session.playback.take_steps(24)
    user.wait(lambda frame: frame.step == 25)
    alone = _trained_alone("--strategy", "lora", "--rank", "12", "--learning-rate", "0.01",
                           "--freeze", "layer2", "--steps", "25")  # fmt: skip
    for name in ("layer1", "layer2", "layer3", "head"):
        assert _sha256(user.matrix(f"{name}.updated")) == alone[name]["updated_sha256"]


@pytest.mark.may_stall("another theme polishes each of some 500 widgets anew")
def test_keys(drive: Drive) -> None:
    user = drive(Settings())
    user.wait(lambda frame: frame.step == 0)
    user.qtbot.keyClick(user.window, Qt.Key.Key_Right)
    user.wait(lambda frame: frame.step == 1)
    user.qtbot.keyClick(user.window, Qt.Key.Key_Space)
    user.wait(lambda frame: frame.step > 20)
    user.qtbot.keyClick(user.window, Qt.Key.Key_R)
    user.wait(lambda frame: frame.step == 0)
    user.qtbot.keyClick(user.window, Qt.Key.Key_8)
    user.wait(lambda frame: frame.settings.strategy == "lora")
    user.qtbot.keyClick(user.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    user.wait(lambda frame: frame.settings.strategy == "full")
    dark = appearance.theme.dark
    user.qtbot.keyClick(user.window, Qt.Key.Key_T)
    assert appearance.theme.dark is not dark


def test_a_lesson_is_one_key_away_and_trains(drive: Drive) -> None:
    user = drive(Settings())
    user.wait(lambda frame: frame.step == 0)
    for lesson in (1, 4, 8):
        user.window.lesson_controller.leave()  # within one digits answer its questions
        user.qtbot.keyClick(user.window, str(lesson))
        info = next(i for i in user.session.state.catalogue.strategies if i.lesson == lesson)
        user.wait(lambda frame, name=info.name: frame.settings.strategy == name)
        assert user.session.state.frame.step == 0
        user.session.playback.take_steps(20)
        frame = user.wait(lambda frame: frame.step == 20)
        assert frame.trainable_parameters > 0
        box = user.find(QComboBox, "strategyBox")
        assert box.currentText() == info.label


def test_everything_frozen_is_said(drive: Drive) -> None:
    user = drive(Settings(frozen=("layer1", "layer2", "layer3", "head")))
    first = user.wait(lambda frame: frame.step == 0)
    user.click("playButton")
    later = user.wait(lambda frame: frame.step > 50)
    assert later.measurements.train_loss == first.measurements.train_loss
    status = user.find(QLabel, "statusMessage")
    assert "Everything is frozen" in status.text()
    user.click("freeze.layer3")
    user.wait(lambda frame: frame.layers[2].trainable)
    user.qtbot.waitUntil(lambda: "frozen" not in status.text(), timeout=PATIENCE)


def test_a_diverging_run_is_explained_and_taken_back(
    drive: Drive,
) -> None:
    user = drive(Settings())
    user.session.playback.take_steps(10)
    good = user.wait(lambda frame: frame.step == 10)
    user.session.editor.update(learning_rate=1e30)
    user.session.playback.play()
    status = user.find(QLabel, "statusMessage")
    user.qtbot.waitUntil(lambda: "diverged" in status.text(), timeout=PATIENCE)
    assert not user.session.state.playing
    user.session.editor.update(learning_rate=1e-3)
    _press(user, "Back to step 10, η = 0.003")
    back = user.wait(lambda frame: frame.step == 10)
    assert back.layers[0].updated.tobytes() == good.layers[0].updated.tobytes()


def test_a_killed_engine_leaves_the_window_able_to_go_on(
    drive: Drive,
) -> None:
    user = drive(LORA)
    user.wait(lambda frame: frame.step == 0)
    user.session.playback.take_steps(30)
    _kept(user, 30)
    picture = user.matrix("layer1.delta").tobytes()
    os.kill(user.session.host.process_id, signal.SIGKILL)
    status = user.find(QLabel, "statusMessage")
    user.qtbot.waitUntil(lambda: "stopped unexpectedly" in status.text(), timeout=PATIENCE)
    assert user.matrix("layer1.delta").tobytes() == picture
    _press(user, "Continue from step 30")
    user.session.playback.take_steps(10)
    user.wait(lambda frame: frame.step == 40)
    alone = _trained_alone("--strategy", "lora", "--steps", "40")
    assert _sha256(user.matrix("layer1.updated")) == alone["layer1"]["updated_sha256"]


def test_the_engine_answers_what_a_page_asks_also_while_paused(
    drive: Drive,
) -> None:
    user = drive(Settings())
    user.session.playback.take_steps(20)
    user.wait(lambda frame: frame.step == 20)
    user.window.show_tab("spectrum")
    user.find(QSlider, "xraySlider").setValue(2)
    seen = user.wait(lambda frame: frame.measurements.truncation is not None)
    assert seen.measurements.truncation is not None
    assert seen.measurements.truncation.rank == 2
    truncated = dict(seen.layers[0].factors)["truncated"]
    assert np.linalg.matrix_rank(truncated.astype(np.float64), tol=1e-5) == 2
    share = float((truncated**2).sum()) / seen.layers[0].delta_norm ** 2
    assert seen.measurements.truncation.layers[0].energy == pytest.approx(share, rel=1e-4)
    user.window.show_tab("merge")
    seen = user.wait(lambda frame: len(frame.measurements.merges) == 5)
    assert seen.measurements.truncation is None
    sentence = user.find(QLabel, "mergeSentence")
    user.qtbot.waitUntil(lambda: "at 4 bits" in sentence.text(), timeout=PATIENCE)
    user.window.show_tab("curves")
    user.wait(lambda frame: not frame.measurements.merges)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs SIGSTOP")
def test_an_engine_that_hangs_is_said_to_and_can_be_replaced(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meanwhile the window answers its user: would it wait for the engine, this never ended."""
    monkeypatch.setattr(gui.state.engine_link, "ASK_TICKS", 5)
    monkeypatch.setattr(gui.state.engine_link, "SILENT_TICKS", 30)
    user = drive(LORA)
    user.wait(lambda frame: frame.step == 0)
    user.session.playback.take_steps(30)
    _kept(user, 30)
    status = user.find(QLabel, "statusMessage")
    os.kill(user.session.host.process_id, signal.SIGSTOP)
    user.qtbot.waitUntil(lambda: "has not answered" in status.text(), timeout=PATIENCE)
    rate = user.find(QSlider, "learningRateSlider")
    for value in [*range(-300, -100)] * 3:
        rate.setValue(value)
        user.session.view_requests.show_sample(value)
    user.session.editor.update(learning_rate=LORA.learning_rate)
    os.kill(user.session.host.process_id, signal.SIGCONT)
    user.qtbot.waitUntil(lambda: "has not answered" not in status.text(), timeout=PATIENCE)

    os.kill(user.session.host.process_id, signal.SIGSTOP)
    user.qtbot.waitUntil(lambda: "has not answered" in status.text(), timeout=PATIENCE)
    _press(user, "Continue from step 30")
    user.session.playback.take_steps(10)
    user.wait(lambda frame: frame.step == 40)
    alone = _trained_alone("--strategy", "lora", "--steps", "40")
    assert _sha256(user.matrix("layer1.updated")) == alone["layer1"]["updated_sha256"]


def test_a_slow_step_leaves_the_sliders_alive(drive: Drive, tmp_path: Path) -> None:
    """A step takes as long as the drag; the newest value acts at the next one, and it is said."""
    gate = StepGate(tmp_path)
    applied: list[Applied] = []
    with patch("engine.protocol.host._run_engine", gate.run_engine):
        user = drive(LORA)
        user.session.state.applied.connect(applied.append)
        user.wait(lambda frame: frame.step == 0)
    user.click("playButton")
    user.until(lambda: gate.is_reached(1))
    rank = user.find(QSlider, "rankSlider")
    shown = rank.parentWidget().findChild(ValueField)
    for value in range(5, 18):
        rank.setValue(value)
        assert (rank.value(), shown.text()) == (value, str(value))
        settle()
    assert not applied

    def newest_acts() -> bool:
        return user.session.state.frame.settings.rank == 17

    opened = 0
    while not newest_acts():
        opened += 1
        gate.open(opened)
        coming = opened + 1
        user.until(lambda coming=coming: newest_acts() or gate.is_reached(coming))
    # Of values that wait together only the newest acts, between two steps.
    steps = [report.step for report in applied]
    assert steps == sorted(set(steps)) and steps[-1] <= opened
    assert applied[-1].settings.rank == 17
    told = f"from step {applied[-1].step + 1}"
    user.until(lambda: any(told in each.text() for each in user.window.findChildren(QLabel)))
    user.session.playback.pause()
    for step in range(opened + 1, opened + 4):
        gate.open(step)


def test_a_window_is_off_the_screen_before_it_waits_for_its_engine(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = drive(LORA)
    seen: list[bool] = []
    monkeypatch.setattr(user.session.host, "close", lambda: seen.append(user.window.isVisible()))
    user.window.close()
    monkeypatch.undo()
    user.session.close()
    assert seen == [False]


def _press(user: RealWindow, text: str) -> None:
    buttons = [b for b in user.window.findChildren(QPushButton) if b.text() == text]
    assert len(buttons) == 1, [b.text() for b in user.window.findChildren(QPushButton)]
    user.qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)


def test_closing_in_mid_step_leaves_nothing_behind(drive: Drive, qtbot: QtBot) -> None:
    threads, children = threading.active_count(), len(multiprocessing.active_children())
    user = drive(Settings())
    user.wait(lambda frame: frame.step == 0)
    user.click("playButton")
    user.wait(lambda frame: frame.step > 10)
    parts = [weakref.ref(widget) for widget in user.window.findChildren(QWidget)]
    assert len(parts) > 50
    user.window.close()
    assert threading.active_count() == threads
    assert len(multiprocessing.active_children()) == children
    user.window.deleteLater()
    user.window = QWidget()
    settle()
    gc.collect()
    alive = [part() for part in parts if part() is not None]
    assert not alive


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "count", [2, pytest.param(100, marks=[pytest.mark.slow, pytest.mark.timeout(7200)])]
)
def test_quits_at_random_moments_all_end_well(count: int) -> None:
    """One in each part of the first four seconds."""
    dice, part = random.Random(count), 4000 // count
    moments = [10 + part * number + dice.randrange(part) for number in range(count)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}

    def quit_at(moment: int) -> tuple[int, int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "tests.gui.quit_at", str(moment)],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        return moment, done.returncode, done.stderr

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(quit_at, moments))
    assert [r for r in results if (r[1], r[2]) != (0, "")] == []


def test_a_killed_window_leaves_no_engine() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.gui.quit_at", "60000"], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not children.parent.parent.exists():
        process.kill()
        pytest.skip("needs /proc")
    engines: list[int] = []
    while not engines:
        engines = [pid for pid in map(int, children.read_text().split()) if _is_engine(pid)]
    process.kill()
    process.wait()
    for _ in range(200):
        if not any(_is_engine(pid) for pid in engines):
            return
        threading.Event().wait(0.05)
    pytest.fail("an engine outlived its window")


def _is_engine(process_id: int) -> bool:
    try:
        return "spawn_main" in Path(f"/proc/{process_id}/cmdline").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.may_stall("the page is built when it is first opened")
def test_costs_are_worked_out_while_it_trains(drive: Drive, plays_on: None) -> None:
    user = drive(LORA)
    user.wait(lambda frame: frame.step == 0)
    user.click("playButton")
    user.wait(lambda frame: frame.step > 10)
    user.click("costButton")
    page = user.find(QWidget, "costsPage")
    figure = page.findChild(QLabel, "cost.trainable")
    user.qtbot.waitUntil(lambda: figure.text() == "3,407,872", timeout=PATIENCE)
    box = page.findChild(QComboBox, "costModelBox")
    box.setCurrentIndex(box.findData("gpt3-175b"))
    user.qtbot.waitUntil(lambda: figure.text() == "37,748,736", timeout=PATIENCE)
    step = user.session.state.frame.step
    assert user.wait(lambda frame: frame.step > step).playing
