"""Strategies that learn vectors: VeRA and IA³ against PEFT, the others in closed form."""

import pytest
import torch
from torch.nn import functional

from engine.model.layer import Layer
from engine.protocol.messages import Configure
from engine.trainer import Trainer
from tests.engine.oracle_runs import (
    BODY,
    assert_agrees_with_peft,
    batches,
    in_double,
    in_peft,
    peft_layer,
    trained,
)


@pytest.mark.parametrize("rank", [1, 16, 30])
def test_vera(rank: int) -> None:
    from peft import VeraConfig

    trainer = trained(20, strategy="vera", rank=rank)
    model = in_peft(trainer, VeraConfig(r=rank, target_modules=BODY))
    widest = trainer.network.get_submodule("layer2").update
    shared = model.base_model.vera_A["default"], model.base_model.vera_B["default"]
    for ours, theirs in zip((widest.vera_A, widest.vera_B), shared, strict=True):
        bound = theirs.abs().max().item()
        assert ours.abs().max().item() == pytest.approx(bound, rel=0.2)  # one distribution
        theirs.copy_(ours)
    names = {"vera_b": "vera_lambda_b.default", "vera_d": "vera_lambda_d.default"}
    assert_agrees_with_peft(trainer, model, names)


def test_vera_starts_as_pefts() -> None:
    from peft import VeraConfig

    trainer = trained(0, strategy="vera")
    model = in_peft(trainer, VeraConfig(r=16, target_modules=BODY))
    for name in BODY:
        update, theirs = trainer.network.get_submodule(name).update, peft_layer(model, name)
        assert torch.equal(update.vera_b, theirs.vera_lambda_b.default)
        torch.testing.assert_close(update.vera_d, theirs.vera_lambda_d.default)


def test_veras_matrices_are_shared_and_never_move() -> None:
    trainer = trained(0, strategy="vera")
    updates = [layer.update for layer in trainer.network.body]
    before = [(u.vera_A.clone(), u.vera_B.clone()) for u in updates]
    for _ in range(20):
        trainer.step()
    for update, (a, b) in zip(updates, before, strict=True):
        assert torch.equal(update.vera_A, a)
        assert torch.equal(update.vera_B, b)
        assert torch.equal(a, before[1][0][:, : a.shape[1]])
        assert torch.equal(b, before[1][1])


@pytest.mark.parametrize("bias", [False, True])
def test_ia3(bias: bool) -> None:
    from peft import IA3Config

    trainer = trained(20, strategy="ia3")
    if bias:
        for layer in trainer.network.body:
            layer.add_bias(torch.randn(layer.shape[0]))
    config = IA3Config(target_modules=BODY, feedforward_modules=[])
    assert_agrees_with_peft(trainer, in_peft(trainer, config), {"ia3_l": "ia3_l.default"})
    for layer in trainer.network.body:
        moved = layer.bias_delta()
        if not bias:
            assert moved is None
            continue
        factor = layer.update.ia3_l[:, 0] - 1
        torch.testing.assert_close(moved, factor * layer.original_bias, rtol=0, atol=1e-9)


# ---------------------------------------------------------------- prompts


def _deltas(trainer: Trainer) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """Layer -> its inputs x (n, in) and ∂loss/∂y (n, out), y its outputs, of the next batch.

    Also leaves gradients of the same batch in the network.
    """
    ((inputs, labels),) = batches(trainer, 1)
    seen: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
    names = {id(layer): name for name, layer in trainer.network.layers()}

    def watch(layer: Layer, x: torch.Tensor) -> torch.Tensor:
        y = layer(x)
        y.retain_grad()
        seen[names[id(layer)]] = x, y
        return y

    outputs = trainer.network.head(trainer.network.features(inputs, watch))
    trainer.network.zero_grad()
    functional.cross_entropy(outputs, labels).backward()
    return {name: (x, y.grad) for name, (x, y) in seen.items()}


@pytest.mark.parametrize("strategy", ["prompt", "prefix"])
def test_a_prompt_is_added_to_the_input(strategy: str) -> None:
    """y = W (x + p), ∂/∂p = Σ Wᵀ δ, ΔW = 0 and Δb = W p."""
    trainer = in_double(trained(20, strategy=strategy))
    told = ["layer1"] if strategy == "prompt" else BODY
    deltas = _deltas(trainer)
    for name in told:
        layer, (x, delta) = trainer.network.get_submodule(name), deltas[name]
        p = layer.update.prompt
        assert p.abs().max() > 1e-2
        expected = (x + p) @ layer.original.T
        torch.testing.assert_close(layer(x), expected, rtol=0, atol=1e-9)
        torch.testing.assert_close(p.grad[0], (delta @ layer.original).sum(0), rtol=0, atol=1e-9)
        assert not layer.delta().any()
        torch.testing.assert_close(layer.bias_delta(), layer.original @ p[0], rtol=0, atol=1e-9)
    for name in set(BODY).difference(told):
        assert trainer.network.get_submodule(name).update is None


def test_bitfit_moves_biases_by_the_sum_of_deltas() -> None:
    trainer = in_double(trained(20, strategy="bitfit", optimizer="sgd", learning_rate=0.1))
    deltas = _deltas(trainer)
    for name in BODY:
        layer, (_, delta) = trainer.network.get_submodule(name), deltas[name]
        torch.testing.assert_close(layer.bias.grad, delta.sum(0), rtol=0, atol=1e-9)
        assert torch.equal(layer.bias_delta(), layer.bias)
        assert layer.bias.abs().max() > 1e-2
        assert not layer.delta().any()


@pytest.mark.parametrize("strategy", ["bitfit", "prompt", "prefix"])
def test_what_moves_a_bias_alone_is_what_a_bias_does(strategy: str) -> None:
    """A plain network with b in place of Δb gives the same outputs."""
    trainer = trained(20, strategy=strategy)
    inputs = trainer.run.task.draw(0).target.test.inputs
    hidden = torch.from_numpy(inputs)
    ours = trainer.network.features(hidden)
    for layer in trainer.network.body:
        hidden = torch.relu(functional.linear(hidden, layer.original, layer.bias_delta()))
    torch.testing.assert_close(ours, hidden, rtol=0, atol=1e-5)


def test_locking_a_prompts_layer_holds_it() -> None:
    trainer = trained(5, strategy="prefix")
    trainer.apply(Configure(trainer.settings.replace(frozen=("layer2",))))
    held = trainer.network.get_parameter("layer2.update.prompt").detach().clone()
    free = trainer.network.get_parameter("layer3.update.prompt").detach().clone()
    for _ in range(5):
        trainer.step()
    assert torch.equal(trainer.network.get_parameter("layer2.update.prompt"), held)
    assert not torch.equal(trainer.network.get_parameter("layer3.update.prompt"), free)
