"""Sizes of the heatmaps in a window: the side of a cell, and the share of all that is visible."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QRegion
from PySide6.QtWidgets import QWidget

from gui.matrices.heatmap import INSET, Heatmap


def cell_side(window: QWidget, name: str) -> int:
    """Pixels of the shorter side of a cell. Args: name: layer2.weight …"""
    heatmap = window.findChild(Heatmap, f"heatmap.{name}")
    assert isinstance(heatmap, Heatmap) and heatmap.isVisible(), name
    rows, columns = heatmap.matrix().shape
    size = heatmap.picture_size()
    return min(size.height() // rows, size.width() // columns)


def heatmap_share(window: QWidget) -> float:
    """Share of the window's area in which a heatmap is seen."""
    region = QRegion()
    for heatmap in window.findChildren(Heatmap):
        if heatmap.isVisible():
            inside = heatmap.visibleRegion() & heatmap.rect().adjusted(INSET, INSET, -INSET, -INSET)
            region |= inside.translated(heatmap.mapTo(window, QPoint(0, 0)))
    area = sum(rect.width() * rect.height() for rect in _rects(region))
    return area / (window.width() * window.height())


def _rects(region: QRegion) -> list[QRect]:
    return [QRect(rect) for rect in region]
