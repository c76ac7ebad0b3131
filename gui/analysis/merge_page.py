"""What merging W and ΔW into one matrix costs at 32, 16, 8 and 4 bits."""

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
    exact_of,
    sentence,
)
from gui.session import Session
from gui.text.layers import NONE
from gui.text.numbers import percent
from gui.widgets.label import Label

STORED_IN = {"qlora": "nf4", "loftq": "nf4"}
"""Strategies whose W is stored in fewer bits, and in which."""
WORDS_WIDTH = 204
"""In pixels at the ordinary text size: there are many columns beside the words."""
COLUMNS = (
    TableColumn(("Merged W′ in", "W′ in"), hint="The format of every weight of the body"),
    TableColumn(("Bits per weight", "Bits"), "4.1270", "Exact: scales and other constants included"),
    TableColumn(("Error ‖·‖ / ‖W′‖", "Error"), "0.0012\u202f%",
           "Size of the rounding error as a share of the weights, ‖stored − W′‖ / ‖W′‖", bar=True),
    TableColumn(("Error ‖·‖ / ‖ΔW‖", "Of ‖ΔW‖"), "0.090\u202f%",
           "The same error beside what was learned, ‖stored − W′‖ / ‖ΔW‖", bar=True),
    TableColumn(("Target accuracy", "Target"), "100.0\u202f%",
           "On the task it is tuned for; the difference from float32 in points", note="−00.0"),
    TableColumn(("Source accuracy", "Source"), "100.0\u202f%",
           "On the task it was pretrained on; the difference from float32 in points", note="−00.0"),
)  # fmt: skip


class MergePage(LivePage):
    """A row for each format; a sentence that says what to see in it."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, "mergePage")
        self.table = BarTable("What merging costs in each format", COLUMNS)
        self.table.setObjectName("mergeTable")
        self._says = Label(scale=0.9, wrap=True)
        self._says.setObjectName("mergeSentence")
        self.lay_out(self.table, self._says, width=WORDS_WIDTH)

    def text(self) -> str:
        """What is said beside the table."""
        return self._says.text()

    def look_on(self, watching: bool) -> None:
        """Ask for the merges, or for them no longer."""
        self._session.view_requests.request(merges=watching)

    def draw(self, frame: Frame) -> None:
        """Show this frame."""
        stored = STORED_IN.get(frame.settings.strategy, "")
        rows = [_row(merge, frame.merges, stored) for merge in frame.merges]
        empty = tuple(TableCell(NONE) for _ in COLUMNS[1:])
        waiting = [TableRow((TableCell(name), *empty), muted=True) for name, _ in NAMES.values()]
        self.table.show_rows(rows or waiting)
        self._says.show_text(sentence(frame))


def _row(merge: Merge, merges: tuple[Merge, ...], stored: str) -> TableRow:
    exact = exact_of(merges)
    most = max((m.weight_error for m in merges if math.isfinite(m.weight_error)), default=0.0)
    lost = merge.delta_error if math.isfinite(merge.delta_error) else 0.0
    return TableRow(
        (
            TableCell(NAMES[merge.format][0]),
            TableCell(bits_text(merge.bits_per_weight)),
            TableCell(error_text(merge.weight_error), merge.weight_error / most if most > 0 else 0.0),
            TableCell(error_text(merge.delta_error), lost),
            TableCell(percent(merge.target_accuracy),
                 note=change_text(merge.target_accuracy, exact.target_accuracy)),
            TableCell(percent(merge.source_accuracy),
                 note=change_text(merge.source_accuracy, exact.source_accuracy)),
        ),
        strong=merge.format == stored,
    )  # fmt: skip
