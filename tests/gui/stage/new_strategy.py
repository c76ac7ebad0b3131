"""The window with the made-up strategy: its matrix is drawn, read, coloured and highlighted."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QLabel

from gui.inspector.explanation import explain_cell
from gui.lessons.highlight_targets import widget_names
from gui.matrices.heatmap import Heatmap
from gui.stage.stage import Stage
from gui.text.settings_change import fallback_label
from tests.gui.frames import Open


def heatmap(stage: Stage, name: str) -> Heatmap:
    found = stage.findChild(Heatmap, f"heatmap.{name}")
    assert isinstance(found, Heatmap)
    return found


def test_it_is_drawn_about_its_own_centre(open_stage: Open) -> None:
    session, stage = open_stage("gain")
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


def test_the_cross_follows_its_columns(open_stage: Open) -> None:
    _, stage = open_stage("gain")
    heatmap(stage, "layer2.gain").hovered.emit(0, 7)
    assert heatmap(stage, "layer2.delta").mark() == (None, 7)
    heatmap(stage, "layer2.delta").hovered.emit(4, 9)
    assert heatmap(stage, "layer2.gain").mark() == (None, 9)


def test_a_cell_is_explained_by_it(open_stage: Open) -> None:
    session, stage = open_stage("gain")
    heatmap(stage, "layer2.delta").hovered.emit(4, 9)
    info = session.state.strategy_info()
    assert stage.reading is not None
    assert info is not None
    said = explain_cell(stage.reading, None, info.equation)
    assert said.startswith("ΔW = W (g − 1); g = ")


def test_its_name_is_known_before_the_engine_has_told_it() -> None:
    assert fallback_label("gain") == "Gains²"
    assert widget_names("layer1.gain") == (("heatmap.layer1.gain",),)
