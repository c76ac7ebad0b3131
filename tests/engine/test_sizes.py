"""Networks of another width and depth: every strategy, and what large ones can afford."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.analysis.checks import MAX_COPIED_NUMBERS
from engine.analysis.chunked import (
    LEADING_COUNT,
    compute_delta_outputs,
    compute_merged_outputs,
    compute_spectrum,
    k90,
)
from engine.analysis.snapshot import NetworkSnapshot
from engine.history.curves import curve_interval
from engine.history.history import History, HistoryLimits
from engine.model.layer import Layer
from engine.model.network import random_body
from engine.model.svd import truncated_svd
from engine.process.limits import EngineLimits
from engine.protocol.messages import (
    Arrived,
    Checkpoint,
    Configure,
    Frame,
    FrameOptions,
    GoBack,
    Step,
)
from engine.protocol.network_shape import (
    MAX_BODY_WEIGHTS,
    MAX_KEPT_WEIGHTS,
    MAX_STUDIED_WEIGHTS,
    body_shapes,
    body_weights,
    max_width,
)
from engine.protocol.settings import Settings, SettingsError, count_unfreeze_stages
from engine.protocol.strategy_files import strategy_names
from engine.strategies import STRATEGIES
from engine.trainer import Trainer
from engine.training.divergence import DivergedError
from engine.training.initial_state import MAX_PRETRAINED_WEIGHTS
from engine.training.manual_backward import ManualPass
from engine.training.threads import choose_thread_count
from tests.engine.cover import some_of
from tests.engine.loop_driver import running

SIZES = [(48, 2), (300, 5)]
every_strategy = pytest.mark.parametrize("strategy", strategy_names())


def bits(frame: Frame) -> list[bytes]:
    return [layer.updated.tobytes() for layer in frame.layers]


# ---------------------------------------------------------------- every strategy


@pytest.mark.parametrize("strategy", some_of(strategy_names(), 4))
@pytest.mark.parametrize(("width", "depth"), SIZES)
def test_every_strategy_runs_at_every_size(strategy: str, width: int, depth: int) -> None:
    settings = Settings(
        strategy=strategy, width=width, depth=depth, stage_steps=1,
        **{k: v for k, v in STRATEGIES[strategy].defaults.items() if k != "stage_steps"},
    )  # fmt: skip
    trainer = Trainer(settings)
    start = trainer.frame()
    shapes = {layer.name: layer.shape for layer in start.layers}
    assert body_shapes(width, depth).items() <= shapes.items()
    assert shapes.get("head", (10, width)) == (10, width)
    assert all(not layer.delta.any() and layer.delta_norm == 0.0 for layer in start.layers)
    random = (
        body_weights(width, depth) > MAX_PRETRAINED_WEIGHTS or not trainer.run.strategy.pretrained
    )
    assert all(
        layer.randomly_initialised == random
        for layer in start.layers
        if layer.name in settings.body_shapes
    )
    for _ in range(depth + 2):
        trainer.step()
    frame = trainer.frame()
    assert math.isfinite(frame.measurements.train_loss)
    assert bits(frame) != bits(start) or strategy in ("bitfit", "prefix", "prompt")
    assert [p for layer in frame.layers for p in layer.measured.checks if not p.holds] == []
    state = trainer.state()
    for _ in range(2):
        trainer.step()
    after = trainer.frame()
    trainer.restore(state)
    assert bits(trainer.frame()) == bits(frame)
    for _ in range(2):
        trainer.step()
    assert bits(trainer.frame()) == bits(after)


@every_strategy
def test_stages_follow_the_depth(strategy: str) -> None:
    settings = Settings(strategy=strategy, depth=7, stage_steps=5)
    last = max(STRATEGIES[strategy].unfreeze_at(settings).values(), default=0)
    assert last == 5 * count_unfreeze_stages(strategy, 7)


def test_another_size_begins_a_new_run() -> None:
    trainer = Trainer(Settings())
    applied = trainer.apply(Configure(Settings(width=48, depth=2)))
    assert (applied.run, applied.step) == (2, 0)
    assert [layer.shape for layer in trainer.frame().layers] == [(48, 30), (48, 48), (10, 48)]


def test_a_small_network_of_another_size_is_pretrained_and_a_large_one_is_random() -> None:
    small, large = Trainer(Settings(width=64, depth=4)), Trainer(Settings(width=300, depth=3))
    assert small.measure().source_accuracy > 0.85
    assert large.measure().source_accuracy < 0.4
    other = Trainer(Settings(width=300, depth=3, strategy="pretrain"))
    assert torch.equal(other.network.body[1].original, large.network.body[1].original)
    assert not torch.equal(
        Trainer(Settings(width=300, depth=3, seed=1)).network.body[1].original,
        large.network.body[1].original,
    )


@pytest.mark.parametrize(("width", "depth"), [(40, 16), (300, 12), (768, 12)])
def test_random_weights_let_the_input_through(width: int, depth: int) -> None:
    """Neither dying nor exploding from layer to layer."""
    generator = torch.Generator().manual_seed(0)
    hidden = torch.randn(200, 30, generator=generator)
    before = hidden.square().mean()
    for weight in random_body(width, depth, generator).values():
        hidden = torch.relu(hidden @ weight.T)
    assert before / 10 < hidden.square().mean() < 10 * before


@pytest.mark.parametrize(
    ("strategy", "rate"), [("lora", 3e-3), pytest.param("full", 3e-4, marks=pytest.mark.slow)]
)
def test_a_deep_and_wide_network_learns(strategy: str, rate: float) -> None:
    trainer = Trainer(Settings(strategy=strategy, width=768, depth=12, learning_rate=rate))
    start = trainer.measure().train_loss
    losses = [trainer.step().loss for _ in range(40)]
    assert max(losses) < 2 * start
    assert trainer.measure().train_loss < start / 2


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"width": 39}, ("width", "from 40 to 8,192")),
        ({"width": 8193}, ("width", "from 40 to 8,192")),
        ({"width": 64.0}, ("width", "whole number")),
        ({"depth": 0}, ("depth", "from 1 to 16")),
        ({"depth": 17}, ("depth", "from 1 to 16")),
        ({"width": 8192, "depth": 16}, ("width", "220,000,000", "at depth 16", "depth of up to 4")),
        ({"width": 4096, "depth": 3, "patience": 9}, ("patience", "width and depth", "8,000,000")),
        (
            {
                "strategy": "gradual_unfreezing",
                "schedule": "linear",
                "depth": 5,
                "total_steps": 375,
            },
            ("stage_steps", "5 times it"),
        ),
    ],
    ids=str,
)
def test_sizes_that_make_no_sense_are_refused(values: dict, words: tuple[str, ...]) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(**values)
    assert str(caught.value).startswith(f"{words[0]}: ")
    assert all(word in str(caught.value) for word in words)


@pytest.mark.parametrize("depth", range(1, 17))
def test_the_widest_network_of_a_depth_is_allowed_and_the_next_is_not(depth: int) -> None:
    width = max_width(depth)
    assert Settings(width=width, depth=depth).body_weights <= MAX_BODY_WEIGHTS
    assert Settings(width=width, depth=depth) == Settings.from_json(
        Settings(width=width, depth=depth).to_json()
    )
    assert width == 8192 or body_weights(width + 1, depth) > MAX_BODY_WEIGHTS
    assert sum(out * inputs for out, inputs in body_shapes(width, depth).values()) == body_weights(
        width, depth
    )


def test_threads_are_one_for_small_networks_and_half_the_cores_for_large_ones() -> None:
    for cores, many in ((1, 1), (2, 1), (8, 4)):
        counts = choose_thread_count(4_400, cores), choose_thread_count(6_500_000, cores)
        assert counts == (1, many)


# ---------------------------------------------------------------- beside W


@pytest.mark.parametrize(
    "strategy", ["lora", "rslora", "dora", "pissa", "vera", "ia3", "prefix", "adalora", "qlora"]
)
def test_what_is_computed_beside_w_is_what_w_prime_computes(strategy: str) -> None:
    """Outputs and gradients, against a network that makes W′."""
    trainer = Trainer(Settings(strategy=strategy, width=300, depth=3))
    for _ in range(3):
        trainer.step()
    inputs, labels = trainer.run.train.inputs[:32], trainer.run.train.labels[:32]
    network = trainer.network
    hidden = inputs
    for layer in network.body:
        hidden = torch.relu(
            torch.nn.functional.linear(hidden, layer.updated(), layer.updated_bias())
        )
    outputs = network.head(hidden)
    torch.testing.assert_close(network(inputs), outputs, rtol=1e-4, atol=1e-4)
    loss = torch.nn.functional.cross_entropy(outputs, labels)
    free = {n: p for n, p in network.named_parameters() if p.requires_grad}
    expected = dict(zip(free, torch.autograd.grad(loss, list(free.values())), strict=True))
    with torch.no_grad():
        written = ManualPass(network)
        assert torch.isclose(written.forward(inputs, labels), loss, rtol=1e-5)
        written.backward()
    for name, gradient in expected.items():
        found = free[name].grad
        scale = gradient.abs().max().item()
        torch.testing.assert_close(found, gradient, rtol=1e-3, atol=1e-4 * scale, msg=name)


def test_what_stays_is_one_memory_with_w_until_it_is_let_loose() -> None:
    settings = Settings(strategy="freeze", width=300, depth=3)
    trainer = Trainer(settings)
    shared = [layer.is_tied for layer in trainer.network.body]
    assert shared == [True, True, False]
    trainer.apply(Configure(settings.replace(frozen=("layer1",))))
    trainer.step()
    layer = trainer.network.body[1]
    assert not layer.is_tied
    assert not torch.equal(layer.weight, layer.original)
    assert not [p for layer in trainer.frame().layers for p in layer.measured.checks if not p.holds]
    assert all(
        layer.is_tied for layer in Trainer(Settings(strategy="lora", width=300)).network.body
    )


# ---------------------------------------------------------------- findings


def matrix(shape: tuple[int, int], falling: float) -> torch.Tensor:
    """Singular values 1, falling, falling² …"""
    generator = torch.Generator().manual_seed(1)
    left = torch.linalg.qr(torch.randn(shape[0], shape[0], generator=generator)).Q
    right = torch.linalg.qr(torch.randn(shape[1], shape[1], generator=generator)).Q
    count = min(shape)
    values = falling ** torch.arange(count)
    return (left[:, :count] * values) @ right[:count]


@pytest.mark.parametrize("falling", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("shape", [(300, 400), (500, 270)])
def test_the_leading_singular_values_are_found_strip_by_strip(
    shape: tuple[int, int], falling: float
) -> None:
    layer = Layer(torch.zeros(shape))
    layer.untie()
    layer.weight.data.copy_(matrix(shape, falling))
    values = compute_spectrum(layer)
    exact = falling ** np.arange(LEADING_COUNT)
    assert values.shape == (LEADING_COUNT,)
    np.testing.assert_allclose(values, exact, rtol=0.06, atol=1e-6)
    np.testing.assert_array_equal(values, compute_spectrum(layer))
    state = torch.get_rng_state()
    left, found, right = truncated_svd(layer.weight.detach(), 8)
    assert torch.equal(torch.get_rng_state(), state)
    np.testing.assert_allclose(found, exact[:8], rtol=0.04)
    best = matrix(shape, falling) - (left * found) @ right
    tail = math.sqrt(sum(falling ** (2 * k) for k in range(8, min(shape))))
    assert best.norm() < 1.05 * tail + 1e-5


def test_k90_is_none_where_the_leading_values_do_not_hold_nine_tenths() -> None:
    values = np.array([3.0, 1.0], np.float32)
    assert k90(values, math.sqrt(9.9)) == 1
    assert k90(values, math.sqrt(10.5)) == 2
    assert k90(values, math.sqrt(20)) is None
    assert k90(np.zeros(16, np.float32), 0.0) == 0
    assert k90(values, math.nan) == 0


@pytest.mark.parametrize("strategy", ["lora", "vera", "adalora", "rslora"])
def test_a_thin_update_has_exactly_its_own_singular_values(strategy: str) -> None:
    trainer = Trainer(Settings(strategy=strategy, width=300, depth=2))
    for _ in range(5):
        trainer.step()
    frame = trainer.frame().layers[1]
    with torch.no_grad():
        exact = torch.linalg.svdvals(trainer.network.body[1].delta())
    count = len(frame.measured.singular_values)
    np.testing.assert_allclose(
        frame.measured.singular_values, exact[:count], rtol=1e-3, atol=1e-5 * exact[0].item()
    )
    assert exact[count] < 1e-4 * exact[0]
    assert frame.delta_norm == pytest.approx(exact.norm().item(), rel=1e-4)


@pytest.mark.parametrize("strategy", ["full", "lora", "dora", "qlora", "ia3"])
def test_strips_say_what_the_whole_matrix_says(strategy: str) -> None:
    trainer = Trainer(Settings(strategy=strategy, width=1100, depth=2))  # several strips
    for _ in range(2):
        trainer.step()
    layer = trainer.network.body[1]
    inputs = torch.randn(7, 1100, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        scale = {"rtol": 1e-4, "atol": 1e-4}
        torch.testing.assert_close(
            compute_merged_outputs(layer, inputs), inputs @ layer.updated().T, **scale
        )
        torch.testing.assert_close(
            compute_delta_outputs(layer, inputs), inputs @ layer.delta().T, **scale
        )


def test_a_flipped_bit_of_a_large_frozen_matrix_is_told_without_a_copy_of_it() -> None:
    trainer = Trainer(Settings(strategy="lora", width=1100, depth=2))
    assert 1100 * 1100 > MAX_COPIED_NUMBERS

    def frozen() -> dict[str, tuple[bool, str]]:
        return {
            layer.name: (check.holds, check.location)
            for layer in trainer.frame().layers
            for check in layer.measured.checks
            if check.name == "frozen"
        }

    assert frozen()["layer2"] == (True, "")
    cell = trainer.network.body[1].original.view(torch.int32)[700:701, 3]
    cell ^= 1
    assert frozen()["layer2"] == (False, "weight")  # which is W, in the same memory
    assert frozen()["layer1"] == (True, "")
    cell ^= 1
    assert frozen()["layer2"] == (True, "")
    trainer.network.body[0].original.view(torch.int32)[5:6, 3] ^= 1
    assert frozen()["layer1"] == (False, "weight[5, 3]")


def test_a_wrong_w_prime_of_a_large_layer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(Settings(strategy="full", width=300, depth=2))
    trainer.step()
    now = NetworkSnapshot(trainer.network)
    spectra = {name: np.zeros(16, np.float32) for name in now.layers}

    def failing() -> set[tuple[str, str]]:
        found = trainer.frame_builder.checker.check(1, now, spectra)
        return {(name, p.name) for name, checks in found.items() for p in checks if not p.holds}

    assert not failing()
    large = trainer.network.body[1]
    plain = torch.Tensor.sub
    monkeypatch.setattr(
        "engine.model.delta_chunks.compute_delta_and_updated",
        lambda layer, rows: (
            plain(layer.weight[rows], layer.original[rows]),
            layer.weight[rows] + (1e-3 if layer is large else 0.0),
        ),
    )
    assert {("layer2", "sum"), ("layer2", "merged")} <= failing()


def test_what_would_take_seconds_is_left_out() -> None:
    frames = [
        Trainer(Settings(strategy="lora", width=width, depth=2)).frame(
            options=FrameOptions(truncation_rank=2, merges=True)
        )
        for width in (300, 1100)
    ]
    assert body_weights(300, 2) <= MAX_STUDIED_WEIGHTS < body_weights(1100, 2)
    assert (frames[0].measurements.truncation is None, bool(frames[0].measurements.merges)) == (
        False,
        True,
    )
    assert (frames[1].measurements.truncation, frames[1].measurements.merges) == (None, ())
    cut = dict(frames[0].layers[1].factors)["truncated"]
    assert cut.shape == frames[0].layers[1].weight.shape


def test_a_large_network_is_measured_less_often() -> None:
    for step in range(0, 3000, 10):
        assert curve_interval(step, MAX_STUDIED_WEIGHTS) == curve_interval(step)
        assert curve_interval(step, MAX_STUDIED_WEIGHTS + 1) == max(100, curve_interval(step))


@pytest.mark.parametrize("strategy", ["full", "lora", "vera"])
def test_a_lost_run_of_a_large_network_is_told_and_shown(strategy: str) -> None:
    trainer = Trainer(
        Settings(strategy=strategy, width=300, depth=3, learning_rate=1e30, optimizer="sgd")
    )
    with pytest.raises(DivergedError):
        for _ in range(5):
            trainer.step()
    layer = trainer.frame().layers[1]
    assert layer.measured.k90 is None or layer.measured.k90 >= 0
    assert not (np.isfinite(layer.delta).all() and layer.delta_norm < 1e6)


# ---------------------------------------------------------------- going back


def test_the_past_stays_within_its_budget_and_reaches_as_far(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trainer = Trainer(Settings(strategy="lora", patience=60))
    trainer.step()
    limits = HistoryLimits(snapshot_interval=10, max_bytes=int(3.5 * trainer.run.state_bytes()))
    kept, state_of = [], trainer.state

    def noted() -> dict:
        state = state_of()
        kept.append(weakref.ref(state["network"]["layer1.update.lora_A"]))
        return state

    monkeypatch.setattr(trainer, "state", noted)
    past, seen = History(trainer, limits), {}
    for _ in range(200):
        seen[trainer.steps_taken] = bits(trainer.frame())
        trainer.step()
        past.record_step()
        assert sum(each() is not None for each in kept) <= 3
    assert past.go_to(140) == 140
    assert bits(trainer.frame()) == seen[140]


def _size(value: object) -> int:
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    # What is not a tensor of the network, its gradients or its optimizer is small and the same.
    return value.nbytes if isinstance(value, np.ndarray) and value.dtype == np.float32 else 0


def test_where_no_step_is_kept_the_run_begins_anew_and_says_so() -> None:
    limits = EngineLimits(HistoryLimits(max_bytes=1000), max_checkpoint_bytes=1000)
    with running(Settings(strategy="lora"), limits=limits) as heard:
        heard.send(Step(3))
        assert heard.frame_at(3).run == 1
        heard.send(GoBack())
        arrived = heard.wait_for(Arrived)
        assert (arrived.run, arrived.step) == (2, 0)
        assert "starts again" in arrived.notes[0]
        assert heard.count(Checkpoint) == 0


def test_only_a_small_state_is_sent_to_the_window() -> None:
    for width, sent in ((40, True), (2000, False)):
        with running(Settings(strategy="full", width=width, depth=2)) as heard:
            heard.frame_at(0)
            heard.send(Step(1))
            heard.frame_at(1)
            assert (heard.count(Checkpoint) > 0) == sent


def test_a_state_leaves_out_what_the_beginning_makes_again() -> None:
    whole = body_weights(1100, 2) * 4
    lora, full = (Trainer(Settings(strategy=s, width=1100, depth=2)) for s in ("lora", "full"))
    assert lora.run.state_bytes() < 0.1 * whole
    full.step()
    assert 4 * whole <= full.run.state_bytes() < 4.2 * whole  # W′, its gradient, Adam's two
    assert full.run.state_bytes() == pytest.approx(_size(full.state()), rel=0.01)


def test_early_stopping_is_only_where_the_best_step_is_kept() -> None:
    """With as much memory of it as any strategy and optimizer has."""
    most = 4 * 4 * MAX_KEPT_WEIGHTS + 4 * 4 * 11 * 8192
    assert HistoryLimits().max_bytes // most >= 2


# ---------------------------------------------------------------- the largest


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(sys.platform == "win32", reason="the resource module is not there")
@pytest.mark.parametrize(("strategy", "copies"), [("lora", 2), ("full", 5)])
def test_a_layer_of_8192_by_8192(strategy: str, copies: int) -> None:
    """Of W no more copies than the method itself needs, and what a window sees of it is small.

    LoRA: W, and while it is drawn at the start a second one. Full: W, W′, its gradient, Adam's two.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.largest_layer", strategy],
        cwd=Path(__file__).resolve().parents[2], capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    whole = 8192 * 8192 * 4
    assert found["peak"] - found["base"] < copies * whole + 400e6
    assert math.isfinite(found["loss"])
    assert found["part"] == [4000, 92, 1]
    assert found["exact"]
    assert all(found["holds"])
    assert found["bytes"] < 4e6


def test_the_loop_stays_responsive_to_its_end() -> None:
    """An engine with a large network ends as any other."""
    before = threading.active_count()
    with running(Settings(strategy="lora", width=768, depth=3)) as heard:
        heard.send(Step(2))
        assert heard.frame_at(2).step == 2
    assert threading.active_count() == before
