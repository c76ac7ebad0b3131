"""What a plan costs, large enough for the last row: figures, and bars on a common scale."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui.cost.bars import Bar, BarPair, BarSegment
from gui.text.numbers import figures, size_text
from gui.theme import SPACE, appearance
from gui.widgets.label import ElidedLabel, Label

WIDTH = 560
"""Pixels at the ordinary text size."""
LARGE, LARGE_LETTERS = 3.4, 11
"""Scale of the two great figures, and how many letters of that size have room."""
MIDDLE = 2.0
"""Scale of the figure over a pair of bars."""
SWATCH = 12
FULL = "Full fine-tuning"
MEMORY = (
    ("model_bytes", "weights", "line"),
    ("added_bytes", "added", "accent"),
    ("gradient_bytes", "gradients", "source"),
    ("optimizer_bytes", "Adam's states", "good"),
)
"""Field of the memory, its name and its colour."""


class LargeFigure(Label):
    """A great number that grows smaller rather than wider, and less than other text grows."""

    def __init__(self, object_name: str) -> None:
        super().__init__(scale=LARGE, bold=True)
        self.setObjectName(object_name)

    def show_text(self, text: str) -> None:
        """Show `text`."""
        super().show_text(text)
        self._on_appearance_changed()

    def _size(self) -> float:
        fitting = min(1.0, LARGE_LETTERS / max(len(self.text()), 1))
        return LARGE * fitting / math.sqrt(max(1.0, appearance.text_scale))


class CostAnswer(QWidget):
    """Trainable parameters, checkpoint, memory, and what many tasks take."""

    def __init__(self) -> None:
        super().__init__()
        self._values: dict[str, Any] = {}
        self._method = ""
        self._trainable, self._checkpoint = (
            LargeFigure("cost.trainable"),
            LargeFigure("cost.checkpoint"),
        )
        self._share = Label(scale=1.1, colour="muted", wrap=True)
        self._share.setObjectName("cost.share")
        self._per_task = Label(scale=1.1, colour="muted")
        self._memory_figure, self._tasks_figure = (Label(scale=MIDDLE, bold=True) for _ in range(2))
        self._memory_words, self._tasks_words = (
            ElidedLabel(scale=1.1, colour="muted") for _ in range(2)
        )
        self._memory, self._tasks = BarPair("cost.memoryBars"), BarPair("cost.taskBars")
        self._legend = Legend()
        self._status = ElidedLabel(colour="muted")
        self._status.setObjectName("cost.status")
        self._lay_out()
        self._legend.hide()

    def _lay_out(self) -> None:
        top = QGridLayout()
        top.setHorizontalSpacing(3 * SPACE)
        top.setVerticalSpacing(0)
        top.setColumnStretch(0, 1)
        pairs = ((self._trainable, self._share), (self._checkpoint, self._per_task))
        for place, (figure, words) in enumerate(pairs):
            top.addWidget(figure, 0, place, Qt.AlignmentFlag.AlignBottom)
            top.addWidget(words, 1, place, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(self._status)
        column.addLayout(top)
        column.addStretch(2)
        column.addLayout(_headline(self._memory_figure, self._memory_words))
        column.addWidget(self._memory)
        column.addWidget(self._legend)
        column.addStretch(2)
        column.addLayout(_headline(self._tasks_figure, self._tasks_words))
        column.addWidget(self._tasks)
        column.addStretch(1)

    def sizeHint(self) -> QSize:
        """Of a width that does not depend on the figures."""
        return QSize(round(WIDTH * max(1.0, appearance.text_scale)), super().sizeHint().height())

    @property
    def values(self) -> dict[str, Any]:
        """Of the last good answer; empty: there was none."""
        return self._values

    def show_values(self, values: dict[str, Any], method: str) -> None:
        """Show a good answer. Args: method: its label."""
        self._values, self._method = values, method
        trainable, total = values["trainable_parameters"], values["total_parameters"]
        self._trainable.show_text(f"{trainable:,}")
        share = figures(trainable / total)
        self._share.show_text(f"trainable parameters, {share} of {total:,}")
        self._checkpoint.show_text(size_text(values["checkpoint_bytes"]))
        self._per_task.show_text("checkpoint per task")
        self._memory_figure.show_text(size_text(values["memory_bytes"]))
        self._memory_words.show_text("of memory to train")
        tasks, copies = values["tasks"], size_text(values["tasks"]["copies_bytes"])
        count = f"{tasks['count']:,} task{'' if tasks['count'] == 1 else 's'}"
        self._tasks_figure.show_text(size_text(tasks["adapters_bytes"]))
        full = values["method"] == "full"
        self._tasks_words.show_text(
            f"on disk for {count}, " + ("each a full copy" if full else f"instead of {copies}")
        )
        self._legend.show()
        self.set_stale("")

    def set_stale(self, reason: str) -> None:
        """Grey the last good answer and say why it is old; empty: it is not."""
        self._status.show_text(reason)
        faint = bool(reason)
        for figure in (self._trainable, self._checkpoint, self._memory_figure, self._tasks_figure):
            figure.set_colour("hatch" if faint else "text")
        for words in (self._share, self._per_task, self._memory_words, self._tasks_words):
            words.set_colour("hatch" if faint else "muted")
        if self._values:
            self._draw(faint)

    def _draw(self, faint: bool) -> None:
        full = self._values["method"] == "full"
        memory = _parts(self._values["memory"], frozen=not full)
        bars = [(self._method, memory)]
        if not full:
            bars.append((FULL, _parts(self._values["full_memory"], frozen=False)))
        self._memory.draw(bars, faint=faint)
        self._legend.draw(memory, faint=faint)
        self._tasks.draw(self._task_bars(full), faint=faint)

    def _task_bars(self, full: bool) -> list[tuple[str, tuple[BarSegment, ...]]]:
        tasks, count = self._values["tasks"], self._values["tasks"]["count"]
        plural = "" if count == 1 else "s"
        copies = (BarSegment("full copies", tasks["copies_bytes"], "muted"),)
        bars: list[tuple[str, tuple[BarSegment, ...]]] = [
            (f"{count:,} full cop{'ies' if plural else 'y'}", copies)
        ]
        if not full:
            model = self._values["memory"]["model_bytes"]
            shared = BarSegment("the model", model, "line", frozen=True)
            files = BarSegment("checkpoints", tasks["adapters_bytes"] - model, "accent")
            bars.append((f"1 model, {count:,} adapter{plural}", (shared, files)))
        return bars


def _headline(figure: Label, words: Label) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setSpacing(SPACE)
    line.addWidget(figure)
    line.addWidget(words, 1, Qt.AlignmentFlag.AlignBottom)
    words.setContentsMargins(0, 0, 0, 5)  # both stand on one line
    return line


class Legend(QWidget):
    """Each part's colour, name and bytes."""

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE - 2)
        grid.setVerticalSpacing(0)
        self._items = []
        for index, (field, name, _) in enumerate(MEMORY):
            swatch, words, size = Bar(), Label(name, colour="muted"), Label(scale=1.15, bold=True)
            swatch.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            swatch.setFixedSize(SWATCH, SWATCH)
            size.setObjectName(f"cost.{field}")
            grid.addWidget(swatch, 0, 2 * index, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(words, 0, 2 * index + 1)
            grid.addWidget(size, 1, 2 * index + 1)
            grid.setColumnStretch(2 * index + 1, 1)
            self._items.append((swatch, words, size))

    def draw(self, parts: tuple[BarSegment, ...], *, faint: bool) -> None:
        """Show the bytes of these parts."""
        for part, (swatch, words, size) in zip(parts, self._items, strict=True):
            one = BarSegment(part.name, 1, part.colour, part.frozen)
            swatch.draw((one,), 1, faint=faint)
            swatch.setToolTip("")
            words.show_text(f"{part.name}, frozen" if part.frozen else part.name)
            words.set_colour("hatch" if faint else "muted")
            size.show_text(size_text(part.bytes))
            size.set_colour("hatch" if faint else "text")


def _parts(memory: dict[str, Any], *, frozen: bool) -> tuple[BarSegment, ...]:
    """Args: frozen: whether the weights are; what trains is in a full colour."""
    return tuple(
        BarSegment(name, memory[field], "muted" if name == "weights" and not frozen else colour,
             frozen and name == "weights")
        for field, name, colour in MEMORY
    )  # fmt: skip
