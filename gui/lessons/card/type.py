"""The type of a lesson: larger than that of the controls."""

from __future__ import annotations

from PySide6.QtGui import QFont

from gui.theme import appearance, font
from gui.widgets.label import Label


def card_scale(scale: float = 1.0) -> float:
    """Of the ordinary text size, what is `scale` of a lesson's text."""
    return appearance.lesson_scale * scale


def card_font(scale: float = 1.0, *, bold: bool = False) -> QFont:
    """The font of a lesson's text. Args: scale: of its size."""
    return font(card_scale(scale), bold=bold)


class CardText(Label):
    """A line or a paragraph of a lesson without formulas. Its scale is of the lesson's text."""

    def _size(self) -> float:
        return card_scale(self._scale)
