"""The network: 30 → 40 → 40 → 40 in the lessons, a ReLU after each, then a head.

Every matrix in it is a `Layer`, which keeps W beside W′ and never merges anything into W.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Mapping

import torch
from torch import Tensor, nn

from engine.model.derivation_lines import formula_line, sum_line
from engine.model.layer import Layer, new_layer, uniform
from engine.protocol.derivation import DerivationLine
from engine.protocol.network_shape import LESSON_DEPTH, LESSON_WIDTH, body_shapes


class Adapter(nn.Module):
    """A bottleneck beside a skip: h + s · (up · relu(down · x + b) + b); nothing while `up` is 0.

    In sequence x is h itself; in parallel it is the input of the layer before.

    Args: inputs: width of x.  width: of h.  bottleneck: m.  generator: draws `down`.  scaling: s.
    parallel: whether x is the input of the layer before.
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
        """Return h′, (n, width). Args: hidden: (n, width), h.  inputs: of the layer before."""
        added = self.up(torch.relu(self.down(inputs if self.parallel else hidden)))
        return hidden + (added if self.scaling == 1.0 else self.scaling * added)  # type: ignore[no-any-return]


def derive_adapter_output(
    adapter: Adapter, row: int, unit: int, hidden: Tensor, inputs: Tensor
) -> tuple[DerivationLine, ...]:
    """Derive one output of an adapter for one sample, through down and up.

    Args: adapter: of the network before the step.  row: i, of the outputs.  unit: k, of the
    bottleneck.  hidden: (width,), h.  inputs: (inputs,), of down.
    Returns: down's output at k, its ReLU, up's output at i, and h′ᵢ.
    """
    down, up, one = adapter.down, adapter.up, torch.ones(1)
    a = sum_line(
        "aₖ", "Σⱼ Dₖⱼ · xⱼ + bₖ",
        torch.cat([down.updated()[unit], _bias(down, unit)]), torch.cat([inputs, one]),
    )  # fmt: skip
    relu = formula_line("relu(aₖ)", "(aₖ + |aₖ|) / 2", "({} + |{}|) / 2", a.value, a.value)
    activations = torch.relu(down(inputs))  # (bottleneck,)
    added = sum_line(
        "uᵢ", "Σₖ Uᵢₖ · relu(aₖ) + bᵢ",
        torch.cat([up.updated()[row], _bias(up, row)]), torch.cat([activations, one]),
    )  # fmt: skip
    h, s = hidden[row], adapter.scaling
    after = formula_line("h′ᵢ", "hᵢ + s · uᵢ", "{} + {} · {}", h, s, added.value)
    return a, relu, added, after


def _bias(layer: Layer, row: int) -> Tensor:
    """Return the bias of one row, (1,)."""
    bias = layer.updated_bias()
    return torch.zeros(1) if bias is None else bias[row : row + 1]


class MlpHead(nn.Module):
    """A head with a nonlinearity of its own: hidden layer, ReLU, output layer.

    Args: inputs: features.  width: of the hidden layer.  classes: outputs.  generator: draws both.
    """

    def __init__(self, inputs: int, width: int, classes: int, generator: torch.Generator) -> None:
        super().__init__()
        self.hidden = new_layer(width, inputs, generator)
        self.output = new_layer(classes, width, generator)

    def forward(self, features: Tensor) -> Tensor:
        """Return the outputs, (n, classes). Args: features: (n, inputs)."""
        return self.output(torch.relu(self.hidden(features)))  # type: ignore[no-any-return]


Compute = Callable[[Layer, Tensor], Tensor]
"""(layer, its inputs (n, in)) -> its outputs (n, out)"""


class Network(nn.Module):
    """Body layers in order, an adapter after each where a strategy put one, then the head.

    Args: body: name -> (out, in) weight, in the body's order.  head: maps the last layer's outputs
    to classes.  randomly_initialised: the body's weights are not pretrained.
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
        self.dropout_generator = torch.Generator()
        """Generator of dropout's random numbers."""
        self.penalty_reference: nn.Module | None = None
        """What a strategy's penalty keeps of the source task, in buffers."""
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

    def add_batch_norms(self, states: Mapping[str, Mapping[str, Tensor]]) -> None:
        """Put a BatchNorm behind each body layer. Args: states: layer -> its state_dict, or new."""
        for name, layer in self.named_body.items():
            layer.norm = nn.BatchNorm1d(layer.shape[0]).eval()
            if name in states:
                layer.norm.load_state_dict(states[name])

    def insert_adapter(self, after: str, name: str, adapter: Adapter) -> None:
        """Put an adapter behind a layer. Args: after: the layer's name.  name, adapter: its own."""
        self.add_module(name, adapter)
        self._order.insert(self._order.index(after) + 1, name)

    def features(self, inputs: Tensor, compute: Compute | None = None) -> Tensor:
        """Return the head's input, (n, width).

        Args: inputs: (n, 30).  compute: replaces the body layers' own forward pass.
        """
        hidden = layer_inputs = inputs
        for module in self._body_modules():
            if isinstance(module, Layer):
                layer_inputs = hidden
                hidden = module(hidden) if compute is None else compute(module, hidden)
                if module.norm is not None:
                    hidden = module.norm(hidden)
                hidden = self._apply_dropout(torch.relu(hidden))
            else:
                hidden = module(hidden, layer_inputs)
        return hidden

    def _apply_dropout(self, hidden: Tensor) -> Tensor:
        """Set a share of the activations to zero, and scale the others up, while training."""
        if self.dropout == 0.0 or not self.training:
            return hidden
        kept = torch.rand(hidden.shape, generator=self.dropout_generator) >= self.dropout
        return hidden * kept / (1.0 - self.dropout)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the logits, (n, classes). Args: inputs: (n, 30)."""
        return self.head(self.features(inputs))  # type: ignore[no-any-return]

    def blocks(self) -> tuple[str, ...]:
        """Return the names that can be frozen, in the network's order."""
        return (*self._order, "head")

    def layers(self) -> Iterator[tuple[str, Layer]]:
        """Iterate over every matrix of the network with its name, in the network's order."""
        for block in self.blocks():
            module = self.get_submodule(block)
            if isinstance(module, Layer):
                yield block, module
                continue
            for part, layer in module.named_children():
                assert isinstance(layer, Layer)
                yield f"{block}.{part}", layer

    def copied(self, *, with_original: bool = False) -> Network:
        """Return a copy to read while this one trains on; what nothing ever changes is shared.

        Args: with_original: the copy computes with W itself, as before the first step.
        """
        shared: list[object] = [self.dropout_generator]
        if self.penalty_reference is not None:
            shared += self.penalty_reference.buffers()
        memo: dict[int, object] = {}
        for _, layer in self.layers():
            shared += layer.constant_buffers().values()
            # The parameter itself may be untied meanwhile.
            if with_original or (layer.is_large and layer.is_tied):
                memo[id(layer.weight)] = nn.Parameter(layer.original, layer.weight.requires_grad)
        return copy.deepcopy(self, memo | {id(each): each for each in shared})

    def moving_tensors(self) -> dict[str, Tensor]:
        """Return what decides the coming steps: name -> tensor.

        Everything but what initialising the run again restores.
        """
        constant = {f"{name}.{key}" for name, layer in self.layers()
                    for key in layer.constant_buffers()}  # fmt: skip
        constant |= {
            f"{n}.weight" for n, layer in self.layers() if layer.is_large and layer.is_tied
        }
        if self.penalty_reference is not None:
            buffers = self.penalty_reference.named_buffers()
            constant |= {f"penalty_reference.{key}" for key, _ in buffers}
        return {n: value for n, value in self.state_dict().items() if n not in constant}

    def _body_modules(self) -> Iterator[nn.Module]:
        return (self.get_submodule(name) for name in self._order)


def random_body(width: int, depth: int, generator: torch.Generator) -> dict[str, Tensor]:
    """Return random body weights: name -> (out, in).

    The network of the lessons is initialised as torch.nn.Linear is, U(±1/√in): its shipped W come
    from there. In a deeper one that would leave nothing of the input; every other size is
    initialised from U(±√(6/in)), which a ReLU after each layer leaves as large as it was.

    Args: width: outputs of every layer.  depth: number of layers.  generator: to draw from.
    Source: arXiv:1502.01852 §2.2.
    """
    gain = 1.0 if (width, depth) == (LESSON_WIDTH, LESSON_DEPTH) else math.sqrt(6)
    shapes = body_shapes(width, depth).items()
    return {name: uniform(shape, gain / math.sqrt(shape[1]), generator) for name, shape in shapes}
