"""The page that takes the stage's place: the network with W and with W′, side by side."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from engine.protocol.messages import Catalogue, Frame, NetworkActivations, ViewRequest
from gui.matrices.colour_scale import ColourScales, maxima, robust_maximum
from gui.network_page.canvas import ACTIVATION, NetworkCanvas
from gui.network_page.input_side import InputSide
from gui.network_page.outcome import Outcome
from gui.network_page.plan import NetworkLayout
from gui.network_page.stations import stations
from gui.network_page.words import WAITING, before_words, given_words
from gui.sample.words import OTHER_CLASSES
from gui.session import Session
from gui.theme import SPACE, look
from gui.widgets.label import ElidedLabel, Label

GAP = 2 * SPACE
SIDE_SHARE = 0.23
LEAST_SIDE, MOST_SIDE = 192, 336
EQUATION, NOW = "W + ΔW = W′", "Now, with W′"
MOST = 0.95
"""Of x and all activations are drawn within their scale; a few are larger by far, and would leave
all others pale."""
LONGEST_PAUSE = 0.5
"""In seconds: after a longer one the scales go on as if it had been this long."""


class NetworkPage(QWidget):
    """x at the left; then the network before, the equations, and the network now."""

    left = Signal()
    """Back to the stage."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._scales = ColourScales()
        self._run = -1
        self._drawn_at = time.monotonic()
        self._reading: tuple[str, int] | None = None
        self._before = ""
        self.setObjectName("networkPage")
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.side, self.canvas, self.outcome = InputSide(session), NetworkCanvas(), Outcome()
        self._titles = (
            ElidedLabel(bold=True), ElidedLabel(EQUATION, bold=True, colour="muted"),
            ElidedLabel(NOW, bold=True, colour="target"),
        )  # fmt: skip
        self._hint = Label(WAITING, colour="muted", wrap=True)
        self._head, self._area = QWidget(), QScrollArea()
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        for title in self._titles:
            title.setParent(self._head)
            title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self.canvas)
        for surface in (self._area.viewport(), self.canvas):
            surface.setAutoFillBackground(False)  # the page shows through
        networks = QVBoxLayout()
        networks.setSpacing(0)
        networks.addWidget(self._head)
        networks.addWidget(self._area, 1)
        networks.addWidget(self.outcome)
        both = QWidget()
        row = self._row = QHBoxLayout(both)
        row.setSpacing(0)
        row.addWidget(self.side)
        row.addLayout(networks, 1)
        self._pages = QStackedLayout(self)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages.addWidget(self._hint)
        self._pages.addWidget(both)

    def _connect(self) -> None:
        session = self._session
        self.side.left.connect(self.left)
        self.canvas.pointed.connect(self._on_canvas_pointed)
        self.canvas.left.connect(self._on_canvas_left)
        self.canvas.released.connect(self._on_canvas_released)
        for bar in (self._area.verticalScrollBar(), self._area.horizontalScrollBar()):
            bar.valueChanged.connect(self._on_scroll_moved)
        session.frame_changed.connect(self._on_session_frame_changed)
        session.catalogue_changed.connect(self._on_session_catalogue_changed)
        look.changed.connect(self._on_look_changed)

    @property
    def flow(self) -> NetworkActivations | None:
        """The way that is shown."""
        frame = self._session.frame
        return None if frame is None else frame.activations

    def text(self) -> str:
        """Why there is nothing to be seen; empty: there is."""
        return "" if self._pages.currentIndex() else self._hint.text()

    # ------------------------------------------------------------ frames

    def draw(self, frame: Frame) -> None:
        """Show a frame; where it does not bring the sample's way yet, say that it will come."""
        sample, flow = frame.sample, frame.activations
        if sample is None or flow is None:
            self._hint.show_text(OTHER_CLASSES if sample is None and frame.run > 0 else WAITING)
            self._pages.setCurrentIndex(0)
            return
        if frame.run != self._run:
            self._run = frame.run
            self._scales.restart()
        self._follow_scales(frame, flow)
        found = stations(frame, flow)
        first = self.canvas.plan is None
        self.canvas.draw(found, self._scales, given_words(self._session.task_info(), flow))
        if self._before != before_words(frame):
            self._before = before_words(frame)
            self._place()
        self.outcome.draw(sample)
        self.side.draw(frame, sample, flow, self._scales)
        self._mark()
        if self._pages.currentIndex() == 0 or first:
            self._pages.setCurrentIndex(1)
            self._place()
        self._ask_for_parts(frame)

    def _follow_scales(self, frame: Frame, flow: NetworkActivations) -> None:
        now = time.monotonic()
        seconds = min(now - self._drawn_at, LONGEST_PAUSE)
        self._drawn_at = now
        adapters = [layer for layer in frame.layers if layer.block.startswith("adapter")]
        others = [layer for layer in frame.layers if layer not in adapters]
        numbers = [flow.x]
        for layer in flow.layers:
            numbers += [layer.after] if layer.before is None else [layer.before, layer.after]
        found = {**maxima(others, adapters), ACTIVATION: robust_maximum(numbers, part=MOST)}
        self._scales.follow(found, seconds, still=not frame.playing)

    def _ask_for_parts(self, frame: Frame) -> None:
        """Have small pictures of the large layers that are seen, and of no others."""
        large = {layer.name: layer.shape for layer in frame.layers if layer.part is not None}
        plan = self.canvas.plan
        if not large or plan is None or not self.isVisible():
            return
        area = self._area.viewport().rect()
        top = self._area.verticalScrollBar().value()
        seen = {
            factor.layer
            for place in self.canvas.places
            for factor in place.station.factors
            if place.top > top and place.top - plan.arrow < top + area.height()
        }
        views = (
            ViewRequest(name, 0, 0, *shape, plan.thumb)
            if name in seen
            else ViewRequest(name, 0, 0, 1, 1, 1)
            for name, shape in large.items()
        )
        self._session.view(tuple(views))

    # ------------------------------------------------------------ places

    def _place(self) -> None:
        """Share the room out."""
        width, height = self.width() - GAP - SPACE, self.height() - SPACE
        scale = max(1.0, look.text_scale)
        side = min(max(round(width * SIDE_SHARE), round(LEAST_SIDE * scale)), MOST_SIDE)
        side = max(min(side, width // 3) // 8 * 8, self.side.least_width())
        self.side.fit(side, height)
        line = self._titles[0].fontMetrics().height()
        self._head.setFixedHeight(line + SPACE // 2)
        outcome = self.outcome.height_for(height)
        room = height - line - SPACE // 2 - outcome
        free = width - side
        self.canvas.arrange(free, room)
        if self.canvas.height() > room:
            bar = self._area.verticalScrollBar().sizeHint().width()
            self.canvas.arrange(free - bar, room)
        spare = max(free - self.canvas.width(), 0) if self.canvas.height() <= room else 0
        self._row.setContentsMargins(GAP + spare // 2, SPACE, SPACE + spare - spare // 2, 0)
        self._place_around(self.canvas.plan, outcome)

    def _place_around(self, plan: NetworkLayout | None, outcome: int) -> None:
        """Titles over the networks and bars below them, wherever these are scrolled to."""
        if plan is None:
            return
        left = -self._area.horizontalScrollBar().value()
        line = self._titles[0].fontMetrics().height()
        spans = (
            (left, plan.column), (left + plan.column, plan.middle),
            (left + plan.column + plan.middle, plan.column),
        )  # fmt: skip
        words = self._before, EQUATION, NOW
        for title, (x, width), text in zip(self._titles, spans, words, strict=True):
            fits = title.fontMetrics().horizontalAdvance(text) + 2 <= width
            title.show_text(text if fits else text.partition(",")[0])
            title.setGeometry(x, 0, width, line)
        self.outcome.arrange(plan, left, outcome)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook."""
        super().resizeEvent(event)
        self._place()

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's hook: from now on the way is worth following."""
        super().showEvent(event)
        self._session.look(activations=True)
        if self._session.frame is not None:
            self.draw(self._session.frame)

    def hideEvent(self, event: QHideEvent) -> None:
        """Qt's hook: nobody looks."""
        super().hideEvent(event)
        self._session.look(activations=False)

    # ------------------------------------------------------------ reading a number

    def _mark(self) -> None:
        name, unit = self._reading or ("", None)
        self.canvas.mark(name, unit)

    def _point(self, reading: tuple[str, int] | None) -> None:
        self._reading = reading
        self._mark()
        self.side.point(reading, self.flow)

    @Slot(str, int)
    def _on_canvas_pointed(self, name: str, unit: int) -> None:
        self._point((name, unit))

    @Slot()
    def _on_canvas_left(self) -> None:
        self._point(None)

    @Slot()
    def _on_canvas_released(self) -> None:
        """Escape lets go of a number first."""
        if self._reading is None:
            self.left.emit()
        self._point(None)

    # ------------------------------------------------------------ handlers

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        if self.isVisible():
            self.draw(frame)

    @Slot(object)
    def _on_session_catalogue_changed(self, _catalogue: Catalogue) -> None:
        if self.isVisible() and self._session.frame is not None:
            self.draw(self._session.frame)

    @Slot(int)
    def _on_scroll_moved(self, _value: int) -> None:
        self._place_around(self.canvas.plan, self.outcome.height())
        if self._session.frame is not None:
            self._ask_for_parts(self._session.frame)

    @Slot()
    def _on_look_changed(self) -> None:
        self._place()
