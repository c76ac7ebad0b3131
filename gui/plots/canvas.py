"""The drawing area of one plot: curves as pyqtgraph items, all else painted around them."""

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

from gui.plots.decimate import decimate
from gui.plots.painter import draw_background, draw_foreground, pen_of
from gui.plots.plot_spec import PlotGeometry, PlotSpec
from gui.state.curve_buffer import Points
from gui.theme import appearance


class _CurveItem(pg.GraphicsObject):  # type: ignore[misc]
    """A curve whose bounding box is the whole canvas, which is always painted as a whole.

    pyqtgraph's own curve works out its bounds several times whenever it is given new points.
    """

    def __init__(self) -> None:
        super().__init__()
        self._area, self._path, self._pen = QRectF(), QPainterPath(), QPen()

    def draw(self, x: Points, y: Points, pen: QPen, area: QRectF) -> None:
        """Set the points.

        Args: x, y: (n,) pixels.  pen: of the line.  area: of the canvas, pixels.
        """
        if area != self._area:
            self.prepareGeometryChange()
            self._area = area
        self._path, self._pen = pg.arrayToQPath(x, y), pen
        self.update()

    def boundingRect(self) -> QRectF:
        """Return the whole canvas."""
        return self._area

    def paint(self, painter: QPainter, *_: object) -> None:
        """Qt's hook."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._pen)
        painter.drawPath(self._path)


class PlotCanvas(pg.GraphicsView):  # type: ignore[misc] # pyqtgraph has no type hints
    """Draws a `PlotSpec` and reports the step under the pointer.

    Scene coordinates are pixels, so nothing that is drawn depends on the magnitude of a loss.
    Args: object_name: Qt's name of the widget.  empty_text: shown while there is no curve.
    """

    hovered = Signal(object)
    """The step under the pointer, a float; None when it leaves."""

    def __init__(self, object_name: str, empty_text: str = "") -> None:
        self._spec = PlotSpec()
        self._items: list[_CurveItem] = []
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
    def spec(self) -> PlotSpec:
        """The plot that is drawn."""
        return self._spec

    def set_spec(self, spec: PlotSpec) -> None:
        """Draw another plot.

        Args: spec: of the new one.
        """
        self._spec = spec
        self._update_curves()

    def show_hover(self, step: float | None) -> None:
        """Draw a vertical line at a step.

        Args: step: None for no line.
        """
        if step != self._hover:
            self._hover = step
            self.viewport().update()

    def _geometry(self) -> PlotGeometry:
        return PlotGeometry(self._spec, self.width(), self.height())

    def _update_curves(self) -> None:
        geometry, curves = self._geometry(), self._spec.curves
        # Items are used again and never taken out: the scene went on painting one that was gone.
        while len(self._items) < len(curves):
            item = _CurveItem()
            self.scene().addItem(item)
            self._items.append(item)
        for item in self._items[len(curves) :]:
            item.hide()
        for item, curve in zip(self._items, curves, strict=False):
            steps, values = decimate(curve.steps, curve.values)
            item.draw(geometry.x(steps), geometry.y(values), pen_of(curve), QRectF(self.rect()))
            item.setZValue(0 if curve.faint else 1)
            item.show()
        self.viewport().update()

    # ------------------------------------------------------------ Qt's hooks

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        """Paint what lies behind the curves."""
        painter.fillRect(rect, QColor(appearance.theme.page))
        draw_background(painter, self._spec, self._geometry())

    def drawForeground(self, painter: QPainter, _rect: QRectF) -> None:
        """Paint what lies above the curves."""
        draw_foreground(painter, self._spec, self._geometry(), self._hover, self._empty_text)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Update the curves, which are in pixels; pyqtgraph calls this without an event."""
        super().resizeEvent(event)
        if event is not None:
            self._update_curves()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Report the step under the pointer."""
        self.hovered.emit(self._geometry().step_at(event.position().x()))

    def leaveEvent(self, _event: object) -> None:
        """Report that the pointer has left."""
        self.hovered.emit(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ignore presses: no panning."""
        event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ignore releases: no panning."""
        event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ignore the wheel: no zooming."""
        event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ignore requests for a menu: there is none."""
        event.ignore()

    @Slot()
    def _on_appearance_changed(self) -> None:
        self._update_curves()
