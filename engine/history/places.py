"""Places: where a run stood before a command, to come back to exactly that."""

from __future__ import annotations

from dataclasses import dataclass

from engine.history.branch import SettingsChange

MAX_PLACES = 1000
"""Commands whose place before them is remembered."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a run: the changes on the way and the step decide every bit."""

    serial: int
    """Of the run, as of `EarlierRun.serial`."""
    branch: int
    step: int
    changes: tuple[SettingsChange, ...]
    """Up to this step, in order."""


class Places:
    """The places before the newest commands."""

    def __init__(self) -> None:
        self._places: dict[int, Place] = {}

    def remember(self, number: int, place: Place) -> None:
        """Note where the run stood before a command. Args: number: the command's.  place: there."""
        self._places[number] = place
        if len(self._places) > MAX_PLACES:
            del self._places[next(iter(self._places))]

    def before(self, number: int) -> Place | None:
        """Return the place before a command, or before the one that superseded it.

        Args: number: the command's.
        Returns: None: it is not known.
        """
        return next((place for known, place in self._places.items() if known >= number), None)
