"""Display: whether a window can open here, asked before Qt, which ends in a crash where none can.

Only the standard library is used: run.py asks before anything is installed.
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

ANSWER_SECONDS = 4.0
"""Time that a display, which may be another machine's, has to answer."""
UNSEEN = ("offscreen", "minimal")
ANSWERING = ("xcb", "wayland", "wayland-egl")


def why_no_window(environment: Mapping[str, str]) -> str:
    """Return why no window can open, as far as it can be seen without Qt; empty: one can.

    Args: environment: in which Qt would start.
    """
    if not sys.platform.startswith("linux"):
        return ""
    chosen = chosen_platforms(environment)
    if any(name not in ANSWERING for name in chosen):
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
    chosen = chosen_platforms(environment)
    if chosen:
        return "xcb" in chosen
    return bool(environment.get("DISPLAY")) and not (
        environment.get("WAYLAND_DISPLAY") and _wayland_answers(environment)
    )


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


def chosen_platforms(environment: Mapping[str, str]) -> list[str]:
    """Return the names in QT_QPA_PLATFORM, as in `wayland;xcb:…`, in Qt's order.

    Args: environment: in which Qt would start.
    """
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
