"""A sample's way through the network, against ordinary passes with W and with W′."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.model.network import Adapter
from engine.protocol.messages import Frame, FrameOptions, NetworkActivations, ShowSample
from engine.protocol.settings import Settings
from engine.protocol.strategy_files import strategy_names
from engine.tasks import TASKS
from engine.trainer import Trainer
from tests.engine.cover import each_with
from tests.engine.torch_networks import plain_network

every_strategy = pytest.mark.parametrize("strategy", strategy_names())
SAMPLE = 3
FLOW = FrameOptions(activations=True)


def _trainer(strategy: str, task: str = "digits-to-rotated", **changes: Any) -> Trainer:
    # A fresh head has other numbers with another seed; seed 1 shows that W is that run's own.
    settings = Settings(strategy=strategy, task=task, seed=1, learning_rate=1e-2, stage_steps=3)
    trainer = Trainer(settings.replace(**changes))
    trainer.sample_selection.choose(ShowSample(SAMPLE), trainer.run.task)
    return trainer


def _passes(network: nn.Sequential, x: Tensor) -> dict[str, Tensor]:
    """Part of a plain network -> (n,), what it says."""
    said = {}
    for name, part in network.named_children():
        if name == "head" and isinstance(part, nn.Sequential):
            said["head.hidden"] = torch.relu(part[0](x))[0]
        if hasattr(part, "linear"):  # a parallel adapter and the layer that it stands beside
            said[name.replace("adapter", "layer")] = part.relu(part.linear(x))[0]
        x = part(x)
        said[name.removeprefix("relu_")] = x[0]
    said["probabilities"] = torch.softmax(x, 1)[0]
    return said


def _flow(frame: Frame) -> NetworkActivations:
    assert frame.activations is not None
    return frame.activations


@pytest.mark.parametrize(("strategy", "task"), each_with(tuple(TASKS), 2))
@torch.no_grad()
def test_every_activation_is_that_of_a_plain_pass(strategy: str, task: str) -> None:
    trainer = _trainer(strategy, task)
    x = trainer.frame_builder.sample.inputs()
    before = _passes(copy.deepcopy(plain_network(trainer.network)), x)
    start = trainer.frame(options=FLOW)
    if start.sample is None:
        assert strategy == "pretrain"
        assert start.activations is None
        return
    for _ in range(12):
        trainer.step()
    frame = trainer.frame(options=FLOW)
    assert frame.sample is not None
    now, found = _passes(plain_network(trainer.network), x), _flow(frame)
    assert np.array_equal(found.x, x[0].numpy())
    for layer in found.layers:
        unit, _, part = layer.name.partition(".")
        if part in ("", "hidden"):
            np.testing.assert_allclose(layer.after, now[layer.name], atol=1e-4, rtol=1e-4)
        if layer.before is not None:
            np.testing.assert_allclose(layer.before, before[layer.name], atol=1e-5, rtol=1e-4)
        # What stands at the start is the pretrained network's; an adapter is no part of that.
        assert (layer.before is None) == (unit.startswith("adapter") or part == "prompt")
    named = {layer.name for layer in found.layers if "." not in layer.name}
    assert named == set(trainer.network.blocks()) - {"head"}
    np.testing.assert_allclose(frame.sample.before, before["probabilities"], atol=1e-5)
    np.testing.assert_allclose(frame.sample.after, now["probabilities"], atol=1e-4)


@every_strategy
def test_nothing_has_changed_before_the_first_step(strategy: str) -> None:
    found = _flow(_trainer(strategy).frame(options=FLOW))
    last = None
    for layer in found.layers:
        if layer.before is not None:
            np.testing.assert_allclose(layer.after, layer.before, atol=1e-5, rtol=1e-5)
        elif layer.name.endswith(".prompt"):
            assert np.array_equal(layer.after, found.x if last is None else last)
        elif "." not in layer.name:  # an adapter hands on what it is given
            assert np.array_equal(layer.after, last)
        if "." not in layer.name:
            last = layer.after


@torch.no_grad()
def test_inside_of_a_bottleneck_and_with_a_prompt() -> None:
    for strategy in ("adapter", "parallel_adapter"):
        trainer = _trainer(strategy)
        for _ in range(12):
            trainer.step()
        found = _flow(trainer.frame(options=FLOW))
        said = {layer.name: torch.from_numpy(layer.after) for layer in found.layers}
        fed = {"adapter1": torch.from_numpy(found.x), "adapter2": said["adapter1"]}
        for name, given in fed.items():
            adapter = trainer.network.get_submodule(name)
            assert isinstance(adapter, Adapter)
            own = said[name.replace("adapter", "layer")]
            down = torch.relu(adapter.down(given if adapter.parallel else own))
            torch.testing.assert_close(said[f"{name}.down"], down)
            torch.testing.assert_close(said[name], own + adapter.scaling * adapter.up(down))
            assert not torch.equal(said[name], own)
    trainer = _trainer("prefix")
    for _ in range(12):
        trainer.step()
    found = _flow(trainer.frame(options=FLOW))
    said = {layer.name: layer.after for layer in found.layers}
    for name, given in (("layer1", found.x), ("layer2", said["layer1"])):
        p = dict(trainer.network.named_body[name].update.factors())["prompt"][0]
        np.testing.assert_allclose(said[f"{name}.prompt"], given + p.detach().numpy())
        assert p.any()


@pytest.mark.parametrize("strategy", ["full", "lora", "bitfit"])
def test_what_batch_norm_knew_at_the_start_is_remembered(strategy: str) -> None:
    trainer = _trainer(strategy, batch_norm=True)
    then = _flow(trainer.frame(options=FLOW))
    for _ in range(12):
        trainer.step()
    now = _flow(trainer.frame(options=FLOW))
    for old, new in zip(then.layers, now.layers, strict=True):
        assert new.before is not None
        np.testing.assert_allclose(new.before, old.after, atol=1e-5)
        assert not np.allclose(new.after, old.after, atol=1e-3)


def test_dropout_does_not_touch_it() -> None:
    found = [_flow(_trainer("full", dropout=share).frame(options=FLOW)) for share in (0.0, 0.5)]
    for dry, dropped in zip(*(each.layers for each in found), strict=True):
        assert np.array_equal(dry.after, dropped.after)


def test_a_deep_and_wide_network_has_all_its_layers() -> None:
    trainer = _trainer("lora", width=300, depth=5)
    found = _flow(trainer.frame(options=FLOW))
    assert [layer.name for layer in found.layers] == [f"layer{i}" for i in range(1, 6)]
    assert {layer.after.shape for layer in found.layers} == {(300,)}


def test_it_comes_only_when_asked_for_and_without_a_sample_not_at_all() -> None:
    assert _trainer("full").frame().activations is None
    frame = _trainer("pretrain", "digits-0-4-to-5-9").frame(options=FLOW)
    assert (frame.sample, frame.activations) == (None, None)


def test_it_survives_going_back() -> None:
    trainer = _trainer("lora")
    state, then = trainer.state(), _flow(trainer.frame(options=FLOW))
    for _ in range(8):
        trainer.step()
    trainer.restore(state)
    again = _flow(trainer.frame(options=FLOW))
    for old, new in zip(then.layers, again.layers, strict=True):
        assert np.array_equal(old.after, new.after)
        assert np.array_equal(old.before, new.before)


def test_another_engine_follows_the_same_way_from_a_checkpoint() -> None:
    trainer = _trainer("full")
    for _ in range(8):
        trainer.step()
    other = Trainer(Settings())
    other.restore(trainer.state())
    other.sample_selection.choose(ShowSample(SAMPLE), other.run.task)
    pairs = zip(
        _flow(trainer.frame(options=FLOW)).layers,
        _flow(other.frame(options=FLOW)).layers,
        strict=True,
    )
    for mine, theirs in pairs:
        assert np.array_equal(mine.before, theirs.before)
        assert np.array_equal(mine.after, theirs.after)
