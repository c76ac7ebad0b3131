"""Mistakes of a lesson that show only when drawn: formulas, and pictures that are not there."""

from __future__ import annotations

import re
from pathlib import Path

from gui.lessons.lesson import Card, Lesson
from gui.lessons.pictures import PictureError, load_picture
from gui.lessons.tex import FORMULA, TexError, check_formula
from gui.lessons.toml_reader import LessonError

PICTURE = re.compile(r"!\[[^\]\n]*\]\(\s*<?(?P<name>[^)>\n]*?)>?(\s+[\"'][^)\n]*)?\s*\)")
ROOM = 200.0
"""Pixels of width for a picture that is only tried."""


def fault_of(lesson: Lesson) -> LessonError | None:
    """The first mistake that shows only when a card is drawn; None: there is none."""
    for card in lesson.cards:
        found = [*_bad_formulas(card), *_bad_pictures(card, lesson.file.parent)]
        if found:
            start, problem = min(found)
            line = card.line + card.text.count("\n", 0, start)
            return LessonError(lesson.file, problem, line)
    return None


def _bad_formulas(card: Card) -> list[tuple[int, str]]:
    """(where in the text, what is wrong) of each."""
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
    for match in PICTURE.finditer(plain):
        try:
            load_picture(folder, match["name"], ROOM, 1.0)
        except (PictureError, OSError) as error:
            bad.append((match.start(), f"picture {error}"))
    return bad
