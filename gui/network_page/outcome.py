"""Outcome of both networks: the probability of each class, and the verdict."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import SampleFrame
from gui.network_page.layout import NetworkLayout
from gui.sample.class_bars import ClassBars
from gui.sample.words import verdict
from gui.theme import LARGE, SPACE
from gui.widgets.label import Label

MAX_BARS_WIDTH = 360  # logical pixels


class Outcome(QWidget):
    """Class bars and a verdict below each of the two networks."""

    def __init__(self) -> None:
        super().__init__()
        self.before, self.after = ClassBars(80, 56), ClassBars(80, 56)
        self.verdicts = Label(bold=True, scale=LARGE), Label(bold=True, scale=LARGE)
        self._layout_args: tuple[NetworkLayout, int, int] | None = None
        self.before.setAccessibleName("p of each class before")
        self.after.setAccessibleName("p of each class now")
        for part in (self.before, self.after, *self.verdicts):
            part.setParent(self)
        for label in self.verdicts:
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def draw(self, sample: SampleFrame) -> None:
        """Show both networks' probabilities for a sample."""
        self.before.show_classes(sample.classes, sample.label, sample.before)
        self.after.show_classes(sample.classes, sample.label, sample.after)
        for label, p in zip(self.verdicts, (sample.before, sample.after), strict=True):
            text = verdict(sample, p)
            label.show_text(text)
            label.set_colour(_colour(text))
        if self._layout_args is not None:
            self.arrange(*self._layout_args)

    def height_for(self, height: int) -> int:
        """Return its height in pixels. Args: height: of the page."""
        line = self.verdicts[0].fontMetrics().height()
        return max(round(height * 0.22), 2 * line + 56) + SPACE

    def arrange(self, layout: NetworkLayout, left: int, height: int) -> None:
        """Place the parts below the networks. Args: left: of the canvas.  height: in pixels."""
        self._layout_args = layout, left, height
        self.setFixedHeight(height)
        line = self.verdicts[0].fontMetrics().height()
        bars = height - line - SPACE
        width = min(layout.column - SPACE, MAX_BARS_WIDTH)
        axes = (layout.left_axis, layout.right_axis)
        for axis, part, label in zip(axes, (self.before, self.after), self.verdicts, strict=True):
            part.setGeometry(left + axis - width // 2, 0, width, bars)
            verdict_width = max(layout.column, label.sizeHint().width())
            # A long verdict extends towards the middle, which is empty.
            x = min(max(axis - verdict_width // 2, 0), layout.width - verdict_width)
            label.setGeometry(left + x, bars + 2, verdict_width, line)


def _colour(verdict_text: str) -> str:
    if verdict_text.endswith("right"):
        return "good"
    return "bad" if verdict_text.endswith("wrong") else "text"
