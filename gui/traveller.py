"""The way through time: to other steps and branches, and what one looks at there."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Slot

from engine.protocol.host import EngineHost
from engine.protocol.messages import (
    Checkpoint,
    DrawSample,
    DropBranch,
    Frame,
    GoTo,
    Look,
    Matrix,
    NameBranch,
    ShowSample,
    Timeline,
)
from engine.protocol.settings import Settings
from gui import notices
from gui.branches import find, tip_of
from gui.known import Known
from gui.notices import Notice
from gui.travel import Travel
from gui.wishes import Wishes


class Traveller(Known):
    """What the window knows, and the verbs that lead to another step or branch."""

    def __init__(self, settings: Settings, frame: Frame | None, host: EngineHost) -> None:
        """Args: frame: a preview; None: there is none."""
        super().__init__(settings, frame)
        self._host = host
        self._wishes = Wishes()
        self._travel = Travel(host.send)
        self._checkpoint: Checkpoint | None = None
        self._of_coming_run: Notice | None = None
        self._noted: Notice | None = None
        """What was last said of a change, true of the place where it was made."""

    @property
    def looking(self) -> Look:
        """What coming frames are to show beside the layers."""
        return self._wishes.looking

    @property
    def drawing(self) -> Matrix | None:
        """What the user drew to be looked at in place of a sample; None: nothing."""
        return self._wishes.drawing

    @property
    def target(self) -> GoTo | None:
        """Where the user wants to be and the run is not yet; None: it stands or trains there."""
        return self._travel.target

    def go_to(self, step: int, branch: int | None = None) -> None:
        """Pause and show a step of a branch. Args: branch: its number; None: the one shown."""
        if not self._engine_answers():
            return
        if branch is None and self.target is not None:
            branch = self.target.branch
        self._travel.go(GoTo(step, branch))
        self._set_playing(False)

    @Slot()
    def step_back(self) -> None:
        """Show the step before; several of these go on from where the last one leads."""
        if self._frame is not None and self._frame.run > 0:
            here = self._frame.step if self.target is None else self.target.step
            if here > min(branch.forked_at for branch in self.branches()):
                self.go_to(here - 1)

    @Slot()
    def go_to_newest(self) -> None:
        """Go to the newest step of the branch that is shown."""
        if self._frame is not None:
            self.go_to(tip_of(self._frame))

    @Slot()
    def go_to_earliest(self) -> None:
        """Go to the first step that is kept."""
        self.go_to(min(branch.forked_at for branch in self.branches()))

    def next_branch(self, by: int) -> None:
        """Show the branch that stands so many lanes below; from the last one on the first."""
        numbers = [branch.number for branch in self.branches()]
        if self._frame is not None and len(numbers) > 1 and self._frame.branch in numbers:
            place = numbers.index(self._frame.branch) + by
            self.switch_branch(numbers[place % len(numbers)])

    @Slot(int)
    def switch_branch(self, number: int) -> None:
        """Show another branch: at the same step where it has that, else at its tip."""
        branch = find(self.branches(), number)
        if branch is None or self._frame is None:
            return
        if number != self._frame.branch or self.target is not None:
            self.go_to(min(self._frame.step, branch.tip), number)

    def name_branch(self, number: int, name: str) -> None:
        """Give a branch a name."""
        self._host.send(NameBranch(number, name))

    def drop_branch(self, number: int) -> None:
        """Forget what only this branch has."""
        if self._engine_answers():
            if self.looking.against == number:
                self.look(against=None)
            self._host.send(DropBranch(number))

    def show_sample(self, index: int) -> None:
        """Look at another of the target's test samples."""
        self._wishes.sample, self._wishes.drawing = index, None
        self._host.send(ShowSample(index))

    def draw_sample(self, picture: Matrix) -> None:
        """Look at a picture of the user's own. Args: picture: (8, 8) in 0…1; 1 is ink."""
        self._wishes.drawing = picture
        self._host.send(DrawSample(picture))

    def look(self, **wanted: Any) -> None:
        """Have coming frames show what a part of the window needs.

        Args: wanted: fields of `Look`; those not named stay as they are.
        """
        if self._wishes.look_at(**wanted):
            self._host.send(self.looking)
            self.look_changed.emit(self.looking)

    def _begin_run(self, frame: Frame) -> None:
        self._stay()
        self.marks.begin(frame.settings)
        timeline = self._timeline
        if timeline is not None:
            self._set_timeline(timeline if timeline.run == frame.run else None)
        if self.looking.against is not None:
            self.look(against=None)

    def _set_timeline(self, timeline: Timeline | None) -> None:
        if timeline is not None and self._frame is not None and timeline.run == self._frame.run:
            self.marks.follow(timeline.branches)
        self._timeline = timeline
        self.timeline_changed.emit(timeline)
        against = self.looking.against
        if against is not None and find(self.branches(), against) is None:
            self.look(against=None)

    def _stay(self) -> None:
        """Forget where the user wanted to be."""
        wished = self.target is not None
        self._travel.stay()
        if wished:
            self.stayed.emit()

    def _engine_answers(self) -> bool:
        """Whether there is an engine; if not, the user is told again how to start one."""
        if self._host.alive:
            return True
        self._say(notices.died(self._checkpoint))
        return False

    def _set_playing(self, playing: bool) -> None:
        if playing != self._playing:
            self._playing = playing
            self.playing_changed.emit(playing)

    def _tell(self, run: int, notes: tuple[str, ...]) -> None:
        """Say what a report notes; of a run that is not shown yet, as soon as it is."""
        if not notes:
            return
        self._noted = notice = Notice(" ".join(notes))
        if self._frame is None or self._frame.run == run:
            self._say(notice)
        else:
            self._of_coming_run = notice

    def _leave_note(self) -> None:
        """Elsewhere what was noted of a change is no news."""
        if self._noted is not None and self._notice == self._noted:
            self._say(None)

    def _say(self, notice: Notice | None) -> None:
        if notice != self._notice:
            self._notice = notice
            self.notice_changed.emit(notice)
