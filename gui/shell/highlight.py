"""Rings round the parts of the window that are being spoken of."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QScrollArea, QWidget

from gui.lessons.highlight_targets import widget_names
from gui.theme import RADIUS, appearance
from gui.widgets.collapsible import Section

AIR = 2
"""Pixels between a part and its ring."""
SMALL = 30
"""Pixels: a part no larger than this stands close to its name, so that its ring lies on it."""
WIDTH = 2.5
"""Of a ring, in pixels; for a room it is heavier."""
HEAVIEST = 4.0
FOLLOW_MILLISECONDS = 50
"""From look to look at where the parts are, while any is spoken of."""


class Highlighter(QObject):
    """Shows which parts are meant, and brings them into sight.

    A part that is not in the window now is waited for. A folded section is unfolded for as long
    as it is spoken of; what is scrolled away is scrolled to, once.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._lit: list[_HighlightedPart] = []
        self._timer = QTimer(self)
        self._timer.setInterval(FOLLOW_MILLISECONDS)
        self._timer.timeout.connect(self.follow)

    def show(self, names: tuple[str, ...]) -> None:
        """Ring these parts alone. Args: names: those that are no part are passed over."""
        if names == tuple(part.name for part in self._lit):
            return
        self.clear()
        self._lit = [_HighlightedPart(name, self._window) for name in names]
        if self._lit:
            self.follow()
            self._timer.start()

    def clear(self) -> None:
        """Ring nothing; what was unfolded for it folds again."""
        self._timer.stop()
        for part in self._lit:
            part.leave()
        self._lit = []

    @Slot()
    def follow(self) -> None:
        """Stand where the parts are now."""
        for part in self._lit:
            part.follow()

    def rects(self) -> dict[str, QRect]:
        """What is ringed now: name -> the part's rectangle in the window."""
        return {part.name: part.rect for part in self._lit if not part.rect.isEmpty()}


class _HighlightedPart:
    """One part that is spoken of: where it is, and the ring round it."""

    def __init__(self, name: str, window: QWidget) -> None:
        self.name = name
        self.rect = QRect()
        self._window = window
        self._ring = _Ring(window)
        self._held: list[Section] = []
        self._reached = False

    def follow(self) -> None:
        held = len(self._held)
        found = self._find()
        if not found or held < len(self._held):  # what was just unfolded has no place yet
            self._reached = False
        elif not self._reached:
            self._reached = _scroll_to(found[0])
        self.rect = QRect()
        for widget in found:
            self.rect |= _seen(widget, self._window)
        self._ring.surround(self.rect)

    def leave(self) -> None:
        for section in self._held:
            section.hold_open(False)
        self._ring.hide()
        self._ring.deleteLater()

    def _find(self) -> list[QWidget]:
        for together in widget_names(self.name):
            found = (self._window.findChild(QWidget, name) for name in together)
            widgets = [widget for widget in found if widget is not None]
            for widget in widgets:
                self._unfold(widget)
            seen = [widget for widget in widgets if widget.isVisible()]
            if seen:
                return seen
        return []

    def _unfold(self, widget: QWidget) -> None:
        """Open the section that it is, or that it stands in; once, so that one may fold it."""
        section: QWidget | None = widget
        while section is not None and not isinstance(section, Section):
            section = section.parentWidget()
        if section is not None and section.isVisible() and section not in self._held:
            section.hold_open(True)
            self._held.append(section)


class _Ring(QWidget):
    """A rounded frame that no click notices; it covers so little that nothing is painted twice."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("spotlightRing")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._width = 0.0
        appearance.changed.connect(self._on_appearance_changed)
        self.hide()

    def surround(self, rect: QRect) -> None:
        """Stand round this rectangle of the window; an empty one: hide."""
        if rect.isEmpty():
            self.hide()
            return
        width = min(WIDTH * appearance.overlay_scale, HEAVIEST)
        small = max(rect.width(), rect.height()) <= SMALL * appearance.text_scale
        thick = round(width) + (0 if small else AIR)
        out = 1 if small else thick
        place = rect.adjusted(-out, -out, out, out) & self._window.rect()
        if (place, width) != (self.geometry(), self._width):
            self._width = width
            self.setGeometry(place)
            inside = self.rect().adjusted(thick, thick, -thick, -thick)
            self.setMask(QRegion(self.rect()) - QRegion(inside))
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's hook: the frame in the accent's colour."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(appearance.theme.accent), self._width))
        half = self._width / 2
        frame = QRectF(self.rect()).adjusted(half, half, -half, -half)
        painter.drawRoundedRect(frame, RADIUS, RADIUS)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.update()


def _scroll_to(widget: QWidget) -> bool:
    """Bring it into sight. Returns: whether its place is known by now."""
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea):
            above.ensureWidgetVisible(widget)
        above = above.parentWidget()
    return not widget.size().isEmpty()


def _seen(widget: QWidget, window: QWidget) -> QRect:
    """What is in sight of it, in the window."""
    rect, inside = widget.rect(), widget
    while inside is not window:
        above = inside.parentWidget()
        if above is None:
            return QRect()
        rect = rect.translated(inside.pos()) & above.rect()
        inside = above
    return rect
