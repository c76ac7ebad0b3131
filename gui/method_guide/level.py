"""Level widget: little, some or much, as filled dots and as a word."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from gui.method_guide.entries import MAX_LEVEL
from gui.theme import TINY
from gui.widgets.box import vbox
from gui.widgets.label import Label

WORDS = ("little", "some", "much")


class Level(QWidget):
    """A row of three dots, filled up to a level, above the level's name."""

    def __init__(self, quantity: str, level: int) -> None:
        """Create it. Args: quantity: its name, for screen readers.  level: 1…3."""
        super().__init__()
        dots = "\u2009".join("●" * level + "○" * (MAX_LEVEL - level))
        self._dots = Label(dots, scale=TINY, colour="accent")
        self._word = Label(WORDS[level - 1], scale=TINY, colour="muted")
        self.setAccessibleName(f"{quantity}: {WORDS[level - 1]}")
        vbox(self._dots, self._word, on=self)

    def set_faded(self, faded: bool) -> None:
        """Show the level in a faded colour, or as usual."""
        self._dots.set_colour("hatch" if faded else "accent")
        self._word.set_colour("hatch" if faded else "muted")
