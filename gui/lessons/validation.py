"""Validation of what a lesson draws: its formulas and pictures."""

from __future__ import annotations

import re
from pathlib import Path

from gui.lessons.lesson import Card, Lesson
from gui.lessons.pictures import PictureError, load_picture
from gui.lessons.tex import FORMULA, TexError, check_formula
from gui.lessons.toml_reader import LessonError

PICTURE_MARKUP = re.compile(r"!\[[^\]\n]*\]\(\s*<?(?P<name>[^)>\n]*?)>?(\s+[\"'][^)\n]*)?\s*\)")
TEST_WIDTH = 200.0
"""Width in pixels at which pictures are loaded to validate them."""


def first_error(lesson: Lesson) -> LessonError | None:
    """Return the first error in a lesson's formulas and pictures; None: there is none."""
    for card in lesson.cards:
        errors = [*_bad_formulas(card), *_bad_pictures(card, lesson.file.parent)]
        if errors:
            start, problem = min(errors)
            line = card.line + card.text.count("\n", 0, start)
            return LessonError(lesson.file, problem, line)
    return None


def _bad_formulas(card: Card) -> list[tuple[int, str]]:
    """Return (position in the text, problem) of each formula that cannot be set."""
    bad = []
    for match in FORMULA.finditer(card.text):
        try:
            check_formula(match["tex"])
        except TexError as error:
            bad.append((match.start(), f"formula {error}"))
    return bad


def _bad_pictures(card: Card, folder: Path) -> list[tuple[int, str]]:
    bad = []
    plain = FORMULA.sub(lambda match: " " * len(match[0]), card.text)
    for match in PICTURE_MARKUP.finditer(plain):
        try:
            load_picture(folder, match["name"], TEST_WIDTH, 1.0)
        except (PictureError, OSError) as error:
            bad.append((match.start(), f"picture {error}"))
    return bad
