"""Options of a multiple-choice question: select one, commit to it, see which are right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QFocusEvent, QFontMetrics, QKeyEvent, QPalette
from PySide6.QtWidgets import QButtonGroup, QPushButton, QSizePolicy, QWidget

from gui.lessons.card.type import CardText, card_font
from gui.lessons.card.words import DIGITS, verdict
from gui.theme import RADIUS, SMALL, SPACE, appearance
from gui.widgets.box import hbox, vbox

BADGE_LINES = 1.75
"""Diameter of the digit's disc, in line heights."""
PADDING, TERSE_PADDING = 6, 3
"""Around an option, in pixels at the ordinary text size; less in presenter mode."""
BAR_OPACITY = 90
"""Of the bar of a room's votes, 0…255."""
KEY_STEPS: dict[int, int] = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
SIGNS = {"good": "✓", "bad": "✗"}
"""Colour of a verdict -> its sign, so that colour alone does not tell it."""


class OptionRow(QPushButton):
    """One option as a clickable row, as high as its text needs."""

    def __init__(self, digit: str, text: str) -> None:
        super().__init__()
        self._digit, self.option = digit, text
        self.yours = False
        """True: the learner committed to it."""
        self.right: bool | None = None
        """True: it is right; None: not known yet."""
        self.reason = ""
        """Reason why it is right or wrong, once that is known."""
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the list has it: one stop for Tab
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.ringed = False
        """Whether the keys act here: the list has the focus."""
        self.share: float | None = None
        """Share of the room's votes that its bar shows; None: it shows none."""
        self._votes = CardText(bold=True)
        self._votes.hide()
        self._badge = CardText(scale=SMALL, bold=True)
        self._badge.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text, self._verdict = CardText(text, wrap=True), CardText(scale=SMALL, bold=True)
        self._reason = CardText(scale=SMALL, wrap=True)
        for part in (self._badge, self._text, self._verdict, self._reason, self._votes):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            part.setForegroundRole(QPalette.ColorRole.WindowText)  # in a button: ButtonText
        column = vbox(self._text, self._verdict, self._reason)
        top = Qt.AlignmentFlag.AlignTop
        parts = (self._badge, 0, top), (column, 1), self._votes
        self._row = hbox(*parts, on=self, spacing=SPACE)
        self.toggled.connect(self._apply_style)
        appearance.changed.connect(self._apply_style)

    def show_answer(self, yours: bool, right: bool | None, reason: str, *, is_open: bool) -> None:
        """Show what is known of it. Args: is_open: whether it can still be selected."""
        self.yours, self.right, self.reason = yours, right, reason
        verdict_text = verdict(yours, right)
        self.setEnabled(is_open)
        self.setChecked(yours or self.isChecked())
        self.setAccessibleName(f"{self._digit}. {self.option}")
        self.setAccessibleDescription(f"{verdict_text} {reason}")
        # An answer that is not judged yet has its frame alone: nothing below it moves.
        self._verdict.show_if_any("" if right is None else verdict_text)
        self._reason.show_if_any(reason)
        self._apply_style()

    def set_ringed(self, ringed: bool) -> None:
        """Show the ring of the focus, or none."""
        if ringed != self.ringed:
            self.ringed = ringed
            self._apply_style()

    def show_votes(self, count: int, share: float | None) -> None:
        """Show the room's votes. Args: share: of all votes, as a bar; None: no bar yet."""
        self.share = share
        self._votes.show_if_any(str(count) if count else "")
        self._apply_style()

    @Slot()
    def _apply_style(self) -> None:
        theme, right = appearance.theme, self.right
        mark = "accent" if self.isChecked() else ""
        if right is not None and (right or self.yours):
            mark = "good" if right else "bad"
        padding = TERSE_PADDING if appearance.sizes.compact else PADDING
        padding = round(padding * max(appearance.text_scale, 1.0))
        self._row.setContentsMargins(padding, padding, padding, padding)
        side = round(BADGE_LINES * QFontMetrics(card_font(SMALL)).height())
        sign = theme.on_accent if mark == "accent" else theme.panel if mark else theme.muted
        self._badge.show_text(SIGNS.get(mark, self._digit))
        self._badge.setFixedSize(side, side)
        self._badge.setStyleSheet(
            f"background: {getattr(theme, mark or 'hover')}; color: {sign};"
            f" border-radius: {side // 2}px;"
        )
        self._text.set_colour("text" if self.isEnabled() or mark or self.reason else "muted")
        self._verdict.set_colour("muted" if right is None else "good" if right else "bad")
        width, edge = (2, getattr(theme, mark)) if mark else (1, theme.line)
        width, edge = (2, theme.text) if self.ringed else (width, edge)
        fill = theme.accent_soft if mark == "accent" else theme.field
        if self.share is not None:
            fill = (
                f"qlineargradient(x1: 0, x2: 1, stop: {self.share:.4f} {_bar_colour()},"
                f" stop: {min(self.share + 1e-4, 1.0):.4f} {theme.field})"
            )
        self.setStyleSheet(f"""
            QPushButton {{ background: {fill}; border: {width}px solid {edge}; padding: 0;
                min-height: 0; border-radius: {RADIUS}px; }}
            QPushButton:hover:enabled {{ background: {fill if mark else theme.hover}; }}
        """)


def _bar_colour() -> str:
    """Return a colour that is seen from the last row, and leaves text on it legible."""
    colour = QColor(appearance.theme.accent)
    return f"rgba({colour.red()}, {colour.green()}, {colour.blue()}, {BAR_OPACITY})"


class ChoiceList(QWidget):
    """List of options: ↑ ↓, a digit or a click selects one, Enter commits."""

    selection_changed = Signal(int)
    """Emitted with the index of the option selected."""
    committed = Signal()
    """Emitted on Enter."""
    voted = Signal(int)
    """Emitted with the index of an option for which one more vote is counted."""

    def __init__(self, options: Sequence[str]) -> None:
        super().__init__()
        self.rows = [OptionRow(*pair) for pair in zip(DIGITS, options, strict=False)]
        self._is_open = True
        self.counts_votes = False
        """Whether a click or a digit counts a vote of the room, and selects nothing."""
        self.setAccessibleName("Options")
        vbox(*self.rows, on=self, spacing=SPACE // 2 + 2)
        self._group = QButtonGroup(self)
        for index, row in enumerate(self.rows):
            self._group.addButton(row, index)
        self._group.idClicked.connect(self.select)
        self._group.idToggled.connect(self._show_focus)

    @property
    def selected(self) -> int | None:
        """Index of the selected option; None: none is."""
        index = self._group.checkedId()
        return None if index < 0 else index

    def show_answers(
        self, yours: int | None, right: int | None, reasons: Sequence[str] = (), *, is_open: bool
    ) -> None:
        """Show what is known of the options.

        Args: yours: index of the one that the learner committed to.  right: index of the right
        one.  None: there is none yet.  reasons: why each is right or wrong; empty: not shown.
        is_open: whether one can still be selected.
        """
        self._is_open = is_open
        for index, row in enumerate(self.rows):
            is_right = None if right is None else index == right
            reason = reasons[index] if reasons else ""
            row.show_answer(index == yours, is_right, reason, is_open=is_open)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if is_open else Qt.FocusPolicy.NoFocus)

    @Slot(int)
    def select(self, index: int) -> None:
        """Select an option; the index wraps around at both ends."""
        if not self._is_open:
            return
        index %= len(self.rows)
        if self.counts_votes:
            self._clear_selection()
            self.voted.emit(index)
        else:
            self.rows[index].setChecked(True)
            self.selection_changed.emit(index)

    def show_votes(self, votes: Sequence[int], *, revealed: bool) -> None:
        """Show the room's votes. Args: votes: options voted for.  revealed: as bars as well?"""
        counts = [votes.count(index) for index in range(len(self.rows))]
        for row, count in zip(self.rows, counts, strict=True):
            row.show_votes(count, count / len(votes) if revealed and votes else None)

    def _clear_selection(self) -> None:
        self._group.setExclusive(False)
        for row in self.rows:
            row.setChecked(False)
        self._group.setExclusive(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Select with ↑ ↓ and digits, commit with Enter."""
        digit = event.text()
        if not self._is_open:
            super().keyPressEvent(event)
        elif event.key() in KEY_STEPS:
            step, selected = KEY_STEPS[event.key()], self.selected
            self.select((0 if step > 0 else -1) if selected is None else selected + step)
        elif digit and digit in DIGITS[: len(self.rows)]:
            self.select(DIGITS.index(digit))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.selected is not None:
            self.committed.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Ring the option at which the keys act."""
        super().focusInEvent(event)
        self._show_focus()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        super().focusOutEvent(event)
        self._show_focus()

    @Slot()
    def _show_focus(self) -> None:
        place = (self.selected or 0) if self.hasFocus() else None
        for index, row in enumerate(self.rows):
            row.set_ringed(index == place)
