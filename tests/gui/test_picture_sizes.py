"""The pictures are the largest thing in the window: at three sizes, after 300 steps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.protocol.settings import Settings
from tests.engine.cover import some_of
from tests.gui.picture_sizes import cell_side, heatmap_share
from tests.gui.real_window import RealWindow

SIZES = ((1280, 720), (1600, 1000), (2560, 1440))
CELLS = {"full": (4, 6, 9), "lora": (4, 6, 9), "qlora": (3, 5, 8), "adapter": (3, 5, 8)}
"""Strategy -> least pixels of a cell of W, ΔW and W′ at each of `SIZES`."""
SHARES = (0.22, 0.28, 0.30)
"""Least share of the window for heatmaps at each of `SIZES`, for full fine-tuning and LoRA."""


def _resize(user: RealWindow, size: tuple[int, int]) -> QWidget:
    window = user.window
    window.resize(*size)
    user.until(lambda: (window.width(), window.height()) == size)
    window.grab()  # lays out all that waits to be laid out
    return window


@pytest.fixture
def drive(qtbot: QtBot, dressed: None) -> Iterator[list[RealWindow]]:
    opened: list[RealWindow] = []
    yield opened
    for user in opened:
        user.close()


@pytest.mark.parametrize("strategy", some_of([*CELLS], 2))
def test_pictures_fill_the_window(strategy: str, qtbot: QtBot, drive: list[RealWindow]) -> None:
    user = RealWindow(qtbot, Settings(strategy=strategy))
    drive.append(user)
    user.wait(lambda frame: frame.step == 0)
    user.session.playback.take_steps(300)
    user.wait(lambda frame: frame.step == 300)
    for size, cell, share in zip(SIZES, CELLS[strategy], SHARES, strict=True):
        window = _resize(user, size)
        for name in ("layer1", "layer2", "layer3", "head"):
            matrices = ("weight", "updated") if strategy == "adapter" else ("weight", "delta")
            for matrix in matrices:
                assert cell_side(window, f"{name}.{matrix}") >= cell, (size, name, matrix)
        if strategy in ("full", "lora"):
            assert heatmap_share(window) >= share, size


def test_before_a_room_beside_a_card_and_its_spectrum(
    qtbot: QtBot, drive: list[RealWindow]
) -> None:
    user = RealWindow(qtbot, Settings(strategy="lora"))
    drive.append(user)
    user.wait(lambda frame: frame.step == 0)
    assert user.window.lesson_panel.open_named("8")
    user.wait(lambda frame: frame.step == 0 and frame.settings.strategy == "lora")
    user.window.presenter.present(True)
    user.window.setWindowState(Qt.WindowState.WindowNoState)
    user.window.show_tab("spectrum")
    window = _resize(user, (1280, 720))
    for matrix in ("layer1.delta", "layer2.weight", "layer3.updated", "layer2.lora_B"):
        user.until(lambda matrix=matrix: cell_side(window, matrix) >= 4)
    user.window.presenter.present(False)


def test_one_layer_alone(qtbot: QtBot, drive: list[RealWindow]) -> None:
    user = RealWindow(qtbot, Settings(strategy="lora"))
    drive.append(user)
    user.wait(lambda frame: frame.step == 0)
    _resize(user, (1280, 720))
    for layer in ("layer1", "layer2", "layer3", "head"):
        user.window.stage.focus(layer)
        assert cell_side(user.window, f"{layer}.delta") >= 10, layer
    user.window.stage.focus("")
    assert cell_side(user.window, "layer2.delta") >= 4
