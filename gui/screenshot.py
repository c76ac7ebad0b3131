"""Screenshot (`--screenshot`): train some steps, save a picture of the window, exit."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt

from engine.protocol.command_line import print_error
from gui.frame_benchmark import problem_of, run_events
from gui.session import Session
from gui.window import Window

POLL_SECONDS = 0.02
"""Time between two looks for the wanted step."""
SETTLE_SECONDS = 0.4
"""Time for the charts, which repaint less often, and for the last layout."""


def take_screenshot(window: Window, session: Session, file: Path, steps: int) -> int:
    """Save a picture of the window after `steps` steps. Returns: the exit code."""
    window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    window.show()
    window.add_charts()
    _take_steps(session, steps)
    run_events(SETTLE_SECONDS)
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
