"""Dry run of a step up to its gradients, and hooks that capture activations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from torch import Tensor, nn

from engine.model.network import Adapter, Network
from engine.training.manual_backward import InputsAndGrads
from engine.training.optimizers import OptimizerState
from engine.training.stochastic_state import StochasticState


@dataclass(frozen=True, slots=True)
class DryRun:
    """Everything that the coming step computes before it changes anything, bit for bit."""

    inputs: Tensor
    """(n, 30): the batch."""
    labels: Tensor
    """(n,)"""
    loss: float
    """Mean over the batch."""
    inputs_and_grads: InputsAndGrads
    """Layer -> its inputs and ∂L/∂outputs."""
    hidden: Mapping[str, Tensor]
    """Adapter -> its skip input h, (n, width)."""
    gradients: Mapping[str, Tensor]
    """Trainable parameter -> its gradient, including the penalty's."""
    statistics: Mapping[str, Tensor]
    """BatchNorm's buffers after the batch."""
    optimizer_state: OptimizerState
    """State of the optimizer before the step."""
    lr_multipliers: Mapping[str, float]
    """Parameter -> factor of its learning rate."""
    learning_rate: float
    """η"""
    weight_decay: float
    """λ of weight decay."""


class ActivationHooks:
    """Inputs and outputs of each module, captured by forward hooks."""

    def __init__(self) -> None:
        self.hidden: dict[str, Tensor] = {}
        self._layers: dict[str, tuple[Tensor, Tensor]] = {}

    def record_layer(self, name: str, inputs: Tensor, outputs: Tensor) -> None:
        """Store a layer's inputs and outputs, and have autograd keep ∂L/∂outputs.

        Args: name: of the layer.  inputs: (n, in).  outputs: (n, out).
        """
        if not outputs.requires_grad:
            outputs.requires_grad_()
        outputs.retain_grad()
        self._layers[name] = inputs.detach(), outputs

    def inputs_and_grads(self) -> InputsAndGrads:
        """Return `DryRun.inputs_and_grads`, after the backward pass."""
        return {n: (x, z.grad) for n, (x, z) in self._layers.items() if z.grad is not None}


@contextmanager
def restored_afterwards(network: Network) -> Iterator[None]:
    """Restore what a forward and backward pass changes: dropout, statistics, gradients.

    Args: network: to restore.
    """
    state = StochasticState.capture(network)
    gradients = [(parameter, parameter.grad) for parameter in network.parameters()]
    try:
        yield
    finally:
        state.restore(network)
        for parameter, gradient in gradients:
            parameter.grad = gradient


@contextmanager
def capture_activations(network: Network) -> Iterator[ActivationHooks]:
    """Capture inputs and outputs of every layer, and inputs of every adapter.

    Args: network: whose forward pass is captured.
    """
    activations, handles = ActivationHooks(), []

    def hook_layer(name: str, module: nn.Module) -> None:
        def record(module: nn.Module, inputs: tuple[Tensor, ...], outputs: Tensor) -> None:
            activations.record_layer(name, inputs[0], outputs)

        handles.append(module.register_forward_hook(record))

    def hook_adapter(name: str, module: nn.Module) -> None:
        def record(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            activations.hidden[name] = inputs[0].detach()

        handles.append(module.register_forward_pre_hook(record))

    for name, layer in network.layers():
        hook_layer(name, layer)
    for name in network.blocks():
        if isinstance(module := network.get_submodule(name), Adapter):
            hook_adapter(name, module)
    try:
        yield activations
    finally:
        for handle in handles:
            handle.remove()
