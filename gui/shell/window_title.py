"""Window title: strategy, task and step of the run."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from gui.session import Session
from gui.widgets.frame_throttle import SPEED_MILLISECONDS, FrameThrottle

PLAYING = "●"
"""Before the title while it trains."""


class WindowTitle(QObject):
    """Keeps the title of a window; a step that passes too fast to be read is not in it."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self._throttle = FrameThrottle(window, SPEED_MILLISECONDS)
        self._throttle.due.connect(self._show)
        for signal in (
            session.state.frame_changed, session.state.playing_changed,
            session.state.settings_changed, session.state.catalogue_changed,
        ):  # fmt: skip
            signal.connect(self._on_session_changed)
        self._show()

    @Slot()
    def _on_session_changed(self) -> None:
        self._throttle.request()

    @Slot()
    def _show(self) -> None:
        title, playing = run_title(self._session), self._session.state.playing
        self._window.setWindowTitle(f"{PLAYING} {title}" if playing else title)


def run_title(session: Session) -> str:
    """Return strategy, task and step of what is shown, as far as they are known."""
    strategy, task = session.state.strategy_info(), session.state.task_info()
    parts = [info.label for info in (strategy, task) if info is not None]
    frame = session.state.frame
    if frame is not None and parts:
        parts.append(f"step {frame.step:,}")
    return " · ".join([*parts, "ΔW"])
