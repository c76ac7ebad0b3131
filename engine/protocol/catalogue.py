"""What an engine offers: strategies, tasks, and models whose cost it can work out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.protocol.settings import RESTARTS


@dataclass(frozen=True, slots=True)
class StrategyInfo:
    """What the window must know of one strategy to offer it."""

    name: str
    label: str
    summary: str
    """One sentence: what moves and what does not."""
    equation: str
    """What ΔW is under this strategy, to stand beside the column's title; may be empty."""
    lesson: int
    """Number of its lesson in the series; 0: it has none of its own."""
    group: str
    """Heading under which it is offered."""
    source: str
    """The paper or page that the method comes from; may be empty."""
    controls: tuple[str, ...]
    """Settings fields that this strategy uses beyond those that every strategy uses."""
    restarts: tuple[str, ...]
    """Fields, beyond `RESTARTS`, whose change begins a new run under this strategy."""
    defaults: dict[str, Any]
    """Settings fields that choosing this strategy sets."""
    locked: dict[str, str]
    """Layer -> why it cannot be unlocked under this strategy."""
    frozen: tuple[str, ...]
    """Layers frozen until the user unlocks them."""
    focus: tuple[str, ...]
    """The only layers worth showing; empty: all."""
    note: str = ""
    """What to know of it, where no lesson says it: a few sentences."""
    not_comparable: str = ""
    """Why it cannot race with others; empty: it can."""


def restarting(info: StrategyInfo | None) -> frozenset[str]:
    """Settings fields whose change begins a new run; None: the strategy is not known yet."""
    return RESTARTS if info is None else RESTARTS.union(info.restarts)


@dataclass(frozen=True, slots=True)
class TaskInfo:
    """What the window must know of one task to offer it."""

    name: str
    label: str
    source: str
    """What the network was pretrained on."""
    target: str
    """What it is fine-tuned for."""
    classes: tuple[str, ...]
    """Names of the target's classes, in the order of the head's outputs."""
    shares_head: bool
    """Whether source and target have the same classes, so that the old head serves."""
    features: tuple[str, ...] = ()
    """Names of the network's inputs, the columns of layer 1; empty: components without names."""
    no_drawing: str = ""
    """Why a sample of it cannot be drawn, without a full stop; empty: it can."""


@dataclass(frozen=True, slots=True)
class CostModel:
    """A published model that the cost calculator knows."""

    name: str
    label: str
    parameters: int
    width: int
    context: int
    projections: tuple[str, ...]
    """Names of the matrices of one block: q, k, v, o, up, down …"""
    source: str
    """Where its shape is published."""
    dimensions: dict[str, Any]
    """What one would type to describe it: `dimensions` of a plan."""


@dataclass(frozen=True, slots=True)
class CostMethod:
    """A method that the cost calculator knows."""

    name: str
    label: str
    uses: tuple[str, ...]
    """Fields of the plan that it reads."""
    targets: tuple[str, ...]
    """Projections that it changes unless told otherwise."""
    rank: int


@dataclass(frozen=True, slots=True)
class CostFamily:
    """Models that are alike in what stands around their blocks."""

    name: str
    label: str
    note: str
    """What stands there, in words."""
    gated: bool
    biases: bool
    """What their blocks have unless told otherwise."""


@dataclass(frozen=True, slots=True)
class CostCatalogue:
    """Models, methods and precisions of the cost calculator."""

    models: tuple[CostModel, ...]
    methods: tuple[CostMethod, ...]
    precisions: tuple[int, ...]
    families: tuple[CostFamily, ...]
    """Of models that are typed in."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The first message of a new engine: it is ready, and this is what it offers."""

    strategies: tuple[StrategyInfo, ...]
    tasks: tuple[TaskInfo, ...]
    cost: CostCatalogue | None = None
    """What the cost calculator offers."""
