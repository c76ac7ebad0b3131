"""Titled plot: a title, the current values beside it, and the plot below."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.plots.line_plot import LinePlot
from gui.theme import SPACE
from gui.widgets.box import hbox, vbox
from gui.widgets.label import ElidedLabel, Label


class TitledPlot(QWidget):
    """A title, the current values beside it, and the plot below. Args: plot: with its own title."""

    def __init__(self, title: str, plot: LinePlot) -> None:
        super().__init__()
        self._title = title
        self._name = Label(title, bold=True)
        self._values = ElidedLabel(scale=0.85, colour="muted", whole=True)
        self.plot, plot.titled = plot, self
        plot.setAccessibleName(title)
        vbox(hbox(self._name, (self._values, 1), spacing=SPACE), (plot, 1), on=self, spacing=2)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumWidth(1)  # the values give way, however wide they were made

    def show_values(self, text: str, step: int | None = None) -> None:
        """Show values. Args: text: they.  step: theirs, in place of the title; None: the newest."""
        name = self._title if step is None else f"step {step:,}"
        if name != self._name.text():
            self._name.show_text(name)
            self._fix_values_size()
        self._values.show_text(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the values the width that the title leaves."""
        super().resizeEvent(event)
        self._fix_values_size()

    def _fix_values_size(self) -> None:
        """Fix their size: a label that may grow makes Qt lay out the window at every change."""
        available = self.width() - self._name.sizeHint().width() - SPACE
        self._values.setFixedSize(max(1, available), self._values.sizeHint().height())

    def values_text(self) -> str:
        """Return the text beside the title."""
        return self._values.full_text()
