"""The options of a question: one is taken, then kept; afterwards each is judged."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
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
from gui.theme import RADIUS, SPACE, appearance

BADGE = 1.75
"""Side of the letter's disc, of the height of a line."""
SMALL = 0.88
AIR, TERSE_AIR = 6, 3
"""Round an option, in pixels at the ordinary text size."""
WRAP = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignLeft)
STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


@dataclass(frozen=True, slots=True)
class AnswerState:
    """One option and what is known of it."""

    text: str
    yours: bool = False
    """Whether it was committed to."""
    right: bool | None = None
    """None: not known yet."""
    reason: str = ""
    """Why it is right or wrong, once that is known."""
    letter: str = ""
    """Empty: that of its place."""


class OptionRow(QAbstractButton):
    """One option as a row to click on, as high as its text needs."""

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
        """What it shows."""
        return self._answer

    def show_answer(self, answer: AnswerState, *, open_: bool) -> None:
        """Show an option. Args: open_: whether it may still be taken."""
        self._answer = answer
        self.setEnabled(open_)
        self.setText(f"{self._letter()}. {answer.text}")
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(f"{verdict(answer.yours, answer.right)} {answer.reason}")
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Qt's hook."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Qt's hook: the option, and below it its verdict and the reason."""
        height = sum(box.height() for _, box, _, _ in self._lines(width))
        least = self._badge() if not self._below() else 0
        return round(max(height, least)) + 2 * self._pad()

    def sizeHint(self) -> QSize:
        """Qt's hook."""
        return QSize(200, self.heightForWidth(max(self.width(), 80)))

    def minimumSizeHint(self) -> QSize:
        """Qt's hook."""
        return QSize(80, 0)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Qt's hook: it looks as if it could be taken."""
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Qt's hook."""
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's hook: the frame, the letter or the sign of its verdict, and the words."""
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
        for text, box, face, colour in self._lines(self.width()):
            painter.setFont(face)
            painter.setPen(QColor(colour))
            painter.drawText(box, WRAP, text)
        if not self.isEnabled() and not answer.yours and answer.right is None:
            veil = QColor(theme.panel)
            veil.setAlpha(80)
            painter.fillRect(self.rect(), veil)
        painter.end()

    def _frame(self) -> tuple[str, str, float]:
        """(edge, fill, width of the edge)."""
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
        theme, answer, side = appearance.theme, self._answer, self._badge()
        judged = answer.right is not None
        disc = QRectF(self._pad(), self._pad(), side, side)
        marked = self.isChecked() or answer.yours
        if answer.right:
            fill, ink = theme.good, theme.panel
        elif judged and answer.yours:
            fill, ink = theme.bad, theme.panel
        elif marked:
            fill, ink = theme.accent, theme.on_accent
        else:
            fill, ink = theme.hover, theme.muted
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(fill))
        painter.drawEllipse(disc)
        if answer.right or (judged and answer.yours):
            _paint_sign(painter, disc, QColor(ink), tick=bool(answer.right))
        else:
            painter.setPen(QColor(ink))
            painter.setFont(card_font(SMALL, bold=True))
            painter.drawText(disc, int(Qt.AlignmentFlag.AlignCenter), self._letter())

    def _letter(self) -> str:
        return self._answer.letter or LETTERS[self._index]

    def _pad(self) -> int:
        air = TERSE_AIR if appearance.compact else AIR
        return round(air * max(appearance.text_scale, 1.0))

    def _badge(self) -> float:
        return BADGE * QFontMetrics(card_font(SMALL)).height()

    def _below(self) -> list[tuple[str, QFont, str]]:
        theme, answer = appearance.theme, self._answer
        said = verdict(answer.yours, answer.right)
        colour = theme.muted if answer.right is None else theme.good if answer.right else theme.bad
        lines = [(said, card_font(SMALL, bold=True), colour)] if said else []
        return lines + ([(answer.reason, card_font(SMALL), theme.text)] if answer.reason else [])

    def _lines(self, width: int) -> list[tuple[str, QRectF, QFont, str]]:
        """(text, box, font, colour) of what it says, from top to bottom."""
        pad, side = self._pad(), self._badge()
        left = pad + side + SPACE
        room = max(width - left - pad, 40)
        option = (self._answer.text, card_font(), appearance.theme.text)
        lines, top = [], float(pad)
        for text, face, colour in (option, *self._below()):
            height = QFontMetrics(face).boundingRect(0, 0, round(room), 10_000, WRAP, text).height()
            lines.append((text, QRectF(left, top, room, height), face, colour))
            top += height
        if len(lines) == 1 and lines[0][1].height() < side:
            lines[0][1].moveTop(pad + (side - lines[0][1].height()) / 2)
        return lines


class ChoiceList(QWidget):
    """The options below each other; ↑ ↓ or a letter take one, a click as well, Enter commits."""

    picked = Signal(int)
    """Index of the option that is marked now."""
    committed = Signal()
    """Enter: what is marked is meant."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[OptionRow] = []
        self._open = True
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Options")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE // 2 + 2)
        appearance.changed.connect(self._on_appearance_changed)

    @property
    def taken(self) -> int | None:
        """Index of the marked option."""
        return next((n for n, row in enumerate(self._rows) if row.isChecked()), None)

    @property
    def answers(self) -> tuple[AnswerState, ...]:
        """What is shown."""
        return tuple(row.answer for row in self._rows)

    def show_answers(self, answers: tuple[AnswerState, ...], *, open_: bool) -> None:
        """Show the options. Args: open_: whether one may still be taken."""
        if [answer.text for answer in answers] != [row.answer.text for row in self._rows]:
            self._rebuild(len(answers))
        self._open = open_
        for row, answer in zip(self._rows, answers, strict=True):
            row.show_answer(answer, open_=open_)
            if answer.yours:
                row.setChecked(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if open_ else Qt.FocusPolicy.NoFocus)
        self.updateGeometry()

    def take(self, index: int) -> None:
        """Mark an option; those beyond either end are the last and the first."""
        if self._open and self._rows:
            index %= len(self._rows)
            for number, row in enumerate(self._rows):
                row.setChecked(number == index)
            self.picked.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's hook: the keys of the list."""
        letter = event.text().lower()
        if not self._open:
            super().keyPressEvent(event)
        elif event.key() in STEPS:
            step, taken = STEPS[Qt.Key(event.key())], self.taken
            self.take((0 if step > 0 else -1) if taken is None else taken + step)
        elif letter and letter in LETTERS[: len(self._rows)]:
            self.take(LETTERS.index(letter))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.taken is not None:
            self.committed.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt's hook: the focus is seen."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Qt's hook."""
        super().focusOutEvent(event)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: its rows are as high as their text."""
        super().resizeEvent(event)
        self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's hook: a bar at the left while it has the keyboard."""
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
        row = self.sender()
        self.take(next(n for n, found in enumerate(self._rows) if found is row))

    @Slot()
    def _on_appearance_changed(self) -> None:
        for row in self._rows:
            row.updateGeometry()
            row.update()


def _paint_sign(painter: QPainter, disc: QRectF, ink: QColor, *, tick: bool) -> None:
    """A tick or a cross: the verdict is not told by colour alone."""
    painter.setPen(QPen(ink, disc.width() * 0.1, Qt.PenStyle.SolidLine,
                        Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))  # fmt: skip

    def at(x: float, y: float) -> QPointF:
        return QPointF(disc.left() + x * disc.width(), disc.top() + y * disc.height())

    if tick:
        painter.drawPolyline([at(0.29, 0.52), at(0.44, 0.67), at(0.72, 0.35)])
    else:
        painter.drawLine(at(0.34, 0.34), at(0.66, 0.66))
        painter.drawLine(at(0.66, 0.34), at(0.34, 0.66))
