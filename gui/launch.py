"""Launch: starts the Qt application, builds the window, and runs it."""

from __future__ import annotations

import argparse
import logging
import logging.handlers
import signal
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from engine.protocol.command_line import DEFAULT_SIZE
from engine.protocol.host import EngineHost
from engine.protocol.settings import Settings
from gui.frame_benchmark import MeasuredWindow, measure
from gui.lessons.answers import Answers
from gui.lessons.lesson import Lesson
from gui.lessons.library import LessonLibrary
from gui.screenshot import take_screenshot
from gui.session import Session
from gui.shell.gc_timer import GcTimer
from gui.state.preferences import Preferences
from gui.state.user_files import answers_file, lessons_folder, log_file
from gui.theme import Scheme, appearance
from gui.window import Window

log = logging.getLogger(__name__)


def launch(
    options: argparse.Namespace,
    settings: Settings,
    chosen: dict[str, Any],
    lesson: Lesson | None,
    host: EngineHost,
) -> int:
    """Run the window until it is closed. Returns: the exit code.

    Args: chosen: settings that the user chose on the command line.  host: the engine, started.
    """
    app = QApplication(sys.argv[:1])
    app.setApplicationName("deltaw")
    app.setApplicationDisplayName("ΔW")
    _gc_timer = GcTimer()
    session = Session(settings, host, frozenset(chosen))
    _set_up_log(session)
    signal.signal(signal.SIGINT, lambda _signal, _frame: QApplication.quit())
    preferences = Preferences()
    appearance.set_colour_map(preferences.colour_map)
    appearance.start(preferences.scheme if options.theme is None else Scheme(options.theme))
    # Before there are labels with older fonts.
    appearance.set_text_scale(preferences.text_scale)
    session.start()
    if options.measure is None:
        session.playback.set_speed(preferences.speed)
        session.playback.speed_chosen.connect(preferences.remember_speed)
    window = _new_window(options, session, preferences)
    window.resize(*(options.size or DEFAULT_SIZE))
    if lesson is not None:
        window.lesson_controller.enter(lesson, chosen)
    if options.screenshot is not None:
        return take_screenshot(window, session, Path(options.screenshot), options.steps)
    if isinstance(window, MeasuredWindow):
        return measure(window, session, options.measure)
    window.open(remembered=options.size is None)
    if not chosen and lesson is None and not preferences.tour_seen:
        window.tour.start()
    return app.exec()


def _new_window(options: argparse.Namespace, session: Session, preferences: Preferences) -> Window:
    if options.measure is not None:
        return MeasuredWindow(session, preferences)
    if options.screenshot is not None:  # nobody's answers are touched
        return Window(session, preferences)
    library, answers = LessonLibrary(lessons_folder()), Answers(answers_file())
    return Window(session, preferences, library, answers)


def _set_up_log(session: Session) -> None:
    file = log_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = logging.handlers.RotatingFileHandler(
            file, maxBytes=1_000_000, backupCount=1, encoding="utf-8", delay=True
        )
    except OSError:  # a read-only home: the log goes where an error message would
        handler = logging.StreamHandler()
    logging.basicConfig(handlers=[handler], format="%(asctime)s %(name)s %(message)s")
    qInstallMessageHandler(lambda _kind, _context, message: log.warning("Qt: %s", message))

    def report(
        kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        log.error("unexpected", exc_info=(kind, error or kind(), trace))
        session.notices.report_error(
            f"Something went wrong in the window. The details are in {file}."
        )

    sys.excepthook = report
    threading.excepthook = lambda thrown: log.error("unexpected", exc_info=thrown.exc_value)
