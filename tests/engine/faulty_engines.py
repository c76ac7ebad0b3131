"""Engine processes in which something is odd: what `EngineHost` starts in place of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from engine.protocol.codec import MessageEncoder
from engine.protocol.messages import Frame
from engine.protocol.settings import Settings
from tests.engine.process_driver import Driver, engine

Run = Callable[[Connection, str], None]
FLOOD = 10_000
LETTER = 4_000
"""float32 numbers in each frame of the flood."""


@contextmanager
def faulty_engine(run: Run, settings: Settings | None = None) -> Iterator[Driver]:
    """A host over a process that runs `run`, a function of this module."""
    with patch("engine.protocol.host._run_engine", run), engine(settings or Settings()) as driver:
        yield driver


def flood(connection: Connection, settings_json: str, number: int) -> None:
    """Send frames that nobody asked for, as fast as they go, then wait for the end."""
    losses = np.zeros(LETTER, np.float32)
    for step in range(1, FLOOD + 1):
        connection.send_bytes(MessageEncoder().encode(empty_frame(step, losses)))
    while True:
        connection.recv_bytes()


def garble(connection: Connection, settings_json: str, number: int) -> None:
    """Answer the first command with bytes that are no message, the second with a frame."""
    connection.recv_bytes()
    connection.send_bytes(b"\x02\0\0\0{}")
    connection.recv_bytes()
    connection.send_bytes(MessageEncoder().encode(empty_frame(7, np.zeros(1, np.float32))))
    while True:
        connection.recv_bytes()


def empty_frame(step: int, losses: np.ndarray[Any, Any]) -> Frame:
    return Frame(
        run=1, step=step, layers=(), losses=losses, start_source_accuracy=0.5,
        trainable_parameters=1, total_parameters=1, body_trainable=1, sample=None,
        settings=Settings(),
    )  # fmt: skip


def counting(connection: Connection, settings_json: str, number: int) -> None:
    """Each step adds one to every weight, row by row; all begin at zero."""
    import torch

    from engine.process import loop
    from engine.process.worker import run
    from engine.protocol.messages import StepReport
    from engine.trainer import Trainer

    class Counting(Trainer):
        def __init__(self, settings: Settings, number: int = 1) -> None:
            super().__init__(settings, number)
            for parameter in self.network.parameters():
                parameter.detach().zero_()

        def step(self, **how: bool) -> StepReport:
            self._add_one()
            self.run.steps_taken += 1
            self.run._losses.append(1.0)  # noqa: SLF001
            return StepReport(self.steps_taken, 1.0)

        @torch.no_grad()
        def _add_one(self) -> None:
            for parameter in self.network.parameters():
                for row in parameter:
                    row.add_(1.0)

    loop.Trainer = Counting  # type: ignore[misc]
    loop.has_diverged = lambda loss: False  # weights of some thousands tell nothing apart
    run(connection, settings_json, number)


class StepGate:
    """Lets an engine take each step when a test says so. Args: folder: empty; where both look."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, step: int) -> None:
        """Let the engine take this step."""
        (self._folder / f"open-{step}").touch()

    def is_reached(self, step: int) -> bool:
        """Whether the engine is in this step, and can do nothing else until it is opened."""
        return (self._folder / f"reached-{step}").exists()

    def run_engine(self, connection: Connection, settings_json: str, run_number: int) -> None:
        """Run the engine in its process."""
        from engine.process.worker import run
        from engine.trainer import Trainer

        step = Trainer.step

        def wait_and_step(trainer: Trainer, **how: bool) -> Any:
            number = trainer.steps_taken + 1
            (self._folder / f"reached-{number}").touch()
            while not (self._folder / f"open-{number}").exists():
                time.sleep(0.002)
            return step(trainer, **how)

        Trainer.step = wait_and_step  # type: ignore[method-assign]
        run(connection, settings_json, run_number)


def busy(connection: Connection, settings_json: str, number: int) -> None:
    """A step that goes on for minutes, inside torch."""
    import torch

    from engine.process.worker import run
    from engine.trainer import Trainer

    def compute(self: Trainer, **how: bool) -> Any:
        matrix = torch.randn(700, 700)
        while True:
            torch.linalg.svd(matrix)

    Trainer.step = compute  # type: ignore[method-assign]
    run(connection, settings_json, number)


def fifth_step_fails(connection: Connection, settings_json: str, number: int) -> None:
    """The fifth step raises in the middle: some weights have moved by then."""
    import torch

    from engine.process.worker import run
    from engine.trainer import Trainer

    step = Trainer.step

    def fail_once(self: Trainer, **how: bool) -> Any:
        if self.steps_taken == 4:
            Trainer.step = step  # type: ignore[method-assign]
            with torch.no_grad():
                self.network.get_parameter("layer2.weight").add_(1.0)
            raise MemoryError("no room")
        return step(self, **how)

    Trainer.step = fail_once  # type: ignore[method-assign]
    run(connection, settings_json, number)


def import_fails(connection: Connection, settings_json: str, number: int) -> None:
    """There is no torch."""
    import sys

    from engine.process.worker import run

    sys.modules["torch"] = None  # type: ignore[assignment]
    run(connection, settings_json, number)
