"""The surface of one plot: curves, and around them no more than is needed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QLineF, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.charts.ink import draw_background, draw_foreground, pen_of
from gui.charts.outline import outline
from gui.charts.picture import Picture, Places
from gui.theme import look

Line = QPolygonF | list[QLineF]


class Canvas(QWidget):
    """Draws a picture; tells the step under the pointer."""

    hovered = Signal(object)
    """The step under the pointer as a float; None when it leaves."""

    def __init__(self, object_name: str, empty_text: str = "") -> None:
        super().__init__()
        self._empty_text = empty_text
        self._hover: float | None = None
        self._lines: list[tuple[QPen, Line]] = []
        self._picture = Picture()
        self._places = Places(self._picture, 0, 0)
        self.setObjectName(object_name)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(64)
        look.changed.connect(self._on_look_changed)

    @property
    def picture(self) -> Picture:
        """What is drawn."""
        return self._picture

    def show_picture(self, picture: Picture) -> None:
        """Draw this from now on."""
        self._picture = picture
        self._place()

    def show_hover(self, step: float | None) -> None:
        """Draw a line at a step; None: none."""
        if step != self._hover:
            self._hover = step
            self.update()

    def _place(self) -> None:
        """Work out where everything lies, in pixels: it is painted more often than it changes."""
        places = self._places = Places(self._picture, self.width(), self.height())
        self._lines.clear()
        for curve in sorted(self._picture.curves, key=lambda curve: not curve.ghost):
            steps, values = outline(curve.steps, curve.values)
            across, down = places.x(steps).tolist(), places.y(values).tolist()
            pen = pen_of(curve)
            self._lines.append((pen, _line(pen, across, down)))
        self.update()

    # ------------------------------------------------------------ Qt's hooks

    def paintEvent(self, _event: QPaintEvent) -> None:
        """What stands behind the curves, the curves, what stands before them."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(look.theme.page))
        draw_background(painter, self._picture, self._places)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for pen, line in self._lines:
            painter.setPen(pen)
            if isinstance(line, QPolygonF):
                painter.drawPolyline(line)
            else:
                painter.drawLines(line)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        draw_foreground(painter, self._picture, self._places, self._hover, self._empty_text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the curves, which are in pixels, anew."""
        super().resizeEvent(event)
        self._place()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the step under the pointer."""
        self.hovered.emit(self._places.step_at(event.position().x()))

    def leaveEvent(self, _event: QEvent) -> None:
        """The pointer is gone."""
        self.hovered.emit(None)

    @Slot()
    def _on_look_changed(self) -> None:
        self._place()


def _line(pen: QPen, across: list[float], down: list[float]) -> Line:
    """A line through these pixels, in pieces where that looks the same: Qt draws them faster.

    Pieces would begin each dash anew, and show their overlaps where one can see through them.
    """
    if pen.style() is Qt.PenStyle.SolidLine and pen.color().alpha() == 255:
        return list(map(QLineF, across, down, across[1:], down[1:]))
    return QPolygonF(list(map(QPointF, across, down)))
