"""What the user asked of the engine beside the settings: a new engine has to be told again."""

from __future__ import annotations

from dataclasses import dataclass

from engine.protocol.messages import Command, Look, SetSpeed, ShowSample

NOTHING_MORE = Look()


@dataclass(slots=True)
class Wishes:
    """Speed, sample, and what the pages below the stage look at."""

    speed: float = 0.0
    """Steps per second at most; 0: as fast as it goes."""
    sample: int = 0
    looking: Look = NOTHING_MORE

    def look_at(self, xray_rank: int | None, merges: bool | None) -> bool:
        """Look at this, None: as before. Returns: whether that is anything new."""
        before = self.looking
        self.looking = Look(
            before.xray_rank if xray_rank is None else xray_rank,
            before.merges if merges is None else merges,
        )
        return self.looking != before

    def commands(self) -> tuple[Command, ...]:
        """What to tell a new engine."""
        looking = () if self.looking == NOTHING_MORE else (self.looking,)
        return SetSpeed(self.speed), ShowSample(self.sample), *looking
