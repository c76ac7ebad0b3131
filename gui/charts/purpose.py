"""What the network is for: a sample, the network, the class that it names, and a sentence."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPointF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.protocol.catalogue import StrategyInfo, TaskInfo
from gui.sample.picture import SamplePicture
from gui.sample.words import predicted_class
from gui.session import Session
from gui.text.numbers import NO_VALUE
from gui.theme import HEADING, SECONDARY, SMALL, SPACE, appearance
from gui.widgets.box import hbox, vbox
from gui.widgets.label import Label
from gui.widgets.surface import ScrollArea

PICTURE_PIXELS = 56
SKETCH_SIZE = QSize(72, 48)
"""Pixels of the sketch of a network at the ordinary text size."""
SKETCHED_UNITS = (4, 5, 5, 3)
"""Units of each layer in the sketch."""
UNIT_RADIUS = 2.5
"""Pixels at the ordinary text size."""


def purpose_text(task: TaskInfo, strategy: StrategyInfo | None) -> str:
    """Return what the network is for, and what Play does.

    Args: task: that is chosen.  strategy: likewise; None: not known yet.
    """
    if strategy is None or strategy.pretrained:
        start = f"Pretrained on {task.source}"
        play = f"fine-tune it to {task.target}"
    elif strategy.learns == "source":
        start, play = "Its weights are random", f"pretrain it on {task.source}"
    else:
        start, play = "Its weights are random", f"train it from scratch for {task.target}"
    return f"{task.purpose} {start}; press Play to {play}."


class Purpose(QWidget):
    """The sample at hand on its way through the network, above a sentence on the task."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setObjectName("purpose")
        self._picture = SamplePicture(PICTURE_PIXELS)
        self._class = Label(scale=HEADING, bold=True)
        self._verdict = Label(scale=SMALL, colour="muted")
        self._sentence = Label(scale=SECONDARY, wrap=True)
        arrows = [Label("→", scale=HEADING, colour="muted") for _ in range(2)]
        self._way = QWidget()
        way = (self._picture, arrows[0], NetworkSketch(), arrows[1], self._class)
        middle = Qt.AlignmentFlag.AlignVCenter
        hbox(*((part, 0, middle) for part in way), 1, on=self._way, spacing=SPACE)
        content = QWidget()
        vbox(self._way, self._verdict, self._sentence, 1, on=content, spacing=SPACE)
        vbox(ScrollArea(content, keeps_place=True), on=self, margins=(0, SPACE, 0, 0))
        session.state.catalogue_changed.connect(self.draw)
        session.state.settings_changed.connect(self.draw)

    def text(self) -> str:
        """Return the sentence."""
        return self._sentence.text()

    @Slot()
    def draw(self) -> None:
        """Show the task that is chosen, and the sample of the newest frame."""
        state = self._session.state
        task, sample = state.task_info(), None if state.frame is None else state.frame.sample
        text = "" if task is None else purpose_text(task, state.strategy_info())
        self._sentence.show_text(text)
        self._way.setVisible(sample is not None)
        if sample is not None:
            self._picture.show_picture(sample.picture, sample.names)
            best, label = predicted_class(sample.after), sample.label
            self._class.show_text(NO_VALUE if best is None else sample.classes[best])
            if label is not None:
                self._verdict.show_text(f"Wrong: it is {sample.classes[label]}.")
            self._verdict.setHidden(label is None or best == label)


class NetworkSketch(QWidget):
    """Layers of units, each joined to all of the next."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("network")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        appearance.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """Qt's hook: as large as the text."""
        return SKETCH_SIZE * appearance.layout_scale

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's hook: draw the lines, then the units on them."""
        theme, painter = appearance.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        columns = [
            [QPointF(self.width() * (layer + 0.5) / len(SKETCHED_UNITS),
                     self.height() * (unit + 0.5 + (max(SKETCHED_UNITS) - count) / 2)
                     / max(SKETCHED_UNITS)) for unit in range(count)]
            for layer, count in enumerate(SKETCHED_UNITS)
        ]  # fmt: skip
        painter.setPen(QPen(QColor(theme.hatch), 0.6))
        for before, after in pairwise(columns):
            for start in before:
                for end in after:
                    painter.drawLine(start, end)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.text))
        radius = UNIT_RADIUS * appearance.layout_scale
        for column in columns:
            for unit in column:
                painter.drawEllipse(unit, radius, radius)
