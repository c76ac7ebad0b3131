"""Screenshot (`--screenshot`): train some steps, save a picture of the window, exit."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Slot

from engine.protocol.command_line import print_error
from engine.protocol.messages import Frame
from gui.session import Session
from gui.state.notices import Notice
from gui.window import Window

SETTLE_MILLISECONDS = 400
"""Milliseconds for the charts, which repaint less often, and for the last layout."""


class _Waiter(QObject):
    """Ends an event loop when the window shows the wanted step, or cannot reach it any more."""

    def __init__(self, session: Session, steps: int) -> None:
        super().__init__()
        self._session = session
        self._steps = steps
        self._requested = False
        self.problem: Notice | None = None
        self.loop = QEventLoop()
        session.state.frame_changed.connect(self._on_session_frame_changed)
        session.state.notice_changed.connect(self._on_session_notice_changed)
        session.state.training_ended.connect(self._end)

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        if frame.run == 0:
            return
        if not self._requested:
            self._requested = True
            if self._steps:
                self._session.playback.take_steps(self._steps)
                return
        if frame.step >= self._steps:
            self._end()

    @Slot(object)
    def _on_session_notice_changed(self, notice: Notice | None) -> None:
        if notice is not None and notice.kind != "info":
            self.problem = notice
            self._end()

    @Slot()
    def _end(self) -> None:
        QTimer.singleShot(SETTLE_MILLISECONDS, self.loop.quit)


def take_screenshot(window: Window, session: Session, file: Path, steps: int) -> int:
    """Save a picture of the window after `steps` steps. Returns: the exit code."""
    window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    window.show()
    window.add_charts()
    waiter = _Waiter(session, steps)
    waiter.loop.exec()
    saved = window.grab().save(str(file))
    window.close()
    if not saved:
        return print_error(
            f"--screenshot: {str(file)!r} cannot be written; name a .png in a folder"
        )
    if waiter.problem is not None:
        refused = waiter.problem.kind == "warning"
        return print_error(waiter.problem.text, exit_code=2 if refused else 1)
    return 0
