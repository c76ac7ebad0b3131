"""What the window knows of its run: what widgets read, and the signals that tell of changes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.protocol.catalogue import restarting
from engine.protocol.messages import (
    Branch,
    Catalogue,
    Frame,
    RaceFrame,
    StrategyInfo,
    TaskInfo,
    Timeline,
)
from engine.protocol.settings import Settings
from gui.branches import branches_of
from gui.marks import RunMarks
from gui.notices import Notice


class Known(QObject):
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
    stayed = Signal()
    """The user's wish for another step is gone, and no frame need come that says so."""
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
    race_changed = Signal()
    """`race` is another."""
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
        self._race: RaceFrame | None = None
        self._races_past = 0
        self.marks = RunMarks(settings)
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
    def race(self) -> RaceFrame | None:
        """How the racers stand; None: there is no race."""
        return self._race

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

    def frozen_units(self) -> tuple[str, ...]:
        """Layers that are held fixed by choice, the strategy's own choice or the user's."""
        if self._settings.frozen is not None:
            return self._settings.frozen
        info, body = self.strategy_info(), self._settings.body_shapes
        return () if info is None else tuple(name for name in info.frozen if name in body)

    def restarting_fields(self) -> frozenset[str]:
        """Settings whose change begins a new run under the chosen strategy."""
        return restarting(self.strategy_info())

    def _keep_race(self, race: RaceFrame | None) -> None:
        """Args: race: None: it was put away; what is still said of it is not listened to."""
        if race is None and self._race is not None:
            self._races_past = self._race.race
        if race is None or race.race > self._races_past:
            self._race = race
            self.race_changed.emit()

    def _lose_races(self) -> None:
        """The engine that held them is gone; a new one counts from 1 again."""
        self._keep_race(None)
        self._races_past = 0
