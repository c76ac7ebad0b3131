"""Buttons of a card that start its runs, or those of earlier cards that it needs."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QButtonGroup, QWidget

from gui.lessons.card.questions import QuestionBlock
from gui.lessons.card.run_button import RunButton
from gui.lessons.card.type import CardText
from gui.lessons.card.words import confirm_text, missing_text, run_all_label, run_label
from gui.lessons.controller import LessonController
from gui.lessons.lesson import Card, LessonRun
from gui.theme import SMALL, SPACE, appearance
from gui.widgets.box import vbox

RUNNING = "This card is shown when its run is done."
RUN_AGAIN = "Done. Press to run it again."
RunGroup = tuple[LessonRun, ...]
"""What one button starts."""


class RunBlock(QWidget):
    """Buttons for the runs of a card; the first one also confirms the answer to its question.

    Args: question: the block of the card's question; None: it asks none.
    """

    def __init__(
        self, controller: LessonController, card: Card, question: QuestionBlock | None
    ) -> None:
        super().__init__()
        self._controller, self._card, self._question = controller, card, question
        self._groups = _groups(card)
        self._buttons = [RunButton(f"run.{runs[0].name}") for runs in self._groups]
        group = QButtonGroup(self, exclusive=False)
        group.idClicked.connect(self._on_group_id_clicked)
        self.reason = CardText(scale=SMALL, colour="muted", wrap=True)
        for index, button in enumerate(self._buttons):
            group.addButton(button, index)
        vbox(*self._buttons, self.reason, on=self, spacing=SPACE * 3 // 4)
        if question is not None:
            question.chosen_changed.connect(self.refresh)
            question.confirmed.connect(self._on_question_confirmed)

    @Slot()
    def refresh(self) -> None:
        """Show the runs' progress."""
        awaits_answer = self._awaits_answer()
        unmade = self._controller.unmade_runs(self._card)
        note = self._controller.runner.note if unmade else ""
        asks = awaits_answer and not self._is_chosen()
        self.reason.show_if_any(self._answer_first if asks else note)
        for runs, button in zip(self._groups, self._buttons, strict=True):
            self._show(runs, button, awaits_answer=awaits_answer)

    @property
    def _answer_first(self) -> str:
        """What has to be done before the run."""
        return "" if self._question is None else self._question.hint

    def _is_chosen(self) -> bool:
        return self._question is not None and self._question.chosen() is not None

    def _awaits_answer(self) -> bool:
        """Return whether a question has to be answered first; never in presenter mode."""
        return self._controller.awaits_answer and not appearance.projecting

    def _show(self, runs: RunGroup, button: RunButton, *, awaits_answer: bool) -> None:
        results, busy = self._controller.results, self._controller.busy
        done = all(run.name in results and not run.keep_settings for run in runs)
        # Before a room what came of the runs needs the place.
        button.setHidden(done and appearance.projecting and not self._is_active(runs))
        if show_progress(button, self._controller, tuple(run.name for run in runs)):
            return
        assert self._controller.lesson is not None
        several = len(runs) > 1
        label = run_all_label(len(runs)) if several else run_label(self._controller.lesson, runs[0])
        if done:
            button.show_state(f"✓ {label}", primary=False, enabled=not busy, reason=RUN_AGAIN)
            return
        is_first = runs is self._first_group()
        enabled, reason = not busy, ""
        if awaits_answer:
            assert self._question is not None
            enabled = is_first and self._is_chosen()
            label = confirm_text(label) if is_first else label
            reason = "" if enabled else self._answer_first
        button.show_state(label, enabled=enabled, reason=reason, primary=is_first)

    def _is_active(self, runs: RunGroup) -> bool:
        active = self._controller.active_run
        return active is not None and active.run in runs

    def _first_group(self) -> RunGroup:
        """Return the first runs that are not all made; the last ones if all are."""
        results = self._controller.results
        unmade = (runs for runs in self._groups if any(run.name not in results for run in runs))
        return next(unmade, self._groups[-1])

    @Slot(int)
    def _on_group_id_clicked(self, index: int) -> None:
        if self._awaits_answer() and self._question is not None:
            self._question.confirm()
        names = [run.name for run in self._groups[index]]
        unmade = [name for name in names if name not in self._controller.results]
        self._controller.run(*(unmade or names))

    @Slot()
    def _on_question_confirmed(self) -> None:
        if self._buttons[0].isEnabled() and self._awaits_answer():
            self._on_group_id_clicked(0)


def _groups(card: Card) -> list[RunGroup]:
    """Return the runs that each button of a card starts."""
    if not card.runs_together:
        return [(run,) for run in card.runs]
    own = ((run,) for run in card.runs if run.keep_settings)
    return [card.lesson_runs, *own]


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
        if show_progress(self.button, self._controller, missing):
            self.label.show_text(RUNNING)
            return
        lesson = self._controller.lesson
        names = [] if lesson is None else [lesson.runs[name].display_name for name in missing]
        self.label.show_text(missing_text(names))
        text = "Run it now" if count == 1 else "Run them now"
        self.button.show_state(text, enabled=not self._controller.busy)


def show_progress(button: RunButton, controller: LessonController, runs: tuple[str, ...]) -> bool:
    """Show the progress of the active run if it is one of these. Returns: whether it is."""
    active, paused = controller.active_run, not controller.busy
    if active is None or active.run.name not in runs:
        return False
    where = f"step {active.step:,} of {active.run.steps:,}"
    if len(runs) > 1:  # short: the button must not grow by a line
        where = f"run {runs.index(active.run.name) + 1} of {len(runs)}, step {active.step:,}"
    share = min(active.step / active.run.steps, 1.0)
    text = f"Continue: {where}" if paused else f"{where[0].upper()}{where[1:]}"
    button.show_state(text, enabled=paused, progress=share)
    return True
