"""Text of settings: labels, values, and numbers that a user typed."""

from __future__ import annotations

from typing import Any

from engine.protocol.number_text import parse_number, parse_whole_number
from engine.protocol.setting import (
    Choice,
    Flag,
    Integer,
    Kind,
    LayerNames,
    Value,
    check_value,
)
from engine.protocol.settings import SETTINGS, Settings
from gui.text.numbers import short_number


def field_label(field: str) -> str:
    """Return the label of a settings field as its control shows it; other text unchanged.

    Args: field: name of a field of `Settings`, or anything else.

    >>> field_label("train_samples"), field_label("the file")
    ('Training samples', 'the file')
    """
    return SETTINGS[field].label if field in SETTINGS else field


def value_text(field: str, value: Any) -> str:
    """Return the value of a setting: all digits of an integer, three of a fraction, or words.

    Args: field: of `Settings`.  value: of that field.

    >>> value_text("total_steps", 10_000), value_text("patience", None), value_text("alpha", 0.125)
    ('10,000', 'off', '0.125')
    """
    kind, none = SETTINGS[field].kind, SETTINGS[field].none
    if value is None:
        return none or ""
    if isinstance(kind, Choice):
        return kind.labels[value]
    if isinstance(kind, Flag):
        return kind.on if value else kind.off
    if isinstance(kind, LayerNames):
        return ", ".join(value)
    if isinstance(kind, Integer):
        return f"{value:,}"
    return short_number(value).replace(",", "")  # typed so in a fraction it could be either


def shown_value(field: str, settings: Settings) -> Any:
    """Return the value of a setting as its control shows it: α as a number where it follows r.

    Args: field: of `Settings`.  settings: that have it.
    """
    return getattr(settings, SETTINGS[field].shown or field)


def shown_text(field: str, settings: Settings) -> str:
    """Return the text of `shown_value`. Args: field: of `Settings`.  settings: that have it.

    >>> shown_text("alpha", Settings(rank=8)), shown_text("optimizer", Settings())
    ('8', 'Adam')
    """
    return value_text(field, shown_value(field, settings))


def parse_value(field: str, text: str) -> Value:
    """Return the value that somebody typed. Args: field: of `Settings`.  text: as typed.

    Raises: ValueError: it is none, as “field: what is wrong, and what is right”.

    >>> parse_value("patience", "Off"), parse_value("alpha", "0,5"), parse_value("rank", "16")
    (None, 0.5, 16)
    >>> parse_value("rank", "1,5")
    Traceback (most recent call last):
    ValueError: rank: “1,5” is not a whole number; it must be a whole number from 1 to 30
    """
    setting = SETTINGS[field]
    if setting.none and text.strip().lower() == setting.none:
        return None
    return read_number(field, text, setting.kind)


def typing_hint(kind: Kind) -> str:
    """Return the tooltip of a field, with the ways to write its number. Args: kind: of the value.

    >>> typing_hint(Integer(1, 30))
    'Click to type a whole number, such as 8 or 1,024'
    """
    if isinstance(kind, Integer):
        return "Click to type a whole number, such as 8 or 1,024"
    return "Click to type a number, such as 0.003, 3e-3 or 3·10⁻³; 1000 has no comma here"


def read_number(name: str, text: str, kind: Kind) -> float:
    """Return the number that somebody typed. Args: name: of the field.  text, kind: of it.

    Raises: ValueError: as of `parse_value`.
    """
    try:
        value = (parse_whole_number if isinstance(kind, Integer) else parse_number)(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}; it must be {kind.allowed}") from None
    check_value(name, value, kind)
    return value
