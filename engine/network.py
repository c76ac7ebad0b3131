"""The network: 30 → 40 → 40 → 40 in the lessons, a ReLU after each, then a head.

Every matrix in it is a `Layer`, which keeps W beside W′ and never merges anything into W.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.protocol.by_hand import Line
from engine.protocol.frames import WHOLE
from engine.protocol.network_shape import LESSON_DEPTH, LESSON_WIDTH, body_shapes


class Update(nn.Module):
    """What a strategy adds to a layer: ΔW, and Δb where there is one, from its own parameters."""

    fixed: tuple[str, ...] = ()
    """Names of buffers that nothing may move, not even while the layer learns."""

    def delta(self, weight: Tensor, rows: slice | None = None) -> Tensor:
        """(out, in): ΔW. Args: weight: W, or only the `rows` of it that are wanted of ΔW."""
        raise NotImplementedError

    def bias_delta(self, weight: Tensor, bias: Tensor | None) -> Tensor | None:
        """(out,): Δb; None: nothing is added. Args: bias: (out,), of the layer."""
        return None

    def branch(self, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """(n, in) -> (n, out): what is added to x Wᵀ + b, without ever making W′.

        As a program that does not merge computes it: the proof that merging changes nothing.
        """
        raise NotImplementedError

    def pull_back(
        self, gradient: Tensor, out_gradient: Tensor, weight: Tensor, bias: Tensor | None
    ) -> None:
        """Leave in the own parameters' `grad` what the layer's gradients give them.

        Args: gradient: (out, in), ∂L/∂W′.  out_gradient: (n, out), ∂L/∂outputs.
        """
        for parameter in self.parameters():
            parameter.grad = None
        with torch.enable_grad():
            parts = [self.delta(weight)]
            gradients = [gradient]
            moved = self.bias_delta(weight, bias)
            if moved is not None:
                parts.append(moved)
                gradients.append(out_gradient.sum(0))
            wanted = [pair for pair in zip(parts, gradients, strict=True) if pair[0].requires_grad]
            torch.autograd.backward([part for part, _ in wanted], [g for _, g in wanted])

    def delta_by_hand(self, row: int, column: int, weight: Tensor) -> tuple[Line, ...]:
        """A cell of `delta`, number by number; the last line is ΔW's."""
        raise NotImplementedError

    def bias_by_hand(self, row: int, weight: Tensor) -> tuple[Line, ...]:
        """A number of `bias_delta`, where that is drawn; the last line is Δb's."""
        return ()

    def gradient_by_hand(
        self, name: str, row: int, column: int, gradient: Tensor, out_gradient: Tensor, layer: Layer
    ) -> tuple[Line, ...]:
        """What `pull_back` leaves in one number of an own parameter; the last line is g.

        Args: name: of the parameter.  row, column: as `factors` draws it.  gradient,
        out_gradient: as `pull_back` has them.  layer: that the update belongs to.
        """
        raise NotImplementedError

    def settled_by_hand(self, name: str, row: int, column: int, moved: float) -> tuple[Line, ...]:
        """What becomes of a number after the optimizer's step to `moved`; mostly nothing."""
        return ()

    def factors(self) -> tuple[tuple[str, Tensor], ...]:
        """Named matrices that ΔW is made of."""
        return ()

    def thin(self) -> tuple[Tensor, Tensor] | None:
        """(out, r) and (r, in), of which ΔW is the product; None: it is no such product."""
        return None

    def rank_limit(self) -> int | None:
        """The most that rank(ΔW) can be; None: the update knows no limit."""
        return None


class Layer(nn.Module):
    """y = x W′ᵀ + b′, with W′ = weight + the update's ΔW.

    `original` is W as it stood when training began; `weight` is a parameter that starts there.
    Full fine-tuning moves `weight`; LoRA leaves it and moves its `update`. Of a large layer they
    are one and the same memory until `weight` is let loose, and W′ is never made whole.

    Args: weight: (out, in) float32, W.  bias: (out,) or None.  fresh: W is new, not pretrained.
    """

    original: Tensor
    original_bias: Tensor | None

    def __init__(self, weight: Tensor, bias: Tensor | None = None, *, fresh: bool = False) -> None:
        super().__init__()
        self.register_buffer("original", weight.detach().clone())
        self.is_large = is_large(weight)
        self.weight = nn.Parameter(self.original if self.is_large else weight.detach().clone())
        self._weight_norm: float | None = None
        self.bias: nn.Parameter | None = None
        self.register_buffer("original_bias", None)
        if bias is not None:
            self.add_bias(bias)
        self.update: Update | None = None
        self.norm: nn.BatchNorm1d | None = None
        self.fresh = fresh

    def add_bias(self, bias: Tensor) -> None:
        """Start with this bias, (out,)."""
        self.original_bias = bias.detach().clone()
        self.bias = nn.Parameter(bias.detach().clone())

    @torch.no_grad()
    def start_from(self, weight: Tensor) -> None:
        """Take another W, (out, in), before the first step: quantised, or nearest to low rank."""
        self.original.copy_(weight)
        self.weight.copy_(weight)
        self._weight_norm = None

    @property
    def is_shared(self) -> bool:
        """Whether `weight` is W itself, in the same memory: it has not been let loose."""
        return self.weight.data_ptr() == self.original.data_ptr()

    def let_loose(self) -> None:
        """Give `weight` memory of its own, so that it can move while W stays."""
        if self.is_shared:
            self.weight.data = self.original.clone()

    def weight_norm(self) -> float:
        """‖W‖, Frobenius; worked out once."""
        if self._weight_norm is None:
            self._weight_norm = float(self.original.norm())
        return self._weight_norm

    @property
    def shape(self) -> tuple[int, int]:
        """(out, in)."""
        return self.weight.shape[0], self.weight.shape[1]

    def updated(self, rows: slice | None = None) -> Tensor:
        """(out, in): W′, the one weight that the forward pass computes with.

        Args: rows: only these of it.
        """
        weight = self.weight if rows is None else self.weight[rows]
        return weight if self.update is None else weight + self.update.delta(weight, rows)

    def updated_bias(self) -> Tensor | None:
        """(out,): b′, or None where the layer has no bias and gets none."""
        added = None if self.update is None else self.update.bias_delta(self.weight, self.bias)
        if added is None or self.bias is None:
            return self.bias if added is None else added
        return self.bias + added

    def delta(self, rows: slice | None = None) -> Tensor:
        """(out, in): ΔW = W′ − W, against the original W. Args: rows: only these of it."""
        weight = self.weight if rows is None else self.weight[rows]
        moved = weight - (self.original if rows is None else self.original[rows])
        return moved if self.update is None else moved + self.update.delta(weight, rows)

    def bias_delta(self) -> Tensor | None:
        """(out,): Δb = b′ − b, against the original b; None where there is no bias."""
        now = self.updated_bias()
        return now if now is None or self.original_bias is None else now - self.original_bias

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, in) -> (n, out)."""
        if self.is_large and self.update is not None:
            said = functional.linear(inputs, self.weight, self.bias)
            return said + self.update.branch(inputs, self.weight, self.bias)
        return functional.linear(inputs, self.updated(), self.updated_bias())


def is_large(matrix: Tensor) -> bool:
    """Whether a matrix has a side beyond `WHOLE`: it is then looked at and added to in parts."""
    return max(matrix.shape) > WHOLE


def new_layer(
    out: int, inputs: int, generator: torch.Generator, *, bias: bool = True, fresh: bool = True
) -> Layer:
    """A layer as torch.nn.Linear starts it: weight and bias from U(±1/√in)."""
    bound = 1 / math.sqrt(inputs)
    weight = torch.empty(out, inputs).uniform_(-bound, bound, generator=generator)
    offset = torch.empty(out).uniform_(-bound, bound, generator=generator) if bias else None
    return Layer(weight, offset, fresh=fresh)


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
        self.up = Layer(torch.zeros(width, bottleneck), torch.zeros(width), fresh=True)

    def forward(self, hidden: Tensor, inputs: Tensor) -> Tensor:
        """(n, width) -> (n, width). Args: inputs: (n, inputs), of the layer before."""
        added = self.up(torch.relu(self.down(inputs if self.parallel else hidden)))
        return hidden + (added if self.scaling == 1.0 else self.scaling * added)  # type: ignore[no-any-return]


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
        self, body: dict[str, Tensor], head: Layer | MlpHead, *, fresh: bool = False
    ) -> None:
        super().__init__()
        self._order: list[str] = []
        for name, weight in body.items():
            self.add_module(name, Layer(weight, fresh=fresh))
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
            f"{n}.weight" for n, layer in self.layers() if layer.is_large and layer.is_shared
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
