"""The buttons that start the runs of a card."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.lessons.active_run import ActiveRun
from gui.lessons.card.run_button import RunButton
from gui.lessons.card.type import CardText
from gui.lessons.controller import LessonController
from gui.lessons.lesson import Card, LessonRun
from gui.theme import SPACE, appearance

FIRST = "Lock in your answer first, then see."
AGAIN = "Done. Press to make the run again."
SMALL = 0.88
"""Of a lesson's text."""


class RunBlock(QWidget):
    """A button for each run of a card; they wake once the card's question is answered."""

    def __init__(self, guide: LessonController, card: Card) -> None:
        super().__init__()
        self._guide, self._card = guide, card
        self._buttons = {run.name: RunButton(f"run.{run.name}") for run in card.runs}
        self.reason = CardText(FIRST, scale=SMALL, colour="muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE * 3 // 4)
        for button in self._buttons.values():
            button.clicked.connect(self._on_button_clicked)
            column.addWidget(button)
        column.addWidget(self.reason)
        guide.progressed.connect(self._on_guide_progressed)
        self.refresh()

    def refresh(self) -> None:
        """Show how far they are."""
        if self._guide.card is not self._card:  # it is about to go
            return
        waits = self._waits()
        self.reason.setVisible(waits)
        for run in self._card.runs:
            self._show(run, self._buttons[run.name], waits=waits)

    def _waits(self) -> bool:
        """Whether there is something to predict that was not yet; a room predicts aloud."""
        question = self._card.question
        if question is None or appearance.projecting:
            return False
        made = any(run.name in self._guide.records for run in self._card.runs)
        under_way = self._guide.under_way is not None
        return self._guide.answer(question) is None and not made and not under_way

    def _show(self, run: LessonRun, button: RunButton, *, waits: bool) -> None:
        guide = self._guide
        way, busy = guide.under_way, guide.busy
        if way is not None and way.run.name == run.name:
            _show_progress(button, way, paused=not busy)
        elif run.name in guide.records:
            button.show_state(f"✓ {run.label}", primary=False, enabled=not busy, reason=AGAIN)
        else:
            first = next(r for r in self._card.runs if r.name not in guide.records)
            button.show_state(run.label, enabled=not waits and not busy,
                              reason=FIRST if waits else "", primary=run is first)  # fmt: skip

    @Slot()
    def _on_button_clicked(self) -> None:
        button = self.sender()
        self._guide.run(next(n for n, found in self._buttons.items() if found is button))

    @Slot()
    def _on_guide_progressed(self) -> None:
        self.refresh()


class MissingBlock(QWidget):
    """Says that a card shows numbers of runs that are not made, and makes them."""

    def __init__(self, guide: LessonController, card: Card) -> None:
        super().__init__()
        self._guide, self._card = guide, card
        self.words = CardText(scale=SMALL, colour="muted", wrap=True)
        self.button = RunButton("runMissing")
        self.button.clicked.connect(guide.run_missing)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE * 3 // 4)
        column.addWidget(self.words)
        column.addWidget(self.button)
        guide.progressed.connect(self._on_guide_progressed)

    def refresh(self) -> None:
        """Show what is missing."""
        guide = self._guide
        if guide.card is not self._card:  # it is about to go
            return
        missing = guide.missing(self._card)
        self.setVisible(bool(missing))
        if not missing:
            return
        count = len(missing)
        self.words.show_text(
            "This card shows a run of an earlier card, which is not made yet."
            if count == 1 else f"This card shows {count} runs of earlier cards, not made yet."
        )  # fmt: skip
        way = guide.under_way
        if way is not None and way.run.name in missing:
            _show_progress(self.button, way, paused=not guide.busy)
        else:
            text = "Make it now" if count == 1 else "Make them now"
            self.button.show_state(text, enabled=not guide.busy)

    @Slot()
    def _on_guide_progressed(self) -> None:
        self.refresh()


def _show_progress(button: RunButton, way: ActiveRun, *, paused: bool) -> None:
    where = f"tep {way.step:,} of {way.run.steps:,}"
    share = min(way.step / way.run.steps, 1.0)
    button.show_state(f"Go on: s{where}" if paused else f"S{where}", enabled=paused,
                      progress=share)  # fmt: skip
