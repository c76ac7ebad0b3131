"""Console: what a set-up says, on stderr, and the commands that it runs."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn


def say(line: str) -> None:
    """Tell whoever runs the set-up. Args: line: to tell."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def stop(sentence: str, code: int) -> NoReturn:
    """Say why it goes no further, and leave. Args: sentence: why.  code: the exit code."""
    say(sentence)
    sys.exit(code)


def call(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path | None = None,
    *,
    ticking: bool = False,
) -> int:
    """Run a command to its end, even after Ctrl+C, which reaches it as well.

    Args: command, environment, folder: of it.  ticking: on a terminal the seconds count up, for a
    command that says nothing.
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
            sys.stderr.write(f"  {seconds:.0f} s\r")
            sys.stderr.flush()
        except KeyboardInterrupt:
            process.wait()
            raise
