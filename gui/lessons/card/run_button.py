"""Button that starts a run of a card and shows its progress."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStyle, QStyleOptionButton, QStylePainter

from gui.lessons.card.type import card_font
from gui.theme import RADIUS, SPACE, appearance
from gui.widgets.button import handle_press_key

PADDING = SPACE + 2
LINES, TERSE_LINES = 1.95, 1.7
"""Height of the button, in line heights; less in presenter mode."""
MIN_WIDTH = 60  # logical pixels


class RunButton(QPushButton):
    """Button in the states ready, waiting, running with its progress, and done.

    Args: object_name: for tests.  scale: relative to a lesson's text.
    """

    def __init__(self, object_name: str = "", *, scale: float = 1.0) -> None:
        super().__init__()
        self._scale = scale
        self.setObjectName(object_name)
        self.progress: float | None = None
        """Progress 0…1 while it runs, else None."""
        self._primary = True
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        appearance.changed.connect(self._apply_style)
        self._apply_style()

    def show_state(
        self, text: str, *, enabled: bool = True, progress: float | None = None, reason: str = "",
        primary: bool = True,
    ) -> None:  # fmt: skip
        """Show a state.

        Args: progress: 0…1 while it runs.  reason: why it cannot be pressed, for its tooltip.
        primary: filled with the accent colour while it is ready; a card has one such button.
        """
        self.setText(text)
        self.setEnabled(enabled)
        self.setToolTip(reason)
        self.setAccessibleDescription(reason)
        self.setCursor(Qt.CursorShape.PointingHandCursor if enabled else Qt.CursorShape.ArrowCursor)
        if (progress, primary) != (self.progress, self._primary):
            self.progress, self._primary = progress, primary
            self._apply_style()

    def text_width(self, text: str) -> int:
        """Return the width of the button with a text, shown whole and in bold."""
        metrics = QFontMetrics(card_font(self._scale, bold=True))
        return metrics.horizontalAdvance(text) + 2 * PADDING

    def event(self, event: QEvent) -> bool:
        """Press the button with the keyboard, see `handle_press_key`."""
        return handle_press_key(self, event) or super().event(event)

    def sizeHint(self) -> QSize:
        """Return the size of the text with as much space around it as looks well."""
        hint = super().sizeHint()
        return QSize(hint.width() + PADDING, hint.height())

    def minimumSizeHint(self) -> QSize:
        """Return the minimum size; a long text is elided."""
        return QSize(MIN_WIDTH, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the button with as much of its text as fits."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.width() - PADDING - 2
        )
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)

    @Slot()
    def _apply_style(self) -> None:
        theme, share = appearance.theme, self.progress
        filled = self._primary and share is None
        text, fill = (theme.on_accent, theme.accent) if filled else (theme.text, theme.field)
        disabled = f"color: {theme.muted}; background: {theme.panel}; border-color: {theme.line};"
        hover = QColor(theme.accent).lighter(112).name() if filled else theme.hover
        if share is not None:
            fill = hover = (
                f"qlineargradient(x1: 0, x2: 1, stop: {share:.4f} {theme.accent_soft},"
                f" stop: {min(share + 1e-4, 1.0):.4f} {theme.field})"
            )
            disabled = ""
        edge = theme.line if share is None and not filled else theme.accent
        self.setFont(card_font(self._scale, bold=self._primary))
        lines = TERSE_LINES if appearance.sizes.compact else LINES
        height = round(lines * self.fontMetrics().height()) - 2
        self.setStyleSheet(f"""
            QPushButton {{ background: {fill}; color: {text}; border: 1px solid {edge};
                border-radius: {RADIUS}px; padding: 0 {PADDING // 2}px; min-height: {height}px; }}
            QPushButton:hover:enabled {{ background: {hover}; }}
            QPushButton:focus {{ border: 2px solid {theme.text if filled else theme.accent};
                padding: 0 {PADDING // 2 - 1}px; min-height: {height - 2}px; }}
            QPushButton:disabled {{ {disabled} }}
        """)
