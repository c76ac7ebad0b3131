"""The titles of the equation's columns with their captions, and the legend of the colours."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from engine.protocol.messages import MatrixInfo
from gui.matrices.colour_bar import ColourBar
from gui.matrices.colour_scale import DELTA, WEIGHT, ColourScales
from gui.matrices.factor_kinds import LAYER_MATRICES
from gui.matrices.heatmap import INSET
from gui.stage.captions import FittingLabel
from gui.stage.page import Page
from gui.stage.picture_choice import PictureChoice
from gui.text.layers import RANDOM_START
from gui.theme import HEADING, SMALL, SPACE, appearance, font
from gui.widgets.box import hbox
from gui.widgets.label import Label

CAPTIONS = {
    "weight": ("pretrained, stays fixed", "pretrained"),
    "delta": ("what training adds", "added"),
    "updated": ("what the network now uses", "now used"),
}
"""Place -> what stands there, and the same in short."""
NOT_OF_HEAD = ", except in the head"
"""Behind an equation that holds of all other layers."""
PARTLY_NEW_CAPTION = "pretrained, or new; stays fixed", "pretrained or new"
RANDOM_CAPTION = f"{RANDOM_START}, stays fixed", RANDOM_START
TOOLTIPS = {
    "weight": (
        "W: the weights before the first step; no step changes them. A layer marked “new” was not "
        "pretrained: its W is random."
    ),
    "delta": "ΔW: what all steps so far have added to W, so it starts at zero.",
    "updated": "W′ = W + ΔW: the weights that the network computes with now.",
}
CLIPPED_TOOLTIP = (
    "W′ is drawn in the colours of W, which stay as they were at step 0. Cells beyond that scale "
    "are drawn in its end colour."
)
DRAWN_TOOLTIP = "ΔW is drawn this many times as strongly as W, so that small changes can be seen."
MENU_SIGN = " ▾"
MAX_BAR_WIDTH = 320
"""Logical pixels."""
WIDEST_MAGNIFICATION = "× 128"
USUAL_MAGNIFICATION = "× 16"
DRAWN = "drawn {}", "ΔW {}", "{}"
"""How the magnification is told, in ever less room."""
FLASH_MILLISECONDS = 1500
"""Time for which a new scale of ΔW is shown in the accent's colour."""


class ColumnTitle(QWidget):
    """What stands in a column, as symbol and caption; a menu where there is a choice."""

    chosen = Signal(str, str)
    """(place, name of the matrix to show there)."""

    def __init__(self, place: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._place = place
        self._symbol = Label(LAYER_MATRICES[place], scale=HEADING, bold=True)
        self._switch = QPushButton()
        self._switch.setObjectName(f"switch.{place}")
        self._switch.setProperty("role", "title")
        self._switch.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._switch.setMenu(QMenu(self._switch))
        self._switch.hide()
        self._switch_title, self._switch_scale = "", HEADING
        self._caption = FittingLabel()
        hbox(self._symbol, self._switch, (self._caption, 1), on=self, spacing=SPACE // 2)
        self._shown: tuple[object, ...] = ()
        for widget in (self._symbol, self._caption):
            widget.setToolTip(TOOLTIPS[place])

    def show_choice(
        self, shown: MatrixInfo | None, others: tuple[MatrixInfo, ...], captions: tuple[str, ...]
    ) -> None:
        """Show what stands here. Args: shown: None: the layer's own.  others: it could be these."""
        if (shown, others, captions, appearance.text_scale) == self._shown:
            return
        self._shown = shown, others, captions, appearance.text_scale
        title = LAYER_MATRICES[self._place] if shown is None else shown.title
        self._symbol.setHidden(bool(others))
        self._switch.setVisible(bool(others))
        self._switch_title = title
        self._switch_scale = HEADING if shown is None else 1.0
        self._fit_switch()
        self._switch.setAccessibleName(f"In the place of {LAYER_MATRICES[self._place]}: {title}")
        hint = TOOLTIPS[self._place] if shown is None else shown.description or shown.caption
        names = " or ".join(info.title for info in others)
        self._switch.setToolTip(f"{hint}\nClick to see {names} here.")
        self._caption.show_texts(*captions, "")
        self._caption.setToolTip(hint if shown is None else f"{captions[0]}\n{hint}".strip())
        if others:
            self._fill_menu(shown, others)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: the title has the size that its place allows."""
        super().resizeEvent(event)
        self._fit_switch()

    def _fit_switch(self) -> None:
        room = self.width() - SPACE // 2
        large, small = font(self._switch_scale, bold=True), font(bold=True)
        fits = QFontMetrics(large).horizontalAdvance(self._switch_title + MENU_SIGN) <= room
        self._switch.setFont(large if fits else small)
        metrics = QFontMetrics(small)
        left = room - metrics.horizontalAdvance(MENU_SIGN)
        elided = metrics.elidedText(self._switch_title, Qt.TextElideMode.ElideRight, left)
        self._switch.setText((self._switch_title if fits else elided) + MENU_SIGN)

    def _fill_menu(self, shown: MatrixInfo | None, others: tuple[MatrixInfo, ...]) -> None:
        menu = self._switch.menu()
        menu.clear()
        group = QActionGroup(menu)
        own = (self._place, LAYER_MATRICES[self._place])
        for name, words in (own, *((info.name, info.caption or info.title) for info in others)):
            action = QAction(words, group)
            action.setCheckable(True)
            action.setChecked(name == (self._place if shown is None else shown.name))
            action.setData(name)
            menu.addAction(action)
        group.triggered.connect(self._on_action_triggered)

    @Slot(QAction)
    def _on_action_triggered(self, action: QAction) -> None:
        self.chosen.emit(self._place, action.data())


class Header(QWidget):
    """Titles, captions, colour bars and the magnification of ΔW."""

    def __init__(self, choice: PictureChoice, parent: QWidget) -> None:
        super().__init__(parent)
        self._choice = choice
        self._titles = {place: ColumnTitle(place, self) for place in LAYER_MATRICES}
        self._bars = {
            "weight": ColourBar("W and W′", self),
            "delta": ColourBar("ΔW", self),
        }
        self._equation = Label("", self, colour="muted")
        self._drawn = FittingLabel(self)
        self._drawn.setToolTip(DRAWN_TOOLTIP)
        self._clipped = Label("", self, scale=SMALL, colour="muted")
        self._clipped.setToolTip(CLIPPED_TOOLTIP)
        self._equation_text = self._difference = ""
        self._all_random = self._any_new = False
        self._delta_span = 0, 0
        """Right end of ΔW's pictures, and where W′ begins."""
        self._behind_caption = self._trains_head = False
        """Whether the equation stands behind the caption of ΔW, not over a product; whether a head
        is trained, of which it does not hold."""
        self._flash = QTimer(self, singleShot=True, interval=FLASH_MILLISECONDS)
        self._flash.timeout.connect(self._on_flash_ended)
        for title in self._titles.values():
            title.chosen.connect(choice.choose)

    def show_equation(self, equation: str) -> None:
        """Show what ΔW is under this strategy; it may be empty."""
        bare = equation.removeprefix("ΔW").removeprefix(" ").removeprefix("=").strip()
        self._equation_text = f"= {bare}" if bare else ""
        self._equation.setToolTip(f"ΔW {self._equation_text}: how this strategy makes ΔW.")

    def draw(self, scales: ColourScales, page: Page, difference: str = "") -> None:
        """Show the current scales, and what is chosen on the page.

        Args: difference: caption of the difference of branches: W′ − W′ of A at step 300.
        """
        self._difference = difference
        self._all_random, self._any_new = page.all_random, page.any_new
        self._behind_caption = bool(self._equation_text) and page.has_updates
        self._behind_caption &= not page.has_product
        self._trains_head = page.trains_head
        for place, title in self._titles.items():
            title.show_choice(
                self._choice.shown(place), self._choice.alternatives(place), self._captions(place)
            )
        for place, bar in self._bars.items():
            shown = self._choice.shown(place)
            own = WEIGHT if place == "weight" else DELTA
            bar.draw(scales[own] if shown is None else scales.of(shown))
        self._equation.setVisible(page.has_product and self._choice.shown("delta") is None)
        self._show_drawn(scales)
        own_updated = self._choice.shown("updated") is None
        self._clipped.show_text("some cells clipped" if scales.clipped and own_updated else "")

    def _captions(self, place: str) -> tuple[str, ...]:
        shown = self._choice.shown(place)
        captions: tuple[str, ...] = CAPTIONS[place]
        if shown is not None:
            text = self._difference if shown.role == "difference" else shown.caption
            return text, text.partition(" at ")[0]
        if place == "weight" and self._any_new:
            captions = RANDOM_CAPTION if self._all_random else PARTLY_NEW_CAPTION
        if place == "delta" and self._behind_caption:
            equation = self._equation_text + NOT_OF_HEAD * self._trains_head
            captions = *(f"{caption} {equation}" for caption in captions), *captions
        return captions

    def _show_drawn(self, scales: ColourScales) -> None:
        ratio = scales.delta_magnification
        own = self._choice.shown("delta") is None
        text = f"× {ratio:g}" if own and ratio is not None else ""
        if text and self._drawn.text() and not self._drawn.text().endswith(text):
            self._drawn.set_colour("accent")
            self._flash.start()
        self._drawn.show_texts(*(form.format(text) for form in DRAWN if text))
        if self._drawn.minimumSizeHint().width() > self._drawn.width():
            self._place_drawn()

    def _place_drawn(self) -> None:
        """Place the magnification behind the colour bar of ΔW, which leaves it room enough."""
        bar, (right, limit) = self._bars["delta"], self._delta_span
        room = limit - bar.x() - bar.natural_width()
        words = self._drawn.advance(WIDEST_MAGNIFICATION), self._drawn.minimumSizeHint().width()
        told = (self._drawn.advance(form.format(USUAL_MAGNIFICATION)) for form in DRAWN)
        fitting = (width for width in told if max(words) <= width <= room - SPACE // 2)
        least = next(fitting, max(words)) + SPACE // 2
        end = min(right + 1, bar.x() + MAX_BAR_WIDTH, limit - least)
        bar.resize(max(end - bar.x(), 1), bar.height())
        x = bar.geometry().right() + SPACE // 2
        self._drawn.setGeometry(x, bar.y(), max(limit - x, 1), bar.height())

    @Slot()
    def _on_flash_ended(self) -> None:
        self._drawn.set_colour("muted")

    def natural_height(self) -> int:
        """Return the height of titles, bars and margin, in pixels."""
        return self._title_height() + self._bars["weight"].natural_height() + SPACE // 2

    def _title_height(self) -> int:
        return QFontMetrics(font(HEADING, bold=True)).height()

    def arrange(self, page: Page) -> None:
        """Place everything above the columns of the page."""
        columns = {name: page.column(name) for name in (*LAYER_MATRICES, "product", "equals")}
        base, bar_height = self._title_height(), self._bars["weight"].natural_height()
        ends = {
            "weight": columns["delta"].left(),
            "delta": columns["product" if page.has_product else "updated"].left(),
            "updated": self.width(),
        }
        for place, title in self._titles.items():
            x = columns[place].left() + INSET
            title.setGeometry(x, 0, max(ends[place] - SPACE - x, 1), base)
        for place, bar in self._bars.items():
            column = columns[place].adjusted(INSET, 0, -INSET, 0)
            bar.setGeometry(column.x(), base, min(column.width(), MAX_BAR_WIDTH), bar_height)
        self._delta_span = columns["delta"].right() - INSET, columns["updated"].left() - SPACE // 2
        self._place_drawn()
        self._clipped.move(columns["updated"].left() + INSET, base)
        x = columns["product"].left()
        self._equation.show_text(
            QFontMetrics(self._equation.font()).elidedText(
                self._equation_text, Qt.TextElideMode.ElideRight, columns["equals"].left() - x
            )
        )
        self._equation.move(x, (base - self._equation.height()) // 2 + 1)
