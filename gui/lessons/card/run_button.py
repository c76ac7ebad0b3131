"""Button that starts a run of a card and shows its progress."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPaintEvent, QResizeEvent
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
        self._styled_lines, self._text_colour = 1, ""
        """What the style was last made for."""
        self._lines = 1
        """Lines of text that it has room for; it never loses one, so that nothing jumps."""
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
        self._fit_lines()
        self.setEnabled(enabled)
        self.setToolTip(reason)
        self.setAccessibleDescription(reason)
        self.setCursor(Qt.CursorShape.PointingHandCursor if enabled else Qt.CursorShape.ArrowCursor)
        if (progress, primary) != (self.progress, self._primary):
            self.progress, self._primary = progress, primary
            self._apply_style()

    @property
    def is_next(self) -> bool:
        """Whether it is the one filled with the accent colour, and can be pressed."""
        return self._primary and self.isEnabled() and self.isVisible()

    def text_width(self, text: str) -> int:
        """Return the width of the button with a text, shown whole and in bold."""
        metrics = QFontMetrics(card_font(self._scale, bold=True))
        return metrics.horizontalAdvance(text) + 2 * PADDING

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ignore the second press of a double click: it would skip a card, or start a run."""
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Press the button with the keyboard, see `handle_press_key`."""
        return handle_press_key(self, event) or super().event(event)

    def sizeHint(self) -> QSize:
        """Return the size of the text with as much space around it as looks well."""
        hint = super().sizeHint()
        return QSize(hint.width() + PADDING, hint.height())

    def minimumSizeHint(self) -> QSize:
        """Return the minimum size; a long text takes two lines."""
        return QSize(MIN_WIDTH, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take a second line where the text needs one."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._lines = 1
        self._fit_lines()

    def _fit_lines(self) -> None:
        metrics = QFontMetrics(card_font(self._scale, bold=True))
        needed = 2 if metrics.horizontalAdvance(self.text()) > self._text_room() else 1
        if needed > self._lines or self._styled_lines != self._lines:
            self._lines = max(needed, self._lines)
            self._apply_style()

    def _text_room(self) -> int:
        return self.width() - PADDING - 2

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the button, and its text in as many lines as there are."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        painter, text = QStylePainter(self), option.text
        if self._lines == 1:
            room = self._text_room()
            option.text = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
            painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
            return
        option.text = ""
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        inside = self.rect().adjusted(PADDING // 2, 0, -PADDING // 2, 0)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.setPen(QColor(self._text_colour if self.isEnabled() else appearance.theme.muted))
        painter.drawText(inside, int(flags), text)

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
        self._styled_lines, self._text_colour = self._lines, text
        height = round((lines + self._lines - 1) * self.fontMetrics().height()) - 2
        self.setStyleSheet(f"""
            QPushButton {{ background: {fill}; color: {text}; border: 1px solid {edge};
                border-radius: {RADIUS}px; padding: 0 {PADDING // 2}px; min-height: {height}px; }}
            QPushButton:hover:enabled {{ background: {hover}; }}
            QPushButton:focus {{ border: 2px solid {theme.text if filled else theme.accent};
                padding: 0 {PADDING // 2 - 1}px; min-height: {height - 2}px; }}
            QPushButton:disabled {{ {disabled} }}
        """)
