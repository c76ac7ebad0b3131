"""The network's forward and backward pass written out: ∂L/∂W′ of every layer, without autograd.

Matrices as small as these take less time than autograd's bookkeeping of them. What ∂L/∂W′ gives
to a strategy's own parameters is theirs to work out: `Update.backward`.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from engine.model.layer import Layer
from engine.model.network import Adapter, Network
from engine.training.manual_backward_large import LargeLayerPass

InputsAndGrads = dict[str, tuple[Tensor, Tensor]]
"""Layer -> its inputs x (n, in) and ∂L/∂z (n, out), z its outputs."""


def supports(network: Network) -> bool:
    """Whether the network is a chain of layers with a ReLU between each two, and no more."""
    plain = not any(isinstance(network.get_submodule(unit), Adapter) for unit in network.blocks())
    return plain and network.dropout == 0.0 and all(layer.norm is None for layer in network.body)


class _LayerPass:
    """One layer of the chain; looking a module's parts up anew at each step takes its time."""

    def __init__(self, layer: Layer) -> None:
        self._weight, self._bias, self._update = layer.weight, layer.bias, layer.update
        self._layer = layer
        self._weight_moves = layer.weight.requires_grad
        self._bias_moves = layer.bias is not None and layer.bias.requires_grad
        self._update_moves = layer.update is not None and any(
            parameter.requires_grad for parameter in layer.update.parameters()
        )
        self.moves = self._weight_moves or self._bias_moves or self._update_moves
        self.inputs = self.updated = layer.weight.detach()

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, in) -> (n, out)."""
        self.inputs = inputs
        if self._update is None:
            self.updated = self._weight
            return functional.linear(inputs, self._weight, self._bias)
        self.updated = self._layer.updated()
        return functional.linear(inputs, self.updated, self._layer.updated_bias())

    def backward(self, delta: Tensor) -> None:
        """Leave in every parameter that moves what the batch gives it.

        Args: delta: (n, out), ∂L/∂outputs.
        """
        if self._weight_moves:
            self._weight.grad = delta.T @ self.inputs  # ∂L/∂W′
        if self._bias_moves and self._bias is not None:
            self._bias.grad = delta.sum(0)
        if self._update_moves and self._update is not None:
            self._update.backward(delta.T @ self.inputs, delta, self._weight, self._bias)

    def grad_input(self, delta: Tensor) -> Tensor:
        """(n, out) -> (n, in): ∂L/∂inputs."""
        return delta @ self.updated


def _layer_pass(layer: Layer) -> _LayerPass | LargeLayerPass:
    """The layer's link; a large one whose W stays computes beside it."""
    if layer.is_large and layer.update is not None and not layer.weight.requires_grad:
        return LargeLayerPass(layer, layer.update)
    return _LayerPass(layer)


class ManualBackward:
    """A network that `supports`, for as long as the same parameters of it are free to move.

    To be called under `torch.no_grad`; entering that anew takes longer than a layer.
    """

    def __init__(self, network: Network) -> None:
        self._names, layers = zip(*network.layers(), strict=True)
        self._links = [_layer_pass(layer) for layer in layers]
        moving = [index for index, link in enumerate(self._links) if link.moves]
        self._lowest = min(moving, default=len(self._links))

    def forward(self, inputs: Tensor, labels: Tensor) -> Tensor:
        """(): mean cross-entropy over a batch. Args: inputs: (n, 30).  labels: (n,)."""
        first, *others = self._links
        hidden = first.forward(inputs)
        for link in others:
            hidden = link.forward(hidden.relu_())
        self._log_p, self._labels = torch.log_softmax(hidden, 1), labels
        return functional.nll_loss(self._log_p, labels)

    def backward(self, *, whole: bool = False) -> InputsAndGrads:
        """Leave in every free parameter's `grad` what the loss of that batch gives it.

        What lies below the lowest layer that moves is not worked out.

        Args: whole: work it out none the less.
        Returns: if `whole`, what each layer saw; else nothing.
        """
        labels, seen = self._labels[:, None], InputsAndGrads()
        lowest = 0 if whole else self._lowest
        delta = self._log_p.exp_()  # (n, classes): softmax, soon ∂L/∂outputs
        delta.scatter_(1, labels, -1.0, reduce="add").div_(labels.shape[0])
        for index in range(len(self._links) - 1, lowest - 1, -1):
            link = self._links[index]
            if link.moves:
                link.backward(delta)
            if whole:
                seen[self._names[index]] = link.inputs, delta
            if index > lowest:
                delta = link.grad_input(delta)
                delta.mul_(link.inputs.sign())  # 0 or 1: what ReLU held back has no part
        return seen
