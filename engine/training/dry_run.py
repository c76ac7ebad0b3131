"""Dry run of a step up to its gradients, which captures activations and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from torch import Tensor, nn

from engine.model.network import Adapter, Network
from engine.training.manual_backward import InputsAndGrads
from engine.training.optimizers import OptimizerState
from engine.training.stochastic_state import remember_pass


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
    learning_rate: float
    """η"""


class ActivationHooks:
    """Inputs and outputs of each layer, and inputs of each adapter, captured by forward hooks."""

    def __init__(self) -> None:
        self.hidden: dict[str, Tensor] = {}
        """As `DryRun.hidden`."""
        self._layers: dict[str, tuple[Tensor, Tensor]] = {}

    def record_layer(
        self, name: str, layer: nn.Module, inputs: tuple[Tensor, ...], outputs: Tensor
    ) -> None:
        """Store a layer's inputs and outputs, and have autograd keep ∂L/∂outputs.

        Only of the batch, which passes first: a penalty may have samples of its own.

        Args: name: of the layer.  layer: itself.  inputs: (n, in), alone.  outputs: (n, out).
        """
        if name in self._layers:
            return
        if not outputs.requires_grad:
            outputs.requires_grad_()
        outputs.retain_grad()
        self._layers[name] = inputs[0].detach(), outputs

    def record_hidden(self, name: str, adapter: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        """Store an adapter's skip input. Args: name, adapter, inputs: as a hook gets them."""
        self.hidden[name] = inputs[0].detach()

    def inputs_and_grads(self) -> InputsAndGrads:
        """Return `DryRun.inputs_and_grads`, after the backward pass."""
        return {n: (x, z.grad) for n, (x, z) in self._layers.items() if z.grad is not None}


@contextmanager
def capture_activations(network: Network) -> Iterator[ActivationHooks]:
    """Capture the activations of a pass, and restore afterwards what it changes.

    That is dropout, BatchNorm's statistics and the gradients.

    Args: network: whose forward and backward pass is captured.
    """
    hooks = ActivationHooks()
    with ExitStack() as stack:
        stack.callback(remember_pass(network))
        for parameter in network.parameters():
            stack.callback(setattr, parameter, "grad", parameter.grad)
        for name, layer in network.layers():
            record = partial(hooks.record_layer, name)
            stack.enter_context(layer.register_forward_hook(record))
        for name in network.blocks():
            if isinstance(module := network.get_submodule(name), Adapter):
                before = partial(hooks.record_hidden, name)
                stack.enter_context(module.register_forward_pre_hook(before))
        yield hooks
