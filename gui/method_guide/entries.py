"""Entries of the method guide, read from resources/choices.toml and validated; without Qt."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta, field

from engine.protocol.shipped import RESOURCES
from gui.lessons.expression import Claim
from gui.lessons.run_result import CurveName
from gui.lessons.toml_reader import Text, TomlBlock, TomlTable

FILE = RESOURCES / "choices.toml"
MAX_LEVEL = 3
"""Highest level of data, compute and overfitting: much."""
Level = Annotated[int, Meta(ge=1, le=MAX_LEVEL)]


class GuideEntry(TomlTable, frozen=True, kw_only=True):
    """One method: a row of the table."""

    strategy: Text
    lesson: Text
    """Name of the lesson that explains the method."""
    data: Level
    """Amount of data that the method needs."""
    compute: Level
    """Compute and memory that it needs."""
    overfits: Level
    """Risk of overfitting."""
    source_task: Text
    """Effect on the source task."""
    stored_numbers: Annotated[int, Meta(ge=1, le=10**9)] = field(name="here")
    """Numbers that one task stores in the lessons' network, head included."""
    suits: frozenset[Text]
    """Names of the situations that the method suits."""
    when: Text
    """When to choose it; a sentence without its full stop."""


class Pitfall(TomlTable, frozen=True, kw_only=True):
    """A common mistake, as a run that shows it and a run that avoids it."""

    name: Text
    title: Text
    says: Text
    """Description: the effect and its cause."""
    shows: Text
    """Template about the wrong run, with its numbers: {wrong.source|percent}."""
    cured: Text
    """Template about the right run."""
    wrong: dict[str, Any]
    """Settings of the run that goes wrong."""
    right: dict[str, Any]
    """Settings of the run that does better."""
    claims: tuple[Claim, ...]
    curves: tuple[CurveName, ...]
    """What its chart draws of both runs."""


class MethodGuide(TomlTable, frozen=True, kw_only=True):
    """Content of the page."""

    situations: dict[str, Text]
    """Name -> text of its tick box."""
    methods: tuple[GuideEntry, ...] = field(name="method")
    pitfalls: tuple[Pitfall, ...] = field(name="pitfall")


def read_method_guide(file: Path = FILE) -> MethodGuide:
    """Read the guide. Raises: LessonError: a mistake in the file, with its line and key."""
    block = TomlBlock(file, file.read_text(encoding="utf-8"), first_line=1)
    guide = block.read(MethodGuide)
    for index, method in enumerate(guide.methods):
        for name in method.suits:
            if name not in guide.situations:
                problem = f"{name!r} is none of {', '.join(guide.situations)}"
                raise block.error(("method", index, "suits"), problem)
    for index, pitfall in enumerate(guide.pitfalls):
        block.check_settings(("pitfall", index, "wrong"), pitfall.wrong, {})
        block.check_settings(("pitfall", index, "right"), pitfall.right, {})
    return guide
