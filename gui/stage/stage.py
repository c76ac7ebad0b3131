"""The stage: every layer of the network as W + ΔW = W′, while it trains."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from engine.protocol.messages import Catalogue, Frame, ViewRequest
from engine.protocol.settings import Settings
from gui.matrices.cell_highlight import CellHighlight
from gui.matrices.cell_reading import CellReading, read
from gui.matrices.colour_scale import ColourScales, maxima
from gui.matrices.crosshair import CellPosition, Crosshair
from gui.session import Session
from gui.stage.checks_dialog import ChecksDialog
from gui.stage.header import Header
from gui.stage.locks import Locks
from gui.stage.page import Page
from gui.stage.row_specs import RowSpec, lines
from gui.stage.sparkline_data import earlier
from gui.stage.text import PlainLabel
from gui.step_view.controller import StepView
from gui.theme import SPACE, look
from gui.timeline.words import against_text

WAITING = "The network appears as soon as the engine is ready."
ROOMY = 600
"""From this height on, in pixels, the titles have more air."""
AIR_ABOVE = SPACE * 3 // 2
AHEAD = 0.5
"""Of the visible height: rows so close above or below it are drawn before they come into sight."""
LONGEST_PAUSE = 0.5
"""In seconds: after a longer one the scales go on as if it had been this long."""


class Stage(QWidget):
    """Shows the session's frames; asks the session to freeze; says which cell is being read."""

    cell_changed = Signal(object)
    """CellReading, again on every frame while a cell is read; None: none is."""
    least_height_changed = Signal()
    """Before a room: it scrolls below another height than it did."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stage")
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self.microscope = StepView(session, self)
        self._scales = ColourScales()
        self._crosshair = Crosshair()
        self._reading: CellReading | None = None
        self._lines: tuple[RowSpec, ...] = ()
        self._shapes: list[tuple[object, ...]] = []
        self._rings: tuple[str, tuple[CellHighlight, ...]] = ("", ())
        self._locks = Locks()
        self._checks: ChecksDialog | None = None
        self._run = -1
        self._least_height = 0
        self._drawn_at = time.monotonic()
        self._header = Header(self)
        self._page = Page()
        self._scroll = self._make_scroll()
        self._waiting = PlainLabel(WAITING, self, role="muted")
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        self._escape.setEnabled(False)
        self._listen()
        self._show(session.frame)

    def _make_scroll(self) -> QScrollArea:
        scroll = QScrollArea(self)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self._page)
        scroll.setCornerWidget(QWidget())
        for surface in (scroll.viewport(), self._page):
            surface.setAutoFillBackground(False)  # the stage behind them has the page's colour
        return scroll

    def _listen(self) -> None:
        self._session.frame_changed.connect(self._on_session_frame_changed)
        self.microscope.changed.connect(self._on_microscope_changed)
        self._session.catalogue_changed.connect(self._on_session_catalogue_changed)
        self._session.settings_changed.connect(self._on_session_settings_changed)
        look.changed.connect(self._on_look_changed)
        self._header.pin_toggled.connect(self._on_pin_toggled)
        self._scroll.horizontalScrollBar().valueChanged.connect(self._on_scroll_moved)
        self._scroll.verticalScrollBar().valueChanged.connect(self._on_part_wanted)
        self._page.lens_changed.connect(self._on_part_wanted)
        self._page.freeze_asked.connect(self._on_page_freeze_asked)
        # The pointer pins without taking the keyboard's focus, so no matrix would hear the key.
        self._escape.activated.connect(self._on_escape_activated)
        self._page.hovered.connect(self._on_cell_hovered)
        self._page.moved.connect(self._on_cell_moved)
        self._page.pressed.connect(self._on_cell_pressed)
        self._page.left.connect(self._on_cell_left)
        self._page.released.connect(self._on_escape_activated)
        self._page.proofs_wanted.connect(self._on_page_proofs_wanted)

    @property
    def reading(self) -> CellReading | None:
        """The cell being read, as last said."""
        return self._reading

    @property
    def least_height(self) -> int:
        """Pixels below which it scrolls, as last worked out before a room."""
        return self._least_height

    def sizeHint(self) -> QSize:
        """What a window of 1280 × 720 has for it."""
        return QSize(820, 480)

    # ------------------------------------------------------------ frames

    def _show(self, frame: Frame | None) -> None:
        self._waiting.setVisible(frame is None)
        self._header.setVisible(frame is not None)
        if frame is None:
            return
        frame = self.microscope.seen(frame)
        if frame.run != self._run:
            self._run = frame.run
            self._scales.restart()
            self._page.restart()
        info = self._session.strategy_info()
        against = against_text(frame, self._session.branches())
        found = lines(frame.layers, () if info is None else info.focus, against)
        still = not frame.playing
        self._follow_scales(found, still=still)
        rebuilt = self._page.draw(found, self._scales, frame.step, earlier(frame), still=still)
        shapes = [line.shapes for line in found]
        moved = rebuilt or shapes != self._shapes
        self._lines, self._shapes = found, shapes
        self._header.draw(self._scales)
        self._show_locks(always=rebuilt)
        if rebuilt:
            self._page.set_rings(*self._rings)
        if moved:
            self._place()
        self._page.hide_maps(self.microscope.hidden())
        self._crosshair.keep_to(frame.layers)
        self._read()

    def _follow_scales(self, found: tuple[RowSpec, ...], *, still: bool) -> None:
        now = time.monotonic()
        seconds = min(now - self._drawn_at, LONGEST_PAUSE)
        self._drawn_at = now
        unpaired = [part for line in found for part in line.adapter or ()]
        self._scales.follow(maxima((line.layer for line in found), unpaired), seconds, still=still)

    def _show_locks(self, *, always: bool = True) -> None:
        """What is frozen by the session's word: it knows before the engine has answered.

        Args: always: else only where something changed.
        """
        info = self._session.strategy_info()
        chosen, waiting = frozenset(self._session.frozen_blocks()), {}
        frame = self._session.frame
        if frame is not None and frame.settings == self._session.settings:
            # The engine has caught up: what it does not train is frozen, whoever asked.
            waiting = {
                layer.block: layer.unfreeze_at + 1
                for layer in frame.layers
                if layer.unfreeze_at > frame.step and layer.block not in chosen
            }
            trained = {layer.block for layer in frame.layers if layer.trainable}
            chosen |= {layer.block for layer in frame.layers} - trained
        locks = Locks(chosen, {} if info is None else info.locked, waiting)
        if always or locks != self._locks:
            self._locks = locks
            self._page.set_locks(locks)

    # ------------------------------------------------------------ places

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the cells anew."""
        self._place()

    def _place(self) -> None:
        self._waiting.centre_on(self.width() // 2, self.height() // 2)
        air = AIR_ABOVE if self.height() >= ROOMY else SPACE // 2
        top = air + self._header.natural_height()
        self._scroll.setGeometry(0, top, self.width(), max(self.height() - top, 0))
        if not self._lines:
            return
        plan = self._page.arrange(self.width(), self._scroll.height())
        bar = self._scroll.verticalScrollBar().sizeHint().width()
        if plan.height > self._scroll.height():
            plan = self._page.arrange(self.width() - bar, self._scroll.height())
        info = self._session.strategy_info()
        fresh = all(line.layer.randomly_initialised for line in self._lines)
        self._header.say("" if info is None else info.equation, all_fresh=fresh)
        x = -self._scroll.horizontalScrollBar().value()
        self._header.setGeometry(x, air, max(plan.width, self.width()), top - air)
        self._header.arrange(plan)
        self._ask_for_parts()
        if look.projecting:
            least = AIR_ABOVE + self._header.natural_height() + self._page.least_height()
            if least != self._least_height:
                self._least_height = least
                self.least_height_changed.emit()

    def event(self, event: QEvent) -> bool:
        """Choose the cells anew on a screen with smaller or larger pixels."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._place()
        return super().event(event)

    # ------------------------------------------------------------ parts of large layers

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's hook: meanwhile others may have asked for what they show."""
        super().showEvent(event)
        self._ask_for_parts()

    def _ask_for_parts(self) -> None:
        """Have sharp pictures of what is on the screen or close to it, and of nothing else."""
        frame = self._session.frame
        if frame is None or self.isHidden() or all(layer.part is None for layer in frame.layers):
            return
        height = self._scroll.viewport().height()
        top = self._scroll.verticalScrollBar().value() - round(AHEAD * height)
        wanted = self._page.views(top, top + round((1 + 2 * AHEAD) * height))
        views = (
            wanted.get(layer.name, ViewRequest(layer.name, 0, 0, 1, 1, 1))
            for layer in frame.layers
            if layer.part is not None
        )
        self._session.view(tuple(views))

    # ------------------------------------------------------------ reading a cell

    def _read(self) -> None:
        """Mark the cell and say what it holds."""
        cell = self._crosshair.cell
        layer = None if cell is None else self._page.layer(cell.layer)
        pinned = self._crosshair.pinned is not None
        self._escape.setEnabled(pinned or self._page.zoomed)
        if cell is None or layer is None:
            reading = None
        else:
            reading = read(layer, cell, pinned=pinned)
        self._page.set_cross(None if reading is None else cell, pinned=pinned)
        if reading != self._reading:
            self._reading = reading
            self.cell_changed.emit(reading)

    @Slot(object)
    def _on_cell_hovered(self, cell: CellPosition) -> None:
        self._crosshair.hover(cell)
        self._read()

    @Slot(object)
    def _on_cell_moved(self, cell: CellPosition) -> None:
        self._crosshair.move(cell)
        self._read()

    @Slot(object)
    def _on_cell_pressed(self, cell: CellPosition) -> None:
        self._crosshair.press(cell)
        self._read()

    @Slot()
    def _on_cell_left(self) -> None:
        self._crosshair.leave()
        self._read()

    @Slot()
    def _on_escape_activated(self) -> None:
        """First lets go of a pinned cell, then leads back to the overview."""
        if self._crosshair.pinned is not None:
            self._crosshair.release()
        else:
            self._page.show_whole()
        self._read()

    @Slot()
    def release(self) -> None:
        """Let go of a pinned cell."""
        self._crosshair.release()
        self._read()

    def ring(self, layer: str = "", rings: tuple[CellHighlight, ...] = ()) -> None:
        """Ring cells of a layer's ΔW until told otherwise, which lets go of a pinned cell."""
        if rings and (layer, rings) != self._rings:
            self.release()
        self._rings = layer, rings
        self._page.set_rings(layer, rings)

    # ------------------------------------------------------------ handlers

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        if not self.microscope.on:  # else it says when there is something to show
            self._show(frame)

    @Slot()
    def _on_microscope_changed(self) -> None:
        self._show(self._session.frame)

    @Slot(object)
    def _on_session_catalogue_changed(self, _catalogue: Catalogue) -> None:
        self._show(self._session.frame)
        self._show_locks()
        self._place()

    @Slot(object, object)
    def _on_session_settings_changed(self, old: Settings, new: Settings) -> None:
        self._show_locks()

    @Slot(str, bool)
    def _on_page_freeze_asked(self, unit: str, frozen: bool) -> None:
        self._session.freeze(unit, frozen)
        self._show_locks()  # where the session refused, the lock springs back

    @Slot()
    def _on_page_proofs_wanted(self) -> None:
        if self._checks is None:
            self._checks = ChecksDialog(self._session, self)
        self._checks.show()
        self._checks.activateWindow()

    @Slot(bool)
    def _on_pin_toggled(self, pinned: bool) -> None:
        self._scales.pinned = pinned

    @Slot(int)
    def _on_scroll_moved(self, _value: int) -> None:
        self._header.move(-self._scroll.horizontalScrollBar().value(), self._header.y())

    @Slot()
    def _on_part_wanted(self) -> None:
        self._ask_for_parts()
        self._escape.setEnabled(self._crosshair.pinned is not None or self._page.zoomed)

    @Slot()
    def _on_look_changed(self) -> None:
        self._header.restyle()
        self._waiting.restyle()
        self._page.restyle()
        self._place()
