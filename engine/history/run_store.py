"""Run store: the run on the stage, those before it, and where each stood before a command."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from engine.history.history import History, HistoryError, HistoryLimits
from engine.history.places import Place, Places
from engine.protocol.messages import EarlierRun, Runs
from engine.protocol.runs import MAX_RUN_NAME_LENGTH
from engine.protocol.settings import Settings
from engine.trainer import Trainer

NOT_STORED = "The run before is no longer stored"


@dataclass(frozen=True, slots=True)
class Standing:
    """A place of the present run, and the settings there."""

    place: Place
    settings: Settings


@dataclass(slots=True)
class StoredRun:
    """An earlier run."""

    history: History
    left: Place
    """Where it stood when it was left."""
    summary: EarlierRun
    """For the list; while a run is stored only its name changes."""


class RunStore:
    """Keeps every run of one trainer with its history, the oldest until memory is full.

    Runs without a step are kept as well, to come back to, and are not listed.

    Args: trainer: whose first run has begun.  limits: of each history.  max_bytes: of all earlier
    runs together.
    """

    def __init__(self, trainer: Trainer, limits: HistoryLimits, max_bytes: int) -> None:
        self._trainer, self._limits, self._max_bytes = trainer, limits, max_bytes
        self._count = 0
        self._earlier: dict[int, StoredRun] = {}
        """Serial -> the run; the one that was left last comes last."""
        self._dropped: set[int] = set()
        """Serials of those that the user dropped: the first to be forgotten."""
        self._places = Places()
        self._forgotten = 0
        self.history = self._new_history()
        """Of the run on the stage."""

    def _new_history(self) -> History:
        history = History(self._trainer, self._limits, self._count)
        self._count += 1
        return history

    # ------------------------------------------------------------ where it stands

    def standing(self) -> Standing:
        """Return where the present run stands."""
        return Standing(self.history.place(), self._trainer.settings)

    def remember(self, number: int, standing: Standing) -> None:
        """Note where the run stood. Args: number: of the command that follows.  standing: there."""
        self._places.remember(number, standing.place)

    # ------------------------------------------------------------ one run after another

    def begin(self, left: Standing) -> None:
        """Follow a new run that the trainer has begun. Args: left: where the old one stood."""
        self._keep(left)
        self.history = self._new_history()

    def open(self, serial: int, run: int) -> None:
        """Put an earlier run on the stage as it was left.

        Args: serial: of the run.  run: its number from then on.

        Raises: HistoryError: it is no longer stored.
        """
        if serial == self.history.serial:
            return
        self._return_to(self._stored(serial).left, run)

    def return_before(self, number: int, run: int) -> None:
        """Return to where the run stood before a command, whatever run that was.

        Args: number: the command's.  run: number of the run from then on, if it is another.
        Raises: HistoryError: it is no longer stored, or no command is known.
        """
        place = self._places.before(number)
        if place is None:
            raise HistoryError("There is nothing to go back to")
        if place.serial == self.history.serial:
            self.history.return_to(place, self._trainer.run.number)
        else:
            self._return_to(place, run)

    def _return_to(self, place: Place, run: int) -> None:
        """Put an earlier run on the stage, at a place of it."""
        history, left = self._stored(place.serial).history, self.standing()
        history.return_to(place, run)
        del self._earlier[place.serial]
        self._dropped.discard(place.serial)
        self._keep(left)
        self.history = history

    def _keep(self, left: Standing) -> None:
        history = self.history
        history.leave()
        summary = history.summary(left.place.step, left.settings)
        self._earlier[history.serial] = StoredRun(history, left.place, summary)
        in_all = sum(run.summary.size for run in self._earlier.values())
        for serial in sorted(self._earlier, key=lambda each: each not in self._dropped):
            if in_all <= self._max_bytes:
                break
            in_all -= self._earlier[serial].summary.size
            self._forgotten += serial not in self._dropped
            self._dropped.discard(serial)
            del self._earlier[serial]

    # ------------------------------------------------------------ the list

    def rename(self, serial: int, name: str) -> None:
        """Name a run.

        Args: serial: of the run.  name: up to `MAX_RUN_NAME_LENGTH` characters; empty: none.

        Raises: HistoryError: it is not stored, or the name is too long.
        """
        name = " ".join(name.split())
        if len(name) > MAX_RUN_NAME_LENGTH:
            raise HistoryError(f"A run's name has at most {MAX_RUN_NAME_LENGTH} characters")
        if serial == self.history.serial:
            self.history.name = name
        else:
            run = self._stored(serial)
            run.history.name, run.summary = name, replace(run.summary, name=name)

    def _stored(self, serial: int) -> StoredRun:
        if serial not in self._earlier:
            raise HistoryError(NOT_STORED)
        return self._earlier[serial]

    def drop(self, serial: int) -> None:
        """Take an earlier run from the list.

        Args: serial: of the run.
        Raises: HistoryError: it is not stored, or it is the present one.
        """
        if serial == self.history.serial:
            raise HistoryError("The run on the stage cannot be dropped: begin another first")
        self._stored(serial)
        self._dropped.add(serial)

    def restore(self, serial: int) -> None:
        """Put a dropped run back into the list.

        Args: serial: of the run.
        Raises: HistoryError: it is no longer stored.
        """
        if serial != self.history.serial:  # it may be on the stage again by now
            self._stored(serial)
        self._dropped.discard(serial)

    def report(self) -> Runs:
        """Return the list as the window is told of it; what was forgotten is told once."""
        earlier = [
            run.summary
            for serial, run in sorted(self._earlier.items())
            if serial not in self._dropped and not run.history.is_empty
        ]
        forgotten, self._forgotten = self._forgotten, 0
        return Runs(
            serial=self.history.serial,
            name=self.history.name,
            earlier=tuple(earlier),
            max_megabytes=self._max_bytes // 2**20,
            forgotten=forgotten,
        )
