"""The button that starts a run of a card, and shows how far it has come."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QEnterEvent, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from gui.lessons.card.type import card_font
from gui.theme import RADIUS, SPACE, appearance
from gui.widgets.button import handle_press_key

AROUND = SPACE + 2
HEIGHT, TERSE_HEIGHT = 1.95, 1.7
"""Of a line of its text."""


class RunButton(QAbstractButton):
    """Ready, or waiting for something, or running with its progress, or done.

    Args: object_name: for tests.  scale: of a lesson's text.
    """

    def __init__(self, object_name: str = "", *, scale: float = 1.0) -> None:
        super().__init__()
        self._scale = scale
        self.setObjectName(object_name)
        self._progress: float | None = None
        self._primary = True
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        appearance.changed.connect(self._on_appearance_changed)

    @property
    def progress(self) -> float | None:
        """0…1 while it runs; else None."""
        return self._progress

    def show_state(
        self, text: str, *, enabled: bool = True, progress: float | None = None, reason: str = "",
        primary: bool = True,
    ) -> None:  # fmt: skip
        """Show it.

        Args: progress: 0…1 while it runs.  reason: why it cannot be pressed, for its tooltip.
        primary: filled with the accent while it is ready; a card has one of these.
        """
        wider = progress is None and (text, primary) != (self.text(), self._primary)
        self.setText(text)
        self.setEnabled(enabled)
        self.setToolTip(reason)
        self.setAccessibleDescription(reason)
        self._progress, self._primary = progress, primary
        self.setCursor(Qt.CursorShape.PointingHandCursor if enabled else Qt.CursorShape.ArrowCursor)
        if wider:  # while it runs its text changes with every frame, and nothing is to move
            self.updateGeometry()
        self.update()

    def event(self, event: QEvent) -> bool:
        """Qt's hook: see `handle_press_key`."""
        return handle_press_key(self, event) or super().event(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Qt's hook."""
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Qt's hook."""
        self.update()
        super().leaveEvent(event)

    def sizeHint(self) -> QSize:
        """Qt's hook: a line of text with air."""
        metrics = QFontMetrics(self._font())
        width = metrics.horizontalAdvance(self.text()) + 2 * AROUND
        return QSize(
            width, round((TERSE_HEIGHT if appearance.compact else HEIGHT) * metrics.height())
        )

    def minimumSizeHint(self) -> QSize:
        """Qt's hook: a long text is shortened."""
        return QSize(60, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's hook: a filled, a framed or a partly filled button."""
        theme = appearance.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        filled = self._primary and self.isEnabled() and self._progress is None
        over = self.underMouse() and self.isEnabled()
        edge = theme.accent if filled or self._progress is not None else theme.line
        fill = theme.accent if filled else theme.hover if over else theme.field
        if filled and over:
            fill = QColor(theme.accent).lighter(112).name()
        if not self.isEnabled() and self._progress is None:
            fill = theme.panel
        painter.setPen(QPen(QColor(edge), 1))
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(box, RADIUS, RADIUS)
        if self._progress is not None:
            painter.save()
            painter.setClipRect(
                QRectF(box.left(), box.top(), box.width() * self._progress, box.height())
            )
            painter.setBrush(QColor(theme.accent_soft))
            painter.drawRoundedRect(box, RADIUS, RADIUS)
            painter.restore()
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.text if filled else theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, RADIUS, RADIUS)
        running = self._progress is not None
        ink = theme.on_accent if filled else theme.text if self.isEnabled() or running else (
            theme.muted
        )  # fmt: skip
        painter.setPen(QColor(ink))
        painter.setFont(self._font())
        room = round(box.width()) - AROUND
        text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()

    def _font(self) -> QFont:
        return card_font(self._scale, bold=self._primary)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.updateGeometry()
        self.update()
