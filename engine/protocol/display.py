"""Display: whether a window can open here, asked before Qt, which ends in a crash where none can.

Only the standard library is used: run.py asks before anything is installed.
"""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

ANSWER_SECONDS = 4.0
"""Time that a display, which may be another machine's, has to answer."""
TRY_SECONDS = 60.0
"""Time for Qt to start in a process of its own."""
PLUGIN_FOLDERS = ("QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH")
"""Variables that lead Qt to plugins which need not fit it, such as OpenCV's."""
_UNSEEN = ("offscreen", "minimal")
_ANSWERING = ("xcb", "wayland", "wayland-egl")
_TRIAL = """
try:
    import resource
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except (ImportError, ValueError):
    pass
from PySide6.QtGui import QGuiApplication
QGuiApplication([])
"""


def why_no_window(environment: Mapping[str, str]) -> str:
    """Return why no window can open, as far as it can be seen without Qt; empty: one can.

    Args: environment: in which Qt would start.
    """
    if not sys.platform.startswith("linux"):
        return ""
    chosen = _chosen_platforms(environment)
    if any(name not in _ANSWERING for name in chosen):
        return ""
    ways = chosen or _offered_platforms(environment)
    if not ways:
        return "there is no display to open a window on"
    if any(_answers(way, environment) for way in ways):
        return ""
    names = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    set_to = [f"{name}={environment[name]!r}" for name in names if environment.get(name)]
    return f"no display answers at {', '.join(set_to)}"


def opens_on_x11(environment: Mapping[str, str]) -> bool:
    """Return whether Qt would take an X11 display. Args: environment: in which it would start."""
    chosen = _chosen_platforms(environment)
    if chosen:
        return "xcb" in chosen
    return bool(environment.get("DISPLAY")) and not (
        environment.get("WAYLAND_DISPLAY") and _wayland_answers(environment)
    )


def why_qt_fails(environment: Mapping[str, str]) -> str:
    """Return why Qt cannot start with these settings of its own; empty: it can, or has none.

    An unusual platform or folder of plugins is tried in a process of its own.
    Args: environment: in which it would start.
    """
    usual = {*_UNSEEN, *_ANSWERING, "windows", "cocoa"}
    names = ("QT_QPA_PLATFORM", *PLUGIN_FOLDERS)
    set_to = ", ".join(f"{name}={environment[name]!r}" for name in names if environment.get(name))
    unusual = set(_chosen_platforms(environment)) - usual
    if not unusual and not any(environment.get(name) for name in PLUGIN_FOLDERS):
        return ""
    try:
        done = subprocess.run(
            [sys.executable, "-c", _TRIAL],
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


def why_plugin_fails(folder: Path, environment: Mapping[str, str]) -> str:
    """Return which library the window's plugin lacks; empty: none, or that is for Qt to say.

    Args: folder: of Qt's plugins.  environment: in which Qt would start.
    """
    file = folder / "platforms" / "libqxcb.so"
    if not sys.platform.startswith("linux") or not opens_on_x11(environment) or not file.exists():
        return ""
    try:
        ctypes.CDLL(str(file))
    except OSError as error:
        return f"Qt's plugin for X11 cannot be loaded: {error}"
    return ""


def _chosen_platforms(environment: Mapping[str, str]) -> list[str]:
    """Return the names in QT_QPA_PLATFORM, as in `wayland;xcb:…`, in Qt's order."""
    listed = environment.get("QT_QPA_PLATFORM", "").split(";")
    return [name for each in listed if (name := each.split(":")[0].strip().lower())]


def _offered_platforms(environment: Mapping[str, str]) -> list[str]:
    offers = {"DISPLAY": "xcb", "WAYLAND_DISPLAY": "wayland"}
    return [platform for variable, platform in offers.items() if environment.get(variable)]


def _answers(platform: str, environment: Mapping[str, str]) -> bool:
    return _x11_answers(environment) if platform == "xcb" else _wayland_answers(environment)


def _x11_answers(environment: Mapping[str, str]) -> bool:
    """Connect as Qt will, with the same library; without that, run.py says what to install."""
    display = environment.get("DISPLAY", "")
    if not display:
        return False
    try:
        library = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    library.xcb_connect.restype = ctypes.c_void_p
    library.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    library.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    library.xcb_disconnect.argtypes = [ctypes.c_void_p]
    answered = threading.Event()

    def connect() -> None:
        connection = library.xcb_connect(os.fsencode(display), None)
        if not library.xcb_connection_has_error(connection):
            answered.set()
        library.xcb_disconnect(connection)

    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(ANSWER_SECONDS)
    return answered.is_set()


def _wayland_answers(environment: Mapping[str, str]) -> bool:
    if environment.get("WAYLAND_SOCKET"):
        return True
    name = environment.get("WAYLAND_DISPLAY") or "wayland-0"
    place = os.path.join(environment.get("XDG_RUNTIME_DIR", ""), name)
    if not os.path.isabs(place):
        return False
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ANSWER_SECONDS)
        try:
            connection.connect(place)
        except OSError:
            return False
    return True
