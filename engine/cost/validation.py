"""Validation of typed-in values; each error names the values that are allowed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from engine.protocol.settings import SettingsError


def check_choice(
    field: str, value: object, allowed: tuple[object, ...], words: str = "one of"
) -> None:
    """Check that a value is one of those allowed.

    Args: field: its name.  value: to check.  allowed: all of one type.  words: before the allowed
    values in the message.
    Raises: SettingsError: it is not.
    """
    if type(value) is not type(allowed[0]) or value not in allowed:
        raise SettingsError(field, value, f"{words} {', '.join(map(str, allowed))}")


def check_whole(field: str, value: object, high: int) -> None:
    """Check that a value is a whole number from 1 to `high`.

    Args: field: its name.  value: to check.  high: the largest allowed.
    Raises: SettingsError: it is not.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= high:
        raise SettingsError(field, value, f"a whole number from 1 to {high:,}")


def check_flag(field: str, value: object) -> None:
    """Check that a value is true or false.

    Args: field: its name.  value: to check.
    Raises: SettingsError: it is neither.
    """
    if not isinstance(value, bool):
        raise SettingsError(field, value, "true or false")


def check_known(field: str, values: object, kind: type) -> dict[str, Any]:
    """Return the values by field name.

    Args: field: name of the mapping.  values: to check.  kind: dataclass with the known fields.
    Raises: SettingsError: not a mapping, or a field that is unknown.
    """
    known = {each.name for each in dataclasses.fields(kind)}
    listed = ", ".join(sorted(known))
    if not isinstance(values, Mapping):
        raise SettingsError(field, values, f"a mapping of the fields {listed}")
    for name in values:
        if name not in known:
            raise SettingsError(str(name), values[name], f"one of the fields {listed}")
    return dict(values)
