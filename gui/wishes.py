"""What the user asked of the engine beside the settings: a new engine has to be told again."""

from __future__ import annotations

from dataclasses import dataclass

from engine.protocol.messages import Command, Look, SetSpeed, SetViews, ShowSample, View

NOTHING_MORE = Look()


@dataclass(slots=True)
class Wishes:
    """Speed, sample, what the pages below the stage look at, and what is seen of large layers."""

    speed: float = 0.0
    """Steps per second at most; 0: as fast as it goes."""
    sample: int = 0
    looking: Look = NOTHING_MORE
    views: tuple[View, ...] = ()
    told: tuple[View, ...] = ()
    """Those that the engine knows of."""

    def look_at(self, xray_rank: int | None, merges: bool | None) -> bool:
        """Look at this, None: as before. Returns: whether that is anything new."""
        before = self.looking
        self.looking = Look(
            before.xray_rank if xray_rank is None else xray_rank,
            before.merges if merges is None else merges,
        )
        return self.looking != before

    def new_views(self) -> SetViews | None:
        """What to tell the engine of them, once; None where it knows."""
        if self.views == self.told:
            return None
        self.told = self.views
        return SetViews(self.views)

    def commands(self) -> tuple[Command, ...]:
        """What to tell a new engine."""
        looking = () if self.looking == NOTHING_MORE else (self.looking,)
        self.told = ()
        seeing = self.new_views()
        views = () if seeing is None else (seeing,)
        return SetSpeed(self.speed), ShowSample(self.sample), *looking, *views
