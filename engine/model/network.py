"""The network: 30 → 40 → 40 → 40 in the lessons, a ReLU after each, then a head.

Every matrix in it is a `Layer`, which keeps W beside W′ and never merges anything into W.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping

import torch
from torch import Tensor, nn

from engine.model.derivation_lines import formula_line, sum_line
from engine.model.layer import Layer, new_layer
from engine.protocol.derivation import DerivationLine
from engine.protocol.network_shape import LESSON_DEPTH, LESSON_WIDTH, body_shapes


class Adapter(nn.Module):
    """A bottleneck beside a skip: h + s · (up · relu(down · x + b) + b); nothing while `up` is 0.

    In sequence x is h itself; in parallel it is what the layer before was given.

    Args: inputs: width of x.  width: of h.  bottleneck: m.  scaling: s.
    Source: arXiv:1902.00751 §2.1, with ReLU as in the lesson; in parallel arXiv:2110.04366 §3.
    """

    def __init__(
        self,
        inputs: int,
        width: int,
        bottleneck: int,
        generator: torch.Generator,
        *,
        scaling: float = 1.0,
        parallel: bool = False,
    ) -> None:
        super().__init__()
        self.scaling = scaling
        self.parallel = parallel
        self.down = new_layer(bottleneck, inputs, generator)
        nn.init.zeros_(self.down.bias)  # type: ignore[arg-type]
        self.up = Layer(
            torch.zeros(width, bottleneck), torch.zeros(width), randomly_initialised=True
        )

    def forward(self, hidden: Tensor, inputs: Tensor) -> Tensor:
        """(n, width) -> (n, width). Args: inputs: (n, inputs), of the layer before."""
        added = self.up(torch.relu(self.down(inputs if self.parallel else hidden)))
        return hidden + (added if self.scaling == 1.0 else self.scaling * added)  # type: ignore[no-any-return]


def derive_adapter_output(
    adapter: Adapter, row: int, middle: int, hidden: Tensor, inputs: Tensor
) -> tuple[DerivationLine, ...]:
    """The way of one sample through down and up.

    Args: row: i, of the outputs.  middle: k, of the bottleneck.  hidden: h, (width,).  inputs: of
    down, (inputs,).
    Returns: what down makes of it at k, what ReLU leaves of that, what up makes of it all at i,
    and h′ᵢ.
    """
    down, up, one = adapter.down, adapter.up, torch.ones(1)
    a = sum_line(
        "aₖ", "Σⱼ Dₖⱼ · xⱼ + bₖ",
        torch.cat([down.updated()[middle], _bias(down, middle)]), torch.cat([inputs, one]),
    )  # fmt: skip
    relu = formula_line(
        "relu(aₖ)", "(aₖ + |aₖ|) / 2", max(0.0, a.value), "({} + |{}|) / 2", a.value, a.value
    )
    kept = torch.relu(down(inputs))
    added = sum_line(
        "uᵢ", "Σₖ Uᵢₖ · relu(aₖ) + bᵢ",
        torch.cat([up.updated()[row], _bias(up, row)]), torch.cat([kept, one]),
    )  # fmt: skip
    h, s = float(hidden[row]), adapter.scaling
    after = formula_line(
        "h′ᵢ", "hᵢ + s · uᵢ", h + s * added.value, "{} + {} · {}", h, s, added.value
    )
    return a, relu, added, after


def _bias(layer: Layer, row: int) -> Tensor:
    """(1,)"""
    bias = layer.updated_bias()
    return torch.zeros(1) if bias is None else bias[row : row + 1]


class MlpHead(nn.Module):
    """A head with a nonlinearity of its own: hidden layer, ReLU, output layer."""

    def __init__(self, inputs: int, width: int, classes: int, generator: torch.Generator) -> None:
        super().__init__()
        self.hidden = new_layer(width, inputs, generator)
        self.output = new_layer(classes, width, generator)

    def forward(self, features: Tensor) -> Tensor:
        """(n, inputs) -> (n, classes)."""
        return self.output(torch.relu(self.hidden(features)))  # type: ignore[no-any-return]


Compute = Callable[[Layer, Tensor], Tensor]
"""(layer, its inputs (n, in)) -> its outputs (n, out)"""


class Network(nn.Module):
    """Body layers in order, an adapter after each where a strategy put one, then the head.

    Args: body: name -> (out, in) weight, in the body's order.  head: what maps the last
    layer's outputs to classes.  fresh: the body's weights are random, not pretrained.
    """

    def __init__(
        self, body: dict[str, Tensor], head: Layer | MlpHead, *, randomly_initialised: bool = False
    ) -> None:
        super().__init__()
        self._order: list[str] = []
        for name, weight in body.items():
            self.add_module(name, Layer(weight, randomly_initialised=randomly_initialised))
            self._order.append(name)
        self.head: Layer | MlpHead = head
        self.dropout = 0.0
        """Share of activations set to zero while training."""
        self.noise = torch.Generator()
        """Where dropout draws from."""
        self.anchor: nn.Module | None = None
        """What a strategy remembers of the weights at the start."""
        self.eval()

    @property
    def named_body(self) -> dict[str, Layer]:
        """Name -> layer: layer1, layer2, layer3 …"""
        named = zip(self._order, self._body_modules(), strict=True)
        return {name: module for name, module in named if isinstance(module, Layer)}

    @property
    def body(self) -> tuple[Layer, ...]:
        """The layers layer1, layer2, layer3 …"""
        return tuple(self.named_body.values())

    def add_norms(self, states: Mapping[str, Mapping[str, Tensor]]) -> None:
        """Put a BatchNorm behind every body layer, before its ReLU.

        Args: states: layer name -> the BatchNorm's state_dict; new ones where there is none.
        """
        for name, layer in self.named_body.items():
            layer.norm = nn.BatchNorm1d(layer.shape[0]).eval()
            if name in states:
                layer.norm.load_state_dict(states[name])

    def set_learning(self, learning: bool, still: Collection[str] = ()) -> None:
        """Compute as while training, with dropout and batch statistics, or as it is meant to.

        Args: still: layers whose BatchNorm keeps its statistics also while training.
        """
        self.training = learning
        for name, layer in self.named_body.items():
            if layer.norm is not None:
                layer.norm.training = learning and name not in still

    def insert_adapter(self, after: str, name: str, adapter: Adapter) -> None:
        """Put an adapter behind the body layer `after`."""
        self.add_module(name, adapter)
        self._order.insert(self._order.index(after) + 1, name)

    def features(self, inputs: Tensor, compute: Compute | None = None) -> Tensor:
        """(n, 30) -> (n, width): what the head is given.

        Args: compute: stands in for the body layers' own forward pass.
        """
        hidden = before = inputs
        for module in self._body_modules():
            if isinstance(module, Layer):
                before = hidden
                hidden = module(hidden) if compute is None else compute(module, hidden)
                if module.norm is not None:
                    hidden = module.norm(hidden)
                hidden = self._drop(torch.relu(hidden))
            else:
                hidden = module(hidden, before)
        return hidden

    def _drop(self, hidden: Tensor) -> Tensor:
        """Set a share of the activations to zero, and scale the others up, while training."""
        if self.dropout == 0.0 or not self.training:
            return hidden
        kept = torch.rand(hidden.shape, generator=self.noise) >= self.dropout
        return hidden * kept / (1.0 - self.dropout)

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, 30) -> (n, classes), before softmax."""
        return self.head(self.features(inputs))  # type: ignore[no-any-return]

    def blocks(self) -> tuple[str, ...]:
        """Names that can be frozen, in the network's order."""
        return (*self._order, "head")

    def layers(self) -> Iterator[tuple[str, Layer]]:
        """Every matrix of the network with its name, in the network's order."""
        for unit in self.blocks():
            module = self.get_submodule(unit)
            if isinstance(module, Layer):
                yield unit, module
                continue
            for part, layer in module.named_children():
                assert isinstance(layer, Layer)
                yield f"{unit}.{part}", layer

    def moving_tensors(self) -> dict[str, Tensor]:
        """What decides the coming steps: name -> tensor.

        All there is, but of large layers: what a run's beginning makes again, W and whatever else
        as large as it never moves, is left out.
        """
        constant = {
            f"{name}.{key}"
            for name, layer in self.layers()
            if layer.is_large
            for key, buffer in layer.named_buffers()
            if buffer.numel() == layer.weight.numel()
        }
        constant |= {
            f"{n}.weight" for n, layer in self.layers() if layer.is_large and layer.is_tied
        }
        if constant and self.anchor is not None:
            constant |= {f"anchor.{key}" for key, _ in self.anchor.named_buffers()}
        return {n: value for n, value in self.state_dict().items() if n not in constant}

    def _body_modules(self) -> Iterator[nn.Module]:
        return (self.get_submodule(name) for name in self._order)


def random_body(width: int, depth: int, generator: torch.Generator) -> dict[str, Tensor]:
    """Body weights that know nothing: name -> (out, in).

    The network of the lessons starts as torch.nn.Linear does, U(±1/√in): its shipped W come from
    there. In a deeper one that would leave nothing of the input; every other size starts from
    U(±√(6/in)), which a ReLU after each layer leaves as large as it was: arXiv:1502.01852 §2.2.
    """
    gain = 1.0 if (width, depth) == (LESSON_WIDTH, LESSON_DEPTH) else math.sqrt(6)
    return {
        name: torch.empty(shape).uniform_(
            -gain / math.sqrt(shape[1]), gain / math.sqrt(shape[1]), generator=generator
        )
        for name, shape in body_shapes(width, depth).items()
    }
