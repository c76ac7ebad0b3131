"""The learner's answers and the cards they have read, kept in a local file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from PySide6.QtCore import QIODevice, QSaveFile, QStandardPaths

from gui.lessons.lesson import ChoiceQuestion, DrawnCurve, GuessedCell, Question

VERSION = 1
MAX_FILE_BYTES = 4_000_000
"""Largest file of answers that is read."""


def user_data_folder() -> Path:
    """Return the folder for the user's own lessons and answers."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation))


class Answers:
    """Answers in one small JSON file, replaced atomically after each change."""

    def __init__(self, file: Path | None = None) -> None:
        """Read the answers. Args: file: None: nothing is kept beyond this object's life."""
        self._file = file
        self._lessons: dict[str, dict[str, Any]] = {}
        self.problem = ""
        """Message for the user if answers cannot be read or kept; else empty."""
        self._merge_file()

    def answer(self, lesson: str, question: str) -> Any:
        """Return the answer to a question of a lesson; None: not answered."""
        return self._entry(lesson)["answers"].get(question)

    def store(self, lesson: str, question: str, value: Any) -> None:
        """Store an answer. Args: value: a number, or nested lists of numbers."""
        self._entry(lesson)["answers"][question] = value
        self._save()

    def seen(self, lesson: str) -> frozenset[int]:
        """Return the indices of a lesson's cards that were read."""
        return frozenset(self._entry(lesson)["seen"])

    def mark_seen(self, lesson: str, card: int) -> None:
        """Mark a card as read."""
        seen = self._entry(lesson)["seen"]
        if card not in seen:
            seen.append(card)
            self._save()

    def clear(self) -> None:
        """Delete all answers."""
        self._lessons.clear()
        self._write()

    def _entry(self, lesson: str) -> dict[str, Any]:
        return self._lessons.setdefault(lesson, {"seen": [], "answers": {}})

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
            stored = {str(key): _checked_entry(entry) for key, entry in content["lessons"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            # Left as it is: it may come from a newer version, or be mended by hand.
            self._file = None
            self.problem = (
                f"Your answers in {file} cannot be read ({error}). The file stays as it is; "
                "new answers are kept until the window closes."
            )
            return
        for lesson, theirs in stored.items():
            entry = self._entry(lesson)
            entry["seen"] += [card for card in theirs["seen"] if card not in entry["seen"]]
            entry["answers"] = theirs["answers"] | entry["answers"]

    def _save(self) -> None:
        self._merge_file()
        self._write()

    def _write(self) -> None:
        if self._file is None:
            return
        stored = {k: v for k, v in self._lessons.items() if v["seen"] or v["answers"]}
        text = json.dumps({"version": VERSION, "lessons": stored}, ensure_ascii=False)
        file, reason = QSaveFile(str(self._file)), ""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = str(error)
        if not reason and not (
            file.open(QIODevice.OpenModeFlag.WriteOnly)
            and file.write(text.encode()) >= 0
            and file.commit()
        ):
            reason = file.errorString()
        self.problem = f"Your answers cannot be kept in {self._file}: {reason}." if reason else ""


def _checked_entry(entry: Any) -> dict[str, Any]:
    """Return an entry of the file. Raises: ValueError, TypeError: it is not valid."""
    seen, answers = entry["seen"], entry["answers"]
    if not all(type(card) is int for card in seen) or not isinstance(answers, dict):
        raise ValueError("an entry makes no sense")
    return {"seen": list(seen), "answers": dict(answers)}


def valid_answer(question: Question, value: Any) -> Any:
    """Return the answer if it has the form that the question asks for, else None."""
    match question:
        case ChoiceQuestion(options=options):
            return value if type(value) is int and 0 <= value < len(options) else None
        case DrawnCurve():
            return value if _are_number_rows(value, 2, min_rows=2) else None
        case GuessedCell():
            return value if _are_number_rows([value], 2) else None


def _are_number_rows(rows: Any, width: int, min_rows: int = 1) -> bool:
    return (
        isinstance(rows, list | tuple)
        and len(rows) >= min_rows
        and all(
            isinstance(row, list | tuple)
            and len(row) == width
            and all(type(n) in (int, float) and -1e9 < n < 1e9 for n in row)
            for row in rows
        )
    )
