"""Presenter mode: full screen, large type, a lesson's card and the stage, and a clicker's keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRect, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from gui.analysis import PAGES
from gui.lessons.controller import LessonController
from gui.presenter.black import BlackPage
from gui.presenter.figures import LARGE, PresentedFigures
from gui.presenter.pointer import RestingPointer
from gui.presenter.projector_sizes import (
    CROWDED_PANEL_SHARE,
    LEAST_PAGE_SHARE,
    PAGE_SHARE,
    PANEL_SHARE,
    projection,
    with_controls,
)
from gui.session import Session
from gui.state.notices import Notice
from gui.theme import SPACE, look
from gui.widgets.label import Label

ZOOM_STEP = 1.1
LEAST_ZOOM, MOST_ZOOM = 0.75, 1.35
BLACK_KEYS = (Qt.Key.Key_B, Qt.Key.Key_Period)
"""What clickers send for a black screen."""


HINT = "No lesson is open. The keys 1 … 9 open one; PageDown and PageUp turn its cards."


@dataclass(frozen=True)
class _Before:
    """What is given back after."""

    state: Qt.WindowState
    geometry: QRect
    hidden: dict[QWidget, bool]


class Presenter(QObject):
    """Turns a window into what a room full of people sees, and back into what it was.

    Args: guide: the clicker turns its cards.  furniture: parts of the window that stand aside; a
    key brings them back for a while.  notices: the line that is seen only when it says something.
    """

    changed = Signal()
    """Something else is to be seen: the window lays itself out anew."""

    def __init__(
        self,
        window: QWidget,
        session: Session,
        guide: LessonController,
        furniture: Iterable[QWidget],
        notices: Iterable[QWidget],
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._guide = window, session, guide
        self._furniture, self._notices = tuple(furniture), tuple(notices)
        self._before: _Before | None = None
        self._controls = self._page = self._crowded = False
        self._zoom = 1.0
        self.figures = PresentedFigures(session)
        self.figures.hide()
        self.hint = Label(HINT, scale=LARGE, colour="muted", wrap=True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.hint.hide()
        self._black = BlackPage(window)
        self._pointer = RestingPointer(self)
        self._keys = [self._shortcut(Qt.Key.Key_PageDown), self._shortcut(Qt.Key.Key_PageUp)]
        self._keys[0].activated.connect(self._on_page_down)
        self._keys[1].activated.connect(self._on_page_up)
        guide.card_changed.connect(self._on_guide_card_changed)
        session.state.notice_changed.connect(self._on_session_notice_changed)

    def _shortcut(self, key: Qt.Key) -> QShortcut:
        """A slider that was touched must not take a clicker's keys."""
        shortcut = QShortcut(QKeySequence(key), self._window)
        shortcut.setEnabled(False)
        return shortcut

    # ------------------------------------------------------------ what is to be seen

    @property
    def presenting(self) -> bool:
        """Whether this is a presentation."""
        return self._before is not None

    @property
    def bare(self) -> bool:
        """Whether lesson and stage are all there is: presenting, and no controls."""
        return self.presenting and not self._controls

    @property
    def shows_lesson(self) -> bool:
        """Whether a lesson's card is to be seen; else a hint stands in its place."""
        return self.hint.isHidden()

    @property
    def shows_page(self) -> bool:
        """Whether a page below the stage is to be seen."""
        return not self.bare or self._page

    def panel_width(self) -> int:
        """Pixels for the lesson, while there are no controls."""
        share = CROWDED_PANEL_SHARE if self._crowded else PANEL_SHARE
        return round(share * self._window.width())

    def page_height(self, stage: int) -> int:
        """Pixels for a page below the stage, while there are no controls.

        Args: stage: what the stage needs, so as not to scroll.
        """
        height = self._window.height()
        left = height - stage - self.figures.sizeHint().height() - 4 * SPACE
        return round(min(max(left, LEAST_PAGE_SHARE * height), PAGE_SHARE * height))

    def want_page(self) -> None:
        """Show a page below the stage, with room."""
        if not self._page:
            self._page = True
            if self.bare:
                self.changed.emit()

    def _card_has_page(self) -> bool:
        card = self._guide.card
        return card is not None and card.page in PAGES

    def crowd(self, crowded: bool) -> None:
        """Leave a page in the stage's place the room that it needs, or no longer."""
        if crowded != self._crowded:
            self._crowded = crowded
            if self.bare:
                self.fit()
                self.changed.emit()

    # ------------------------------------------------------------ beginning and ending

    def present(self, presenting: bool) -> None:
        """Begin, or give everything back as it was."""
        if presenting != self.presenting:
            self._window.setUpdatesEnabled(False)
            self._begin() if presenting else self._end()
            self._window.setUpdatesEnabled(True)

    @Slot()
    def toggle(self) -> None:
        """Begin, or end."""
        self.present(not self.presenting)

    def _begin(self) -> None:
        window = self._window
        parts = (*self._furniture, *self._notices)
        self._before = _Before(
            window.windowState(), window.geometry(), {part: part.isHidden() for part in parts}
        )
        self._controls, self._page, self._zoom = False, self._card_has_page(), 1.0
        for shortcut in self._keys:
            shortcut.setEnabled(True)
        window.setFocus()  # a control that is about to hide must not keep the keyboard
        window.setWindowState(self._before.state | Qt.WindowState.WindowFullScreen)
        handle = window.windowHandle()
        if handle is not None:
            self._pointer.watch(handle)
        self._lay_out()

    def _end(self) -> None:
        before, self._before = self._before, None
        assert before is not None
        self._black.lift()
        self._pointer.stop()
        for shortcut in self._keys:
            shortcut.setEnabled(False)
        for own in (self.figures, self.hint):
            own.hide()
        look.project(None)
        for part, hidden in before.hidden.items():
            part.setHidden(hidden)
        self.changed.emit()
        self._window.setWindowState(before.state)
        if before.state == Qt.WindowState.WindowNoState:
            self._window.setGeometry(before.geometry)

    def fit(self) -> None:
        """Follow the size of the window."""
        if not self.presenting:
            return
        width, height = self._window.width(), self._window.height()
        if self._controls:
            look.project(with_controls(width, height, look.chosen_scale))
        else:
            dots = self._window.logicalDpiY()
            look.project(projection(width, height, dots, self._zoom, crowded=self._crowded))
        self._black.fit()

    def _lay_out(self) -> None:
        """First what goes, then what comes, so that the stage is never squeezed between."""
        told = self._session.state.notice is not None
        seen = dict.fromkeys(self._furniture, self._controls)
        seen |= dict.fromkeys(self._notices, self._controls or told)
        seen[self.figures] = self.bare and not told
        untaught = self._guide.lesson is None
        seen[self.hint] = self.bare and untaught
        for part in sorted(seen, key=seen.__getitem__):
            part.setVisible(seen[part])
        self.fit()
        self.changed.emit()

    # ------------------------------------------------------------ keys

    def answer(self, event: QKeyEvent) -> bool:
        """Do what a key means to a lecturer. Returns: whether it means anything."""
        key, held = event.key(), event.isAutoRepeat()
        if key in (Qt.Key.Key_F, Qt.Key.Key_F5):
            if not held:
                self.toggle()
            return True
        if not self.presenting:
            return False
        match key:
            case Qt.Key.Key_Escape:
                self.present(False)
            case Qt.Key.Key_H if not held:
                self._controls = not self._controls
                self._window.setFocus()
                self._lay_out()
            case _ if key in BLACK_KEYS and not held:
                self._black.cover()
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal if self.bare:
                self._enlarge(ZOOM_STEP)
            case Qt.Key.Key_Minus if self.bare:
                self._enlarge(1 / ZOOM_STEP)
            case _:
                return False
        return True

    def _enlarge(self, factor: float) -> None:
        """What the lecturer adds is for this presentation alone."""
        self._zoom = min(max(self._zoom * factor, LEAST_ZOOM), MOST_ZOOM)
        self.fit()

    @Slot()
    def _on_page_down(self) -> None:
        self._guide.advance()

    @Slot()
    def _on_page_up(self) -> None:
        self._guide.back()

    # ------------------------------------------------------------ what happens meanwhile

    @Slot()
    def _on_guide_card_changed(self) -> None:
        self._page = self._card_has_page()
        if self.presenting:
            self._lay_out()

    @Slot(object)
    def _on_session_notice_changed(self, notice: Notice | None) -> None:
        if not self.presenting:
            return
        if notice is not None and notice.kind == "error" and not self._session.host.alive:
            self.present(False)  # the engine is gone: the lecturer needs all there is
        else:
            self._lay_out()
