"""What the user asked of the engine beside the settings: a new engine has to be told again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from engine.protocol.messages import (
    Command,
    DrawSample,
    FrameOptions,
    Matrix,
    SetSpeed,
    SetViews,
    ShowSample,
    ViewRequest,
)

NOTHING_MORE = FrameOptions()


@dataclass(slots=True)
class ViewRequests:
    """Speed, sample, what the pages below the stage look at, and what is seen of large layers."""

    speed: float = 0.0
    """Steps per second at most; 0: as fast as it goes."""
    sample: int = 0
    drawing: Matrix | None = None
    """(8, 8) in 0…1: looked at in place of the sample."""
    looking: FrameOptions = NOTHING_MORE
    views: tuple[ViewRequest, ...] = ()
    told: tuple[ViewRequest, ...] = ()
    """Those that the engine knows of."""

    def look_at(self, **wanted: Any) -> bool:
        """Look at this, what is not named as before. Returns: whether that is anything new."""
        before, self.looking = self.looking, replace(self.looking, **wanted)
        return self.looking != before

    def new_views(self) -> SetViews | None:
        """What to tell the engine of them, once; None where it knows."""
        if self.views == self.told:
            return None
        self.told = self.views
        return SetViews(self.views)

    def commands(self, *, can_draw: bool) -> tuple[Command, ...]:
        """What to tell a new engine. Args: can_draw: whether the task's samples are pictures."""
        looking = () if self.looking == NOTHING_MORE else (self.looking,)
        self.told = ()
        seeing = self.new_views()
        views = () if seeing is None else (seeing,)
        drawn = self.drawing if can_draw else None
        drawing = () if drawn is None else (DrawSample(drawn),)
        return SetSpeed(self.speed), ShowSample(self.sample), *drawing, *looking, *views
