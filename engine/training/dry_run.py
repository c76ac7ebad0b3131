"""A step up to its gradients, taken on trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from torch import Tensor, nn

from engine.model.network import Adapter, Network
from engine.training.manual_backward import InputsAndGrads
from engine.training.optimizers import State
from engine.training.stochastic_state import StochasticState


@dataclass(frozen=True, slots=True)
class DryRun:
    """What the coming step finds before it moves anything, bit for bit."""

    inputs: Tensor
    """(n, 30): the batch."""
    labels: Tensor
    """(n,)"""
    loss: float
    """Mean over the batch."""
    seen: InputsAndGrads
    hidden: Mapping[str, Tensor]
    """Adapter -> what it adds to, h (n, width)."""
    gradients: Mapping[str, Tensor]
    """Parameter that moves -> its gradient, the penalty's part included."""
    statistics: Mapping[str, Tensor]
    """BatchNorm's buffers as the batch leaves them."""
    optimizer_state: State
    """The optimizer's."""
    lr_multipliers: Mapping[str, float]
    """Parameter -> by what its learning rate is multiplied."""
    learning_rate: float
    """η"""
    decay: float
    """λ of weight decay."""


class ActivationHooks:
    """What modules are given and say in a pass of autograd's."""

    def __init__(self) -> None:
        self.hidden: dict[str, Tensor] = {}
        self._passes: dict[str, tuple[Tensor, Tensor]] = {}

    def note_layer(self, name: str, given: Tensor, said: Tensor) -> None:
        """Autograd is to keep ∂L/∂said, also where nothing below learns."""
        if not said.requires_grad:
            said.requires_grad_()
        said.retain_grad()
        self._passes[name] = given.detach(), said

    def seen(self) -> InputsAndGrads:
        """As `DryRun.seen`, once autograd has gone back."""
        return {n: (x, z.grad) for n, (x, z) in self._passes.items() if z.grad is not None}


@contextmanager
def restored_afterwards(network: Network) -> Iterator[None]:
    """Put back what a pass there and back changes: noise, statistics, gradients."""
    noise = StochasticState.of(network)
    kept = [(parameter, parameter.grad) for parameter in network.parameters()]
    try:
        yield
    finally:
        noise.put_back(network)
        for parameter, gradient in kept:
            parameter.grad = gradient


@contextmanager
def capture_activations(network: Network) -> Iterator[ActivationHooks]:
    """Hear what every layer and adapter is given and says."""
    heard, hooks = ActivationHooks(), []

    def on_layer(name: str, module: nn.Module) -> None:
        def note(module: nn.Module, given: tuple[Tensor, ...], said: Tensor) -> None:
            heard.note_layer(name, given[0], said)

        hooks.append(module.register_forward_hook(note))

    def on_adapter(name: str, module: nn.Module) -> None:
        def note(module: nn.Module, given: tuple[Tensor, ...]) -> None:
            heard.hidden[name] = given[0].detach()

        hooks.append(module.register_forward_pre_hook(note))

    for name, layer in network.layers():
        on_layer(name, layer)
    for name in network.blocks():
        if isinstance(module := network.get_submodule(name), Adapter):
            on_adapter(name, module)
    try:
        yield heard
    finally:
        for hook in hooks:
            hook.remove()
