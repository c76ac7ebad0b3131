"""Messages as an engine would send them that has carried out all commands so far."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TypeVar

from engine.protocol.messages import Answer, Frame, NumberedCommand, Report

Kind = TypeVar("Kind", bound=Report | Frame)


def answering(message: Kind, sent: Sequence[NumberedCommand]) -> Kind:
    """The message with the newest command's number, unless it has one already."""
    if not isinstance(message, Answer) or message.command:
        return message
    newest = max((command.number for command in sent), default=1)
    return dataclasses.replace(message, command=newest)
