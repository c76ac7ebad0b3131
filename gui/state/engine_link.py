"""Engine link: sends commands to the engine process, or tells the user that it is gone."""

from __future__ import annotations

from engine.protocol.host import EngineHost
from engine.protocol.messages import Checkpoint, Command
from gui.state import notices
from gui.state.notice_board import NoticeBoard


class EngineLink:
    """The way to the engine for the parts of a session."""

    def __init__(self, host: EngineHost, board: NoticeBoard) -> None:
        """Args: host: the engine process.  board: where a dead engine is reported."""
        self.host = host
        self._board = board
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
        self._board.show(notices.died(self.checkpoint))

    def send(self, command: Command) -> None:
        """Send a command; without an engine it is lost. Args: command: any."""
        self.host.send(command)

    def request(self, command: Command) -> bool:
        """Send a command if there is an engine. Args: command: any.  Returns: was it sent?"""
        alive = self.is_alive()
        if alive:
            self.host.send(command)
        return alive
