"""The window with the made-up strategy: its matrix is drawn, read, coloured and highlighted."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QLabel

from engine.protocol.messages import Catalogue, Frame
from gui.inspector.explanation import explain_cell
from gui.lessons.highlight_targets import widget_names
from gui.matrices.heatmap import Heatmap
from gui.stage.stage import Stage
from gui.text.settings_change import fallback_label
from tests import recordings
from tests.gui.conftest import Show
from tests.gui.frames import LAPTOP, FedSession


def drawn(show_stage: Show) -> tuple[FedSession, Stage]:
    """The stage with a frame that the engine sent after some steps."""
    (catalogue,) = recordings.read("_catalogue")
    assert isinstance(catalogue, Catalogue)
    frame = recordings.read("gain")[1]
    assert isinstance(frame, Frame)
    session = FedSession("gain")
    session.tell(catalogue)
    stage = show_stage(Stage(session), LAPTOP)
    session.give(frame)
    return session, stage


def heatmap(stage: Stage, name: str) -> Heatmap:
    found = stage.findChild(Heatmap, f"heatmap.{name}")
    assert isinstance(found, Heatmap)
    return found


def test_it_is_drawn_about_its_own_centre(show_stage: Show) -> None:
    session, stage = drawn(show_stage)
    assert session.state.frame is not None
    gain = session.state.frame.layers[1].factor("gain")
    assert gain is not None
    shown = heatmap(stage, "layer2.gain")
    assert np.array_equal(shown.matrix(), gain.values)
    assert shown.width() > shown.height()
    scale = float(np.abs(gain.values - 1).max())
    assert np.abs(gain.values).max() > 0.9 > scale, "drawn about 0 every cell would look the same"
    captions = [label.text() for label in stage.findChildren(QLabel) if label.isVisible()]
    assert captions.count("g, on x") == 3


def test_the_cross_follows_its_columns(show_stage: Show) -> None:
    _, stage = drawn(show_stage)
    heatmap(stage, "layer2.gain").hovered.emit(0, 7)
    assert heatmap(stage, "layer2.delta").mark() == (None, 7)
    heatmap(stage, "layer2.delta").hovered.emit(4, 9)
    assert heatmap(stage, "layer2.gain").mark() == (None, 9)


def test_a_cell_is_explained_by_it(show_stage: Show) -> None:
    session, stage = drawn(show_stage)
    heatmap(stage, "layer2.delta").hovered.emit(4, 9)
    info = session.state.strategy_info()
    assert stage.reading is not None
    assert info is not None
    said = explain_cell(stage.reading, None, info.equation)
    assert said.startswith("ΔW = W (g − 1); g = ")


def test_its_name_is_known_before_the_engine_has_told_it() -> None:
    assert fallback_label("gain") == "Gains²"
    assert widget_names("layer1.gain") == (("heatmap.layer1.gain",),)
