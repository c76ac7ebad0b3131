"""What oracle tests share: trained runs in double precision, and the same network inside PEFT.

In double precision, so that what differs is the arithmetic and not its rounding.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.model.layer import Layer
from engine.protocol.network_shape import body_shapes
from engine.protocol.settings import Settings
from engine.strategies import STRATEGIES
from engine.trainer import Trainer
from engine.training.batches import BatchSampler, Samples
from tests.engine.torch_networks import plain_network

BODY = list(body_shapes())
TOLERANCE = 1e-6

Batch = tuple[Tensor, Tensor]
"""(n, 30) and (n,)"""


def trained(steps: int, **settings: Any) -> Trainer:
    """A run after so many steps, under its strategy's defaults unless told otherwise."""
    defaults = STRATEGIES[settings.get("strategy", "full")].defaults
    trainer = Trainer(Settings(**{**defaults, **settings}))
    for _ in range(steps):
        trainer.step()
    return trainer


def in_double(trainer: Trainer) -> Trainer:
    """The same run, its coming steps in double precision; its frames cannot be made any more."""
    trainer.network.double()
    order, train = trainer.run._batches, trainer.run.train  # noqa: SLF001
    doubled = BatchSampler(Samples(train.inputs.double(), train.labels), trainer.settings.seed)
    doubled.restore(order.state())
    trainer.run._batches = doubled  # noqa: SLF001
    return trainer


def batches(trainer: Trainer, steps: int) -> list[Batch]:
    """The batches that the trainer will draw next; its own order is left as it was."""
    order = trainer.run._batches  # noqa: SLF001
    state = order.state()
    drawn = [order.next(trainer.settings.batch_size) for _ in range(steps)]
    order.restore(state)
    return drawn


def train_plainly(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    drawn: list[Batch],
    scheduler: torch.optim.lr_scheduler.LRScheduler | None = None,
) -> None:
    """The loop that everybody writes."""
    for inputs, labels in drawn:
        optimizer.zero_grad()
        functional.cross_entropy(network(inputs), labels).backward()
        optimizer.step()
        if scheduler is not None:
            scheduler.step()


def base_network(trainer: Trainer) -> nn.Sequential:
    """torch.nn modules only: the body's W and b with nothing added, and the head as it is now."""
    plain = plain_network(trainer.network)
    with torch.no_grad():
        for name in BODY:
            linear, layer = plain.get_submodule(name), _layer(trainer, name)
            linear.weight.copy_(layer.original)
            if layer.original_bias is not None:
                linear.bias.copy_(layer.original_bias)
    return plain


class WithLoss(nn.Module):
    """Answers with its loss, where PEFT adds AdaLoRA's penalty to it."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, inputs: Tensor, labels: Tensor) -> SimpleNamespace:
        logits = self.network(inputs)
        return SimpleNamespace(logits=logits, loss=functional.cross_entropy(logits, labels))


def in_peft(trainer: Trainer, config: Any, base: nn.Module | None = None) -> nn.Module:
    """PEFT's model of the run, with new adapters of its own; both are in double from now on."""
    from peft import get_peft_model

    model = get_peft_model(WithLoss(base or base_network(trainer)).float(), config).double()
    in_double(trainer)
    return model


def peft_layer(model: nn.Module, name: str) -> Any:
    """PEFT's module in a layer's place."""
    return model.base_model.model.network.get_submodule(name)


def assert_agrees_with_peft(trainer: Trainer, model: nn.Module, names: dict[str, str]) -> None:
    """Outputs, gradients and W′ are PEFT's, once its adapters and head have our numbers.

    Args: names: parameter of ours, in a layer's update -> parameter of PEFT's layer.
    """
    pairs = {
        f"{layer}.update.{ours}": (
            trainer.network.get_parameter(f"{layer}.update.{ours}"),
            peft_layer(model, layer).get_parameter(theirs),
        )
        for layer in BODY
        for ours, theirs in names.items()
    }
    with torch.no_grad():
        for ours, theirs in pairs.values():
            theirs.copy_(ours.reshape(theirs.shape))
        head = peft_layer(model, "head")
        head.weight.copy_(trainer.network.get_parameter("head.weight"))
        head.bias.copy_(trainer.network.get_parameter("head.bias"))
    ((inputs, labels),) = batches(trainer, 1)
    said = model.base_model(inputs, labels)  # where PEFT adds its penalty
    outputs = trainer.network(inputs)
    torch.testing.assert_close(outputs, said.logits, rtol=0, atol=TOLERANCE)

    loss = functional.cross_entropy(outputs, labels)
    if trainer.run.strategy.penalty is not None:
        loss = loss + trainer.run.strategy.penalty(trainer.network, trainer.settings)
    torch.testing.assert_close(loss, said.loss, rtol=0, atol=TOLERANCE)
    trainer.network.zero_grad()
    loss.backward()
    said.loss.backward()
    for name, (ours, theirs) in pairs.items():
        assert ours.grad.any(), name
        torch.testing.assert_close(
            ours.grad.reshape(theirs.shape), theirs.grad, rtol=0, atol=TOLERANCE
        )

    for name in BODY:
        layer, theirs = _layer(trainer, name), peft_layer(model, name)
        theirs.merge()
        merged = theirs.base_layer
        torch.testing.assert_close(layer.updated(), merged.weight, rtol=0, atol=TOLERANCE)
        delta = merged.weight - layer.original
        assert delta.abs().max() > 1e-3
        torch.testing.assert_close(layer.delta(), delta, rtol=0, atol=TOLERANCE)
        if merged.bias is not None:
            torch.testing.assert_close(layer.updated_bias(), merged.bias, rtol=0, atol=TOLERANCE)


def _layer(trainer: Trainer, name: str) -> Layer:
    layer = trainer.network.get_submodule(name)
    assert isinstance(layer, Layer)
    return layer
