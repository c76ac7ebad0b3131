"""Manual pass of a large frozen layer, as x Wᵀ plus the update's output; W′ is never made.

W′ and ∂L/∂W′ would each take as much memory, and as long to fill, as W itself.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from engine.model.layer import Layer, Update


class LargeLayerPass:
    """One layer of the chain whose W is frozen.

    Args: layer: with an update.  update: the layer's.
    """

    def __init__(self, layer: Layer, update: Update) -> None:
        self._weight, self._bias, self._update = layer.weight.detach(), layer.bias, update
        self._bias_trainable = layer.bias is not None and layer.bias.requires_grad
        self._parameters = [each for each in update.parameters() if each.requires_grad]
        self.trainable = self._bias_trainable or bool(self._parameters)
        self.inputs = self._leaf = self._update_output = self._weight

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the outputs, (n, out).

        Args: inputs: (n, in).
        """
        self.inputs = inputs
        self._leaf = inputs.detach().requires_grad_()
        bias = None if self._bias is None else self._bias.detach()
        with torch.enable_grad():
            self._update_output = self._update.unmerged_output(self._leaf, self._weight, self._bias)
        return functional.linear(inputs, self._weight, bias) + self._update_output.detach()

    def backward(self, grad_output: Tensor) -> None:
        """Set `grad` of every trainable parameter.

        Args: grad_output: (n, out), ∂L/∂outputs.
        """
        bias = [self._bias] if self._bias_trainable and self._bias is not None else []
        parameters = [*self._parameters, *bias]
        gradients = torch.autograd.grad(
            self._update_output, parameters, grad_output, retain_graph=True, allow_unused=True
        )
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient
        if self._bias_trainable and self._bias is not None:
            update_grad = self._bias.grad
            self._bias.grad = (
                grad_output.sum(0) if update_grad is None else update_grad + grad_output.sum(0)
            )

    def grad_input(self, grad_output: Tensor) -> Tensor:
        """Return ∂L/∂inputs, (n, in).

        Args: grad_output: (n, out), ∂L/∂outputs.
        """
        (update_grad,) = torch.autograd.grad(self._update_output, self._leaf, grad_output)
        return grad_output @ self._weight + update_grad
