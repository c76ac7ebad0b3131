"""Lines below the comparison's table: what the differences show, and what ± and ★ mean."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.compare.estimates import common_seeds
from gui.compare.words import RunText, difference_lines, divergence_lines, margin_lines
from gui.theme import SECONDARY, SMALL, SPACE
from gui.widgets.box import hbox, stand_in, vbox
from gui.widgets.label import Label


class ComparisonSummary(QWidget):
    """Lines below the table; empty before the first step."""

    def __init__(self) -> None:
        super().__init__()
        self.differences = Label(scale=SECONDARY)
        self.differences.setObjectName("differences")
        self.divergences = Label(scale=SECONDARY, colour="bad")
        self._margins = Label(scale=SMALL, colour="muted")
        self._box = hbox((self.differences, 1), self._margins, spacing=2 * SPACE)
        for label in (self.differences, self._margins):
            label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._lines = vbox(self.divergences, self._box, on=self, spacing=SPACE // 2)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_runs(self, runs: Sequence[RunText]) -> None:
        """Show what the numbers of the runs are worth. Args: runs: in the order of the entries."""
        rows = [run.row for run in runs if run.row is not None]
        lines, lost = difference_lines(runs), divergence_lines(runs)
        title = f"Difference{'s' if len(lines) > 1 else ''} in target accuracy:"
        self.differences.show_text("\n".join((title, *lines) if lines else ()))
        self.divergences.show_text("\n".join(lost))
        self.divergences.setVisible(bool(lost))
        self._margins.show_text("\n".join(margin_lines(common_seeds(rows)) if rows else ()))
        self.setVisible(bool(rows))

    def arrange(self, width: int) -> None:
        """Stand side by side, or below each other. Args: width: seen without scrolling, pixels."""
        parts = (self.differences, self._margins)
        needed = sum(part.sizeHint().width() for part in parts) + 4 * SPACE
        stand_in(self._box, width, needed)
        self._lines.activate()  # else its height would be that from before
