"""Screenshot (`--screenshot`): train some steps, save a picture of the window, exit."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import Qt, QTimer

from engine.protocol.command_line import print_error
from gui.frame_benchmark import problem_of, run_events
from gui.session import Session
from gui.window import Window

POLL_SECONDS = 0.02
"""Time between two looks for the wanted step."""
MAX_SETTLE_SECONDS = 30.0
"""Time for what comes after the last step, at most."""


def take_screenshot(window: Window, session: Session, file: Path, steps: int) -> int:
    """Save a picture of the window after `steps` steps. Returns: the exit code."""
    window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    window.show()
    window.add_charts()
    _take_steps(session, steps)
    problem = problem_of(session)
    _settle(window, session, measured=problem is None)
    problem = problem_of(session)
    saved = window.grab().save(str(file))
    window.close()
    if not saved:
        return print_error(
            f"--screenshot: {str(file)!r} cannot be written; name a .png in a folder"
        )
    if problem is not None:
        return print_error(problem.text, exit_code=2 if problem.kind == "warning" else 1)
    return 0


def _take_steps(session: Session, steps: int) -> None:
    """Train until the window shows the wanted step, or cannot reach it any more.

    Frames on the way are not shown: which of them come depends on how busy the machine is, and
    each would leave its traces, a point on the curves or a colour scale.
    """
    stopped: list[object] = []
    session.state.training_ended.connect(stopped.append)
    while problem_of(session) is None and (session.state.frame is None or not session.state.run):
        run_events(POLL_SECONDS)
    first = session.state.frame
    if first is None or first.step >= steps or problem_of(session) is not None:
        return
    session.set_polling(False)
    session.playback.take_steps(steps)
    while not stopped and problem_of(session) is None:
        session.host.request_frame(first)
        run_events(POLL_SECONDS)
        for report in session.host.take_reports():
            session.take_report(report)
        frame = session.host.take_frame()
        if frame is not None and frame.step >= steps:
            session.take_frame(frame)
            break
    session.set_polling(True)


def _settle(window: Window, session: Session, *, measured: bool) -> None:
    """Wait until all is drawn: what is measured, the charts, which repaint less often, a flash.

    Args: measured: whether a measurement of the last step is to come.
    """
    deadline = time.monotonic() + MAX_SETTLE_SECONDS
    while time.monotonic() < deadline:
        run_events(POLL_SECONDS)
        frame = session.state.frame
        known = not measured or (frame is not None and frame.measurements.step == frame.step)
        timers = window.findChildren(QTimer)
        if known and not any(timer.isSingleShot() and timer.isActive() for timer in timers):
            return
