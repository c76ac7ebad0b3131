"""Answers and catalogue of the cost calculator: the same figures for the window and as text."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from typing import Any

from engine.cost.cost import EXCLUDED, Cost, compute_cost, gpus_needed
from engine.cost.model_shapes import FAMILIES, MAX_DIMENSIONS
from engine.cost.plan import ADAPTER_BYTES, METHODS, CostPlan
from engine.cost.presets import MODELS
from engine.cost.training_state import STATES
from engine.model.bits import PRECISIONS
from engine.protocol.catalogue import (
    CostCatalogue,
    CostFamily,
    CostMethod,
    CostModel,
    CostState,
)
from engine.protocol.command_line import collect_cost_plan, print_error
from engine.protocol.messages import CostEstimate, EstimateCost
from engine.protocol.settings import SettingsError
from engine.protocol.sizes import byte_text, gpu_text

_MEMORY_FIELDS = (
    "precision", "bytes_per_parameter", "batch_size", "sequence_length", "checkpointing",
)  # fmt: skip
"""Fields of a plan that every method reads."""


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
    # With weights as precise as training them needs.
    in_full = dataclasses.replace(
        plan, method="full", precision=max(plan.precision, 16), adapter_bytes=None
    )
    return {
        "preset": plan.preset,
        "dimensions": None if dimensions is None else dataclasses.asdict(dimensions),
        "method": plan.method,
        **used_fields(plan),
        **{field: getattr(plan, field) for field in _MEMORY_FIELDS},
        "trainable_parameters": result.trainable_parameters,
        "total_parameters": result.total_parameters,
        "added_parameters": result.added_parameters,
        "checkpoint_bytes": result.checkpoint_bytes,
        "state_bytes": result.state_bytes,
        "memory_bytes": result.memory_bytes,
        "memory": {**_memory(result), "excluded": EXCLUDED},
        "full_memory": _memory(compute_cost(in_full)),
        "gpus": {str(size): count for size, count in gpus_needed(result.memory_bytes).items()},
        "tasks": {"count": plan.tasks, "copies_bytes": copies, "adapters_bytes": adapters},
        "source": plan.model.source,
        "method_source": METHODS[plan.method].source,
        "method_note": METHODS[plan.method].note,
        "state_label": plan.state.label,
        "state_source": plan.state.source,
    }


def used_fields(plan: CostPlan) -> dict[str, Any]:
    """Return what its method reads of a plan, field -> value. Args: plan: with its method."""
    return {field: getattr(plan, field) for field in METHODS[plan.method].uses}


def tasks_bytes(plan: CostPlan, result: Cost) -> tuple[int, int]:
    """Return all tasks' bytes, as full copies and as small files. Args: plan, result: its cost."""
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
                projections=tuple(projection.name for projection in model.targets),
                source=model.source,
                dimensions=dataclasses.asdict(model.dimensions),
            )
            for name, model in MODELS.items()
        ),
        methods=tuple(
            CostMethod(name, method.label, method.uses, method.targets, method.rank, method.note)
            for name, method in METHODS.items()
        ),
        precisions=PRECISIONS,
        families=tuple(
            CostFamily(
                name,
                family.label,
                family.note,
                family.gated,
                family.biases,
                family.tied,
                family.fused,
            )
            for name, family in FAMILIES.items()
        ),
        states=tuple(CostState(size, state.label, state.source) for size, state in STATES.items()),
        adapter_bytes=ADAPTER_BYTES,
    )


def _memory(result: Cost) -> dict[str, int]:
    return {
        "model_bytes": result.model_bytes,
        "cast_bytes": result.cast_bytes,
        "added_bytes": result.added_bytes,
        "gradient_bytes": result.gradient_bytes,
        "second_copy_bytes": result.second_copy_bytes,
        "optimizer_bytes": result.optimizer_bytes,
        "activation_bytes": result.activation_bytes,
        "logit_bytes": result.logit_bytes,
    }


# ---------------------------------------------------------------- on the command line


def print_cost(options: argparse.Namespace) -> int:
    """Print what a plan costs. Args: options: as parsed.  Returns: the exit code."""
    given = collect_cost_plan(options)
    problem = _describe_model_problem(given)
    if problem:
        return print_error(problem)
    try:
        plan = CostPlan.from_mapping(given)
    except SettingsError as error:
        return print_error(error)
    text = json.dumps(cost_values(plan), allow_nan=False) if options.json else _cost_text(plan)
    sys.stdout.write(text + "\n")
    return 0


def _describe_model_problem(given: dict[str, Any]) -> str:
    """Return why it is not clear which model is meant; empty: it is."""
    typed = given.get("dimensions")
    if "preset" in given and typed:
        return f"--preset: names a model, and --{next(iter(typed))} types one in; give only one"
    if "preset" not in given and not typed:
        known = ", ".join(MODELS)
        wanted = ", ".join(f"--{name}" for name in MAX_DIMENSIONS)
        return f"--preset: is missing; it must be one of {known}, or type a model in with {wanted}"
    missing = [f"--{name}" for name in MAX_DIMENSIONS if typed and name not in typed]
    return f"{', '.join(missing)}: missing for a typed-in model" if missing else ""


def _cost_text(plan: CostPlan) -> str:
    method, model, result = METHODS[plan.method], plan.model, compute_cost(plan)
    how = [f"{field.replace('_', ' ')} {_value_text(v)}" for field, v in used_fields(plan).items()]
    copies, adapters = tasks_bytes(plan, result)
    share = result.trainable_parameters / result.total_parameters
    many = f"{byte_text(copies)} as {plan.tasks:,} full copies"
    if plan.method != "full":
        many += f", {byte_text(adapters)} as one model and {plan.tasks:,} small files"
    again = ", checkpointing" if plan.checkpointing else ""
    lines = [
        ", ".join([f"{method.label} on {model.label}", *how, f"{plan.precision}-bit weights"]),
        f"trainable   {result.trainable_parameters:,} of {result.total_parameters:,} ({share:.3%})",
        f"checkpoint  {_file_text(plan, result.checkpoint_bytes)} per task",
        f"memory      at least {byte_text(result.memory_bytes)} with {plan.batch_size:,} × "
        f"{plan.sequence_length:,} tokens{again}",
        *_memory_lines(plan, result),
        f"            not counted: {EXCLUDED}",
        f"fits        {gpu_text(gpus_needed(result.memory_bytes))}",
        f"tasks       {many}",
        f"shapes      {model.source}",
    ]
    if method.note:
        lines.append(f"note        {method.note}")
    return "\n".join(lines)


def _file_text(plan: CostPlan, size: int) -> str:
    """Return what a task's file takes; of an adapter with either size of its parameters."""
    if plan.adapter_bytes is None or not METHODS[plan.method].adds:
        return byte_text(size)
    sizes = (f"{byte_text(size * each // plan.adapter_bytes)} in {8 * each} bits"
             for each in ADAPTER_BYTES)  # fmt: skip
    return " or ".join(sizes)


def _memory_lines(plan: CostPlan, result: Cost) -> list[str]:
    """Return what the memory is made of: the model, what trains, and a batch."""
    model = {
        "model": result.model_bytes,
        "cast to float32": result.cast_bytes,
        "added": result.added_bytes,
    }
    training = {
        "gradients": result.gradient_bytes,
        "second copies": result.second_copy_bytes,
        "Adam": result.optimizer_bytes,
    }
    batch = {"activations about": result.activation_bytes, "logits": result.logit_bytes}
    per_parameter = f"{plan.bytes_per_parameter} bytes a trained parameter: {plan.state.source}"
    lines = _parts_text(model), f"{_parts_text(training)} ({per_parameter})", _parts_text(batch)
    return [" " * 12 + line for line in lines]


def _parts_text(parts: dict[str, int]) -> str:
    return ", ".join(f"{name} {byte_text(size)}" for name, size in parts.items() if size)


def _value_text(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)
