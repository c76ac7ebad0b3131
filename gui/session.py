"""Session: the one object between the widgets and the engine."""

from __future__ import annotations

import logging
import time
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from engine.protocol.host import EngineHost
from engine.protocol.messages import (
    Applied,
    Arrived,
    Catalogue,
    Checkpoint,
    ComparisonFrame,
    CostEstimate,
    Diverged,
    EngineDied,
    EstimateCost,
    Failed,
    Frame,
    GoBack,
    Reached,
    Refused,
    Report,
    Resume,
    Runs,
    StoppedEarly,
    Thinned,
    Timeline,
)
from engine.protocol.settings import Settings
from gui.state import notices
from gui.state.comparison import ComparisonController
from gui.state.engine_link import EngineLink, Heartbeat
from gui.state.navigation import Navigation
from gui.state.notice_board import NoticeBoard
from gui.state.playback import Playback
from gui.state.preview import preview_frame
from gui.state.run_list import RunList
from gui.state.session_state import SessionState
from gui.state.settings_editor import SettingsEditor
from gui.state.undo_stack import UndoStack
from gui.state.view_requests import ViewRequests

FRAME_MILLISECONDS = 16
"""Milliseconds between two looks for news: one frame of a 60 Hz display."""

log = logging.getLogger(__name__)


class Session(QObject):
    """Owns the state and the parts that change it; takes reports and frames at display rate.

    Widgets read `state` and listen to its signals, and call the verbs of the other parts; they
    never speak to each other or to the engine.
    """

    _frame_arrived = Signal()
    """Emitted on the reader thread."""

    def __init__(
        self,
        settings: Settings,
        host: EngineHost | None = None,
        chosen_fields: frozenset[str] = frozenset(),
    ) -> None:
        """Args: chosen_fields: chosen by the user; a strategy's defaults leave them alone."""
        super().__init__()
        self.host = host or EngineHost()
        self.host.on_frame = self._frame_arrived.emit
        self.state = SessionState(settings, preview_frame(settings))
        self.notices = NoticeBoard(self.state)
        self._engine = engine = EngineLink(self.host, self.state)
        self.view_requests = ViewRequests(engine.send)
        self.undo_stack = UndoStack(self.state, engine)
        self.navigation = Navigation(self.state, engine, self.view_requests, self.undo_stack)
        self.playback = Playback(self.state, engine, self.navigation, self.undo_stack)
        self.editor = SettingsEditor(
            self.state, engine, self.navigation, self.notices, self.undo_stack, chosen_fields
        )
        self.comparison = ComparisonController(self.state, engine, self.undo_stack)
        self.run_list = RunList(self.state, engine, self.navigation, self.undo_stack)
        self._heartbeat = Heartbeat(self.host)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MILLISECONDS)
        self._timer.timeout.connect(self.poll)
        self._frame_arrived.connect(self._poll_late_frame)
        self._frame_at = 0.0
        """When the newest frame was taken."""

    def start(self) -> None:
        """Start the engine process, unless it runs already, and the display timer."""
        if not self.host.alive:
            self.host.start(self.state.settings)
        self.state.set_notice(notices.STARTING)
        self._timer.start()

    def set_polling(self, polling: bool) -> None:
        """Poll the engine at display rate, or leave it to itself."""
        if polling:
            self._timer.start()
        else:
            self._timer.stop()

    def close(self) -> None:
        """End the engine and join it; afterwards nothing of the session runs."""
        self._timer.stop()
        self.host.close()

    def estimate_cost(self, plan: dict[str, Any]) -> None:
        """Ask what a plan costs; `state.cost_estimated` brings the answer. Args: plan: as JSON."""
        self._engine.request(EstimateCost(plan))

    def act_on_notice(self) -> None:
        """Do what the notice's button offers: go back to the last good step, or restart."""
        hangs, notice = self.notices.says_silent, self.state.notice
        self.notices.dismiss()
        if hangs:
            self.host.close(timeout=0)
            self.state.set_playing(False, self._engine.number)
        if self.host.alive:
            self._engine.send(GoBack())
            lower = None if notice is None else notice.learning_rate
            if lower is not None and lower < self.state.settings.learning_rate:
                self.editor.update(learning_rate=lower)
        else:
            self._restart()

    def _restart(self) -> None:
        """Start a new engine and tell it all that the old one knew."""
        state, engine = self.state, self._engine
        self._heartbeat.stop()
        self.comparison.forget()
        self.navigation.cancel()
        state.change_log.begin_engine()
        self.undo_stack.clear()
        state.set_runs(None)
        self.navigation.take_timeline(None)
        engine.restart(state.settings)
        self.playback.resend()
        task = state.task_info()
        self.view_requests.resend(can_draw=task is not None and not task.no_drawing)
        if engine.checkpoint is not None:
            engine.send(Resume(engine.checkpoint))
        self.state.set_notice(notices.STARTING)

    # ------------------------------------------------------------ what arrives

    @Slot()
    def _poll_late_frame(self) -> None:
        """Take a frame that comes later than the display's next one without waiting for it."""
        late = time.perf_counter() - self._frame_at > FRAME_MILLISECONDS / 1000
        if late and self._timer.isActive():
            self.poll()

    @Slot()
    def poll(self) -> None:
        """Take what has arrived, and ask for the next frame; called once per display frame."""
        for report in self.host.take_reports():
            self.take_report(report)
        frame = self.host.take_frame()
        if self.state.catalogue is not None:  # the next one is made while this one is painted
            self.view_requests.send_views()
            self.host.request_frame(frame or self.state.frame)
        if frame is not None:
            self.take_frame(frame)
        self.notices.update_silence(self._heartbeat.is_lost(), self._engine.checkpoint)

    def take_frame(self, frame: Frame) -> None:
        """Show a frame."""
        self._heartbeat.beat()
        self._frame_at = time.perf_counter()
        is_new_run = frame.run != self.state.run
        self.state.frame = frame
        if is_new_run:
            self.navigation.begin_run(frame)
            self.state.run_changed.emit(frame)
            self.notices.begin_run()
            checkpoint = self._engine.checkpoint
            if checkpoint is not None and checkpoint.run != frame.run:
                self._engine.checkpoint = None
        self.navigation.take_frame(frame)
        self.state.frame_changed.emit(frame)
        self.notices.update_standstill(frame)

    def take_report(self, report: Report) -> None:
        """Hand a report to the parts that it concerns."""
        match report:
            case Catalogue():
                self.state.catalogue = report
                self.editor.apply_defaults()
                self.state.catalogue_changed.emit(report)
            case Applied():
                self.editor.take_applied(report)
            case Arrived():  # shows what is in force where the run is now
                self.editor.take_arrived(report)
                self.state.arrived.emit(report)
                self.notices.remove_change_note()
                self.notices.add_notes(report.run, report.notes)
            case Timeline():
                self.navigation.take_timeline(report)
            case Runs():
                self.run_list.take(report)
            case Thinned() if report.run == self.state.run:
                self.state.set_notice(notices.thinned(report))
            case Checkpoint():
                self._engine.checkpoint = report
            case CostEstimate():
                self.state.cost_estimated.emit(report)
            case ComparisonFrame():
                self.comparison.take(report)
            case Refused():
                self.editor.take_refused(report)
            case Failed():
                log.error("the engine failed\n%s", report.traceback)
                self.navigation.cancel()
                self.state.set_playing(False, report.command)
                self.state.set_notice(notices.failed(report))
            case EngineDied():
                self._take_death(report)
            case Diverged() | StoppedEarly() | Reached():
                self.playback.take_end(report)

    def _take_death(self, report: EngineDied) -> None:
        log.error("the engine process ended with exit code %s", report.exit_code)
        self._heartbeat.stop()
        self.navigation.cancel()
        self.state.set_playing(False, self._engine.number)
        self.comparison.forget()
        self._engine.show_died()
