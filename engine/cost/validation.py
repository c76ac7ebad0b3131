"""What a typed value must be; each says in its error what would do."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from engine.protocol.settings import SettingsError


def check_choice(
    field: str, value: object, allowed: tuple[object, ...], words: str = "one of"
) -> None:
    """Raises: SettingsError: the value is not among those allowed."""
    if type(value) is not type(allowed[0]) or value not in allowed:
        raise SettingsError(field, value, f"{words} {', '.join(map(str, allowed))}")


def check_whole(field: str, value: object, high: int) -> None:
    """Raises: SettingsError: the value is no whole number from 1 to `high`."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= high:
        raise SettingsError(field, value, f"a whole number from 1 to {high:,}")


def check_flag(field: str, value: object) -> None:
    """Raises: SettingsError: the value is neither true nor false."""
    if not isinstance(value, bool):
        raise SettingsError(field, value, "true or false")


def check_known(field: str, values: object, kind: type) -> dict[str, Any]:
    """The values by field name. Raises: SettingsError: no mapping, or a field that is not there."""
    known = {each.name for each in dataclasses.fields(kind)}
    listed = ", ".join(sorted(known))
    if not isinstance(values, Mapping):
        raise SettingsError(field, values, f"a mapping of the fields {listed}")
    for name in values:
        if name not in known:
            raise SettingsError(str(name), values[name], f"one of the fields {listed}")
    return dict(values)
