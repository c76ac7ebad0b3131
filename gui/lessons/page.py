"""Page of an open lesson: its title, a dot for each card, the present card, Back and Next."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.lessons.card.card import CardView
from gui.lessons.card.run_button import RunButton
from gui.lessons.card.type import CardText, warning_label
from gui.lessons.controller import LessonController
from gui.lessons.end import LessonEnd
from gui.lessons.highlight_targets import CONTROL_TARGETS
from gui.lessons.library import LessonLibrary
from gui.session import Session
from gui.theme import SMALL, SPACE, appearance
from gui.widgets.box import hbox, vbox
from gui.widgets.button import IconButton
from gui.widgets.label import ElidedLabel
from gui.widgets.surface import ScrollArea

CONTROLS_HINT = " · H: controls"
"""Hint in presenter mode if the card refers to controls, which are hidden there."""
BACK, BRIEF_BACK, NEXT, DONE = "‹ Back", "‹", "Next ›", "Done ✓"
FOOTER_GAP = SPACE
"""Pixels between the buttons of a card and its number."""
PAGE_KEYS: dict[int, int] = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}
"""Key -> how many heights of the page it scrolls."""
DOT_RADIUS, CURRENT_DOT_RADIUS = 3.5, 5.0
"""Radii of a dot and of the present card's dot, in logical pixels."""


class Dots(QWidget):
    """One dot for each card: filled if it was read, larger if it is shown; a click opens it."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._count, self._index = 0, 0
        self._read: frozenset[int] = frozenset()
        self.setFixedHeight(2 * SPACE)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_position(self, count: int, index: int, read: frozenset[int]) -> None:
        """Show the position. Args: index: from 0.  read: indices of the cards that were read."""
        self._count, self._index, self._read = count, index, read
        self.setAccessibleName(f"Card {index + 1} of {count}")
        self.setToolTip(f"Card {index + 1} of {count}")
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the card of the nearest dot."""
        if self._count and event.button() == Qt.MouseButton.LeftButton:
            distances = [abs(self._x(index) - event.position().x()) for index in range(self._count)]
            self.chosen.emit(distances.index(min(distances)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the dots."""
        theme, painter = appearance.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index in range(self._count):
            is_current = index == self._index
            filled = is_current or index in self._read
            colour = QColor(theme.accent if filled else theme.hatch)
            painter.setPen(QPen(colour, 1.2))
            painter.setBrush(colour if filled else Qt.BrushStyle.NoBrush)
            radius = CURRENT_DOT_RADIUS if is_current else DOT_RADIUS
            painter.drawEllipse(QPointF(self._x(index), self.height() / 2), radius, radius)
        painter.end()

    def _x(self, index: int) -> float:
        gap = min(16.0, (self.width() - 2 * CURRENT_DOT_RADIUS) / max(self._count, 1))
        return CURRENT_DOT_RADIUS + 1 + gap * index


class CardArea(ScrollArea):
    """Scroll area that leaves all keys to the page."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's hook: nothing is done here."""
        event.ignore()


class LessonPage(QWidget):
    """Widget of the present lesson; Enter presses the button that is filled with blue."""

    def __init__(
        self, controller: LessonController, session: Session, library: LessonLibrary
    ) -> None:
        super().__init__()
        self._controller, self._session, self._library = controller, session, library
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName("Lesson")
        all_lessons = IconButton(
            "chevron-left", "All lessons", object_name="allLessons", size=28, frame=False
        )
        self._name = ElidedLabel(bold=True)
        self.card = CardView(controller, session)
        self.area = CardArea(self.card)
        self.end = LessonEnd(controller)
        self.list_buttons = all_lessons, self.end.all_button
        """Buttons that lead back to the list."""
        self._end_area = CardArea(self.end)
        self.set_aside = CardText(scale=SMALL, colour="muted", wrap=True)
        self.dots = Dots()
        self._back, self._next = RunButton("cardBack"), RunButton("cardNext")
        self.position = CardText(scale=SMALL, colour="muted")
        self.position.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._places: tuple[str, ...] = ("",)
        """Where the card is in its lesson, in ever fewer words."""
        self.problem = warning_label()
        self._header = QWidget()
        hbox(all_lessons, (self._name, 1), on=self._header, spacing=SPACE // 2)
        footer = hbox(self._back, 1, self.position, 1, self._next, spacing=FOOTER_GAP)
        parts = (self._header, self.dots, self.problem, self.set_aside, (self.area, 1),
                 (self._end_area, 1), footer)  # fmt: skip
        vbox(*parts, on=self, spacing=SPACE, margins=(SPACE // 2, 0, SPACE // 2, 0))
        all_lessons.clicked.connect(controller.leave)
        self.dots.chosen.connect(controller.go)
        self._back.clicked.connect(controller.back)
        self._next.clicked.connect(controller.next)
        self.end.next_clicked.connect(controller.next_wanted)
        session.playback.held_back.connect(self._on_playback_held_back)
        appearance.changed.connect(self.refresh)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the number of the card out, and then words, where they would be cut."""
        super().resizeEvent(event)
        self._fit_footer()

    def _fit_footer(self) -> None:
        room = self.width() - 2 * SPACE
        if appearance.sizes.compact:
            room -= 2 * FOOTER_GAP
            fitting = (text for text in self._places if self.position.advance(text) <= room)
            self.position.show_text(next(fitting, self._places[-1]))
            return
        buttons = [self._back.text_width(text) for text in (BACK, BRIEF_BACK)]
        following = self._next.text_width(self._next.text())
        brief = room < buttons[0] + FOOTER_GAP + following
        taken = buttons[brief] + following + 2 * FOOTER_GAP
        self.position.setVisible(room >= taken + self.position.advance(self.position.text()))
        self._back.setText(BRIEF_BACK if brief else BACK)
        self._back.setFixedWidth(buttons[brief])
        self._next.setFixedWidth(following)

    def fits(self, height: int) -> bool:
        """Return whether a page of this height shows the whole card."""
        card = self.card.heightForWidth(self.area.viewport().width())
        return card + self.height() - self.area.height() <= height

    def scroll_to_top(self) -> None:
        """Scroll to the beginning of the card."""
        self.area.verticalScrollBar().setValue(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press the blue button with Enter; Page Down shows the rest of a card before the next."""
        if appearance.projecting:
            event.ignore()  # the keys are the clicker's
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.press_blue_button():
            pass
        elif event.key() not in PAGE_KEYS or not self.scroll_card(PAGE_KEYS[event.key()]):
            event.ignore()

    def press_blue_button(self) -> bool:
        """Press the button that Enter presses. Returns: whether there is one."""
        button = self._blue_button()
        if button is not None:
            button.click()
        return button is not None

    def scroll_card(self, pages: int) -> bool:
        """Scroll the card. Returns: whether there was more of it."""
        bar = self.area.verticalScrollBar()
        before = bar.value()
        bar.setValue(before + pages * bar.pageStep())
        return bar.value() != before

    def read_on(self) -> bool:
        """Scroll on if more than a line stands below. Returns: whether it did."""
        bar = self.area.verticalScrollBar()
        hidden = bar.maximum() - bar.value()
        return hidden > self.position.fontMetrics().height() and self.scroll_card(1)

    def _blue_button(self) -> RunButton | None:
        """Return the button that comes next: of the card, else the one that turns it."""
        part = self.end if self._controller.finished else self.card
        buttons = (*part.findChildren(RunButton), self._next)
        return next((button for button in buttons if button.is_next), None)

    def show_blue_button(self) -> None:
        """Scroll to the button that comes next, if it is on the card."""
        button = self._blue_button()
        if button is not None and self.card.isAncestorOf(button):
            self.area.ensureWidgetVisible(button)

    @Slot()
    def _on_playback_held_back(self) -> None:
        """Say at the question that Play waits for it; whoever does not see it plays freely."""
        if self.card.isVisible():
            self.card.show_play_waits()
            self.show_blue_button()
        else:
            self._session.playback.hold(False)
            self._session.playback.toggle_play()

    @Slot()
    def refresh(self) -> None:
        """Show the controller's present state; in presenter mode a clicker turns the cards."""
        focused = self.window().focusWidget()
        if focused is None or not self.isAncestorOf(focused):
            self._refresh()
            return
        self.setFocus()  # a control that is switched off or goes would pass the keyboard on
        self._refresh()
        is_open = focused.focusPolicy() != Qt.FocusPolicy.NoFocus
        if is_open and focused.isEnabled() and focused.isVisible():
            focused.setFocus()

    def _refresh(self) -> None:
        controller = self._controller
        self.card.refresh()
        for part in (self._header, self._back, self._next):
            part.setHidden(appearance.sizes.compact)
        if controller.lesson is None:
            return
        name = f"{controller.lesson.number}\u2002{controller.lesson.title}"
        self._name.show_text(name)
        index, count, finished = controller.index, controller.count, controller.finished
        shown = count if finished else index
        self.dots.show_position(count, shown, controller.answers.seen(controller.lesson.key))
        self.area.setHidden(finished)
        self._end_area.setVisible(finished)
        self.end.refresh(self._library.following(controller.lesson))
        first = index == 0 and not finished and not appearance.sizes.compact
        self.set_aside.show_if_any(controller.run_before.text if first else "")
        highlight = () if controller.card is None else controller.card.highlight
        hidden = any(name in CONTROL_TARGETS for name in highlight) and not self.card.has_controls
        hint = CONTROLS_HINT if appearance.sizes.compact and hidden else ""
        title = f"{name} · " if appearance.sizes.compact else ""
        place = "end" if finished else f"{index + 1} of {count}"
        self._places = f"{title}{place}{hint}", f"{place}{hint}", place
        self.position.show_text(self._places[0])
        last = index == count - 1
        self._back.show_state(BACK, enabled=index > 0 or finished, primary=False)
        self._back.setAccessibleName("Back")
        self._next.show_state(DONE if last else NEXT, primary=not self._has_open_tasks())
        self._next.setHidden(appearance.sizes.compact or finished)
        self.position.show()
        self._fit_footer()
        self._show_table()

    def _show_table(self) -> None:
        """Before a room, scroll to the table as it fills: a clicker scrolls nothing."""
        table = self.card.filled_table if appearance.projecting else None
        layout = self.card.layout()
        if table is not None and layout is not None:
            layout.activate()
            self.area.ensureWidgetVisible(table, 0, SPACE)

    def _has_open_tasks(self) -> bool:
        """Return whether the card has a run or a question that comes before Next."""
        controller, card = self._controller, self._controller.card
        if card is None or controller.active_run is not None:
            return card is not None
        unmade = any(run.name not in controller.results for run in card.lesson_runs)
        unanswered = card.question is not None and controller.answer(card.question) is None
        return unmade or unanswered or bool(controller.missing_runs(card))
