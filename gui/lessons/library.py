"""Where lessons stand: the program's and the user's own; read anew when a file changes."""

from __future__ import annotations

import dataclasses
import os
import shutil
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices

from gui.lessons import FOLDER, Lesson, LessonError, load_lessons
from gui.lessons.validation import fault_of

SETTLE_MILLISECONDS = 150
"""An editor saves in several moves: it is read when they are over."""
STARTER = FOLDER / "example" / "my-first-lesson.md"


class LessonLibrary(QObject):
    """The lessons there are now, and the files that are none."""

    changed = Signal()
    """Files came, went or changed."""

    def __init__(self, own: Path | None, shipped: Path = FOLDER) -> None:
        """Args: own: the user's folder, which need not be there yet; None: there is none."""
        super().__init__()
        self._shipped, self._own = shipped, own
        self._closely = False
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MILLISECONDS)
        self._settle.timeout.connect(self._on_settle_timeout)
        self._watcher.fileChanged.connect(self._on_watcher_changed)
        self._watcher.directoryChanged.connect(self._on_watcher_changed)
        self._read()

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """Those that travel with the program, by number."""
        return self._lessons

    @property
    def own(self) -> tuple[Lesson, ...]:
        """Those of the user, by number."""
        return self._own_lessons

    @property
    def errors(self) -> tuple[LessonError, ...]:
        """What is wrong with the files that are no lessons."""
        return self._errors

    @property
    def folder(self) -> Path | None:
        """The user's folder."""
        return self._own

    def find(self, key: str) -> Lesson | None:
        """The lesson of that key, as it reads now."""
        return next((it for it in (*self._lessons, *self._own_lessons) if it.key == key), None)

    def error_of(self, lesson: Lesson) -> LessonError | None:
        """What is wrong with a lesson's file since it was read; None: nothing."""
        return next((error for error in self._errors if error.file == lesson.file), None)

    def look_closely(self) -> None:
        """From now on also check what the user's own lessons draw: formulas and pictures.

        What sets formulas takes a while to import, so this comes after the first picture.
        """
        self._closely = True
        if self._own_lessons:
            self._on_settle_timeout()

    def open_folder(self) -> str:
        """Show the user's folder in the desktop's way, with an example where it is new.

        Returns: why it cannot be opened, for the user; empty: it is.
        """
        folder = self._own
        if folder is None:
            return "There is no folder for lessons of your own here."
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not any(folder.glob("*.md")):
                shutil.copyfile(STARTER, folder / STARTER.name)
        except OSError as error:
            return f"The folder {folder} cannot be made: {error}."
        self._on_settle_timeout()
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            return f"No program here shows folders. Lessons of your own belong in {folder}."
        return ""

    def _read(self) -> None:
        self._lessons, errors = load_lessons(self._shipped)
        own, own_errors = ((), ()) if self._own is None else load_lessons(self._own)
        faults = {lesson.file: fault_of(lesson) for lesson in own if self._closely}
        self._own_lessons = tuple(
            dataclasses.replace(lesson, own=True) for lesson in own
            if faults.get(lesson.file) is None
        )  # fmt: skip
        found = (fault for fault in faults.values() if fault is not None)
        self._errors = (*errors, *sorted((*own_errors, *found), key=lambda error: error.file))
        files = [lesson.file for lesson in (*self._lessons, *own)]
        files += [error.file for error in self._errors]
        folders = [f for f in (self._shipped, self._own) if f is not None and os.path.isdir(f)]
        # A file that an editor replaced is watched no more, so all are named again.
        wanted = {str(path) for path in (*files, *folders) if os.path.exists(path)}
        missing = wanted - {*self._watcher.files(), *self._watcher.directories()}
        if missing:
            self._watcher.addPaths(sorted(missing))

    @Slot(str)
    def _on_watcher_changed(self, _path: str) -> None:
        self._settle.start()

    @Slot()
    def _on_settle_timeout(self) -> None:
        self._read()
        self.changed.emit()
