"""Drawing of the two networks, station below station, and of W + ΔW = W′ between them."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from gui.matrices.colour_scale import ColourScales
from gui.matrices.heatmap import INSET
from gui.network_page.heatmaps import Activations, Thumbnail
from gui.network_page.layout import SIGN_WIDTH, NetworkLayout, make_layout
from gui.network_page.stations import OUTPUTS, Factor, Numbers, Station, station_title
from gui.theme import SMALL, SPACE, appearance, font

ACTIVATION = "activation"
"""Name of the colour scale that x and all activations share, before and now."""
ARROW_HEAD = 5
"""Length of an arrow's head, in pixels."""
INPUT_ARROW_SHARE = 0.3
"""Height of the arrow to x, as a share of the first station's height."""
MIN_LINE_LENGTH = 10
"""Pixels; shorter lines between a network and its equation are left out."""


class PlacedStation:
    """Widgets and position of one station."""

    def __init__(self, station: Station, canvas: NetworkCanvas) -> None:
        self.station = station
        self.top = self.height = 0
        """Position of its activations, in pixels."""
        self.span = (0, 0)
        """Left and right end of the equation above it, in pixels."""
        name = station_title(station.name)
        inner = f"{station.name}.down"
        self.before = self._strip(station.name, station.before, f"{name} before", canvas)
        self.after = self._strip(station.name, station.after, f"{name} now", canvas)
        self.inner = self._strip(inner, station.inner, f"{station_title(inner)}, now", canvas)
        self.thumbs = [Thumbnail(each.subject, canvas) for each in station.factors]
        for part in (*self.strips(), *self.thumbs):
            part.show()

    @staticmethod
    def _strip(
        name: str, numbers: Numbers | None, subject: str, canvas: NetworkCanvas
    ) -> Activations | None:
        if numbers is None:
            return None
        strip = Activations(name, f"{subject}, {len(numbers):,} values", canvas)
        strip.show_values(numbers, 0.0)
        return strip

    def strips(self) -> list[Activations]:
        """Return the heatmaps of its activations."""
        return [strip for strip in (self.before, self.after, self.inner) if strip is not None]

    def draw(self, station: Station, scales: ColourScales) -> None:
        """Show new values of the same station."""
        self.station = station
        pairs = (
            (self.before, station.before), (self.after, station.after), (self.inner, station.inner),
        )  # fmt: skip
        for strip, numbers in pairs:
            if strip is not None and numbers is not None:
                strip.show_values(numbers, scales[ACTIVATION])
        for thumb, factor in zip(self.thumbs, station.factors, strict=True):
            thumb.show_matrix(factor.matrix, scales[factor.scale])
            thumb.set_frozen(factor.frozen)

    def remove(self) -> None:
        """Delete its widgets."""
        for part in (*self.strips(), *self.thumbs):
            part.hide()
            part.setParent(None)
            part.deleteLater()


class NetworkCanvas(QWidget):
    """Widget with all stations; reports the number under the pointer."""

    pointed = Signal(str, int)
    """Emitted with (name of a station, unit from 0)."""
    left = Signal()
    unpin_requested = Signal()
    """Emitted on Escape."""

    def __init__(self) -> None:
        super().__init__()
        self.places: list[PlacedStation] = []
        self.network_layout: NetworkLayout | None = None
        self._size = (0, 0)
        self._input_text = ""
        appearance.changed.connect(self._on_appearance_changed)

    def draw(self, stations: tuple[Station, ...], scales: ColourScales, input_text: str) -> None:
        """Show stations. Args: input_text: description of x."""
        old = [place.station for place in self.places]
        rebuilt = [each.structure for each in old] != [each.structure for each in stations]
        resized = rebuilt or [each.shapes for each in old] != [each.shapes for each in stations]
        if rebuilt:
            for place in self.places:
                place.remove()
            self.places = [PlacedStation(station, self) for station in stations]
            for place in self.places:
                for strip in place.strips():
                    strip.pointed.connect(self.pointed)
                    strip.left.connect(self.left)
                    strip.unpin_requested.connect(self.unpin_requested)
        for place, station in zip(self.places, stations, strict=True):
            place.draw(station, scales)
        if resized or input_text != self._input_text:
            self._input_text = input_text
            self.arrange(*self._size)

    def mark(self, name: str, unit: int | None) -> None:
        """Mark a unit in both networks, and no other. Args: unit: from 0; None: none."""
        for place in self.places:
            for strip in place.strips():
                strip.mark_unit(unit if strip.name == name else None)

    # ------------------------------------------------------------ places

    def arrange(self, width: int, height: int) -> None:
        """Lay everything out. Args: width, height: available pixels; it may take more."""
        self._size = width, height
        if not self.places or width <= 0:
            return
        metrics = QFontMetrics(font(SMALL))
        line = metrics.height()
        factors = [each for place in self.places for each in place.station.factors]
        widest = max((metrics.horizontalAdvance(each.caption) for each in factors), default=0)
        caption_width = 3 * widest + 2 * SIGN_WIDTH + 2 * SPACE
        side = max((each.side for each in factors), default=1)
        transitions = len(self.places) - 1
        layout = self.network_layout = make_layout(
            width, height, transitions, line=line, caption_width=caption_width, side=side
        )
        y = SPACE // 2
        for place in self.places:
            place.top, place.height = y, layout.strip
            for axis, strip in ((layout.left_axis, place.before), (layout.right_axis, place.after)):
                if strip is not None:
                    strip.fit(layout.strip_width, layout.strip)
                    size = strip.picture_size()
                    place.height = max(place.height, size.height())
                    free = max(layout.strip - size.height(), 0)
                    strip.move_picture(axis - size.width() // 2, y + free // 2)
            self._arrange_factors(place, layout, line)
            y += place.height + layout.arrow
        # The last transition leads out of the canvas, to the outcome below it.
        last = self.places[-1]
        self.setFixedSize(layout.width, last.top if last.station.name == OUTPUTS else y)
        self.update()

    def _arrange_factors(self, place: PlacedStation, layout: NetworkLayout, line: int) -> None:
        """Place the equation's matrices above a station, each below its caption."""
        metrics = QFontMetrics(font(SMALL))
        parts: list[tuple[Activations | Thumbnail, int]] = []
        for thumb, factor in zip(place.thumbs, place.station.factors, strict=True):
            thumb.fit(layout.thumb)
            caption = metrics.horizontalAdvance(_caption(factor, layout))
            parts.append((thumb, max(thumb.picture_size().width(), caption)))
        if place.inner is not None:
            place.inner.fit(layout.thumb, layout.thumb // 2)
            parts.insert(1, (place.inner, place.inner.picture_size().width()))
        total = sum(width for _, width in parts) + SIGN_WIDTH * max(len(parts) - 1, 0)
        x = layout.width // 2 - total // 2
        place.span = (x, x + total)
        axis = place.top - layout.arrow // 2 + (line + INSET) // 2
        for part, width in parts:
            size = part.picture_size()
            part.move_picture(x + (width - size.width()) // 2, axis - size.height() // 2)
            x += width + SIGN_WIDTH

    # ------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the arrows, their texts, the captions and signs."""
        layout = self.network_layout
        if layout is None or not self.places:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(SMALL))
        self._paint_input(painter, layout)
        for place in self.places[1:]:
            self._paint_transition(painter, layout, place)
        last = [place for place in self.places if place.station.name == OUTPUTS]
        before = [*(place for place in self.places if place.before), *last]
        after = [*(place for place in self.places if place.after), *last]
        for axis, stations, colour in (
            (layout.left_axis, before, appearance.theme.hatch),
            (layout.right_axis, after, appearance.theme.target),
        ):
            painter.setPen(QPen(QColor(colour), 1.5))
            for upper, lower in pairwise(stations):
                start = upper.top + upper.height + INSET + 1
                _arrow(painter, QPointF(axis, start), QPointF(axis, lower.top - INSET - 1))

    def _paint_input(self, painter: QPainter, layout: NetworkLayout) -> None:
        """Draw the arrows from the picture to x in both networks."""
        first, theme = self.places[0], appearance.theme
        if first.before is None or first.after is None:
            return
        y = first.top + layout.strip * INPUT_ARROW_SHARE  # clear of the captions below
        painter.setPen(QPen(QColor(theme.hatch), 1.5))
        left, right = first.before.geometry(), first.after.geometry()
        _arrow(painter, QPointF(0, y), QPointF(left.left() - 1, y))
        line = painter.fontMetrics().height()
        across = right.left() - left.right() - 2 * SPACE
        room = QRectF(left.right() + SPACE, y - line, across, 2 * line)
        words = painter.fontMetrics().elidedText(
            self._input_text, Qt.TextElideMode.ElideRight, max(int(room.width()) - 4 * SPACE, 0)
        )
        half = painter.fontMetrics().horizontalAdvance(words) / 2 + SPACE
        middle = room.center().x()
        painter.drawLine(QPointF(room.left(), y), QPointF(middle - half, y))
        _arrow(painter, QPointF(middle + half, y), QPointF(room.right(), y))
        painter.setPen(QColor(theme.muted))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_transition(
        self, painter: QPainter, layout: NetworkLayout, place: PlacedStation
    ) -> None:
        """Draw the texts at both arrows, the lines to and from the equation, and its captions."""
        station, theme, metrics = place.station, appearance.theme, painter.fontMetrics()
        y, line = place.top - layout.arrow / 2, metrics.height()
        start, end = place.span[0] - SPACE, place.span[1] + SPACE
        left = layout.left_axis + SPACE
        right = layout.right_axis - SPACE
        half = layout.column // 2 - SPACE
        before = _elided(metrics, station.transition_before, half)
        after = _elided(metrics, station.transition_after, half)
        for x, text, colour, side in (
            (left, before, theme.muted, Qt.AlignmentFlag.AlignLeft),
            (right - half, after, theme.target, Qt.AlignmentFlag.AlignRight),
        ):
            painter.setPen(QColor(colour))
            room = QRectF(x, y - line / 2, half, line)
            painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, text)
        if len(station.signs) > 1:
            text_end = left + metrics.horizontalAdvance(before) + SPACE
            if start - text_end >= MIN_LINE_LENGTH:
                painter.setPen(QPen(QColor(theme.hatch), 1))
                _arrow(painter, QPointF(text_end, y), QPointF(start, y))
        text_start = right - metrics.horizontalAdvance(after) - SPACE
        if place.thumbs and text_start - end >= MIN_LINE_LENGTH:
            painter.setPen(QPen(QColor(theme.target), 1))
            _arrow(painter, QPointF(end, y), QPointF(text_start, y))
        self._paint_captions(painter, layout, place)

    def _paint_captions(
        self, painter: QPainter, layout: NetworkLayout, place: PlacedStation
    ) -> None:
        theme, metrics = appearance.theme, painter.fontMetrics()
        painter.setPen(QColor(theme.muted))
        line = metrics.height()
        for thumb, factor in zip(place.thumbs, place.station.factors, strict=True):
            caption = _caption(factor, layout)
            width = max(metrics.horizontalAdvance(caption) + 2, thumb.width())
            middle = thumb.geometry().center().x() + 0.5
            room = QRectF(middle - width / 2, thumb.y() + 1 - line, width, line)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, caption)
        parts = [*place.thumbs, *([place.inner] if place.inner else [])]
        spans = sorted((part.x() + INSET, part.x() + part.width() - INSET) for part in parts)
        signs = place.station.signs or ("→",) * max(len(spans) - 1, 0)
        painter.setPen(QColor(theme.text))
        for sign, (one, other) in zip(signs, pairwise(spans), strict=True):
            y = place.thumbs[0].geometry().center().y() + 0.5
            room = QRectF(one[1], y - line, other[0] - one[1], 2 * line)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, sign)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.arrange(*self._size)


def _caption(factor: Factor, layout: NetworkLayout) -> str:
    return factor.short if layout.brief else factor.caption


def _elided(metrics: QFontMetrics, text: str, width: int) -> str:
    """Return the text, or the part before its comma, elided to the width."""
    if metrics.horizontalAdvance(text) > width:
        text = text.partition(",")[0]
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)


def _arrow(painter: QPainter, start: QPointF, end: QPointF) -> None:
    """Draw a line to the right or down, with a head."""
    painter.drawLine(start, end)
    back, half = -ARROW_HEAD, ARROW_HEAD * 0.6
    across = end.x() - start.x() > end.y() - start.y()
    wings = ((back, half), (back, -half)) if across else ((half, back), (-half, back))
    painter.save()
    painter.setBrush(painter.pen().color())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawPolygon(QPolygonF([end, *(end + QPointF(x, y) for x, y in wings)]))
    painter.restore()
