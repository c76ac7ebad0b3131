"""The command line's `cost`: what fine-tuning a large model takes, without the model."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from engine.cost.answers import cost_values, tasks_bytes, used_fields
from engine.cost.cost import EXCLUDED, METHODS, CostPlan, compute_cost
from engine.cost.model_shapes import MAX_DIMENSIONS, MODELS
from engine.protocol.command_line import collect_cost_plan, print_error
from engine.protocol.settings import SettingsError
from engine.protocol.sizes import byte_text


def print_cost(options: argparse.Namespace) -> int:
    """Print what a plan costs.

    Args: options: as `parse_arguments` returned them.
    Returns: the exit code.
    """
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
    how = [f"{field} {_value_text(value)}" for field, value in used_fields(plan).items()]
    copies, adapters = tasks_bytes(plan, result)
    share = result.trainable_parameters / result.total_parameters
    many = f"{byte_text(copies)} as {plan.tasks:,} full copies"
    if plan.method != "full":
        many += f", {byte_text(adapters)} as one model and {plan.tasks:,} small files"
    return "\n".join([
        ", ".join([f"{method.label} on {model.label}", *how, f"{plan.precision}-bit weights"]),
        f"trainable   {result.trainable_parameters:,} of {result.total_parameters:,} ({share:.3%})",
        f"checkpoint  {byte_text(result.checkpoint_bytes)} per task",
        f"memory      {byte_text(result.memory_bytes)}: model {byte_text(result.model_bytes)}, "
        f"added {byte_text(result.added_bytes)}, gradients {byte_text(result.gradient_bytes)}, "
        f"Adam {byte_text(result.optimizer_bytes)}",
        f"            not counted: {EXCLUDED}",
        f"tasks       {many}",
        f"shapes      {model.source}",
    ])  # fmt: skip


def _value_text(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)
