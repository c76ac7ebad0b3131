"""Left side of the page: the sample as a picture to draw on, and the colour scales."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QBoxLayout, QWidget

from engine.protocol.catalogue import find_named
from engine.protocol.messages import Array, Frame, NetworkActivations, SampleFrame, TaskInfo
from engine.protocol.settings import Settings
from gui.matrices.colour_bar import ColourBar
from gui.matrices.colour_scale import DELTA, WEIGHT, ColourScales
from gui.network_page.canvas import ACTIVATION
from gui.network_page.change_slider import ChangeSlider
from gui.network_page.pad import Pad
from gui.network_page.stations import station_title
from gui.session import Session
from gui.text.numbers import number_text
from gui.theme import SMALL, SPACE
from gui.widgets.box import hbox, vbox
from gui.widgets.button import IconButton, text_button
from gui.widgets.label import ElidedLabel, Label

DRAWING_SIDE = 8
"""Width and height of a drawing, in its own pixels."""
MIN_PAD_SIDE = 112  # logical pixels, like MAX_BAR_WIDTH
MAX_BAR_WIDTH = 200
TEXT_LINES = 5
"""Number of lines reserved for the two texts below the picture."""
READING_HINT = "Hover over a cell to see its value before and now."
HOW_TO_DRAW = "Draw with the left button; erase with the right button or Shift."
AS_DRAWN = "Your drawing is used as is, not rotated or inverted."
MAX_READABLE_UNITS = 256
"""Largest layer whose numbers can be pointed at; W of a larger one is drawn downsampled."""
BARS = ((ACTIVATION, "x and activations"), (WEIGHT, "W and W′"), (DELTA, "ΔW"))
"""(colour scale, its caption)."""


class InputSide(QWidget):
    """Widget to choose a sample and to draw on it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._index, self._is_picture = 0, False
        self.pad, self.change_slider = Pad(), ChangeSlider()
        self.title, self._class = ElidedLabel(bold=True), ElidedLabel(scale=SMALL, colour="muted")
        self._previous = IconButton(
            "chevron-left", "Previous sample", object_name="networkPrevious", size=24, frame=False
        )
        self._next = IconButton(
            "chevron-right", "Next sample", object_name="networkNext", size=24, frame=False
        )
        self._clear = text_button("Clear", "padClear", "An empty image to draw on")
        self._back = text_button(
            "Back to the sample", "padBack", "Show the sample as it is in the data"
        )
        self.drawing_hint = Label(scale=SMALL, colour="muted", wrap=True)
        self.reading_label = Label(scale=SMALL, wrap=True)
        self.reading_label.setObjectName("flowReading")
        self.size_label = Label(scale=SMALL, colour="muted", wrap=True)
        self.leave = text_button(
            "Back to the stage", "networkBack", "Back to the stage (N, Escape)"
        )
        self._bars = {kind: ColourBar(words, self) for kind, words in BARS}
        self._legend = QWidget()
        self._buttons = hbox(self._clear, self._back, 1, spacing=SPACE // 2)
        self._lay_out()
        self.pad.drawn.connect(self._on_pad_drawn)
        self.change_slider.moved.connect(self._on_change_slider_moved)
        self._previous.clicked.connect(self._on_previous_clicked)
        self._next.clicked.connect(self._on_next_clicked)
        self._clear.clicked.connect(self._on_clear_clicked)
        self._back.clicked.connect(self._on_back_clicked)
        session.state.settings_changed.connect(self._on_session_settings_changed)

    def _lay_out(self) -> None:
        gap = SPACE // 2
        top = hbox((self.title, 1), self._previous, self._next, spacing=gap)
        sample = vbox(
            self._class, self.pad, self.change_slider, self._buttons, self.drawing_hint, spacing=gap
        )
        texts = vbox(self.reading_label, self.size_label, spacing=gap, margins=(0, gap, 0, 0))
        pairs = ((Label(words, scale=SMALL, colour="muted"), self._bars[k]) for k, words in BARS)
        vbox(*(part for pair in pairs for part in pair), on=self._legend, spacing=gap)
        leave = hbox(self.leave, 1, margins=(0, gap, 0, 0))
        self._column = vbox(top, sample, texts, 1, self._legend, leave, on=self, spacing=gap)

    def min_width(self) -> int:
        """Return the width of the stacked buttons and the smallest picture, in pixels."""
        buttons = (self._clear, self._back, self.leave)
        return max(MIN_PAD_SIDE, *(button.sizeHint().width() for button in buttons))

    def needed_height(self) -> int:
        """Return the height from which on it need not scroll, in pixels."""
        return self._column.totalHeightForWidth(self.width())

    def can_change(self) -> bool:
        """Whether there is a slider for the task's change."""
        return not self.change_slider.isHidden()

    def fit(self, width: int, height: int) -> None:
        """Fit into a size: the legend is shown only if the picture keeps its minimum size."""
        self.setFixedWidth(width)
        buttons_width = self._clear.sizeHint().width() + self._back.sizeHint().width() + SPACE // 2
        direction = QBoxLayout.Direction
        narrow = buttons_width > width
        self._buttons.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)
        for bar in self._bars.values():
            bar.setFixedSize(min(width, MAX_BAR_WIDTH), bar.natural_height())
        self._legend.show()
        self.pad.set_side(MIN_PAD_SIDE)
        self._column.invalidate()
        texts = (self.drawing_hint, self.reading_label, self.size_label)
        shown = sum(label.heightForWidth(width) for label in texts if not label.isHidden())
        reserved = max(TEXT_LINES * self.drawing_hint.fontMetrics().height() - shown, 0)
        spare = height - self._column.totalHeightForWidth(width) - reserved
        has_legend = spare >= 0
        self._legend.setVisible(has_legend)
        if not has_legend:
            spare += self._legend.sizeHint().height() + SPACE // 2
        side = min(MIN_PAD_SIDE + spare, width)
        self.pad.set_side(max(side // DRAWING_SIDE * DRAWING_SIDE, MIN_PAD_SIDE))
        self._column.activate()  # while the page is hidden, nothing else would

    # ------------------------------------------------------------ showing

    def draw(
        self,
        frame: Frame,
        sample: SampleFrame,
        activations: NetworkActivations | None,
        scales: ColourScales,
    ) -> None:
        """Show a frame's sample, or the drawing already sent to the engine."""
        self._index, self._is_picture = sample.index, not sample.names
        can_draw = self._can_draw()
        requests = self._session.view_requests
        drawing = requests.drawing if can_draw else None
        picture = sample.picture if drawing is None or requests.change is not None else drawing
        self.pad.set_drawable(can_draw)
        self.pad.show_picture(picture, sample.names)
        title, label = sample_text(sample)
        self.title.show_text(title)
        self._class.show_text(label)
        self._clear.setVisible(can_draw)
        self._back.setVisible(can_draw)
        self._back.setEnabled(drawing is not None or requests.change is not None)
        self._show_change()
        self.drawing_hint.show_text(
            drawing_text(self._session.state.task_info(), drawn=sample.drawn)
        )
        for kind, bar in self._bars.items():
            bar.draw(scales[kind])
        self.size_label.show_text("" if activations is None else size_text(activations))

    def _show_change(self) -> None:
        info, requests = self._session.state.task_info(), self._session.view_requests
        change = info.change if info is not None and self._can_draw() else None
        amount = requests.change
        if amount is None and change is not None:
            amount = 0 if requests.drawing is not None else change.target
        self.change_slider.show_change(change, amount or 0)

    def _can_draw(self) -> bool:
        """Return whether the sample is a picture, and the task of the next run has pictures too."""
        info = self._session.state.task_info()
        return self._is_picture and info is not None and not info.no_drawing

    def show_reading(
        self, reading: tuple[str, int] | None, activations: NetworkActivations | None
    ) -> None:
        """Show a number before and now. Args: reading: (station, unit from 0); None: none."""
        text = ""
        if activations is not None and reading is not None:
            text = reading_text(activations, *reading)
        self.reading_label.show_text(text or READING_HINT)
        self.reading_label.set_colour("text" if text else "muted")

    # ------------------------------------------------------------ user actions

    @Slot(object, object)
    def _on_session_settings_changed(self, old: Settings, new: Settings) -> None:
        if old.task != new.task and self._session.view_requests.change is not None:
            self._on_back_clicked()  # each task has a change of its own
        self.pad.set_drawable(self._can_draw())
        self._clear.setVisible(self._can_draw())

    @Slot(object)
    def _on_pad_drawn(self, picture: Array) -> None:
        self._session.view_requests.draw_sample(picture)
        self._back.setEnabled(True)
        self._show_change()

    @Slot(int)
    def _on_change_slider_moved(self, amount: int) -> None:
        self._session.view_requests.change_sample(amount)
        self._back.setEnabled(True)
        self._show_change()

    @Slot()
    def _on_clear_clicked(self) -> None:
        empty = np.zeros((DRAWING_SIDE, DRAWING_SIDE), np.float32)
        self.pad.show_picture(empty, ())
        self._on_pad_drawn(empty)

    @Slot()
    def _on_back_clicked(self) -> None:
        self._session.view_requests.show_sample(self._index)

    @Slot()
    def _on_previous_clicked(self) -> None:
        self._session.view_requests.show_sample(self._index - 1)

    @Slot()
    def _on_next_clicked(self) -> None:
        self._session.view_requests.show_sample(self._index + 1)


def sample_text(sample: SampleFrame) -> tuple[str, str]:
    """Return the sample's title, and its true class."""
    if sample.drawn or sample.label is None:
        return "Your drawing", "no label"
    return (
        f"Sample {sample.index + 1:,} of {sample.count:,}",
        f"label: {sample.classes[sample.label]}",
    )


def drawing_text(info: TaskInfo | None, *, drawn: bool) -> str:
    """Return how to draw, or why drawing is not possible."""
    if info is not None and info.no_drawing:
        return f"Drawing is not possible: {info.no_drawing}."
    return AS_DRAWN if drawn else HOW_TO_DRAW


def reading_text(activations: NetworkActivations, name: str, unit: int) -> str:
    """Return a unit's activation before and now; empty: no such unit. Args: unit: from 0."""
    if name == "x":
        x = activations.x
        return f"x, component {unit + 1}: {_value(x[unit])}" if unit < len(x) else ""
    layer = find_named(activations.layers, name)
    if layer is None or unit >= len(layer.after):
        return ""
    now = _value(layer.after[unit])
    where = f"{station_title(name)}, unit {unit + 1:,}"
    if layer.before is None:
        return f"{where}: {now} now; did not exist before"
    return f"{where}: {_value(layer.before[unit])} before, {now} now"


def size_text(activations: NetworkActivations) -> str:
    """Return the remark about layers too large to read; empty: there is none."""
    widest = max((len(layer.after) for layer in activations.layers), default=0)
    if widest < MAX_READABLE_UNITS:
        return ""
    return f"{widest:,} values per layer, row by row; each pixel of W is the largest of a block."


def _value(value: float) -> str:
    return number_text(float(value), 3)
