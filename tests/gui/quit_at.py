"""Opens the window, plays, and closes it after the given milliseconds: for exit-code tests."""

import sys

from PySide6.QtCore import QTimer

import gui.window
from engine.protocol.command_line import parse_arguments


class Impatient(gui.window.Window):
    """A window with a user who leaves in mid-run."""

    def open(self, *, remembered: bool) -> None:
        super().open(remembered=remembered)
        self._session.playback.play()
        QTimer.singleShot(int(sys.argv[1]), self.close)


if __name__ == "__main__":
    gui.window.Window = Impatient
    from gui.app import run

    sys.exit(run(parse_arguments(["--size", "1280x720"])))
