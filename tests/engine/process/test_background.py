"""Measuring a large network beside its training."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from engine.frames import measurements
from engine.protocol.messages import Configure, Frame, FrameOptions, Pause, Play, RequestFrame
from engine.protocol.settings import Settings, strategy_names
from engine.trainer import Trainer
from tests.engine.loop_driver import running

LARGE: dict[str, Any] = {"width": 264, "depth": 2}
UNSTUDIED: dict[str, Any] = {"width": 600, "depth": 4}


@pytest.mark.parametrize("strategy", strategy_names())
def test_what_is_measured_later_is_what_was_measured_then(strategy: str) -> None:
    trainer = Trainer(Settings(strategy=strategy, learning_rate=1e-3, **LARGE))
    for number in range(3):
        trainer.step(watched=number == 2)
    now, _ = trainer.frame_builder.measure(FrameOptions())
    measure = trainer.frame_builder.measure_later(FrameOptions())
    for _ in range(3):
        trainer.step()
    later, _ = measure()
    assert replace(later, layers=now.layers) == now
    for layer, found in zip(now.layers, later.layers, strict=True):
        assert np.array_equal(found.singular_values, layer.singular_values)
        values = layer.singular_values
        assert replace(found, singular_values=values) == layer


def test_training_and_frames_go_on_while_it_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, measure = threading.Event(), measurements.Measurer.measure

    def gated(self: measurements.Measurer, *arguments: Any) -> measurements.Measured:
        if threading.current_thread().name.startswith("deltaw-background"):
            assert gate.wait(60)
        return measure(self, *arguments)

    monkeypatch.setattr(measurements.Measurer, "measure", gated)
    with running(Settings(**UNSTUDIED)) as heard:
        heard.send(Play(), RequestFrame())
        first = heard.wait_for(Frame)
        late = heard.frame_at(first.step + 5)
        assert late.measurements.step == first.step
        # What was asked for before a change says nothing of what is after it.
        heard.send(Configure(Settings(learning_rate=1e-4, **UNSTUDIED)))
        gate.set()
        changed = heard.frame_at(late.step + 1)
        while changed.settings.learning_rate != 1e-4:
            changed = heard.frame_at(changed.step + 1)
        assert changed.is_measured or changed.measurements.step > late.step
        heard.send(Pause(), RequestFrame())
        while (frame := heard.frame_at(changed.step)).playing:
            pass
        assert frame.is_measured
        assert all(check.holds for layer in frame.layers for check in layer.measured.checks)
