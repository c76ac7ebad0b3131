"""System: the packages that Qt and Python take from Linux."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

from engine.installation.console import say, stop
from engine.protocol.display import opens_on_x11

QT_LIBRARIES = {
    "libGL.so.1": ("libgl1", "libglvnd-glx"),
    "libEGL.so.1": ("libegl1", "libglvnd-egl"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs"),
}
"""What Qt takes from the system on Linux -> the Debian and the Fedora package that has it."""
X11_LIBRARIES = {
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11"),
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms"),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb"),
}
"""The same for a window on an X11 display."""


def missing_qt_packages(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the (Debian, Fedora) packages that Qt needs and this Linux does not have.

    Args: environment: in which Qt would start.
    """
    if not sys.platform.startswith("linux"):
        return []
    wanted = dict(QT_LIBRARIES)
    if opens_on_x11(environment):
        wanted.update(X11_LIBRARIES)
    return [packages for library, packages in wanted.items() if not loads(library)]


def loads(library: str) -> bool:
    """Return whether the system finds a shared library. Args: library: its file name."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def provide_packages(missing: Sequence[tuple[str, str]]) -> None:
    """Install (Debian, Fedora) packages where that is ours to do; elsewhere say how, and stop.

    Args: missing: (Debian, Fedora) names.
    """
    if not missing:
        return
    debian = " ".join(packages[0] for packages in missing)
    fedora = " ".join(packages[1] for packages in missing)
    if shutil.which("apt-get") and os.geteuid() == 0:
        say(f"Installing system packages, once: {debian}")
        apt_get("update")
        if apt_get("install", "--yes", "--no-install-recommends", *debian.split()):
            return
    use_dnf = shutil.which("dnf") and not shutil.which("apt-get")
    how = f"sudo dnf install {fedora}" if use_dnf else f"sudo apt-get install {debian}"
    stop(f"This system lacks packages that ΔW needs; install them, then run this again: {how}", 2)


def apt_get(*arguments: str) -> bool:
    """Run apt-get without its chatter; only what went wrong is shown.

    Args: arguments: of apt-get.  Returns: success.
    """
    done = subprocess.run(
        ["apt-get", "-qq", *arguments],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        say(done.stderr.strip())
    return done.returncode == 0
