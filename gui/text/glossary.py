"""Glossary: every symbol and word of the window, with what it means in a sentence or two."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from engine.protocol.shipped import RESOURCES


@dataclass(frozen=True, slots=True)
class GlossaryEntry:
    """One symbol or word."""

    term: str
    """As the window writes it."""
    text: str
    """One or two sentences."""
    also: tuple[str, ...] = ()
    """Further spellings, and what one may type instead."""
    parts: tuple[str, ...] = ()
    """Object names of widgets that it explains, * for any text."""

    @property
    def names(self) -> tuple[str, ...]:
        """All that it is called."""
        return self.term, *self.also

    def rank(self, typed: str) -> int | None:
        """Return how well it fits what is typed, 0 best; None: not at all. Args: typed: any case.

        >>> GlossaryEntry("ΔW", "It is added to W.", ("delta W",)).rank("delta")
        2
        """
        wanted, names = typed.strip(), [name.casefold() for name in self.names]
        if wanted in self.names:
            return 0
        wanted = wanted.casefold()
        if wanted in names:
            return 1
        if any(name.startswith(wanted) for name in names):
            return 2
        text = " ".join((*names, self.text.casefold()))
        return 3 if all(word in text for word in wanted.split()) else None


@cache
def glossary() -> dict[str, tuple[GlossaryEntry, ...]]:
    """Return the entries of each group, by its title."""
    text = (RESOURCES / "glossary.toml").read_text(encoding="utf-8")
    return {
        group["title"]: tuple(_entry(entry) for entry in group["entry"])
        for group in tomllib.loads(text)["group"]
    }


def entries() -> Iterator[GlossaryEntry]:
    """Yield all entries, in order."""
    for group in glossary().values():
        yield from group


def entry_named(name: str) -> GlossaryEntry | None:
    """Return the entry with this name; None: there is none. Args: name: as the window writes it."""
    return next((one for one in entries() if name in one.names), None)


def entry_of_part(object_name: str) -> GlossaryEntry | None:
    """Return the entry that explains a widget; None: there is none. Args: object_name: its name."""
    fits = (
        one for one in entries() if any(fnmatchcase(object_name, part) for part in one.parts)
    )  # fmt: skip
    return next(fits, None)


def _entry(read: dict[str, Any]) -> GlossaryEntry:
    also, parts = (tuple(read.get(key, ())) for key in ("also", "parts"))
    return GlossaryEntry(read["term"], read["text"], also, parts)
