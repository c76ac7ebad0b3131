"""The window's end of the seam: starts, watches, restarts and ends the engine process."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
from collections import deque
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from engine.protocol.codec import Receiver, encode
from engine.protocol.messages import (
    Command,
    EngineDied,
    Failed,
    Frame,
    Quit,
    Report,
    RequestFrame,
)
from engine.protocol.settings import Settings

QUIT_SECONDS = 2.0
"""How long an engine that was told to quit may take before it is ended."""


class EngineHost:
    """One engine process, and a reader thread that turns what arrives into plain Python.

    The reader keeps the newest frame and a queue of reports; whoever draws takes them at
    its own pace with `take_frame` and `take_reports`. At most one frame is under way.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frame: Frame | None = None
        self._reports: deque[Report] = deque()
        self._frame_under_way = False
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._reader: threading.Thread | None = None
        self._closing = False

    @property
    def process_id(self) -> int | None:
        """The engine's process id; None before the start and after the end."""
        return None if self._process is None else self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the engine process runs."""
        return self._process is not None and self._process.is_alive()

    def start(self, settings: Settings) -> None:
        """Start a new engine process under these settings; an old one is ended first."""
        self.close()
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(
            target=_run_engine, args=(theirs, settings.to_json()), name="deltaw-engine"
        )
        # Small matrices: more threads than one would only fight the window for its core.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        self._process.start()
        theirs.close()
        self._connection = ours
        self._closing = False
        self._frame, self._frame_under_way = None, False
        self._reports.clear()
        self._reader = threading.Thread(
            target=self._read, args=(ours, self._process), name="deltaw-reader"
        )
        self._reader.start()

    def send(self, command: Command) -> None:
        """Hand a command over; without an engine it is dropped (`EngineDied` tells)."""
        _send(self._connection, command)

    def request_frame(self, since: int) -> None:
        """Ask for the next frame that shows something new, unless one is under way."""
        with self._lock:
            if self._frame_under_way or self._closing:
                return
            self._frame_under_way = True
        self.send(RequestFrame(since))

    def take_frame(self) -> Frame | None:
        """The newest frame, once."""
        with self._lock:
            frame, self._frame = self._frame, None
            return frame

    def take_reports(self) -> list[Report]:
        """All reports since the last call, oldest first."""
        with self._lock:
            reports = list(self._reports)
            self._reports.clear()
            return reports

    def close(self) -> None:
        """End the engine and join everything that was started; safe to call twice."""
        self._closing = True
        process, self._process = self._process, None
        if process is None:
            return
        # From a thread of its own: to an engine that no longer reads, sending would never end.
        farewell = threading.Thread(target=_send, args=(self._connection, Quit()), daemon=True)
        farewell.start()
        process.join(QUIT_SECONDS)
        for end in (process.terminate, process.kill):
            if process.is_alive():
                end()
                process.join(QUIT_SECONDS)
        farewell.join()  # nobody is left to read, so it has failed by now if it had not ended
        if self._reader is not None:
            self._reader.join()
            self._reader = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        process.close()

    def _read(self, connection: Connection, process: BaseProcess) -> None:
        receiver = Receiver()
        while True:
            try:
                message = receiver.decode(connection.recv_bytes())
            except (EOFError, OSError):
                break
            with self._lock:
                if isinstance(message, Frame):
                    self._frame = message
                else:
                    self._reports.append(message)  # type: ignore[arg-type]
                if isinstance(message, Frame | Failed):  # a frame that failed does not come
                    self._frame_under_way = False
        if not self._closing:
            process.join(QUIT_SECONDS)
            with self._lock:
                self._reports.append(EngineDied(process.exitcode))


def _send(connection: Connection | None, command: Command) -> None:
    """Send over this very connection, even if the host has another one by then."""
    if connection is None:
        return
    with contextlib.suppress(OSError):  # the engine is gone: the reader reports it
        connection.send_bytes(encode(command))


def _run_engine(connection: Connection, settings_json: str) -> None:
    """What the new process runs; torch is imported there alone."""
    from engine.worker import run

    run(connection, settings_json)
