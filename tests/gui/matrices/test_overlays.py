"""Cells ringed on ΔW: a guess, and what moved most."""

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from gui.matrices.heatmap import Heatmap
from gui.matrices.overlays import CellHighlight
from gui.theme import appearance
from tests.gui.frames import Open, frame

RINGS = (CellHighlight(2, 6, "yours"), CellHighlight(30, 3, "moved most", "accent"))


def test_a_ring_is_drawn_round_its_cell_and_stays(open_stage: Open) -> None:
    session, stage = open_stage("lora")
    heatmap = stage.findChild(Heatmap, "heatmap.layer2.delta")
    plain = heatmap.grab().toImage()
    stage.highlight_cells("layer2", RINGS)
    assert heatmap.highlights == RINGS
    assert heatmap.grab().toImage() != plain
    others = [h for h in stage.findChildren(Heatmap) if h is not heatmap]
    assert all(h.highlights == () for h in others)
    session.feed(frame("lora", step=2))
    session.feed(frame("adapter", step=0, run=2))  # other rows
    assert stage.findChild(Heatmap, "heatmap.layer2.delta").highlights == RINGS
    stage.highlight_cells()
    assert stage.findChild(Heatmap, "heatmap.layer2.delta").highlights == ()


def test_a_ringed_cell_itself_is_left_legible(open_stage: Open) -> None:
    _, stage = open_stage("full")
    heatmap = stage.findChild(Heatmap, "heatmap.layer1.delta")
    before = heatmap.grab().toImage()
    stage.highlight_cells("layer1", (CellHighlight(20, 15, "yours"),))
    after = heatmap.grab().toImage()
    places = [(x, y) for y in range(before.height()) for x in range(before.width())]
    cell = [at for at in places if heatmap.cell_at(QPointF(*at)) == (20, 15)]
    x, y = cell[len(cell) // 2]
    told = zip(after.pixelColor(x, y).getRgb(), before.pixelColor(x, y).getRgb(), strict=True)
    assert all(abs(a - b) <= 3 for a, b in told)
    text = QColor(appearance.theme.text).name()
    assert text in {after.pixelColor(*at).name() for at in places}
