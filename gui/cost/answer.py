"""Answer of the cost dialog, legible from the last row: figures, and bars on a common scale."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QGraphicsOpacityEffect, QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from gui.matrices.overlays import hatch_brush
from gui.text.numbers import percent_text, size_text
from gui.theme import LARGE, SPACE, appearance, font
from gui.widgets.box import hbox, vbox
from gui.widgets.label import RIGHT, ElidedLabel, Label

PREFERRED_WIDTH = 560
"""Pixels at the ordinary text size."""
LARGE_SCALE, LARGE_CHARACTERS = 3.4, 11
"""Text scale of the two large figures, and the number of characters that fit at that size."""
MEDIUM_SCALE = 2.0
"""Text scale of the figure above a pair of bars."""
SWATCH_SIDE = 12  # logical pixels
FADED_OPACITY = 0.4
FULL_LABEL = "Full fine-tuning"
MEMORY_PARTS = (
    ("model_bytes", "weights", "line"),
    ("added_bytes", "added", "accent"),
    ("gradient_bytes", "gradients", "source"),
    ("optimizer_bytes", "Adam's states", "good"),
)
"""(field of the memory estimate, its name, its theme colour)."""
NAME_WIDTH = 166
SIZE_WIDTH = 84
"""Widths of the columns beside the bars, in pixels at the ordinary text size."""
MIN_SEGMENT_WIDTH = 2.0
"""Smallest width of a segment that is not empty, in pixels."""


class LargeFigure(Label):
    """A large number that shrinks to fit, and that grows less than other text."""

    def __init__(self, object_name: str) -> None:
        super().__init__(scale=LARGE_SCALE, bold=True)
        self.setObjectName(object_name)

    def show_text(self, text: str) -> None:
        """Show a text, scaled to fit."""
        super().show_text(text)
        self._on_appearance_changed()

    def _size(self) -> float:
        fit = min(1.0, LARGE_CHARACTERS / max(len(self.text()), 1))
        return LARGE_SCALE * fit / math.sqrt(appearance.layout_scale)


class CostAnswer(QWidget):
    """Trainable parameters, checkpoint, memory, and the storage for many tasks."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, Any] = {}
        self._trainable = LargeFigure("cost.trainable")
        self._checkpoint = LargeFigure("cost.checkpoint")
        self._share = Label(scale=LARGE, colour="muted", wrap=True)
        self._share.setObjectName("cost.share")
        self._per_task = Label(scale=LARGE, colour="muted")
        self._memory_figure = Label(scale=MEDIUM_SCALE, bold=True)
        self._tasks_figure = Label(scale=MEDIUM_SCALE, bold=True)
        self._memory_label = ElidedLabel(scale=LARGE, colour="muted")
        self._tasks_label = ElidedLabel(scale=LARGE, colour="muted")
        self._memory, self._tasks = BarPair("cost.memoryBars"), BarPair("cost.taskBars")
        self._legend = Legend()
        self._status = ElidedLabel(colour="muted")
        self._status.setObjectName("cost.status")
        self._fading = QGraphicsOpacityEffect(self)
        self._fading.setOpacity(FADED_OPACITY)
        self._lay_out()
        self._legend.hide()

    def _lay_out(self) -> None:
        top = QGridLayout()
        top.setHorizontalSpacing(3 * SPACE)
        top.setVerticalSpacing(0)
        top.setColumnStretch(0, 1)
        pairs = ((self._trainable, self._share), (self._checkpoint, self._per_task))
        for index, (figure, label) in enumerate(pairs):
            top.addWidget(figure, 0, index, Qt.AlignmentFlag.AlignBottom)
            top.addWidget(label, 1, index, Qt.AlignmentFlag.AlignTop)
        memory = _headline(self._memory_figure, self._memory_label), self._memory, self._legend
        tasks = _headline(self._tasks_figure, self._tasks_label), self._tasks
        estimate = QWidget()
        estimate.setGraphicsEffect(self._fading)
        vbox(top, 2, *memory, 2, *tasks, 1, on=estimate, spacing=SPACE)
        vbox(self._status, (estimate, 1), on=self, spacing=SPACE)

    def sizeHint(self) -> QSize:
        """Return a size whose width does not depend on the figures."""
        width = round(PREFERRED_WIDTH * appearance.layout_scale)
        return QSize(width, super().sizeHint().height())

    def show_values(self, values: dict[str, Any], method: str) -> None:
        """Show a valid estimate. Args: values: of `CostEstimate`.  method: its label."""
        self.values = values
        trainable, total = values["trainable_parameters"], values["total_parameters"]
        self._trainable.show_text(f"{trainable:,}")
        share = percent_text(trainable / total)
        self._share.show_text(f"trainable parameters, {share} of {total:,}")
        self._checkpoint.show_text(size_text(values["checkpoint_bytes"]))
        self._per_task.show_text("checkpoint per task")
        self._memory_figure.show_text(size_text(values["memory_bytes"]))
        self._memory_label.show_text("of memory to train")
        tasks, copies = values["tasks"], size_text(values["tasks"]["copies_bytes"])
        count = f"{tasks['count']:,} task{'' if tasks['count'] == 1 else 's'}"
        self._tasks_figure.show_text(size_text(tasks["adapters_bytes"]))
        full = values["method"] == "full"
        self._tasks_label.show_text(
            f"on disk for {count}, " + ("each a full copy" if full else f"instead of {copies}")
        )
        bars = [(method, _memory_segments(values["memory"], frozen=not full))]
        if not full:
            bars.append((FULL_LABEL, _memory_segments(values["full_memory"], frozen=False)))
        self._memory.draw(bars)
        self._legend.draw(bars[0][1])
        self._tasks.draw(self._task_bars(full))
        self._legend.show()
        self.set_stale("")

    def set_stale(self, reason: str) -> None:
        """Fade the last valid estimate and show why it is stale; empty: it is current."""
        self._status.show_text(reason)
        self._fading.setEnabled(bool(reason))

    def _task_bars(self, full: bool) -> list[tuple[str, tuple[BarSegment, ...]]]:
        tasks, count = self.values["tasks"], self.values["tasks"]["count"]
        plural = "" if count == 1 else "s"
        copies = (BarSegment("full copies", tasks["copies_bytes"], "muted"),)
        bars: list[tuple[str, tuple[BarSegment, ...]]] = [
            (f"{count:,} full cop{'ies' if plural else 'y'}", copies)
        ]
        if not full:
            model = self.values["memory"]["model_bytes"]
            shared = BarSegment("the model", model, "line", frozen=True)
            files = BarSegment("checkpoints", tasks["adapters_bytes"] - model, "accent")
            bars.append((f"1 model, {count:,} adapter{plural}", (shared, files)))
        return bars


def _headline(figure: Label, label: Label) -> QHBoxLayout:
    line = hbox(figure, (label, 1, Qt.AlignmentFlag.AlignBottom), spacing=SPACE)
    label.setContentsMargins(0, 0, 0, 5)  # aligns the baselines
    return line


class Legend(QWidget):
    """Colour, name and bytes of each segment."""

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE - 2)
        grid.setVerticalSpacing(0)
        self._items = []
        for index, (field, name, _) in enumerate(MEMORY_PARTS):
            swatch, label, size = Bar(), Label(name, colour="muted"), Label(scale=LARGE, bold=True)
            swatch.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            swatch.setFixedSize(SWATCH_SIDE, SWATCH_SIDE)
            size.setObjectName(f"cost.{field}")
            grid.addWidget(swatch, 0, 2 * index, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(label, 0, 2 * index + 1)
            grid.addWidget(size, 1, 2 * index + 1)
            grid.setColumnStretch(2 * index + 1, 1)
            self._items.append((swatch, label, size))

    def draw(self, segments: tuple[BarSegment, ...]) -> None:
        """Show segments. Args: segments: one for each of `MEMORY_PARTS`."""
        for segment, (swatch, label, size) in zip(segments, self._items, strict=True):
            full = BarSegment(segment.name, 1, segment.colour, segment.frozen)
            swatch.draw((full,), 1)
            swatch.setToolTip("")
            label.show_text(f"{segment.name}, frozen" if segment.frozen else segment.name)
            size.show_text(size_text(segment.bytes))


def _memory_segments(memory: dict[str, Any], *, frozen: bool) -> tuple[BarSegment, ...]:
    """Return a memory estimate's segments. Args: frozen: whether the weights are frozen."""
    return tuple(
        BarSegment(name, memory[field], "muted" if name == "weights" and not frozen else colour,
                   frozen and name == "weights")
        for field, name, colour in MEMORY_PARTS
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class BarSegment:
    """A segment of a bar."""

    name: str
    bytes: int
    colour: str
    """Name of a theme colour."""
    frozen: bool = False
    """True: hatched, as frozen weights are everywhere."""


class Bar(QWidget):
    """A bar of segments; its length is proportional to their sum."""

    def __init__(self) -> None:
        super().__init__()
        self._segments: tuple[BarSegment, ...] = ()
        self._full_scale = 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def draw(self, segments: tuple[BarSegment, ...], full_scale: int) -> None:
        """Show segments. Args: full_scale: bytes of the full width."""
        if (segments, full_scale) != (self._segments, self._full_scale):
            self._segments, self._full_scale = segments, full_scale
            description = ", ".join(
                f"{segment.name} {size_text(segment.bytes)}" for segment in segments
            )
            self.setToolTip(description)
            self.setAccessibleDescription(description)
            self.update()

    def lengths(self) -> list[float]:
        """Return the length of each segment, in pixels."""
        total = sum(segment.bytes for segment in self._segments)
        bar_width = self.width() * min(total / max(self._full_scale, 1), 1.0)
        return [
            max(bar_width * segment.bytes / max(total, 1), MIN_SEGMENT_WIDTH)
            if segment.bytes
            else 0.0
            for segment in self._segments
        ]

    def sizeHint(self) -> QSize:
        """Return the size: higher than a line of text."""
        return QSize(80, round(QFontMetrics(font()).height() * 1.75))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the segments from the right: none that is not empty is hidden by a large one."""
        theme, painter, lengths = appearance.theme, QPainter(self), self.lengths()
        right = min(sum(lengths), float(self.width()))
        for segment, length in zip(reversed(self._segments), reversed(lengths), strict=True):
            left = max(right - length, 0.0)
            rect = QRectF(left, 0, right - left, self.height())
            painter.fillRect(rect, QColor(getattr(theme, segment.colour)))
            if segment.frozen:
                painter.fillRect(rect, hatch_brush(theme.hatch, 1))
                painter.setPen(QColor(theme.hatch))
                painter.drawRect(rect.adjusted(0, 0, -1, -1))
            right = left
        painter.end()


class BarPair(QWidget):
    """One or two bars on the same scale, each with its name and its size."""

    def __init__(self, object_name: str) -> None:
        super().__init__()
        self.setObjectName(object_name)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(SPACE // 2)
        grid.setColumnStretch(1, 1)
        self._rows = [(Label(scale=LARGE), Bar(), Label(scale=LARGE, bold=True)) for _ in range(2)]
        for row_index, (name, bar, size) in enumerate(self._rows):
            size.setAlignment(RIGHT)
            for column, part in enumerate((name, bar, size)):
                grid.addWidget(part, row_index, column, Qt.AlignmentFlag.AlignVCenter)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def draw(self, bars: list[tuple[str, tuple[BarSegment, ...]]]) -> None:
        """Show one or two bars. Args: bars: (name, segments) of each."""
        totals = [sum(segment.bytes for segment in segments) for _, segments in bars]
        for row_index, row in enumerate(self._rows):
            name, bar, size = row
            for widget in row:
                widget.setVisible(row_index < len(bars))
            if row_index < len(bars):
                name.show_text(bars[row_index][0])
                bar.setAccessibleName(bars[row_index][0])
                bar.draw(bars[row_index][1], max(totals))
                size.show_text(size_text(totals[row_index]))

    @Slot()
    def _on_appearance_changed(self) -> None:
        for name, _, size in self._rows:
            name.setFixedWidth(round(NAME_WIDTH * appearance.text_scale))
            size.setFixedWidth(round(SIZE_WIDTH * appearance.text_scale))
