#!/usr/bin/env python3
"""Sets ΔW up in .venv, then starts it or checks it: the one command a newcomer needs.

    python3 run.py [arguments of main.py]      the window
    python3 run.py test [arguments of pytest]  style, types and tests

With --yes it downloads whatever size without asking. Standard library only, because it runs before
anything is installed. Every line of this file parses on an old Python 3 too, so that it can say
which one it needs. It speaks on stderr: stdout belongs to what it starts.
"""

import os
import sys

OLDEST_PYTHON = (3, 11)
if sys.version_info < OLDEST_PYTHON:
    sys.exit(
        "ΔW needs Python {}.{} or newer, and this is Python {}.{}: "
        "install one from https://www.python.org/downloads/ and run this again with it.".format(
            *(OLDEST_PYTHON + sys.version_info[:2])
        )
    )

FOLDER = os.path.dirname(os.path.abspath(__file__))
if FOLDER not in sys.path:  # python -P
    sys.path.insert(0, FOLDER)

# An old Python could not read these; and nothing else is imported before the search path is right.
# ruff: noqa: E402
from engine.protocol.startup import settle

if __name__ == "__main__":
    settle()

import hashlib
import importlib.util
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.installation import torch_build
from engine.installation.console import call, say, stop
from engine.installation.pip_settings import pip_environment, python_environment
from engine.installation.system import missing_qt_packages, provide_packages
from engine.protocol.display import why_no_window

ROOT = Path(FOLDER).resolve()
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
MADE_FOR = VENV / "made-for.txt"
"""The Python and the folder that .venv was made for; in any other it is made anew."""
INSTALLED = VENV / "installed.txt"
"""Fingerprints of what is installed; written last, so a half-finished set-up has none."""

YES = "--yes"
"""Option that agrees to a large download."""
WITHOUT_WINDOW = ("train", "cost")
"""Subcommands of main.py that never import Qt."""
WITHOUT_DISPLAY = ("--screenshot", "--measure")
"""Options of main.py whose window nobody has to see."""

CHECKS = (
    ("ruff", "check"),
    ("ruff", "format", "--check"),
    ("mypy", "--strict", "engine", "gui"),
)


def main(arguments: Sequence[str]) -> int:
    """Set up, then test or start. Returns: the exit code."""
    agreed = YES in arguments
    rest = [argument for argument in arguments if argument != YES]
    try:
        if rest[:1] == ["test"]:
            return test(rest[1:], agreed=agreed)
        return start(rest, agreed=agreed)
    except KeyboardInterrupt:
        say("\nInterrupted.")
        return 130
    except OSError as error:
        stop(f"run.py cannot go on: {error}", code=1)


# --- starting ---


def start(arguments: Sequence[str], *, agreed: bool = False) -> int:
    """Set up if needed and become `main.py` with these arguments. Returns: its exit code."""
    environment = python_environment(os.environ)
    if opens_window(arguments):
        problem = why_no_window(environment)
        if problem:
            if not {argument.split("=")[0] for argument in arguments} & {*WITHOUT_DISPLAY}:
                stop(
                    f"ΔW cannot open its window: {problem}; what works "
                    "without one is `python3 run.py --screenshot FILE --steps 100` and "
                    "`python3 run.py train --strategy lora --steps 300 --json`.",
                    code=2,
                )
            environment["QT_QPA_PLATFORM"] = "offscreen"
        provide_packages(missing_qt_packages(environment))
    set_up(agreed=agreed)
    command = [str(VENV_PYTHON), str(ROOT / "main.py"), *arguments]
    if os.name == "nt":  # execve there gives the prompt back at once
        return call(command, environment)
    os.execve(command[0], command, environment)


def opens_window(arguments: Sequence[str]) -> bool:
    """Whether main.py will start Qt for these arguments."""
    if "-h" in arguments or "--help" in arguments:
        return False
    return not arguments or arguments[0] not in WITHOUT_WINDOW


# --- testing ---


def test(arguments: Sequence[str], *, agreed: bool = False) -> int:
    """Run every check, then pytest, whose closing line is the last. Returns: the exit code."""
    environment = {"QT_QPA_PLATFORM": "offscreen", **python_environment(os.environ)}
    provide_packages(missing_qt_packages(environment))
    set_up("dev", agreed=agreed)
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


def set_up(extra: str = "", *, agreed: bool = False) -> None:
    """Install what pyproject.toml asks for into .venv, unless that is done.

    Args: extra: the group of optional dependencies to install as well.  agreed: to large downloads.
    """
    if is_set_up(extra):
        return
    problem = torch_build.why_unsupported(ROOT)
    if problem:
        stop(f"ΔW cannot be set up: {problem}.", code=2)
    INSTALLED.unlink(missing_ok=True)
    say("Setting up (1/3): a Python environment of its own, in .venv")
    if not venv_works():
        make_venv()
    say("Setting up (2/3): PyTorch, about 200 MB, once")
    install_torch(agreed=agreed)
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
    return hashlib.sha256(
        "\0".join((extra, made_for(), project)).encode(errors="surrogateescape")
    ).hexdigest()


def made_for() -> str:
    """What a virtual environment is tied to."""
    return "\n".join((sys.version, sys.base_prefix, str(ROOT)))


def venv_works() -> bool:
    """Whether .venv can be installed into: whole, not moved, and of this very Python."""
    if MADE_FOR.exists() and MADE_FOR.read_bytes() != os.fsencode(made_for()):
        return False
    probe = "import pip._internal, sys; sys.exit(sys.argv[1:] != [sys.version, sys.prefix])"
    command = [str(VENV_PYTHON), "-P", "-c", probe, sys.version, str(VENV)]
    try:
        done = subprocess.run(
            command, stderr=subprocess.DEVNULL, env=python_environment(os.environ)
        )
        return done.returncode == 0
    except OSError:
        return False


def make_venv() -> None:
    """Make .venv from nothing; what is left of a broken one is cleared away first."""
    if sys.platform.startswith("linux") and importlib.util.find_spec("ensurepip") is None:
        # Debian ships it apart from Python
        provide_packages([("python{}.{}-venv".format(*sys.version_info), "python3-pip")])
    command = [sys.executable, "-P", "-m", "venv", "--clear", str(VENV)]
    done = subprocess.run(
        command,
        env=python_environment(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        stop(f"{done.stdout.strip()}\nThe environment {VENV} could not be made; see above.", code=1)
    MADE_FOR.write_bytes(os.fsencode(made_for()))


def torch_requirement() -> str:
    """The line of pyproject.toml that says which torch."""
    import tomllib  # an old Python has none, and must get as far as its one sentence

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    dependencies: list[str] = project["dependencies"]
    return next(line for line in dependencies if line.startswith("torch"))


def install_torch(*, agreed: bool) -> None:
    """Install PyTorch; where its index of CPU builds is silent, having found out how large it is.

    Args: agreed: to large downloads.
    """
    requirement, index = torch_requirement(), torch_build.torch_index()
    if not index:
        environment = pip_environment(VENV_PYTHON, os.environ)
        torch_build.ask_if_large(pip(), environment, requirement, agreed=agreed)
    pip_install(requirement, *index)


def pip() -> tuple[str, ...]:
    """.venv's pip, which never asks and takes no module of the current folder (-P)."""
    return (str(VENV_PYTHON), "-P", "-m", "pip", "--disable-pip-version-check", "--no-input")


def pip_install(*what: str) -> None:
    """Install into .venv, silent but for errors; after one of those nothing goes on."""
    environment = pip_environment(VENV_PYTHON, os.environ)
    if call([*pip(), "install", "-qq", "--no-compile", *what], environment, ROOT, ticking=True):
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
    call((str(VENV_PYTHON), "-P", "-c", code), python_environment(os.environ))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
