"""Notice board: decides which notice is on display, and until when."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from engine.protocol.messages import Checkpoint, Frame
from gui.state import notices
from gui.state.notices import Notice
from gui.state.session_state import SessionState

CHANGE_NOTE_MILLISECONDS = 12_000
"""Time for which the note on a change is shown: it lies over the page."""


class NoticeBoard(QObject):
    """Puts notices into the session's state, one at a time."""

    def __init__(self, state: SessionState) -> None:
        """Args: state: shows the notice."""
        super().__init__()
        self._state = state
        self._standstill: Notice | None = None
        self._silence: Notice | None = None
        """Lasting conditions that have been shown, although perhaps they were dismissed."""
        self._refusal: Notice | None = None
        """The newest refusal of a change."""
        self._next_run_note: Notice | None = None
        """Note on a run whose first frame has not come yet."""
        self._change_note: Notice | None = None
        """The newest note on a change, true only of the step at which it was made."""
        self.lifetime = QTimer(self, singleShot=True, interval=CHANGE_NOTE_MILLISECONDS)
        """Of the note on a change."""
        self.lifetime.timeout.connect(self.remove_change_note)

    @property
    def says_silent(self) -> bool:
        """Whether the notice on display is that the engine does not answer."""
        notice = self._state.notice
        return notice is not None and notice == self._silence

    @Slot()
    def dismiss(self) -> None:
        """Put the notice away."""
        self._state.set_notice(None)

    def hold_remarks(self, held: bool) -> None:
        """Keep notices that only inform back, or show them again. Args: held: keep them back?"""
        self._state.holds_remarks = held
        if held and self._state.notice is not None and self._state.notice.is_remark:
            self._state.set_notice(None)
            self._standstill = None  # said again afterwards, if it still holds

    def refuse(self, message: str) -> None:
        """Tell the user why a value cannot be accepted. Args: message: as `refused` takes it."""
        self._refusal = notices.refused(message)
        self._state.set_notice(self._refusal)

    def withdraw_refusal(self) -> None:
        """Put the refusal of a change away: another change was accepted since."""
        if self._refusal is not None and self._state.notice == self._refusal:
            self._state.set_notice(None)
        self._refusal = None

    @Slot(str)
    def show_refusal(self, problem: str) -> None:
        """Say what is wrong with the text in a field. Args: problem: a sentence."""
        self._state.set_notice(Notice(problem, "warning"))

    @Slot(str)
    def withdraw(self, problem: str) -> None:
        """Put the notice of a field away, whose text is right again. Args: problem: its text."""
        if self._state.notice == Notice(problem, "warning"):
            self._state.set_notice(None)

    def report_error(self, text: str) -> None:
        """Tell the user of an error of the program; the window goes on. Args: text: a sentence."""
        self._state.set_notice(Notice(text, "error"))

    def tell(self, text: str) -> None:
        """Tell the user what has been done. Args: text: a sentence."""
        self._state.set_notice(Notice(text))

    def add_notes(self, run: int, notes: tuple[str, ...]) -> None:
        """Show notes, on a run to come once it is shown. Args: run: theirs.  notes: sentences."""
        if not notes:
            return
        self._change_note = notice = Notice(" ".join(notes))
        if self._state.run is None or self._state.run == run:
            self._state.set_notice(notice)
            self.lifetime.start()
        else:
            self._next_run_note = notice

    @Slot()
    def remove_change_note(self) -> None:
        """Put away the note on a change: the run has moved to another step, or time has passed."""
        if self._change_note is not None and self._state.notice == self._change_note:
            self._state.set_notice(None)

    def begin_run(self) -> None:
        """Replace the old run's notice by the note on the new one, if there is any."""
        self._state.set_notice(self._next_run_note)
        self.lifetime.start()
        self._next_run_note = None
        self._standstill = None

    def update_standstill(self, frame: Frame) -> None:
        """Say why steps change nothing, where that is so. Args: frame: the newest."""
        if self._state.notice == notices.STARTING:
            self._state.set_notice(None)
        self._standstill = self._follow(self._standstill, notices.why_nothing_moves(frame))

    def update_silence(self, silent: bool, checkpoint: Checkpoint | None) -> None:
        """Say that the engine is silent. Args: silent: is it?  checkpoint: to go on from."""
        reason = notices.silent(checkpoint) if silent else None
        self._silence = self._follow(self._silence, reason)

    def _follow(self, before: Notice | None, condition: Notice | None) -> Notice | None:
        """Show a lasting condition once, over nothing urgent, and clear it at its end.

        Args: before: what has been shown of it.  Returns: what is from now on.
        """
        current = self._state.notice
        if condition is None:
            if current == before:
                self._state.set_notice(None)
            return None
        replaceable = current is None or current == before or current.kind == "info"
        held = condition.is_remark and self._state.holds_remarks
        if condition == before or not replaceable or held:
            return before
        self._state.set_notice(condition)
        return condition
