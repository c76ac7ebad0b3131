"""Session state: the settings, the newest frame and what the engine offers, with their signals."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.protocol.catalogue import find_named, restart_fields
from engine.protocol.messages import (
    Branch,
    Catalogue,
    Frame,
    Runs,
    StrategyInfo,
    TaskInfo,
    Timeline,
)
from engine.protocol.settings import Settings
from gui.state.branch_names import name_by_difference
from gui.state.branches import branches_of
from gui.state.change_log import ChangeLog
from gui.state.notices import Notice


class SessionState(QObject):
    """Everything that widgets read; only the session and its parts change it."""

    settings_changed = Signal(object, object)
    """(old, new) Settings."""
    catalogue_changed = Signal(object)
    """Catalogue: the engine is ready."""
    run_changed = Signal(object)
    """The first Frame of a new run, before `frame_changed`: curves begin again."""
    frame_changed = Signal(object)
    """The newest Frame; at most one per display frame, only when something is new."""
    applied = Signal(object)
    """Applied: settings took effect at a step."""
    timeline_changed = Signal(object)
    """Timeline: the branches or their names changed; None: no branches are known."""
    runs_changed = Signal(object)
    """Runs: other runs are kept, or have other names; None: none are known."""
    arrived = Signal(object)
    """Arrived: the run moved to another step or branch."""
    seek_dropped = Signal()
    """The seek under way was dropped, and perhaps no frame comes that tells of it."""
    cost_estimated = Signal(object)
    """CostEstimate: what a plan costs; its `plan` identifies the question."""
    training_ended = Signal(object)
    """Reached, StoppedEarly or Diverged: training has paused by itself; no step is to come."""
    playing_changed = Signal(bool)
    notice_changed = Signal(object)
    """Notice; None: there is nothing to say."""

    def __init__(self, settings: Settings, frame: Frame | None) -> None:
        """Args: settings: to begin with.  frame: a preview; None: there is none."""
        super().__init__()
        self.settings = settings
        """The settings as the user has them now; the engine follows at its next step."""
        self.frame = frame
        """The newest frame; run 0 is the preview drawn before the engine is ready."""
        self.catalogue: Catalogue | None = None
        """Strategies and tasks of the engine; None until it is ready."""
        self.timeline: Timeline | None = None
        """The newest report of the run's branches."""
        self.runs: Runs | None = None
        """The newest report of the runs of the sitting."""
        self.notice: Notice | None = None
        """The notice on display; None: there is nothing to say."""
        self.holds_remarks = False
        """Whether notices that only inform are kept back: one might answer an open question."""
        self.playing = False
        """Whether training goes on, as the user asked."""
        self._playing_since = 0
        """Number of the newest command that `playing` follows."""
        self.change_log = ChangeLog(settings)
        """Changes of settings in this run, by branch."""

    def set_settings(self, settings: Settings) -> None:
        """Replace the settings. Args: settings: the new ones."""
        old, self.settings = self.settings, settings
        self.settings_changed.emit(old, settings)

    def set_runs(self, runs: Runs | None) -> None:
        """Replace the list of runs. Args: runs: None: none are known."""
        self.runs = runs
        self.runs_changed.emit(runs)

    def set_playing(self, playing: bool, command: int) -> None:
        """Note whether training goes on, unless a newer command is known.

        Args: playing: whether.  command: number of the newest command that it follows.
        """
        if command < self._playing_since:
            return
        self._playing_since = command
        if playing != self.playing:
            self.playing = playing
            self.playing_changed.emit(playing)

    def set_notice(self, notice: Notice | None) -> None:
        """Replace the notice on display. Args: notice: None: show none."""
        if notice is not None and notice.is_remark and self.holds_remarks:
            return
        if notice != self.notice:
            self.notice = notice
            self.notice_changed.emit(notice)

    def set_timeline(self, timeline: Timeline | None) -> None:
        """Replace the branches. Args: timeline: None: no branches are known."""
        if timeline is not None and timeline.run == self.run:
            self.change_log.follow(timeline.branches)
        self.timeline = timeline
        self.timeline_changed.emit(timeline)

    @property
    def run(self) -> int | None:
        """Number of the run that is shown; None without a frame."""
        return None if self.frame is None else self.frame.run

    def branches(self) -> tuple[Branch, ...]:
        """Branches of the run that is shown, oldest first; there is at least one."""
        branches = branches_of(self.timeline, self.frame)
        return name_by_difference(branches, self.change_log, self.catalogue)

    def strategies(self) -> tuple[StrategyInfo, ...]:
        """Strategies that the engine offers; empty until it is ready."""
        return () if self.catalogue is None else self.catalogue.strategies

    def strategy_info(self, settings: Settings | None = None) -> StrategyInfo | None:
        """The strategy's entry; None until it is known. Args: settings: None: those chosen."""
        return find_named(self.strategies(), (settings or self.settings).strategy)

    def task_info(self) -> TaskInfo | None:
        """The chosen task's entry; None until the engine is ready."""
        tasks = () if self.catalogue is None else self.catalogue.tasks
        return find_named(tasks, self.settings.task)

    def frozen_blocks(self) -> tuple[str, ...]:
        """Blocks that are frozen, by the user's choice or else by the strategy's."""
        if self.settings.frozen is not None:
            return self.settings.frozen
        info, body = self.strategy_info(), self.settings.body_shapes
        return () if info is None else tuple(name for name in info.frozen if name in body)

    def restarting_fields(self) -> frozenset[str]:
        """Settings whose change begins a new run under the chosen strategy."""
        return restart_fields(self.strategy_info())
