"""The command line's `cost`: what fine-tuning a large model takes, without the model."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from engine.analysis.cost import EXCLUDED, METHODS, Cost, Plan, cost
from engine.analysis.model_shapes import MODELS
from engine.protocol.command_line import chosen_plan, complain
from engine.protocol.settings import SettingsError

TASKS = 10


def print_cost(options: argparse.Namespace) -> int:
    """Print what a plan costs. Returns: the exit code."""
    given = chosen_plan(options)
    if "preset" not in given:
        return complain(f"--preset: is missing; it must be one of {', '.join(MODELS)}")
    try:
        plan = Plan(**given)
    except SettingsError as error:
        return complain(error)
    result = cost(plan)
    sys.stdout.write((_as_json(plan, result) if options.json else _as_text(plan, result)) + "\n")
    return 0


def _ten_tasks(plan: Plan, result: Cost) -> tuple[int, int]:
    """Bytes of ten tasks as ten copies, and as one model with what each task trained."""
    copies = TASKS * result.copy_bytes
    if plan.method == "full":
        return copies, copies
    return copies, result.model_bytes + TASKS * result.checkpoint_bytes


def _used(plan: Plan) -> dict[str, Any]:
    return {field: getattr(plan, field) for field in METHODS[plan.method].uses}


def _as_json(plan: Plan, result: Cost) -> str:
    copies, adapters = _ten_tasks(plan, result)
    return json.dumps(
        {
            "preset": plan.preset,
            "method": plan.method,
            **_used(plan),
            "precision": plan.precision,
            "trainable_parameters": result.trainable_parameters,
            "total_parameters": result.total_parameters,
            "added_parameters": result.added_parameters,
            "checkpoint_bytes": result.checkpoint_bytes,
            "memory_bytes": result.memory_bytes,
            "memory": {
                "model_bytes": result.model_bytes,
                "added_bytes": result.added_bytes,
                "gradient_bytes": result.gradient_bytes,
                "optimizer_bytes": result.optimizer_bytes,
                "excluded": EXCLUDED,
            },
            "ten_tasks": {"copies_bytes": copies, "adapters_bytes": adapters},
            "source": plan.model.source,
        },
        allow_nan=False,
    )


def _as_text(plan: Plan, result: Cost) -> str:
    method, model = METHODS[plan.method], plan.model
    how = [f"{field} {_words(value)}" for field, value in _used(plan).items()]
    copies, adapters = _ten_tasks(plan, result)
    share = result.trainable_parameters / result.total_parameters
    tenfold = f"{_size(copies)} as ten copies"
    if plan.method != "full":
        tenfold += f", {_size(adapters)} as one model and ten small files"
    return "\n".join([
        ", ".join([f"{method.label} on {model.label}", *how, f"{plan.precision}-bit weights"]),
        f"trainable   {result.trainable_parameters:,} of {result.total_parameters:,} ({share:.3%})",
        f"checkpoint  {_size(result.checkpoint_bytes)} per task",
        f"memory      {_size(result.memory_bytes)}: model {_size(result.model_bytes)}, "
        f"added {_size(result.added_bytes)}, gradients {_size(result.gradient_bytes)}, "
        f"Adam {_size(result.optimizer_bytes)}",
        f"            not counted: {EXCLUDED}",
        f"ten tasks   {tenfold}",
        f"shapes      {model.source}",
    ])  # fmt: skip


def _words(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _size(count: int) -> str:
    """In the decimal unit that leaves one to three digits before the point."""
    value, units = float(count), ["bytes", "kB", "MB", "GB", "TB"]
    while value >= 999.5 and len(units) > 1:
        value /= 1000
        del units[0]
    return f"{count} bytes" if units[0] == "bytes" else f"{value:.3g} {units[0]}"
