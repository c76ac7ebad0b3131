"""Text of settings: labels, values, and numbers that a user typed."""

from __future__ import annotations

from typing import Any

from engine.protocol.setting import Choice, Flag, Integer, LayerNames, Value
from engine.protocol.settings import SETTINGS, Settings
from gui.text.numbers import parse_integer, parse_number, short_number


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
    return f"{value:,}" if isinstance(kind, Integer) else short_number(value)


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


def parse_value(field: str, text: str) -> Value | str:
    """Return the value that a user typed; the text itself where it is no number.

    `Settings` refuse such a text, and say what they take.
    Args: field: of `Settings`.  text: as typed.

    >>> parse_value("patience", "Off"), parse_value("alpha", "0,5"), parse_value("rank", "four")
    (None, 0.5, 'four')
    """
    setting = SETTINGS[field]
    if setting.none and text.strip().lower() == setting.none:
        return None
    parse = parse_integer if isinstance(setting.kind, Integer) else parse_number
    value = parse(text)
    return text if value is None else value
