"""Where settings changed in the middle of a run."""

from __future__ import annotations

from dataclasses import dataclass

from engine.protocol.messages import Applied, Catalogue
from engine.protocol.settings import Settings
from gui.controls.change_text import change_texts

SAME_MOVE_SECONDS = 1.0
"""Changes of the same setting that follow each other faster are one drag of a slider."""
MOST = 40


@dataclass(frozen=True, slots=True)
class Mark:
    """A change of settings."""

    step: int
    """The last step under the old settings."""
    text: str


class Marks:
    """The marks of one run, by rising step."""

    def __init__(self, settings: Settings) -> None:
        self._marks: list[Mark] = []
        self._settings = settings
        self._before = settings
        self._fields: frozenset[str] = frozenset()
        self._time = float("-inf")

    @property
    def all(self) -> tuple[Mark, ...]:
        """Oldest first."""
        return tuple(self._marks)

    def add(self, applied: Applied, catalogue: Catalogue | None, now: float) -> None:
        """Note a change.

        Args: now: seconds on any clock. What belongs to one drag becomes one mark, from the
        first value to the last; a change before the first step needs none.
        """
        old, new = self._settings, applied.settings
        self._settings = new
        fields = frozenset(old.differences(new))
        if not fields:
            return
        if not (self._marks and self._same_move(applied.step, fields, now)):
            self._before = old
        else:
            self._marks.pop()
        self._fields, self._time = fields, now
        text = ", ".join(change_texts(self._before, new, catalogue))
        if text and applied.step > 0:
            self._marks = [*self._marks[1 - MOST :], Mark(applied.step, text)]

    def go_back_to(self, step: int) -> None:
        """Forget the marks beyond a step."""
        self._marks = [mark for mark in self._marks if mark.step <= step]

    def _same_move(self, step: int, fields: frozenset[str], now: float) -> bool:
        soon = now - self._time <= SAME_MOVE_SECONDS and fields == self._fields
        return soon or step == self._marks[-1].step
