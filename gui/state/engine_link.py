"""Engine link: sends commands to the engine process, and detects that it is gone or silent."""

from __future__ import annotations

from msgspec.structs import replace

from engine.protocol.host import EngineHost
from engine.protocol.messages import Checkpoint, NumberedCommand, Undoable
from engine.protocol.settings import Settings
from gui.state import notices
from gui.state.session_state import SessionState

ASK_TICKS = 60
"""Display frames without a sign of life, after which the engine is asked for one."""
SILENT_TICKS = 250
"""Display frames without an answer until the user is told: four seconds."""


class EngineLink:
    """The way to the engine for the parts of a session."""

    def __init__(self, host: EngineHost, state: SessionState) -> None:
        """Args: host: the engine process.  state: where a dead engine is reported."""
        self.host, self._state = host, state
        self.number = 1
        """Number of the newest command; the first belongs to the first engine's start."""
        self.changed_by = 0
        """Number of the newest command that can be undone."""
        self.checkpoint: Checkpoint | None = None
        """The newest checkpoint of the run that is shown; a new engine resumes from it."""

    def is_alive(self) -> bool:
        """Whether there is an engine; if not, the user is told again how to start one."""
        alive = self.host.alive
        if not alive:
            self.show_died()
        return alive

    def show_died(self) -> None:
        """Tell the user that the engine process is gone, and what a new one can go on from."""
        self._state.set_notice(notices.died(self.checkpoint))

    def restart(self, settings: Settings) -> None:
        """Start a new engine. Args: settings: of its first run."""
        self.number += 1
        self.host.start(settings, self.number)

    def send(self, command: NumberedCommand) -> int:
        """Send a command; it is lost without engine. Args: command: any.  Returns: its number."""
        self.number += 1
        if isinstance(command, Undoable):
            self.changed_by = self.number
        self.host.send(replace(command, number=self.number))
        return self.number

    def request(self, command: NumberedCommand) -> int:
        """Send a command if there is an engine. Args: command: any.  Returns: its number, or 0."""
        return self.send(command) if self.is_alive() else 0


class Heartbeat:
    """Asks the engine thread for a sign of life once a second, from its first frame on.

    It counts display frames, not seconds: a window that was itself held up has missed nothing.
    """

    def __init__(self, host: EngineHost) -> None:
        """Args: host: the engine process."""
        self._host = host
        self._ticks: int | None = None
        """Display frames since the last sign of life; None: none is expected."""

    def beat(self) -> None:
        """Note a sign of life."""
        self._ticks = 0

    def stop(self) -> None:
        """Expect no sign of life until there was one."""
        self._ticks = None

    def is_lost(self) -> bool:
        """Whether there was none for long; to be called once for each display frame."""
        if self._ticks is None:
            return False
        self._ticks += 1
        if self._ticks >= ASK_TICKS and self._host.ping():
            self._ticks = 0
        return self._ticks >= SILENT_TICKS
