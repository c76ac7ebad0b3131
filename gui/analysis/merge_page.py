"""Page about merging: the error of storing W′ at 32, 16, 8 and 4 bits."""

from __future__ import annotations

import math

from engine.protocol.messages import Frame, Merge
from gui.analysis.bar_table import BarTable, TableCell, TableColumn, TableRow
from gui.analysis.live_page import LivePage
from gui.analysis.merge_text import (
    NAMES,
    bits_text,
    change_text,
    error_text,
    exact_merge,
    sentence,
)
from gui.session import Session
from gui.text.numbers import NO_VALUE, percent
from gui.theme import SECONDARY
from gui.widgets.label import Label

TEXT_WIDTH = 204
"""Pixels at the ordinary text size; narrow, as the table has many columns."""
COLUMNS = (
    TableColumn(("Merged W′ in", "W′ in"), hint="The format of every weight of the body"),
    TableColumn(("Bits per weight", "Bits"), "4.1270",
                "Exact: scales and other constants included"),
    TableColumn(("Error ‖·‖ / ‖W′‖", "Error"), "0.0012\u202f%",
                "Size of the rounding error as a share of the weights, ‖stored − W′‖ / ‖W′‖",
                bar=True),
    TableColumn(("Error ‖·‖ / ‖ΔW‖", "Of ‖ΔW‖"), "0.090\u202f%",
                "The same error beside what was learned, ‖stored − W′‖ / ‖ΔW‖", bar=True),
    TableColumn(("Target accuracy", "Target"), "100.0\u202f%",
                "On the task it is tuned for; the difference from float32 in points",
                note="−00.0"),
    TableColumn(("Source accuracy", "Source"), "100.0\u202f%",
                "On the task it was pretrained on; the difference from float32 in points",
                note="−00.0"),
)  # fmt: skip


class MergePage(LivePage):
    """One row for each format, and a sentence that sums the table up."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, "mergePage")
        self.table = BarTable("What merging costs in each format", COLUMNS)
        self.table.setObjectName("mergeTable")
        self._sentence = Label(scale=SECONDARY, wrap=True)
        self._sentence.setObjectName("mergeSentence")
        self.lay_out(self.table, self._sentence, width=TEXT_WIDTH)

    def text(self) -> str:
        """Return the sentence beside the table."""
        return self._sentence.text()

    def set_watching(self, watching: bool) -> None:
        """Start or stop asking the engine for the merges."""
        self._session.view_requests.set_options(merges=watching)

    def draw(self, frame: Frame) -> None:
        """Show a frame."""
        strategy = self._session.state.strategy_info(frame.settings)
        stored = "" if strategy is None else strategy.stored_as
        merges = frame.measurements.merges
        rows = [_row(merge, merges, stored) for merge in merges]
        empty = tuple(TableCell(NO_VALUE) for _ in COLUMNS[1:])
        waiting = [TableRow((TableCell(name), *empty), muted=True) for name, _ in NAMES.values()]
        self.table.show_rows(rows or waiting)
        self._sentence.show_text(sentence(frame))


def _row(merge: Merge, merges: tuple[Merge, ...], stored: str) -> TableRow:
    exact = exact_merge(merges)
    max_error = max((m.weight_error for m in merges if math.isfinite(m.weight_error)), default=0.0)
    delta_share = merge.delta_error if math.isfinite(merge.delta_error) else 0.0
    return TableRow(
        (
            TableCell(NAMES[merge.format][0]),
            TableCell(bits_text(merge.bits_per_weight)),
            TableCell(error_text(merge.weight_error),
                      merge.weight_error / max_error if max_error > 0 else 0.0),
            TableCell(error_text(merge.delta_error), delta_share),
            TableCell(percent(merge.target_accuracy),
                      note=change_text(merge.target_accuracy, exact.target_accuracy)),
            TableCell(percent(merge.source_accuracy),
                      note=change_text(merge.source_accuracy, exact.source_accuracy)),
        ),
        strong=merge.format == stored,
    )  # fmt: skip
