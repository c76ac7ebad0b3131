"""Picture of a sample: its pixels, or its features as coloured cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, Slot
from PySide6.QtGui import QColor, QHelpEvent, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from engine.protocol.messages import Array
from gui.palette import LEVELS, LIGHT
from gui.text.numbers import MINUS
from gui.theme import appearance

SIDE_PIXELS = 76
MAX_DEVIATIONS = 3.0
"""Standardised features are drawn from −3 to 3 standard deviations."""


class SamplePicture(QWidget):
    """Pixels in 0…1 as dark ink on light paper, or features in the diverging colours.

    The paper is light in a dark theme too: else one could not tell an inverted digit.
    """

    def __init__(self, side: int = SIDE_PIXELS) -> None:
        super().__init__()
        self._side = side
        self._matrix: Array | None = None
        self._names: tuple[str, ...] = ()
        self._image: QImage | None = None
        self.setFixedSize(side, side)
        self.setAccessibleName("Sample")
        appearance.changed.connect(self._on_appearance_changed)

    def show_picture(self, matrix: Array, names: tuple[str, ...]) -> None:
        """Show a sample; free where it is shown already.

        Args: matrix: (rows, columns).  names: of the cells; empty: pixels.
        """
        shown = self._matrix
        if shown is None or names != self._names or not np.array_equal(shown, matrix):
            self._matrix, self._names = matrix, names
            self._draw(matrix)

    def _draw(self, matrix: Array) -> None:
        self._image = _features(matrix) if self._names else _pixels(matrix)
        self.update()

    def set_side(self, side: int) -> None:
        """Set the width and height in logical pixels."""
        if side != self._side:
            self._side = side
            self.setFixedSize(side, side)

    def matrix(self) -> Array | None:
        """Return the (rows, columns) values shown; None: no sample yet."""
        return self._matrix

    def cell_text(self, x: float, y: float) -> str:
        """Return name and value of the feature at a point of the widget; empty for pixels."""
        area = self._area()
        if self._matrix is None or not self._names or not area.contains(x, y):
            return ""
        rows, columns = self._matrix.shape
        row = min(int((y - area.top()) / area.height() * rows), rows - 1)
        column = min(int((x - area.left()) / area.width() * columns), columns - 1)
        value = float(self._matrix[row, column])
        return f"{self._names[row * columns + column]}: {value:+.2f}".replace("-", MINUS)

    def event(self, event: QEvent) -> bool:
        """Show the feature under the pointer as a tooltip."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self.cell_text(event.pos().x(), event.pos().y())
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the cells with crisp edges."""
        if self._image is None:
            return
        painter = QPainter(self)
        area = self._area()
        painter.drawImage(area, self._image)
        painter.setPen(QColor(appearance.theme.line))
        painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _area(self) -> QRectF:
        """Return the centred rectangle of the cells, each as many whole pixels as fit."""
        if self._matrix is None:
            return QRectF()
        rows, columns = self._matrix.shape
        cell = max(self._side // max(rows, columns), 1)
        width, height = columns * cell, rows * cell
        return QRectF((self._side - width) // 2, (self._side - height) // 2, width, height)

    @Slot()
    def _on_appearance_changed(self) -> None:
        if self._matrix is not None:
            self._draw(self._matrix)


def _pixels(matrix: Array) -> QImage:
    paper, ink = _rgb(QColor(LIGHT.panel)), _rgb(QColor(LIGHT.text))
    share = np.clip(np.nan_to_num(matrix), 0, 1)[..., None]  # (rows, columns, 1)
    return _image(paper + share * (ink - paper))


def _features(matrix: Array) -> QImage:
    table = np.array([_rgb(QColor(value)) for value in appearance.theme.table[:LEVELS]])
    share = np.clip(np.nan_to_num(matrix) / MAX_DEVIATIONS, -1, 1)
    return _image(table[np.rint((share + 1) / 2 * (LEVELS - 1)).astype(np.intp)])


def _rgb(colour: QColor) -> NDArray[np.float32]:
    return np.array([colour.red(), colour.green(), colour.blue()], np.float32)


def _image(rgb: NDArray[np.float32]) -> QImage:
    """Return an image of its own memory. Args: rgb: (rows, columns, 3) in 0…255."""
    pixels = np.ascontiguousarray(np.rint(rgb), np.uint8)
    rows, columns, _ = pixels.shape
    image = QImage(pixels.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
    return image.copy()  # the array behind it does not outlive this call
