"""`--measure`: the window training at full speed; prints one JSON object of figures.

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
from gui.state.preferences import Preferences
from gui.window import Window

BLOCK_SECONDS = 1.0
WARM_UP_SECONDS = 1.0
STALL_MILLISECONDS = 100.0
START_SECONDS = 60.0
POLL_SECONDS = 0.0005
FRAME_SECONDS = 30.0
"""A training engine answers within a step; one of a large network may take seconds."""


class MeasuredWindow(Window):
    """A window that notes when it painted and how long that took."""

    def __init__(self, session: Session, preferences: Preferences) -> None:
        self.painted_at: list[float] = []
        self.paint_seconds: list[float] = []
        super().__init__(session, preferences)

    def event(self, event: QEvent) -> bool:
        """Qt's hook: an update request is one repaint of all that changed."""
        if event.type() is not QEvent.Type.UpdateRequest:
            return super().event(event)
        began = time.perf_counter()
        result = super().event(event)
        self.painted_at.append(began)
        self.paint_seconds.append(time.perf_counter() - began)
        return result


def measure(window: MeasuredWindow, session: Session, seconds: float) -> int:
    """Train for about `seconds` seconds of drawing, print the figures. Returns: exit code."""
    window.show()
    window.add_charts()
    try:
        figures = _measured(window, session, seconds)
    except StoppedError as error:
        return print_error(str(error), exit_code=1)
    finally:
        window.close()
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0


class StoppedError(RuntimeError):
    """The engine trains no more, so that there is nothing to measure."""


def _measured(window: MeasuredWindow, session: Session, seconds: float) -> dict[str, object]:
    _wait_for_engine(session)
    session.play()
    _run_events(WARM_UP_SECONDS)
    intervals: list[float] = []
    paints: list[float] = []
    drawn: list[float] = []
    alone: list[float] = []
    while len(drawn) * BLOCK_SECONDS < seconds:
        alone.append(_steps_per_second_alone(session))
        _run_events(BLOCK_SECONDS / 10)
        window.painted_at.clear()
        window.paint_seconds.clear()
        drawn.append(_steps_per_second_drawn(session))
        intervals += np.diff(window.painted_at).tolist()
        paints += window.paint_seconds
    return _figures(intervals, paints, drawn, alone)


def _figures(
    intervals: list[float], paints: list[float], drawn: list[float], alone: list[float]
) -> dict[str, object]:
    return {
        "frames": len(intervals),
        "frame_ms": _spread(intervals),
        "paint_ms": _spread(paints),
        "steps_per_second": round(float(np.median(drawn)), 1),
        "headless_steps_per_second": round(float(np.median(alone)), 1),
        "stalls_over_100ms": sum(1000 * seconds > STALL_MILLISECONDS for seconds in intervals),
    }


def _spread(seconds: list[float]) -> dict[str, float]:
    """Percentiles in milliseconds."""
    percentiles = {"p50": 50, "p95": 95, "p99": 99, "max": 100}
    return {n: round(1000 * float(np.percentile(seconds, p)), 2) for n, p in percentiles.items()}


def _wait_for_engine(session: Session) -> None:
    deadline = time.perf_counter() + START_SECONDS
    while session.frame is None or session.frame.run == 0:
        _run_events(0.05)
        said = session.notice
        if said is not None and said.kind != "info":
            raise StoppedError(said.text)
        if time.perf_counter() > deadline:
            raise StoppedError("the engine did not start")


def _steps_per_second_drawn(session: Session) -> float:
    first, began = session.frame, time.perf_counter()
    _run_events(BLOCK_SECONDS)
    last, ended = session.frame, time.perf_counter()
    assert first is not None and last is not None
    return (last.step - first.step) / (ended - began)


def _steps_per_second_alone(session: Session) -> float:
    session.draw(False)
    first, began = _next_frame(session)
    _run_events(BLOCK_SECONDS)
    last, ended = _next_frame(session)
    session.draw(True)
    return (last.step - first.step) / (ended - began)


def _next_frame(session: Session) -> tuple[Frame, float]:
    """A frame asked for now, and when it came; one that was under way is taken first."""
    _wait_for_frame(session)
    return _wait_for_frame(session), time.perf_counter()


def _wait_for_frame(session: Session) -> Frame:
    deadline = time.perf_counter() + FRAME_SECONDS
    while time.perf_counter() < deadline:
        session.host.request_frame(0)
        frame = session.host.take_frame()
        if frame is not None:
            return frame
        time.sleep(POLL_SECONDS)
    session.draw(True)
    _run_events(0.1)  # so that what stopped the engine is heard
    raise StoppedError("the engine stopped" if session.notice is None else session.notice.text)


def _run_events(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()
