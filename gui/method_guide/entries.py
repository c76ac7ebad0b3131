"""Which method when: the entries of resources/choices.toml, read and checked; without Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gui.lessons.expression import Claim
from gui.lessons.toml_reader import TomlBlock, TomlTable

FILE = Path(__file__).resolve().parents[2] / "resources" / "choices.toml"
MOST = 3
"""Of data, compute and overfitting: much."""


@dataclass(frozen=True, slots=True)
class GuideEntry:
    """One row of the table."""

    strategy: str
    lesson: str
    """Name of the lesson that explains it."""
    data: int
    """How much it wants, 1…3."""
    compute: int
    """And memory, 1…3."""
    overfits: int
    """How easily, 1…3."""
    old_task: str
    """What becomes of what the network knew."""
    here: int
    """Numbers that one task stores in the small network, head included."""
    suits: frozenset[str]
    """Situations, by name."""
    when: str
    """It is the one to choose; a sentence without its full stop."""


@dataclass(frozen=True, slots=True)
class Pitfall:
    """What goes wrong most often, as a run and as its cure."""

    name: str
    title: str
    says: str
    """What happens, and why."""
    shows: str
    """Of the run that goes wrong, with its numbers: {wrong.source|percent}."""
    cured: str
    """Of the run that does better."""
    wrong: Mapping[str, Any]
    """Settings of the one."""
    right: Mapping[str, Any]
    """Settings of the other."""
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class MethodGuide:
    """The whole page."""

    situations: Mapping[str, str]
    """Name -> words."""
    methods: tuple[GuideEntry, ...]
    pitfalls: tuple[Pitfall, ...]


def read_choices(file: Path = FILE) -> MethodGuide:
    """The entries. Raises: LessonError: a mistake, with its line and key."""
    block = TomlBlock(file, file.read_text(encoding="utf-8"), first_line=1)
    whole = TomlTable(block, block.values)
    situations = whole.required("situations", whole.table("situations")).all_texts()
    choices = MethodGuide(
        situations,
        tuple(_method(table, situations) for table in whole.tables("method")),
        tuple(map(_pitfall, whole.tables("pitfall"))),
    )
    whole.done()
    return choices


def _method(table: TomlTable, situations: Mapping[str, str]) -> GuideEntry:
    suits = table.texts("suits")
    for name in suits:
        if name not in situations:
            raise table.error("suits", f"{name!r} is none of {', '.join(situations)}")
    method = GuideEntry(
        strategy=table.required("strategy", table.text("strategy")),
        lesson=table.required("lesson", table.text("lesson")),
        data=table.required("data", table.whole("data", 1, MOST)),
        compute=table.required("compute", table.whole("compute", 1, MOST)),
        overfits=table.required("overfits", table.whole("overfits", 1, MOST)),
        old_task=table.required("old_task", table.text("old_task")),
        here=table.required("here", table.whole("here", 1, 10**9)),
        suits=frozenset(suits),
        when=table.required("when", table.text("when")),
    )
    table.done()
    return method


def _pitfall(table: TomlTable) -> Pitfall:
    words = ("name", "title", "says", "shows", "cured")
    found = {name: table.required(name, table.text(name)) for name in words}
    pitfall = Pitfall(
        **found,
        wrong=table.settings("wrong", {}),
        right=table.settings("right", {}),
        claims=tuple(Claim(text, always=False) for text in table.texts("claims")),
    )
    table.done()
    return pitfall
