"""Change slider: the task's own change of an image, such as its rotation, by any amount."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import TaskChange
from gui.theme import SMALL, SPACE
from gui.widgets.box import hbox, vbox
from gui.widgets.label import RIGHT, ElidedLabel, Label
from gui.widgets.slider import Slider

PAGE_STEPS = 6
"""Steps of Page Up from one end to the other."""


class ChangeSlider(QWidget):
    """Shows by how much the image is changed, and changes it."""

    moved = Signal(int)
    """(amount), see `TaskChange`"""

    def __init__(self) -> None:
        super().__init__()
        self._change: TaskChange | None = None
        self._name = Label(bold=True)
        self._value = ElidedLabel(scale=SMALL, colour="muted")
        self._value.setAlignment(RIGHT)
        self._slider = Slider()
        self._slider.setObjectName("changeSlider")
        vbox(hbox(self._name, (self._value, 1), spacing=SPACE), self._slider, on=self)
        self._slider.valueChanged.connect(self._on_slider_value_changed)

    def show_change(self, change: TaskChange | None, amount: int) -> None:
        """Show an amount. Args: change: of the task; None: it has none, and this is hidden."""
        self.setVisible(change is not None)
        if change is None:
            return
        if change != self._change:
            self._change = change
            self._name.show_text(change.name)
            self._slider.setAccessibleName(f"{change.name} of the image")
            self._slider.setToolTip(
                f"{change.name} of the image: compare the outputs of both networks"
            )
            with QSignalBlocker(self._slider):
                self._slider.setRange(0, change.largest)
                self._slider.setPageStep(change.largest // PAGE_STEPS)
        with QSignalBlocker(self._slider):
            self._slider.setValue(amount)
        text = amount_text(change, amount)
        self._value.show_text(text)
        self._slider.speak(text)

    @Slot(int)
    def _on_slider_value_changed(self, amount: int) -> None:
        self.moved.emit(amount)


def amount_text(change: TaskChange, amount: int) -> str:
    """Return an amount in words, and whether the target's images have it."""
    text = f"{amount}{change.unit}"
    return f"{text}, as in the target task" if amount == change.target else text
