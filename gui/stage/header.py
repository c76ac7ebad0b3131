"""The titles of the equation's columns, and the legend of the colours."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget

from gui.matrices.colour_bar import ColourBar
from gui.matrices.colour_scale import DELTA, WEIGHT, ColourScales
from gui.matrices.heatmap import INSET
from gui.stage.page import Page
from gui.text.layers import NORM_RATIO, RANDOM_START
from gui.text.numbers import NO_VALUE, number_text
from gui.theme import HEADING, SMALL, SPACE
from gui.widgets.button import SmallIconButton
from gui.widgets.label import Label

PIN_SIZE = 24
PIN_TOOLTIP = "Hold the colour scales as they are"


class Header(QWidget):
    """Titles, colour bars, magnification of ΔW, and the pin that holds the scales."""

    pin_toggled = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._titles = tuple(
            Label(word, self, scale=HEADING, bold=True) for word in ("W", "ΔW", "W′")
        )
        self._equation = Label("", self, colour="muted")
        self._start = Label(RANDOM_START, self, scale=SMALL, colour="muted")
        self._norm = Label(NORM_RATIO, self, scale=SMALL, colour="muted")
        self._weight_bar = ColourBar("W and W′", self)
        self._delta_bar = ColourBar("ΔW", self)
        self._factor = Label("", self, scale=SMALL, colour="muted")
        self._pin = SmallIconButton("pin", self, object_name="pinScales")
        self._pin.setFixedSize(PIN_SIZE, PIN_SIZE)
        self._pin.setToolTip(PIN_TOOLTIP)
        self._pin.setAccessibleName(PIN_TOOLTIP)
        self._pin.toggled.connect(self.pin_toggled)
        self._equation_text = ""

    def show_equation(self, equation: str) -> None:
        """Show what ΔW is under this strategy; it may be empty."""
        bare = equation.removeprefix("ΔW").removeprefix(" ").removeprefix("=").strip()
        self._equation_text = f"= {bare}" if bare else ""
        self._equation.setToolTip(self._equation_text)

    def draw(self, scales: ColourScales) -> None:
        """Show the current scales."""
        self._weight_bar.draw(scales[WEIGHT])
        self._delta_bar.draw(scales[DELTA])
        ratio = scales.delta_magnification
        times = NO_VALUE if ratio is None else f"× {number_text(ratio)}"
        self._factor.show_text(f"ΔW drawn {times}")

    def natural_height(self) -> int:
        """Return the height of titles, bars and margin, in pixels."""
        return self._titles[0].height() + max(self._weight_bar.natural_height() + 6, PIN_SIZE + 4)

    def arrange(self, page: Page) -> None:
        """Place everything above the columns of the page."""
        names = ("weight", "delta", "updated", "equals", "sparkline")
        weight, delta, updated, equals, sparkline = (page.column(name) for name in names)
        lefts = [column.left() + INSET for column in (weight, delta, updated)]
        for title, x in zip(self._titles, lefts, strict=True):
            title.move(x, 0)
        base = self._titles[0].height()
        factors = delta.right() + 1  # their left end, or that of "="
        joint = max(row.joint for row in page.rows)
        self._arrange_equation(factors + joint // 2 if joint else 0, equals.left(), base)
        start_x = lefts[0] + self._titles[0].width() + SPACE // 2
        self._start.move(start_x, base - self._start.height() - 1)
        self._start.setVisible(page.all_random and self._start.geometry().right() < delta.left())
        self._norm.setVisible(sparkline.width() > 0)
        self._norm.move(sparkline.left(), base - self._norm.height() - 1)
        end = equals.right() if factors >= equals.left() else equals.left()
        for bar, x, limit in (
            (self._weight_bar, lefts[0], delta.left()), (self._delta_bar, lefts[1], end)
        ):  # fmt: skip
            column = page.rows[0].matrix_width
            roomy = bar.natural_width() <= limit - SPACE - x
            width = max(column, bar.natural_width()) if roomy else column
            bar.setGeometry(x, base + 4, width, bar.natural_height())
        pin_x = lefts[2]
        if factors < equals.left():
            pin_x = max(factors + joint + INSET, self._delta_bar.geometry().right() + SPACE)
        pin_y = base + 2
        self._pin.move(pin_x, pin_y)
        self._factor.move(
            pin_x + PIN_SIZE + SPACE // 2, pin_y + (PIN_SIZE - self._factor.height()) // 2
        )

    def _arrange_equation(self, sign: int, end: int, base: int) -> None:
        """Place the equation over the sign of B × A where there is one, else behind the title.

        It is cut where it is too long.
        """
        x = self._titles[1].geometry().right() + SPACE
        if sign:
            x = sign - self._equation.advance("=") // 2
        metrics = QFontMetrics(self._equation.font())
        self._equation.show_text(
            metrics.elidedText(self._equation_text, Qt.TextElideMode.ElideRight, end - x - SPACE)
        )
        self._equation.move(x, base - self._equation.height() - 1)
