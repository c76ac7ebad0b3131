"""The points of each branch of a run, and those of the previous run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.protocol.frames import SplitFacts
from engine.protocol.messages import Branch, Frame
from engine.protocol.settings import Settings
from gui.state.branches import find, last_shared
from gui.state.change_log import ChangeLog, LoggedChange
from gui.state.curve_buffer import CurveBuffer, row_of, rows_of
from gui.text.accuracies import SourceHead, source_head
from gui.text.settings_change import fallback_label

MAX_OTHER_BRANCHES = 2
"""Other branches that are drawn: more could not be told apart."""


@dataclass(frozen=True, slots=True)
class OtherBranchCurves:
    """The points of another branch, to compare with the one that is shown."""

    name: str
    buffer: CurveBuffer
    shared_until: int
    """The last step that both share."""


class RunCurves:
    """Collects points from frames as they arrive."""

    def __init__(self, settings: Settings, marks: ChangeLog) -> None:
        """Start without points. Args: settings: of the session. marks: its log of changes."""
        self.previous: CurveBuffer | None = None
        """Points of the previous run; None where none are kept: it had another task, e.g."""
        self.previous_label = ""
        self.shows_previous = True
        """Whether the previous run is drawn."""
        self.shows_all_accuracies = False
        """Whether there is room to draw every accuracy."""
        self._settings = settings
        self._marks = marks
        self._frame: Frame | None = None
        self._shown = 0
        self._buffers = {0: CurveBuffer()}
        self._branches: tuple[Branch, ...] = ()
        self._against: int | None = None

    @property
    def buffer(self) -> CurveBuffer:
        """The points of the shown branch, also those beyond the step that is shown."""
        return self._buffers[self._shown]

    @property
    def shown_previous(self) -> CurveBuffer | None:
        """Points of the previous run to draw beside those of this one; None: there are none."""
        return self.previous if self.shows_previous and len(self.buffer) > 1 else None

    @property
    def marks(self) -> tuple[LoggedChange, ...]:
        """Changes of settings on the shown branch, oldest first."""
        last = self.buffer.last_step
        return tuple(mark for mark in self._marks.of(self._shown) if mark.step <= last)

    @property
    def shown_step(self) -> int | None:
        """The step that is shown where that is in the past; None: it is the newest."""
        frame = self._frame
        return None if frame is None or frame.step >= self.buffer.last_step else frame.step

    @property
    def source_head(self) -> SourceHead | None:
        """The head that the source is judged through; None: not known yet."""
        return None if self._frame is None else source_head(self._frame)

    @property
    def target_test(self) -> SplitFacts:
        """What target accuracy is measured on."""
        return SplitFacts() if self._frame is None else self._frame.target_test

    @property
    def values(self) -> dict[str, float]:
        """The newest values up to the step that is shown."""
        if self.shown_step is None or self._frame is None:
            return self.buffer.last()
        if self._frame.is_measured:
            return row_of(self._frame)
        row = self.buffer.at(self._frame.step)
        return {} if row is None else row[1]

    @property
    def other_branches(self) -> tuple[OtherBranchCurves, ...]:
        """The branch that W′ is compared with and the one that was left, where they have points."""
        shown = find(self._branches, self._shown)
        parent = None if shown is None else shown.parent
        numbers = [self._against, parent, *(branch.number for branch in self._branches)]
        curves = []
        for number in dict.fromkeys(numbers):
            branch = find(self._branches, number)
            if branch is not None and number != self._shown and number in self._buffers:
                shared_until = last_shared(self._branches, self._shown, number)
                curves.append(OtherBranchCurves(branch.name, self._buffers[number], shared_until))
        return tuple(curves[:MAX_OTHER_BRANCHES])

    def start_run(self, frame: Frame) -> None:
        """Start over with a run; one under other settings for the task stays as the previous."""
        if frame.settings == self._settings or frame.settings.task != self._settings.task:
            self.previous = None
        elif len(self.buffer) > 1:
            self.previous = self.buffer
            strategy = self._settings.strategy
            is_same = strategy == frame.settings.strategy
            self.previous_label = "same strategy" if is_same else fallback_label(strategy)
        self._shown, self._buffers, self._branches = frame.branch, {frame.branch: CurveBuffer()}, ()
        self._frame = None

    def update_branches(self, branches: Sequence[Branch], against: int | None) -> None:
        """Drop the points of branches that are gone; a new engine knows none but the one shown."""
        if not branches:
            self._buffers, self._shown = {0: self.buffer}, 0
        self._branches, self._against = tuple(branches), against
        kept = {self._shown, *(branch.number for branch in branches)}
        self._buffers = {n: buffer for n, buffer in self._buffers.items() if n in kept}

    def add_frame(self, frame: Frame) -> bool:
        """Add a frame's points. Returns: whether anything changed; a preview, e.g., has none."""
        self._settings = frame.settings
        if frame.run == 0:
            return False
        went_back = self._frame is not None and frame.step < self._frame.step
        self._frame = frame
        if frame.branch not in self._buffers:
            self._buffers[frame.branch] = self._new_buffer(frame.branch)
        redraw = went_back or frame.branch != self._shown
        self._shown = frame.branch
        self.buffer.cut(max(frame.tip, frame.step))
        rows = rows_of(frame)
        for step, row in rows:
            self.buffer.add(step, row)
        return redraw or bool(rows)

    def _new_buffer(self, number: int) -> CurveBuffer:
        """Return the points that a branch shares with its parent; empty where these are unknown."""
        branch = find(self._branches, number)
        parent = None if branch is None else branch.parent
        if branch is None or parent not in self._buffers:
            return CurveBuffer()
        return self._buffers[parent].up_to(branch.forked_at)
