"""The equation's terms above their columns, and what the colours mean."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QToolButton, QWidget

from gui.matrices.colour_bar import ColourBar
from gui.matrices.colour_scale import DELTA, WEIGHT, ColourScales
from gui.stage.plan import StageLayout
from gui.stage.text import SMALL, PlainLabel
from gui.text.layers import NORM_RATIO, RANDOM_START
from gui.text.numbers import magnification_text
from gui.theme import SPACE, icon

PIN_SIDE = 24
TITLE = 1.25
PIN_TIP = "Hold the colour scales as they are"


class Header(QWidget):
    """Titles, colour bars, how much stronger ΔW is drawn, and the pin that holds the scales."""

    pin_toggled = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._titles = tuple(
            PlainLabel(word, self, scale=TITLE, bold=True) for word in ("W", "ΔW", "W′")
        )
        self._equation = PlainLabel("", self, role="muted")
        self._start = PlainLabel(RANDOM_START, self, scale=SMALL, role="muted")
        self._norm = PlainLabel(NORM_RATIO, self, scale=SMALL, role="muted")
        self._weight_bar = ColourBar("W and W′", self)
        self._delta_bar = ColourBar("ΔW", self)
        self._factor = PlainLabel("", self, scale=SMALL, role="muted")
        self._pin = QToolButton(self)
        self._pin.setObjectName("pinScales")
        self._pin.setCheckable(True)
        self._pin.setIconSize(QSize(14, 14))
        self._pin.setStyleSheet("QToolButton { min-height: 0px; padding: 2px; }")
        self._pin.setFixedSize(PIN_SIDE, PIN_SIDE)
        self._pin.setToolTip(PIN_TIP)
        self._pin.setAccessibleName(PIN_TIP)
        self._pin.toggled.connect(self.pin_toggled)
        self._words = ""
        self._all_fresh = False
        self.restyle()

    def say(self, equation: str, *, all_fresh: bool = False) -> None:
        """Write what ΔW is under this strategy.

        Args: equation: may be empty.  all_fresh: whether every W shown is a random start.
        """
        self._all_fresh = all_fresh
        bare = equation.removeprefix("ΔW").removeprefix(" ").removeprefix("=").strip()
        self._words = f"= {bare}" if bare else ""
        self._equation.setToolTip(self._words)

    def draw(self, scales: ColourScales) -> None:
        """Show the scales in force."""
        self._weight_bar.draw(scales[WEIGHT])
        self._delta_bar.draw(scales[DELTA])
        self._factor.say(f"ΔW drawn {magnification_text(scales.delta_magnification)}")

    def natural_height(self) -> int:
        """Pixels of titles, bars and the air under them."""
        return self._titles[0].height() + max(self._weight_bar.natural_height() + 6, PIN_SIDE + 4)

    def arrange(self, plan: StageLayout) -> None:
        """Stand above the plan's columns."""
        columns = (plan.weight_x, plan.delta_x, plan.updated_x)
        for title, x in zip(self._titles, columns, strict=True):
            title.move(x, 0)
        base = self._titles[0].height()
        self._arrange_equation(plan, base)
        start_x = plan.weight_x + self._titles[0].width() + SPACE // 2
        self._start.move(start_x, base - self._start.height() - 1)
        self._start.setVisible(self._all_fresh and self._start.geometry().right() < plan.delta_x)
        self._norm.setVisible(plan.trend_width > 0)
        self._norm.move(plan.trend_x, base - self._norm.height() - 1)
        for bar, x in ((self._weight_bar, plan.weight_x), (self._delta_bar, plan.delta_x)):
            roomy = bar.natural_width() <= plan.column + plan.sign - SPACE
            width = max(plan.column, bar.natural_width()) if roomy else plan.column
            bar.setGeometry(x, base + 4, width, bar.natural_height())
        bar_end = self._delta_bar.geometry().right() + SPACE
        pin_x = max(plan.factor_x + plan.slot.joint, bar_end) if plan.slot.width else plan.updated_x
        pin_y = base + 2
        self._pin.move(pin_x, pin_y)
        self._factor.move(
            pin_x + PIN_SIDE + SPACE // 2, pin_y + (PIN_SIDE - self._factor.height()) // 2
        )

    def _arrange_equation(self, plan: StageLayout, base: int) -> None:
        """Above B × A where there are factors, else behind the title; cut where it is too long."""
        after_title = plan.delta_x + self._titles[1].width() + SPACE
        over_sign = plan.factor_x + (plan.slot.joint - self._equation.advance("=")) // 2
        x = over_sign if plan.slot.width else after_title
        room = plan.updated_x - SPACE - x
        metrics = QFontMetrics(self._equation.font())
        self._equation.say(metrics.elidedText(self._words, Qt.TextElideMode.ElideRight, room))
        self._equation.move(x, base - self._equation.height() - 1)

    def restyle(self) -> None:
        """Take the theme and the text size in force."""
        for text in (*self._titles, self._start, self._equation, self._norm, self._factor):
            text.restyle()
        self._pin.setIcon(icon("pin"))
