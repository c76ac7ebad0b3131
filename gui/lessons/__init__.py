"""Lesson files: loading and lookup. Does not import Qt."""

from __future__ import annotations

from pathlib import Path

from engine.protocol.shipped import RESOURCES
from gui.lessons.file import read_lesson
from gui.lessons.lesson import Lesson
from gui.lessons.toml_reader import LessonError

__all__ = ["FOLDER", "Lesson", "LessonError", "find_lesson", "load_lessons"]

FOLDER = RESOURCES / "lessons"


def load_lessons(folder: Path = FOLDER) -> tuple[tuple[Lesson, ...], tuple[LessonError, ...]]:
    """Return a folder's lessons, sorted by number, and the errors of invalid files."""
    lessons: dict[int, Lesson] = {}
    errors = []
    for file in sorted(folder.glob("*.md")):
        try:
            lesson = read_lesson(file)
            if lesson.number in lessons:
                other = lessons[lesson.number].file.name
                raise LessonError(file, f"number: {lesson.number} is taken by {other}")
            lessons[lesson.number] = lesson
        except LessonError as error:
            errors.append(error)
    return tuple(lessons[number] for number in sorted(lessons)), tuple(errors)


def find_lesson(name: str, folder: Path = FOLDER) -> Lesson:
    """Return the lesson of that name or number.

    Raises: LessonError: there is none; the message lists those there are.
    """
    lessons, _ = load_lessons(folder)
    for lesson in lessons:
        if name in (lesson.name, str(lesson.number)):
            return lesson
    known = ", ".join(f"{lesson.number} {lesson.name}" for lesson in lessons)
    raise LessonError(folder, f"there is no lesson {name!r}; there are {known}")
