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
    """Train until the window shows the wanted step, or cannot reach it any more."""
    stopped: list[object] = []
    session.state.training_ended.connect(stopped.append)
    requested = False
    while not stopped and problem_of(session) is None:
        run_events(POLL_SECONDS)
        frame = session.state.frame
        if frame is None or frame.run == 0:
            continue
        if frame.step >= steps:
            return
        if not requested:
            session.playback.take_steps(steps)
            requested = True
