"""Answer of the costs page: the memory, what it is made of, what trains, and the files."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QGraphicsOpacityEffect, QGridLayout, QWidget

from gui.cost.bars import BarPair, BarSegment
from gui.cost.gpu_row import GpuRow
from gui.cost.parts_table import PartsTable, memory_segments
from gui.text.numbers import percent_text, size_text
from gui.theme import LARGE, SMALL, SPACE, appearance
from gui.widgets.box import vbox
from gui.widgets.label import ElidedLabel, Label
from gui.widgets.surface import rule

HEADLINE_SCALE = 2.4
"""Text scale of the memory."""
FADED_OPACITY = 0.4
FULL_LABEL = "Full fine-tuning"
FACTS = (("trainable", "Trains"), ("checkpoint", "File of one task"), ("tasks", "All tasks"))
"""(object name of a fact, its caption)."""


class Headline(Label):
    """The largest figure, which grows less than other text."""

    def __init__(self) -> None:
        super().__init__(scale=HEADLINE_SCALE, bold=True)
        self.setObjectName("cost.memory")

    def _size(self) -> float:
        return HEADLINE_SCALE / math.sqrt(appearance.layout_scale)


class CostAnswer(QWidget):
    """Memory first; below it its parts, what trains, and the storage for many tasks."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, Any] = {}
        self._headline = Headline()
        self._batch = Label(scale=LARGE, colour="muted", wrap=True)
        self._batch.setObjectName("cost.batch")
        self._batch.setToolTip("Sequences × tokens of each; a token is a word or a piece of one")
        self._gpus = GpuRow()
        self._memory, self._parts = BarPair("cost.memoryBars"), PartsTable()
        self._facts = {name: (Label(bold=True, scale=LARGE), Label(colour="muted", wrap=True))
                       for name, _ in FACTS}  # fmt: skip
        self._task_bars = BarPair("cost.taskBars")
        self._state = Label(scale=SMALL, colour="muted", wrap=True)
        self._state.setObjectName("cost.state")
        self._status = ElidedLabel(colour="bad")
        self._status.setObjectName("cost.status")
        self._fading = QGraphicsOpacityEffect(self)
        self._fading.setOpacity(FADED_OPACITY)
        self._estimate = QWidget()
        self._estimate.setGraphicsEffect(self._fading)
        self._estimate.hide()
        self._lay_out()
        self._memory.first.resized.connect(self._show_parts)

    def _lay_out(self) -> None:
        vbox(
            self._headline, self._batch, self._gpus, rule(), self._memory, self._parts,
            self._state, rule(), self._new_facts(), self._task_bars, 1,
            on=self._estimate, spacing=SPACE,
        )  # fmt: skip
        vbox(self._status, (self._estimate, 1), on=self)

    def _new_facts(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(SPACE // 2)
        grid.setColumnStretch(2, 1)
        top = Qt.AlignmentFlag.AlignTop
        for index, (name, caption) in enumerate(FACTS):
            figure, note = self._facts[name]
            figure.setObjectName(f"cost.{name}")
            note.setObjectName(f"cost.{name}.note")
            for column, part in enumerate((Label(caption), figure, note)):
                grid.addWidget(part, index, column, top)
        return grid

    def show_values(self, values: dict[str, Any], method: str) -> None:
        """Show a valid estimate. Args: values: of `CostEstimate`.  method: its label."""
        self.values = values
        self._headline.show_text(f"At least {size_text(values['memory_bytes'])}")
        again = ", checkpointing" if values["checkpointing"] else ""
        sequences = f"{values['batch_size']:,} × {values['sequence_length']:,} tokens{again}"
        self._batch.show_text(f"of GPU memory to train with {sequences}")
        self._gpus.draw(values["gpus"])
        full = values["method"] == "full"
        bars = [(method, memory_segments(values["memory"], frozen=not full))]
        if not full:
            bars.append((FULL_LABEL, memory_segments(values["full_memory"], frozen=False)))
        self._memory.draw(bars)
        note = values["method_note"]
        self._state.show_text(
            f"{values['bytes_per_parameter']} bytes for each parameter that trains: "
            f"{values['state_label']} ({values['state_source']})."
            + (f" {method}: {note}." if note else "")
        )
        self._show_facts(full)
        self._task_bars.draw(self._new_task_bars(full))
        self._estimate.show()
        self._show_parts()
        self.set_stale("")

    def set_stale(self, reason: str) -> None:
        """Fade the last valid estimate and show why it is stale; empty: it is current."""
        self._status.show_text(reason)
        self._status.setVisible(bool(reason))
        self._fading.setEnabled(bool(reason))

    def _show_facts(self, full: bool) -> None:
        values = self.values
        trainable, total = values["trainable_parameters"], values["total_parameters"]
        tasks = values["tasks"]
        count = f"{tasks['count']:,} task{'' if tasks['count'] == 1 else 's'}"
        instead = f"instead of {size_text(tasks['copies_bytes'])} as full copies"
        texts = {
            "trainable": (f"{trainable:,}",
                          f"parameters, {percent_text(trainable / total)} of {total:,}"),
            "checkpoint": (size_text(values["checkpoint_bytes"]), self._file_text(full)),
            "tasks": (size_text(tasks["adapters_bytes"]),
                      f"for {count}, {'each a full copy' if full else instead}"),
        }  # fmt: skip
        for name, (figure, note) in self._facts.items():
            figure.show_text(texts[name][0])
            note.show_text(texts[name][1])

    def _file_text(self, full: bool) -> str:
        """Return what each number of a task's file takes."""
        if full:
            return "every parameter of the model"
        size = self.values.get("adapter_bytes")
        return f"{size} bytes for each number" if size else ""

    def _new_task_bars(self, full: bool) -> list[tuple[str, tuple[BarSegment, ...]]]:
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
            bars.append((f"1 model and {count:,} small file{plural}", (shared, files)))
        return bars

    @Slot()
    def _show_parts(self) -> None:
        """Show what the upper bar is made of, and which parts are too small for it."""
        bar = self._memory.first
        if self.values:
            full = memory_segments(self.values["full_memory"], frozen=False)
            self._parts.draw(bar.segments, bar.drawn(), full)
