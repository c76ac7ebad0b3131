"""One cell's numbers, written out as the equation that they satisfy."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from engine.protocol.messages import CellAddress, Frame
from engine.protocol.settings import Settings
from gui.inspector.explanation import origin_text
from gui.inspector.sheet import DerivationSheet
from gui.matrices.cell_reading import NOTHING, CellReading
from gui.matrices.factor_kinds import ADAPTERS, DIFFERENCE, symbol
from gui.session import Session
from gui.text.layers import NONE, span
from gui.text.numbers import MINUS, signed
from gui.text.settings_change import block_name
from gui.theme import SPACE, appearance, font
from gui.widgets.button import IconButton
from gui.widgets.label import ElidedLabel, Label

HINT = "Point at a cell to read it; click to keep it."
UNSEEN = "Not in the part of the layer that is seen: an arrow key or “show all” leads back to it."
CLOSER = "Turn the wheel to see single cells."
SMALL = 0.85
FIRST_LAYER = "layer1"
"""Its columns are the network's inputs."""
WIDEST = f"{MINUS}0.0000"
REDRAW_MILLISECONDS = 100
"""Numbers that change faster cannot be read."""
UNFOLDED_LINES, UNFOLDED_SHARE = 34, 0.55
"""Its greatest height while a cell is kept: so many lines of text, or this part of a high window;
the controls have the rest of the column."""
UNFOLDED_STRETCH = 100
"""It comes before the controls."""
STANDS_FOR = {"loss_gradient": "updated", "move": "updated"}
"""Matrices of a step's inside -> where the arithmetic of their cells stands."""


class Inspector(QWidget):
    """W + ΔW = W′ for one cell, and where it comes from; as high with no cell to show.

    While a cell is kept it unfolds over the column's lower part, for its arithmetic.
    """

    released = Signal()
    """Let go of the cell, please."""
    unfolded = Signal(bool)
    """Whether it takes the room of a cell's arithmetic."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._reading: CellReading | None = None
        self._stale = False
        self._window_height = 0
        self.setObjectName("inspector")
        self._hint = Label(HINT, colour="muted", wrap=True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._matrix = ElidedLabel(bold=True)
        self._place = ElidedLabel(scale=SMALL, colour="muted")
        self._close = IconButton("x", "Let go", object_name="cellClose", size=22, frame=False)
        self._close.set_name("Let go of the cell", "Let go of the cell (Escape)")
        self._numbers = {name: Label(widest=WIDEST) for name in ("W", "ΔW", "W′")}
        self._captions = [Label(name, scale=SMALL, colour="muted") for name in self._numbers]
        self._signs = (Label("+", colour="muted"), Label("=", colour="muted"))
        self._origin = Label(scale=SMALL, colour="muted", wrap=True)
        self._origin.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._named = Label(scale=SMALL, colour="muted", wrap=True)
        self._sheet = DerivationSheet()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REDRAW_MILLISECONDS)
        around = QVBoxLayout(self)
        around.setContentsMargins(2 * SPACE, SPACE + 4, 2 * SPACE, SPACE)
        self._pages = QStackedLayout()
        around.addLayout(self._pages)
        self._pages.addWidget(self._hint)
        self._pages.addWidget(self._new_page())
        self._timer.timeout.connect(self._on_timer_timeout)
        self._close.clicked.connect(self.released)
        session.state.frame_changed.connect(self._on_session_frame_changed)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    @Slot(object)
    def show_reading(self, reading: CellReading | None) -> None:
        """Write out a cell; None: the pointer is on none."""
        asked = self._address()
        self._reading = reading
        self._pages.setCurrentIndex(0 if reading is None else 1)
        if self._address() != asked:
            self._session.view_requests.request(cell=self._address())
            self._show_work()
            self._fold()
        if reading is not None:
            self._write(reading)

    def _write(self, reading: CellReading) -> None:
        self._matrix.show_text(matrix_text(reading))
        self._place.show_text(place_text(reading))
        self._close.setVisible(reading.pinned)
        self._show_numbers(reading)
        task = self._session.state.task_info()
        named = input_text(reading, () if task is None else task.features)
        self._named.show_text(named)
        self._named.setVisible(bool(named))
        self._origin.show_text(_explained(reading, self._settings()))

    def _show_numbers(self, reading: CellReading) -> None:
        values = cell_values(reading)
        shown = [*values.items(), *[("", NOTHING)] * (len(self._numbers) - len(values))]
        for caption, number, (name, value) in zip(
            self._captions, self._numbers.values(), shown, strict=True
        ):
            caption.setVisible(bool(name))
            number.setVisible(bool(name))
            caption.show_text(name)
            number.show_text(signed(value) if name and reading.seen else NONE)
            number.setAccessibleName(name)
        self._signs[0].show_text(joining_sign(values))
        for sign in self._signs:
            # numbers of different cells do not add up
            sign.setVisible(reading.block is None and len(values) > 1)

    # ------------------------------------------------------------ a cell that is kept

    def _address(self) -> CellAddress | None:
        """The cell to work out: the one that is kept."""
        reading = self._reading
        if reading is None or not reading.pinned:
            return None
        matrix = STANDS_FOR.get(reading.matrix, reading.matrix)
        return CellAddress(reading.layer, matrix, reading.row, reading.column)

    def _show_work(self) -> None:
        """Show the arithmetic of the kept cell once it has come."""
        frame, address = self._session.state.frame, self._address()
        work = None if frame is None else frame.derivation
        there = work is not None and work.cell == address
        if work is not None and there:
            self._sheet.show_work(work)
        self._sheet.setVisible(there)
        self._origin.setVisible(not there)

    def fit(self, window_height: int) -> None:
        """Take what a window of this height leaves it."""
        self._window_height = window_height
        self._fold()

    def _fold(self) -> None:
        """Take the room of the column's lower part, or as little as a hint needs."""
        line = QFontMetrics(font()).lineSpacing()
        small = QFontMetrics(font(SMALL)).lineSpacing()
        folded = 2 * line + 5 * small + 4 * SPACE
        unfolded = self._address() is not None
        self.setMinimumHeight(folded)
        most = max(UNFOLDED_LINES * line, round(UNFOLDED_SHARE * self._window_height))
        self.setMaximumHeight(most if unfolded else folded)
        self.unfolded.emit(unfolded)
        policy = self.sizePolicy()
        policy.setVerticalStretch(UNFOLDED_STRETCH if unfolded else 0)
        self.setSizePolicy(policy)

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        if self._timer.isActive() and self._sheet.isVisibleTo(self):
            self._stale = True
        elif self._address() is not None:
            self._show_work()
            self._timer.start()

    @Slot()
    def _on_timer_timeout(self) -> None:
        if self._stale and self._address() is not None:
            self._show_work()
            self._timer.start()
        self._stale = False

    def text(self) -> str:
        """All that is shown, line by line."""
        if self._reading is None:
            return self._hint.text()
        w, delta, updated = (number.text() for number in self._numbers.values())
        plus, equals = (sign.text() if sign.isVisibleTo(self) else "," for sign in self._signs)
        numbers = f"{w} {plus} {delta} {equals} {updated}"
        if self._reading.alone is not None:
            numbers = f"{self._captions[0].text()} = {w}"
        below = self._origin if self._origin.isVisibleTo(self) else self._sheet
        where = f"{self._matrix.full_text()} · {self._place.full_text()}"
        return "\n".join(filter(None, (where, numbers, self._named.text(), below.text())))

    def _settings(self) -> Settings | None:
        """Those under which the frame was made that the reading comes from."""
        frame = self._session.state.frame
        return None if frame is None else frame.settings

    def _new_page(self) -> QWidget:
        page = QWidget()
        top = QHBoxLayout()
        top.addWidget(self._matrix, 1)
        top.addWidget(self._close)
        numbers = QGridLayout()
        numbers.setHorizontalSpacing(SPACE // 2)
        numbers.setVerticalSpacing(0)
        for column, (caption, (name, number)) in enumerate(
            zip(self._captions, self._numbers.items(), strict=True)
        ):
            number.setAccessibleName(name)
            for row, part in enumerate((caption, number)):
                part.setAlignment(Qt.AlignmentFlag.AlignHCenter)
                numbers.addWidget(part, row, 2 * column)
        for column, sign in zip((1, 3), self._signs, strict=True):
            numbers.addWidget(sign, 1, column)
        numbers.setColumnStretch(5, 1)
        column_ = QVBoxLayout(page)
        column_.setContentsMargins(0, 0, 0, 0)
        column_.setSpacing(SPACE // 2)
        column_.addLayout(top)
        column_.addWidget(self._place)
        column_.addLayout(numbers)
        column_.addWidget(self._named)
        column_.addWidget(self._origin)
        column_.addWidget(self._sheet, 1)
        column_.addStretch(0)
        self._sheet.hide()
        return page

    @Slot()
    def _on_appearance_changed(self) -> None:
        self._fold()


def matrix_text(reading: CellReading) -> str:
    """Layer 2 · ΔW; of a block, whose three numbers are of three matrices, the layer alone."""
    unit, _, part = reading.layer.partition(".")
    name = block_name(unit).capitalize()
    where = f"{name} {part}" if part and part not in ADAPTERS else name
    if reading.block is not None and reading.alone is None:
        return where
    return f"{where} · {symbol(reading.layer, reading.matrix)}"


def place_text(reading: CellReading) -> str:
    """Row 17, column 5, counted from 1 as in the formulas; or 4 × 4 cells."""
    if reading.block is None:
        return f"row {reading.row + 1:,}, column {reading.column + 1:,}"
    top, bottom, left, right = reading.block
    return f"{bottom - top + 1} × {right - left + 1} cells"


def cell_values(reading: CellReading) -> dict[str, float]:
    """What to write out of a cell: symbol -> number; W, ΔW and W′ where it has all three."""
    if reading.alone is not None:
        return {symbol(reading.layer, reading.matrix): reading.alone}
    other = _other_updated(reading)
    if other is not None:
        difference = reading.updated - other
        return {"W′": reading.updated, "other W′": other, "difference": difference}
    return {"W": reading.weight, "ΔW": reading.delta, "W′": reading.updated}


def joining_sign(values: dict[str, float]) -> str:
    """Between the first two of a cell's numbers: W + ΔW, W′ − the other W′."""
    return "+" if "ΔW" in values else MINUS


def _other_updated(reading: CellReading) -> float | None:
    """W′ of the other branch, where the cell is one of the difference from it."""
    if reading.matrix != DIFFERENCE:
        return None
    found = (factor.values[0] for factor in reading.factors if factor.name == DIFFERENCE)
    apart = next(found, None)
    return None if apart is None else reading.updated - apart


def _explained(reading: CellReading, settings: Settings | None) -> str:
    if not reading.seen:
        return UNSEEN
    if reading.block is None:
        return origin_text(reading, settings)
    top, bottom, left, right = reading.block
    where = f"Rows {span(top, bottom)}, columns {span(left, right)}"
    return f"{where}: of each matrix the number of largest magnitude. {CLOSER}"


def input_text(reading: CellReading, features: tuple[str, ...]) -> str:
    """What the column of a weight on a named input is called, as a line of its own."""
    if reading.layer != FIRST_LAYER or not features or reading.block is not None:
        return ""
    return f"Input: {features[reading.column]}"
