"""The two networks, one station below the other, and the equations that lead from W to W′."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from gui.matrices.colour_scale import ColourScales
from gui.matrices.heatmap import INSET
from gui.network_page.activations import Activations
from gui.network_page.plan import SIGN_ROOM, NetworkLayout, make_plan
from gui.network_page.stations import OUTPUTS, Factor, Numbers, Station, station_title
from gui.network_page.thumbnail import Thumbnail
from gui.theme import SPACE, appearance, font

ACTIVATION = "activation"
"""The scale that x and all activations share, before and now."""
SMALL = 0.85
HEAD = 5
"""Of an arrow, in pixels."""
GIVEN = 0.3
"""At this part of the first station's height x comes in."""
LEAST_LINE = 10
"""Shorter lines between a network and its equation are left out."""


class PlacedStation:
    """The widgets of one station, and where it stands."""

    def __init__(self, station: Station, canvas: NetworkCanvas) -> None:
        self.station = station
        self.top = self.height = 0
        """Of its numbers."""
        self.span = (0, 0)
        """Left and right end of what stands between the networks on the way there; equal: nothing
        does."""
        name = station_title(station.name)
        inner = f"{station.name}.down"
        self.before = self._strip(station.name, station.before, f"{name} before", canvas)
        self.after = self._strip(station.name, station.after, f"{name} now", canvas)
        self.inner = self._strip(inner, station.inner, f"{station_title(inner)}, now", canvas)
        self.thumbs = [self._thumbnail(each.subject, canvas) for each in station.factors]

    @staticmethod
    def _strip(
        name: str, numbers: Numbers | None, subject: str, canvas: NetworkCanvas
    ) -> Activations | None:
        if numbers is None:
            return None
        strip = Activations(name, f"{subject}, {len(numbers):,} numbers", canvas)
        strip.show_values(numbers, 0.0)
        strip.show()
        return strip

    @staticmethod
    def _thumbnail(subject: str, canvas: NetworkCanvas) -> Thumbnail:
        thumbnail = Thumbnail(subject)
        thumbnail.setParent(canvas)
        thumbnail.setToolTip(subject)
        thumbnail.show()
        return thumbnail

    def strips(self) -> list[Activations]:
        """Its numbers' widgets."""
        return [strip for strip in (self.before, self.after, self.inner) if strip is not None]

    def draw(self, station: Station, scales: ColourScales) -> None:
        """Show other values of the same station."""
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

    def dissolve(self) -> None:
        """Take its widgets away."""
        for part in (*self.strips(), *self.thumbs):
            part.hide()
            part.setParent(None)
            part.deleteLater()


class NetworkCanvas(QWidget):
    """Holds the stations; says over which number the pointer is."""

    pointed = Signal(str, int)
    """(name of a station, unit from 0)"""
    left = Signal()
    released = Signal()
    """Escape on a number."""

    def __init__(self) -> None:
        super().__init__()
        self._places: list[PlacedStation] = []
        self._plan: NetworkLayout | None = None
        self._room = (0, 0)
        self._given = ""
        appearance.changed.connect(self._on_appearance_changed)

    @property
    def places(self) -> tuple[PlacedStation, ...]:
        """From top to bottom."""
        return tuple(self._places)

    @property
    def plan(self) -> NetworkLayout | None:
        """Where all stands; None: nothing has been drawn."""
        return self._plan

    def draw(self, stations: tuple[Station, ...], scales: ColourScales, given: str) -> None:
        """Show these. Args: given: what x is, in a few words."""
        known = [place.station for place in self._places]
        rebuilt = [each.structure for each in known] != [each.structure for each in stations]
        moved = rebuilt or [each.shapes for each in known] != [each.shapes for each in stations]
        if rebuilt:
            for place in self._places:
                place.dissolve()
            self._places = [PlacedStation(station, self) for station in stations]
            for place in self._places:
                for strip in place.strips():
                    self._listen(strip)
        for place, station in zip(self._places, stations, strict=True):
            place.draw(station, scales)
        if moved or given != self._given:
            self._given = given
            self.arrange(*self._room)

    def _listen(self, strip: Activations) -> None:
        strip.pointed.connect(self.pointed)
        strip.left.connect(self.left)
        strip.released.connect(self.released)

    def mark(self, name: str, unit: int | None) -> None:
        """Put a ring round a number in both networks, and round no other."""
        for place in self._places:
            for strip in place.strips():
                strip.mark_unit(unit if strip.name == name else None)

    # ------------------------------------------------------------ places

    def arrange(self, width: int, height: int) -> None:
        """Stand in this room, or take more."""
        self._room = width, height
        if not self._places or width <= 0:
            return
        metrics = QFontMetrics(font(SMALL))
        line = metrics.height()
        factors = [each for place in self._places for each in place.station.factors]
        widest = max((metrics.horizontalAdvance(each.caption) for each in factors), default=0)
        needs = 3 * widest + 2 * SIGN_ROOM + 2 * SPACE
        side = max((each.side for each in factors), default=1)
        ways = len(self._places) - 1
        plan = self._plan = make_plan(width, height, ways, line=line, needs=needs, side=side)
        y = SPACE // 2
        for place in self._places:
            place.top, place.height = y, plan.strip
            for axis, strip in (
                (plan.left_axis, place.before), (plan.right_axis, place.after),
            ):  # fmt: skip
                if strip is not None:
                    strip.fit(plan.strip_width, plan.strip)
                    size = strip.picture_size()
                    place.height = max(place.height, size.height())
                    strip.place(axis - size.width() // 2, y + (plan.strip - size.height()) // 2)
                    if size.height() > plan.strip:
                        strip.place(axis - size.width() // 2, y)
            self._arrange_factors(place, plan, line)
            y += place.height + plan.arrow
        # The last way leads out of the canvas, to what stands below it.
        last = self._places[-1]
        self.setFixedSize(plan.width, last.top if last.station.name == OUTPUTS else y)
        self.update()

    def _arrange_factors(self, place: PlacedStation, plan: NetworkLayout, line: int) -> None:
        """In the middle of the way that leads there, each matrix under its caption."""
        row = self._row(place, plan)
        axis = place.top - plan.arrow // 2 + (line + INSET) // 2
        place.span = (row[0][1], row[-1][1] + row[-1][2]) if row else (0, 0)
        for part, x, width in row:
            size = part.picture_size()
            part.place(x + (width - size.width()) // 2, axis - size.height() // 2)

    def _row(
        self, place: PlacedStation, plan: NetworkLayout
    ) -> list[tuple[Activations | Thumbnail, int, int]]:
        """Part, left edge, width: of what stands between the networks, from left to right."""
        metrics = QFontMetrics(font(SMALL))
        parts: list[tuple[Activations | Thumbnail, int]] = []
        for thumb, factor in zip(place.thumbs, place.station.factors, strict=True):
            thumb.fit(plan.thumb)
            caption = metrics.horizontalAdvance(_caption(factor, plan))
            needs = max(thumb.picture_size().width(), caption)
            parts.append((thumb, needs))
        if place.inner is not None:
            place.inner.fit(plan.thumb, plan.thumb // 2)
            parts.insert(1, (place.inner, place.inner.picture_size().width()))
        total = sum(width for _, width in parts) + SIGN_ROOM * max(len(parts) - 1, 0)
        x, row = plan.width // 2 - total // 2, []
        for part, width in parts:
            row.append((part, x, width))
            x += width + SIGN_ROOM
        return row

    # ------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's hook: the ways, their words, the captions and signs."""
        plan = self._plan
        if plan is None or not self._places:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(SMALL))
        self._paint_given(painter, plan)
        for place in self._places[1:]:
            self._paint_way(painter, plan, place)
        before = [place for place in self._places if place.before or self._is_last(place)]
        after = [place for place in self._places if place.after or self._is_last(place)]
        for axis, found, colour in (
            (plan.left_axis, before, appearance.theme.hatch),
            (plan.right_axis, after, appearance.theme.target),
        ):  # fmt: skip
            painter.setPen(QPen(QColor(colour), 1.5))
            for upper, lower in pairwise(found):
                start = upper.top + upper.height + INSET + 1
                _arrow(painter, QPointF(axis, start), QPointF(axis, lower.top - INSET - 1))

    def _is_last(self, place: PlacedStation) -> bool:
        return place.station.name == OUTPUTS

    def _paint_given(self, painter: QPainter, plan: NetworkLayout) -> None:
        """The picture comes from the left, and both networks are given the same."""
        first, theme = self._places[0], appearance.theme
        if first.before is None or first.after is None:
            return
        y = first.top + plan.strip * GIVEN  # clear of the captions below
        painter.setPen(QPen(QColor(theme.hatch), 1.5))
        left, right = first.before.geometry(), first.after.geometry()
        _arrow(painter, QPointF(0, y), QPointF(left.left() - 1, y))
        line = painter.fontMetrics().height()
        across = right.left() - left.right() - 2 * SPACE
        room = QRectF(left.right() + SPACE, y - line, across, 2 * line)
        words = painter.fontMetrics().elidedText(
            self._given, Qt.TextElideMode.ElideRight, max(int(room.width()) - 4 * SPACE, 0)
        )
        half = painter.fontMetrics().horizontalAdvance(words) / 2 + SPACE
        middle = room.center().x()
        painter.drawLine(QPointF(room.left(), y), QPointF(middle - half, y))
        _arrow(painter, QPointF(middle + half, y), QPointF(room.right(), y))
        painter.setPen(QColor(theme.muted))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_way(self, painter: QPainter, plan: NetworkLayout, place: PlacedStation) -> None:
        """The words at both arrows, the lines to and from the equation, and its captions."""
        station, theme, metrics = place.station, appearance.theme, painter.fontMetrics()
        y, line = place.top - plan.arrow / 2, metrics.height()
        start, end = place.span[0] - SPACE, place.span[1] + SPACE
        left = plan.left_axis + SPACE
        right = plan.right_axis - SPACE
        half = plan.column // 2 - SPACE
        before = _fitting(metrics, station.way_before, half)
        after = _fitting(metrics, station.way_after, half)
        painter.setPen(QColor(theme.muted))
        place_of = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(
            QRectF(left, y - line / 2, half, line), place_of | Qt.AlignmentFlag.AlignLeft, before
        )
        painter.setPen(QColor(theme.target))
        painter.drawText(
            QRectF(right - half, y - line / 2, half, line),
            place_of | Qt.AlignmentFlag.AlignRight,
            after,
        )
        if len(station.signs) > 1:
            out = left + metrics.horizontalAdvance(before) + SPACE
            if start - out >= LEAST_LINE:
                painter.setPen(QPen(QColor(theme.hatch), 1))
                _arrow(painter, QPointF(out, y), QPointF(start, y))
        into = right - metrics.horizontalAdvance(after) - SPACE
        if place.thumbs and into - end >= LEAST_LINE:
            painter.setPen(QPen(QColor(theme.target), 1))
            _arrow(painter, QPointF(end, y), QPointF(into, y))
        self._paint_captions(painter, plan, place)

    def _row_of(self, place: PlacedStation) -> list[tuple[int, int]]:
        """(left, right) of each part of the equation, as it stands."""
        parts = [*place.thumbs, *([place.inner] if place.inner else [])]
        spans = [(part.x() + INSET, part.x() + part.width() - INSET) for part in parts]
        return sorted(spans)

    def _paint_captions(self, painter: QPainter, plan: NetworkLayout, place: PlacedStation) -> None:
        theme, metrics = appearance.theme, painter.fontMetrics()
        painter.setPen(QColor(theme.muted))
        line = metrics.height()
        for thumb, factor in zip(place.thumbs, place.station.factors, strict=True):
            caption = _caption(factor, plan)
            width = max(metrics.horizontalAdvance(caption) + 2, thumb.width())
            middle = thumb.geometry().center().x() + 0.5
            room = QRectF(middle - width / 2, thumb.y() + 1 - line, width, line)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, caption)
        spans = self._row_of(place)
        signs = place.station.signs or ("→",) * max(len(spans) - 1, 0)
        painter.setPen(QColor(theme.text))
        for sign, (one, other) in zip(signs, pairwise(spans), strict=True):
            y = place.thumbs[0].geometry().center().y() + 0.5
            room = QRectF(one[1], y - line, other[0] - one[1], 2 * line)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, sign)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.arrange(*self._room)


def _caption(factor: Factor, plan: NetworkLayout) -> str:
    return factor.short if plan.brief else factor.caption


def _fitting(metrics: QFontMetrics, words: str, width: int) -> str:
    """The words, or what stands before their comma, or as much as fits."""
    if metrics.horizontalAdvance(words) > width:
        words = words.partition(",")[0]
    return metrics.elidedText(words, Qt.TextElideMode.ElideRight, width)


def _arrow(painter: QPainter, start: QPointF, end: QPointF) -> None:
    """A line with a head, along an axis."""
    painter.drawLine(start, end)
    across = abs(end.x() - start.x()) > abs(end.y() - start.y())
    sign = 1 if (end.x() > start.x() if across else end.y() > start.y()) else -1
    back, half = -sign * HEAD, HEAD * 0.6
    wings = ((back, half), (back, -half)) if across else ((half, back), (-half, back))
    head = QPolygonF([end, *(end + QPointF(x, y) for x, y in wings)])
    painter.save()
    painter.setBrush(painter.pen().color())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawPolygon(head)
    painter.restore()
