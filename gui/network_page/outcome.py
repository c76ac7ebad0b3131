"""The end of the way: how likely each network takes the sample for each class, and its verdict."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import SampleFrame
from gui.network_page.plan import NetworkLayout
from gui.sample.class_bars import ClassBars
from gui.sample.words import verdict
from gui.theme import SPACE
from gui.widgets.label import Label

WIDEST = 360
VERDICT = 1.15
"""Of the ordinary text size."""


class Outcome(QWidget):
    """A pair of bars and words, below the two networks."""

    def __init__(self) -> None:
        super().__init__()
        self.before, self.after = ClassBars(), ClassBars()
        self.verdicts = Label(bold=True, scale=VERDICT), Label(bold=True, scale=VERDICT)
        self._arranged: tuple[NetworkLayout, int, int] | None = None
        self.before.setAccessibleName("p of each class before")
        self.after.setAccessibleName("p of each class now")
        for part in (self.before, self.after, *self.verdicts):
            part.setParent(self)
        for words in self.verdicts:
            words.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def draw(self, sample: SampleFrame) -> None:
        """Show what the networks make of the sample."""
        self.before.show_classes(sample.classes, sample.before, sample.label)
        self.after.show_classes(sample.classes, sample.after, sample.label)
        for text, p in zip(self.verdicts, (sample.before, sample.after), strict=True):
            words = verdict(sample, p)
            text.show_text(words)
            text.set_colour(_colour(words))
        if self._arranged is not None:
            self.arrange(*self._arranged)

    def height_for(self, height: int) -> int:
        """What it takes of the page's height."""
        line = self.verdicts[0].fontMetrics().height()
        return max(round(height * 0.22), 2 * line + 56) + SPACE

    def arrange(self, plan: NetworkLayout, left: int, height: int) -> None:
        """Stand under the networks. Args: left: where the canvas begins."""
        self._arranged = plan, left, height
        self.setFixedHeight(height)
        line = self.verdicts[0].fontMetrics().height()
        bars = height - line - SPACE
        width = min(plan.column - SPACE, WIDEST)
        for axis, part, words in zip(
            (plan.left_axis, plan.right_axis), (self.before, self.after), self.verdicts, strict=True
        ):
            part.setGeometry(left + axis - width // 2, 0, width, bars)
            room = max(plan.column, words.sizeHint().width())
            # A long verdict takes room from the middle, where nothing stands.
            x = min(max(axis - room // 2, 0), plan.width - room)
            words.setGeometry(left + x, bars + 2, room, line)


def _colour(words: str) -> str:
    if words.endswith("right"):
        return "good"
    return "bad" if words.endswith("wrong") else "text"
