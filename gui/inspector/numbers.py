"""The numbers of one cell, as the equation that they satisfy."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from gui.matrices.cell_reading import NAN, CellReading, cell_values, joining_sign
from gui.text.numbers import MINUS, NO_VALUE, signed
from gui.theme import SMALL, SPACE
from gui.widgets.label import Label

MAX_NUMBERS = 3
"""W, ΔW and W′."""
WIDEST_NUMBER = f"{MINUS}0.0000"


class CellNumbers(QWidget):
    """W + ΔW = W′, or the one number of another matrix, each below its symbol."""

    def __init__(self) -> None:
        super().__init__()
        self._captions = [Label(scale=SMALL, colour="muted") for _ in range(MAX_NUMBERS)]
        self._numbers = [Label(widest=WIDEST_NUMBER) for _ in range(MAX_NUMBERS)]
        self._signs = (Label("+", colour="muted"), Label("=", colour="muted"))
        self._is_equation = False
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE // 2)
        grid.setVerticalSpacing(0)
        for row, labels in enumerate((self._captions, self._numbers)):
            for place, label in enumerate(labels):
                label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
                grid.addWidget(label, row, 2 * place)
        for column, sign in zip((1, 3), self._signs, strict=True):
            grid.addWidget(sign, 1, column)
        grid.setColumnStretch(5, 1)

    def show_reading(self, reading: CellReading) -> None:
        """Show a cell's numbers."""
        values = cell_values(reading)
        shown = [*values.items(), *[("", NAN)] * (MAX_NUMBERS - len(values))]
        for caption, number, (name, value) in zip(
            self._captions, self._numbers, shown, strict=True
        ):
            caption.setVisible(bool(name))
            number.setVisible(bool(name))
            caption.show_text(name)
            number.show_text(signed(value) if name and reading.visible else NO_VALUE)
            number.setAccessibleName(name)
        self._signs[0].show_text(joining_sign(values))
        # Numbers of different cells do not add up.
        self._is_equation = reading.cell_block is None and len(values) > 1
        for sign in self._signs:
            sign.setVisible(self._is_equation)

    def equation(self) -> str:
        """Return the symbols of an equation; empty where the numbers are none."""
        if not self._is_equation:
            return ""
        w, delta, updated = (caption.text() for caption in self._captions)
        plus, equals = (sign.text() for sign in self._signs)
        return f"{w} {plus} {delta} {equals} {updated}"

    def text(self) -> str:
        """Return the equation, or the numbers side by side."""
        shown = [number.text() for number in self._numbers if not number.isHidden()]
        if len(shown) == 1:
            return f"{self._captions[0].text()} = {shown[0]}"
        plus, equals = (sign.text() if self._is_equation else "," for sign in self._signs)
        w, delta, updated = shown
        return f"{w} {plus} {delta} {equals} {updated}"
