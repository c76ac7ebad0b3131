"""Row of GPU sizes: which one holds a plan, and how many of the others it would take."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.protocol.sizes import gpu_text
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
        self._sentence.set_colour("good" if 1 in gpus.values() else "bad")
        counts = {int(size): count for size, count in gpus.items()}
        self._sentence.show_text(f"Fits {gpu_text(counts)}.")
