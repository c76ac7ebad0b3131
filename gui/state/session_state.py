"""What the window knows of its run: what widgets read, and the signals that tell of changes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.protocol.catalogue import restart_fields
from engine.protocol.messages import (
    Branch,
    Catalogue,
    ComparisonFrame,
    Frame,
    StrategyInfo,
    TaskInfo,
    Timeline,
)
from engine.protocol.settings import Settings
from gui.state.branches import branches_of
from gui.state.change_log import ChangeLog
from gui.state.notices import Notice


class SessionState(QObject):
    """The settings, the newest frame, what the engine offers; the session alone changes them."""

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
    """Timeline: other branches, or other names; None: nothing is known of any."""
    arrived = Signal(object)
    """Arrived: the run stands elsewhere."""
    look_changed = Signal(object)
    """Look: what coming frames are to show beside the layers."""
    cost_estimated = Signal(object)
    """CostEstimate: what a plan costs; its `plan` tells to which question."""
    stopped_early = Signal(object)
    """StoppedEarly: early stopping ended the run: steps that were asked for do not come."""
    reached = Signal(object)
    """Reached: the run came to the step that `play` named."""
    lost = Signal(object)
    """Diverged: the run went beyond all bounds."""
    speed_changed = Signal(float)
    """Steps per second at most; 0: as fast as it goes."""
    comparison_changed = Signal()
    """`comparison` is another."""
    playing_changed = Signal(bool)
    notice_changed = Signal(object)
    """Notice, or None: nothing to say."""

    def __init__(self, settings: Settings, frame: Frame | None) -> None:
        """Args: frame: a preview; None: there is none."""
        super().__init__()
        self._settings = settings
        self._frame = frame
        self._catalogue: Catalogue | None = None
        self._timeline: Timeline | None = None
        self._notice: Notice | None = None
        self._playing = False
        self._comparison: ComparisonFrame | None = None
        self._comparisons_past = 0
        self.marks = ChangeLog(settings)
        """Where settings changed."""

    @property
    def settings(self) -> Settings:
        """The settings as the user has them now; the engine follows at its next step."""
        return self._settings

    @property
    def frame(self) -> Frame | None:
        """The newest frame; run 0 is the preview drawn before the engine is ready."""
        return self._frame

    @property
    def catalogue(self) -> Catalogue | None:
        """What the engine offers; None until it is ready."""
        return self._catalogue

    @property
    def playing(self) -> bool:
        """Whether training goes on, as the user asked."""
        return self._playing

    @property
    def comparison(self) -> ComparisonFrame | None:
        """How the racers stand; None: there is no race."""
        return self._comparison

    @property
    def notice(self) -> Notice | None:
        """What the user should know now."""
        return self._notice

    @property
    def timeline(self) -> Timeline | None:
        """The newest word of the run's branches."""
        return self._timeline

    def branches(self) -> tuple[Branch, ...]:
        """Those of the run that is shown, oldest first; there is at least one."""
        return branches_of(self._timeline, self._frame)

    def strategy_info(self) -> StrategyInfo | None:
        """The chosen strategy's entry; None until the engine is ready."""
        name = self._settings.strategy
        return next((info for info in self.strategies() if info.name == name), None)

    def task_info(self) -> TaskInfo | None:
        """The chosen task's entry; None until the engine is ready."""
        offered = () if self._catalogue is None else self._catalogue.tasks
        return next((info for info in offered if info.name == self._settings.task), None)

    def strategies(self) -> tuple[StrategyInfo, ...]:
        """What the engine offers; empty until it is ready."""
        return () if self._catalogue is None else self._catalogue.strategies

    def frozen_blocks(self) -> tuple[str, ...]:
        """Layers that are held fixed by choice, the strategy's own choice or the user's."""
        if self._settings.frozen is not None:
            return self._settings.frozen
        info, body = self.strategy_info(), self._settings.body_shapes
        return () if info is None else tuple(name for name in info.frozen if name in body)

    def restarting_fields(self) -> frozenset[str]:
        """Settings whose change begins a new run under the chosen strategy."""
        return restart_fields(self.strategy_info())

    def _keep_comparison(self, comparison: ComparisonFrame | None) -> None:
        """Args: race: None: it was put away; what is still said of it is not listened to."""
        if comparison is None and self._comparison is not None:
            self._comparisons_past = self._comparison.comparison
        if comparison is None or comparison.comparison > self._comparisons_past:
            self._comparison = comparison
            self.comparison_changed.emit()

    def _lose_comparisons(self) -> None:
        """The engine that held them is gone; a new one counts from 1 again."""
        self._keep_comparison(None)
        self._comparisons_past = 0
