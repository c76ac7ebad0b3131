"""Application entry: reads the options, checks that there is a display, and opens the window."""

from __future__ import annotations

import argparse
import builtins
import gc
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from engine.protocol.command_line import collect_settings, print_error
from engine.protocol.display import (
    ANSWERING,
    UNSEEN,
    chosen_platforms,
    why_no_window,
    why_plugin_fails,
)
from engine.protocol.host import EngineHost
from engine.protocol.settings import Settings, SettingsError
from gui.lessons.file import find_lesson
from gui.lessons.toml_reader import LessonError

TRY_SECONDS = 60.0
"""Time for Qt to start in a process of its own."""
PLUGIN_FOLDERS = ("QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH")
"""Variables that lead Qt to plugins which need not fit it, such as OpenCV's."""
TRIAL = """
try:
    import resource
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except (ImportError, ValueError):
    pass
from PySide6.QtGui import QGuiApplication
QGuiApplication([])
"""
INSTEAD = "--screenshot FILE draws it into a picture, and 'train' trains without one"
"""What works where no window can open."""


def run(options: argparse.Namespace) -> int:
    """Open the window, or draw or measure it unseen, as the options say. Returns: exit code."""
    try:
        chosen = collect_settings(options)
        lesson = None if options.lesson is None else find_lesson(options.lesson)
        settings = Settings(**(chosen if lesson is None else lesson.changes(overrides=chosen)))
    except (SettingsError, LessonError) as error:
        return print_error(error)
    problem = _find_platform(options)
    if problem:
        return print_error(f"{problem}; {INSTEAD}")
    gc.disable()  # what is imported stays; the window's own timer searches for garbage
    host = EngineHost()
    host.start(settings)  # first of all: torch is imported there while Qt is imported here
    try:
        plugins = import_qt()
        problem = why_plugin_fails(plugins, os.environ)
        if problem:
            return print_error(f"{problem}; {INSTEAD}")
        from gui.launch import launch

        return launch(options, settings, chosen, lesson, host)
    except ImportError as error:
        return print_error(f"Qt cannot start here: {error}", exit_code=1)
    finally:
        host.close()


def import_qt() -> Path:
    """Import Qt, and take back what PySide puts in the place of `import`.

    That reads the source of each module imported from then on and keeps it, to find out whether
    `from __feature__ import …` concerns it: 17 MiB, and a sixth of the time to the first picture.
    Returns: the folder of its plugins.  Raises: ImportError: Qt cannot be loaded here.
    """
    from PySide6.QtCore import QLibraryInfo

    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
    return Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath))


def _find_platform(options: argparse.Namespace) -> str:
    """Let Qt draw unseen where nobody has to see it. Returns: why it cannot start; empty: it can.

    Args: options: as parsed.
    """
    unseen = options.screenshot is not None and not os.environ.get("QT_QPA_PLATFORM")
    problem = "" if unseen else why_no_window(os.environ)
    if problem and options.screenshot is None and options.measure is None:
        return problem
    if unseen or problem:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    return why_qt_fails(os.environ)


def why_qt_fails(environment: Mapping[str, str]) -> str:
    """Return why Qt cannot start with these settings of its own; empty: it can, or has none.

    An unusual platform or folder of plugins is tried in a process of its own.
    Args: environment: in which it would start.
    """
    usual = {*UNSEEN, *ANSWERING, "windows", "cocoa"}
    names = ("QT_QPA_PLATFORM", *PLUGIN_FOLDERS)
    set_to = ", ".join(f"{name}={environment[name]!r}" for name in names if environment.get(name))
    unusual = set(chosen_platforms(environment)) - usual
    if not unusual and not any(environment.get(name) for name in PLUGIN_FOLDERS):
        return ""
    try:
        done = subprocess.run(
            [sys.executable, "-c", TRIAL],
            env={**environment, "PYTHONSAFEPATH": "1", "QT_FATAL_WARNINGS": "0"},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TRY_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"Qt does not start with {set_to}"
    if done.returncode == 0:
        return ""
    first = (done.stderr.strip().splitlines() or ["it gives no reason"])[0]
    return f"Qt does not start with {set_to}: {first}"
