"""How soon a user sees what an input does, while the engine trains as fast as it goes."""

from __future__ import annotations

from tests.benchmarks.figures import Figure, milliseconds
from tests.benchmarks.processes import run_json

INPUTS = 100
"""Of each kind, in turns."""


def figures() -> list[Figure]:
    """Percentiles for each kind of input."""
    found = run_json("-m", "tests.benchmarks.inside", "answering", str(INPUTS))
    rows = []
    for name, seconds in found.items():
        rows += milliseconds(f"{name}: input to the engine's answer", seconds["answered"], {99: 50})
        rows += milliseconds(f"{name}: input to the widget itself", seconds["shown"])
    return rows
