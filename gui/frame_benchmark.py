"""Frame benchmark (`--measure`): trains at full speed in the window, and prints JSON.

Blocks with the window drawing and blocks with the same engine left alone take turns, so that a
noisy machine disturbs both alike.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QTimer

from engine.protocol.command_line import print_error
from engine.protocol.messages import Frame
from gui.session import Session
from gui.state.notices import Notice
from gui.state.preferences import Preferences
from gui.window import Window

BLOCK_SECONDS = 1.0
"""Length of a block with or without drawing."""
WARM_UP_SECONDS = 1.0
"""Training before the first block."""
STALL_MILLISECONDS = 100.0
"""Interval between two painted frames that counts as a stall."""
START_TIMEOUT_SECONDS = 60.0
"""Longest wait for the engine to start."""
POLL_SECONDS = 0.0005
"""Pause between two looks for a frame."""
FRAME_TIMEOUT_SECONDS = 30.0
"""Longest wait for a frame: a step of a large network may take seconds."""


class MeasuredWindow(Window):
    """Window that records when it painted a new frame, and how long each repaint took."""

    def __init__(self, session: Session, preferences: Preferences) -> None:
        self.painted_at: list[float] = []
        self.paint_seconds: list[float] = []
        self._painted_frame: Frame | None = None
        super().__init__(session, preferences)

    def event(self, event: QEvent) -> bool:
        """Qt's hook: an update request is one repaint of all that changed."""
        if event.type() is not QEvent.Type.UpdateRequest:
            return super().event(event)
        began = time.perf_counter()
        result = super().event(event)
        self.paint_seconds.append(time.perf_counter() - began)
        frame = self._session.state.frame
        if frame is not self._painted_frame:  # charts are repainted between two frames as well
            self._painted_frame = frame
            self.painted_at.append(began)
        return result


def measure(window: MeasuredWindow, session: Session, seconds: float) -> int:
    """Measure for about `seconds` seconds of drawing, print the figures. Returns: exit code."""
    window.show()
    window.add_charts()
    try:
        figures = _run_blocks(window, session, seconds)
    except StoppedError as error:
        return print_error(str(error), exit_code=1)
    finally:
        window.close()
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0


class StoppedError(RuntimeError):
    """Raised where the engine no longer trains, so that there is nothing to measure."""


def _run_blocks(window: MeasuredWindow, session: Session, seconds: float) -> dict[str, object]:
    _wait_for_engine(session)
    session.playback.play()
    run_events(WARM_UP_SECONDS)
    intervals: list[float] = []
    paints: list[float] = []
    drawn: list[float] = []
    alone: list[float] = []
    while len(drawn) * BLOCK_SECONDS < seconds or not intervals:
        alone.append(_steps_per_second_alone(session))
        run_events(BLOCK_SECONDS / 10)
        window.painted_at.clear()
        window.paint_seconds.clear()
        drawn.append(_steps_per_second_drawn(session))
        intervals += np.diff(window.painted_at).tolist()
        paints += window.paint_seconds
    return {
        "frames": len(intervals),
        "frame_ms": _percentiles(intervals),
        "paint_ms": _percentiles(paints),
        "steps_per_second": round(float(np.median(drawn)), 1),
        "headless_steps_per_second": round(float(np.median(alone)), 1),
        "stalls_over_100ms": sum(1000 * seconds > STALL_MILLISECONDS for seconds in intervals),
    }


def _percentiles(seconds: list[float]) -> dict[str, float]:
    percentiles = {"p50": 50, "p95": 95, "p99": 99, "max": 100}
    return {n: round(1000 * float(np.percentile(seconds, p)), 2) for n, p in percentiles.items()}


def _wait_for_engine(session: Session) -> None:
    deadline = time.perf_counter() + START_TIMEOUT_SECONDS
    while session.state.frame is None or session.state.frame.run == 0:
        run_events(0.05)
        if (problem := problem_of(session)) is not None:
            raise StoppedError(problem.text)
        if time.perf_counter() > deadline:
            raise StoppedError("the engine did not start")


def problem_of(session: Session) -> Notice | None:
    """Return what stopped the engine or was refused; None: nothing."""
    notice = session.state.notice
    return None if notice is None or notice.kind == "info" else notice


def _steps_per_second_drawn(session: Session) -> float:
    first, began = session.state.frame, time.perf_counter()
    run_events(BLOCK_SECONDS)
    last, ended = session.state.frame, time.perf_counter()
    assert first is not None and last is not None
    return (last.step - first.step) / (ended - began)


def _steps_per_second_alone(session: Session) -> float:
    session.set_polling(False)
    first, began = _next_frame(session)
    run_events(BLOCK_SECONDS)
    last, ended = _next_frame(session)
    session.set_polling(True)
    return (last.step - first.step) / (ended - began)


def _next_frame(session: Session) -> tuple[Frame, float]:
    """Return a frame requested now, and its time; one already under way is taken first."""
    _wait_for_frame(session)
    return _wait_for_frame(session), time.perf_counter()


def _wait_for_frame(session: Session) -> Frame:
    deadline = time.perf_counter() + FRAME_TIMEOUT_SECONDS
    while time.perf_counter() < deadline:
        session.host.request_frame(None)
        frame = session.host.take_frame()
        if frame is not None:
            return frame
        time.sleep(POLL_SECONDS)
    session.set_polling(True)
    run_events(0.1)  # so that what stopped the engine is heard
    raise StoppedError(
        "the engine stopped" if session.state.notice is None else session.state.notice.text
    )


def run_events(seconds: float) -> None:
    """Let the window live for so long."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()
