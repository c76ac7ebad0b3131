"""Application entry: reads the options, checks that there is a display, and opens the window."""

from __future__ import annotations

import argparse
import builtins
import gc
import os
import sys

from engine.protocol.command_line import collect_settings, print_error
from engine.protocol.host import EngineHost
from engine.protocol.settings import Settings, SettingsError
from gui.lessons.file import find_lesson
from gui.lessons.toml_reader import LessonError

NO_DISPLAY = (
    "there is no display to open a window on; "
    "--screenshot FILE draws it into a picture, and 'train' trains without one"
)


def run(options: argparse.Namespace) -> int:
    """Open the window, or draw or measure it unseen, as the options say. Returns: exit code."""
    try:
        chosen = collect_settings(options)
        lesson = None if options.lesson is None else find_lesson(options.lesson)
        settings = Settings(**(chosen if lesson is None else lesson.changes(overrides=chosen)))
    except (SettingsError, LessonError) as error:
        return print_error(error)
    if options.screenshot is not None or (options.measure is not None and not _has_display()):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if not _has_display():
        return print_error(NO_DISPLAY)
    gc.disable()  # what is imported stays; the window's own timer searches for garbage
    host = EngineHost()
    host.start(settings)  # first of all: torch is imported there while Qt is imported here
    try:
        import_qt()
        from gui.launch import launch

        return launch(options, settings, chosen, lesson, host)
    except ImportError as error:
        return print_error(f"Qt cannot start here: {error}", exit_code=1)
    finally:
        host.close()


def import_qt() -> None:
    """Import Qt, and take back what PySide puts in the place of `import`.

    That reads the source of each module imported from then on and keeps it, to find out whether
    `from __feature__ import …` concerns it: 17 MiB, and a sixth of the time to the first picture.
    Raises: ImportError: Qt cannot be loaded here.
    """
    import PySide6.QtCore  # noqa: F401

    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)


def _has_display() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
