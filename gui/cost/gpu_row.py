"""Row of GPU sizes: which one holds a plan, and how many of the others it would take."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from gui.cost.flow_row import FlowRow
from gui.theme import SECONDARY, SPACE
from gui.widgets.box import vbox
from gui.widgets.label import Label

HINT = "1 GB is 10⁹ bytes here: what a GPU has beyond, some 7 %, is left to the framework"


class GpuRow(QWidget):
    """One entry for each size, and a sentence that says the same."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: dict[str, Label] = {}
        self._line = FlowRow(gap=2 * SPACE)
        self._sentence = Label(wrap=True, bold=True)
        self._sentence.setObjectName("cost.fits")
        self.setToolTip(HINT)
        vbox(self._sentence, self._line, on=self, spacing=SPACE // 2)

    def draw(self, gpus: dict[str, int]) -> None:
        """Show a plan. Args: gpus: GB of a GPU -> how many of them it takes."""
        for size, count in gpus.items():
            entry = self._entries.get(size)
            if entry is None:
                entry = self._entries[size] = Label(scale=SECONDARY)
                entry.setObjectName(f"cost.gpu.{size}")
                self._line.add(entry)
            entry.show_text(f"{size} GB ✓" if count == 1 else f"{size} GB × {count:,}")
            entry.set_colour("good" if count == 1 else "muted")
        holding = [int(size) for size, count in gpus.items() if count == 1]
        self._sentence.set_colour("good" if holding else "bad")
        self._sentence.show_text(fits_text(gpus))


def fits_text(gpus: dict[str, int]) -> str:
    """Return which GPUs hold a plan, as a sentence. Args: gpus: GB -> how many it takes.

    >>> fits_text({"48": 2, "80": 1})
    'Fits on one GPU of 80 GB.'
    >>> fits_text({"48": 25, "80": 15})
    'Fits on no single GPU: it takes at least 15 of 80 GB, if all divides evenly.'
    """
    holding, largest = [int(size) for size, count in gpus.items() if count == 1], max(gpus, key=int)
    if holding:
        more = " or more" if len(holding) > 1 else ""
        return f"Fits on one GPU of {min(holding)} GB{more}."
    return (
        f"Fits on no single GPU: it takes at least {gpus[largest]:,} of {largest} GB, "
        "if all divides evenly."
    )
