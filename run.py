#!/usr/bin/env python3
"""Sets ΔW up in .venv, then starts it or checks it: the one command a newcomer needs.

    python3 run.py [arguments of main.py]      the window
    python3 run.py test [arguments of pytest]  style, types and tests

Standard library only, because it runs before anything is installed. Every line parses on an
old Python 3 too, so that it can say which one it needs. It speaks on stderr: stdout belongs to
what it starts.
"""

import ctypes
import hashlib
import importlib.util
import io
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

OLDEST_PYTHON = (3, 11)
if sys.version_info < OLDEST_PYTHON:
    sys.exit(
        "ΔW needs Python {}.{} or newer, and this is Python {}.{}: "
        "install one from https://www.python.org/downloads/ and run this again with it.".format(
            *(OLDEST_PYTHON + sys.version_info[:2])
        )
    )

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
MADE_FOR = VENV / "made-for.txt"
"""The Python and the folder that .venv was made for; in any other it is made anew."""
INSTALLED = VENV / "installed.txt"
"""Fingerprints of what is installed; written last, so a half-finished set-up has none."""

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
"""On Linux the ordinary index has torch with gigabytes of CUDA, which ΔW does not use."""
CPU_INDEX_SECONDS = 4.0

WITHOUT_WINDOW = ("train", "cost")
"""Subcommands of main.py that never import Qt."""
WITHOUT_DISPLAY = ("--screenshot", "--measure")
"""Options of main.py whose window nobody has to see."""

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

CHECKS = (
    ("ruff", "check"),
    ("ruff", "format", "--check"),
    ("mypy", "--strict", "engine", "gui"),
)


def main(arguments: Sequence[str]) -> int:
    """Set up, then test or start. Returns: the exit code."""
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="replace")  # a pipe on Windows may not know Δ
    try:
        if arguments[:1] == ["test"]:
            return test(arguments[1:])
        return start(arguments)
    except KeyboardInterrupt:
        say("\nInterrupted.")
        return 130
    except OSError as error:
        stop(f"run.py cannot go on: {error}", code=1)


def say(line: str) -> None:
    """Tell whoever ran this."""
    print(line, file=sys.stderr, flush=True)


def stop(sentence: str, code: int) -> NoReturn:
    """Say why it goes no further, and leave."""
    say(sentence)
    sys.exit(code)


# --- starting ---


def start(arguments: Sequence[str]) -> int:
    """Set up if needed and become `main.py` with these arguments. Returns: its exit code."""
    environment = dict(os.environ)
    if opens_window(arguments):
        if lacks_display(environment):
            if not {argument.split("=")[0] for argument in arguments} & {*WITHOUT_DISPLAY}:
                stop(
                    "ΔW cannot open its window, because this session has no display; what works "
                    "without one is `python3 run.py --screenshot FILE --steps 100` and "
                    "`python3 run.py train --strategy lora --steps 300 --json`.",
                    code=2,
                )
            environment["QT_QPA_PLATFORM"] = "offscreen"
        provide_packages(missing_qt_packages(environment))
    set_up()
    command = [str(VENV_PYTHON), str(ROOT / "main.py"), *arguments]
    if os.name == "nt":  # execve there gives the prompt back at once
        return call(command, environment)
    os.execve(command[0], command, environment)


def opens_window(arguments: Sequence[str]) -> bool:
    """Whether main.py will start Qt for these arguments."""
    if "-h" in arguments or "--help" in arguments:
        return False
    return not arguments or arguments[0] not in WITHOUT_WINDOW


def lacks_display(environment: Mapping[str, str]) -> bool:
    """Whether a window would have nowhere to appear; only Linux can lack a display."""
    ways = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return sys.platform.startswith("linux") and not any(environment.get(way) for way in ways)


# --- testing ---


def test(arguments: Sequence[str]) -> int:
    """Run every check, then pytest, whose closing line is the last. Returns: the exit code."""
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    provide_packages(missing_qt_packages(environment))
    set_up("dev")
    failed = [" ".join(check) for check in CHECKS if run_tool(check, environment)]
    if failed:
        say(f"\nNot passed: {'; '.join(failed)}. The tests follow.")
    code = run_tool(("pytest", *(arguments or workers())), environment)
    return code or int(bool(failed))


def workers() -> list[str]:
    """Three pytest processes where there are two cores: one of them waits for an engine.

    Each has whole files, in the order of tests/conftest.py: what the tests of a file share is
    made once.
    """
    several = ["-n", "3", "--dist", "loadfile", "--no-loadscope-reorder"]
    return several if (os.cpu_count() or 1) > 1 else []


def run_tool(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run an installed tool in the project's folder, named first. Returns: its exit code."""
    say(f"\n$ {' '.join(command)}")
    return call([str(VENV_PYTHON), "-m", *command], environment, ROOT)


# --- setting up ---


def set_up(extra: str = "") -> None:
    """Install what pyproject.toml asks for into .venv, unless that is done.

    Args: extra: the group of optional dependencies to install as well.
    """
    if is_set_up(extra):
        return
    INSTALLED.unlink(missing_ok=True)
    say("Setting up (1/3): a Python environment of its own, in .venv")
    if not venv_works():
        make_venv()
    say("Setting up (2/3): PyTorch, about 200 MB, once")
    pip_install(torch_requirement(), *torch_index())
    rest = "Qt, the rest and the tools for checking" if extra else "Qt and the rest"
    say(f"Setting up (3/3): {rest}, about {200 if extra else 100} MB, once")
    pip_install("--editable", f".[{extra}]" if extra else ".")
    compile_packages()
    unfinished = INSTALLED.with_suffix(".new")
    unfinished.write_text("\n".join({fingerprint(""), fingerprint(extra)}))
    unfinished.replace(INSTALLED)


def is_set_up(extra: str) -> bool:
    """Whether a set-up with this extra was finished and nothing it rests on has changed."""
    if not (VENV_PYTHON.exists() and INSTALLED.exists()):
        return False
    return fingerprint(extra).encode() in INSTALLED.read_bytes().split()


def fingerprint(extra: str) -> str:
    """Of all that decides what gets installed, and where."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return hashlib.sha256("\0".join((extra, made_for(), project)).encode()).hexdigest()


def made_for() -> str:
    """What a virtual environment is tied to."""
    return "\n".join((sys.version, sys.base_prefix, str(ROOT)))


def venv_works() -> bool:
    """Whether .venv can be installed into: whole, not moved, and of this very Python."""
    if MADE_FOR.exists() and MADE_FOR.read_bytes() != made_for().encode():
        return False
    probe = "import pip._internal, sys; sys.exit(sys.argv[1:] != [sys.version, sys.prefix])"
    command = [str(VENV_PYTHON), "-c", probe, sys.version, str(VENV)]
    try:
        return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def make_venv() -> None:
    """Make .venv from nothing; what is left of a broken one is cleared away first."""
    if sys.platform.startswith("linux") and importlib.util.find_spec("ensurepip") is None:
        # Debian ships it apart from Python
        provide_packages([("python{}.{}-venv".format(*sys.version_info), "python3-pip")])
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        stop(f"{done.stdout.strip()}\nThe environment {VENV} could not be made; see above.", code=1)
    MADE_FOR.write_bytes(made_for().encode())


def torch_requirement() -> str:
    """The line of pyproject.toml that says which torch."""
    import tomllib  # an old Python has none, and must get as far as its one sentence

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    dependencies: list[str] = project["dependencies"]
    return next(line for line in dependencies if line.startswith("torch"))


def torch_index() -> list[str]:
    """Where pip finds torch for the CPU alone: on Linux an index of its own, if that answers."""
    if not sys.platform.startswith("linux"):
        return []
    if answers(f"{CPU_INDEX}/torch/", CPU_INDEX_SECONDS):
        return ["--index-url", CPU_INDEX]
    say("  PyTorch's index of CPU builds does not answer: taking the build that pip finds.")
    return []


def answers(address: str, seconds: float) -> bool:
    """Whether an address can be read within so many seconds, looking up its name included."""
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


def pip_install(*what: str) -> None:
    """Install into .venv, silent but for errors; after one of those nothing goes on."""
    pip = (str(VENV_PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input")
    environment = {**os.environ, "PIP_USER": "0"}  # a user's own setting would defeat .venv
    if call([*pip, "install", "-qq", "--no-compile", *what], environment, ROOT, ticking=True):
        stop(
            "The set-up did not finish, and pip says why above (often the network or a full "
            "disk); run the same command again to go on.",
            code=1,
        )


def compile_packages() -> None:
    """Compile what was installed, on every core; pip would take one, and their tests as well."""
    code = (
        "import compileall, re, sysconfig; compileall.compile_dir(sysconfig.get_path('purelib'), "
        r"quiet=2, workers=0, rx=re.compile(r'[/\\]tests[/\\]'))"
    )
    call((str(VENV_PYTHON), "-c", code), os.environ)


def call(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path | None = None,
    *,
    ticking: bool = False,
) -> int:
    """Run a command to its end, even after Ctrl+C, which reaches it as well.

    Args: ticking: on a terminal the seconds count up, for a command that says nothing.
    Returns: its exit code.
    """
    ticking = ticking and sys.stderr.isatty()
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, env=environment)
    while True:
        try:
            return process.wait(1 if ticking else None)
        except subprocess.TimeoutExpired:
            seconds = time.monotonic() - started
            print(f"  {seconds:.0f} s", end="\r", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            process.wait()
            raise


# --- the system ---


def missing_qt_packages(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """The (Debian, Fedora) packages that Qt needs and this Linux does not have."""
    if not sys.platform.startswith("linux"):
        return []
    wanted = dict(QT_LIBRARIES)
    on_x11 = environment.get("DISPLAY") and not environment.get("WAYLAND_DISPLAY")
    if on_x11 and environment.get("QT_QPA_PLATFORM", "xcb") == "xcb":
        wanted.update(X11_LIBRARIES)
    return [packages for library, packages in wanted.items() if not loads(library)]


def loads(library: str) -> bool:
    """Whether the system finds this shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def provide_packages(missing: Sequence[tuple[str, str]]) -> None:
    """Install (Debian, Fedora) packages where that is ours to do; elsewhere say how, and stop."""
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
    """Run apt-get without its chatter; only what went wrong is shown. Returns: success."""
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
