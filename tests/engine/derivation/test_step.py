"""The inside of the coming step: it says where that leads, and looking at it changes nothing."""

import math
from typing import Any

import numpy as np
import pytest

from engine.derivation.step import trace_step
from engine.protocol.codec import MessageDecoder, MessageEncoder
from engine.protocol.derivation import CellAddress
from engine.protocol.messages import Frame, FrameOptions
from engine.protocol.strategy_files import strategy_names
from engine.tasks import TASKS
from engine.training.divergence import DivergedError
from tests.engine.cover import each_with
from tests.engine.oracle_runs import trained


def plain(state: object) -> object:
    """A state in which two are equal only if every bit is."""
    if isinstance(state, dict):
        return {key: plain(value) for key, value in state.items()}
    if isinstance(state, np.ndarray):
        return state.dtype.str, state.shape, state.tobytes()
    return state


NOISE = {"dropout": 0.2, "batch_norm": True, "label_noise": 0.1}


NOISY = tuple((name, NOISE) for name in ("full", "lora", "adapter", "bitfit"))
every_strategy_and_noise = pytest.mark.parametrize(
    ("strategy", "noise"), [*((name, {}) for name in strategy_names()), *NOISY]
)


@every_strategy_and_noise
def test_looking_inside_leaves_every_bit(strategy: str, noise: dict[str, Any]) -> None:
    trainer = trained(3, strategy=strategy, batch_size=100, **noise)
    for _ in range(6):  # over an epoch's end, where samples are laid out anew
        before = plain(trainer.state())
        inside = trace_step(trainer.run)
        assert inside is not None
        inside.message()
        assert plain(trainer.state()) == before
        trainer.step()


@pytest.mark.parametrize(
    ("strategy", "noise"),
    each_with(({}, NOISE), ones=("full", "lora", "adalora", "adapter", "ewc", "prompt")),
)
def test_steps_looked_into_are_the_same_steps(strategy: str, noise: dict[str, Any]) -> None:
    ways = [trained(0, strategy=strategy, total_steps=60, **noise) for _ in range(2)]
    for step in range(50):
        ways[0].step()
        ways[1].step(traced=True)
        if step % 10 == 0:
            ways[1].frame(
                options=FrameOptions(step_trace=True, cell=CellAddress("layer1", 0, 0, "delta"))
            )
    assert plain(ways[0].state()) == plain(ways[1].state())


@every_strategy_and_noise
def test_the_inside_says_where_the_step_will_lead(strategy: str, noise: dict[str, Any]) -> None:
    trainer = trained(4, strategy=strategy, task="digits-0-4-to-5-9", **noise)
    before = trainer.frame(options=FrameOptions(step_trace=True))
    told = before.step_trace
    assert told is not None
    biases = {name: layer.updated_bias() for name, layer in trainer.network.layers()}
    biases = {name: 0.0 if b is None else b.detach().clone() for name, b in biases.items()}
    report = trainer.step()
    after = trainer.frame()
    assert (told.step, told.loss, told.count) == (5, report.loss, 32)
    assert told.learning_rate == before.learning_rate
    assert told.sample_loss == pytest.approx(-math.log(told.probabilities[told.label]), rel=1e-4)
    assert len(told.classes) == len(told.probabilities)
    assert told.probabilities.sum() == pytest.approx(1)
    names = [layer.name for layer in before.layers]
    assert [layer.name for layer in told.layers] == names
    for one, layer, other in zip(before.layers, told.layers, after.layers, strict=True):
        moved = other.updated - one.updated
        assert np.allclose(layer.move, moved, rtol=1e-4, atol=3e-7), layer.name
        bias = (layer.outputs - one.updated @ layer.inputs.T)[:, 0]
        assert np.allclose(bias, biases[layer.name], atol=1e-5), layer.name
    if not noise:
        last = told.layers[-1].grad_output[:, 0]
        wanted = told.probabilities - np.eye(len(told.classes))[told.label]
        assert np.allclose(last, wanted, atol=1e-6)


@pytest.mark.parametrize("strategy", ["full", "lora", "dora", "adalora", "l2_sp", "adapter"])
def test_a_step_that_is_lost_leaves_what_was_looked_into_before_it(strategy: str) -> None:
    trainer = trained(1, strategy=strategy, optimizer="sgd", learning_rate=1e4)
    with pytest.raises(DivergedError):
        for _ in range(20):
            trainer.step(traced=True)
    inside, look = (
        trainer.frame_builder.last_trace,
        FrameOptions(step_trace=True, cell=CellAddress("layer2", 1, 2, "delta")),
    )
    assert inside is None or inside.step == trainer.steps_taken
    frame = trainer.frame(options=look)
    assert frame.derivation is not None
    assert frame.step_trace is not None


@pytest.mark.parametrize("strategy", ["lora", "adapter"])
def test_what_is_worked_out_crosses_the_seam(strategy: str) -> None:
    trainer = trained(2, strategy=strategy)
    layer = "layer1" if strategy == "lora" else "adapter1.up"
    trainer.step(traced=True)
    frame = trainer.frame(
        options=FrameOptions(step_trace=True, cell=CellAddress(layer, 1, 2, "updated"))
    )
    again = MessageDecoder().decode(MessageEncoder().encode(frame))
    assert isinstance(again, Frame)
    for one, two in ((frame.derivation, again.derivation), (frame.step_trace, again.step_trace)):
        assert one is not None
        assert repr(one) == repr(two)
    assert frame.derivation is not None
    assert bool(frame.derivation.path) == (strategy == "adapter")


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
@pytest.mark.parametrize("strategy", ["lora", "dora", "adalora", "vera", "pissa", "full"])
def test_the_gradients_of_the_factors_and_their_moves(strategy: str, optimizer: str) -> None:
    """Of B and A, which the optimizer uses; with full fine-tuning there are none."""
    trainer = trained(3, strategy=strategy, optimizer=optimizer, total_steps=60)
    before = trainer.frame(options=FrameOptions(step_trace=True))
    told = before.step_trace
    assert told is not None
    trainer.step()
    for one, layer, other in zip(before.layers, told.layers, trainer.frame().layers, strict=True):
        learned = [factor.name for factor in one.factors if factor.info.learns]
        learned = [name for name in learned if layer.move.any()]
        assert [m.info.in_place_of for m in layer.factor_moves] == learned, layer.name
        for gradient, move in zip(layer.factor_gradients, layer.factor_moves, strict=True):
            name = move.info.in_place_of
            was, now = one.factor(name), other.factor(name)
            assert was is not None and now is not None
            assert np.allclose(move.values, now.values - was.values, rtol=1e-4, atol=3e-7)
            assert gradient.values.shape == was.values.shape == move.values.shape
            assert gradient.info.title == f"∂L/∂{was.info.title}"


def test_the_gradients_of_b_and_a_follow_from_that_of_w() -> None:
    trainer = trained(3, strategy="lora", rank=4, alpha=8)
    frame = trainer.frame(options=FrameOptions(step_trace=True))
    assert frame.step_trace is not None
    for layer, traced in zip(frame.layers, frame.step_trace.layers, strict=True):
        if traced.factor_gradients:
            b, a = layer.factor("lora_B"), layer.factor("lora_A")
            assert b is not None and a is not None
            of_b, of_a = (m.values for m in traced.factor_gradients)
            assert np.allclose(of_b, 2 * traced.gradient @ a.values.T, atol=1e-6)
            assert np.allclose(of_a, 2 * b.values.T @ traced.gradient, atol=1e-6)


@pytest.mark.parametrize("task", TASKS)
def test_the_picture_is_that_of_the_sample_whose_label_is_named(task: str) -> None:
    trainer = trained(2, strategy="full", task=task)
    trace = trainer.frame(options=FrameOptions(step_trace=True)).step_trace
    assert trace is not None
    data, inputs = trainer.run.initial.data, trace.layers[0].inputs
    (row,) = np.flatnonzero((data.target.train.inputs == inputs).all(axis=1))
    assert data.target.train.labels[row] == trace.label
    if data.features is not None:
        pixels = trace.picture.reshape(1, -1).astype(np.float64) * 16
        assert np.allclose(data.features(pixels), inputs, atol=1e-5)
    else:
        assert np.array_equal(trace.picture.reshape(1, -1), inputs)
        assert len(trace.names) == trace.picture.size
