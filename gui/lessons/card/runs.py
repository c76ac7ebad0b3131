"""Buttons that start the runs of a card."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from gui.lessons.active_run import ActiveRun
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
        self._buttons = {run.name: RunButton(f"run.{run.name}") for run in card.runs}
        self.reason = CardText(ANSWER_FIRST, scale=SMALL, colour="muted", wrap=True)
        column = vbox(on=self, spacing=SPACE * 3 // 4)
        for button in self._buttons.values():
            button.clicked.connect(self._on_button_clicked)
            column.addWidget(button)
        column.addWidget(self.reason)
        controller.progressed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the runs' progress."""
        if self._controller.card is not self._card:  # about to be deleted
            return
        awaits_answer = self._awaits_answer()
        self.reason.setVisible(awaits_answer)
        for run in self._card.runs:
            self._show(run, self._buttons[run.name], awaits_answer=awaits_answer)

    def _awaits_answer(self) -> bool:
        """Return whether a question has to be answered first; never in presenter mode."""
        question = self._card.question
        if question is None or appearance.projecting:
            return False
        made = any(run.name in self._controller.results for run in self._card.runs)
        is_running = self._controller.active_run is not None
        return self._controller.answer(question) is None and not made and not is_running

    def _show(self, run: LessonRun, button: RunButton, *, awaits_answer: bool) -> None:
        controller = self._controller
        active, busy = controller.active_run, controller.busy
        if active is not None and active.run.name == run.name:
            _show_progress(button, active, paused=not busy)
        elif run.name in controller.results:
            button.show_state(f"✓ {run.label}", primary=False, enabled=not busy, reason=RUN_AGAIN)
        else:
            first = next(r for r in self._card.runs if r.name not in controller.results)
            reason = ANSWER_FIRST if awaits_answer else ""
            enabled = not awaits_answer and not busy
            button.show_state(run.label, enabled=enabled, reason=reason, primary=run is first)

    @Slot()
    def _on_button_clicked(self) -> None:
        sender = self.sender()
        self._controller.run(next(n for n, button in self._buttons.items() if button is sender))


class MissingBlock(QWidget):
    """Message that a card needs runs without results, and a button that trains them."""

    def __init__(self, controller: LessonController, card: Card) -> None:
        super().__init__()
        self._controller, self._card = controller, card
        self.label = CardText(scale=SMALL, colour="muted", wrap=True)
        self.button = RunButton("runMissing")
        self.button.clicked.connect(controller.run_missing)
        vbox(self.label, self.button, on=self, spacing=SPACE * 3 // 4)
        controller.progressed.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Show the number of missing runs, or hide."""
        controller = self._controller
        if controller.card is not self._card:  # about to be deleted
            return
        missing = controller.missing_runs(self._card)
        self.setVisible(bool(missing))
        if not missing:
            return
        count = len(missing)
        self.label.show_text(
            "This card shows a run of an earlier card, which is not made yet."
            if count == 1 else f"This card shows {count} runs of earlier cards, not made yet."
        )  # fmt: skip
        active = controller.active_run
        if active is not None and active.run.name in missing:
            _show_progress(self.button, active, paused=not controller.busy)
        else:
            text = "Make it now" if count == 1 else "Make them now"
            self.button.show_state(text, enabled=not controller.busy)


def _show_progress(button: RunButton, active: ActiveRun, *, paused: bool) -> None:
    where = f"tep {active.step:,} of {active.run.steps:,}"
    share = min(active.step / active.run.steps, 1.0)
    button.show_state(f"Go on: s{where}" if paused else f"S{where}", enabled=paused,
                      progress=share)  # fmt: skip
