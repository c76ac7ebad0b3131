"""Entry: what is typed into a field becomes a value, or is refused in words."""

from __future__ import annotations

from collections.abc import Callable

from engine.protocol.setting import Value
from gui.session import Session
from gui.state.notices import refused
from gui.text.setting_text import parse_value
from gui.widgets.value_field import EntryField


def read_setting(session: Session, field: str, text: str) -> Value:
    """Return the value of a setting that somebody typed. Args: field: of `Settings`.  text: typed.

    Raises: ValueError: it is none, or does not go with the other settings.
    """
    value = parse_value(field, text)
    session.state.settings.replace(**{field: value})
    return value


def in_words(read: Callable[[str], Value]) -> Callable[[str], Value]:
    """Return the same function for a field, where it refuses in a sentence for the user.

    Args: read: text -> value, which raises ValueError as “field: what is wrong”.
    """

    def read_in_words(text: str) -> Value:
        try:
            return read(text)
        except ValueError as error:
            raise ValueError(refused(str(error)).text) from error

    return read_in_words


def tell_refusals(session: Session, *fields: EntryField) -> None:
    """Let the session say what is wrong in these fields, as long as it is."""
    for field in fields:
        field.refused.connect(session.notices.show_refusal)
        field.righted.connect(session.notices.withdraw)
