"""The command line's `cost`: what fine-tuning a large model takes, without the model."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from engine.cost.answers import tasks_bytes, used, values
from engine.cost.cost import EXCLUDED, METHODS, CostPlan, cost
from engine.cost.model_shapes import LARGEST, MODELS
from engine.protocol.command_line import chosen_plan, complain
from engine.protocol.settings import SettingsError
from engine.protocol.sizes import byte_text


def print_cost(options: argparse.Namespace) -> int:
    """Print what a plan costs. Returns: the exit code."""
    given = chosen_plan(options)
    problem = _unclear_model(given)
    if problem:
        return complain(problem)
    try:
        plan = CostPlan.from_mapping(given)
    except SettingsError as error:
        return complain(error)
    text = json.dumps(values(plan), allow_nan=False) if options.json else _as_text(plan)
    sys.stdout.write(text + "\n")
    return 0


def _unclear_model(given: dict[str, Any]) -> str:
    """Why it is not clear which model is meant; empty: it is."""
    typed = given.get("dimensions")
    if "preset" in given and typed:
        return f"--preset: names a model, and --{next(iter(typed))} types one in; give only one"
    if "preset" not in given and not typed:
        known = ", ".join(MODELS)
        wanted = ", ".join(f"--{name}" for name in LARGEST)
        return f"--preset: is missing; it must be one of {known}, or type a model in with {wanted}"
    missing = [f"--{name}" for name in LARGEST if typed and name not in typed]
    return f"{', '.join(missing)}: missing for a typed-in model" if missing else ""


def _as_text(plan: CostPlan) -> str:
    method, model, result = METHODS[plan.method], plan.model, cost(plan)
    how = [f"{field} {_words(value)}" for field, value in used(plan).items()]
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


def _words(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)
