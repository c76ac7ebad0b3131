"""Engine link: sends commands to the engine process, or tells the user that it is gone."""

from __future__ import annotations

from dataclasses import replace

from engine.protocol.host import EngineHost
from engine.protocol.messages import Checkpoint, NumberedCommand
from engine.protocol.settings import Settings
from gui.state import notices
from gui.state.notice_board import NoticeBoard


class EngineLink:
    """The way to the engine for the parts of a session."""

    def __init__(self, host: EngineHost, board: NoticeBoard) -> None:
        """Args: host: the engine process.  board: where a dead engine is reported."""
        self.host = host
        self._board = board
        self.number = 1
        """Number of the newest command; the first belongs to the first engine's start."""
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

    def restart(self, settings: Settings) -> None:
        """Start a new engine. Args: settings: of its first run."""
        self.number += 1
        self.host.start(settings, self.number)

    def send(self, command: NumberedCommand) -> int:
        """Send a command; it is lost without engine. Args: command: any.  Returns: its number."""
        self.number += 1
        self.host.send(replace(command, number=self.number))
        return self.number

    def request(self, command: NumberedCommand) -> int:
        """Send a command if there is an engine. Args: command: any.  Returns: its number, or 0."""
        return self.send(command) if self.is_alive() else 0
