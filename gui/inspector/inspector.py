"""One cell's numbers, as the equation that they satisfy, and their derivation."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QGridLayout, QStackedLayout, QWidget

from engine.protocol.messages import CellAddress, Frame
from gui.inspector.explanation import explain_cell
from gui.inspector.sheet import DerivationSheet
from gui.matrices.cell_reading import (
    NAN,
    CellReading,
    cell_matrix_text,
    cell_position_text,
    cell_values,
    joining_sign,
)
from gui.session import Session
from gui.text.layers import range_text
from gui.text.numbers import MINUS, NO_VALUE, signed
from gui.theme import SMALL, SPACE, appearance, font
from gui.widgets.box import hbox, vbox
from gui.widgets.button import IconButton
from gui.widgets.frame_throttle import NUMBER_MILLISECONDS, FrameThrottle
from gui.widgets.label import ElidedLabel, Label

HINT = "Point at a cell to read it; click to keep it."
NOT_VISIBLE = (
    "Not in the part of the layer that is seen: an arrow key or “show all” leads back to it."
)
ZOOM_HINT = "Turn the wheel to see single cells."
FIRST_LAYER = "layer1"
"""The layer whose columns are the network's inputs."""
MAX_NUMBERS = 3
"""W, ΔW and W′."""
WIDEST_NUMBER = f"{MINUS}0.0000"
MAX_UNFOLDED_LINES, MAX_UNFOLDED_FRACTION = 34, 0.55
"""Greatest height while a cell is pinned: lines of text, or this part of a high window."""
UNFOLDED_STRETCH = 100
"""Stretch factor that puts it before the controls."""


class Inspector(QWidget):
    """W + ΔW = W′ for one cell, and where it comes from; of constant height until a cell is pinned.

    While a cell is pinned it unfolds over the column's lower part, for its derivation.
    """

    released = Signal()
    """The user unpins the cell."""
    unfolded = Signal(bool)
    """Whether it takes the space for a derivation."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._reading: CellReading | None = None
        self._window_height = 0
        self.setObjectName("inspector")
        self._hint = Label(HINT, colour="muted", wrap=True)
        self._matrix = ElidedLabel(bold=True)
        self._position = ElidedLabel(scale=SMALL, colour="muted")
        self._close = IconButton("x", "Let go", object_name="cellClose", size=22, frame=False)
        self._close.set_name("Let go of the cell", "Let go of the cell (Escape)")
        self._captions = [Label(scale=SMALL, colour="muted") for _ in range(MAX_NUMBERS)]
        self._numbers = [Label(widest=WIDEST_NUMBER) for _ in range(MAX_NUMBERS)]
        self._signs = (Label("+", colour="muted"), Label("=", colour="muted"))
        self._feature = Label(scale=SMALL, colour="muted", wrap=True)
        self._explanation = Label(scale=SMALL, colour="muted", wrap=True)
        for text in (self._hint, self._explanation):
            text.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._sheet = DerivationSheet()
        self._throttle = FrameThrottle(self, NUMBER_MILLISECONDS)
        self._pages = QStackedLayout()
        vbox(self._pages, on=self, margins=(2 * SPACE, SPACE + 4, 2 * SPACE, SPACE))
        self._pages.addWidget(self._hint)
        self._pages.addWidget(self._new_page())
        self._throttle.due.connect(self._show_derivation)
        self._close.clicked.connect(self.released)
        session.state.frame_changed.connect(self._on_session_frame_changed)
        appearance.changed.connect(self._fold)
        self._fold()

    @Slot(object)
    def show_reading(self, reading: CellReading | None) -> None:
        """Show a cell, and have coming frames derive it. Args: reading: None: no cell."""
        previous_address = self._address()
        self._reading = reading
        self._pages.setCurrentIndex(0 if reading is None else 1)
        if self._address() != previous_address:
            self._session.view_requests.set_options(cell=self._address())
            self._show_derivation()
            self._fold()
        if reading is not None:
            self._write(reading)

    def _write(self, reading: CellReading) -> None:
        self._matrix.show_text(cell_matrix_text(reading))
        self._position.show_text(cell_position_text(reading))
        self._close.setVisible(reading.pinned)
        self._show_numbers(reading)
        task = self._session.state.task_info()
        feature = input_feature_text(reading, () if task is None else task.features)
        self._feature.show_text(feature)
        self._feature.setVisible(bool(feature))
        self._explanation.show_text(self._explanation_text(reading))

    def _show_numbers(self, reading: CellReading) -> None:
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
        for sign in self._signs:
            # numbers of different cells do not add up
            sign.setVisible(reading.cell_block is None and len(values) > 1)

    # ------------------------------------------------------------ a cell that is kept

    def _address(self) -> CellAddress | None:
        """Return the cell to derive: the pinned one."""
        reading = self._reading
        if reading is None or not reading.pinned:
            return None
        derived_as = reading.info.derived_as if reading.info is not None else ""
        matrix = derived_as or reading.matrix
        return CellAddress(reading.layer, reading.row, reading.column, matrix)

    @Slot()
    def _show_derivation(self) -> None:
        """Show the derivation of the pinned cell once it has arrived."""
        frame, address = self._session.state.frame, self._address()
        derivation = None if frame is None else frame.derivation
        is_current = derivation is not None and derivation.cell == address
        if derivation is not None and is_current:
            self._sheet.show_derivation(derivation)
        self._sheet.setVisible(is_current)
        self._explanation.setVisible(not is_current)

    def fit(self, window_height: int) -> None:
        """Take the height that a window of this height leaves."""
        self._window_height = window_height
        self._fold()

    @Slot()
    def _fold(self) -> None:
        """Take the space of the column's lower part, or as little as a hint needs."""
        line = QFontMetrics(font()).lineSpacing()
        small = QFontMetrics(font(SMALL)).lineSpacing()
        folded = 2 * line + 5 * small + 4 * SPACE
        unfolded = self._address() is not None
        self.setMinimumHeight(folded)
        share = round(MAX_UNFOLDED_FRACTION * self._window_height)
        self.setMaximumHeight(max(MAX_UNFOLDED_LINES * line, share) if unfolded else folded)
        self.unfolded.emit(unfolded)
        policy = self.sizePolicy()
        policy.setVerticalStretch(UNFOLDED_STRETCH if unfolded else 0)
        self.setSizePolicy(policy)

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        if self._sheet.isVisibleTo(self):
            self._throttle.request()
        else:
            self._throttle.draw_now()

    def text(self) -> str:
        """Return all that is shown, line by line."""
        if self._reading is None:
            return self._hint.text()
        w, delta, updated = (number.text() for number in self._numbers)
        plus, equals = (sign.text() if sign.isVisibleTo(self) else "," for sign in self._signs)
        numbers = f"{w} {plus} {delta} {equals} {updated}"
        if self._reading.value is not None:
            numbers = f"{self._captions[0].text()} = {w}"
        below = self._explanation if self._explanation.isVisibleTo(self) else self._sheet
        where = f"{self._matrix.full_text()} · {self._position.full_text()}"
        return "\n".join(filter(None, (where, numbers, self._feature.text(), below.text())))

    def _explanation_text(self, reading: CellReading) -> str:
        if not reading.visible:
            return NOT_VISIBLE
        if reading.cell_block is None:
            frame = self._session.state.frame
            settings = None if frame is None else frame.settings
            info = None if settings is None else self._session.state.strategy_info(settings)
            return explain_cell(reading, settings, "" if info is None else info.equation)
        top, bottom, left, right = reading.cell_block
        where = f"Rows {range_text(top, bottom)}, columns {range_text(left, right)}"
        return f"{where}: of each matrix the number of largest magnitude. {ZOOM_HINT}"

    def _new_page(self) -> QWidget:
        page = QWidget()
        numbers = QGridLayout()
        numbers.setHorizontalSpacing(SPACE // 2)
        numbers.setVerticalSpacing(0)
        for row, labels in enumerate((self._captions, self._numbers)):
            for place, label in enumerate(labels):
                label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
                numbers.addWidget(label, row, 2 * place)
        for column, sign in zip((1, 3), self._signs, strict=True):
            numbers.addWidget(sign, 1, column)
        numbers.setColumnStretch(5, 1)
        gap = SPACE // 2
        rows = hbox((self._matrix, 1), self._close, spacing=gap), self._position, numbers
        texts = self._feature, self._explanation, (self._sheet, 1)
        vbox(*rows, *texts, 0, on=page, spacing=gap)
        self._sheet.hide()
        return page


def input_feature_text(reading: CellReading, features: tuple[str, ...]) -> str:
    """Return a line with the name of the input that a weight multiplies; empty without one."""
    if reading.layer != FIRST_LAYER or not features or reading.cell_block is not None:
        return ""
    return f"Input: {features[reading.column]}"
