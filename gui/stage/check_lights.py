"""Check lights of a row: a green tick for what holds, a red cross and a note for what fails."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QToolTip, QWidget

from engine.protocol.messages import Check
from gui.stage.check_text import (
    CHECK_NAMES,
    check_label,
    check_sentence,
    failure_lines,
    light_order,
)
from gui.text.layers import layer_title
from gui.theme import SMALL, appearance, font
from gui.widgets.box import retain_size_when_hidden, vbox
from gui.widgets.button import handle_press_key
from gui.widgets.label import ElidedLabel

LIGHT_GAP = 4
"""Pixels between two lights."""
LINE_WIDTH = 1.6
TOOLTIP_COLUMNS = 64
"""Characters in a line of a tooltip."""
MAX_LINES = 5
"""Lines of a note on a failure, at most."""
TICK_POINTS = ((0.12, 0.55), (0.40, 0.85), (0.90, 0.18))
"""Corners of the tick, in fractions of its square."""
CROSS_LINES = ((0.27, 0.27, 0.73, 0.73), (0.27, 0.73, 0.73, 0.27))
"""Lines of the cross, in fractions of its square."""


class CheckLights(QAbstractButton):
    """One light for each check; a click on any asks for all checks in full."""

    def __init__(self, subject: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._checks: tuple[Check, ...] = ()
        self.lights: tuple[tuple[str, bool], ...] = ()
        """(name of a check, whether it holds) from left to right."""
        self.setObjectName(f"proofs.{subject}")
        self.setAccessibleName(f"Proofs of {layer_title(subject).lower()}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        retain_size_when_hidden(self)
        appearance.changed.connect(self._fit)
        self._fit()

    def show_checks(self, checks: Sequence[Check]) -> None:
        """Show checks; where several have one name the light is red if any fails.

        Repaints only if a light changes.
        """
        self._checks = tuple(sorted(checks, key=light_order))
        lights: dict[str, bool] = {}
        for check in self._checks:
            lights[check.name] = lights.get(check.name, True) and check.holds
        if tuple(lights.items()) != self.lights:
            self.lights = tuple(lights.items())
            self.setVisible(bool(lights))
            self._describe()
            self.update()

    def sentences(self, claim: str) -> str:
        """Return the sentences of all checks of one name."""
        said = dict.fromkeys(check_sentence(check) for check in self._checks if check.name == claim)
        return "\n".join(textwrap.fill(words, TOOLTIP_COLUMNS) for words in said)

    def _describe(self) -> None:
        """Describe failures in full, then what holds, by names that do not change with the step."""
        wrong = [check_sentence(check) for check in self._checks if not check.holds]
        right = ", ".join(check_label(claim) for claim, holds in self.lights if holds)
        words = [*wrong, f"Holds: {right}."] if right else wrong
        self.setAccessibleDescription(" ".join(words))

    # ------------------------------------------------------------ places

    @staticmethod
    def side() -> int:
        """Return the side of a light in pixels."""
        return QFontMetrics(font(SMALL)).capHeight() + 1

    @Slot()
    def _fit(self) -> None:
        side = self.side()
        self.setFixedSize(len(CHECK_NAMES) * (side + LIGHT_GAP), side)

    def check_at(self, x: float) -> str:
        """Return the name of the check whose light is at x; empty: none."""
        place = int(x // (self.side() + LIGHT_GAP))
        return self.lights[place][0] if 0 <= place < len(self.lights) else ""

    # ------------------------------------------------------------ drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ticks and crosses."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = self.side()
        for place, (_, holds) in enumerate(self.lights):
            square = QRectF(place * (side + LIGHT_GAP) + 1, 0, side, side)
            (_paint_tick if holds else _paint_cross)(painter, square)
        if self.hasFocus():
            width = len(self.lights) * (side + LIGHT_GAP)
            painter.setPen(QPen(QColor(appearance.theme.text), 1))
            painter.drawRoundedRect(QRectF(0.5, 0.5, width - 1, self.height() - 1), 2, 2)

    def event(self, event: QEvent) -> bool:
        """Show a tooltip of the light under the pointer, with its current number."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.sentences(self.check_at(event.x())), self)
            return True
        return handle_press_key(self, event) or super().event(event)


class FailureNote(QWidget):
    """The first failure of a row, in a few short lines that are always visible."""

    def __init__(self) -> None:
        super().__init__()
        self._check: Check | None = None
        self._labels = [ElidedLabel(scale=SMALL, bold=line == 0) for line in range(MAX_LINES)]
        self._labels[0].set_colour("bad")
        self.setObjectName("failureNote")
        self._column = vbox(*self._labels, on=self)
        self.hide()

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines before any is shortened."""
        return () if self._check is None else failure_lines(self._check)

    def show_check(self, check: Check | None) -> None:
        """Show a failing check; None: nothing fails."""
        if check == self._check:
            return
        self._check = check
        for label in self._labels[len(self.lines) :]:
            label.hide()
        for label, line in zip(self._labels, self.lines, strict=False):
            label.show_text(line)
            label.show()
        self._column.activate()
        whole = "" if check is None else textwrap.fill(check_sentence(check), TOOLTIP_COLUMNS)
        self.setToolTip(whole)
        self.setAccessibleName(whole)
        self.setVisible(check is not None)


def _paint_tick(painter: QPainter, square: QRectF) -> None:
    pen = QPen(QColor(appearance.theme.good), LINE_WIDTH)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.drawPolyline([_point_in(square, x, y) for x, y in TICK_POINTS])


def _paint_cross(painter: QPainter, square: QRectF) -> None:
    """Paint a cross on a filled square, which stands out among ticks also without its colour."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(appearance.theme.bad))
    painter.drawRoundedRect(square, 2, 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(appearance.theme.page), LINE_WIDTH))
    for x, y, to_x, to_y in CROSS_LINES:
        painter.drawLine(_point_in(square, x, y), _point_in(square, to_x, to_y))


def _point_in(square: QRectF, x: float, y: float) -> QPointF:
    return QPointF(square.x() + x * square.width(), square.y() + y * square.height())
