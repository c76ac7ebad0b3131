"""Manual forward and backward pass of the network: ∂L/∂W′ of every layer, without autograd.

Matrices as small as these take less time than autograd's bookkeeping of them. `Update.backward`
turns ∂L/∂W′ into the gradients of a strategy's own parameters.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from engine.model.layer import Layer
from engine.model.network import Adapter, Network

InputsAndGrads = dict[str, tuple[Tensor, Tensor]]
"""Layer -> its inputs x (n, in) and ∂L/∂z (n, out), z its outputs."""


def supports(network: Network) -> bool:
    """Return whether the network is a chain of layers with a ReLU between each two, and no more.

    Args: network: to be trained.
    """
    modules = (network.get_submodule(block) for block in network.blocks())
    is_chain = not any(isinstance(module, Adapter) for module in modules)
    return is_chain and network.dropout == 0.0 and all(layer.norm is None for layer in network.body)


class _LayerPass:
    """One layer of the chain; looking a module's parts up anew at each step takes its time."""

    def __init__(self, layer: Layer) -> None:
        self._weight, self._bias, self._update = layer.weight, layer.bias, layer.update
        self._layer = layer
        self._weight_trainable = layer.weight.requires_grad
        self._bias_trainable = layer.bias is not None and layer.bias.requires_grad
        self._update_trainable = layer.update is not None and any(
            parameter.requires_grad for parameter in layer.update.parameters()
        )
        self.trainable = self._weight_trainable or self._bias_trainable or self._update_trainable
        self.inputs = self.updated = layer.weight.detach()

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the outputs, (n, out). Args: inputs: (n, in)."""
        self.inputs = inputs
        if self._update is None:
            self.updated = self._weight
            return functional.linear(inputs, self._weight, self._bias)
        self.updated = self._layer.updated()
        return functional.linear(inputs, self.updated, self._layer.updated_bias())

    def backward(self, grad_output: Tensor) -> None:
        """Set `grad` of every trainable parameter. Args: grad_output: (n, out), ∂L/∂outputs."""
        if self._weight_trainable:
            self._weight.grad = grad_output.T @ self.inputs  # ∂L/∂W′
        if self._bias_trainable and self._bias is not None:
            self._bias.grad = grad_output.sum(0)
        if self._update_trainable and self._update is not None:
            self._update.backward(
                grad_output.T @ self.inputs, grad_output, self._weight, self._bias
            )

    def grad_input(self, grad_output: Tensor) -> Tensor:
        """Return ∂L/∂inputs, (n, in). Args: grad_output: (n, out), ∂L/∂outputs."""
        return grad_output @ self.updated


class _LargeLayerPass:
    """A large layer whose W is frozen, as `Layer.forward` has it; W′ is never made.

    W′ and ∂L/∂W′ would each take as much memory, and as long to fill, as W itself.
    """

    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self._parameters = [each for each in layer.parameters() if each.requires_grad]
        self.trainable = bool(self._parameters)
        self.inputs = self._leaf = self._outputs = layer.weight.detach()

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the outputs, (n, out). Args: inputs: (n, in)."""
        self.inputs, self._leaf = inputs, inputs.detach().requires_grad_()
        with torch.enable_grad():
            self._outputs = self._layer(self._leaf)
        return self._outputs.detach()

    def backward(self, grad_output: Tensor) -> None:
        """Set `grad` of every trainable parameter. Args: grad_output: (n, out), ∂L/∂outputs."""
        gradients = torch.autograd.grad(
            self._outputs, self._parameters, grad_output, retain_graph=True, allow_unused=True
        )
        for parameter, gradient in zip(self._parameters, gradients, strict=True):
            parameter.grad = gradient

    def grad_input(self, grad_output: Tensor) -> Tensor:
        """Return ∂L/∂inputs, (n, in). Args: grad_output: (n, out), ∂L/∂outputs."""
        return torch.autograd.grad(self._outputs, self._leaf, grad_output)[0]


def _make_pass(layer: Layer) -> _LayerPass | _LargeLayerPass:
    """Return the layer's pass; for a large one with a frozen W the one that never makes W′."""
    if layer.is_large and layer.update is not None and not layer.weight.requires_grad:
        return _LargeLayerPass(layer)
    return _LayerPass(layer)


class ManualPass:
    """Forward and backward pass of a network that `supports`; valid until freezing changes.

    Call it under `torch.no_grad`; entering that anew takes longer than a layer.

    Args: network: to be trained.
    """

    def __init__(self, network: Network) -> None:
        self._names, layers = zip(*network.layers(), strict=True)
        self._passes = [_make_pass(layer) for layer in layers]
        trainable = [index for index, layer_pass in enumerate(self._passes) if layer_pass.trainable]
        self._lowest_trainable = min(trainable, default=len(self._passes))

    def forward(self, inputs: Tensor, labels: Tensor) -> Tensor:
        """Return the mean cross-entropy over a batch, (). Args: inputs: (n, 30). labels: (n,)."""
        first, *others = self._passes
        hidden = first.forward(inputs)
        for layer_pass in others:
            hidden = layer_pass.forward(hidden.relu_())
        self._log_p, self._labels = torch.log_softmax(hidden, 1), labels
        return functional.nll_loss(self._log_p, labels)

    def backward(self, *, every_layer: bool = False) -> InputsAndGrads:
        """Set `grad` of every trainable parameter from the loss of the last batch.

        Gradients below the lowest trainable layer are not computed.

        Args: every_layer: compute them none the less.
        Returns: each layer's inputs and gradients if `every_layer`, else nothing.
        """
        labels, inputs_and_grads = self._labels[:, None], InputsAndGrads()
        lowest = 0 if every_layer else self._lowest_trainable
        grad_output = self._log_p.exp_()  # (n, classes): softmax, soon ∂L/∂outputs
        grad_output.scatter_(1, labels, -1.0, reduce="add").div_(labels.shape[0])
        for index in range(len(self._passes) - 1, lowest - 1, -1):
            layer_pass = self._passes[index]
            if layer_pass.trainable:
                layer_pass.backward(grad_output)
            if every_layer:
                inputs_and_grads[self._names[index]] = layer_pass.inputs, grad_output
            if index > lowest:
                grad_output = layer_pass.grad_input(grad_output)
                grad_output.mul_(layer_pass.inputs.sign())  # 0 or 1: ReLU held the rest back
        return inputs_and_grads
