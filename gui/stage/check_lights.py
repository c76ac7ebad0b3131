"""The lights of a row: a green tick for what holds, a red cross and a few words for what fails."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QToolTip, QWidget

from engine.protocol.messages import Check
from gui.stage.check_text import CLAIMS, label, order, sentence, short_lines
from gui.stage.text import SMALL
from gui.text.layers import title
from gui.theme import appearance, font

GAP = 4
"""Between two lights, in pixels."""
LINE_WIDTH = 1.6
TIP_WIDTH = 64
"""Letters in a line of a tooltip."""
TICK = ((0.12, 0.55), (0.40, 0.85), (0.90, 0.18))
"""Corners of the tick, in parts of its square."""
ARMS = ((0.27, 0.27, 0.73, 0.73), (0.27, 0.73, 0.73, 0.27))
"""Lines of the cross, in parts of its square."""
_OPEN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class CheckLights(QWidget):
    """One light for each claim; pressing any of them asks for all proofs in full."""

    pressed = Signal()

    def __init__(self, subject: str, parent: QWidget) -> None:
        """Show none yet. Args: subject: name of the layer, for screen readers."""
        super().__init__(parent)
        self._checks: tuple[Check, ...] = ()
        self._lights: tuple[tuple[str, bool], ...] = ()
        self._sentences: dict[str, str] = {}
        self.setObjectName(f"proofs.{subject}")
        self.setAccessibleName(f"Proofs of {title(subject).lower()}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        appearance.changed.connect(self._on_appearance_changed)
        self._fit()

    @property
    def lights(self) -> tuple[tuple[str, bool], ...]:
        """(claim, whether it holds) from left to right."""
        return self._lights

    def show_proofs(self, checks: Sequence[Check]) -> None:
        """Show these; of several with one claim the light is red where any fails.

        Paints only where a light changes.
        """
        self._checks = tuple(sorted(checks, key=order))
        lights: dict[str, bool] = {}
        for check in self._checks:
            lights[check.name] = lights.get(check.name, True) and check.holds
        if tuple(lights.items()) != self._lights:
            self._lights = tuple(lights.items())
            self.setVisible(bool(lights))
            self._describe()
            self.update()

    def text(self, claim: str) -> str:
        """What was checked for one claim; of each layer that has it where there are several."""
        said = dict.fromkeys(sentence(check) for check in self._checks if check.name == claim)
        return "\n".join(textwrap.fill(words, TIP_WIDTH) for words in said)

    def _describe(self) -> None:
        """Say what fails in full, else what holds, in names that do not change with the step."""
        wrong = [sentence(check) for check in self._checks if not check.holds]
        right = ", ".join(label(claim) for claim, holds in self._lights if holds)
        words = [*wrong, f"Holds: {right}."] if right else wrong
        self.setAccessibleDescription(" ".join(words))

    # ------------------------------------------------------------ places

    @staticmethod
    def side() -> int:
        """Pixels of one light."""
        return QFontMetrics(font(SMALL)).capHeight() + 1

    @classmethod
    def widest(cls) -> int:
        """Pixels of a light for every claim that there is."""
        return len(CLAIMS) * (cls.side() + GAP)

    def _fit(self) -> None:
        self.setFixedSize(QSize(self.widest(), self.side()))

    def claim_at(self, x: float) -> str:
        """The claim whose light is at this distance from the left; empty: none."""
        place = int(x // (self.side() + GAP))
        return self._lights[place][0] if 0 <= place < len(self._lights) else ""

    # ------------------------------------------------------------ drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ticks and crosses."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = self.side()
        for place, (_, holds) in enumerate(self._lights):
            square = QRectF(place * (side + GAP) + 1, 0, side, side)
            (_paint_tick if holds else _paint_cross)(painter, square)
        if self.hasFocus():
            width = len(self._lights) * (side + GAP)
            painter.setPen(QPen(QColor(appearance.theme.accent), 1))
            painter.drawRoundedRect(QRectF(0.5, 0.5, width - 1, self.height() - 1), 2, 2)

    # ------------------------------------------------------------ what the user does

    def event(self, event: QEvent) -> bool:
        """Tell of the light under the pointer, with the number as it is now."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.text(self.claim_at(event.x())), self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for all proofs."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter asks for all proofs."""
        if event.key() in _OPEN:
            self.pressed.emit()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self._fit()
        self.update()


class FailureNote(QWidget):
    """What fails on a row, in a few short lines that are always there to read."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._proof: Check | None = None
        self.lines: tuple[str, ...] = ()
        """As they are drawn, before any is shortened."""
        self.setObjectName("failureNote")
        self.hide()

    def show_proof(self, check: Check | None) -> None:
        """Say what fails; None: nothing does."""
        if check == self._proof:
            return
        self._proof = check
        self.lines = () if check is None else short_lines(check)
        whole = "" if check is None else textwrap.fill(sentence(check), TIP_WIDTH)
        self.setToolTip(whole)
        self.setAccessibleName(whole)
        self.setVisible(check is not None)
        self.update()

    def height_needed(self) -> int:
        """Pixels of its lines; 0 where nothing fails."""
        return len(self.lines) * QFontMetrics(font(SMALL)).height()

    def width_needed(self) -> int:
        """Pixels of its longest line."""
        return max(map(self._advance, range(len(self.lines))), default=0)

    def _advance(self, number: int) -> int:
        return QFontMetrics(font(SMALL, bold=number == 0)).horizontalAdvance(self.lines[number]) + 1

    def paintEvent(self, event: QPaintEvent) -> None:
        """The claim in red, the rest under it."""
        painter = QPainter(self)
        y = 0
        for number, line in enumerate(self.lines):
            strong = number == 0
            painter.setFont(font(SMALL, bold=strong))
            metrics = QFontMetrics(painter.font())
            painter.setPen(QColor(appearance.theme.bad if strong else appearance.theme.text))
            shown = metrics.elidedText(line, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(QPoint(0, y + metrics.ascent()), shown)
            y += QFontMetrics(font(SMALL)).height()


def _paint_tick(painter: QPainter, square: QRectF) -> None:
    painter.setPen(
        QPen(
            QColor(appearance.theme.good),
            LINE_WIDTH,
            Qt.PenStyle.SolidLine,
            Qt.PenCapStyle.RoundCap,
            Qt.PenJoinStyle.RoundJoin,
        )
    )
    painter.drawPolyline([_inside(square, x, y) for x, y in TICK])


def _paint_cross(painter: QPainter, square: QRectF) -> None:
    """On a filled square, so that it stands out among ticks also without its colour."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(appearance.theme.bad))
    painter.drawRoundedRect(square, 2, 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(appearance.theme.page), LINE_WIDTH))
    for x, y, to_x, to_y in ARMS:
        painter.drawLine(_inside(square, x, y), _inside(square, to_x, to_y))


def _inside(square: QRectF, x: float, y: float) -> QPointF:
    return QPointF(square.x() + x * square.width(), square.y() + y * square.height())
