"""What the learner answered and how far they came; it stays on this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import QIODevice, QSaveFile, QStandardPaths

from gui.lessons.lesson import Choice, DrawnCurve, GuessedCell, Question

VERSION = 1
LARGEST = 4_000_000
"""Bytes of a file of answers; a larger one is none of ours."""


def own_folder() -> Path:
    """Where the desktop keeps what a user makes with the program."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation))


class Answers:
    """Kept in one small file, written anew after each change; half a file is never left behind."""

    def __init__(self, file: Path | None = None) -> None:
        """Args: file: None: nothing is kept beyond this object's life."""
        self._file = file
        self._lessons: dict[str, dict[str, Any]] = {}
        self.problem = ""
        """Why answers cannot be read or kept, for the user; empty: they can."""
        if file is not None and file.exists():
            self._read(file)

    def answer(self, lesson: str, question: str) -> Any:
        """What was answered; None where nothing was."""
        return self._entry(lesson)["answers"].get(question)

    def keep(self, lesson: str, question: str, value: Any) -> None:
        """Keep an answer. Args: value: numbers and lists of them."""
        self._entry(lesson)["answers"][question] = value
        self._save()

    def seen(self, lesson: str) -> frozenset[int]:
        """Indices of the cards that were read."""
        return frozenset(self._entry(lesson)["seen"])

    def see(self, lesson: str, card: int) -> None:
        """Note that a card was read."""
        seen = self._entry(lesson)["seen"]
        if card not in seen:
            seen.append(card)
            self._save()

    def clear(self, lesson: str | None = None) -> None:
        """Forget what belongs to a lesson. Args: lesson: None: to all of them."""
        if lesson is None:
            self._lessons.clear()
        else:
            self._lessons.pop(lesson, None)
        self._save()

    def _entry(self, lesson: str) -> dict[str, Any]:
        return self._lessons.setdefault(lesson, {"seen": [], "answers": {}})

    def _read(self, file: Path) -> None:
        try:
            if file.stat().st_size > LARGEST:
                raise ValueError("it is too large")
            whole = json.loads(file.read_text(encoding="utf-8"))
            if whole["version"] != VERSION:
                raise ValueError(f"its version is {whole['version']!r}, not {VERSION}")
            self._lessons = {str(k): _entry_of(v) for k, v in whole["lessons"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            # Left as it is: it may come from a newer version, or be mended by hand.
            self._file = None
            self.problem = (
                f"Your answers in {file} cannot be read ({error}). The file stays as it is; "
                "new answers are kept until the window closes."
            )

    def _save(self) -> None:
        if self._file is None:
            return
        kept = {k: v for k, v in self._lessons.items() if v["seen"] or v["answers"]}
        text = json.dumps({"version": VERSION, "lessons": kept}, ensure_ascii=False)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._fail(str(error))
            return
        file = QSaveFile(str(self._file))
        if not file.open(QIODevice.OpenModeFlag.WriteOnly):
            self._fail(file.errorString())
            return
        file.write(text.encode())
        if not file.commit():
            self._fail(file.errorString())

    def _fail(self, reason: str) -> None:
        self.problem = f"Your answers cannot be kept in {self._file}: {reason}."


def _entry_of(entry: Any) -> dict[str, Any]:
    """Raises: ValueError, TypeError: not what `_save` writes."""
    seen, answers = entry["seen"], entry["answers"]
    if not all(type(card) is int for card in seen) or not isinstance(answers, dict):
        raise ValueError("an entry makes no sense")
    return {"seen": list(seen), "answers": dict(answers)}


def checked(question: Question, value: Any) -> Any:
    """The answer, if it is one to this question; else None."""
    match question:
        case Choice(options=options):
            return value if type(value) is int and 0 <= value < len(options) else None
        case DrawnCurve():
            return value if _are_numbers(value, 2, least=2) else None
        case GuessedCell():
            return value if _are_numbers([value], 2) else None


def _are_numbers(rows: Any, width: int, least: int = 1) -> bool:
    return (
        isinstance(rows, list | tuple)
        and len(rows) >= least
        and all(
            isinstance(row, list | tuple)
            and len(row) == width
            and all(type(n) in (int, float) and -1e9 < n < 1e9 for n in row)
            for row in rows
        )
    )
