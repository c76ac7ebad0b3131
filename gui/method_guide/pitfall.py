"""Card of one pitfall: a mistake, and buttons for two runs that show and avoid it."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QFrame

from gui.lessons.expression import UNKNOWN, fill
from gui.lessons.run_result import RunResult
from gui.method_guide.entries import Pitfall
from gui.theme import SECONDARY, SPACE
from gui.widgets.box import hbox, vbox
from gui.widgets.button import text_button
from gui.widgets.label import Label

RUNS = {"wrong": "Run it", "right": "Run the cure"}
"""Kind of run -> text of its button."""


class PitfallCard(QFrame):
    """Describes the pitfall; after a run, shows the run's result instead."""

    run_wanted = Signal(str, object)
    """(name of the run, its settings)."""

    def __init__(self, pitfall: Pitfall) -> None:
        super().__init__()
        self._pitfall = pitfall
        self._results: dict[str, RunResult] = {}
        self.setProperty("role", "card")
        self._description = Label(pitfall.says, scale=SECONDARY, colour="muted", wrap=True)
        self._result = Label(scale=SECONDARY, wrap=True)
        self._result.setObjectName(f"pitfallResult.{pitfall.name}")
        self._buttons = QButtonGroup(self)
        for index, (kind, label) in enumerate(RUNS.items()):
            button = text_button(label, f"pitfall.{pitfall.name}.{kind}")
            button.setAccessibleName(f"{label.removesuffix(' it')}: {pitfall.title}")
            self._buttons.addButton(button, index)
        self._buttons.idClicked.connect(self._on_buttons_id_clicked)
        buttons = hbox(*self._buttons.buttons(), 1, spacing=SPACE // 2)
        title = Label(pitfall.title, bold=True, wrap=True)
        parts = (title, self._description, self._result, 1, buttons)
        vbox(*parts, on=self, spacing=SPACE // 2, margins=(SPACE * 3 // 2, SPACE, SPACE, SPACE))
        self._result.hide()

    def show_result(self, name: str, result: RunResult) -> None:
        """Show the result of one of the pitfall's runs; ignore other runs."""
        pitfall_name, _, kind = name.partition(".")
        if pitfall_name != self._pitfall.name or not kind:
            return
        self._results[kind] = result
        texts = [fill(text, self._results) for text in (self._pitfall.shows, self._pitfall.cured)]
        self._result.show_text(" ".join(text for text in texts if UNKNOWN not in text))
        self._description.setVisible(not self._result.text())
        self._result.setVisible(bool(self._result.text()))

    @Slot(int)
    def _on_buttons_id_clicked(self, index: int) -> None:
        kind = [*RUNS][index]
        self.run_wanted.emit(f"{self._pitfall.name}.{kind}", getattr(self._pitfall, kind))
