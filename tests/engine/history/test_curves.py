"""The curves of a large network, whose points are measured beside its steps."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from engine.history.curves import CurveRecorder
from engine.protocol.settings import Settings, strategy_names
from engine.trainer import Trainer
from engine.training import background
from tests.engine.cover import some_of

UNSTUDIED: dict[str, Any] = {"width": 600, "depth": 4}


@pytest.fixture
def held() -> Iterator[threading.Event]:
    """Keeps the background thread from its work until it is set."""
    event = threading.Event()
    background.submit(event.wait)
    yield event
    event.set()


@pytest.mark.parametrize("strategy", some_of(strategy_names()))
def test_a_point_tells_of_its_own_step_whatever_comes_after(
    strategy: str, held: threading.Event
) -> None:
    trainer = Trainer(Settings(strategy=strategy, learning_rate=1e-3, **UNSTUDIED))
    recorder, metrics = CurveRecorder(), trainer.measure()
    recorder.record(trainer.run)
    for _ in range(2):
        trainer.step()
    assert len(recorder.between(-1, 2, wait=False).steps) == 0
    held.set()
    curves = recorder.between(-1, 2)
    assert curves.steps.tolist() == [0]
    assert curves.train_loss[0] == np.float32(metrics.train_loss)
    assert curves.validation_loss[0] == np.float32(metrics.validation_loss)
    assert curves.source_accuracy[0] == np.float32(metrics.source_accuracy)


def test_a_late_point_comes_with_the_frames_after_it_was_known(held: threading.Event) -> None:
    trainer, recorder = Trainer(Settings(**UNSTUDIED)), CurveRecorder()
    recorder.record(trainer.run)
    assert len(recorder.between(-1, 7, wait=False).steps) == 0
    held.set()
    assert recorder.between(7, 9).steps.tolist() == [0]
    assert recorder.between(8, 11).steps.tolist() == [0]  # as every last point, once more
    assert recorder.between(9, 11).steps.tolist() == []
    assert recorder.between(-1, 11).steps.tolist() == [0]


def test_what_is_taken_back_does_not_come_late(held: threading.Event) -> None:
    trainer, recorder = Trainer(Settings(**UNSTUDIED)), CurveRecorder()
    for step in (0, 100, 200):
        trainer.run.steps_taken = step
        recorder.record(trainer.run)
    recorder.drop_from(100)
    held.set()
    assert recorder.between(-1, 300).steps.tolist() == [0]


def test_a_branch_has_the_points_before_it(held: threading.Event) -> None:
    trainer, recorder = Trainer(Settings(**UNSTUDIED)), CurveRecorder()
    for step in (0, 100):
        trainer.run.steps_taken = step
        recorder.record(trainer.run)
    held.set()
    assert recorder.until(50).between(-1, 300).steps.tolist() == [0]
    assert recorder.between(-1, 300).steps.tolist() == [0, 100]
