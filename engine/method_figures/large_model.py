"""What the methods cost on a large model, by the calculator and two closed forms."""

from __future__ import annotations

from typing import NamedTuple

from engine.cost.cost import compute_cost
from engine.cost.model_shapes import ModelShape
from engine.cost.plan import CostPlan
from engine.cost.presets import MODELS

PRESET = "llama-3-70b"
CLASSES = 10
"""Outputs of a task's head, as in the lessons."""
HEAD_WIDTH = 16
"""Hidden units of a two-layer head, as in the lessons."""
UNLOCKED_BLOCKS = 1 / 3
"""Share of the blocks that train where some are frozen: one of three layers, as in the lessons."""
ADDED_BYTES = 4
"""Of a parameter that is no weight of the model: float32, as PEFT trains and saves it."""
TOKENS = 20
"""Length of a prompt. Source: arXiv:2104.08691 §3."""
_PLANS = {
    "full": CostPlan(preset=PRESET, method="full"),
    "discriminative_rates": CostPlan(preset=PRESET, method="full"),
    "scratch": CostPlan(preset=PRESET, method="full"),
    "adapter": CostPlan(preset=PRESET, method="adapter_houlsby"),
    "lora": CostPlan(preset=PRESET, method="lora"),
    "qlora": CostPlan(preset=PRESET, method="lora", precision=4),
}
"""Methods that the calculator knows; the others train a counted part of the model or beside it."""


class LargeFigures(NamedTuple):
    """Costs of one method; the names are those of `MethodFigures`."""

    memory_bytes: int
    """Without activations."""
    file_bytes: int
    forward_passes: float
    unpacks: bool
    plan: str


def compute_large(strategy: str) -> LargeFigures:
    """Return what a method costs on the large model.

    A step takes one forward pass, as much again to bring the gradient back through a layer, and
    as much again for the gradients of the weights that train there. A frozen layer below all
    that trains takes the forward pass alone; a prompt trains below all of them.

    Args: strategy: name of the method.
    Raises: ValueError: it does not stand in this module.
    Source: arXiv:2001.08361 §2.1: 2 N operations per token forward, 4 N backward.
    """
    model, full = MODELS[PRESET], compute_cost(_PLANS["full"])
    if plan := _PLANS.get(strategy):
        cost = compute_cost(plan)
        added, reach = cost.added_parameters, 1.0
        own = cost.trainable_parameters - added
        memory, file = cost.state_bytes, cost.checkpoint_bytes
    else:
        own, added, reach = _count(strategy, model)
        weight = _PLANS["full"].state.weight
        each = _PLANS["full"].bytes_per_parameter
        memory = full.model_bytes + own * (each - weight) + added * each
        file = own * weight + added * ADDED_BYTES
    passes = 1 + reach + (own + 3 * added) / model.parameters
    return LargeFigures(
        memory, file, round(passes, 3), bool(plan and plan.precision == 4), _plan_text(strategy)
    )


def _count(strategy: str, model: ModelShape) -> tuple[int, int, float]:
    """Return what trains of a model, what is added to it, and how far down the gradient goes.

    Args: strategy: name of a method that the calculator does not know.  model: the large one.
    Returns: parameters, parameters, share of the model's layers 0…1.
    """
    width = model.dimensions.width
    counts = {
        "freeze": (round(UNLOCKED_BLOCKS * model.block_weights), 0, UNLOCKED_BLOCKS),
        "linear_probe": (0, (width + 1) * CLASSES, 0.0),
        "feature_head": (0, (width + 1) * HEAD_WIDTH + (HEAD_WIDTH + 1) * CLASSES, 0.0),
        "prompt": (0, width * TOKENS, 1.0),
    }
    if strategy not in counts:
        raise ValueError(f"{strategy}: nothing says what it trains of a large model")
    return counts[strategy]


def _plan_text(strategy: str) -> str:
    """Return what trains, in words. Args: strategy: name of the method."""
    lora, adapter = _PLANS["lora"], _PLANS["adapter"]
    low_rank = f"rank {lora.rank} on {' and '.join(lora.targets or ())}"
    return {
        "freeze": "a third of the blocks trains",
        "linear_probe": f"a head for {CLASSES} classes",
        "feature_head": f"a head of {HEAD_WIDTH} hidden units for {CLASSES} classes",
        "adapter": f"two adapters of width {adapter.bottleneck} in each block",
        "lora": low_rank,
        "qlora": f"{low_rank}, W in 4 bits",
        "prompt": f"a prompt of {TOKENS} tokens",
    }.get(strategy, "every weight trains")
