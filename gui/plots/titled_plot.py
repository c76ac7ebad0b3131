"""One plot with its title."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui.plots.canvas import PlotCanvas
from gui.theme import SPACE
from gui.widgets.label import ElidedLabel, Label


class TitledPlot(QWidget):
    """A title, the current values beside it, and the canvas below."""

    def __init__(self, title: str, object_name: str, empty_text: str = "") -> None:
        super().__init__()
        self._title = title
        self._name = Label(title, bold=True)
        self._values = ElidedLabel(scale=0.85, colour="muted", whole=True)
        self.canvas = PlotCanvas(object_name, empty_text=empty_text)
        self.canvas.setAccessibleName(title)
        top = QHBoxLayout()
        top.setSpacing(SPACE)
        top.addWidget(self._name)
        top.addWidget(self._values, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self.canvas, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumWidth(1)  # the values give way, however wide they were made

    def show_values(self, text: str, step: int | None = None) -> None:
        """Write the values beside the title; `step`: the one under the pointer, else now."""
        name = self._title if step is None else f"step {step:,}"
        if name != self._name.text():
            self._name.show_text(name)
            self._hold_values()
        self._values.show_text(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: the values have what the title leaves."""
        super().resizeEvent(event)
        self._hold_values()

    def _hold_values(self) -> None:
        """Fix the size of the values.

        They change many times a second, and a label that may grow has the window laid out anew.
        """
        room = self.width() - self._name.sizeHint().width() - SPACE
        self._values.setFixedSize(max(1, room), self._values.sizeHint().height())

    def values_text(self) -> str:
        """What stands beside the title."""
        return self._values.full_text()
