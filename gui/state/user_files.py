"""Files and folders in which the program keeps what belongs to its user."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths

Location = QStandardPaths.StandardLocation


def _folder(location: QStandardPaths.StandardLocation) -> Path:
    return Path(QStandardPaths.writableLocation(location))


def log_file() -> Path:
    """Return the file that tells what went wrong; there is none before anything did."""
    return _folder(Location.AppLocalDataLocation) / "deltaw.log"


def answers_file() -> Path:
    """Return the file of the answers to lessons."""
    return _folder(Location.AppDataLocation) / "answers.json"


def lessons_folder() -> Path:
    """Return the folder of the user's own lessons."""
    return _folder(Location.AppDataLocation) / "lessons"
