"""Navigation: seek to other steps and branches of the run; name and delete branches."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Slot

from engine.protocol.messages import (
    DropBranch,
    Frame,
    GoTo,
    NameBranch,
    Refused,
    RestoreBranch,
    Timeline,
)
from gui.state.branches import find, tip_of
from gui.state.engine_link import EngineLink
from gui.state.session_state import SessionState
from gui.state.undo_stack import UndoStack
from gui.state.view_requests import ViewRequests


class Navigation(QObject):
    """Verbs that lead to another step or branch, and what follows from arriving there.

    One `GoTo` is under way at a time, and only the newest waits, so that a drag piles none up.
    """

    def __init__(
        self,
        state: SessionState,
        engine: EngineLink,
        view_requests: ViewRequests,
        undo_stack: UndoStack,
    ) -> None:
        """Args: state: to change.  engine: takes commands.  view_requests: may compare branches."""
        super().__init__()
        self._state, self._engine, self._view_requests = state, engine, view_requests
        self._undo_stack = undo_stack
        self._sent: GoTo | None = None
        """The newest seek that was sent, until it is shown."""
        self._queued: GoTo | None = None
        self._number = 0
        """Number of the newest seek that was sent."""
        undo_stack.returning.connect(self.finish)

    @property
    def target(self) -> GoTo | None:
        """Step that the user wants to see and that is not shown yet; None: it is."""
        return self._queued or self._sent

    # ------------------------------------------------------------ what a user does

    def go_to(self, step: int, branch: int | None = None) -> None:
        """Pause and show a step. Args: step: ≥ 0.  branch: its number; None: the one shown."""
        if not self._engine.is_alive():
            return
        if branch is None and self.target is not None:
            branch = self.target.branch
        self._queued = GoTo(step, branch)
        if self._sent is None:
            self.send_queued()
        self._state.set_playing(False, self._number)

    @Slot()
    def step_back(self) -> None:
        """Show the step before; repeated calls go on from the step that the last one leads to."""
        frame = self._state.frame
        if frame is not None and frame.run > 0:
            step = frame.step if self.target is None else self.target.step
            if step > self._earliest_step():
                self.go_to(step - 1)

    @Slot()
    def go_to_newest(self) -> None:
        """Go to the newest step of the branch that is shown."""
        if self._state.frame is not None:
            self.go_to(tip_of(self._state.frame))

    @Slot()
    def go_to_earliest(self) -> None:
        """Go to the first step that is kept."""
        self.go_to(self._earliest_step())

    def _earliest_step(self) -> int:
        return min(branch.forked_at for branch in self._state.branches())

    def next_branch(self, offset: int) -> None:
        """Show the branch `offset` lanes below, around the ends. Args: offset: −1 or 1."""
        frame, numbers = self._state.frame, [branch.number for branch in self._state.branches()]
        if frame is not None and len(numbers) > 1 and frame.branch in numbers:
            index = numbers.index(frame.branch) + offset
            self.switch_branch(numbers[index % len(numbers)])

    @Slot(int)
    def switch_branch(self, number: int) -> None:
        """Show a branch, at the same step or else at its tip. Args: number: unknown: no branch."""
        branch, frame = find(self._state.branches(), number), self._state.frame
        if branch is None or frame is None:
            return
        if number != frame.branch or self.target is not None:
            self.go_to(min(frame.step, branch.tip), number)

    def name_branch(self, number: int, name: str) -> None:
        """Name a branch. Args: number: the branch's.  name: as shown to the user."""
        timeline = self._state.timeline
        branch = find(() if timeline is None else timeline.branches, number)
        self._engine.send(NameBranch(number, name))
        if branch is not None:
            old = partial(self.name_branch, number, branch.name)
            again = partial(self.name_branch, number, name)
            self._undo_stack.add("the name of a branch", old, again)

    def drop_branch(self, number: int) -> None:
        """Delete the steps that only this branch has. Args: number: the branch's."""
        if self._engine.is_alive():
            if self._view_requests.frame_options.compared_branch == number:
                self._view_requests.set_options(compared_branch=None)
            self._engine.send(DropBranch(number))
            restore = partial(self._engine.send, RestoreBranch(number))
            self._undo_stack.add("delete a branch", restore, partial(self.drop_branch, number))

    # ------------------------------------------------------------ what happens meanwhile

    def cancel(self) -> None:
        """Drop every seek that is queued or under way."""
        was_seeking = self.target is not None
        self._sent = self._queued = None
        if was_seeking:
            self._state.seek_dropped.emit()

    @Slot()
    def finish(self) -> None:
        """Send the queued seek, for the next command is meant for where it leads; drop the rest."""
        self.send_queued()
        self.cancel()

    def send_queued(self) -> None:
        """Send the queued seek now, since the next command is meant for where it leads."""
        if self._queued is not None:
            self._sent, self._queued = self._queued, None
            self._number = self._engine.send(self._sent)

    def take_frame(self, frame: Frame) -> None:
        """Go on with the queued seek once the one before is shown. Args: frame: the newest."""
        if frame.command >= self._number:
            self._sent = None
            self.send_queued()

    def take_refused(self, report: Refused) -> None:
        """Drop the seeks up to a refusal. Args: report: the engine's."""
        if report.command >= self._number:
            self.cancel()

    def take_timeline(self, timeline: Timeline | None) -> None:
        """Replace the branches. Args: timeline: None: no branches are known."""
        self._state.set_timeline(timeline)
        against = self._view_requests.frame_options.compared_branch
        if against is not None and find(self._state.branches(), against) is None:
            self._view_requests.set_options(compared_branch=None)

    def begin_run(self, frame: Frame) -> None:
        """Forget the old run's seeks, branches and changes. Args: frame: the new run's first."""
        self.cancel()
        self._state.change_log.begin(frame.settings)
        timeline = self._state.timeline
        if timeline is not None:
            self.take_timeline(timeline if timeline.run == frame.run else None)
        self._view_requests.set_options(compared_branch=None)
