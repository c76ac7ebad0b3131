"""Painting of a plot around its curves: grid lines, tick labels, marks, curve labels."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from gui.plots.curve import Curve
from gui.plots.label_layout import group_overlapping, push_apart, select_labels
from gui.plots.plot_spec import AXIS_GAP, LABEL_GAP, PlotGeometry, PlotSpec
from gui.theme import TINY, appearance, font

PREVIOUS_RUN_ALPHA, OTHER_BRANCH_ALPHA = 110, 200
"""Opacity of the curves of the previous run and of other branches, 0…255."""
LABEL_BACKGROUND_ALPHA = 210
"""Opacity of the page's colour behind a text, 0…255."""
FUTURE_ALPHA = 120
"""Opacity of the page's colour over what lies beyond the step that is shown, 0…255."""
SHOWN_STEP_WIDTH = 2
"""Width in pixels of the line at the step that is shown."""
MAX_MARK_LABEL_ROWS = 2
"""Rows that the labels of marks may take; labels beyond them are left out."""
LINE_SPACING = 0.92
"""Least distance of two curve labels, in line heights."""
ALIGN_LEFT = int(Qt.AlignmentFlag.AlignLeft)


def pen_of(curve: Curve) -> QPen:
    """Return the pen of a curve: thick or thin, solid or dashed.

    Args: curve: to be drawn.
    """
    colour = QColor(curve.colour)
    if curve.faint:
        colour.setAlpha(OTHER_BRANCH_ALPHA if curve.label else PREVIOUS_RUN_ALPHA)
    style = Qt.PenStyle.DashLine if curve.dashed else Qt.PenStyle.SolidLine
    pen = QPen(colour, 1.0 if curve.faint else 1.6, style)
    pen.setCosmetic(True)
    return pen


def draw_background(painter: QPainter, spec: PlotSpec, geometry: PlotGeometry) -> None:
    """Draw lines at the bottom, middle and top, and a dotted one at each mark.

    Args: painter: of the canvas.  spec: the plot.  geometry: its positions.
    """
    area = geometry.area
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QColor(appearance.theme.line))
    for share in (0.0, 0.5, 1.0):
        y = round(area.bottom() - share * area.height())
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
    painter.setPen(QPen(QColor(appearance.theme.muted), 1, Qt.PenStyle.DotLine))
    for mark in spec.marks:
        _draw_vertical_line(painter, geometry, mark.step)


def draw_foreground(
    painter: QPainter, spec: PlotSpec, geometry: PlotGeometry, hover: float | None, empty_text: str
) -> None:
    """Draw tick labels, curve labels, mark labels, and the line under the pointer.

    Args: painter: of the canvas.  spec: the plot.  geometry: its positions.  hover: step under the
    pointer, or None.  empty_text: shown while there is no curve.
    """
    if spec.shown_step is not None:
        _draw_shown_step(painter, geometry, spec.shown_step)
    painter.setFont(font(TINY))
    painter.setPen(QColor(appearance.theme.muted))
    _draw_tick_labels(painter, spec, geometry)
    _draw_notes(painter, spec, geometry, empty_text)
    if spec.label_marks:
        _draw_mark_labels(painter, spec, geometry)
    if hover is not None and hover <= spec.last_step:
        _draw_vertical_line(painter, geometry, hover)
    _draw_curve_labels(painter, spec, geometry)


def _draw_vertical_line(painter: QPainter, geometry: PlotGeometry, step: float) -> None:
    x = round(geometry.x_of(step))
    painter.drawLine(QPointF(x, geometry.area.top()), QPointF(x, geometry.area.bottom()))


def _draw_shown_step(painter: QPainter, geometry: PlotGeometry, step: int) -> None:
    """Draw a line at the step that is shown, and a veil over what lies beyond it."""
    veil = QColor(appearance.theme.page)
    veil.setAlpha(FUTURE_ALPHA)
    area, x = geometry.area, geometry.x_of(step)
    painter.fillRect(QRectF(x, 0, area.right() + 2 - x, geometry.height), veil)
    painter.setPen(QPen(QColor(appearance.theme.accent), SHOWN_STEP_WIDTH))
    _draw_vertical_line(painter, geometry, step)


def _draw_tick_labels(painter: QPainter, spec: PlotSpec, geometry: PlotGeometry) -> None:
    area, height = geometry.area, QFontMetricsF(painter.font()).height()
    for text, y in (("0", area.bottom()), (spec.top_label, area.top())):
        top = min(max(y - height / 2, 0), geometry.height - height)
        box = QRectF(0, top, area.left() - AXIS_GAP, height)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight, text)


def _draw_notes(painter: QPainter, spec: PlotSpec, geometry: PlotGeometry, empty_text: str) -> None:
    box = geometry.area.adjusted(4, 3, -4, -3)
    bottom_right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
    # A curve that leaves the plot has its name at the top, where the names of marks are as well.
    centre = Qt.AlignmentFlag.AlignCenter
    for text, alignment in (
        (empty_text, Qt.AlignmentFlag.AlignHCenter) if spec.is_empty else (spec.note, centre),
        (spec.caption, bottom_right),
    ):
        flags = int(alignment) | int(Qt.TextFlag.TextWordWrap)
        _draw_text(painter, painter.boundingRect(box, flags, text), text, flags)


def _draw_text(painter: QPainter, box: QRectF, text: str, flags: int = ALIGN_LEFT) -> None:
    """Draw text on the page's colour, so that it is legible over a curve."""
    if text:
        background = QColor(appearance.theme.page)
        background.setAlpha(LABEL_BACKGROUND_ALPHA)
        painter.fillRect(box, background)
        painter.drawText(box, flags, text)


def _draw_mark_labels(painter: QPainter, spec: PlotSpec, geometry: PlotGeometry) -> None:
    """Label the marks, newest first; one that would overlap goes a row down, or is left out."""
    metrics = QFontMetricsF(painter.font())
    taken: list[list[tuple[float, float]]] = [[] for _ in range(MAX_MARK_LABEL_ROWS)]
    for mark in reversed(spec.marks):
        width = metrics.horizontalAdvance(mark.text)
        x = geometry.x_of(mark.step) + 4
        if x + width > geometry.width:
            x -= width + 8
        for row, spans in enumerate(taken):
            if all(x + width < left or x > right for left, right in spans):
                spans.append((x - 6, x + width + 6))
                top = geometry.area.top() + row * metrics.height()
                _draw_text(painter, QRectF(x, top, width + 1, metrics.height()), mark.text)
                break


def _draw_curve_labels(painter: QPainter, spec: PlotSpec, geometry: PlotGeometry) -> None:
    """Label each curve at its right end, overlapping labels pushed apart."""
    painter.setFont(font(TINY, bold=True))
    labelled = [curve for curve in spec.curves if curve.label and len(curve.steps) > 1]
    left_edges = [geometry.x_of(float(curve.steps[-1])) + LABEL_GAP for curve in labelled]
    metrics = QFontMetricsF(painter.font())
    spans = [(left, left + metrics.horizontalAdvance(curve.label))
             for left, curve in zip(left_edges, labelled, strict=True)]  # fmt: skip
    for group in group_overlapping(spans):
        _draw_label_column(painter, geometry, [labelled[index] for index in group])


def _draw_label_column(painter: QPainter, geometry: PlotGeometry, curves: Sequence[Curve]) -> None:
    """Draw the labels of curves that end at about the same step."""
    metrics = QFontMetricsF(painter.font())
    half = metrics.height() / 2
    desired = [float(geometry.y(curve.values[-1:])[0]) for curve in curves]
    gap, limits = metrics.height() * LINE_SPACING, (half, geometry.height - half)
    shown = select_labels(desired, gap, limits[1] - limits[0])
    heights = push_apart([desired[index] for index in shown], gap, *limits)
    for curve, y in zip((curves[index] for index in shown), heights, strict=True):
        painter.setPen(QColor(curve.label_colour or curve.colour))
        x = geometry.x_of(float(curve.steps[-1])) + LABEL_GAP
        painter.drawText(QPointF(x, y - half + metrics.ascent()), curve.label)
