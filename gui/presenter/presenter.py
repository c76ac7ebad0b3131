"""Presenter mode: full screen, large type, a lesson's card and the stage, and a clicker's keys."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QRect, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from gui.analysis import PAGES
from gui.lessons.controller import LessonController
from gui.lessons.library import LessonLibrary
from gui.presenter.figures import PresentedFigures
from gui.presenter.lesson_chooser import LessonChooser
from gui.presenter.notes import NotesWindow
from gui.presenter.screen import AutoHidePointer, BlackPage, Hint
from gui.session import Session
from gui.state.notices import Notice
from gui.step_view.controller import StepView
from gui.step_view.phases import Phase
from gui.theme import LESSON_SCALE, TEXT_POINTS, ProjectorScheme, appearance

ZOOM_STEP = 1.1
"""Factor by which one step enlarges the text."""
MIN_ZOOM, MAX_ZOOM = 0.75, 1.35
CLICKER_KEYS = (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)

MIN_WINDOW = (1280, 720)
"""(width, height) in pixels that is legible from the last row; larger windows enlarge it."""
TEXT_PIXELS, LESSON_PIXELS = 20.0, 24.4
"""Heights of ordinary text and of a lesson's in `MIN_WINDOW`: the smallest labels on the stage,
0.8 of that, are 16 pixels high."""
CROWDED_TEXT_PIXELS = 14.7
"""Height of ordinary text where a page in the stage's place holds more than the stage does."""
PANEL_SHARE, CROWDED_PANEL_SHARE = 0.34, 0.3
"""Fractions of the width for the lesson: beside the stage, and beside such a page."""
MAX_SCALE_WITH_CONTROLS = 1.6
"""Largest text scale while the controls are shown: their buttons do not grow with it."""
PAGE_SHARE = 0.34
"""Fraction of the height for a page of analysis below the card."""
OVERLAY_SCALE = 3
"""Line width of overlays in `MIN_WINDOW`; it grows more slowly than the window, as cells do."""
POINTS_PER_INCH = 72


class Presenter(QObject):
    """Switches a window to presenter mode and back.

    Args: controller: the clicker turns its cards.  step_view: it goes through the phases of a step
    on a card that looks into one.  controls: widgets that are hidden; a key shows them for a while.
    read_on: shows more of a card that is longer than the screen; returns whether there was more.
    """

    changed = Signal()
    """Other parts are shown: the window must lay itself out again."""

    def __init__(
        self,
        window: QWidget,
        session: Session,
        controller: LessonController,
        library: LessonLibrary,
        step_view: StepView,
        controls: Iterable[QWidget],
        read_on: Callable[[], bool],
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._controller = window, session, controller
        self._controls, self._step_view = tuple(controls), step_view
        self._read_on = read_on
        self.presenting = False
        """Whether presenter mode is on."""
        self._state, self._geometry = Qt.WindowState.WindowNoState, QRect()
        """Of the window before."""
        self._hidden: dict[QWidget, bool] = {}
        """Which of the controls were hidden before."""
        self._controls_shown = self._page_wanted = self._crowded = False
        self._zoom = 1.0
        self.figures = PresentedFigures(session)
        self.figures.hide()
        self.hint = Hint(window)
        self._chooser = LessonChooser(window, controller, library)
        self.lesson_chosen = self._chooser.chosen
        self._notes = NotesWindow(window, controller)
        self._black = BlackPage(window)
        self._pointer = AutoHidePointer(self)
        # Shortcuts, so that no slider and no dialog with the keyboard takes a clicker's keys.
        self._keys = [QShortcut(QKeySequence(key), window, enabled=False) for key in CLICKER_KEYS]
        self._keys[0].activated.connect(self._on_forward_activated)
        self._keys[1].activated.connect(controller.back)
        for key in self._keys:
            key.setContext(Qt.ShortcutContext.ApplicationShortcut)
        controller.card_changed.connect(self._on_controller_card_changed)
        session.state.notice_changed.connect(self._on_session_notice_changed)

    # ------------------------------------------------------------ what is shown

    @property
    def bare(self) -> bool:
        """Whether only lesson and stage are shown: presenting, without controls."""
        return self.presenting and not self._controls_shown

    @property
    def shows_page(self) -> bool:
        """Whether a page of analysis is shown; a question has the room until its run begins."""
        asks = self._controller.question_is_open and self._controller.active_run is None
        return not self.bare or (self._page_wanted and not asks)

    def panel_width(self) -> int:
        """Return the width of the lesson in pixels, while there are no controls."""
        share = CROWDED_PANEL_SHARE if self._crowded else PANEL_SHARE
        return round(share * self._window.width())

    def page_height(self) -> int:
        """Return the height of a page below the card, in pixels."""
        return round(PAGE_SHARE * self._window.height())

    def want_page(self) -> None:
        """Show a page below the card."""
        if not self._page_wanted:
            self._page_wanted = True
            if self.bare:
                self.changed.emit()

    def _card_has_page(self) -> bool:
        card = self._controller.card
        return card is not None and card.page in PAGES

    def set_crowded(self, crowded: bool) -> None:
        """Make the text small enough for a page that holds more than the stage, or no longer."""
        if crowded != self._crowded:
            self._crowded = crowded
            if self.bare:
                self.fit()
                self.changed.emit()

    # ------------------------------------------------------------ beginning and ending

    def present(self, presenting: bool) -> None:
        """Enter presenter mode, or leave it with everything as it was before."""
        if presenting != self.presenting:
            self.presenting = presenting
            for shortcut in self._keys:
                shortcut.setEnabled(presenting)
            self._window.setUpdatesEnabled(False)
            self._begin() if presenting else self._end()
            self._window.setUpdatesEnabled(True)

    @Slot()
    def toggle(self) -> None:
        """Enter presenter mode, or leave it."""
        self.present(not self.presenting)

    def _begin(self) -> None:
        window = self._window
        self._state, self._geometry = window.windowState(), window.geometry()
        self._hidden = {part: part.isHidden() for part in self._controls}
        self._controls_shown, self._page_wanted, self._zoom = False, self._card_has_page(), 1.0
        window.setFocus()  # a control that is about to hide must not keep the keyboard
        self._controller.begin_presenting()
        self._notes.begin()
        window.setWindowState(self._state | Qt.WindowState.WindowFullScreen)
        if window.windowHandle() is not None:
            self._pointer.watch(window)
        self._lay_out()

    def _end(self) -> None:
        self._black.lift()
        self._pointer.stop()
        for own in (self.figures, self.hint, self._chooser, self._notes):
            own.hide()
        self._controller.end_presenting()
        appearance.set_projector_scheme(None)
        for part, hidden in self._hidden.items():
            part.setHidden(hidden)
        self.changed.emit()
        self._window.setWindowState(self._state)
        if self._state == Qt.WindowState.WindowNoState:
            self._window.setGeometry(self._geometry)

    def fit(self) -> None:
        """Follow the size of the window."""
        if not self.presenting:
            return
        window, (width, height) = self._window, MIN_WINDOW
        times = max(1.0, min(window.width() / width, window.height() / height))
        overlay_scale = round(OVERLAY_SCALE * math.sqrt(times))
        if self._controls_shown:
            text_scale = max(appearance.chosen_scale, min(times, MAX_SCALE_WITH_CONTROLS))
            lesson_scale = LESSON_SCALE
        else:
            text = CROWDED_TEXT_PIXELS if self._crowded else TEXT_PIXELS
            ordinary = TEXT_POINTS * window.logicalDpiY() / POINTS_PER_INCH
            text_scale, lesson_scale = text / ordinary * times * self._zoom, LESSON_PIXELS / text
        appearance.set_projector_scheme(
            ProjectorScheme(round(text_scale, 3), lesson_scale, overlay_scale, self.bare)
        )
        self._black.fit()

    def _lay_out(self) -> None:
        """Hide first, then show, so that the stage is never squeezed in between."""
        visible = dict.fromkeys(self._controls, self._controls_shown)
        visible[self.figures] = self.bare
        for part in sorted(visible, key=visible.__getitem__):
            part.setVisible(visible[part])
        self.fit()
        self.changed.emit()
        if self.bare and self._controller.lesson is None:
            self.hint.show_briefly()
        else:
            self.hint.hide()

    # ------------------------------------------------------------ keys

    def handle_key(self, key: int) -> bool:
        """Handle a key that is no action. Returns: whether it has a meaning in presenter mode."""
        if not self.presenting or key not in (Qt.Key.Key_Escape, Qt.Key.Key_Backspace):
            return False
        if key == Qt.Key.Key_Escape:
            self.present(False)
        else:
            self._controller.take_vote_back()
        return True

    def open_chooser(self) -> None:
        """Show the list of lessons over the screen."""
        self.hint.hide()
        self._chooser.open()

    def toggle_notes(self) -> None:
        """Show or hide the speaker's notes."""
        self._notes.toggle()

    def toggle_controls(self) -> None:
        """Show the controls before the room, or hide them again."""
        self._controls_shown = not self._controls_shown
        self._window.setFocus()
        self._lay_out()

    def cover(self) -> None:
        """Make the screen black until any key is pressed."""
        self._black.cover()

    def zoom(self, steps: int) -> None:
        """Make the text before the room larger or smaller. Args: steps: 0: as it was at first."""
        wanted = self._zoom * ZOOM_STEP**steps if steps else 1.0
        self._zoom = min(max(wanted, MIN_ZOOM), MAX_ZOOM)
        self.fit()

    # ------------------------------------------------------------ what happens meanwhile

    @Slot()
    def _on_forward_activated(self) -> None:
        """Go on: to the next phase of a step that the card looks into, or as the lesson does."""
        card, shown = self._controller.card, self._step_view.shown
        if card is not None and card.page == "step" and shown is not None:
            if shown[2] is not Phase.TAKEN:
                self._step_view.next_phase()
                return
        self._controller.advance(self._read_on)

    @Slot()
    def _on_controller_card_changed(self) -> None:
        self._page_wanted = self._card_has_page()
        if self.presenting:
            self._lay_out()

    @Slot(object)
    def _on_session_notice_changed(self, notice: Notice | None) -> None:
        engine_is_gone = (
            notice is not None and notice.kind == "error" and not self._session.host.alive
        )
        if self.presenting and engine_is_gone:
            self.present(False)  # the lecturer needs all there is
