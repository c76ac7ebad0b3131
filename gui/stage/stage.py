"""The stage: every layer of the network as W + ΔW = W′, while it trains."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from engine.protocol.messages import Frame, PartRequest
from gui.matrices.cell_reading import CellReading, read_cell
from gui.matrices.colour_scale import WEIGHT, ColourScales, is_clipped, robust_maxima
from gui.matrices.crosshair import Crosshair
from gui.matrices.linked_heatmaps import LinkedHeatmaps
from gui.matrices.overlays import CellHighlight
from gui.session import Session
from gui.stage.checks_dialog import ChecksDialog
from gui.stage.header import Header
from gui.stage.page import Page
from gui.stage.picture_choice import PictureChoice
from gui.stage.row_specs import RowSpec, make_row_specs
from gui.stage.surface import StageSurface
from gui.state.curve_buffer import CurveBuffer, row_of, rows_of
from gui.step_view.controller import StepView
from gui.step_view.phases import Phase
from gui.text.branches import difference_caption
from gui.theme import appearance
from gui.widgets.label import Label

WAITING = "The network appears as soon as the engine is ready."
TOP_MARGIN = 4
"""Pixels above the titles."""
PREFETCH_FRACTION = 0.5
"""Rows within this part of the visible height above or below it are drawn before they are visible,
while paused: a training network is sooner drawn anew."""


class Stage(StageSurface):
    """Shows the session's frames, asks the session to freeze, and reports the cell being read."""

    cell_changed = Signal(object)
    """CellReading, again on every frame while a cell is read; None: none is."""
    focus_changed = Signal(str)
    """Name of the layer that is shown alone; empty: all are shown."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stage")
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self.step_view = StepView(session, self)
        self._scales = ColourScales()
        self._crosshair = Crosshair(self)
        self.reading: CellReading | None = None
        """The cell being read, as last reported."""
        self._around = self._rearranging = False
        """Whether factors stand around ΔW; whether that is being changed."""
        self.focused = ""
        """Name of the layer that is shown alone; empty: all are shown."""
        self._highlights: tuple[str, tuple[CellHighlight, ...]] = ("", ())
        self._checks: ChecksDialog | None = None
        self._run = -1
        self._curves = CurveBuffer()
        self._step = 0
        self._choice = PictureChoice(self)
        self._header = Header(self._choice, self)
        self._scroll = self._make_scroll()
        self._replace_page(Page((), self._crosshair))
        self._waiting = Label(WAITING, self, colour="muted")
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        self._escape.setEnabled(False)
        self._connect_signals()
        self._show(session.state.frame)

    def _make_scroll(self) -> QScrollArea:
        scroll = QScrollArea(self)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setCornerWidget(QWidget())
        scroll.viewport().setAutoFillBackground(False)  # the stage behind has the page's colour
        return scroll

    def _replace_page(self, page: Page) -> None:
        old, self._page = self._scroll.takeWidget(), page
        if old is not None:
            old.deleteLater()
        self._scroll.setWidget(page)
        page.setAutoFillBackground(False)
        for block in page.blocks:
            block.name.lock_clicked.connect(self._on_lock_clicked)
            block.name.checks_requested.connect(self._on_checks_requested)
            block.name.focus_clicked.connect(self._on_focus_clicked)
        for linked in page.linked:
            linked.viewport_changed.connect(self._on_viewport_moved)
            linked.unpin_requested.connect(self._on_escape_activated)
            linked.focus_requested.connect(self._on_focus_requested)

    def _connect_signals(self) -> None:
        self._session.state.frame_changed.connect(self._on_session_frame_changed)
        self._session.state.playing_changed.connect(self._ask_for_parts)
        self.step_view.changed.connect(self._show_anew)
        self._session.state.catalogue_changed.connect(self._show_anew)
        self._session.state.catalogue_changed.connect(self._arrange)
        self._session.state.settings_changed.connect(self._show_locks)
        appearance.sizes_changed.connect(self._arrange)
        self._crosshair.changed.connect(self._update_reading)
        self._choice.changed.connect(self._on_choice_changed)
        self._scroll.horizontalScrollBar().valueChanged.connect(self._on_scroll_moved)
        self._scroll.verticalScrollBar().valueChanged.connect(self._on_viewport_moved)
        # The pointer pins without taking the keyboard's focus, so no matrix would hear the key.
        self._escape.activated.connect(self._on_escape_activated)

    def sizeHint(self) -> QSize:
        """Return the size it has in a window of 1280 × 720."""
        return QSize(820, 480)

    def focus(self, layer: str) -> None:
        """Show one layer alone, as large as it fits. Args: layer: its name; empty: show all."""
        if layer == self.focused:
            return
        focused = self.focusWidget()
        name = "" if focused is None else focused.objectName()
        self._set_focused(layer)
        self._show_anew()
        if name.startswith("focus."):  # the button that was pressed is gone with its row
            button = self._page.findChild(QWidget, name) or self._page.rows[0].name
            button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _set_focused(self, layer: str) -> None:
        self.focused = layer
        self._enable_escape()
        self.focus_changed.emit(layer)

    # ------------------------------------------------------------ frames

    def _show(self, frame: Frame | None) -> None:
        self._waiting.setVisible(frame is None)
        self._header.setVisible(frame is not None)
        if frame is None:
            return
        frame = self.step_view.displayed(frame)
        if frame.run != self._run:
            self._run = frame.run
            self._scales.reset()
            self._curves = CurveBuffer()
        # Those of later steps go: the run was rewound.
        self._curves.cut(frame.step)
        for point in (*rows_of(frame), (frame.step, row_of(frame))):
            self._curves.add(*point)
        info = self._session.state.strategy_info()
        specs = make_row_specs(
            frame.layers, () if info is None else info.focus, self.focused, around=self._around
        )
        if self.focused and not specs[0].focused:
            self._set_focused("")  # this network has no such layer
        paused = not frame.playing
        self._update_scales(specs, training=frame.playing and frame.step > self._step)
        self._step = frame.step
        rebuilt = not self._page.shows(specs)
        page = Page(specs, self._crosshair) if rebuilt else self._page
        moved = page.draw(specs, self._scales, self._curves, paused=paused or rebuilt)
        if rebuilt:
            self._replace_page(page)
        self._offer_pictures()
        self._show_pictures()
        self._show_locks()
        if rebuilt:
            self._show_highlights()
        if moved:
            self._arrange()
        self._crosshair.discard_missing(frame.layers)

    def _offer_pictures(self) -> None:
        """Offer what places can show; while a step is looked into, show what its phase is about."""
        hidden, of_step = self.step_view.hidden_factors(), None
        infos = [info for info in self._page.infos if info.name not in hidden]
        if self.step_view.shown is not None:
            taken = self.step_view.shown[2] is Phase.TAKEN
            of_step = [info.name for info in infos if info.role == "step" and not taken]
        self._choice.offer(infos, of_step)

    @Slot()
    def _show_pictures(self) -> None:
        """Show what is chosen in each place, and say so in the titles."""
        self._page.show_pictures(self._choice)
        for row in self._page.rows:
            row.hide_factors(self.step_view.hidden_factors())
        frame = self._session.state.frame
        if frame is not None:
            difference = difference_caption(frame, self._session.state.branches())
            self._header.draw(self._scales, self._page, difference)

    def _update_scales(self, specs: tuple[RowSpec, ...], *, training: bool) -> None:
        unpaired = [part for spec in specs for part in spec.adapter or ()]
        layers = [spec.layer for spec in specs]
        largest = robust_maxima(layers, unpaired, weight=self._scales[WEIGHT] == 0.0)
        self._scales.update(largest, training=training)
        self._scales.clipped = is_clipped(layers, self._scales[WEIGHT])

    @Slot()
    def _show_locks(self) -> None:
        """Show what the session has frozen: it knows before the engine has answered."""
        frame, info = self._session.state.frame, self._session.state.strategy_info()
        if frame is None:
            return
        frozen, waiting = set(self._session.state.frozen_blocks()), {}
        if frame.settings == self._session.state.settings:
            # The engine has caught up: what it does not train is frozen, whoever asked.
            waiting = {
                layer.block: layer.unfreeze_at + 1
                for layer in frame.layers
                if layer.unfreeze_at > frame.step and layer.block not in frozen
            }
            trained = {layer.block for layer in frame.layers if layer.trainable}
            frozen |= {layer.block for layer in frame.layers} - trained
        reasons = {} if info is None else dict(info.lock_reasons)
        reasons |= {block: f"it unfreezes after step {at - 1:,}" for block, at in waiting.items()}
        frozen |= reasons.keys()
        for view in self._page.blocks:
            block = view.block
            view.set_lock(block in frozen, reasons.get(block, ""), waiting.get(block, 0))

    # ------------------------------------------------------------ places

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the rows out."""
        self._arrange()

    @Slot()
    def _arrange(self) -> None:
        self._waiting.centre_on(self.width() // 2, self.height() // 2)
        top = TOP_MARGIN + self._header.natural_height()
        self._scroll.setGeometry(0, top, self.width(), max(self.height() - top, 0))
        if not self._page.rows:
            return
        self._page.arrange(self._scroll.size())
        bar = self._scroll.verticalScrollBar().sizeHint().width()
        if self._page.height() > self._scroll.height():
            self._page.arrange(self._scroll.size() - QSize(bar, 0))
        if not self._page.suits and not self._rearranging:
            self._around, self._rearranging = not self._page.around, True
            self._show_anew()
            self._rearranging = False
            return
        info = self._session.state.strategy_info()
        self._header.show_equation("" if info is None else info.equation)
        x = -self._scroll.horizontalScrollBar().value()
        self._header.setGeometry(
            x, TOP_MARGIN, max(self._page.width(), self.width()), top - TOP_MARGIN
        )
        self._header.arrange(self._page)
        self._ask_for_parts()

    def event(self, event: QEvent) -> bool:
        """Lay the rows out again on a screen with another pixel ratio."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._arrange()
        return super().event(event)

    # ------------------------------------------------------------ parts of large layers

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the visible parts, as others may have asked for theirs meanwhile."""
        super().showEvent(event)
        self._ask_for_parts()

    @Slot()
    def _ask_for_parts(self) -> None:
        """Ask for sharp pictures of what is on the screen or close to it, and of nothing else."""
        frame = self._session.state.frame
        if frame is None or self.isHidden() or all(layer.part is None for layer in frame.layers):
            return
        height, top = self._scroll.viewport().height(), self._scroll.verticalScrollBar().value()
        playing = self._session.state.playing
        more = 0 if playing else round(PREFETCH_FRACTION * height)
        # A row that is cut at an edge is seen anew in turn with those off the screen.
        visible = self._page.views(top - more, top + height + more, middles=playing)
        views = (
            visible.get(layer.name, PartRequest.hidden(layer.name))
            for layer in frame.layers
            if layer.part is not None
        )
        self._session.view_requests.set_views(tuple(views))

    # ------------------------------------------------------------ reading a cell

    @Slot()
    def _update_reading(self) -> None:
        """Mark the cell and report its numbers."""
        cell = self._crosshair.cell
        layer = None if cell is None else self._page.layer(cell.layer)
        pinned = self._crosshair.pinned is not None
        self._enable_escape()
        if cell is None or layer is None:
            reading = None
        else:
            reading = read_cell(layer, cell, pinned=pinned)
        for row in self._page.rows:
            row.set_cross(None if reading is None else cell, pinned=pinned)
        if reading != self.reading:
            self.reading = reading
            self.cell_changed.emit(reading)

    @Slot()
    def _on_escape_activated(self) -> None:
        """Unpin a pinned cell; else show the whole of large layers; else all layers again."""
        if self._crosshair.pinned is not None:
            self._crosshair.unpin()
        elif any(linked.zoomed for linked in self._page.linked):
            for linked in self._page.linked:
                linked.show_whole()
            self._update_reading()
        else:
            self.focus("")

    @Slot()
    def release(self) -> None:
        """Unpin a pinned cell."""
        self._crosshair.unpin()

    @Slot(tuple)
    def hold_pictures(self, names: tuple[str, ...]) -> None:
        """Show these in their places, whatever was chosen; and all layers, if one is elsewhere.

        Args: names: of layers, of their locks or matrices, or of other parts of the window.
        """
        self._choice.hold({name.rpartition(".")[2] for name in names})
        frame, shown = self._session.state.frame, {block.block for block in self._page.blocks}
        if self.focused and frame is not None:
            hidden = {layer.block for layer in frame.layers} - shown
            if hidden & {name.partition(".")[0] for name in names}:
                self.focus("")

    def highlight_cells(self, layer: str = "", highlights: tuple[CellHighlight, ...] = ()) -> None:
        """Ring cells of a layer's ΔW permanently, which unpins a pinned cell."""
        if highlights and (layer, highlights) != self._highlights:
            self.release()
        self._highlights = layer, highlights
        self._show_highlights()

    def _show_highlights(self) -> None:
        layer, highlights = self._highlights
        for row in self._page.rows:
            row.set_highlights(highlights if row.layer == layer else ())

    # ------------------------------------------------------------ handlers

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        if not self.step_view.active:  # else it says when there is something to show
            self._show(frame)

    @Slot()
    def _show_anew(self) -> None:
        self._show(self._session.state.frame)

    @Slot()
    def _on_choice_changed(self) -> None:
        self._show_pictures()
        pinned = self._crosshair.pinned
        layer = None if pinned is None else self._page.layer(pinned.layer)
        if layer is not None:
            self._crosshair.follow(self._choice.stand_ins(layer))

    @Slot(str)
    def _on_focus_clicked(self, layer: str) -> None:
        self.focus("" if self.focused else layer)

    @Slot()
    def _on_focus_requested(self) -> None:
        linked = self.sender()
        assert isinstance(linked, LinkedHeatmaps)
        self.focus("" if self.focused else linked.layer)

    @Slot(str, bool)
    def _on_lock_clicked(self, block: str, frozen: bool) -> None:
        self._session.editor.freeze(block, frozen)
        self._show_locks()  # where the session refused, the lock springs back

    @Slot()
    def _on_checks_requested(self) -> None:
        if self._checks is None:
            self._checks = ChecksDialog(self._session, self)
        self._checks.show()
        self._checks.activateWindow()

    @Slot(int)
    def _on_scroll_moved(self, _value: int) -> None:
        self._header.move(-self._scroll.horizontalScrollBar().value(), self._header.y())

    @Slot()
    def _on_viewport_moved(self) -> None:
        self._ask_for_parts()
        self._enable_escape()

    def _enable_escape(self) -> None:
        zoomed = any(linked.zoomed for linked in self._page.linked)
        pinned = self._crosshair.pinned is not None
        self._escape.setEnabled(zoomed or pinned or bool(self.focused))
