"""What a frame makes the stage do: look up what changed, and nothing else."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from engine.protocol.messages import Array, Frame
from gui.matrices.colours import MatrixImage
from gui.matrices.heatmap import Heatmap
from gui.stage.sparkline import Sparkline
from gui.stage.stage import Stage
from tests.gui.frames import LAPTOP, Open, frame, session_of
from tests.gui.large_frames import DEEP, Engine, OpenLarge


class Events(QObject):
    """Counts what the application handles, by kind."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[QEvent.Type] = Counter()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.seen[event.type()] += 1
        return False


@pytest.fixture
def coloured(monkeypatch: pytest.MonkeyPatch) -> list[MatrixImage]:
    """The pictures whose colours were looked up, in that order."""
    found: list[MatrixImage] = []
    plain = MatrixImage.render

    def counted(
        self: MatrixImage, matrix: Array, scale: float, centre: float, table: np.ndarray
    ) -> None:
        found.append(self)
        plain(self, matrix, scale, centre, table)

    monkeypatch.setattr(MatrixImage, "render", counted)
    return found


def small(strategy: str, step: int) -> Frame:
    """Frames of a run: W stays, ΔW grows, every array is a new one as it comes over the seam."""
    base = frame(strategy, step=step, change=0.03)
    grown = np.float32(1 + 0.001 * step)
    layers = tuple(
        replace(
            one,
            weight=one.weight.copy(),
            delta=one.delta * grown,
            updated=one.weight + one.delta * grown,
            delta_norm=one.delta_norm * float(grown),
        )
        for one in base.layers
    )
    return replace(base, layers=layers, playing=True)


@pytest.mark.parametrize("strategy", ["full", "lora"])
def test_w_is_not_looked_up_again(
    open_stage: Open, coloured: list[MatrixImage], strategy: str
) -> None:
    session, stage = open_stage(strategy)
    session.feed(small(strategy, 1))
    coloured.clear()
    for step in range(2, 12):
        session.feed(small(strategy, step))
    changing = sum(
        name.endswith((".delta", ".updated"))
        for name in (each.objectName() for each in stage.findChildren(Heatmap))
    )
    assert len(coloured) == 10 * changing


def test_nothing_is_laid_out_anew(open_stage: Open) -> None:
    session, _ = open_stage("lora")
    for step in range(1, 6):
        session.feed(small("lora", step))
        QApplication.processEvents()
    events = Events()
    app = QApplication.instance()
    assert app is not None
    app.installEventFilter(events)
    for step in range(6, 46):
        session.feed(small("lora", step))
        QApplication.processEvents()
    app.removeEventFilter(events)
    # A number that is written anew tells its parent so; no frame does.
    assert events.seen[QEvent.Type.LayoutRequest] <= 8
    assert events.seen[QEvent.Type.Resize] <= 8
    assert events.seen[QEvent.Type.Move] == 0
    assert events.seen[QEvent.Type.Paint] > 40


def test_large_layers_out_of_sight_are_not_painted_or_laid_out(open_large: OpenLarge) -> None:
    engine = Engine(DEEP)
    session, stage = open_large(engine)
    QApplication.processEvents()
    events = Events()
    app = QApplication.instance()
    assert app is not None
    app.installEventFilter(events)
    for step in range(3, 23):
        session.feed(engine.frame(step, playing=True))
        QApplication.processEvents()
    app.removeEventFilter(events)
    assert events.seen[QEvent.Type.LayoutRequest] <= 8  # where ΔW is drawn × another power of two
    assert events.seen[QEvent.Type.Move] == 0
    pictures = stage.findChildren(Heatmap)
    visible = [each for each in pictures if not each.visibleRegion().isEmpty()]
    assert len(visible) < len(pictures) / 2


def test_while_it_trains_small_curves_take_turns(
    open_stage: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, stage = open_stage("full")
    refreshed: list[Sparkline] = []
    plain = Sparkline.refresh
    monkeypatch.setattr(
        Sparkline, "refresh", lambda self, top: (refreshed.append(self), plain(self, top))
    )
    for step in range(2, 10):
        session.feed(small("full", step))
    assert len(refreshed) == 8
    assert set(refreshed) == set(stage.findChildren(Sparkline))
    refreshed.clear()
    session.feed(replace(small("full", 10), playing=False))
    assert set(refreshed) == set(stage.findChildren(Sparkline))


def test_a_stage_alone_shows_what_a_session_already_has() -> None:
    session = session_of("full")
    session.feed(small("full", 7))
    stage = Stage(session)
    stage.resize(*LAPTOP)
    drawn = stage.findChild(Heatmap, "heatmap.layer1.weight")
    assert isinstance(drawn, Heatmap)
    assert session.state.frame is not None
    assert drawn.matrix() is session.state.frame.layers[0].weight
    stage.deleteLater()
