"""How soon any step of a long run is on the screen."""

from __future__ import annotations

from tests.benchmarks.figures import Figure, milliseconds
from tests.benchmarks.processes import run_json

STRATEGIES = ("full", "lora", "adalora")
"""Among them the one whose steps take longest."""
SCRUBS = 100


def figures() -> list[Figure]:
    """Percentiles for each strategy."""
    rows = []
    for strategy in STRATEGIES:
        arguments = ("scrubbing", f'"{strategy}"', str(SCRUBS))
        seconds = run_json("-m", "tests.benchmarks.inside", *arguments)
        what = f"{strategy}: drag to any of 10,000 steps until it is painted"
        rows += milliseconds(what, seconds, {50: 150})
    return rows
