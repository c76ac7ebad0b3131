"""What every strategy keeps under every training aid, in any order of steps, states and changes."""

from typing import Any

import pytest
import torch

from engine.history.history import History
from engine.model.layer import Layer
from engine.protocol.settings import Settings
from engine.protocol.strategy_files import strategy_names
from engine.trainer import Trainer
from engine.training.divergence import DivergedError
from tests.engine.check_results import bugs
from tests.engine.cover import each_with, some_of
from tests.engine.oracle_runs import in_double, trained

every_strategy = pytest.mark.parametrize("strategy", strategy_names())
AIDS: dict[str, Any] = {
    "dropout": 0.3, "batch_norm": True, "label_noise": 0.2, "train_samples": 80,
    "schedule": "cosine", "warmup_steps": 3, "total_steps": 40, "weight_decay": 0.01,
    "stage_steps": 10,
}  # fmt: skip
"""All at once; layers that wait wake at steps 10, 20 and 30."""


def _everything(trainer: Trainer) -> dict[str, bytes]:
    """Every number of the network and of the optimizer's memory."""
    state = trainer.state()
    numbers = {f"network {name}": value.tobytes() for name, value in state["network"].items()}
    for name, memory in state["optimizer"].items():
        for key, value in memory.items():
            kept = value.tobytes() if hasattr(value, "tobytes") else repr(value).encode()
            numbers[f"optimizer {name} {key}"] = kept
    return numbers


@pytest.mark.parametrize(("strategy", "taken"), each_with((8, 19)))
def test_restore_is_exact_with_every_aid_and_across_a_wakening(strategy: str, taken: int) -> None:
    trainer = trained(taken, strategy=strategy, **AIDS)
    state = trainer.state()
    losses = [trainer.step().loss for _ in range(5)]
    then = _everything(trainer)
    for other in (trainer, Trainer(Settings(seed=5))):
        other.restore(state)
        assert [other.step().loss for _ in range(5)] == losses
        assert _everything(other) == then
        assert not bugs(other.frame())


@pytest.mark.parametrize("strategy", some_of(strategy_names(), 2))
def test_history_goes_back_through_aids_and_changes(strategy: str) -> None:
    trainer = trained(0, strategy=strategy, **AIDS)
    history = History(trainer)
    at: dict[int, dict[str, bytes]] = {}
    for step in range(1, 26):
        trainer.step()
        history.record_step()
        at[step] = _everything(trainer)
        if step == 12:
            history.configure(trainer.settings.replace(frozen=("layer2",), dropout=0.1))
            at[step] = _everything(trainer)
    for step in (21, 14, 11, 4):
        history.go_to(step)
        assert _everything(trainer) == at[step]
        assert not bugs(trainer.frame())


@pytest.mark.parametrize(("strategy", "optimizer"), each_with(("sgd", "adam")))
def test_merging_changes_nothing_after_a_hundred_steps_at_a_high_rate(
    strategy: str, optimizer: str
) -> None:
    """As high as it goes: the rate is halved until the run is not lost."""
    rate = 1.0
    while True:
        trainer = trained(0, strategy=strategy, optimizer=optimizer, learning_rate=rate)
        try:
            for _ in range(100):
                trainer.step()
        except DivergedError:
            rate /= 2
            continue
        break
    assert rate > 1e-2
    frame = trainer.frame()
    claims = {layer.name: {check.name for check in layer.measured.checks} for layer in frame.layers}
    assert all("merged" in claims[name] for name in trainer.network.named_body)
    assert not bugs(frame)


UPDATES = {
    "lora", "rslora", "lora_plus", "dora", "pissa", "qlora", "loftq", "adalora", "vera", "ia3",
    "prompt", "prefix",
}  # fmt: skip
"""Strategies that add to a layer; the others move W itself, or a bias, or modules of their own."""


def _scrambled(trainer: Trainer) -> list[Layer]:
    """The layers with an update, every parameter of which is drawn anew."""
    layers = [layer for layer in trainer.network.body if layer.update is not None]
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for layer in layers:
            for parameter in layer.update.parameters():
                parameter.normal_(generator=generator)
    return layers


@every_strategy
@pytest.mark.parametrize("bias", [False, True])
def test_the_branch_says_what_delta_says(strategy: str, bias: bool) -> None:
    trainer = in_double(trained(0, strategy=strategy))
    layers = _scrambled(trainer)
    for layer in layers:
        if bias and layer.bias is None:
            layer.add_bias(torch.randn(layer.shape[0], dtype=torch.float64))
        inputs = torch.randn(50, layer.shape[1], dtype=torch.float64)
        branch = layer.update.unmerged_output(inputs, layer.weight, layer.bias)
        added = layer.update.bias_delta(layer.weight, layer.bias)
        expected = inputs @ layer.update.delta(layer.weight).T
        expected = expected if added is None else expected + added
        torch.testing.assert_close(branch, expected, rtol=0, atol=1e-6)
        assert branch.abs().max() > 0.1
    assert bool(layers) == (strategy in UPDATES)
