"""Library of lessons, the program's and the user's own; reloads changed files."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import msgspec
from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices

from gui.lessons.code_block import without_code
from gui.lessons.file import FILES, FOLDER, load_lessons
from gui.lessons.images import PictureError, load_picture
from gui.lessons.lesson import Lesson
from gui.lessons.tex import FORMULA, TexError, check_formula
from gui.lessons.toml_reader import LessonError

RELOAD_DELAY_MILLISECONDS = 150
"""Delay before reloading: editors save a file in several steps."""
EXAMPLE_FILE = FOLDER / "example" / "my-first-lesson.md"
PICTURE = re.compile(r"!\[[^\]\n]*\]\(\s*<?(?P<name>[^)>\n]*?)>?(\s+[\"'][^)\n]*)?\s*\)")
"""A picture in Markdown."""
TEST_WIDTH = 200.0
"""Width in pixels at which pictures are loaded to validate them."""


class LessonLibrary(QObject):
    """All valid lessons at present, and the errors of invalid files; none before `load`."""

    changed = Signal()
    """Emitted after files were loaded, added, removed or changed."""

    def __init__(self, own: Path | None, shipped: Path = FOLDER) -> None:
        """Args: own: the user's folder, which need not exist; None: none."""
        super().__init__()
        self._shipped, self.folder = shipped, own
        self.lessons: tuple[Lesson, ...] = ()
        """Lessons shipped with the program, sorted by number."""
        self.own: tuple[Lesson, ...] = ()
        """Lessons of the user, sorted by number."""
        self.errors: tuple[LessonError, ...] = ()
        """Errors of the files that are not valid lessons."""
        self._watcher = QFileSystemWatcher(self)
        self._reload_timer = QTimer(self, singleShot=True, interval=RELOAD_DELAY_MILLISECONDS)
        self._reload_timer.timeout.connect(self.load)
        self._watcher.fileChanged.connect(self._on_watcher_changed)
        self._watcher.directoryChanged.connect(self._on_watcher_changed)

    def find(self, key: str) -> Lesson | None:
        """Return the present lesson of that key."""
        return next((it for it in (*self.lessons, *self.own) if it.key == key), None)

    def following(self, lesson: Lesson) -> Lesson | None:
        """Return the lesson after another one of the same list; None: it is the last one."""
        later = (
            it for it in (self.own if lesson.own else self.lessons) if it.number > lesson.number
        )
        return next(later, None)

    def error_of(self, lesson: Lesson) -> LessonError | None:
        """Return the present error of a lesson's file; None: it is valid."""
        return self.error_in(lesson.file)

    def error_in(self, file: Path) -> LessonError | None:
        """Return the present error of a file; None: it is valid."""
        return next((error for error in self.errors if error.file == file), None)

    def open_folder(self) -> str:
        """Open the user's folder in the desktop's file manager; add an example if it is new.

        Returns: a message for the user if it cannot be opened; else empty.
        """
        folder = self.folder
        if folder is None:
            return "There is no folder for lessons of your own here."
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not any(folder.glob(FILES)):
                shutil.copyfile(EXAMPLE_FILE, folder / EXAMPLE_FILE.name)
        except OSError as error:
            return f"The folder {folder} cannot be made: {error}."
        self.load()
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            return f"Could not open the folder. Put your lessons in {folder}."
        return ""

    @Slot()
    def load(self) -> None:
        """Load all lessons, from now on again whenever a file changes; it takes a while."""
        self.lessons, errors = load_lessons(self._shipped)
        own, own_errors = ((), ()) if self.folder is None else load_lessons(self.folder)
        validation_errors = {lesson.file: first_error(lesson) for lesson in own}
        self.own = tuple(
            msgspec.structs.replace(lesson, own=True) for lesson in own
            if validation_errors.get(lesson.file) is None
        )  # fmt: skip
        invalid = (error for error in validation_errors.values() if error is not None)
        self.errors = (*errors, *sorted((*own_errors, *invalid), key=lambda error: error.file))
        folders = [folder for folder in (self._shipped, self.folder) if folder is not None]
        # A file that an editor replaced is no longer watched, so all are added again.
        paths = (path for folder in folders for path in (folder, *folder.glob(FILES)))
        wanted = {str(path) for path in paths if os.path.exists(path)}
        missing = wanted - {*self._watcher.files(), *self._watcher.directories()}
        if missing:
            self._watcher.addPaths(sorted(missing))
        self.changed.emit()

    @Slot(str)
    def _on_watcher_changed(self, _path: str) -> None:
        self._reload_timer.start()


def first_error(lesson: Lesson) -> LessonError | None:
    """Return the first formula or picture that cannot be drawn; None: all can."""
    for card in lesson.cards:
        text = without_code(card.text)
        without_formulas = FORMULA.sub(lambda match: " " * len(match[0]), text)
        drawn = [*FORMULA.finditer(text), *PICTURE.finditer(without_formulas)]
        for match in sorted(drawn, key=re.Match.start):
            try:
                if match.re is FORMULA:
                    check_formula(match["tex"])
                else:
                    load_picture(lesson.file.parent, match["name"], TEST_WIDTH, 1.0)
            except (TexError, PictureError, OSError) as error:
                kind = "formula" if match.re is FORMULA else "picture"
                line = card.line + text.count("\n", 0, match.start())
                return LessonError(lesson.file, f"{kind} {error}", line)
    return None
