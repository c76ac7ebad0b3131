"""Messages as an engine would send them that has carried out all commands so far."""

from __future__ import annotations

from typing import TypeVar

from msgspec.structs import replace

from engine.protocol.messages import Answer, Frame, Report

Kind = TypeVar("Kind", bound=Report | Frame)


def answering(message: Kind, newest: int) -> Kind:
    """The message with the number of the newest command, unless it has one already."""
    if not isinstance(message, Answer) or message.command:
        return message
    return replace(message, command=newest)
