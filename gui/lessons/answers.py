"""The learner's answers and the cards they have read, kept in a local file."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, field
from PySide6.QtCore import QIODevice, QSaveFile

from gui.lessons.lesson import ChoiceQuestion, DrawnCurve, Lesson, Question

VERSION = 1
MAX_FILE_BYTES = 4_000_000
"""Largest file of answers that is read."""
Pair = tuple[Annotated[float, Meta(gt=-1e9, lt=1e9)], Annotated[float, Meta(gt=-1e9, lt=1e9)]]


class LessonAnswers(msgspec.Struct):
    """Progress in one lesson."""

    seen: set[int] = field(default_factory=set)
    """Indices of the cards that were read."""
    answers: dict[str, Any] = field(default_factory=dict)
    """Name of a question -> a number, or nested lists of numbers."""
    made: set[str] = field(default_factory=set)
    """Names of the runs that were made."""


class Answers:
    """Answers in one small JSON file, replaced atomically after each change."""

    def __init__(self, file: Path | None = None) -> None:
        """Read the answers. Args: file: None: nothing is kept beyond this object's life."""
        self._file = file
        self._lessons: defaultdict[str, LessonAnswers] = defaultdict(LessonAnswers)
        self._cleared: list[dict[str, LessonAnswers]] = []
        """Answers before each deletion, the newest last."""
        self.problem = ""
        """Message for the user if answers cannot be read or kept; else empty."""
        self._merge_file()

    def answer(self, lesson: str, question: str) -> Any:
        """Return the answer to a question of a lesson; None: not answered."""
        return self._lessons[lesson].answers.get(question)

    def store(self, lesson: str, question: str, value: Any) -> None:
        """Store an answer. Args: value: a number, or nested lists of numbers."""
        self._lessons[lesson].answers[question] = value
        self._save()

    def seen(self, lesson: str) -> frozenset[int]:
        """Return the indices of a lesson's cards that were read."""
        return frozenset(self._lessons[lesson].seen)

    def mark_seen(self, lesson: str, card: int) -> None:
        """Mark a card as read."""
        if card not in self._lessons[lesson].seen:
            self._lessons[lesson].seen.add(card)
            self._save()

    def mark_made(self, lesson: str, run: str) -> None:
        """Mark a run of a lesson as made."""
        if run not in self._lessons[lesson].made:
            self._lessons[lesson].made.add(run)
            self._save()

    def open_cards(self, lesson: Lesson) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the indices of the cards whose question is not answered, and whose runs not made.

        Runs with the reader's own settings are left to the reader.
        """
        made = self._lessons[lesson.key].made
        unanswered = tuple(
            index for index, card in enumerate(lesson.cards)
            if (asked := card.question) is not None
            and valid_answer(asked, self.answer(lesson.key, asked.name)) is None
        )  # fmt: skip
        unmade = tuple(
            index for index, card in enumerate(lesson.cards)
            if not made.issuperset(run.name for run in card.lesson_runs)
        )  # fmt: skip
        return unanswered, unmade

    def is_done(self, lesson: Lesson) -> bool:
        """Return whether all cards were read, all questions answered, and all runs made."""
        read = self.seen(lesson.key).issuperset(range(len(lesson.cards)))
        return read and not any(self.open_cards(lesson))

    def clear(self, lesson: str = "") -> None:
        """Delete all answers. Args: lesson: its key: only those of this lesson."""
        self._merge_file()
        self._cleared.append(dict(self._lessons))
        for key in [lesson] if lesson else list(self._lessons):
            self._lessons.pop(key, None)
        self._write()

    def restore(self) -> None:
        """Bring back what was deleted last; answers given since then take precedence."""
        if self._cleared:
            self._merge(self._cleared.pop())
            self._write()

    def _merge_file(self) -> None:
        """Merge in what another window has stored; this object's own answers take precedence."""
        file = self._file
        if file is None or not os.path.exists(file):
            return
        try:
            if file.stat().st_size > MAX_FILE_BYTES:
                raise ValueError("it is too large")
            content = json.loads(file.read_text(encoding="utf-8"))
            if content["version"] != VERSION:
                raise ValueError(f"its version is {content['version']!r}, not {VERSION}")
            stored = msgspec.convert(content["lessons"], dict[str, LessonAnswers])
        except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
            # Left as it is: it may come from a newer version, or be mended by hand.
            self._file = None
            self.problem = (
                f"Your answers in {file} cannot be read ({error}). The file stays as it is; "
                "new answers are kept until the window closes."
            )
            return
        self._merge(stored)

    def _merge(self, stored: Mapping[str, LessonAnswers]) -> None:
        for lesson, theirs in stored.items():
            mine = self._lessons[lesson]
            mine.seen |= theirs.seen
            mine.made |= theirs.made
            mine.answers = theirs.answers | mine.answers

    def _save(self) -> None:
        self._merge_file()
        self._write()

    def _write(self) -> None:
        if self._file is None:
            return
        kept = {
            key: entry
            for key, entry in self._lessons.items()
            if entry.seen or entry.answers or entry.made
        }
        content = msgspec.json.encode({"version": VERSION, "lessons": kept})
        file, reason = QSaveFile(str(self._file)), ""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = str(error)
        if not reason and not (
            file.open(QIODevice.OpenModeFlag.WriteOnly)
            and file.write(content) >= 0
            and file.commit()
        ):
            reason = file.errorString()
        self.problem = f"Your answers cannot be kept in {self._file}: {reason}." if reason else ""


def valid_answer(question: Question, value: Any) -> Any:
    """Return the answer if it has the form that the question asks for, else None."""
    form: Any = Pair
    if isinstance(question, ChoiceQuestion):
        form = Annotated[int, Meta(ge=0, lt=len(question.options))]
    elif isinstance(question, DrawnCurve):
        form = Annotated[list[Pair], Meta(min_length=2)]
    try:
        msgspec.convert(value, form)
    except msgspec.ValidationError:
        return None
    return value
