"""Sentences that give a reason, in lessons, notes and the method table, and what holds each.

A sentence with one of `WORDS` is entered in causes.toml, under its source, its text as the key:

    [08-lora]
    "B starts at zero, so BA is zero." = { test = "tests/engine/….py::test_…" }

`control`: the `run` of a `[[because]]` of that lesson, or of another one: `lora/full`.
`test`: what tries it.  `definition`: why it is so by definition, arithmetic or formula.
"""

import ast
import functools
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from engine.protocol.shipped import RESOURCES
from engine.protocol.strategy_files import strategy_facts, strategy_names
from gui.lessons.code_block import without_code
from gui.lessons.file import load_lessons
from gui.lessons.lesson import ChoiceQuestion, Lesson

WORDS = re.compile(r"\b(because|so|since|therefore|only|needs|cannot)\b", re.IGNORECASE)
FILE = Path(__file__).with_suffix(".toml")
ROOT = Path(__file__).parents[2]
LESSONS = load_lessons()[0]


def sources() -> dict[str, tuple[str, ...]]:
    """Name of each source -> its sentences that give a reason."""
    texts = {lesson.file.stem: tuple(_lesson_texts(lesson)) for lesson in LESSONS}
    texts["strategies"] = tuple(strategy_facts(name).get("note", "") for name in strategy_names())
    choices = tomllib.loads((RESOURCES / "choices.toml").read_text(encoding="utf-8"))
    texts["choices"] = tuple(_strings(choices))
    return {name: tuple(_reasons(parts)) for name, parts in texts.items()}


def _lesson_texts(lesson: Lesson) -> Iterator[str]:
    yield lesson.goal
    for card in lesson.cards:
        yield from (card.title, without_code(card.text), card.notes)
        if isinstance(card.question, ChoiceQuestion):
            yield from (*card.question.options, *card.question.reasons)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)


def _reasons(texts: tuple[str, ...]) -> Iterator[str]:
    for text in texts:
        for sentence in re.split(r"(?<=[.?!])\s+|\n\s*\n", text):
            if WORDS.search(sentence):
                yield " ".join(sentence.split())


def entries() -> dict[str, dict[str, dict[str, str]]]:
    """Return what is entered: source -> sentence -> what holds it."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def problem(source: str, held_by: dict[str, str]) -> str:
    """Return what is wrong with an entry; empty: nothing."""
    match held_by:
        case {"control": control, **rest} if not rest:
            return "" if control in _controls(source) else f"there is no [[because]] of {control}"
        case {"test": test, **rest} if not rest:
            return "" if _is_test(test) else f"there is no test {test}"
        case {"definition": words, **rest} if not rest:
            return "" if len(words.split()) > 1 else "a definition takes more than a word"
    return "must be held by one of control, test and definition"


@functools.cache
def _controls(source: str) -> frozenset[str]:
    found = set()
    for lesson in LESSONS:
        for because in (because for card in lesson.cards for because in card.because):
            found.add(f"{lesson.name}/{because.run}")
            if lesson.file.stem == source:
                found.add(because.run)
    return frozenset(found)


@functools.cache
def _is_test(node: str) -> bool:
    path, _, name = node.partition("::")
    file = ROOT / path
    if not name.startswith("test_") or not file.is_file():
        return False
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return any(isinstance(part, ast.FunctionDef) and part.name == name for part in tree.body)
