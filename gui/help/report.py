"""Report of a problem: all that somebody has to know who is to find out what went wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from gui.help.versions import version_lines
from gui.session import Session
from gui.state.user_files import log_file
from gui.theme import appearance

MAX_LOG_BYTES = 20_000
"""Bytes of the log, from its end, that are shown and reported."""
NO_LOG = "The log is empty: nothing has gone wrong."
QUESTIONS = "What I did:\n\nWhat I expected:\n\nWhat happened:\n"
"""To be filled in by the user."""


def without_home(text: str, homes: Iterable[str] | None = None) -> str:
    """Return a text with ~ for the user's home folder, whose name is often the user's own.

    Args: homes: its names; None: as the system has them.
    """
    if homes is None:
        homes = {str(Path.home()), str(Path.home().resolve())}
    for home in sorted(homes, key=len, reverse=True):
        names = [re.escape(name) for name in re.split(r"[\\/]+", home) if name]
        if names:
            root = "" if re.match(r"[A-Za-z]:", home) else r"[\\/]+"
            pattern = root + r"[\\/]+".join(names)
            pattern = rf"(?<![\w.~-]){pattern}(?![\w.-])"
            text = re.sub(pattern, "~", text, flags=re.IGNORECASE)
    return text


def log_end() -> str:
    """Return the end of the log, without the home folder's name; empty: there is nothing."""
    try:
        with log_file().open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - MAX_LOG_BYTES, 0))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    if size > MAX_LOG_BYTES:  # the first line may be cut
        text = text.partition("\n")[2]
    return without_home(text.strip())


def report_text(session: Session, window: QWidget | None) -> str:
    """Return the report. Args: window: whose screen and size are told; None: there is none."""
    state = session.state
    step = "no step yet" if state.frame is None else f"step {state.frame.step:,}"
    notice = "" if state.notice is None else state.notice.text
    parts = (
        QUESTIONS,
        version_lines(),
        f"Display: {_display(window)}",
        f"Engine: {'runs' if session.host.alive else 'has ended'}, {step}",
        f"Notice: {notice}" if notice else "",
        f"Settings: {state.settings.to_json()}",
        f"\nEnd of the log:\n{log_end() or NO_LOG}",
    )
    return without_home("\n".join(filter(None, parts)))


def _display(window: QWidget | None) -> str:
    """Return platform, screen, size of the window and appearance in one line."""
    screen = QGuiApplication.primaryScreen() if window is None else window.screen()
    size, ratio = screen.size(), screen.devicePixelRatio()
    parts = [
        QGuiApplication.platformName(), f"screen {size.width()} × {size.height()} at {ratio:g}",
    ]  # fmt: skip
    if window is not None:
        parts.append(f"window {window.width()} × {window.height()}")
    scheme, colours = appearance.scheme.value, appearance.colour_map.value
    return ", ".join((*parts, f"text {appearance.text_scale:g}, {scheme}, {colours}"))
