"""What drawing costs the engine, and how evenly the window paints, idle and training."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from engine.protocol.settings import Settings
from tests.benchmarks.figures import Figure, at_least, at_most, median, seen
from tests.benchmarks.processes import run_json

ROUNDS = 3
MEASURED_SECONDS = 6
IDLE_SECONDS = 5.0
SMALL, LARGE = "3 × 40×40", "12 × 768×768"
SIZES: dict[str, dict[str, Any]] = {SMALL: {}, LARGE: {"width": 768, "depth": 12}}
LIMITS = {
    SMALL: {"frame_ms": {"p95": 17.5, "p99": 20.0}, "paint_ms": {"p50": 2.0}},
    LARGE: {"frame_ms": {"p95": 34.0}},
}
NAMES = {"frame_ms": "frame interval", "paint_ms": "paint"}


def _measured(size: str, strategy: str) -> dict[str, Any]:
    """What `--measure` says."""
    options = [f"--{name}={value}" for name, value in SIZES[size].items()]
    return run_json("main.py", "--strategy", strategy, "--measure", str(MEASURED_SECONDS), *options)


def _drawing(strategy: str, rounds: list[dict[str, Any]]) -> Figure:
    ratio = median(r["steps_per_second"] / r["headless_steps_per_second"] for r in rounds)
    return at_least(f"{strategy}, {SMALL}: steps/s drawing / headless", ratio, 0.9)


def _pace(size: str, strategy: str, rounds: list[dict[str, Any]]) -> list[Figure]:
    rows = []
    for key, name in NAMES.items():
        for percentile in rounds[0][key]:
            what = f"{strategy}, {size}, training: {name}, {percentile}"
            figure = median(measured[key][percentile] for measured in rounds)
            limit = LIMITS[size].get(key, {}).get(percentile)
            rows.append(
                seen(what, figure, "ms") if limit is None else at_most(what, figure, limit, "ms")
            )
    stalls = median(measured["stalls_over_100ms"] for measured in rounds)
    return [*rows, at_most(f"{strategy}, {size}, training: stalls over 100 ms", stalls, 0)]


def _idle(size: str) -> Figure:
    settings = {"strategy": "lora", **SIZES[size]}
    painted = run_json(
        "-m", "tests.benchmarks.inside", "idling", str(IDLE_SECONDS), json.dumps(settings)
    )
    return at_most(f"{size}, idle: repaints in {IDLE_SECONDS:.0f} s", painted, 0)


def figures() -> list[Figure]:
    """Ratios, intervals and paints; medians over rounds in which strategies take turns."""
    offered = {field.name for field in dataclasses.fields(Settings)}
    rows = []
    for size, settings in SIZES.items():
        if not offered.issuperset(settings):
            rows.append(Figure(f"{size}: no such network here", None))
            continue
        rounds: dict[str, list[dict[str, Any]]] = {"full": [], "lora": []}
        for _ in range(ROUNDS):
            for strategy, measured in rounds.items():
                measured.append(_measured(size, strategy))
        if size == SMALL:
            rows += [_drawing(strategy, measured) for strategy, measured in rounds.items()]
        for strategy, measured in rounds.items():
            rows += _pace(size, strategy, measured)
        rows.append(_idle(size))
    return rows
