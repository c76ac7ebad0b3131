"""Fields of the costs page that a card fills in; without Qt."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta
from msgspec.structs import asdict

from gui.lessons.toml_reader import Text, TomlTable

Number = Annotated[int, Meta(ge=1, le=1024)] | None


class FilledPlan(TomlTable, frozen=True, kw_only=True):
    """Part of a plan; what is empty or None stays as the reader left it."""

    preset: Text = ""
    """Name of a model."""
    method: Text = ""
    rank: Number = None
    precision: Number = None
    """Bits of a frozen weight."""
    adapter_bytes: Number = None
    """Of each number that is added."""

    def fields(self) -> dict[str, Any]:
        """Return the fields that it fills in."""
        return {name: value for name, value in asdict(self).items() if value}
