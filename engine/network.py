"""The network of the lessons: 30 → 40 → 40 → 40, a ReLU after each, then a head.

Every matrix in it is a `Layer`, which keeps W beside W′ and never merges anything into W.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.protocol.network_shape import BODY_OUT, BODY_SHAPES


class Update(Protocol):
    """What a strategy adds to a layer's weight: ΔW, computed from parameters of its own."""

    def delta(self) -> Tensor:
        """(out, in): ΔW."""

    def factors(self) -> tuple[tuple[str, Tensor], ...]:
        """Named matrices that ΔW is made of."""


class Layer(nn.Module):
    """y = x W′ᵀ + b, with W′ = weight + the update's ΔW.

    `original` is W as it stood when training began; `weight` is a parameter that starts there.
    Full fine-tuning moves `weight`; LoRA leaves it and moves its `update`.

    Args: weight: (out, in) float32, W.  bias: (out,) or None.  fresh: W is new, not pretrained.
    """

    original: Tensor

    def __init__(self, weight: Tensor, bias: Tensor | None = None, *, fresh: bool = False) -> None:
        super().__init__()
        self.register_buffer("original", weight.detach().clone())
        self.weight = nn.Parameter(weight.detach().clone())
        self.bias = None if bias is None else nn.Parameter(bias.detach().clone())
        self.update: Update | None = None
        self.fresh = fresh

    @property
    def shape(self) -> tuple[int, int]:
        """(out, in)."""
        return self.weight.shape[0], self.weight.shape[1]

    def updated(self) -> Tensor:
        """(out, in): W′, the one weight that the forward pass computes with."""
        return self.weight if self.update is None else self.weight + self.update.delta()

    def delta(self) -> Tensor:
        """(out, in): ΔW = W′ − W, against the original W."""
        moved = self.weight - self.original
        return moved if self.update is None else moved + self.update.delta()

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, in) -> (n, out)."""
        return functional.linear(inputs, self.updated(), self.bias)


def new_layer(
    out: int, inputs: int, generator: torch.Generator, *, bias: bool = True, fresh: bool = True
) -> Layer:
    """A layer as torch.nn.Linear starts it: weight and bias from U(±1/√in)."""
    bound = 1 / math.sqrt(inputs)
    weight = torch.empty(out, inputs).uniform_(-bound, bound, generator=generator)
    offset = torch.empty(out).uniform_(-bound, bound, generator=generator) if bias else None
    return Layer(weight, offset, fresh=fresh)


class Adapter(nn.Module):
    """A bottleneck with a skip: h + up · relu(down · h + b) + b. The identity while `up` is zero.

    Source: arXiv:1902.00751 §2.1, with ReLU as in the lesson.
    """

    def __init__(self, width: int, bottleneck: int, generator: torch.Generator) -> None:
        super().__init__()
        self.down = new_layer(bottleneck, width, generator)
        nn.init.zeros_(self.down.bias)  # type: ignore[arg-type]
        self.up = Layer(torch.zeros(width, bottleneck), torch.zeros(width), fresh=True)

    def forward(self, hidden: Tensor) -> Tensor:
        """(n, width) -> (n, width)."""
        return hidden + self.up(torch.relu(self.down(hidden)))  # type: ignore[no-any-return]


class MlpHead(nn.Module):
    """A head with a nonlinearity of its own: hidden layer, ReLU, output layer."""

    def __init__(self, width: int, classes: int, generator: torch.Generator) -> None:
        super().__init__()
        self.hidden = new_layer(width, BODY_OUT, generator)
        self.output = new_layer(classes, width, generator)

    def forward(self, features: Tensor) -> Tensor:
        """(n, 40) -> (n, classes)."""
        return self.output(torch.relu(self.hidden(features)))  # type: ignore[no-any-return]


class Network(nn.Module):
    """Body layers in order, an adapter after each where a strategy put one, then the head.

    Args: body: name -> (out, in) weight, in the body's order.  head: what maps 40 numbers to
    classes.  fresh: the body's weights are random, not pretrained.
    """

    def __init__(
        self, body: dict[str, Tensor], head: Layer | MlpHead, *, fresh: bool = False
    ) -> None:
        super().__init__()
        self._order: list[str] = []
        for name, weight in body.items():
            self.add_module(name, Layer(weight, fresh=fresh))
            self._order.append(name)
        self.head: Layer | MlpHead = head

    @property
    def body(self) -> tuple[Layer, ...]:
        """The layers layer1, layer2, layer3."""
        return tuple(module for module in self._body_modules() if isinstance(module, Layer))

    def insert_adapter(self, after: str, name: str, adapter: Adapter) -> None:
        """Put an adapter behind the body layer `after`."""
        self.add_module(name, adapter)
        self._order.insert(self._order.index(after) + 1, name)

    def features(self, inputs: Tensor) -> Tensor:
        """(n, 30) -> (n, 40): what the head is given."""
        for module in self._body_modules():
            inputs = torch.relu(module(inputs)) if isinstance(module, Layer) else module(inputs)
        return inputs

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, 30) -> (n, classes), before softmax."""
        return self.head(self.features(inputs))  # type: ignore[no-any-return]

    def units(self) -> tuple[str, ...]:
        """Names that can be frozen, in the network's order."""
        return (*self._order, "head")

    def layers(self) -> Iterator[tuple[str, Layer]]:
        """Every matrix of the network with its name, in the network's order."""
        for unit in self.units():
            module = self.get_submodule(unit)
            if isinstance(module, Layer):
                yield unit, module
                continue
            for part, layer in module.named_children():
                assert isinstance(layer, Layer)
                yield f"{unit}.{part}", layer

    def _body_modules(self) -> Iterator[nn.Module]:
        return (self.get_submodule(name) for name in self._order)


def random_body(generator: torch.Generator) -> dict[str, Tensor]:
    """Body weights that know nothing: name -> (out, in), as torch.nn.Linear starts them."""
    return {
        name: new_layer(out, inputs, generator, bias=False).original
        for name, (out, inputs) in BODY_SHAPES.items()
    }
