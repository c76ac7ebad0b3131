"""One cell's numbers, written out as the equation that they satisfy."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from engine.protocol.settings import Settings
from gui.controls.change_text import unit_name
from gui.controls.numbers import MINUS, signed
from gui.controls.text import ElidedText, Text
from gui.origin import origin_text
from gui.session import Session
from gui.stage.cell import CellReading
from gui.stage.words import NONE, span
from gui.theme import SPACE, font, icon, look

HINT = "Point at a cell to read it; click to keep it."
UNSEEN = "Not in the part of the layer that is seen: an arrow key or “show all” leads back to it."
CLOSER = "Turn the wheel to see single cells."
SMALL = 0.85
FIRST_LAYER = "layer1"
"""Its columns are the network's inputs."""
WIDEST = f"{MINUS}0.0000"
PIN_SIZE = 14


class Inspector(QWidget):
    """W + ΔW = W′ for one cell, and where its ΔW comes from; as high with no cell to show."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._reading: CellReading | None = None
        self.setObjectName("inspector")
        self._hint = Text(HINT, colour="muted", wrap=True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._place = ElidedText(bold=True)
        self._pin = QLabel()
        self._pin.setToolTip("Kept: click the cell again, or Escape, to let go")
        self._numbers = {name: Text(widest=WIDEST) for name in ("W", "ΔW", "W′")}
        self._signs = (Text("+", colour="muted"), Text("=", colour="muted"))
        self._origin = Text(scale=SMALL, colour="muted", wrap=True)
        self._origin.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        around = QVBoxLayout(self)
        around.setContentsMargins(2 * SPACE, SPACE + 4, 2 * SPACE, SPACE)
        self._pages = QStackedLayout()
        around.addLayout(self._pages)
        self._pages.addWidget(self._hint)
        self._pages.addWidget(self._new_page())
        look.changed.connect(self._on_look_changed)
        self._on_look_changed()

    @Slot(object)
    def show_reading(self, reading: CellReading | None) -> None:
        """Write out a cell; None: the pointer is on none."""
        self._reading = reading
        self._pages.setCurrentIndex(0 if reading is None else 1)
        if reading is None:
            return
        self._place.show_text(place_text(reading))
        self._pin.setVisible(reading.pinned)
        for name, value in zip(
            self._numbers, (reading.weight, reading.delta, reading.updated), strict=True
        ):
            self._numbers[name].show_text(signed(value) if reading.seen else NONE)
        for sign in self._signs:
            sign.setVisible(reading.block is None)  # numbers of different cells do not add up
        task = self._session.task_info()
        named = input_text(reading, () if task is None else task.features)
        self._origin.show_text(named + _explained(reading, self._settings()))

    def text(self) -> str:
        """All that is shown, line by line."""
        if self._reading is None:
            return self._hint.text()
        w, delta, updated = (number.text() for number in self._numbers.values())
        plus, equals = (sign.text() if sign.isVisibleTo(self) else "," for sign in self._signs)
        numbers = f"{w} {plus} {delta} {equals} {updated}"
        return "\n".join((self._place.whole_text(), numbers, self._origin.text()))

    def _settings(self) -> Settings | None:
        """Those under which the frame was made that the reading comes from."""
        frame = self._session.frame
        return None if frame is None else frame.settings

    def _new_page(self) -> QWidget:
        page = QWidget()
        top = QHBoxLayout()
        top.addWidget(self._place, 1)
        top.addWidget(self._pin)
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE // 2)
        grid.setVerticalSpacing(0)
        grid.addLayout(top, 0, 0, 1, 6)
        grid.setRowMinimumHeight(1, SPACE // 2)
        for column, (name, number) in enumerate(self._numbers.items()):
            number.setAccessibleName(name)
            caption = Text(name, scale=SMALL, colour="muted")
            for row, part in ((2, caption), (3, number)):
                part.setAlignment(Qt.AlignmentFlag.AlignHCenter)
                grid.addWidget(part, row, 2 * column)
        for column, sign in zip((1, 3), self._signs, strict=True):
            grid.addWidget(sign, 3, column)
        grid.setColumnStretch(5, 1)
        grid.setRowMinimumHeight(4, SPACE // 2)
        grid.addWidget(self._origin, 5, 0, 1, 6)
        grid.setRowStretch(5, 1)
        return page

    @Slot()
    def _on_look_changed(self) -> None:
        self._pin.setPixmap(icon("pin").pixmap(QSize(PIN_SIZE, PIN_SIZE), self.devicePixelRatioF()))
        line = QFontMetrics(font()).lineSpacing()
        small = QFontMetrics(font(SMALL)).lineSpacing()
        self.setFixedHeight(2 * line + 4 * small + 4 * SPACE)


def place_text(reading: CellReading) -> str:
    """Layer 2 · row 17, column 5, counted from 1 as in the formulas; or Layer 2 · 4 × 4 cells."""
    unit, _, part = reading.layer.partition(".")
    name = unit_name(unit).capitalize()
    where = f"{name} {part}" if part else name
    if reading.block is None:
        return f"{where} · row {reading.row + 1}, column {reading.column + 1}"
    top, bottom, left, right = reading.block
    return f"{where} · {bottom - top + 1} × {right - left + 1} cells"


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
    return f"Input: {features[reading.column]}\n"
