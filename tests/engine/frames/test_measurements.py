"""What takes time to find out: never behind when it stands still, now and then while it trains."""

import time
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from engine.frames.build import FrameBuilder
from engine.process.limits import EngineLimits
from engine.process.outbox import Outbox
from engine.protocol.codec import MessageDecoder
from engine.protocol.messages import (
    Applied,
    Configure,
    Frame,
    FrameOptions,
    Measurements,
    Pause,
    Play,
    RequestFrame,
    SetSpeed,
    Step,
)
from engine.protocol.settings import Settings
from engine.trainer import Trainer
from tests.engine.loop_driver import LoopDriver, running

RARELY = EngineLimits(measurement_seconds=1000.0)
"""So rarely that within a test it is not due again by itself."""


def _frames(heard: LoopDriver, count: int) -> list[Frame]:
    found = []
    for _ in range(count):
        heard.send(RequestFrame())
        found.append(heard.wait_for(Frame))
    return found


def _is_fresh(frame: Frame) -> bool:
    """Whether the measures and spectra are those of the matrices beside them."""
    layer = frame.layers[0]
    energy = float(np.square(layer.measured.singular_values, dtype=np.float64).sum())
    return bool(np.isclose(energy, float(layer.delta_norm) ** 2, rtol=1e-4, atol=1e-9))


def test_while_training_matrices_are_new_and_findings_need_not_be() -> None:
    with running(Settings(learning_rate=1e-2), limits=RARELY) as heard:
        heard.send(Play())
        frames = _frames(heard, 12)
        assert len({frame.step for frame in frames}) == 12
        assert all(not frame.is_measured for frame in frames[1:])
        assert len({frame.measurements.step for frame in frames[1:]}) == 1
        assert not _is_fresh(frames[-1])
        assert frames[-1].layers[0].delta.any()
        assert frames[-1].layers[0].delta_norm == pytest.approx(
            np.linalg.norm(frames[-1].layers[0].delta), rel=1e-5
        )


def test_a_pause_brings_all_of_that_very_step() -> None:
    with running(Settings(learning_rate=1e-2), limits=RARELY) as heard:
        heard.send(Play())
        _frames(heard, 3)
        heard.send(Pause())
        frame = _frames(heard, 1)[0]
        while frame.playing:
            frame = _frames(heard, 1)[0]
        assert frame.is_measured
        assert _is_fresh(frame)
        trainer = Trainer(Settings(learning_rate=1e-2))
        for _ in range(frame.step):
            trainer.step()
        assert trainer.frame().measurements.train_loss == frame.measurements.train_loss


def test_a_change_of_settings_is_looked_into_at_once() -> None:
    with running(Settings(strategy="lora", rank=4, learning_rate=1e-2), limits=RARELY) as heard:
        heard.send(Play())
        _frames(heard, 3)
        heard.send(Configure(Settings(strategy="lora", rank=2, learning_rate=1e-2)))
        heard.wait_for(Applied)
        frame = _frames(heard, 1)[0]
        assert frame.is_measured
        assert _is_fresh(frame)


def test_single_steps_and_slow_ones_are_each_looked_into() -> None:
    with running(Settings(learning_rate=1e-2), limits=RARELY) as heard:
        for _ in range(4):
            heard.send(Step(1))
            frame = _frames(heard, 1)[0]
            assert frame.is_measured
            assert _is_fresh(frame)
        heard.send(SetSpeed(5.0), Play())
        assert all(frame.is_measured for frame in _frames(heard, 6)[2:])


def test_the_first_step_is_looked_into_soon_after_the_machine_was_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its clock begins at zero then."""
    began = time.perf_counter()
    young = SimpleNamespace(perf_counter=lambda: time.perf_counter() - began)
    monkeypatch.setattr("engine.process.frame_scheduler.time", young)
    test_single_steps_and_slow_ones_are_each_looked_into()


def test_they_take_a_small_share_of_the_time_however_dear(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes a second is not sought sixty times a second: a share decides, not a rate."""
    calls = []
    find = FrameBuilder.measure

    def dear(self: FrameBuilder, *arguments: object) -> object:
        calls.append(self._source.steps_taken)
        torch.randn(600, 600).svd()  # some tens of milliseconds
        return find(self, *arguments)

    monkeypatch.setattr(FrameBuilder, "measure", dear)
    with running(Settings(learning_rate=1e-3)) as heard:
        heard.send(Play())
        _frames(heard, 60)
    assert len(calls) <= 60 // 3


def test_they_are_a_message_of_their_own_sent_once_before_the_frames_that_need_them() -> None:
    data: list[bytes] = []
    outbox = Outbox(SimpleNamespace(send_bytes=data.append), 1)  # type: ignore[arg-type]
    trainer = Trainer(Settings())
    for measures in (True, False, True):
        trainer.step()
        if measures:
            measurements, matrices = trainer.frame_builder.measure(FrameOptions())
        frame = trainer.frame_builder.build(0, FrameOptions(), matrices, ())
        outbox.put_frame(frame, measurements)
    decoder = MessageDecoder()
    sent = [decoder.decode(each) for each in data]
    assert [(type(one), one.step) for one in sent] == [
        (Measurements, 1), (Frame, 1), (Frame, 2), (Measurements, 3), (Frame, 3),
    ]  # fmt: skip
    assert all(one.run == trainer.run.number for one in sent)
    assert not sent[2].is_measured
    joined = sent[2].with_measurements(sent[0])
    assert (joined.step, joined.measurements.step) == (2, 1)
    assert joined.layers[0].measured.checks == sent[0].layers[0].checks != ()
