"""Every message survives the way through bytes, exactly."""

from typing import Any

import msgspec
import numpy as np
import pytest
from msgspec.structs import asdict, replace

from engine.cost.answers import estimate_cost
from engine.history.comparison import Comparison
from engine.process.loop import catalogue
from engine.protocol import messages as m
from engine.protocol.codec import MessageDecoder, MessageEncoder
from engine.protocol.settings import Settings
from engine.trainer import Trainer


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, msgspec.Struct):
        return type(a) is type(b) and _same(asdict(a), asdict(b))
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same(a[k], b[k]) for k in a)
    return bool(a == b)


def _examples() -> list[m.Message]:
    trainer = Trainer(Settings(strategy="lora", rank=3))
    trainer.step()
    checkpoint = m.Checkpoint(1, 1, trainer.state())
    return [
        trainer.frame(),
        catalogue(),
        checkpoint,
        m.Resume(checkpoint),
        m.Applied(2, 7, Settings(frozen=("layer1",)), ("ΔW is kept.",)),
        m.Refused("no"),
        m.Diverged(1, 3, 1, 1e30),
        m.Failed("boom", "trace", 1, 4),
        m.EngineDied(None),
        m.Configure(Settings(alpha=2.5)),
        m.Play(),
        m.Play(300),
        m.Reached(2, 300),
        m.Step(3),
        m.SetSpeed(0.5),
        m.ShowSample(-1),
        m.DrawSample(np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)),
        m.FrameOptions(activations=True),
        Trainer(Settings(strategy="adapter")).frame(options=m.FrameOptions(activations=True)),
        m.RequestFrame(12),
        m.EstimateCost({"preset": "gpt2-medium", "targets": ("q", "v")}),
        estimate_cost(m.EstimateCost({"preset": "gpt2-medium", "targets": ("q", "v")})),
        estimate_cost(m.EstimateCost({"dimensions": {"blocks": 0}})),
        m.StartComparison((Settings(), Settings(strategy="lora")), 300, 12),
        m.RunComparison(False),
        m.EndComparison(),
        m.OpenComparedRun(1),
        Comparison((Settings(), Settings(strategy="lora")), 5).frame(2, running=True),
        m.Quit(),
    ]


@pytest.mark.parametrize("message", _examples(), ids=lambda message: type(message).__name__)
def test_round_trip(message: m.Message) -> None:
    assert _same(message, MessageDecoder().decode(MessageEncoder().encode(message)))


def test_what_is_not_plain_data_does_not_cross() -> None:
    with pytest.raises(TypeError, match="does not cross the seam"):
        MessageEncoder().encode(m.Checkpoint(1, 1, {"thing": object()}))
    with pytest.raises(TypeError, match="arrays of complex"):
        MessageEncoder().encode(m.Checkpoint(1, 1, {"array": np.zeros(2, complex)}))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xff\xff\xff",
        b"\x02\0\0\0{}",
        b"\x04\0\0\0null\0",
        b'\x1a\0\0\0{"type":"os","fields":{}}  ',
    ],
)
def test_noise_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        MessageDecoder().decode(data)


def test_large_arrays_cross_as_the_bytes_they_are() -> None:
    """A list of a million numbers, or their JSON, would hold the interpreter's lock for 30 ms."""
    frame = Trainer(Settings(strategy="lora")).frame()
    large = np.zeros((1024, 1024), np.float32)
    layers = tuple(
        replace(layer, weight=large, delta=large, updated=large) for layer in frame.layers
    )
    small = MessageEncoder().encode(frame)
    data = MessageEncoder().encode(replace(frame, layers=layers))
    assert _header_bytes(data) < _header_bytes(small) + 200
    decoded = MessageDecoder().decode(data)
    assert isinstance(decoded, m.Frame)
    for layer in decoded.layers:
        for matrix in (layer.weight, layer.delta, layer.updated):
            assert matrix.shape == large.shape
            assert not matrix.flags.owndata  # the very bytes that came
            assert not matrix.flags.writeable


def _header_bytes(data: bytes) -> int:
    return int.from_bytes(data[:4], "little")


def test_of_a_frame_only_what_is_new_is_sent_again() -> None:
    trainer = Trainer(Settings(strategy="lora", rank=3))
    sender, receiver = MessageEncoder(), MessageDecoder()
    measurements, matrices = trainer.frame_builder.measure(m.FrameOptions())
    sizes = []
    for _ in range(3):
        trainer.step()
        frame = trainer.frame_builder.build(trainer.steps_taken - 1, m.FrameOptions(), matrices, ())
        data = sender.encode(frame)
        sizes.append(len(data))
        both = (receiver.decode(data), frame)
        there, here = (each.with_measurements(measurements) for each in both)  # no NaN
        assert _same(there, here)
        assert _same(receiver.decode(sender.encode(m.Play())), m.Play())
    whole = len(MessageEncoder().encode(frame))
    assert sizes[0] == pytest.approx(whole, rel=0.01)
    assert sizes[1] < 0.75 * whole
    with pytest.raises(ValueError, match="not a message"):
        MessageDecoder().decode(data)


def test_a_new_run_of_other_layers_crosses_whole() -> None:
    sender, receiver = MessageEncoder(), MessageDecoder()
    for strategy in ("lora", "adapter", "full", "lora"):
        frame = Trainer(Settings(strategy=strategy)).frame()
        assert _same(receiver.decode(sender.encode(frame)), frame)
