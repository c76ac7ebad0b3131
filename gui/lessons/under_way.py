"""A run of a lesson on its way."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.protocol.settings import Settings
from gui.lessons.lesson import Run
from gui.record import Record


@dataclass(slots=True)
class UnderWay:
    """A run of a lesson that has begun and not ended."""

    run: Run
    settings: Settings
    after: int
    """Number of the engine's run before it."""
    number: int = 0
    """Of the engine's run; 0: not known yet."""
    step: int = 0
    curves: Record = field(default_factory=Record)
    altered: bool = False
    trial: bool = False
    """Whether it is none of the lesson's."""
    ended_at: int | None = None
    """Step after which none follows; its last frame may still be on the way."""
    lost: bool = False
    """Whether it went beyond all bounds."""
