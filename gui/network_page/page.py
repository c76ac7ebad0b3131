"""Page in place of the stage: the network with W and with W′, side by side, and what they say."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QStackedLayout, QWidget

from engine.protocol.messages import Frame, NetworkActivations, PartRequest, SampleFrame, TaskInfo
from gui.matrices.colour_scale import ColourScales, robust_maxima, robust_maximum
from gui.network_page.canvas import ACTIVATION, NetworkCanvas
from gui.network_page.input_side import InputSide
from gui.network_page.layout import MIN_WIDTH, NetworkLayout
from gui.network_page.stations import stations
from gui.sample.class_bars import ClassBars
from gui.sample.words import OTHER_CLASSES, verdict
from gui.session import Session
from gui.text.layers import RANDOM_START
from gui.theme import LARGE, SPACE, appearance
from gui.widgets.box import hbox, stand_in, vbox
from gui.widgets.label import ElidedLabel, Label
from gui.widgets.surface import SCROLL_BAR_WIDTH, ScrollArea

GAP = 2 * SPACE
SIDE_SHARE = 0.23  # of the page's width
SHARE_ABOVE = 0.36  # of its height, where the page is too narrow for the sample at the left
MIN_SIDE, MAX_SIDE = 192, 336  # width of the left side, in logical pixels
WAITING = "The two networks appear as soon as the engine is ready."
EQUATION, NOW = "W + ΔW = W′", "Now, with W′"
SCALE_QUANTILE = 0.95
"""Share of x and all activations within their colour scale: the few largest would make all others
pale."""
SIGNS = {", right": " ✓", ", wrong": " ×"}
"""End of a verdict -> the sign for it where two verdicts have no room in words."""
MAX_BARS_WIDTH = 360  # logical pixels


class NetworkPage(QWidget):
    """Page with x at the left, then the network before, the equations, and the network now."""

    left = Signal()
    """Emitted to go back to the stage."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._scales = ColourScales()
        self._run = -1
        self._step = 0
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
        self._header, self._area = QWidget(), QScrollArea()
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        for title in self._titles:
            title.setParent(self._header)
            title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self.canvas)
        for surface in (self._area.viewport(), self.canvas):
            surface.setAutoFillBackground(False)  # the page shows through
        networks = vbox(self._header, (self._area, 1), self.outcome)
        content = QWidget()
        self._side_area = ScrollArea(self.side)
        self._row = hbox(self._side_area, (networks, 1), on=content)
        self._pages = QStackedLayout(self)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages.addWidget(self._hint)
        self._pages.addWidget(content)

    def _connect(self) -> None:
        session = self._session
        self.side.leave.clicked.connect(self.left)
        self.canvas.pointed.connect(self._on_canvas_pointed)
        self.canvas.left.connect(self._on_canvas_left)
        self.canvas.unpin_requested.connect(self._on_escape_activated)
        for bar in (self._area.verticalScrollBar(), self._area.horizontalScrollBar()):
            bar.valueChanged.connect(self._on_scroll_moved)
        session.state.frame_changed.connect(self._on_session_frame_changed)
        appearance.changed.connect(self._lay_out_sizes)

    @property
    def activations(self) -> NetworkActivations | None:
        """Activations of the present frame."""
        frame = self._session.state.frame
        return None if frame is None else frame.activations

    def text(self) -> str:
        """Return the reason why there is nothing to show; empty: there is."""
        return "" if self._pages.currentIndex() else self._hint.text()

    # ------------------------------------------------------------ frames

    def draw(self, frame: Frame) -> None:
        """Show a frame, or a hint while its activations are not there yet."""
        sample, activations = frame.sample, frame.activations
        if sample is None or activations is None:
            self._hint.show_text(OTHER_CLASSES if sample is None and frame.run > 0 else WAITING)
            self._pages.setCurrentIndex(0)
            return
        if frame.run != self._run:
            self._run = frame.run
            self._scales.reset()
        self._update_scales(frame, activations)
        first = self.canvas.network_layout is None
        text = input_text(self._session.state.task_info(), activations)
        self.canvas.draw(stations(frame, activations), self._scales, text)
        if self._before != before_text(frame):
            self._before = before_text(frame)
            self._lay_out_sizes()
        self.outcome.draw(sample)
        could_change = self.side.can_change()
        self.side.draw(frame, sample, activations, self._scales)
        self._show_reading()
        if self._pages.currentIndex() == 0 or first or self.side.can_change() != could_change:
            self._pages.setCurrentIndex(1)
            self._lay_out_sizes()
        self._request_views(frame)

    def _update_scales(self, frame: Frame, activations: NetworkActivations) -> None:
        adapters = [layer for layer in frame.layers if layer.block.startswith("adapter")]
        others = [layer for layer in frame.layers if layer not in adapters]
        values = [activations.x]
        for layer in activations.layers:
            values += [layer.after] if layer.before is None else [layer.before, layer.after]
        largest = {
            **robust_maxima(others, adapters),
            ACTIVATION: robust_maximum(values, fraction=SCALE_QUANTILE),
        }
        self._scales.update(largest, training=frame.playing and frame.step > self._step)
        self._step = frame.step

    def _request_views(self, frame: Frame) -> None:
        """Request downsampled pictures of the large layers that are visible, and of no others."""
        large = {layer.name: layer.shape for layer in frame.layers if layer.part is not None}
        layout = self.canvas.network_layout
        if not large or layout is None or not self.isVisible():
            return
        area = self._area.viewport().rect()
        top = self._area.verticalScrollBar().value()
        visible = {
            factor.layer
            for place in self.canvas.places
            for factor in place.station.factors
            if place.top > top and place.top - layout.arrow < top + area.height()
        }
        views = (
            PartRequest(name, 0, 0, *shape, layout.thumb)
            if name in visible
            else PartRequest.hidden(name)
            for name, shape in large.items()
        )
        self._session.view_requests.set_views(tuple(views))

    # ------------------------------------------------------------ layout

    @Slot()
    def _lay_out_sizes(self) -> None:
        networks_width, height = self._fit_side(self.width() - GAP - SPACE, self.height() - SPACE)
        line = self._titles[0].fontMetrics().height()
        self._header.setFixedHeight(line + SPACE // 2)
        outcome = self.outcome.height_for(height)
        available = height - line - SPACE // 2 - outcome
        self.canvas.arrange(networks_width, available)
        if self.canvas.height() > available:
            bar = self._area.verticalScrollBar().sizeHint().width()
            self.canvas.arrange(networks_width - bar, available)
        margin = 0
        if self.canvas.height() <= available:
            margin = max(networks_width - self.canvas.width(), 0)
        self._row.setContentsMargins(GAP + margin // 2, SPACE, SPACE + margin - margin // 2, 0)
        self._place_titles(self.canvas.network_layout, outcome)

    def _fit_side(self, width: int, height: int) -> tuple[int, int]:
        """Give the sample a place left of the networks, or above; return what is left for these.

        Args: width, height: of both, in pixels.
        """
        scale = appearance.layout_scale
        side = min(max(round(width * SIDE_SHARE), round(MIN_SIDE * scale)), MAX_SIDE)
        side = max(min(side, width // 3) // 8 * 8, self.side.min_width() + SCROLL_BAR_WIDTH)
        stand_in(self._row, width, side + MIN_WIDTH)
        above = self._row.direction() is QBoxLayout.Direction.TopToBottom
        place = QSize(width, round(SHARE_ABOVE * height)) if above else QSize(side, height)
        self._side_area.setFixedSize(place)
        self.side.fit(place.width(), place.height())
        if self.side.needed_height() > place.height():
            self.side.fit(place.width() - SCROLL_BAR_WIDTH, place.height())
        return (width, height - place.height()) if above else (width - side, height)

    def _place_titles(self, layout: NetworkLayout | None, outcome: int) -> None:
        """Place the titles above and the outcome below the networks, following their scrolling."""
        if layout is None:
            return
        left = -self._area.horizontalScrollBar().value()
        line = self._titles[0].fontMetrics().height()
        spans = (
            (left, layout.column), (left + layout.column, layout.middle),
            (left + layout.column + layout.middle, layout.column),
        )  # fmt: skip
        texts = self._before, EQUATION, NOW
        for title, (x, width), text in zip(self._titles, spans, texts, strict=True):
            fits = title.fontMetrics().horizontalAdvance(text) + 2 <= width
            title.show_text(text if fits else text.partition(",")[0])
            title.setGeometry(x, 0, width, line)
        self.outcome.arrange(layout, left, outcome)

    def minimumSizeHint(self) -> QSize:
        """Qt's hook: the size from which on nothing is cut, however large the page is now."""
        width = max(self.side.min_width() + SCROLL_BAR_WIDTH, MIN_WIDTH) + GAP + SPACE
        line = self._titles[0].fontMetrics().height()
        return QSize(width, line + SPACE // 2 + self.outcome.height_for(0) + SPACE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the page out for its new size."""
        super().resizeEvent(event)
        self._lay_out_sizes()

    def showEvent(self, event: QShowEvent) -> None:
        """Start asking for activations, and show the newest frame."""
        super().showEvent(event)
        self._session.view_requests.set_options(activations=True)
        if self._session.state.frame is not None:
            self.draw(self._session.state.frame)

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop asking for activations."""
        super().hideEvent(event)
        self._session.view_requests.set_options(activations=False)

    # ------------------------------------------------------------ reading a number

    def _show_reading(self) -> None:
        self.canvas.mark(*(self._reading or ("", None)))
        self.side.show_reading(self._reading, self.activations)

    def _set_reading(self, reading: tuple[str, int] | None) -> None:
        self._reading = reading
        self._show_reading()

    @Slot(str, int)
    def _on_canvas_pointed(self, name: str, unit: int) -> None:
        self._set_reading((name, unit))

    @Slot()
    def _on_canvas_left(self) -> None:
        self._set_reading(None)

    @Slot()
    def _on_escape_activated(self) -> None:
        """Release the marked number; without one, leave the page."""
        if self._reading is None:
            self.left.emit()
        self._set_reading(None)

    # ------------------------------------------------------------ handlers

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        if self.isVisible():
            self.draw(frame)

    @Slot(int)
    def _on_scroll_moved(self, _value: int) -> None:
        self._place_titles(self.canvas.network_layout, self.outcome.height())
        if self._session.state.frame is not None:
            self._request_views(self._session.state.frame)


def before_text(frame: Frame) -> str:
    """Return the title of the network before."""
    return f"Before, {RANDOM_START}" if frame.starts_random else "Before, with W"


def input_text(info: TaskInfo | None, activations: NetworkActivations) -> str:
    """Return the description of x."""
    count = f"{len(activations.x):,}"
    return f"x: {count} measurements" if info and info.features else f"x: {count} components"


class Outcome(QWidget):
    """Class bars and a verdict below each of the two networks."""

    def __init__(self) -> None:
        super().__init__()
        self.before, self.after = ClassBars(80, 56), ClassBars(80, 56)
        self.verdicts = Label(bold=True, scale=LARGE), Label(bold=True, scale=LARGE)
        self._words = "", ""
        self._layout_args: tuple[NetworkLayout, int, int] | None = None
        self.before.setAccessibleName("p of each class before")
        self.after.setAccessibleName("p of each class now")
        for part in (self.before, self.after, *self.verdicts):
            part.setParent(self)
        for label in self.verdicts:
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def draw(self, sample: SampleFrame) -> None:
        """Show both networks' probabilities for a sample."""
        self.before.show_classes(sample.classes, sample.label, sample.before)
        self.after.show_classes(sample.classes, sample.label, sample.after)
        self._words = verdict(sample, sample.before), verdict(sample, sample.after)
        self._show_verdicts(None if self._layout_args is None else self._layout_args[0])
        if self._layout_args is not None:
            self.arrange(*self._layout_args)

    def _show_verdicts(self, layout: NetworkLayout | None) -> None:
        """Show both in words if there is room for that. Args: layout: None: not known yet."""
        needed = sum(self.verdicts[0].advance(words) for words in self._words) + 2 * SPACE
        brief = layout is not None and needed > layout.width
        for label, words in zip(self.verdicts, self._words, strict=True):
            end = words[words.rfind(",") :]
            sign = SIGNS.get(end) if brief else None
            label.show_text(words if sign is None else words.removesuffix(end) + sign)
            label.setAccessibleName(words)
            label.set_colour(_colour(words))

    def height_for(self, height: int) -> int:
        """Return its height in pixels. Args: height: of the page."""
        line = self.verdicts[0].fontMetrics().height()
        return max(round(height * 0.22), 2 * line + 56) + SPACE

    def arrange(self, layout: NetworkLayout, left: int, height: int) -> None:
        """Place the parts below the networks. Args: left: of the canvas.  height: in pixels."""
        self._layout_args = layout, left, height
        self._show_verdicts(layout)
        self.setFixedHeight(height)
        line = self.verdicts[0].fontMetrics().height()
        bars = height - line - SPACE
        width = min(layout.column - SPACE, MAX_BARS_WIDTH)
        axes = (layout.left_axis, layout.right_axis)
        for axis, part, label in zip(axes, (self.before, self.after), self.verdicts, strict=True):
            part.setGeometry(left + axis - width // 2, 0, width, bars)
            verdict_width = max(layout.column, label.sizeHint().width())
            # A long verdict extends towards the middle, which is empty.
            x = min(max(axis - verdict_width // 2, 0), layout.width - verdict_width)
            label.setGeometry(left + x, bars + 2, verdict_width, line)


def _colour(verdict_text: str) -> str:
    if verdict_text.endswith("right"):
        return "good"
    return "bad" if verdict_text.endswith("wrong") else "text"
