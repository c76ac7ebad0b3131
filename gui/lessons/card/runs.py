"""Buttons that start the runs of a card."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QButtonGroup, QWidget

from gui.lessons.card.run_button import RunButton
from gui.lessons.card.type import CardText
from gui.lessons.controller import LessonController
from gui.lessons.lesson import Card, LessonRun
from gui.theme import SMALL, SPACE, appearance
from gui.widgets.box import vbox

ANSWER_FIRST = "Lock in your answer first, then see."
RUN_AGAIN = "Done. Press to make the run again."


class RunBlock(QWidget):
    """One button for each run of a card, enabled once the card's question is answered."""

    def __init__(self, controller: LessonController, card: Card) -> None:
        super().__init__()
        self._controller, self._card = controller, card
        self._buttons = [RunButton(f"run.{run.name}") for run in card.runs]
        group = QButtonGroup(self, exclusive=False)
        group.idClicked.connect(self._on_group_id_clicked)
        self.reason = CardText(ANSWER_FIRST, scale=SMALL, colour="muted", wrap=True)
        for index, button in enumerate(self._buttons):
            group.addButton(button, index)
        vbox(*self._buttons, self.reason, on=self, spacing=SPACE * 3 // 4)

    def refresh(self) -> None:
        """Show the runs' progress."""
        awaits_answer = self._awaits_answer()
        self.reason.setVisible(awaits_answer)
        for run, button in zip(self._card.runs, self._buttons, strict=True):
            self._show(run, button, awaits_answer=awaits_answer)

    def _awaits_answer(self) -> bool:
        """Return whether a question has to be answered first; never in presenter mode."""
        question = self._card.question
        if question is None or appearance.projecting:
            return False
        made = any(run.name in self._controller.results for run in self._card.runs)
        is_running = self._controller.active_run is not None
        return self._controller.answer(question) is None and not made and not is_running

    def _show(self, run: LessonRun, button: RunButton, *, awaits_answer: bool) -> None:
        results, busy = self._controller.results, self._controller.busy
        if show_progress(button, self._controller, (run.name,)):
            return
        if run.name in results:
            button.show_state(f"✓ {run.label}", primary=False, enabled=not busy, reason=RUN_AGAIN)
        else:
            first = next(r for r in self._card.runs if r.name not in results)
            reason = ANSWER_FIRST if awaits_answer else ""
            enabled = not awaits_answer and not busy
            button.show_state(run.label, enabled=enabled, reason=reason, primary=run is first)

    @Slot(int)
    def _on_group_id_clicked(self, index: int) -> None:
        self._controller.run(self._card.runs[index].name)


class MissingBlock(QWidget):
    """Message that a card needs runs without results, and a button that trains them."""

    def __init__(self, controller: LessonController, card: Card) -> None:
        super().__init__()
        self._controller, self._card = controller, card
        self.label = CardText(scale=SMALL, colour="muted", wrap=True)
        self.button = RunButton("runMissing")
        self.button.clicked.connect(controller.run_missing)
        vbox(self.label, self.button, on=self, spacing=SPACE * 3 // 4)

    def refresh(self) -> None:
        """Show the number of missing runs, or hide."""
        missing = self._controller.missing_runs(self._card)
        count = len(missing)
        self.setVisible(count > 0)
        self.label.show_text(
            "This card shows a run of an earlier card, which is not made yet."
            if count == 1 else f"This card shows {count} runs of earlier cards, not made yet."
        )  # fmt: skip
        if not show_progress(self.button, self._controller, missing):
            text = "Make it now" if count == 1 else "Make them now"
            self.button.show_state(text, enabled=not self._controller.busy)


def show_progress(button: RunButton, controller: LessonController, runs: tuple[str, ...]) -> bool:
    """Show the progress of the active run if it is one of these. Returns: whether it is."""
    active, paused = controller.active_run, not controller.busy
    if active is None or active.run.name not in runs:
        return False
    where = f"tep {active.step:,} of {active.run.steps:,}"
    share = min(active.step / active.run.steps, 1.0)
    text = f"Go on: s{where}" if paused else f"S{where}"
    button.show_state(text, enabled=paused, progress=share)
    return True
