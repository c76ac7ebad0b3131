"""How a plot is drawn around its curves: as little as is needed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from gui.plots.curve import Curve
from gui.plots.label_layout import push_apart, side_by_side, that_fit
from gui.plots.plot_spec import AXIS_GAP, LABEL_GAP, SMALL, PlotGeometry, PlotSpec
from gui.theme import appearance, font

GHOST_ALPHA, BESIDE_ALPHA = 110, 200
"""Of the run before, and of other branches."""
PLATE_ALPHA = 210
FUTURE_ALPHA = 120
"""Of the page's colour over what lies beyond the step that is shown."""
HERE_WIDTH = 2
MARK_ROWS = 2
TIGHT = 0.92
"""Lines of labels may come this much closer than lines of text."""
LEFT = int(Qt.AlignmentFlag.AlignLeft)


def pen_of(curve: Curve) -> QPen:
    """Thick or thin, solid or dashed."""
    colour = QColor(curve.colour)
    if curve.ghost:
        colour.setAlpha(BESIDE_ALPHA if curve.label else GHOST_ALPHA)
    style = Qt.PenStyle.DashLine if curve.dashed else Qt.PenStyle.SolidLine
    pen = QPen(colour, 1.0 if curve.ghost else 1.6, style)
    pen.setCosmetic(True)
    return pen


def draw_background(painter: QPainter, picture: PlotSpec, places: PlotGeometry) -> None:
    """The ground line, the middle and the top, and a dotted line at each mark."""
    area = places.area
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QColor(appearance.theme.line))
    for share in (0.0, 0.5, 1.0):
        y = round(area.bottom() - share * area.height())
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
    painter.setPen(QPen(QColor(appearance.theme.muted), 1, Qt.PenStyle.DotLine))
    for mark in picture.marks:
        _draw_upright(painter, places, mark.step)


def draw_foreground(
    painter: QPainter, picture: PlotSpec, places: PlotGeometry, hover: float | None, empty_text: str
) -> None:
    """Figures of the axis, labels of curves and marks, and the line under the pointer."""
    if picture.here is not None:
        _draw_here(painter, places, picture.here)
    painter.setFont(font(SMALL))
    painter.setPen(QColor(appearance.theme.muted))
    _draw_axis(painter, picture, places)
    _draw_remarks(painter, picture, places, empty_text)
    if picture.name_marks:
        _draw_mark_names(painter, picture, places)
    if hover is not None and hover <= picture.last:
        _draw_upright(painter, places, hover)
    _draw_ends(painter, picture, places)


def _draw_upright(painter: QPainter, places: PlotGeometry, step: float) -> None:
    x = round(places.x_of(step))
    painter.drawLine(QPointF(x, places.area.top()), QPointF(x, places.area.bottom()))


def _draw_here(painter: QPainter, places: PlotGeometry, step: int) -> None:
    """A line at the step that is shown, and a veil over what lies beyond it."""
    veil = QColor(appearance.theme.page)
    veil.setAlpha(FUTURE_ALPHA)
    area, x = places.area, places.x_of(step)
    painter.fillRect(QRectF(x, 0, area.right() + 2 - x, places.height), veil)
    painter.setPen(QPen(QColor(appearance.theme.accent), HERE_WIDTH))
    _draw_upright(painter, places, step)


def _draw_axis(painter: QPainter, picture: PlotSpec, places: PlotGeometry) -> None:
    area, height = places.area, QFontMetricsF(painter.font()).height()
    for text, y in (("0", area.bottom()), (picture.top_text, area.top())):
        top = min(max(y - height / 2, 0), places.height - height)
        box = QRectF(0, top, area.left() - AXIS_GAP, height)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight, text)


def _draw_remarks(
    painter: QPainter, picture: PlotSpec, places: PlotGeometry, empty_text: str
) -> None:
    inside = places.area.adjusted(4, 3, -4, -3)
    foot = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
    # A curve that leaves the plot has its name at the top, where the names of marks are as well.
    note = Qt.AlignmentFlag.AlignCenter
    for text, where in (
        (empty_text, Qt.AlignmentFlag.AlignHCenter) if picture.empty else (picture.note, note),
        (picture.caption, foot),
    ):
        flags = int(where) | int(Qt.TextFlag.TextWordWrap)
        _write(painter, painter.boundingRect(inside, flags, text), text, flags)


def _write(painter: QPainter, box: QRectF, text: str, flags: int = LEFT) -> None:
    """Text on a plate of the page's colour, so that it can be read over a curve."""
    if text:
        plate = QColor(appearance.theme.page)
        plate.setAlpha(PLATE_ALPHA)
        painter.fillRect(box, plate)
        painter.drawText(box, flags, text)


def _draw_mark_names(painter: QPainter, picture: PlotSpec, places: PlotGeometry) -> None:
    """Newest first; one that would run into another goes a row down, then goes without."""
    metrics = QFontMetricsF(painter.font())
    taken: list[list[tuple[float, float]]] = [[] for _ in range(MARK_ROWS)]
    for mark in reversed(picture.marks):
        width = metrics.horizontalAdvance(mark.text)
        x = places.x_of(mark.step) + 4
        if x + width > places.width:
            x -= width + 8
        for row, spans in enumerate(taken):
            if all(x + width < left or x > right for left, right in spans):
                spans.append((x - 6, x + width + 6))
                top = places.area.top() + row * metrics.height()
                _write(painter, QRectF(x, top, width + 1, metrics.height()), mark.text)
                break


def _draw_ends(painter: QPainter, picture: PlotSpec, places: PlotGeometry) -> None:
    """Each curve's name where it ends; names that would overlap stand apart."""
    painter.setFont(font(SMALL, bold=True))
    labelled = [curve for curve in picture.curves if curve.label and len(curve.steps) > 1]
    lefts = [places.x_of(float(curve.steps[-1])) + LABEL_GAP for curve in labelled]
    metrics = QFontMetricsF(painter.font())
    spans = [(left, left + metrics.horizontalAdvance(curve.label))
             for left, curve in zip(lefts, labelled, strict=True)]  # fmt: skip
    for group in side_by_side(spans):
        _draw_names(painter, places, [labelled[index] for index in group])


def _draw_names(painter: QPainter, places: PlotGeometry, curves: Sequence[Curve]) -> None:
    """Names that share a column."""
    metrics = QFontMetricsF(painter.font())
    half = metrics.height() / 2
    wished = [float(places.y(curve.values[-1:])[0]) for curve in curves]
    gap, room = metrics.height() * TIGHT, (half, places.height - half)
    shown = that_fit(wished, gap, room[1] - room[0])
    heights = push_apart([wished[index] for index in shown], gap, *room)
    for curve, y in zip((curves[index] for index in shown), heights, strict=True):
        painter.setPen(QColor(curve.label_colour or curve.colour))
        x = places.x_of(float(curve.steps[-1])) + LABEL_GAP
        painter.drawText(QPointF(x, y - half + metrics.ascent()), curve.label)
