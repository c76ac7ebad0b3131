"""Where things stand on a stage, and that none stands in the way of another."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from gui.matrices.colour_bar import ColourBar
from gui.matrices.heatmap import INSET, Heatmap
from gui.stage.check_lights import CheckLights
from gui.stage.sparkline import Sparkline
from gui.stage.stage import Stage

LEAVES = (Heatmap, QLabel, QToolButton, Sparkline, ColourBar, CheckLights)


def heatmap(stage: Stage, name: str) -> Heatmap:
    found = stage.findChild(Heatmap, f"heatmap.{name}")
    assert isinstance(found, Heatmap), name
    return found


def place(widget: QWidget, stage: Stage) -> QRect:
    """What shows of it on the stage: of a heatmap the picture, of a label the ink."""
    rect = QRect(widget.mapTo(stage, QPoint(0, 0)), widget.size())
    if isinstance(widget, Heatmap):
        return rect.adjusted(INSET, INSET, -INSET, -INSET)
    if isinstance(widget, QLabel):
        metrics = QFontMetrics(widget.font())
        rect = widget.contentsRect().translated(rect.topLeft())
        line = rect.top() + (rect.height() - metrics.height()) // 2
        ink = metrics.tightBoundingRect(widget.text())
        return ink.translated(rect.left(), line + metrics.ascent())
    return rect


def leaves(stage: Stage) -> list[QWidget]:
    children = stage.findChildren(QWidget)
    return [
        child
        for child in children
        if isinstance(child, LEAVES)
        and child.isVisible()
        and not (isinstance(child, QLabel) and not child.text())
    ]


def check_geometry(stage: Stage) -> None:
    found = leaves(stage)
    for widget in found:
        parent = widget.parentWidget()
        assert parent is not None
        inside = parent.rect()
        assert inside.contains(widget.geometry()), (widget, widget.geometry(), inside)
    places = [(widget, place(widget, stage)) for widget in found]
    for (one, here), (other, there) in itertools.combinations(places, 2):
        assert not here.intersects(there), (one, here, other, there)
