"""The engine process: its main thread listens, its engine thread trains.

Torch is imported by the engine thread, so that the process answers while that takes its time.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
import traceback
from multiprocessing.connection import Connection

from engine.process.outbox import Outbox
from engine.protocol.codec import MessageDecoder
from engine.protocol.command_queue import CommandQueue
from engine.protocol.messages import Command, Failed, Quit
from engine.protocol.settings import Settings

NICENESS = 5
"""Niceness of the engine process where cores are short, because the window has to draw in time.
Beside other work on two cores it halves the longest gaps between frames and costs no steps;
where a core is free it changes nothing."""
END_SECONDS = 1.0
"""Time that the engine thread has to finish its step when the process is to end."""


def run(connection: Connection, settings_json: str, number: int) -> None:
    """Serve one window. Args: connection: to it.  settings_json, number: of the first run."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the window's to answer
    if hasattr(os, "nice"):  # not on Windows
        os.nice(NICENESS)
    inbox = CommandQueue()
    outbox = Outbox(connection, number)
    settings = Settings.from_json(settings_json)
    engine = threading.Thread(target=_train, args=(inbox, outbox, settings), daemon=True)
    engine.start()
    _listen(connection, inbox)
    inbox.close()
    engine.join(END_SECONDS)
    # A thread that is still inside torch must not meet the interpreter's end: that aborts.
    os._exit(0)


def _listen(connection: Connection, inbox: CommandQueue) -> None:
    decoder = MessageDecoder()
    while True:
        try:
            command = decoder.decode(connection.recv_bytes())
        except (EOFError, OSError):
            return
        if isinstance(command, Quit):
            return
        inbox.put(_as_command(command))


def _as_command(message: object) -> Command:
    if not isinstance(message, Command):
        raise TypeError(f"{type(message).__name__} is not a command")
    return message


def _train(inbox: CommandQueue, outbox: Outbox, settings: Settings) -> None:
    try:
        from engine.process.loop import Loop

        gc.freeze()  # what the imports made lives as long as the process: no need to scan it again
        Loop(inbox, outbox, settings).run()
    except BaseException as error:
        # Without this thread the process is of no use: its end is what the window notices.
        outbox.put(Failed(f"{type(error).__name__}: {error}", traceback.format_exc(), 0, 0))
        os._exit(1)
