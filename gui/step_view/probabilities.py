"""How likely the network takes the batch's first sample for each class."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QSizePolicy

from engine.protocol.messages import StepTrace
from gui.sample.class_bars import ClassBars
from gui.theme import appearance

WIDTH, HEIGHT = 200, 64


class ClassProbabilities(ClassBars):
    """A bar for each class, as large as it is in the strip of a step's moments."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("chances")
        self.setAccessibleName("p of each class")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_step(self, inside: StepTrace) -> None:
        """Show a step's first sample."""
        self.show_classes(inside.classes, inside.probabilities, inside.label)

    def sizeHint(self) -> QSize:
        """Qt's hook: the bars and a line of names."""
        scale = max(1.0, appearance.text_scale)
        return QSize(WIDTH, round(HEIGHT * scale))
