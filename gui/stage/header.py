"""The titles of the equation's columns, and the legend of the colours."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget

from gui.matrices.colour_bar import ColourBar
from gui.matrices.colour_scale import DELTA, WEIGHT, ColourScales
from gui.stage.layout import StageLayout
from gui.text.layers import NORM_RATIO, RANDOM_START
from gui.text.numbers import magnification_text
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
        self._all_random = False

    def show_equation(self, equation: str, *, all_random: bool = False) -> None:
        """Show what ΔW is under this strategy.

        Args: equation: may be empty.  all_random: whether every W shown is a random start.
        """
        self._all_random = all_random
        bare = equation.removeprefix("ΔW").removeprefix(" ").removeprefix("=").strip()
        self._equation_text = f"= {bare}" if bare else ""
        self._equation.setToolTip(self._equation_text)

    def draw(self, scales: ColourScales) -> None:
        """Show the current scales."""
        self._weight_bar.draw(scales[WEIGHT])
        self._delta_bar.draw(scales[DELTA])
        self._factor.show_text(f"ΔW drawn {magnification_text(scales.delta_magnification)}")

    def natural_height(self) -> int:
        """Return the height of titles, bars and margin, in pixels."""
        return self._titles[0].height() + max(self._weight_bar.natural_height() + 6, PIN_SIZE + 4)

    def arrange(self, layout: StageLayout) -> None:
        """Place everything above the columns of the layout."""
        columns = (layout.weight_x, layout.delta_x, layout.updated_x)
        for title, x in zip(self._titles, columns, strict=True):
            title.move(x, 0)
        base = self._titles[0].height()
        self._arrange_equation(layout, base)
        start_x = layout.weight_x + self._titles[0].width() + SPACE // 2
        self._start.move(start_x, base - self._start.height() - 1)
        self._start.setVisible(self._all_random and self._start.geometry().right() < layout.delta_x)
        self._norm.setVisible(layout.sparkline_width > 0)
        self._norm.move(layout.sparkline_x, base - self._norm.height() - 1)
        for bar, x in ((self._weight_bar, layout.weight_x), (self._delta_bar, layout.delta_x)):
            roomy = bar.natural_width() <= layout.column + layout.sign - SPACE
            width = max(layout.column, bar.natural_width()) if roomy else layout.column
            bar.setGeometry(x, base + 4, width, bar.natural_height())
        bar_end = self._delta_bar.geometry().right() + SPACE
        pin_x = (
            max(layout.factor_x + layout.factor_layout.joint, bar_end)
            if layout.factor_layout.width
            else layout.updated_x
        )
        pin_y = base + 2
        self._pin.move(pin_x, pin_y)
        self._factor.move(
            pin_x + PIN_SIZE + SPACE // 2, pin_y + (PIN_SIZE - self._factor.height()) // 2
        )

    def _arrange_equation(self, layout: StageLayout, base: int) -> None:
        """Place the equation above B × A where there are factors, otherwise behind the title.

        It is cut where it is too long.
        """
        after_title = layout.delta_x + self._titles[1].width() + SPACE
        over_sign = (
            layout.factor_x + (layout.factor_layout.joint - self._equation.advance("=")) // 2
        )
        x = over_sign if layout.factor_layout.width else after_title
        available = layout.updated_x - SPACE - x
        metrics = QFontMetrics(self._equation.font())
        self._equation.show_text(
            metrics.elidedText(self._equation_text, Qt.TextElideMode.ElideRight, available)
        )
        self._equation.move(x, base - self._equation.height() - 1)
