"""What the learner answered and how far they came; it stays on this machine."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from PySide6.QtCore import QIODevice, QSaveFile, QStandardPaths

from gui.lessons.lesson import ChoiceQuestion, DrawnCurve, GuessedCell, Question

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
        self._take_in()

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

    def clear(self) -> None:
        """Forget all of them."""
        self._lessons.clear()
        self._write()

    def _entry(self, lesson: str) -> dict[str, Any]:
        return self._lessons.setdefault(lesson, {"seen": [], "answers": {}})

    def _take_in(self) -> None:
        """Read what another window has kept by now; what is known here counts more."""
        file = self._file
        if file is None or not os.path.exists(file):
            return
        try:
            if file.stat().st_size > LARGEST:
                raise ValueError("it is too large")
            whole = json.loads(file.read_text(encoding="utf-8"))
            if whole["version"] != VERSION:
                raise ValueError(f"its version is {whole['version']!r}, not {VERSION}")
            kept = {str(key): _entry_of(entry) for key, entry in whole["lessons"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            # Left as it is: it may come from a newer version, or be mended by hand.
            self._file = None
            self.problem = (
                f"Your answers in {file} cannot be read ({error}). The file stays as it is; "
                "new answers are kept until the window closes."
            )
            return
        for lesson, found in kept.items():
            entry = self._entry(lesson)
            entry["seen"] += [card for card in found["seen"] if card not in entry["seen"]]
            entry["answers"] = found["answers"] | entry["answers"]

    def _save(self) -> None:
        self._take_in()
        self._write()

    def _write(self) -> None:
        if self._file is None:
            return
        kept = {k: v for k, v in self._lessons.items() if v["seen"] or v["answers"]}
        text = json.dumps({"version": VERSION, "lessons": kept}, ensure_ascii=False)
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


def _entry_of(entry: Any) -> dict[str, Any]:
    """Raises: ValueError, TypeError: not what `_save` writes."""
    seen, answers = entry["seen"], entry["answers"]
    if not all(type(card) is int for card in seen) or not isinstance(answers, dict):
        raise ValueError("an entry makes no sense")
    return {"seen": list(seen), "answers": dict(answers)}


def checked(question: Question, value: Any) -> Any:
    """The answer, if it is one to this question; else None."""
    match question:
        case ChoiceQuestion(options=options):
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
