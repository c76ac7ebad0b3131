"""The real window over a real engine, in this process, for what must look at it from inside."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QEventLoop, QSettings, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from engine.protocol.messages import Frame
from engine.protocol.settings import Settings
from gui.session import Session
from gui.state.preferences import Preferences
from gui.theme import Scheme, appearance
from gui.window import Window

SIZE = (1280, 720)
PATIENCE = 60.0
"""Seconds: a loaded machine imports torch slowly."""


def run_events(seconds: float) -> None:
    """Let the window live for so long."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


class Painted(Window):
    """A window that notes each of its repaints, and what it showed then."""

    def __init__(self, session: Session, preferences: Preferences) -> None:
        self.painted: Callable[[float], None] | None = None
        """Called after each repaint, with the moment at which it ended."""
        super().__init__(session, preferences)

    def event(self, event: QEvent) -> bool:
        """Qt's hook: an update request is one repaint of all that changed."""
        result = super().event(event)
        if event.type() is QEvent.Type.UpdateRequest and self.painted is not None:
            self.painted(time.perf_counter())
        return result


class Driven:
    """The window with its session."""

    def __init__(self, settings: Settings) -> None:
        self.session = Session(settings)
        appearance.start(Scheme.LIGHT)
        self.session.start()
        self.window = Painted(self.session, Preferences())
        self.window.resize(*SIZE)
        self.window.show()
        self.window.add_charts()

    def find(self, name: str, kind: type = QWidget) -> QWidget:
        """The widget of this object name."""
        found = self.window.findChild(kind, name)
        assert found is not None, name
        return found

    def wait(self, good: Callable[[Frame], bool]) -> Frame:
        """The first frame that is good."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            frame = self.session.state.frame
            if frame is not None and frame.run > 0 and good(frame):
                return frame
            run_events(0.02)
        raise TimeoutError(f"no such frame: {self.session.state.notice}")


@contextmanager
def driven(settings: Settings) -> Iterator[Driven]:
    """A window that is closed in the end, with preferences of its own."""
    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        user = Driven(settings)
        try:
            yield user
        finally:
            user.window.close()
            user.window.deleteLater()
            app.processEvents()
