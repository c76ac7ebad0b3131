"""Processes forked from one that has torch and Qt: they begin at once."""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.context import BaseContext
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

LIBRARIES = ["torch", "safetensors.torch", "engine.process.loop", "gui.launch"]
HOST = "engine.protocol.host.multiprocessing"
SECONDS = 110


def _context() -> BaseContext | None:
    """What forks them; None: the system cannot."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return None
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LIBRARIES)
    return context


@contextmanager
def forked_engines() -> Iterator[None]:
    """Within it, `EngineHost` forks its engines, where the system can.

    Each is a process of its own all the same; what it does not import again is torch. How the
    program starts its own, tests/engine/protocol/test_host.py sees.
    """
    context = _context()
    if context is None:
        yield
        return
    with patch(HOST) as replaced:
        replaced.get_context.side_effect = lambda _method: _started(context)
        yield


def _started(context: BaseContext) -> BaseContext:
    """Return the context, whose server has begun: it looks for modules in this folder first."""
    forkserver.ensure_running()
    return context


def run_main(
    arguments: Sequence[str], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run the program's command line in a process of its own. Args: environment: all of it."""
    context, command = _context(), [sys.executable, "main.py", *arguments]
    if context is None:
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    with TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("out", "err")]
        process = context.Process(target=_run, args=(list(arguments), dict(environment), files))
        process.start()
        process.join(SECONDS)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(command, SECONDS)
        said = [file.read_text(encoding="utf-8") for file in files]
    return subprocess.CompletedProcess(command, process.exitcode, *said)


def _run(arguments: list[str], environment: Mapping[str, str], files: Sequence[Path]) -> None:
    for number, file in enumerate(files, start=1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["main.py", *arguments]
    import main

    with patch(HOST) as replaced:
        replaced.get_context.return_value = multiprocessing.get_context("fork")
        sys.exit(main.main())
