"""Entries of the method guide: texts of resources/choices.toml, with the figures; without Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec import field

from engine.protocol.method_figures import FIGURES_FILE, MethodFigures, read_figures
from engine.protocol.shipped import RESOURCES
from gui.lessons.expression import Claim
from gui.lessons.run_result import CurveName
from gui.lessons.toml_reader import LessonError, Text, TomlBlock, TomlTable
from gui.method_guide.rules import RULES, SETUPS, find_suits

FILE = RESOURCES / "choices.toml"


class GuideEntry(TomlTable, frozen=True, kw_only=True):
    """One method: a row of the table."""

    strategy: Text
    lesson: Text
    """Name of the lesson that explains the method."""
    when: Text
    """When to choose it; a sentence without its full stop."""


class Setup(TomlTable, frozen=True, kw_only=True):
    """A run that every method is measured on, and that its button starts."""

    name: Text
    label: Text
    text: Text
    """The task and its samples."""
    settings: dict[str, Any]
    """Fields of the settings, on top of the defaults of the program."""


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


class GuideTexts(TomlTable, frozen=True, kw_only=True):
    """What is written by hand."""

    situations: dict[str, Text]
    """Name -> text of its tick box."""
    practice: dict[str, Text]
    """Name of a situation -> where this small network and practice differ."""
    setups: tuple[Setup, ...] = field(name="setup")
    methods: tuple[GuideEntry, ...] = field(name="method")
    pitfalls: tuple[Pitfall, ...] = field(name="pitfall")


@dataclass(frozen=True, slots=True)
class MethodGuide:
    """Content of the page."""

    texts: GuideTexts
    figures: dict[str, MethodFigures]
    """Strategy -> what was measured and calculated."""
    suits: dict[str, frozenset[str]]
    """Strategy -> names of the situations that it suits."""

    @property
    def seeds(self) -> int:
        """Number of seeds of every measured figure."""
        return len(self.figures["full"].runs[self.texts.setups[0].name].target)

    def has_source(self, strategy: str) -> bool:
        """Whether the method starts from a pretrained network, and can lose what that knew."""
        return not math.isnan(self.figures[strategy].runs["near"].forgetting[0])

    def setup(self, name: str) -> Setup:
        """Return the setup with this name."""
        return next(setup for setup in self.texts.setups if setup.name == name)


def read_method_guide(file: Path = FILE, figures_file: Path = FIGURES_FILE) -> MethodGuide:
    """Read the guide.

    Args: file: with the texts.  figures_file: with what was measured and calculated.
    Raises: LessonError: a file is missing or has a mistake, with its line and key where known.
    """
    texts = _read_texts(file)
    figures = _read_figures(figures_file, texts)
    return MethodGuide(texts, figures, find_suits(figures))


def _read_texts(file: Path) -> GuideTexts:
    try:
        block = TomlBlock(file, file.read_text(encoding="utf-8"), first_line=1)
    except (OSError, UnicodeDecodeError) as error:
        raise LessonError(file, f"cannot be read ({error})") from error
    texts = block.read(GuideTexts)
    if missing := set(SETUPS) - {setup.name for setup in texts.setups}:
        raise block.error(("setup",), f"there is none named {' or '.join(sorted(missing))}")
    for table in ("situations", "practice"):
        for name in getattr(texts, table):
            if name not in RULES:
                raise block.error((table, name), f"is none of {', '.join(RULES)}")
    for index, setup in enumerate(texts.setups):
        block.check_settings(("setup", index, "settings"), setup.settings, {})
    for index, pitfall in enumerate(texts.pitfalls):
        block.check_settings(("pitfall", index, "wrong"), pitfall.wrong, {})
        block.check_settings(("pitfall", index, "right"), pitfall.right, {})
    return texts


def _read_figures(file: Path, texts: GuideTexts) -> dict[str, MethodFigures]:
    """Return the figures, of which none that the texts ask for is missing."""
    try:
        figures = read_figures(file)
    except (OSError, ValueError) as error:
        raise LessonError(file, f"cannot be read ({error})") from error
    for strategy in ("full", *(method.strategy for method in texts.methods)):
        for setup in texts.setups:
            if strategy not in figures or setup.name not in figures[strategy].runs:
                raise LessonError(file, f"has no figures of {strategy!r} for {setup.name!r}")
    return figures
