"""What the charts keep: the points of each branch of a run, and the run before as a ghost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.protocol.messages import Branch, Catalogue, Frame
from engine.protocol.settings import Settings
from gui.state.branches import find, last_shared
from gui.state.change_log import ChangeLog, LoggedChange
from gui.state.curve_buffer import CurveBuffer, row_of, rows_of
from gui.text.settings_change import pretty_name

MOST_BESIDE = 2
"""Other branches that are drawn: more could not be told apart."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Another branch, to be compared with the one that is shown."""

    name: str
    record: CurveBuffer
    since: int
    """The last step that both share."""


class RunCurves:
    """Takes frames as they come."""

    def __init__(self, settings: Settings, marks: ChangeLog) -> None:
        """Args: marks: of the session."""
        self.ghost: CurveBuffer | None = None
        """Of the run before; None where none is kept."""
        self.ghost_label = ""
        self._settings = settings
        self._marks = marks
        self._frame: Frame | None = None
        self._shown = 0
        self._records = {0: CurveBuffer()}
        self._branches: tuple[Branch, ...] = ()
        self._against: int | None = None

    @property
    def record(self) -> CurveBuffer:
        """Of the branch that is shown, whatever lies beyond the step that is shown."""
        return self._records[self._shown]

    @property
    def marks(self) -> tuple[LoggedChange, ...]:
        """Where settings changed on the branch that is shown, oldest first."""
        last = self.record.last_step
        return tuple(mark for mark in self._marks.of(self._shown) if mark.step <= last)

    @property
    def here(self) -> int | None:
        """The step that is shown, where that is the past; None: it is the newest."""
        frame = self._frame
        return None if frame is None or frame.step >= self.record.last_step else frame.step

    @property
    def values(self) -> dict[str, float]:
        """The newest values up to the step that is shown."""
        if self.here is None or self._frame is None:
            return self.record.last()
        if self._frame.measured_at is None:
            return row_of(self._frame)
        row = self.record.at(self._frame.step)
        return {} if row is None else row[1]

    @property
    def beside(self) -> tuple[Beside, ...]:
        """The branch that W′ is compared with and the one that was left, where there are points."""
        shown = find(self._branches, self._shown)
        parent = None if shown is None else shown.parent
        numbers = [self._against, parent, *(branch.number for branch in self._branches)]
        found = []
        for number in dict.fromkeys(numbers):
            branch = find(self._branches, number)
            if branch is not None and branch.number != self._shown:
                record = self._records.get(branch.number)
                since = last_shared(self._branches, self._shown, branch.number)
                if record is not None:
                    found.append(Beside(branch.name, record, since))
        return tuple(found[:MOST_BESIDE])

    def begin(self, frame: Frame, catalogue: Catalogue | None) -> None:
        """Start over. The curves of a run under other settings stay as ghosts; a reset clears."""
        if frame.settings == self._settings:
            self.ghost = None
        elif len(self.record) > 1:
            self.ghost = self.record
            self.ghost_label = _label(self._settings, frame.settings, catalogue)
        self._shown, self._records, self._branches = frame.branch, {frame.branch: CurveBuffer()}, ()
        self._frame = None

    def follow(self, branches: Sequence[Branch], against: int | None) -> None:
        """Keep to the branches that there are.

        Args: branches: none: a new engine knows of the branch alone that was shown.  against: that
        with which W′ is compared.
        """
        if not branches:
            self._records, self._shown = {0: self.record}, 0
        self._branches, self._against = tuple(branches), against
        kept = {self._shown, *(branch.number for branch in branches)}
        self._records = {n: record for n, record in self._records.items() if n in kept}

    def take(self, frame: Frame) -> bool:
        """Add a frame's points; False where it brings none, as the preview does."""
        self._settings = frame.settings
        if frame.run == 0:
            return False
        moved = self._frame is not None and frame.step < self._frame.step
        self._frame = frame
        if frame.branch not in self._records:
            self._records[frame.branch] = self._new_record(frame.branch)
        moved = moved or frame.branch != self._shown
        self._shown = frame.branch
        self.record.cut(max(frame.tip, frame.step))
        rows = rows_of(frame)
        for step, row in rows:
            self.record.add(step, row)
        return moved or bool(rows)

    def _new_record(self, number: int) -> CurveBuffer:
        """What the branch shares with the one that it left; empty where that is not known."""
        branch = find(self._branches, number)
        parent = None if branch is None else branch.parent
        if branch is None or parent not in self._records:
            return CurveBuffer()
        return self._records[parent].up_to(branch.forked_at)


def _label(old: Settings, new: Settings, catalogue: Catalogue | None) -> str:
    if old.strategy == new.strategy:
        return "the run before"
    offered = () if catalogue is None else catalogue.strategies
    labels = (info.label for info in offered if info.name == old.strategy)
    return next(labels, pretty_name(old.strategy))
