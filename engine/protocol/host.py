"""Host of the engine process: starts, watches, restarts and ends it for the window."""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from engine.protocol.codec import MessageDecoder, MessageEncoder
from engine.protocol.command_queue import CommandQueue
from engine.protocol.comparison import ComparisonFrame
from engine.protocol.frames import Frame, Measurements
from engine.protocol.messages import (
    Command,
    EngineDied,
    Failed,
    Message,
    Ping,
    Pong,
    Quit,
    Report,
    RequestFrame,
)
from engine.protocol.settings import Settings
from engine.protocol.startup import no_foreign_modules

QUIT_SECONDS = 2.0
"""Time that an engine may take to quit before it is killed."""

log = logging.getLogger(__name__)


class EngineHost:
    """One engine process, and two threads at its pipe, so that no call here ever waits for it.

    The reader thread decodes what arrives: it keeps the newest frame, with the newest measurements,
    and a queue of reports; the window takes them at its own pace with `take_frame` and
    `take_reports`. At most one frame is under way. The writer thread sends what `send` queued.
    """

    def __init__(self) -> None:
        self.on_frame: Callable[[], object] = lambda: None
        """Called on the reader thread when a frame has arrived."""
        self._lock = threading.Lock()
        self._frame: Frame | None = None
        self._measurements = Measurements()
        self._reports: deque[Report] = deque()
        self._frame_under_way = False
        self._ping_under_way = False
        self._commands = CommandQueue()
        self._commands.close()
        self._process: BaseProcess | None = None
        self._exit_lock = threading.Lock()
        self._connection: Connection | None = None
        self._threads: tuple[threading.Thread, ...] = ()
        self._closing = False

    @property
    def process_id(self) -> int | None:
        """Process id of the engine; None before the start and after the end."""
        return None if self._process is None else self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the engine process runs."""
        if self._process is None:
            return False
        with self._exit_lock:
            return self._process.is_alive()

    def start(self, settings: Settings, number: int = 1) -> None:
        """Start a new engine, having ended an old one. Args: settings, number: of its first run."""
        self.close()
        context = multiprocessing.get_context("spawn")
        engine_connection, worker_connection = context.Pipe()
        process = context.Process(
            target=_run_engine,
            args=(worker_connection, settings.to_json(), number),
            name="deltaw-engine",
        )
        # Small matrices: more threads than one would only fight the window for its core.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        with no_foreign_modules():
            process.start()
        worker_connection.close()
        self._process, self._connection = process, engine_connection
        self._closing = False
        self._frame, self._frame_under_way, self._ping_under_way = None, False, False
        self._reports.clear()
        self._commands = CommandQueue()
        self._threads = (
            threading.Thread(
                target=self._read, args=(engine_connection, process), name="deltaw-reader"
            ),
            threading.Thread(
                target=_write, args=(engine_connection, self._commands), name="deltaw-writer"
            ),
        )
        for thread in self._threads:
            thread.start()

    def send(self, command: Command) -> None:
        """Queue a command; without an engine it is dropped. Args: command: for the engine."""
        self._commands.put(command)

    def request_frame(self, shown: Frame | None) -> None:
        """Request the next frame that shows something new, unless one is under way.

        Args: shown: the newest that the window has; None: it has none.
        """
        with self._lock:
            if self._frame_under_way or self._closing:
                return
            self._frame_under_way = True
        known = () if shown is None else (shown.run, shown.branch, shown.step)
        self.send(RequestFrame(*known))

    def take_frame(self) -> Frame | None:
        """Return the newest frame, once; None: there is no new one."""
        with self._lock:
            frame, self._frame = self._frame, None
            return frame

    def take_reports(self) -> list[Report]:
        """Return all reports since the last call, oldest first."""
        with self._lock:
            reports = list(self._reports)
            self._reports.clear()
            return reports

    def ping(self) -> bool:
        """Send a ping, unless one is under way. Returns: whether it was sent."""
        with self._lock:
            if self._ping_under_way:
                return False
            self._ping_under_way = True
        self.send(Ping())
        return True

    def close(self, timeout: float = QUIT_SECONDS) -> None:
        """End the engine and its threads, if any. Args: timeout: seconds till it is killed."""
        self._closing = True
        process, self._process = self._process, None
        if process is None:
            return
        self._commands.put(Quit())
        self._commands.close()
        if self._exit_code(process, timeout) is None:
            process.kill()
            self._exit_code(process, None)
        for thread in self._threads:
            thread.join()  # nobody is left at the other end of the pipe: neither can wait on
        self._threads = ()
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        process.close()

    def _exit_code(self, process: BaseProcess, seconds: float | None) -> int | None:
        """Return the exit code; None: not in time. Args: seconds: to wait; None: until it ends."""
        if not wait([process.sentinel], seconds):
            return None
        # The system tells a process's end once: of two threads that ask, one would get nothing.
        with self._exit_lock:
            process.join()
            return process.exitcode

    def _read(self, connection: Connection, process: BaseProcess) -> None:
        """Decode what arrives until the engine is gone: the body of the reader thread."""
        receiver = MessageDecoder()
        while True:
            try:
                self._store(receiver.decode(connection.recv_bytes()))
            except (EOFError, OSError):
                break
            except Exception:  # what follows builds on it: this engine is of no more use
                log.exception("a message of the engine cannot be read")
                process.kill()
                break
        if not self._closing:
            died = EngineDied(self._exit_code(process, QUIT_SECONDS))
            with self._lock:
                self._reports.append(died)

    def _store(self, message: Message) -> None:
        """Keep a message until the window takes it."""
        with self._lock:
            if isinstance(message, Frame):
                self._frame = message.with_measurements(self._measurements)
            elif isinstance(message, Measurements):
                self._measurements = message
            elif isinstance(message, Pong):
                self._ping_under_way = False
            else:
                if isinstance(message, ComparisonFrame):  # of these only the newest counts
                    waiting = (
                        each for each in self._reports if not isinstance(each, ComparisonFrame)
                    )
                    self._reports = deque(waiting)
                self._reports.append(message)  # type: ignore[arg-type]
            if isinstance(message, Frame | Failed):  # a frame that failed does not come
                self._frame_under_way = False
        if isinstance(message, Frame):
            self.on_frame()


def _write(connection: Connection, commands: CommandQueue) -> None:
    """Send what is queued, until the queue is closed and empty or the engine is gone."""
    encoder = MessageEncoder()
    while waiting := commands.take(None):
        for command in waiting:
            try:
                connection.send_bytes(encoder.encode(command))
            except OSError:  # the reader reports it
                commands.close()
                return
            except Exception:  # our mistake: it must not stop the commands behind it
                log.exception("%s cannot be sent", type(command).__name__)


def _run_engine(connection: Connection, settings_json: str, number: int) -> None:
    """Run the worker: the new process's entry point, in which alone torch is imported."""
    from engine.process.worker import run

    run(connection, settings_json, number)
