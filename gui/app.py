"""Starts the window: checks that there is a display, dresses the application, catches mishaps."""

from __future__ import annotations

import argparse
import logging
import logging.handlers
import os
import signal
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from engine.protocol.command_line import DEFAULT_SIZE, collect_settings, print_error
from engine.protocol.host import EngineHost
from engine.protocol.settings import Settings, SettingsError
from gui.lessons import Lesson, LessonError, find_lesson

if TYPE_CHECKING:
    from gui.session import Session

NO_DISPLAY = (
    "there is no display to open a window on; "
    "--screenshot FILE draws it into a picture, and 'train' trains without one"
)

log = logging.getLogger(__name__)


def run(options: argparse.Namespace) -> int:
    """Open the window, or draw or measure it unseen, as the options say. Returns: exit code."""
    try:
        given = collect_settings(options)
        lesson = None if options.lesson is None else find_lesson(options.lesson)
        settings = Settings(**(given if lesson is None else lesson.changes(given=given)))
    except (SettingsError, LessonError) as error:
        return print_error(error)
    if options.screenshot is not None or (options.measure is not None and not _has_display()):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if not _has_display():
        return print_error(NO_DISPLAY)
    try:
        return _open(options, settings, given, lesson)
    except ImportError as error:
        return print_error(f"Qt cannot start here: {error}", exit_code=1)


def _has_display() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def _open(
    options: argparse.Namespace, settings: Settings, given: dict[str, Any], lesson: Lesson | None
) -> int:
    """Args: given: fields that the user chose on the command line."""
    from PySide6.QtWidgets import QApplication

    from gui.frame_benchmark import MeasuredWindow, measure
    from gui.lessons.answers import Answers, own_folder
    from gui.lessons.library import LessonLibrary
    from gui.screenshot import take_screenshot
    from gui.session import Session
    from gui.shell.gc_timer import GcTimer
    from gui.state.preferences import Preferences
    from gui.theme import Scheme, look
    from gui.window import Window

    host = EngineHost()
    host.start(settings)  # first of all: torch is imported there while Qt is set up here
    try:
        app = QApplication(sys.argv[:1])
        app.setApplicationName("deltaw")
        app.setApplicationDisplayName("ΔW")
        _collector = GcTimer()
        session = Session(settings, host, frozenset(given))
        _keep_log(session)
        signal.signal(signal.SIGINT, _on_interrupt)
        preferences = Preferences()
        look.start(preferences.scheme if options.theme is None else Scheme(options.theme))
        look.set_text_scale(preferences.text_scale)  # before there are labels with older fonts
        session.start()
        if options.measure is not None:
            window: Window = MeasuredWindow(session, preferences)
        elif options.screenshot is not None:  # nobody's answers are touched
            window = Window(session, preferences)
        else:
            own = own_folder()
            shelf, answers = LessonLibrary(own / "lessons"), Answers(own / "answers.json")
            window = Window(session, preferences, shelf, answers)
        window.resize(*(options.size or DEFAULT_SIZE))
        if lesson is not None:
            window.guide.enter(lesson, given)
        if options.screenshot is not None:
            return take_screenshot(window, session, Path(options.screenshot), options.steps)
        if isinstance(window, MeasuredWindow):
            return measure(window, session, options.measure)
        window.open(remembered=options.size is None)
        return app.exec()
    finally:
        host.close()


def _on_interrupt(_signal: int, _frame: object) -> None:
    from PySide6.QtWidgets import QApplication

    QApplication.quit()


def _on_qt_message(_kind: object, _context: object, message: str) -> None:
    log.warning("Qt: %s", message)


def _keep_log(session: Session) -> None:
    """Write mishaps to a file, and tell the user of them in plain words."""
    from PySide6.QtCore import QStandardPaths, qInstallMessageHandler

    folder = Path(
        QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation)
    )
    file = folder / "deltaw.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = logging.handlers.RotatingFileHandler(
            file, maxBytes=1_000_000, backupCount=1, encoding="utf-8", delay=True
        )
    except OSError:  # a read-only home: the log goes where an error message would
        handler = logging.StreamHandler()
    logging.basicConfig(handlers=[handler], format="%(asctime)s %(name)s %(message)s")
    qInstallMessageHandler(_on_qt_message)

    def report(
        kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        log.error("unexpected", exc_info=(kind, error or kind(), trace))
        session.report_mishap(f"Something went wrong in the window. The details are in {file}.")

    def report_thread(arguments: threading.ExceptHookArgs) -> None:
        error = arguments.exc_value
        log.error("unexpected", exc_info=error)

    sys.excepthook = report
    threading.excepthook = report_thread
