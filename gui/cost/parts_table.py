"""Table of what the memory is made of: colour, name, bytes and share of each part."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from gui.cost.bars import BarSegment, Swatch
from gui.text.numbers import percent_text, size_text
from gui.text.plain_numbers import plain_number
from gui.theme import SPACE
from gui.widgets.copying import Copy, in_row, table_copies
from gui.widgets.label import RIGHT, ElidedLabel, Label

MEMORY_PARTS = (
    ("model_bytes", "Weights", "line", "The model's weights at this precision"),
    ("cast_bytes", "Cast to float32", "muted",
     "Embeddings, norms and head, which PEFT's preparation of a quantised model makes float32"),
    ("added_bytes", "Added", "text", "The weights that the method adds"),
    ("gradient_bytes", "Gradients", "source",
     "One for each parameter that trains; they stay while the next of several batches runs"),
    ("second_copy_bytes", "Second copy", "hatch",
     "What trains, once more in float32: its 16 bits would round small steps away"),
    ("optimizer_bytes", "Adam's states", "good",
     "Adam's moments, two for each parameter that trains: running means of gradient and square"),
    ("activation_bytes", "Activations, about", "target",
     "What the forward pass keeps for the backward pass; grows with batch and sequence length"),
    ("logit_bytes", "Logits", "1",
     "For each token, a score for every token of the vocabulary, and its gradient, both float32"),
)  # fmt: skip
"""(field of the memory estimate, its name, its colour as of a `BarSegment`, what it is)."""
TOO_SMALL, LOWER_BAR_ONLY = "too small to draw", "only in full fine-tuning"


class PartsTable(QWidget):
    """One row for each part that is not empty."""

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(1, 1)
        self._rows = []
        self._segments: tuple[BarSegment, ...] = ()
        for index, (field, _, _, hint) in enumerate(MEMORY_PARTS):
            swatch, name = Swatch(), ElidedLabel()
            size, share = Label(bold=True), Label(colour="muted")
            size.setObjectName(f"cost.{field}")
            share.setObjectName(f"cost.{field}.share")
            for column, part in enumerate((swatch, name, size, share)):
                grid.addWidget(part, index, column, Qt.AlignmentFlag.AlignVCenter)
                part.setToolTip(hint)
            for figure in (size, share):
                figure.setAlignment(RIGHT)
            self._rows.append((swatch, name, size, share))

    def draw(
        self,
        segments: tuple[BarSegment, ...],
        drawn: list[bool],
        below: tuple[BarSegment, ...],
    ) -> None:
        """Show segments, one for each of `MEMORY_PARTS`.

        Args: drawn: which are in the bar.  below: of the second bar; as many.
        """
        self._segments = segments
        total = max(sum(segment.bytes for segment in segments), 1)
        for segment, is_drawn, other, row in zip(segments, drawn, below, self._rows, strict=True):
            swatch, name, size, share = row
            for part in row:
                part.setVisible(segment.bytes > 0 or other.bytes > 0)
            swatch.show_colour(segment)
            name.show_text(f"{segment.name}, frozen" if segment.frozen else segment.name)
            size.show_text(size_text(segment.bytes))
            if segment.bytes:
                share.show_text(percent_text(segment.bytes / total) if is_drawn else TOO_SMALL)
            else:
                share.show_text(LOWER_BAR_ONLY)

    def copies(self, at: QPoint | None) -> tuple[Copy, ...]:
        """Return how a part and the table are copied: exact bytes, and shares of 1."""
        total = max(sum(segment.bytes for segment in self._segments), 1)
        shown = [
            (row, segment)
            for row, segment in zip(self._rows, self._segments, strict=False)
            if segment.bytes
        ]
        meant = (place for place, (row, _) in enumerate(shown) if in_row(row, at))
        rows = [(part.name, str(part.bytes), plain_number(part.bytes / total)) for _, part in shown]
        return table_copies(("part", "bytes", "share"), rows, next(meant, None)) if rows else ()


def memory_segments(memory: dict[str, int], *, frozen: bool) -> tuple[BarSegment, ...]:
    """Return a memory estimate's segments. Args: frozen: whether the weights are frozen."""
    return tuple(
        BarSegment(name, memory[field], colour, frozen and field == "model_bytes")
        for field, name, colour, _ in MEMORY_PARTS
    )
