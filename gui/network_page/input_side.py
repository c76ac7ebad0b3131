"""The left of the page: the sample as a picture to draw on, and what the colours mean."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from engine.protocol.messages import Frame, Matrix, NetworkActivations, SampleFrame
from engine.protocol.settings import Settings
from gui.matrices.colour_bar import ColourBar
from gui.matrices.colour_scale import DELTA, WEIGHT, ColourScales
from gui.network_page.canvas import ACTIVATION
from gui.network_page.pad import Pad
from gui.network_page.words import (
    READING_HINT,
    drawing_words,
    reading_words,
    sample_words,
    size_words,
)
from gui.session import Session
from gui.theme import SPACE
from gui.widgets.button import IconButton, text_button
from gui.widgets.label import ElidedLabel, Label

SMALL = 0.85
SIDE = 8
"""Pixels of a drawing, along each side."""
LEAST_PAD = 112
WIDEST_BAR = 200
WORD_LINES = 5
"""Of the two texts under the picture."""
BARS = ((ACTIVATION, "x and activations"), (WEIGHT, "W and W′"), (DELTA, "ΔW"))
"""Scales with what they are of."""


class InputSide(QWidget):
    """Chooses the sample, and draws on it."""

    left = Signal()
    """Back to the stage, please."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._index, self._is_picture = 0, False
        self._reading: tuple[str, int] | None = None
        self.pad = Pad()
        self._title, self._class = ElidedLabel(bold=True), ElidedLabel(scale=SMALL, colour="muted")
        self._previous = IconButton(
            "chevron-left", "Previous sample", object_name="networkPrevious", size=24, frame=False
        )
        self._next = IconButton(
            "chevron-right", "Next sample", object_name="networkNext", size=24, frame=False
        )
        self._clear = text_button("Clear", "padClear", "An empty picture to draw on")
        self._back = text_button("Back to the sample", "padBack", "Put the drawing away")
        self._how = Label(scale=SMALL, colour="muted", wrap=True)
        self._words = Label(scale=SMALL, wrap=True)
        self._words.setObjectName("flowReading")
        self._sizes = Label(scale=SMALL, colour="muted", wrap=True)
        self._leave = text_button(
            "Back to the stage", "networkBack", "Back to the stage (N, Escape)"
        )
        self._bars = {kind: ColourBar(words, self) for kind, words in BARS}
        self._captions = [Label(words, scale=SMALL, colour="muted") for _, words in BARS]
        self._below = QHBoxLayout()
        self._lay_out()
        self.pad.drawn.connect(self._on_pad_drawn)
        self._previous.clicked.connect(self._on_previous_clicked)
        self._next.clicked.connect(self._on_next_clicked)
        self._clear.clicked.connect(self._on_clear_clicked)
        self._back.clicked.connect(self._on_back_clicked)
        self._leave.clicked.connect(self.left)
        session.state.settings_changed.connect(self._on_session_settings_changed)

    def _lay_out(self) -> None:
        top, below = QHBoxLayout(), self._below
        for row in (top, below):
            row.setSpacing(SPACE // 2)
        top.addWidget(self._title, 1)
        top.addWidget(self._previous)
        top.addWidget(self._next)
        below.addWidget(self._clear)
        below.addWidget(self._back)
        below.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addLayout(top)
        column.addWidget(self._class)
        column.addWidget(self.pad)
        column.addLayout(below)
        column.addWidget(self._how)
        column.addSpacing(SPACE // 2)
        column.addWidget(self._words)
        column.addWidget(self._sizes)
        column.addStretch(1)
        for caption, bar in zip(self._captions, self._bars.values(), strict=True):
            column.addWidget(caption)
            column.addWidget(bar)
        column.addSpacing(SPACE // 2)
        column.addWidget(self._leave, 0, Qt.AlignmentFlag.AlignLeft)

    def least_width(self) -> int:
        """Pixels that its buttons need, one below the other, and the smallest picture."""
        buttons = (self._clear, self._back, self._leave)
        return max(LEAST_PAD, *(button.sizeHint().width() for button in buttons))

    def fit(self, width: int, height: int) -> None:
        """Stand in this room: the picture takes what all else leaves, the legend what it leaves."""
        self.setFixedWidth(width)
        across = self._clear.sizeHint().width() + self._back.sizeHint().width() + SPACE // 2
        direction = QBoxLayout.Direction
        narrow = across > width
        self._below.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)
        for bar in self._bars.values():
            bar.setFixedSize(min(width, WIDEST_BAR), bar.natural_height())
        bars = [*self._captions, *self._bars.values()]
        legend = sum(part.sizeHint().height() + SPACE // 2 for part in self._captions)
        legend += sum(bar.height() + SPACE // 2 for bar in self._bars.values())
        line = self._how.fontMetrics().height()
        buttons = (2 if narrow else 1) * self._clear.sizeHint().height() + SPACE
        others = 2 * self._title.sizeHint().height() + buttons + WORD_LINES * line
        others += self._leave.sizeHint().height() + 5 * SPACE
        room = height - others
        roomy = room - legend >= LEAST_PAD
        for part in bars:
            part.setVisible(roomy)
        self.pad.set_side(max(min(room - legend * roomy, width) // SIDE * SIDE, LEAST_PAD))

    def title_text(self) -> str:
        """What is looked at."""
        return self._title.full_text()

    def drawing_text(self) -> str:
        """How to draw, or why one cannot."""
        return self._how.text()

    def reading_text(self) -> str:
        """The number that is read, or how to read one."""
        return self._words.text()

    def size_text(self) -> str:
        """What is too much to be seen one by one."""
        return self._sizes.text()

    # ------------------------------------------------------------ showing

    def draw(
        self,
        frame: Frame,
        sample: SampleFrame,
        flow: NetworkActivations | None,
        scales: ColourScales,
    ) -> None:
        """Show the sample of a frame, or the drawing that is on its way to the engine."""
        self._index, self._is_picture = sample.index, not sample.names
        can_draw = self._can_draw()
        drawing = self._session.view_requests.drawing if can_draw else None
        picture = sample.picture if drawing is None else drawing
        self.pad.set_drawable(can_draw)
        shown = self.pad.matrix()
        if shown is None or not np.array_equal(shown, picture):
            self.pad.show_picture(picture, sample.names)
        title, label = sample_words(sample)
        self._title.show_text(title)
        self._class.show_text(label)
        self._clear.setVisible(can_draw)
        self._back.setVisible(can_draw)
        self._back.setEnabled(drawing is not None)
        words = drawing_words(self._session.state.task_info(), drawn=sample.drawn)
        self._how.show_text(words)
        for kind, bar in self._bars.items():
            bar.draw(scales[kind])
        self._sizes.show_text("" if flow is None else size_words(flow))
        self._read(flow)

    def _can_draw(self) -> bool:
        """Whether what is shown is a picture, and the task that comes next has pictures too."""
        info = self._session.state.task_info()
        return self._is_picture and info is not None and not info.no_drawing

    def point(self, reading: tuple[str, int] | None, flow: NetworkActivations | None) -> None:
        """Read this number, (station, unit), from now on; None: none."""
        self._reading = reading
        self._read(flow)

    def _read(self, flow: NetworkActivations | None) -> None:
        words = ""
        if flow is not None and self._reading is not None:
            words = reading_words(flow, *self._reading)
        self._words.show_text(words or READING_HINT)
        self._words.set_colour("text" if words else "muted")

    # ------------------------------------------------------------ what the user does

    @Slot(object, object)
    def _on_session_settings_changed(self, _old: Settings, _new: Settings) -> None:
        self.pad.set_drawable(self._can_draw())
        self._clear.setVisible(self._can_draw())

    @Slot(object)
    def _on_pad_drawn(self, picture: Matrix) -> None:
        self._session.view_requests.draw_sample(picture)
        self._back.setEnabled(True)

    @Slot()
    def _on_clear_clicked(self) -> None:
        empty = np.zeros((SIDE, SIDE), np.float32)
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
