"""Controller of the step view: the step and phase that are shown, and the way there."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal, Slot

from engine.protocol.messages import Frame, StepTrace
from gui.session import Session
from gui.state.notices import STARTING
from gui.step_view.phases import Phase, add_traced_factors, hidden_factors

TOO_LARGE = "Not available for layers with more than 256 rows or columns"


class StepView(QObject):
    """A step and a phase of it, and the requests that the engine needs to show them.

    The first four phases of step s show the network after step s − 1, the fifth after s. Requests
    name only the target; each frame that arrives shows what is still missing on the way there.
    """

    changed = Signal()
    """Another phase or frame is shown; or it was entered, left, or became available."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.active = False
        self._run = self._branch = 0
        self._step, self._phase = 1, Phase.FORWARD
        self._trace: StepTrace | None = None
        self._shown: tuple[Frame, StepTrace, Phase] | None = None
        self._requested: tuple[int, int] | None = None
        """(step of the frame, step that was requested): each is requested once."""
        session.state.frame_changed.connect(self._on_session_frame_changed)
        session.state.playing_changed.connect(self._on_session_playing_changed)
        session.state.catalogue_changed.connect(self.changed)

    # ------------------------------------------------------------ what is seen

    @property
    def reason(self) -> str:
        """Why it cannot be entered; empty: it can."""
        frame = self._session.state.frame
        if frame is None or frame.run == 0 or self._session.state.catalogue is None:
            return STARTING.text
        return TOO_LARGE if any(layer.part is not None for layer in frame.layers) else ""

    @property
    def shown(self) -> tuple[Frame, StepTrace, Phase] | None:
        """Frame, trace and phase on the stage; None: none, or the engine has not answered."""
        return self._shown if self.active else None

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is outstanding."""
        return self.active and (
            self._shown is None
            or (self._shown[1].step, self._shown[2]) != (self._step, self._phase)
        )

    def displayed(self, frame: Frame) -> Frame:
        """Return what to draw for the session's frame: the phase that is shown."""
        if self.shown is None:
            return frame
        shown, trace, _ = self.shown
        return replace(shown, layers=add_traced_factors(shown, trace))

    def hidden_factors(self) -> frozenset[str]:
        """Return the factors that the phase does not show yet."""
        if self.shown is None:
            return frozenset()
        _, trace, phase = self.shown
        return hidden_factors(phase, trace)

    # ------------------------------------------------------------ what the user does

    @Slot()
    def toggle(self) -> None:
        """Enter or leave."""
        if self.active:
            self.leave()
        else:
            self.enter()

    def enter(self) -> None:
        """Pause, and look into the next step."""
        frame = self._session.state.frame
        if self.active or self.reason or frame is None:
            return
        self._session.playback.pause()
        self.active = True
        self._start_at(frame)
        self._session.view_requests.set_options(step_trace=True)
        self._seek(frame)

    def leave(self) -> None:
        """Return to the session's frame."""
        if self.active:
            self.active = False
            self._trace = self._shown = None
            self._session.view_requests.set_options(step_trace=False)
            self.changed.emit()

    @Slot()
    def next_phase(self) -> None:
        """Go to the next phase, or the first of the next step."""
        if self.active and not self.is_waiting:
            last = self._phase is Phase.TAKEN
            self._go(self._step + last, Phase.FORWARD if last else Phase(self._phase + 1))

    @Slot()
    def previous_phase(self) -> None:
        """Go to the previous phase, or the last of the previous step."""
        if self.active and self.can_go_back:
            first = self._phase is Phase.FORWARD
            self._go(self._step - first, Phase.TAKEN if first else Phase(self._phase - 1))

    @property
    def can_go_back(self) -> bool:
        """Whether there is a previous phase: before the first step there is none."""
        return (self._step, self._phase) > (1, Phase.FORWARD)

    def go_to_phase(self, phase: Phase) -> None:
        """Go to another phase of the same step."""
        if self.active:
            self._go(self._step, phase)

    def _go(self, step: int, phase: Phase) -> None:
        self._step, self._phase, self._requested = step, phase, None
        if self._session.state.frame is not None:
            self._seek(self._session.state.frame)

    # ------------------------------------------------------------ the way there

    def _start_at(self, frame: Frame) -> None:
        self._run, self._branch = frame.run, frame.branch
        self._step, self._phase = frame.step + 1, Phase.FORWARD
        self._trace = self._shown = self._requested = None

    def _seek(self, frame: Frame) -> None:
        """Show the phase if this frame allows it, otherwise request what is missing."""
        trace = frame.step_trace
        if trace is not None and trace.step == self._step and frame.step == self._step - 1:
            self._trace = trace
        known = self._trace is not None and self._trace.step == self._step
        taken = known and self._phase is Phase.TAKEN
        wanted = self._step if taken else self._step - 1
        if frame.step != wanted:
            self._request(frame, wanted)
        elif known and self._trace is not None:
            self._requested = None
            self._shown = frame, self._trace, self._phase
        self.changed.emit()

    def _request(self, frame: Frame, step: int) -> None:
        if self._requested == (frame.step, step):
            return
        self._requested = frame.step, step
        if step == frame.step + 1 and step > frame.tip:
            self._session.playback.step()
        else:
            self._session.navigation.go_to(step)

    # ------------------------------------------------------------ handlers

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        if not self.active:
            if self._run != frame.run:
                self._run = frame.run
                self.changed.emit()
            return
        if self.reason:
            self.leave()
            return
        shown_step = self._step - 1 if self._shown is None else self._shown[0].step
        went_elsewhere = self._requested is None and frame.step != shown_step
        if (frame.run, frame.branch) != (self._run, self._branch) or went_elsewhere:
            self._start_at(frame)  # another run, or the user went to another step
        self._seek(frame)

    @Slot(bool)
    def _on_session_playing_changed(self, playing: bool) -> None:
        if playing:
            self.leave()
