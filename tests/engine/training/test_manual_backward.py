"""The passes written out give what autograd gives."""

import pytest
import torch
from torch.nn import functional

from engine.protocol.strategy_files import strategy_names
from engine.strategies import STRATEGIES
from engine.strategies._strategy import trainable_blocks
from engine.trainer import Trainer
from engine.training.manual_backward import ManualPass, supports
from tests.engine.oracle_runs import batches, in_double, trained

SMALL = 1e-12


def _by_autograd(trainer: Trainer, inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    trainer.network.zero_grad()
    loss = functional.cross_entropy(trainer.network(inputs), labels)
    loss.backward()
    return loss.detach()


@pytest.mark.parametrize("strategy", strategy_names())
def test_every_gradient_is_autograds(strategy: str) -> None:
    trainer = in_double(trained(20, strategy=strategy, stage_steps=1))
    blocks = trainable_blocks(trainer.run.strategy, trainer.network)
    if not supports(trainer.network):
        assert "adapter" in strategy
        return
    ((inputs, labels),) = batches(trainer, 1)
    for frozen in ((), blocks[:1], blocks[-1:]):
        if frozen == blocks:
            continue
        for name, parameter in trainer.network.named_parameters():
            free = trainer.run.strategy.trains(name) and name.partition(".")[0] not in frozen
            parameter.requires_grad_(free)
        expected_loss = _by_autograd(trainer, inputs, labels)
        expected = {
            name: parameter.grad.clone()
            for name, parameter in trainer.network.named_parameters()
            if parameter.grad is not None and parameter.requires_grad
        }
        assert expected
        trainer.network.zero_grad()
        written_out = ManualPass(trainer.network)
        with torch.no_grad():
            loss = written_out.forward(inputs, labels)
            written_out.backward()
        assert torch.allclose(loss, expected_loss, rtol=0, atol=SMALL)
        for name, parameter in trainer.network.named_parameters():
            if name in expected:
                assert parameter.grad is not None, name
                assert torch.allclose(parameter.grad, expected[name], rtol=0, atol=SMALL), name
            else:
                assert parameter.grad is None, name


def test_which_networks_are_written_out() -> None:
    chains = [name for name in STRATEGIES if supports(trained(0, strategy=name).network)]
    assert set(STRATEGIES) - set(chains) == {"adapter", "parallel_adapter"}
    assert not supports(trained(0, batch_norm=True).network)
    assert not supports(trained(0, dropout=0.1).network)
