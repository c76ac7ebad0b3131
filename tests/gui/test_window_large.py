"""A real engine's large layers in the real window: pointed at, looked into, read exactly."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.protocol.settings import Settings
from gui.matrices.heatmap import Heatmap
from gui.session import Session
from gui.state.preferences import Preferences
from gui.theme import Scheme, appearance
from gui.window import Window

PATIENCE = 60_000
"""Milliseconds; a machine under load imports torch slowly."""


@pytest.fixture
def opened(qtbot: QtBot) -> Iterator[tuple[Session, Window]]:
    appearance.start(Scheme.LIGHT)
    session = Session(Settings(strategy="lora", width=300, depth=3))
    session.start()
    window = Window(session, Preferences())
    window.resize(1280, 720)
    window.show()
    yield session, window
    window.close()
    window.deleteLater()


def heatmap(window: Window, name: str) -> Heatmap:
    found = window.findChild(Heatmap, f"heatmap.{name}")
    assert isinstance(found, Heatmap)
    return found


def test_a_large_layer_is_looked_into_and_read_exactly(
    opened: tuple[Session, Window], qtbot: QtBot
) -> None:
    session, window = opened
    qtbot.waitUntil(
        lambda: session.state.frame is not None and session.state.frame.run > 0, timeout=PATIENCE
    )
    session.playback.take_steps(3)
    qtbot.waitUntil(
        lambda: session.state.frame is not None and session.state.frame.step == 3, timeout=PATIENCE
    )
    weight, updated = heatmap(window, "layer2.weight"), heatmap(window, "layer2.updated")
    overview = weight.matrix().shape
    assert max(overview) <= 256
    spot = QPoint(40, 40)
    wheel = QWheelEvent(
        QPointF(spot), weight.mapToGlobal(QPointF(spot)), QPoint(), QPoint(0, 120 * 20),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(weight, wheel)  # paused: the engine answers all the same
    qtbot.waitUntil(lambda: max(weight.matrix().shape) < 40, timeout=PATIENCE)
    qtbot.mouseClick(weight, Qt.MouseButton.LeftButton, pos=spot)
    reading = window.stage.reading
    assert reading is not None
    assert reading.block is None
    b, a = (np.array(factor.values) for factor in reading.factors)
    assert reading.scaling is not None
    assert reading.delta == pytest.approx(reading.scaling * float(b @ a), abs=1e-6)
    assert reading.updated == pytest.approx(reading.weight + reading.delta, abs=1e-6)
    cross = updated.cross()
    assert cross == (reading.row, reading.column)
    session.playback.take_steps(2)
    qtbot.waitUntil(
        lambda: session.state.frame is not None and session.state.frame.step == 5, timeout=PATIENCE
    )
    later = window.stage.reading
    assert later is not None
    assert (later.row, later.column, later.weight) == (*cross, reading.weight)
    assert later.delta != reading.delta
    weight.whole_wanted.emit()
    qtbot.waitUntil(lambda: weight.matrix().shape == overview, timeout=PATIENCE)
    assert window.stage.reading is not None
    assert window.stage.reading.block is not None
