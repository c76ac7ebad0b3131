"""Opens the window through `gui.app`, has something go wrong in it, and says how it goes on.

It prints one JSON object: what the window said after each mishap, and how the collector is set.
"""

import gc
import json
import sys
import threading

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

import gui.window
from engine.protocol.command_line import parse_arguments


class Careless(QPushButton):
    """Raises when it is pressed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.clicked.connect(self._on_clicked)

    @Slot()
    def _on_clicked(self) -> None:
        raise ZeroDivisionError("in a slot")


class Blot(QWidget):
    """Raises when it is painted."""

    def paintEvent(self, event: QPaintEvent) -> None:
        raise KeyError("in a painting")


class Mishaps(gui.window.Window):
    """A window in which something goes wrong every quarter of a second."""

    def open(self, *, remembered: bool) -> None:
        super().open(remembered=remembered)
        self._said: dict[str, object] = {"collects by itself": gc.isenabled()}
        self._work = [
            self._press, self._paint, self._look, self._fail_beside, self._go_on, self._end,
        ]  # fmt: skip
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._on_clock_timeout)
        self._clock.start(250)

    @Slot()
    def _on_clock_timeout(self) -> None:
        self._work.pop(0)()

    def _note(self, name: str) -> None:
        notice = self._session.state.notice
        self._said[name] = None if notice is None else [notice.kind, notice.text]
        self._session.notices.dismiss()

    def _press(self) -> None:
        Careless(self).click()
        self._note("slot")

    def _paint(self) -> None:
        self._blot = Blot(self)
        self._blot.show()

    def _look(self) -> None:
        self._blot.hide()
        self._note("painting")

    def _fail_beside(self) -> None:
        thread = threading.Thread(target=self._raise)
        thread.start()
        thread.join()

    def _raise(self) -> None:
        raise LookupError("in a thread")

    def _go_on(self) -> None:
        self._said["goes on"] = self._session.editor.update(learning_rate=0.5)

    def _end(self) -> None:
        self._clock.stop()
        self.close()
        sys.stdout.write(json.dumps(self._said))


if __name__ == "__main__":
    gui.window.Window = Mishaps
    from gui.app import run

    sys.exit(run(parse_arguments(["--size", "1280x720"])))
