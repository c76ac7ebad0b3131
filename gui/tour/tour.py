"""The tour itself: a ring and a card that go from stop to stop."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, QPoint, QRect, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QWidget

from gui.lessons.controller import LessonController
from gui.session import Session
from gui.shell.highlight import Highlighter
from gui.state.preferences import Preferences
from gui.theme import LARGE, SECONDARY, SPACE, appearance
from gui.tour.stops import TourStop, tour_stops
from gui.widgets.box import hbox, vbox
from gui.widgets.button import text_button
from gui.widgets.label import Label

CARD_WIDTH = 270
"""Pixels at the ordinary text size."""
GAP = 14
"""Pixels between a ring and the card."""
FOLLOW_MILLISECONDS = 100
"""Milliseconds between two looks at where the ringed widgets are."""


class Tour(QObject):
    """Shows four parts of the window; goes on by itself when the user does what a stop asks for.

    It ends at Skip, Escape, a lesson and presenter mode.
    """

    def __init__(
        self,
        window: QWidget,
        session: Session,
        preferences: Preferences,
        controller: LessonController,
    ) -> None:
        """Args: window: that is shown.  preferences: remember that it was seen."""
        super().__init__(window)
        self._window, self._session, self._preferences = window, session, preferences
        self._controller = controller
        self._number = 0
        self._before: object = None
        """The stop's progress when it was reached."""
        self._card: TourCard | None = None
        self._rings = Highlighter(window)
        self._timer = QTimer(self, interval=FOLLOW_MILLISECONDS)
        self._timer.timeout.connect(self._place)
        session.state.settings_changed.connect(self._look)
        session.state.frame_changed.connect(self._look)
        controller.changed.connect(self._end_if_in_the_way)
        appearance.changed.connect(self._end_if_in_the_way)

    @property
    def stop(self) -> TourStop | None:
        """The stop that is shown; None: the tour is over, or has not begun."""
        return None if self._card is None else tour_stops(self._session.state)[self._number]

    @Slot()
    def start(self) -> None:
        """Begin at the first stop; it is not shown at the next start of the program."""
        self.end()
        self._preferences.tour_seen = True
        self._card = TourCard(self._window)
        self._card.next.clicked.connect(self._go_on)
        self._card.skip.clicked.connect(self.end)
        self._card.escape.activated.connect(self.end)
        self._show(0)
        self._timer.start()

    @Slot()
    def end(self) -> None:
        """Leave the tour."""
        if self._card is not None:
            self._timer.stop()
            self._rings.clear()
            if self._card.hasFocus():
                self._window.setFocus()
            self._card.hide()
            self._card.deleteLater()
            self._card = None

    def _show(self, number: int) -> None:
        self._number = number
        stop, card = self.stop, self._card
        if stop is not None and card is not None:
            self._before = stop.progress(self._session.state)
            card.show_stop(stop, number, len(tour_stops(self._session.state)))
            self._rings.show(stop.targets)
            self._place()
            if self._window.focusWidget() in (None, self._window):  # nobody is at another control
                card.setFocus()

    @Slot()
    def _go_on(self) -> None:
        if self._number + 1 < len(tour_stops(self._session.state)):
            self._show(self._number + 1)
        else:
            self.end()

    @Slot()
    def _look(self) -> None:
        """Go on where the user has done what is asked for, or asks for something else."""
        stop, card = self.stop, self._card
        if stop is None or card is None:
            return
        if stop is not card.stop:
            self._show(self._number)
        elif stop.progress(self._session.state) != self._before:
            self._go_on()

    @Slot()
    def _end_if_in_the_way(self) -> None:
        if self._controller.lesson is not None or appearance.projecting:
            self.end()

    @Slot()
    def _place(self) -> None:
        """Stand beside what is ringed; wait where that is not in view."""
        if self._card is not None:
            rects = list(self._rings.rects().values())
            self._card.setVisible(bool(rects))
            if rects:
                self._card.fit()
                self._card.move(place_beside(self._card.rect(), rects, self._window.rect()))
                self._card.raise_()


class TourCard(QFrame):
    """A title, a text, how far one is, and the buttons; Enter presses the blue one."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.stop: TourStop | None = None
        """The stop that is shown."""
        self.setObjectName("tourCard")
        self.setProperty("role", "card")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._title, self._text = Label(bold=True, scale=LARGE, wrap=True), Label(wrap=True)
        self._count = Label(scale=SECONDARY, colour="muted")
        self.skip = text_button("Skip", "tourSkip", "Leave the tour (Escape)")
        self.next = text_button("Next", "tourNext")
        self.next.setProperty("role", "primary")
        self.escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        buttons = hbox(self._count, 1, self.skip, self.next, spacing=SPACE)
        inside = 3 * SPACE // 2
        margins = inside, inside, inside, inside
        self._column = vbox(
            self._title, self._text, buttons, on=self, spacing=SPACE, margins=margins
        )
        self.hide()

    def show_stop(self, stop: TourStop, number: int, count: int) -> None:
        """Show a stop. Args: number: from 0.  count: of all stops."""
        self.stop = stop
        self._title.show_text(stop.title)
        self._text.show_text(stop.text)
        self._count.show_text(f"{number + 1} of {count}")
        self.next.setText("Next" if number + 1 < count else "Done")
        self.setAccessibleName(f"Tour, {number + 1} of {count}: {stop.title}. {stop.text}")
        self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on with Enter; the window has all other keys, so that Space plays."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.next.click()
        else:
            super().keyPressEvent(event)

    def fit(self) -> None:
        """Be as high as the text needs."""
        width = round(CARD_WIDTH * appearance.layout_scale)
        self.setFixedSize(width, self._column.totalHeightForWidth(width))


def place_beside(card: QRect, rings: Iterable[QRect], window: QRect) -> QPoint:
    """Return where a card covers no ring: at the right, below, at the left, above, or anywhere."""
    rings = list(rings)
    for ring in rings:
        right, below = ring.right() + GAP, ring.bottom() + GAP
        left, above = ring.left() - GAP - card.width(), ring.top() - GAP - card.height()
        x = min(max(ring.left(), 0), window.width() - card.width() - GAP)
        y = min(max(ring.top(), 0), window.height() - card.height() - GAP)
        for corner in ((right, y), (x, below), (left, y), (x, above)):
            place = QRect(QPoint(*corner), card.size())
            if window.contains(place) and not any(place.intersects(other) for other in rings):
                return place.topLeft()
    return QPoint(window.width() - card.width() - GAP, window.height() - card.height() - GAP)
