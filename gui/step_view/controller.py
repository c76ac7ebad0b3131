"""Which moment of which step is looked at, and the way there."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QObject, Signal, Slot

from engine.protocol.messages import Catalogue, Frame, StepTrace
from gui.session import Session
from gui.state.notices import STARTING
from gui.step_view.phases import Phase, hidden, layers_with

TOO_LARGE = "Not for layers beyond 256 rows or columns: their matrices are too many numbers"


class StepView(QObject):
    """A place in time, step and moment, and what the engine is asked for to be shown it.

    Of step s the first four moments show the network as it stands after step s − 1, the fifth as
    it stands after s. Each wish names only the place; whatever frame comes says what is still
    missing on the way there.
    """

    changed = Signal()
    """Another moment is shown, or another frame of it; or it was entered, left, or made ready."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._on = False
        self._run = self._branch = 0
        self._step, self._moment = 1, Phase.FORWARD
        self._inside: StepTrace | None = None
        self._shown: tuple[Frame, StepTrace, Phase] | None = None
        self._sent: tuple[int, int] | None = None
        """(step of the frame, step that was asked for): it is asked once."""
        session.frame_changed.connect(self._on_session_frame_changed)
        session.playing_changed.connect(self._on_session_playing_changed)
        session.catalogue_changed.connect(self._on_session_catalogue_changed)

    # ------------------------------------------------------------ what is seen

    @property
    def on(self) -> bool:
        """Whether a step is being looked into."""
        return self._on

    @property
    def reason(self) -> str:
        """Why it cannot be entered; empty: it can."""
        frame = self._session.frame
        if frame is None or frame.run == 0 or self._session.catalogue is None:
            return STARTING.text
        return TOO_LARGE if any(layer.part is not None for layer in frame.layers) else ""

    @property
    def shown(self) -> tuple[Frame, StepTrace, Phase] | None:
        """Frame, step and moment on the stage; None: none is, or the engine has not answered."""
        return self._shown if self._on else None

    @property
    def waits(self) -> bool:
        """Whether what was asked for has not come."""
        return self._on and (
            self._shown is None
            or (self._shown[1].step, self._shown[2]) != (self._step, self._moment)
        )

    def seen(self, frame: Frame) -> Frame:
        """What to draw for the session's frame: the moment that is shown."""
        if self.shown is None:
            return frame
        shown, inside, _ = self.shown
        return dataclasses.replace(shown, layers=layers_with(shown, inside))

    def hidden(self) -> frozenset[str]:
        """Factors that the moment does not show yet."""
        return frozenset() if self.shown is None else hidden(self.shown[2])

    # ------------------------------------------------------------ what the user does

    def toggle(self) -> None:
        """Enter, or leave."""
        if self._on:
            self.leave()
        else:
            self.enter()

    def enter(self) -> None:
        """Pause, and look into the coming step."""
        frame = self._session.frame
        if self._on or self.reason or frame is None:
            return
        self._session.pause()
        self._on = True
        self._begin(frame)
        self._session.look(step_trace=True)
        self._seek(frame)

    def leave(self) -> None:
        """Give the stage back as it was."""
        if self._on:
            self._on = False
            self._inside = self._shown = None
            self._session.look(step_trace=False)
            self.changed.emit()

    @Slot()
    def forward(self) -> None:
        """The next moment, or the first of the next step."""
        if self._on and not self.waits:
            last = self._moment is Phase.TAKEN
            self._go(self._step + last, Phase.FORWARD if last else Phase(self._moment + 1))

    @Slot()
    def back(self) -> None:
        """The moment before, or the last of the step before."""
        if self._on and self.can_go_back:
            first = self._moment is Phase.FORWARD
            self._go(self._step - first, Phase.TAKEN if first else Phase(self._moment - 1))

    @property
    def can_go_back(self) -> bool:
        """Whether there is a moment before: before the first step there is none."""
        return (self._step, self._moment) > (1, Phase.FORWARD)

    def go_to(self, moment: Phase) -> None:
        """Another moment of the same step."""
        if self._on:
            self._go(self._step, moment)

    def _go(self, step: int, moment: Phase) -> None:
        self._step, self._moment, self._sent = step, moment, None
        if self._session.frame is not None:
            self._seek(self._session.frame)

    # ------------------------------------------------------------ the way there

    def _begin(self, frame: Frame) -> None:
        self._run, self._branch = frame.run, frame.branch
        self._step, self._moment = frame.step + 1, Phase.FORWARD
        self._inside = self._shown = self._sent = None

    def _seek(self, frame: Frame) -> None:
        """Show the place if this frame brings it, else ask for what is missing."""
        coming = frame.step_trace
        if coming is not None and coming.step == self._step and frame.step == self._step - 1:
            self._inside = coming
        known = self._inside is not None and self._inside.step == self._step
        taken = known and self._moment is Phase.TAKEN
        wanted = self._step if taken else self._step - 1
        if frame.step != wanted:
            self._ask(frame, wanted)
        elif known and self._inside is not None:
            self._sent = None
            self._shown = frame, self._inside, self._moment
        self.changed.emit()

    def _ask(self, frame: Frame, step: int) -> None:
        if self._sent == (frame.step, step):
            return
        self._sent = frame.step, step
        if step == frame.step + 1 and step > frame.tip:
            self._session.step()
        else:
            self._session.go_to(step)

    # ------------------------------------------------------------ handlers

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        if not self._on:
            if self._run != frame.run:
                self._run = frame.run
                self.changed.emit()
            return
        if self.reason:
            self.leave()
            return
        here = self._step - 1 if self._shown is None else self._shown[0].step
        elsewhere = self._sent is None and frame.step != here
        if (frame.run, frame.branch) != (self._run, self._branch) or elsewhere:
            self._begin(frame)  # another run, or the user went to another step
        self._seek(frame)

    @Slot(bool)
    def _on_session_playing_changed(self, playing: bool) -> None:
        if playing:
            self.leave()

    @Slot(object)
    def _on_session_catalogue_changed(self, _catalogue: Catalogue) -> None:
        self.changed.emit()
