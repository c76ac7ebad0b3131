"""The catalogue: strategies, tasks and cost models that an engine offers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, Protocol, TypeVar

import msgspec

from engine.protocol.identity import Plain
from engine.protocol.settings import RESTARTS


class StrategyInfo(Plain, kw_only=True, frozen=True):
    """Description of one strategy, as the window offers it."""

    name: str
    label: str
    summary: str
    """One sentence: what moves and what does not."""
    note: str = ""
    """Explanation where no lesson gives one: a few sentences."""
    equation: str = ""
    """ΔW under this strategy, shown beside the column's title."""
    lesson: int = 0
    """Number of its lesson in the series; 0: it has none of its own."""
    group: str = "Lessons"
    """Heading under which it is offered."""
    source: str = ""
    """The paper or page that describes the method."""
    controls: tuple[str, ...] = ()
    """Settings fields that it uses in addition to those that every strategy uses."""
    restarts: tuple[str, ...] = ()
    """Fields whose change begins a new run, in addition to `RESTARTS`."""
    defaults: dict[str, Any] = msgspec.field(default_factory=dict)
    """Settings fields that choosing it sets."""
    lock_reasons: dict[str, str] = msgspec.field(default_factory=dict)
    """Layer -> why it cannot be unlocked; of an entry in the catalogue."""
    frozen: tuple[str, ...] = ()
    """Layers frozen until the user unlocks them."""
    focus: tuple[str, ...] = ()
    """The only layers worth showing; empty: all."""
    stored_as: str = ""
    """Number format that W is stored in, as in `Merge`; empty: float32, as always."""
    scaling_rule: str = "α/r"
    """How s follows from α, where there is one: α/r, α/√r, or α/r₀, r₀ the rank of the start."""
    pretrained: bool = True
    """Whether it starts from pretrained weights; else from random ones."""
    learns: Literal["target", "source"] = "target"
    """The task whose training samples it sees."""
    new_head: bool = False
    """Whether it trains a new head even where the pretrained one would serve."""
    not_comparable: str = ""
    """Why it cannot be compared with others, without a full stop; empty: it can."""


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


_Named = TypeVar("_Named", bound=_HasName)


def find_named(offered: Iterable[_Named], name: str) -> _Named | None:
    """Return the item of that name; None: there is none.

    Args: offered: strategies, tasks, layers …  name: of one of them.
    """
    return next((item for item in offered if item.name == name), None)


def restart_fields(info: StrategyInfo | None) -> frozenset[str]:
    """Return the fields whose change begins a new run. Args: info: the strategy; None: unknown."""
    return RESTARTS if info is None else RESTARTS.union(info.restarts)


class TaskChange(Plain, frozen=True):
    """What a task does to its images, by an amount that can be chosen for one of them."""

    name: str
    """For example: Rotation."""
    unit: str
    """Written behind the amount: ° or %."""
    largest: int
    """Largest amount; the smallest is 0, the image as it was written."""
    target: int
    """Amount in the target's test images."""


class TaskInfo(Plain, frozen=True):
    """Description of one task, as the window offers it."""

    name: str
    label: str
    purpose: str
    """What the network reads and what it says of it, as a sentence."""
    source: str
    """Data that the network was pretrained on, in words."""
    target: str
    """Data that it is fine-tuned for, in words."""
    classes: tuple[str, ...]
    """Names of the target's classes, in the order of the head's outputs."""
    shares_head: bool
    """Whether source and target have the same classes, so that the old head serves."""
    features: tuple[str, ...] = ()
    """Names of the network's inputs, the columns of layer 1; empty: components without names."""
    no_drawing: str = ""
    """Why the user cannot draw a sample of it, without a full stop; empty: one can."""
    change: TaskChange | None = None
    """What it does to its images; None: they are as those that the network was pretrained on."""


class CostModel(Plain, frozen=True):
    """A published model that the cost calculator knows."""

    name: str
    label: str
    width: int
    projections: tuple[str, ...]
    """Names of the matrices of one block: q, k, v, o, up, down …"""
    source: str
    """Publication or page that states its shape."""
    dimensions: dict[str, Any]
    """The `dimensions` of a plan that describe the same model."""


class CostMethod(Plain, frozen=True):
    """A method that the cost calculator knows."""

    name: str
    label: str
    uses: tuple[str, ...]
    """Fields of the plan that it reads."""
    targets: tuple[str, ...]
    """Projections that it changes by default."""
    rank: int
    note: str
    """What its count leaves out, in words; may be empty."""


class CostFamily(Plain, frozen=True):
    """A family of models with the same layers around their blocks."""

    name: str
    label: str
    note: str
    """The layers around the blocks, in words."""
    gated: bool
    biases: bool
    """Defaults of its blocks: a gated feed-forward layer, and biases."""
    tied: bool
    fused: bool
    """Defaults: the token embedding as head, and q, k and v in one matrix."""


class CostState(Plain, frozen=True):
    """A convention for the bytes of a trained parameter with gradient and optimizer states."""

    bytes: int
    label: str
    """The parts in words."""
    source: str


class CostCatalogue(Plain, frozen=True):
    """Models, methods and precisions of the cost calculator."""

    models: tuple[CostModel, ...]
    methods: tuple[CostMethod, ...]
    precisions: tuple[int, ...]
    families: tuple[CostFamily, ...]
    """Families of models that the user describes by their dimensions."""
    states: tuple[CostState, ...]
    adapter_bytes: tuple[int, ...]
    """Bytes that a parameter of an adapter can have; first the usual."""


class Catalogue(Plain, frozen=True):
    """The first message of a new engine: it is ready, and this is what it offers."""

    strategies: tuple[StrategyInfo, ...]
    tasks: tuple[TaskInfo, ...]
    cost: CostCatalogue | None = None
    """Models and methods of the cost calculator."""
