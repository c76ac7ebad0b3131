"""PyTorch's build: which one fits here, and what has to be downloaded for it."""

from __future__ import annotations

import json
import os
import platform
import ssl
import subprocess
import sys
import sysconfig
import threading
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.installation.console import say, stop

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
"""On Linux the ordinary index has torch with gigabytes of CUDA, which ΔW does not use."""
CPU_INDEX_SECONDS = 4.0
SIZE_SECONDS = 10.0
"""Time to learn how large a file is."""
LARGE_BYTES = 1e9
"""From here on it is asked before it is downloaded."""
LONGEST_PATH = 189
"""Characters of the longest path below .venv, which torch's licences have, under Windows."""
MAX_PATH = 259
"""Characters of a path that Windows takes, unless longer ones are switched on."""


# ---------------------------------------------------------------- what cannot work


def why_unsupported(root: Path) -> str:
    """Return why PyTorch and Qt cannot be installed here; empty: nothing is known against it.

    Args: root: the program's folder.
    """
    version = "{}.{}".format(*sys.version_info)
    if sys.implementation.name != "cpython":
        return f"ΔW needs CPython, and this is {platform.python_implementation()}"
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return (
            f"this Python {version} is the free-threaded build, which not all of ΔW's packages "
            "support; take the ordinary one"
        )
    if sys.maxsize < 2**32:
        return "this Python is a 32-bit one, and PyTorch exists for 64 bits alone"
    if sys.platform == "darwin" and platform.machine() == "x86_64":
        return (
            "PyTorch has no build for Intel Macs since 2.2, and ΔW needs 2.10; on a Mac with "
            "Apple silicon take a Python for arm64"
        )
    if sys.platform.startswith("linux") and "musl" in (sysconfig.get_config_var("SOABI") or ""):
        return "PyTorch has no build for a Linux with musl, such as Alpine"
    if sys.platform == "win32" and not _takes_long_paths():
        most = MAX_PATH - len("/.venv/") - LONGEST_PATH
        if len(str(root)) > most:
            return (
                f"the path of this folder has {len(str(root))} characters, and Windows takes at "
                f"most {most} here, because PyTorch's files have long names: move the folder to a "
                "shorter path, or switch on long paths in Windows"
            )
    return ""


def _takes_long_paths() -> bool:
    """Return whether longer paths are switched on in Windows."""
    if sys.platform != "win32":
        return True
    import winreg

    place = r"SYSTEM\CurrentControlSet\Control\FileSystem"
    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place) as key:
            return bool(winreg.QueryValueEx(key, "LongPathsEnabled")[0])
    except OSError:
        return False


# ---------------------------------------------------------------- where it comes from


def torch_index() -> list[str]:
    """Return where pip finds torch for the CPU alone: on Linux an index of its own, if it answers.

    Returns: options of pip; none: where it finds all the rest.
    """
    if not sys.platform.startswith("linux"):
        return []
    if answers(f"{CPU_INDEX}/torch/", CPU_INDEX_SECONDS):
        return ["--index-url", CPU_INDEX]
    say("  PyTorch's index of CPU builds does not answer: taking the build that pip finds.")
    return []


def answers(address: str, seconds: float) -> bool:
    """Return whether an address can be read in time. Args: address: to ask.  seconds: in all."""
    answered = threading.Event()

    def ask() -> None:
        request = urllib.request.Request(address, method="HEAD")
        try:
            with urllib.request.urlopen(request, timeout=seconds):
                answered.set()
        except OSError:
            return

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    return answered.is_set()


# ---------------------------------------------------------------- how large it is


def ask_if_large(
    pip: Sequence[str], environment: Mapping[str, str], requirement: str, *, agreed: bool
) -> None:
    """Find out what pip would download, and ask where it is large; a no is the end.

    Args: pip: command.  environment: pip's.  requirement: to install.  agreed: nothing is asked.
    """
    files = _wanted_files(pip, environment, requirement)
    sizes = {name: file_bytes(address, environment) for name, address in files.items()}
    total = sum(size or 0 for size in sizes.values())
    cuda = any(name.startswith("nvidia") for name in sizes)
    if total < LARGE_BYTES and not cuda:
        return
    at_least = "at least " if None in sizes.values() else ""
    what = f"{at_least}{total / 1e9:.1f} GB{', most of it CUDA, which ΔW does not use' * cuda}"
    say(f"  This build of PyTorch is a download of {what}.")
    if agreed:
        return
    if not sys.stdin or not sys.stdin.isatty():
        stop(
            "That is not downloaded unasked: run the same command with --yes to agree, or when "
            f"{CPU_INDEX} can be reached, which has a build of 200 MB.",
            code=2,
        )
    sys.stderr.write("  Download it? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        stop("Nothing was downloaded.", code=2)


def _wanted_files(
    pip: Sequence[str], environment: Mapping[str, str], requirement: str
) -> dict[str, str]:
    """Return package -> address of what pip would install; nothing, where pip cannot say."""
    dry = ("install", "--quiet", "--dry-run", "--report", "-", requirement)
    done = subprocess.run([*pip, *dry], env=dict(environment), capture_output=True, check=False)
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {}
    return {
        each["metadata"]["name"]: each["download_info"]["url"] for each in report.get("install", ())
    }


def file_bytes(address: str, environment: Mapping[str, str]) -> int | None:
    """Return the bytes of a file; None: nobody says. Args: address: of it.  environment: pip's."""
    if address.startswith("file:"):
        try:
            return os.stat(urllib.request.url2pathname(address.partition("file://")[2])).st_size
        except OSError:
            return None
    request = urllib.request.Request(address, method="HEAD")
    try:
        trusted = ssl.create_default_context(cafile=environment.get("PIP_CERT"))
        with urllib.request.urlopen(request, timeout=SIZE_SECONDS, context=trusted) as answer:
            return int(answer.headers["Content-Length"])
    except (OSError, TypeError, ValueError):
        return None
