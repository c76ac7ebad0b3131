"""The surface of one plot: curves by pyqtgraph, and around them no more than is needed."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QResizeEvent,
    QWheelEvent,
)

from gui.plots.decimate import outline
from gui.plots.painter import draw_background, draw_foreground, pen_of
from gui.plots.plot_spec import PlotGeometry, PlotSpec
from gui.state.curve_buffer import Points
from gui.theme import appearance


class _Line(pg.GraphicsObject):  # type: ignore[misc]
    """A curve on a canvas that is always painted as a whole: where it lies need not be worked out.

    pyqtgraph's own curve does so several times whenever it is given new points.
    """

    def __init__(self) -> None:
        super().__init__()
        self._area, self._path, self._pen = QRectF(), QPainterPath(), QPen()

    def draw(self, x: Points, y: Points, pen: QPen, area: QRectF) -> None:
        """Go through these points. Args: x, y: (n,) pixels.  area: of the canvas."""
        if area != self._area:
            self.prepareGeometryChange()
            self._area = area
        self._path, self._pen = pg.arrayToQPath(x, y), pen
        self.update()

    def boundingRect(self) -> QRectF:
        """The whole canvas."""
        return self._area

    def paint(self, painter: QPainter, *_: object) -> None:
        """Qt's hook."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._pen)
        painter.drawPath(self._path)


class PlotCanvas(pg.GraphicsView):  # type: ignore[misc] # pyqtgraph has no type hints
    """Draws a picture; tells the step under the pointer.

    Coordinates of the scene are pixels, so what is drawn never depends on the size of a loss.
    """

    hovered = Signal(object)
    """The step under the pointer as a float; None when it leaves."""

    def __init__(self, object_name: str, empty_text: str = "") -> None:
        self._picture = PlotSpec()
        self._items: list[_Line] = []
        self._hover: float | None = None
        self._empty_text = empty_text
        super().__init__(useOpenGL=False, background=None)
        self.setObjectName(object_name)
        self.setCentralItem(None)
        self.setCacheMode(self.CacheModeFlag.CacheNone)
        self.setViewportUpdateMode(self.ViewportUpdateMode.FullViewportUpdate)
        self.setInteractive(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(64)
        appearance.changed.connect(self._on_appearance_changed)

    @property
    def picture(self) -> PlotSpec:
        """What is drawn."""
        return self._picture

    def show_picture(self, picture: PlotSpec) -> None:
        """Draw this from now on."""
        self._picture = picture
        self._place()

    def show_hover(self, step: float | None) -> None:
        """Draw a line at a step; None: none."""
        if step != self._hover:
            self._hover = step
            self.viewport().update()

    def _places(self) -> PlotGeometry:
        return PlotGeometry(self._picture, self.width(), self.height())

    def _place(self) -> None:
        places, curves = self._places(), self._picture.curves
        # Items are used again and never taken out: the scene went on painting one that was gone.
        while len(self._items) < len(curves):
            item = _Line()
            self.scene().addItem(item)
            self._items.append(item)
        for item in self._items[len(curves) :]:
            item.hide()
        for item, curve in zip(self._items, curves, strict=False):
            steps, values = outline(curve.steps, curve.values)
            item.draw(places.x(steps), places.y(values), pen_of(curve), QRectF(self.rect()))
            item.setZValue(0 if curve.ghost else 1)
            item.show()
        self.viewport().update()

    # ------------------------------------------------------------ Qt's hooks

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        """Behind the curves."""
        painter.fillRect(rect, QColor(appearance.theme.page))
        draw_background(painter, self._picture, self._places())

    def drawForeground(self, painter: QPainter, _rect: QRectF) -> None:
        """Before the curves."""
        draw_foreground(painter, self._picture, self._places(), self._hover, self._empty_text)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Place the curves, which are in pixels, anew; pyqtgraph calls this without an event."""
        super().resizeEvent(event)
        if event is not None:
            self._place()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the step under the pointer."""
        self.hovered.emit(self._places().step_at(event.position().x()))

    def leaveEvent(self, _event: object) -> None:
        """The pointer is gone."""
        self.hovered.emit(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """No panning."""
        event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """No panning."""
        event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """No zooming."""
        event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """No menu."""
        event.ignore()

    @Slot()
    def _on_appearance_changed(self) -> None:
        self._place()
