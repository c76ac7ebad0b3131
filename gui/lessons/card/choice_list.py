"""Options of a multiple-choice question: select one, commit to it, see which are right."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from gui.lessons.card.type import card_font
from gui.lessons.card.words import LETTERS, verdict
from gui.theme import RADIUS, SMALL, SPACE, appearance

BADGE_LINES = 1.75
"""Diameter of the letter's disc, in line heights."""
PADDING, TERSE_PADDING = 6, 3
"""Around an option, in pixels at the ordinary text size; less in presenter mode."""
TEXT_FLAGS = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignLeft)
KEY_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


@dataclass(frozen=True, slots=True)
class AnswerState:
    """State of one option."""

    text: str
    yours: bool = False
    """True: the learner committed to it."""
    right: bool | None = None
    """True: it is right; None: not known yet."""
    reason: str = ""
    """Reason why it is right or wrong, once that is known."""
    letter: str = ""
    """Letter; empty: that of its index."""


class OptionRow(QAbstractButton):
    """One option as a clickable row, as high as its text needs."""

    def __init__(self, index: int) -> None:
        super().__init__()
        self._index = index
        self._answer = AnswerState("")
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the list has it: one stop for Tab
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def answer(self) -> AnswerState:
        """State shown."""
        return self._answer

    def show_answer(self, answer: AnswerState, *, is_open: bool) -> None:
        """Show an option. Args: is_open: whether it can still be selected."""
        self._answer = answer
        self.setEnabled(is_open)
        self.setText(f"{self._letter()}. {answer.text}")
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(f"{verdict(answer.yours, answer.right)} {answer.reason}")
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Return True: the text wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the option with its verdict and reason below it."""
        height = sum(box.height() for _, box, _, _ in self._text_boxes(width))
        least = self._badge_side() if not self._verdict_lines() else 0
        return round(max(height, least)) + 2 * self._padding()

    def sizeHint(self) -> QSize:
        """Return the size at the present width."""
        return QSize(200, self.heightForWidth(max(self.width(), 80)))

    def minimumSizeHint(self) -> QSize:
        """Return the minimum width; the height follows from it."""
        return QSize(80, 0)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Draw the row as hovered."""
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Draw the row as usual."""
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the frame, the letter or the verdict's sign, and the text."""
        theme, answer = appearance.theme, self._answer
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge, fill, width = self._frame()
        painter.setPen(QPen(QColor(edge), width))
        painter.setBrush(QColor(fill))
        half = width / 2
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(half, half, -half, -half), RADIUS, RADIUS
        )
        self._paint_badge(painter)
        for text, box, font, colour in self._text_boxes(self.width()):
            painter.setFont(font)
            painter.setPen(QColor(colour))
            painter.drawText(box, TEXT_FLAGS, text)
        if not self.isEnabled() and not answer.yours and answer.right is None:
            veil = QColor(theme.panel)
            veil.setAlpha(80)
            painter.fillRect(self.rect(), veil)
        painter.end()

    def _frame(self) -> tuple[str, str, float]:
        """Return (edge colour, fill colour, width of the edge)."""
        theme, answer = appearance.theme, self._answer
        if answer.right and (answer.yours or answer.reason or not self.isEnabled()):
            return theme.good, theme.field, 2.0
        if answer.yours:
            return (theme.accent, theme.accent_soft, 2.0) if answer.right is None else (
                theme.bad, theme.field, 2.0
            )  # fmt: skip
        if self.isChecked():
            return theme.accent, theme.accent_soft, 2.0
        hovered = self.underMouse() and self.isEnabled()
        return theme.line, theme.hover if hovered else theme.field, 1.0

    def _paint_badge(self, painter: QPainter) -> None:
        theme, answer, side = appearance.theme, self._answer, self._badge_side()
        judged = answer.right is not None
        disc = QRectF(self._padding(), self._padding(), side, side)
        marked = self.isChecked() or answer.yours
        if answer.right:
            fill, text_colour = theme.good, theme.panel
        elif judged and answer.yours:
            fill, text_colour = theme.bad, theme.panel
        elif marked:
            fill, text_colour = theme.accent, theme.on_accent
        else:
            fill, text_colour = theme.hover, theme.muted
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(fill))
        painter.drawEllipse(disc)
        if answer.right or (judged and answer.yours):
            _paint_sign(painter, disc, QColor(text_colour), tick=bool(answer.right))
        else:
            painter.setPen(QColor(text_colour))
            painter.setFont(card_font(SMALL, bold=True))
            painter.drawText(disc, int(Qt.AlignmentFlag.AlignCenter), self._letter())

    def _letter(self) -> str:
        return self._answer.letter or LETTERS[self._index]

    def _padding(self) -> int:
        padding = TERSE_PADDING if appearance.compact else PADDING
        return round(padding * max(appearance.text_scale, 1.0))

    def _badge_side(self) -> float:
        return BADGE_LINES * QFontMetrics(card_font(SMALL)).height()

    def _verdict_lines(self) -> list[tuple[str, QFont, str]]:
        theme, answer = appearance.theme, self._answer
        verdict_text = verdict(answer.yours, answer.right)
        colour = theme.muted if answer.right is None else theme.good if answer.right else theme.bad
        lines = [(verdict_text, card_font(SMALL, bold=True), colour)] if verdict_text else []
        return lines + ([(answer.reason, card_font(SMALL), theme.text)] if answer.reason else [])

    def _text_boxes(self, width: int) -> list[tuple[str, QRectF, QFont, str]]:
        """Return (text, box, font, colour) of each paragraph, from top to bottom."""
        pad, side = self._padding(), self._badge_side()
        left = pad + side + SPACE
        text_width = max(width - left - pad, 40)
        option = (self._answer.text, card_font(), appearance.theme.text)
        lines, top = [], float(pad)
        for text, font, colour in (option, *self._verdict_lines()):
            metrics, width = QFontMetrics(font), round(text_width)
            height = metrics.boundingRect(0, 0, width, 10_000, TEXT_FLAGS, text).height()
            lines.append((text, QRectF(left, top, text_width, height), font, colour))
            top += height
        if len(lines) == 1 and lines[0][1].height() < side:
            lines[0][1].moveTop(pad + (side - lines[0][1].height()) / 2)
        return lines


class ChoiceList(QWidget):
    """List of options: ↑ ↓, a letter or a click selects one, Enter commits."""

    selection_changed = Signal(int)
    """Emitted with the index of the option selected."""
    committed = Signal()
    """Emitted on Enter."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[OptionRow] = []
        self._is_open = True
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Options")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE // 2 + 2)
        appearance.changed.connect(self._on_appearance_changed)

    @property
    def selected(self) -> int | None:
        """Index of the selected option; None: none is."""
        return next((n for n, row in enumerate(self._rows) if row.isChecked()), None)

    @property
    def answers(self) -> tuple[AnswerState, ...]:
        """States of all options."""
        return tuple(row.answer for row in self._rows)

    def show_answers(self, answers: tuple[AnswerState, ...], *, is_open: bool) -> None:
        """Show the options. Args: is_open: whether one can still be selected."""
        if [answer.text for answer in answers] != [row.answer.text for row in self._rows]:
            self._rebuild(len(answers))
        self._is_open = is_open
        for row, answer in zip(self._rows, answers, strict=True):
            row.show_answer(answer, is_open=is_open)
            if answer.yours:
                row.setChecked(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if is_open else Qt.FocusPolicy.NoFocus)
        self.updateGeometry()

    def select(self, index: int) -> None:
        """Select an option; the index wraps around at both ends."""
        if self._is_open and self._rows:
            index %= len(self._rows)
            for number, row in enumerate(self._rows):
                row.setChecked(number == index)
            self.selection_changed.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Select with ↑ ↓ and letters, commit with Enter."""
        letter = event.text().lower()
        if not self._is_open:
            super().keyPressEvent(event)
        elif event.key() in KEY_STEPS:
            step, selected = KEY_STEPS[Qt.Key(event.key())], self.selected
            self.select((0 if step > 0 else -1) if selected is None else selected + step)
        elif letter and letter in LETTERS[: len(self._rows)]:
            self.select(LETTERS.index(letter))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.selected is not None:
            self.committed.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Update the height, which depends on the width."""
        super().resizeEvent(event)
        self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw a bar at the left while the list has the focus."""
        if self.hasFocus():
            painter = QPainter(self)
            painter.fillRect(QRectF(0, 0, 2, self.height()), QColor(appearance.theme.accent))
            painter.end()

    def _rebuild(self, count: int) -> None:
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [OptionRow(index) for index in range(count)]
        for row in self._rows:
            row.clicked.connect(self._on_row_clicked)
            self._column.addWidget(row)

    @Slot()
    def _on_row_clicked(self) -> None:
        sender = self.sender()
        self.select(next(n for n, row in enumerate(self._rows) if row is sender))

    @Slot()
    def _on_appearance_changed(self) -> None:
        for row in self._rows:
            row.updateGeometry()
            row.update()


def _paint_sign(painter: QPainter, disc: QRectF, text_colour: QColor, *, tick: bool) -> None:
    """Draw a tick or a cross, so that colour alone does not tell the verdict."""
    painter.setPen(QPen(text_colour, disc.width() * 0.1, Qt.PenStyle.SolidLine,
                        Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))  # fmt: skip

    def at(x: float, y: float) -> QPointF:
        return QPointF(disc.left() + x * disc.width(), disc.top() + y * disc.height())

    if tick:
        painter.drawPolyline([at(0.29, 0.52), at(0.44, 0.67), at(0.72, 0.35)])
    else:
        painter.drawLine(at(0.34, 0.34), at(0.66, 0.66))
        painter.drawLine(at(0.66, 0.34), at(0.34, 0.66))
