"""Highlighter: rings round the widgets that a lesson's card speaks of."""

from __future__ import annotations

from PySide6.QtCore import (
    QObject,
    QPoint,
    QRect,
    QRectF,
    QRegularExpression,
    Qt,
    QTimer,
    Signal,
    Slot,
)  # fmt: skip
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QScrollArea, QWidget

from gui.lessons.highlight_targets import widget_names
from gui.theme import RADIUS, appearance
from gui.widgets.collapsible import Section
from gui.widgets.label import Label

GAP_PIXELS = 1
"""Pixels between a widget and its ring."""
SMALL_PIXELS = 30
"""A widget no larger than this stands close to its name, so that its ring lies on it."""
LETTERS = QRegularExpression(r"^letter\.")
"""Object names of labels that say what a matrix beside them is: B, A, codes."""
RING_WIDTH, MAX_RING_WIDTH = 2.5, 4.0
"""Line width of a ring in pixels, and the most that it grows to on a projector."""
SETTLING_LOOKS = 10
"""Looks in which a part that is laid out elsewhere is scrolled to again."""
FOLLOW_MILLISECONDS = 50
"""Milliseconds between two looks at where the widgets are, while any is highlighted."""


class Highlighter(QObject):
    """Shows which widgets are meant, and brings them into view.

    A widget that is not in the window yet is waited for. A folded section is held open for as long
    as it is highlighted; what is scrolled away is scrolled to, once.
    """

    changed = Signal(tuple)
    """The names of what is highlighted now."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._rings: list[_Ring] = []
        self._timer = QTimer(self, interval=FOLLOW_MILLISECONDS)
        self._timer.timeout.connect(self.follow)

    def show(self, names: tuple[str, ...]) -> None:
        """Highlight these parts alone. Args: names: unknown ones are ignored."""
        if names == tuple(ring.name for ring in self._rings):
            return
        self.clear()
        self._rings = [_Ring(name, self._window) for name in names]
        self.changed.emit(names)
        if self._rings:
            self.follow()
            self._timer.start()

    def clear(self) -> None:
        """Highlight nothing; sections held open for it fold again."""
        self._timer.stop()
        for ring in self._rings:
            ring.remove()
        self._rings = []
        self.changed.emit(())

    @Slot()
    def follow(self) -> None:
        """Move the rings to where the widgets are now."""
        for ring in self._rings:
            ring.follow()

    def rects(self) -> dict[str, QRect]:
        """Return what is ringed now: name -> the part's rectangle in the window."""
        return {r.name: r.part_rect for r in self._rings if not r.part_rect.isEmpty()}


class _Ring(QWidget):
    """A rounded frame round one part; no click notices it, and it covers next to nothing."""

    def __init__(self, name: str, window: QWidget) -> None:
        super().__init__(window)
        self.name = name
        self.part_rect = QRect()
        """Of the part, in the window; empty: it is not in view."""
        self._window = window
        self._held_sections: list[Section] = []
        self._scrolled_to: QRect | None = None
        """Where the part was in its parent when it was scrolled to."""
        self._looks_left = SETTLING_LOOKS
        self._width = 0.0
        self.setObjectName("spotlightRing")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def follow(self) -> None:
        """Stand round the part, or hide while it is not in view."""
        held_count = len(self._held_sections)
        widgets = self._visible_widgets()
        just_unfolded = held_count < len(self._held_sections)
        if not widgets or just_unfolded:  # what was just unfolded has no place yet
            self._scrolled_to = None
        elif self._scrolled_to is None or self._is_settling(widgets[0]):
            self._scrolled_to = widgets[0].geometry()
            _scroll_to(widgets[0])
        rect = QRect()
        for widget in widgets:
            rect |= _visible_rect(widget, self._window)
        self.part_rect = rect
        if not rect.isEmpty():
            self._surround(rect)
        self.setVisible(not rect.isEmpty())

    def _is_settling(self, widget: QWidget) -> bool:
        """Return whether the part has just been laid out elsewhere, as a new page is."""
        self._looks_left -= 1
        return self._looks_left > 0 and widget.geometry() != self._scrolled_to

    def remove(self) -> None:
        """Go, and let the sections that were held open fold again."""
        for section in self._held_sections:
            section.hold_open(False)
        self.hide()
        self.deleteLater()

    def _visible_widgets(self) -> list[QWidget]:
        for names in widget_names(self.name):
            children = (self._window.findChild(QWidget, name) for name in names)
            widgets = [widget for widget in children if widget is not None]
            for widget in widgets:
                self._unfold(widget)
            visible = [widget for widget in widgets if widget.isVisible()]
            if visible:
                return visible
        return []

    def _unfold(self, widget: QWidget) -> None:
        """Hold open the section of a widget; once, so that the user may fold it."""
        section: QWidget | None = widget
        while section is not None and not isinstance(section, Section):
            section = section.parentWidget()
        if section is not None and section.isVisible() and section not in self._held_sections:
            section.hold_open(True)
            self._held_sections.append(section)

    def _surround(self, rect: QRect) -> None:
        width = min(RING_WIDTH * appearance.sizes.overlay_scale, MAX_RING_WIDTH)
        small = max(rect.width(), rect.height()) <= SMALL_PIXELS * appearance.text_scale
        thick = round(width) + (0 if small else GAP_PIXELS)
        out = 1 if small else thick
        place = rect.adjusted(-out, -out, out, out) & self._window.rect()
        if (place, width) != (self.geometry(), self._width):
            self._width = width
            self.setGeometry(place)
            inside = self.rect().adjusted(thick, thick, -thick, -thick)
            self.setMask(QRegion(self.rect()) - QRegion(inside) - self._letters())

    def _letters(self) -> QRegion:
        """Return where the names of matrices stand, which the frame makes room for."""
        region = QRegion()
        for label in self._window.findChildren(Label, LETTERS):
            if label.isVisible():
                text = label.contentsRect()
                text.setWidth(min(label.advance(label.text()), text.width()))
                region += text.translated(label.mapTo(self._window, QPoint()) - self.pos())
        return region

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's hook: the frame in the accent's colour."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(appearance.theme.accent), self._width))
        half = self._width / 2
        frame = QRectF(self.rect()).adjusted(half, half, -half, -half)
        painter.drawRoundedRect(frame, RADIUS, RADIUS)


def _scroll_to(widget: QWidget) -> None:
    """Bring a widget into view."""
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea):
            above.ensureWidgetVisible(widget)
            left = widget.mapTo(above.viewport(), QPoint()).x()
            if left < 0:  # it is wider than what is seen, and is read from its beginning
                bar = above.horizontalScrollBar()
                bar.setValue(bar.value() + left)
        above = above.parentWidget()


def _visible_rect(widget: QWidget, window: QWidget) -> QRect:
    """Return the part of a widget that is in view, in the window's coordinates."""
    rect, inside = widget.rect(), widget
    while inside is not window:
        above = inside.parentWidget()
        if above is None:
            return QRect()
        rect = rect.translated(inside.pos()) & above.rect()
        inside = above
    return rect
