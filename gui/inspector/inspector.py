"""Inspector: where the number of a pinned cell comes from, on a card that floats over the stage."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import (
    QEvent,
    QObject,
    QPoint,
    QRect,
    QRegularExpression,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import CellAddress, Frame
from gui.inspector.explanation import explain_reading
from gui.inspector.numbers import CellNumbers
from gui.inspector.sheet import DerivationSheet
from gui.matrices.cell_reading import CellReading, cell_matrix_text, cell_position_text, exact_value
from gui.session import Session
from gui.text.plain_numbers import plain_number
from gui.theme import SPACE, appearance
from gui.widgets.box import hbox, vbox
from gui.widgets.button import IconButton
from gui.widgets.copying import Copy
from gui.widgets.frame_throttle import NUMBER_MILLISECONDS, FrameThrottle
from gui.widgets.label import Label
from gui.widgets.selectable_label import SelectableLabel

WIDTH = 400
"""Pixels at the ordinary text size."""
MAX_WIDTH_SHARE = 0.48
"""Largest share of the page's width: the pinned cell stays visible beside it."""
MIN_HEIGHT = 160
"""Pixels."""


class Inspector(QWidget):
    """Shown while a cell is pinned, beside its matrix; it can be dragged elsewhere.

    Args: page: what it floats over.  window: holds the page; the rings of a lesson stay below it.
    """

    released = Signal()
    """The user unpins the cell."""

    def __init__(self, session: Session, page: QWidget, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._page = session, page
        self._reading: CellReading | None = None
        self._grip: QPoint | None = None
        """Where the pointer holds it, while it is dragged."""
        self.setObjectName("inspector")
        self.setProperty("role", "floating")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._where = Label(bold=True, wrap=True)
        self._close = IconButton("x", "Unpin", object_name="cellClose", size=24, frame=False)
        self._close.set_name("Unpin the cell", "Unpin the cell (Escape)")
        self._numbers = CellNumbers()
        self._explanation = SelectableLabel(colour="muted", wrap=True)
        self._sheet = DerivationSheet()
        self._throttle = FrameThrottle(self, NUMBER_MILLISECONDS)
        head = hbox((self._where, 1), self._close, spacing=SPACE // 2)
        parts = head, self._numbers, self._explanation, (self._sheet, 1)
        margins = 2 * SPACE, SPACE, SPACE, SPACE
        self._column = vbox(*parts, on=self, spacing=SPACE // 2, margins=margins)
        self._sheet.hide()
        self.hide()
        self._throttle.due.connect(self._show_derivation)
        self._close.clicked.connect(self.released)
        page.installEventFilter(self)
        session.state.frame_changed.connect(self._on_session_frame_changed)
        appearance.sizes_changed.connect(self._place)

    @Slot(object)
    def show_reading(self, reading: CellReading | None) -> None:
        """Show a pinned cell, and have coming frames derive it; hide for any other."""
        before = self._address()
        self._reading = reading
        address = self._address()
        if reading is not None and address is not None:
            self._where.show_text(f"{cell_matrix_text(reading)} · {cell_position_text(reading)}")
            self._numbers.show_reading(reading)
            self._explanation.show_text(explain_reading(reading, self._session.state))
        if address != before:
            self._session.view_requests.set_options(cell=address)
            self._show_derivation()
            self.setVisible(address is not None)
            self._place()

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
        if derivation is not None and derivation.cell == address:
            self._sheet.show_derivation(derivation)
            arrived = self._sheet.isHidden()
            self._sheet.show()
            self._explanation.hide()
            if arrived:
                self._place()
        else:
            self._sheet.hide()
            self._explanation.show()

    # ------------------------------------------------------------ its place

    @Slot()
    def _place(self) -> None:
        """Stand below the matrices if there is room, else on the side away from the cell's own."""
        if self.isHidden() or self._reading is None:
            return
        area, scale = self._area(), appearance.layout_scale
        width = min(round(WIDTH * scale), round(MAX_WIDTH_SHARE * area.width()))
        margins = self._column.contentsMargins()
        equation = self._numbers.minimumSizeHint().width() + margins.left() + margins.right()
        width = min(max(width, equation), area.width())  # an equation is read as a whole
        free = self._below_the_matrices()
        if free.height() < self._height_at(width) and free.height() >= self._height_at(
            area.width()
        ):
            width = area.width()  # in fewer lines it leaves all matrices to be seen
        height = self._height_at(width)
        reading = self._reading
        heatmap = self._page.findChild(QWidget, f"heatmap.{reading.layer}.{reading.matrix}")
        middle = area.center()
        if heatmap is not None:
            middle = heatmap.mapTo(self.window(), heatmap.rect().center())
        is_left = middle.x() < area.center().x()
        x = area.right() + 1 - width if is_left else area.left()
        y = min(max(middle.y() - height // 2, area.top()), area.bottom() + 1 - height)
        if free.height() >= height:
            y = free.top()
        self.setGeometry(x, y, width, height)
        self.raise_()

    def _below_the_matrices(self) -> QRect:
        """Return what the stage has free below its matrices, in the window."""
        stage = self._page.findChild(QWidget, "stage")
        if stage is None or not stage.isVisible():
            return QRect()
        heatmaps = stage.findChildren(QWidget, QRegularExpression(r"^heatmap\."))
        edges = [it.mapTo(stage, it.rect().bottomLeft()).y() for it in heatmaps if it.isVisible()]
        top = max(edges, default=0) + 1 + SPACE
        corner = stage.mapTo(self.window(), QPoint(0, top))
        return QRect(corner, QSize(stage.width(), stage.height() - top - SPACE))

    def _area(self) -> QRect:
        """Return where it may stand, in the window."""
        corner = self._page.mapTo(self.window(), QPoint(0, 0))
        return QRect(corner, self._page.size()).adjusted(SPACE, SPACE, -SPACE, -SPACE)

    def _height_at(self, width: int) -> int:
        """Take a width, and return the height to have with it, in pixels."""
        self.setFixedWidth(width)
        self._column.activate()
        return min(max(self._natural_height(width), MIN_HEIGHT), self._area().height())

    def _natural_height(self, width: int) -> int:
        """Return the height in which nothing scrolls, in pixels."""
        margins, sheet = self._column.contentsMargins(), self._sheet
        if sheet.isHidden():
            return self._column.heightForWidth(width)
        above = self._column.heightForWidth(width) - max(sheet.sizeHint().height(), 0)
        inside = width - margins.left() - margins.right()
        return above + sheet.natural_height(inside)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's hook: stay within the page when its size changes."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's hook: take hold of it."""
        self._grip = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt's hook: move it, within the page."""
        if self._grip is not None:
            to = self.mapToParent(event.position().toPoint()) - self._grip
            area = self._area()
            most = area.bottomRight() - self.rect().bottomRight()
            x, y = max(to.x(), area.left()), max(to.y(), area.top())
            self.move(min(x, most.x()), min(y, most.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt's hook: let go of it."""
        self._grip = None

    @Slot(object)
    def _on_session_frame_changed(self, _frame: Frame) -> None:
        if self.isHidden():
            return
        if self._sheet.isVisibleTo(self):
            self._throttle.request()
        else:
            self._throttle.draw_now()

    def copies(self, _at: QPoint | None) -> tuple[Copy, ...]:
        """Return what can be copied: the arithmetic with every term, and the exact value."""
        value = None if self._reading is None else exact_value(self._reading)
        arithmetic = Copy("Copy the arithmetic", self._arithmetic)
        if value is None:
            return (arithmetic,)
        return arithmetic, Copy("Copy the value", partial(plain_number, value))

    def _arithmetic(self) -> str:
        derived = self._explanation.isHidden()
        below = self._sheet.text(whole=True) if derived else self._explanation.text()
        parts = self._where.text(), self._numbers.equation(), self._numbers.text(), below
        return "\n".join(filter(None, parts)).replace("\u00a0", " ")

    def text(self) -> str:
        """Return all that is shown, line by line; empty while no cell is pinned."""
        if self.isHidden():
            return ""
        below = self._sheet if self._explanation.isHidden() else self._explanation
        return "\n".join(filter(None, (self._where.text(), self._numbers.text(), below.text())))
