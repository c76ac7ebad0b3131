"""Entries of the method guide, read from resources/choices.toml and validated; without Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.protocol.shipped import RESOURCES
from gui.lessons.expression import Claim
from gui.lessons.toml_reader import TomlBlock, TomlTable

FILE = RESOURCES / "choices.toml"
MAX_LEVEL = 3
"""Highest level of data, compute and overfitting: much."""


@dataclass(frozen=True, slots=True)
class GuideEntry:
    """One method: a row of the table."""

    strategy: str
    lesson: str
    """Name of the lesson that explains the method."""
    data: int
    """Amount of data that the method needs, 1…3."""
    compute: int
    """Compute and memory that it needs, 1…3."""
    overfits: int
    """Risk of overfitting, 1…3."""
    old_task: str
    """Effect on the old task."""
    stored_numbers: int
    """Numbers that one task stores in the lessons' network, head included."""
    suits: frozenset[str]
    """Names of the situations that the method suits."""
    when: str
    """When to choose it; a sentence without its full stop."""


@dataclass(frozen=True, slots=True)
class Pitfall:
    """A common mistake, as a run that shows it and a run that avoids it."""

    name: str
    title: str
    says: str
    """Description: the effect and its cause."""
    shows: str
    """Template about the wrong run, with its numbers: {wrong.source|percent}."""
    cured: str
    """Template about the right run."""
    wrong: Mapping[str, Any]
    """Settings of the run that goes wrong."""
    right: Mapping[str, Any]
    """Settings of the run that does better."""
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class MethodGuide:
    """Content of the page."""

    situations: Mapping[str, str]
    """Name -> text of its tick box."""
    methods: tuple[GuideEntry, ...]
    pitfalls: tuple[Pitfall, ...]


def read_method_guide(file: Path = FILE) -> MethodGuide:
    """Read the guide. Raises: LessonError: a mistake in the file, with its line and key."""
    block = TomlBlock(file, file.read_text(encoding="utf-8"), first_line=1)
    root = TomlTable(block, block.values)
    situations = root.required("situations", root.table("situations")).all_texts()
    guide = MethodGuide(
        situations,
        tuple(_method(table, situations) for table in root.tables("method")),
        tuple(map(_pitfall, root.tables("pitfall"))),
    )
    root.reject_unknown_keys()
    return guide


def _method(table: TomlTable, situations: Mapping[str, str]) -> GuideEntry:
    suits = table.texts("suits")
    for name in suits:
        if name not in situations:
            raise table.error("suits", f"{name!r} is none of {', '.join(situations)}")
    method = GuideEntry(
        strategy=table.required("strategy", table.text("strategy")),
        lesson=table.required("lesson", table.text("lesson")),
        data=table.required("data", table.integer("data", 1, MAX_LEVEL)),
        compute=table.required("compute", table.integer("compute", 1, MAX_LEVEL)),
        overfits=table.required("overfits", table.integer("overfits", 1, MAX_LEVEL)),
        old_task=table.required("old_task", table.text("old_task")),
        stored_numbers=table.required("here", table.integer("here", 1, 10**9)),
        suits=frozenset(suits),
        when=table.required("when", table.text("when")),
    )
    table.reject_unknown_keys()
    return method


def _pitfall(table: TomlTable) -> Pitfall:
    keys = ("name", "title", "says", "shows", "cured")
    texts = {name: table.required(name, table.text(name)) for name in keys}
    pitfall = Pitfall(
        **texts,
        wrong=table.settings("wrong", {}),
        right=table.settings("right", {}),
        claims=tuple(Claim(text, always=False) for text in table.texts("claims")),
    )
    table.reject_unknown_keys()
    return pitfall
