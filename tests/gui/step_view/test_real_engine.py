"""Cells and steps looked into in the real window over the real engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from engine.protocol.messages import CellAddress, CellDerivation, Frame
from engine.protocol.settings import Settings
from gui.inspector.line_text import line_text
from gui.matrices.heatmap import INSET
from gui.step_view.phases import Phase
from tests.arithmetic import evaluate
from tests.engine.cover import some_of
from tests.gui.patience import PATIENCE
from tests.gui.real_window import RealWindow

CELLS = {
    "full": ("layer2.delta", "layer3.updated", "head.delta"),
    "lora": ("layer2.delta", "layer2.lora_B", "layer1.lora_A"),
    "qlora": ("layer2.delta", "layer2.weight", "layer1.codes", "layer3.rounding_error"),
    "adapter": ("adapter2.down.updated", "adapter2.up.updated", "layer1.delta"),
}


class User(RealWindow):
    """A window over an engine, at step 5."""

    def __init__(self, qtbot: QtBot, strategy: str) -> None:
        settings = Settings(strategy=strategy, optimizer="adamw", weight_decay=0.1)
        super().__init__(qtbot, settings, (1600, 1000))
        self.wait(lambda frame: frame.step == 0)
        self.session.playback.take_steps(5)
        self.wait(lambda frame: frame.step == 5)

    def work(self, name: str, row: int, column: int) -> CellDerivation:
        """Click a cell and wait for its arithmetic."""
        heatmap = self.heatmap(name)
        size, (rows, columns) = heatmap.picture_size(), heatmap.matrix().shape
        at = QPoint(
            INSET + int((column + 0.5) * size.width() / columns),
            INSET + int((row + 0.5) * size.height() / rows),
        )
        self.qtbot.mouseClick(heatmap, Qt.MouseButton.LeftButton, pos=at)
        layer, _, matrix = name.rpartition(".")
        cell = CellAddress(layer, row, column, matrix)

        def there(frame: Frame) -> bool:
            return frame.derivation is not None and frame.derivation.cell == cell

        work = self.wait(there).derivation
        assert work is not None
        return work

    def press(self, key: Qt.Key) -> None:
        self.qtbot.keyClick(self.window, key)
        step_view = self.window.stage.step_view
        self.qtbot.waitUntil(lambda: not step_view.is_waiting, timeout=PATIENCE)

    def moment(self) -> tuple[int, int, Phase]:
        shown = self.window.stage.step_view.shown
        assert shown is not None
        return shown[0].step, shown[1].step, shown[2]


@pytest.fixture
def open_user(qtbot: QtBot) -> Iterator[Callable[[str], User]]:
    opened: list[User] = []

    def start(strategy: str) -> User:
        opened.append(User(qtbot, strategy))
        return opened[-1]

    yield start
    for user in opened:
        user.close()


@pytest.mark.parametrize("strategy", some_of([*CELLS][::-1], 2))
def test_what_is_shown_of_a_cell_is_the_cell(
    open_user: Callable[[str], User], strategy: str
) -> None:
    user = open_user(strategy)
    for name in CELLS[strategy]:
        work = user.work(name, 3, 2)
        matrix = user.heatmap(name).matrix()
        assert work.step == 5
        assert work.value == pytest.approx(float(matrix[3, 2]), rel=1e-5, abs=1e-9)
        assert work.value_lines or work.move or work.note, name
        if work.value_lines:
            shown = re.split("[=≈]", line_text(work.value_lines[-1]).whole)[-1]
            assert evaluate(shown) == pytest.approx(float(matrix[3, 2]), rel=2e-2, abs=1e-6)
        for line in (*work.value_lines, *work.path, *work.move):
            _, right, value = re.split("[=≈]", line_text(line).whole)
            terms = np.abs(line.scale * line.products.prod(axis=1)).sum()
            noise = 1e-3 * terms + 1e-6 * max(np.abs([*line.numbers, 1e-3]))
            assert evaluate(right) == pytest.approx(evaluate(value), rel=1e-2, abs=noise), line
        user.qtbot.waitUntil(lambda w=work: said(user, w), timeout=PATIENCE)


def said(user: User, work: CellDerivation) -> bool:
    """Whether the panel shows all of it."""
    text = user.window.inspector.text()
    lines = (*work.value_lines, *work.path, *work.move)
    return all(line_text(line).numbers in text for line in lines) and work.note in text


def test_a_kept_cell_follows_the_training(open_user: Callable[[str], User]) -> None:
    user = open_user("full")
    user.work("layer2.delta", 3, 2)
    user.session.playback.step()
    frame = user.wait(lambda frame: frame.step == 6 and frame.derivation is not None)
    assert frame.derivation is not None
    assert frame.derivation.step == 6
    user.qtbot.waitUntil(lambda: "Step 5 → 6" in user.window.inspector.text(), timeout=PATIENCE)


@pytest.mark.parametrize("strategy", some_of(list(CELLS), 2))
def test_the_five_moments_are_the_step(open_user: Callable[[str], User], strategy: str) -> None:
    user = open_user(strategy)
    name = "adapter2.up" if strategy == "adapter" else "layer2"
    user.press(Qt.Key.Key_M)
    before = user.heatmap(f"{name}.updated").matrix().copy()
    for moment in (Phase.FORWARD, Phase.LOSS, Phase.GRADIENT, Phase.OPTIMIZER):
        assert user.moment() == (5, 6, moment)
        user.press(Qt.Key.Key_Right)
    assert user.moment() == (6, 6, Phase.TAKEN)
    shown = user.window.stage.step_view.shown
    assert shown is not None
    move = {layer.name: layer.move for layer in shown[1].layers}[name]
    after = user.heatmap(f"{name}.updated").matrix().copy()
    assert np.any(after != before)
    np.testing.assert_allclose(after - before, move, atol=1e-6)
    user.press(Qt.Key.Key_Right)
    assert user.moment() == (6, 7, Phase.FORWARD)
    user.press(Qt.Key.Key_Left)
    assert user.moment() == (6, 6, Phase.TAKEN)
    user.press(Qt.Key.Key_Left)
    assert user.moment() == (5, 6, Phase.OPTIMIZER)
    assert user.heatmap(f"{name}.updated").matrix().tobytes() == before.tobytes()
    for _ in range(4):
        user.press(Qt.Key.Key_Left)
    assert user.moment() == (5, 5, Phase.TAKEN)
    user.qtbot.keyClick(user.window, Qt.Key.Key_Escape)
    assert not user.window.strip.isVisible()
    assert user.wait(lambda frame: frame.step_trace is None).step == 5


def test_where_everything_is_frozen_the_gradient_is_there_and_nothing_moves(
    open_user: Callable[[str], User],
) -> None:
    user = open_user("full")
    for layer in ("layer1", "layer2", "layer3", "head"):
        user.session.editor.freeze(layer, True)
    user.wait(lambda frame: frame.everything_frozen)
    user.press(Qt.Key.Key_M)
    for _ in range(3):
        user.press(Qt.Key.Key_Right)
    assert "Nothing is trained: all layers are frozen" in user.window.strip.text()
    shown = user.window.stage.step_view.shown
    assert shown is not None
    assert all(layer.gradient.any() and not layer.move.any() for layer in shown[1].layers)
    user.press(Qt.Key.Key_Right)
    assert user.moment()[2] is Phase.TAKEN
