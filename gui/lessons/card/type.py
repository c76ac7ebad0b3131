"""Fonts and labels of a lesson: larger than those of the controls."""

from __future__ import annotations

from PySide6.QtGui import QFont

from gui.theme import SMALL, appearance, font
from gui.widgets.label import Label


def card_scale(scale: float = 1.0) -> float:
    """Return the scale relative to the ordinary text size of `scale` of a lesson's text."""
    return appearance.sizes.lesson_scale * scale


def card_font(scale: float = 1.0, *, bold: bool = False) -> QFont:
    """Return a lesson's font. Args: scale: relative to a lesson's text."""
    return font(card_scale(scale), bold=bold)


class CardText(Label):
    """A line or a paragraph of a lesson without formulas; scaled relative to a lesson's text."""

    def _size(self) -> float:
        return card_scale(self._scale)

    def show_if_any(self, text: str) -> None:
        """Show a text; hide while it is empty."""
        self.show_text(text)
        self.setVisible(bool(text))


def warning_label() -> CardText:
    """Return a paragraph that stands out, hidden as long as it has no text."""
    label = CardText(scale=SMALL, wrap=True)
    label.setProperty("role", "warning")
    label.hide()
    return label
