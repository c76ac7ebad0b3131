"""Answers and catalogue of the cost calculator: the same figures for the window and for JSON."""

from __future__ import annotations

import dataclasses
from typing import Any

from engine.cost.cost import EXCLUDED, METHODS, Cost, CostPlan, compute_cost
from engine.cost.model_shapes import FAMILIES, MODELS
from engine.model.bits import PRECISIONS
from engine.protocol.messages import (
    CostCatalogue,
    CostEstimate,
    CostFamily,
    CostMethod,
    CostModel,
    EstimateCost,
)
from engine.protocol.settings import SettingsError


def estimate_cost(question: EstimateCost) -> CostEstimate:
    """Return the plan's cost, or what is wrong with the plan. Args: question: with the plan."""
    try:
        plan = CostPlan.from_mapping(question.plan)
    except SettingsError as error:
        return CostEstimate(question.plan, {}, f"must be {error.allowed}", error.field)
    return CostEstimate(question.plan, cost_values(plan))


def cost_values(plan: CostPlan) -> dict[str, Any]:
    """Return the plan and its cost as plain data, in counts and bytes. Args: plan: to compute."""
    result = compute_cost(plan)
    dimensions = plan.dimensions
    copies, adapters = tasks_bytes(plan, result)
    return {
        "preset": plan.preset,
        "dimensions": None if dimensions is None else dataclasses.asdict(dimensions),
        "method": plan.method,
        **used_fields(plan),
        "precision": plan.precision,
        "trainable_parameters": result.trainable_parameters,
        "total_parameters": result.total_parameters,
        "added_parameters": result.added_parameters,
        "checkpoint_bytes": result.checkpoint_bytes,
        "memory_bytes": result.memory_bytes,
        "memory": {**_memory(result), "excluded": EXCLUDED},
        "full_memory": _memory(compute_cost(_in_full(plan))),
        "tasks": {"count": plan.tasks, "copies_bytes": copies, "adapters_bytes": adapters},
        "source": plan.model.source,
        "method_source": METHODS[plan.method].source,
    }


def used_fields(plan: CostPlan) -> dict[str, Any]:
    """Return what its method reads of a plan, field -> value. Args: plan: with its method."""
    return {field: getattr(plan, field) for field in METHODS[plan.method].uses}


def tasks_bytes(plan: CostPlan, result: Cost) -> tuple[int, int]:
    """Return the bytes of all tasks as full copies, and as one model with small files.

    Args: plan: with the number of tasks.  result: its cost.
    """
    copies = plan.tasks * result.copy_bytes
    if plan.method == "full":
        return copies, copies
    return copies, result.model_bytes + plan.tasks * result.checkpoint_bytes


def catalogue() -> CostCatalogue:
    """Return the models, methods and precisions that the calculator knows."""
    return CostCatalogue(
        models=tuple(
            CostModel(
                name=name,
                label=model.label,
                width=model.dimensions.width,
                projections=tuple(projection.name for projection in model.projections),
                source=model.source,
                dimensions=dataclasses.asdict(model.dimensions),
            )
            for name, model in MODELS.items()
        ),
        methods=tuple(
            CostMethod(name, method.label, method.uses, method.targets, method.rank)
            for name, method in METHODS.items()
        ),
        precisions=PRECISIONS,
        families=tuple(
            CostFamily(name, family.label, family.note, family.gated, family.biases)
            for name, family in FAMILIES.items()
        ),
    )


def _in_full(plan: CostPlan) -> CostPlan:
    """Return the plan of full fine-tuning, with weights as precise as training them needs."""
    return dataclasses.replace(plan, method="full", precision=max(plan.precision, 16))


def _memory(result: Cost) -> dict[str, int]:
    return {
        "model_bytes": result.model_bytes,
        "added_bytes": result.added_bytes,
        "gradient_bytes": result.gradient_bytes,
        "optimizer_bytes": result.optimizer_bytes,
    }
