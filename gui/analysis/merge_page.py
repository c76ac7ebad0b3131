"""Merge page: the error of storing W′ at 32, 16, 8 and 4 bits, and what remains of ΔW."""

from __future__ import annotations

import math

from engine.protocol.messages import Frame, Merge
from engine.protocol.network_shape import MAX_STUDIED_WEIGHTS
from gui.analysis.bar_table import BarTable, TableCell, TableColumn, TableRow
from gui.analysis.live_page import LivePage
from gui.analysis.noise import within_noise
from gui.analysis.spectrum_page import body_is_zero
from gui.session import Session
from gui.text.numbers import NO_VALUE, number_text, percent, points_text

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
                "The same error relative to what was learned, ‖stored − W′‖ / ‖ΔW‖", bar=True),
    TableColumn(("Target accuracy", "Target"), "100.0\u202f%",
                "On test data of the target task; the difference from float32 in percentage points",
                note="−00.0"),
    TableColumn(("Source accuracy", "Source"), "100.0\u202f%",
                "On test data of the source task; the difference from float32 in percentage points",
                note="−00.0"),
)  # fmt: skip
NAMES = {
    "float32": ("float32", 32),
    "float16": ("float16", 16),
    "bfloat16": ("bfloat16", 16),
    "int8": ("int8", 8),
    "nf4": ("NF4", 4),
}
"""Format -> (its name, bits of one weight without scales)."""
WAITING = "Rounding W′ to 32, 16, 8 and 4 bits…"
TOO_LARGE = f"W′ is rounded only in a body of at most {MAX_STUDIED_WEIGHTS:,} weights."
ADAPTERS = (
    "Adapters cannot be merged: each is a layer of its own, with a ReLU inside. "
    "The table is about W′ of the body."
)


class MergePage(LivePage):
    """One row for each format, and a sentence that sums the table up."""

    sentence_is_first = True

    def __init__(self, session: Session) -> None:
        self.table = BarTable("What merging costs in each format", COLUMNS)
        self.table.setObjectName("mergeTable")
        super().__init__(session, "merge", self.table, width=TEXT_WIDTH)

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


def bits_text(bits: float) -> str:
    """Format bits per weight exactly.

    >>> bits_text(32.0), bits_text(4.126953125)
    ('32', '4.1270')
    """
    return f"{bits:.0f}" if bits == round(bits) else f"{bits:.4f}"


def error_text(share: float) -> str:
    """Format a relative error with two or three digits, however small or large it is."""
    if not math.isfinite(share):
        return NO_VALUE
    if share == 0:
        return "0"
    if share < 1e-6:
        return "< 0.0001\u202f%"
    if share < 0.0995:
        return f"{number_text(100 * share)}\u202f%"
    if share < 10:
        return f"{100 * share:.{1 if share < 1 else 0}f}\u202f%"
    return f"× {number_text(share)}"


def change_text(merged: float | None, exact: float | None) -> str:
    """Format an accuracy's change in points; empty if both are displayed alike."""
    if merged is None or exact is None or percent(merged) == percent(exact):
        return ""
    return points_text(merged - exact, plus=True)


def exact_merge(merges: tuple[Merge, ...]) -> Merge:
    """Return the most exact merge, to compare the others with.

    It stands for W′ itself, since the merges may be a few steps older than the frame.
    """
    return max(merges, key=lambda merge: (merge.bits_per_weight, -merge.weight_error))


def sentence(frame: Frame) -> str:
    """Return the sentence that sums the merges up, at the fewest bits."""
    merges = frame.measurements.merges
    if not merges:
        return WAITING if frame.settings.is_studied else TOO_LARGE
    coarsest = min(merges, key=lambda merge: merge.bits_per_weight)
    bits = NAMES[coarsest.format][1]
    outcome = _outcome_text(coarsest, exact_merge(merges), frame)
    if any(layer.name.startswith("adapter") for layer in frame.layers):
        return f"{ADAPTERS} At {bits} bits {outcome}."
    if body_is_zero(frame) or not math.isfinite(coarsest.delta_error):
        error = error_text(coarsest.weight_error)
        return f"ΔW is zero: nothing to merge yet. At {bits} bits W is off by {error}; {outcome}."
    size = coarsest.delta_error
    times = f"{size:.1f} times" if size >= 1 else error_text(size)
    return f"Merging at {bits} bits makes an error {times} as large as ΔW; {outcome}."


def _outcome_text(merge: Merge, exact: Merge, frame: Frame) -> str:
    which, merged, now = "target", merge.target_accuracy, exact.target_accuracy
    facts = frame.target_test
    if merged is None or now is None:
        which, merged, now = "source", merge.source_accuracy, exact.source_accuracy
        facts = frame.source_test
    merged_text, exact_text = percent(merged), percent(now)
    if merged_text == exact_text:
        return f"{which} accuracy stays at {exact_text}"
    if within_noise(merged, now, facts):
        return f"{which} accuracy is {merged_text} instead of {exact_text}, within noise"
    verb = "falls" if merged < now else "rises"
    return f"{which} accuracy {verb} from {exact_text} to {merged_text}"
