"""Card of one pitfall: a mistake, and buttons for two runs that show and avoid it."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame

from gui.lessons.run_result import RunResult
from gui.lessons.template import UNKNOWN, fill
from gui.method_guide.entries import Pitfall
from gui.theme import SECONDARY, SPACE
from gui.widgets.box import hbox, vbox
from gui.widgets.button import text_button
from gui.widgets.label import Label


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
        wrong = text_button("Run it", f"pitfall.{pitfall.name}.wrong")
        wrong.setAccessibleName(f"Run: {pitfall.title}")
        right = text_button("Run the cure", f"pitfall.{pitfall.name}.right")
        right.setAccessibleName(f"Run the cure: {pitfall.title}")
        buttons = hbox(wrong, right, 1, spacing=SPACE // 2)
        title = Label(pitfall.title, bold=True, wrap=True)
        parts = (title, self._description, self._result, 1, buttons)
        vbox(*parts, on=self, spacing=SPACE // 2, margins=(SPACE * 3 // 2, SPACE, SPACE, SPACE))
        self._result.hide()
        wrong.clicked.connect(self._on_wrong_clicked)
        right.clicked.connect(self._on_right_clicked)

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

    @Slot()
    def _on_wrong_clicked(self) -> None:
        self.run_wanted.emit(f"{self._pitfall.name}.wrong", self._pitfall.wrong)

    @Slot()
    def _on_right_clicked(self) -> None:
        self.run_wanted.emit(f"{self._pitfall.name}.right", self._pitfall.right)
