"""Notes window: what the speaker sees and the room does not, best on a screen of its own."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from gui.lessons.card.prose import Prose
from gui.lessons.controller import LessonController
from gui.theme import LARGE, SPACE
from gui.widgets.box import hbox, vbox
from gui.widgets.label import Label

SIZE = (560, 420)
"""(width, height) in pixels."""
NO_NOTES = "*No notes for this card.*"


class NotesWindow(QWidget):
    """Shows the card's title and notes, the title of the next one, and the time."""

    def __init__(self, window: QWidget, controller: LessonController) -> None:
        super().__init__(window, Qt.WindowType.Dialog)  # over a full screen, if there is but one
        self._owner, self._controller = window, controller
        self._began = 0.0
        """When the presentation began; seconds of a clock that never goes back."""
        self.setObjectName("notesWindow")
        self.setWindowTitle("ΔW: speaker’s notes")
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self._card = Label(scale=LARGE, bold=True, wrap=True)
        self._clock = Label(scale=LARGE, colour="muted")
        self.notes = Prose()
        self._next = Label(colour="muted", wrap=True)
        top = Qt.AlignmentFlag.AlignTop
        head = hbox((self._card, 1), (self._clock, 0, top), spacing=SPACE)
        margins = 2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE
        vbox(head, (self.notes, 0), 1, self._next, on=self, spacing=2 * SPACE, margins=margins)
        self.resize(*SIZE)
        self._timer = QTimer(self, interval=1000)
        self._timer.timeout.connect(self._show_time)
        controller.card_changed.connect(self._show_card)
        self._show_card()

    def begin(self) -> None:
        """Note that the presentation begins now."""
        self._began = time.monotonic()

    def toggle(self) -> None:
        """Show the notes, on another screen if there is one, or hide them."""
        if self.isVisible():
            self.hide()
            return
        others = [s for s in QGuiApplication.screens() if s is not self._owner.screen()]
        if others:
            self.move(others[0].availableGeometry().topLeft())
        self.show()

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's hook: the clock goes while it is seen."""
        super().showEvent(event)
        self._show_time()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Qt's hook: it stops, whoever hides the notes."""
        super().hideEvent(event)
        self._timer.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape and S; the clicker's keys work here as well."""
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_S):
            self.toggle()

    @Slot()
    def _show_card(self) -> None:
        controller, card = self._controller, self._controller.card
        lesson = controller.lesson
        if lesson is None or card is None:
            self._card.show_text("No lesson" if lesson is None else f"End of {lesson.title}")
            self.notes.show_markdown("")
            self._next.show_text("")
            return
        place = f"{controller.index + 1} of {controller.count}"
        self._card.show_text(f"{lesson.number} {lesson.title} · {place}\n{card.title}")
        self.notes.show_markdown(card.notes or NO_NOTES, lesson.file.parent)
        following = lesson.cards[controller.index + 1 : controller.index + 2]
        self._next.show_text(f"Next: {following[0].title}" if following else "Next: the end")

    @Slot()
    def _show_time(self) -> None:
        minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
        self._clock.show_text(f"{minutes}:{seconds:02}")
