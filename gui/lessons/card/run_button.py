"""Button that starts a run of a card and shows its progress."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QEnterEvent, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from gui.lessons.card.type import card_font
from gui.theme import RADIUS, SPACE, appearance
from gui.widgets.button import handle_press_key

PADDING = SPACE + 2
LINES, TERSE_LINES = 1.95, 1.7
"""Height of the button, in line heights; less in presenter mode."""


class RunButton(QAbstractButton):
    """Button in the states ready, waiting, running with its progress, and done.

    Args: object_name: for tests.  scale: relative to a lesson's text.
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
        """Progress 0…1 while it runs, else None."""
        return self._progress

    def show_state(
        self, text: str, *, enabled: bool = True, progress: float | None = None, reason: str = "",
        primary: bool = True,
    ) -> None:  # fmt: skip
        """Show a state.

        Args: progress: 0…1 while it runs.  reason: why it cannot be pressed, for its tooltip.
        primary: filled with the accent colour while it is ready; a card has one such button.
        """
        wider = progress is None and (text, primary) != (self.text(), self._primary)
        self.setText(text)
        self.setEnabled(enabled)
        self.setToolTip(reason)
        self.setAccessibleDescription(reason)
        self._progress, self._primary = progress, primary
        self.setCursor(Qt.CursorShape.PointingHandCursor if enabled else Qt.CursorShape.ArrowCursor)
        if wider:  # a running button's text changes with each frame, but its size must not
            self.updateGeometry()
        self.update()

    def event(self, event: QEvent) -> bool:
        """Press the button with the keyboard, see `handle_press_key`."""
        return handle_press_key(self, event) or super().event(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Draw the button as hovered."""
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Draw the button as usual."""
        self.update()
        super().leaveEvent(event)

    def sizeHint(self) -> QSize:
        """Return the size of a padded line of text."""
        metrics = QFontMetrics(self._font())
        width = metrics.horizontalAdvance(self.text()) + 2 * PADDING
        return QSize(
            width, round((TERSE_LINES if appearance.compact else LINES) * metrics.height())
        )

    def minimumSizeHint(self) -> QSize:
        """Return the minimum size; a long text is elided."""
        return QSize(60, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw a filled, a framed or a partly filled button."""
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
        is_active = self.isEnabled() or self._progress is not None
        text_colour = theme.on_accent if filled else theme.text if is_active else theme.muted
        painter.setPen(QColor(text_colour))
        painter.setFont(self._font())
        text_width = round(box.width()) - PADDING
        text = painter.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, text_width
        )
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()

    def _font(self) -> QFont:
        return card_font(self._scale, bold=self._primary)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.updateGeometry()
        self.update()
