"""Runs of the methods on the guide's setups, and what is read off them."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from typing import Any, NamedTuple

from engine.analysis.stored_bytes import BYTES_PER_NUMBER, stored_bytes
from engine.pretraining import load_pretrained
from engine.protocol.settings import Settings
from engine.protocol.shipped import RESOURCES
from engine.strategies import STRATEGIES
from engine.training.run import Run

STEPS = 300
"""Of every run, as the page's buttons take them."""
EVALUATION_INTERVAL = 5
"""Steps between two evaluations, of which the best one counts."""
DECIMALS = 4
"""Decimals of a share: a test split has some hundred samples."""


class RunFigures(NamedTuple):
    """Figures of one run, as shares; the names are those of `SetupFigures`."""

    target: float
    past_best: float
    forgetting: float
    forgetting_kept_head: float


def read_guide() -> tuple[dict[str, Mapping[str, Any]], tuple[str, ...]]:
    """Return the guide's setups, name -> settings, and its methods, in order."""
    guide = tomllib.loads((RESOURCES / "choices.toml").read_text(encoding="utf-8"))
    setups = {setup["name"]: setup["settings"] for setup in guide["setup"]}
    return setups, tuple(method["strategy"] for method in guide["method"])


def settings_of(strategy: str, setup: Mapping[str, Any], seed: int) -> Settings:
    """Return the settings of a run. Args: strategy: its name.  setup: fields.  seed: of the run."""
    changes = {**setup, **STRATEGIES[strategy].defaults, "strategy": strategy, "seed": seed}
    return Settings.from_mapping(changes)


def measure(settings: Settings) -> RunFigures:
    """Train for `STEPS` steps, and return how it went. Args: settings: of the run."""
    run = Run(settings, load_pretrained)
    start, best = run.evaluator.at_start, 0.0
    now = start
    for step in range(1, STEPS + 1):
        run.step()
        if step % EVALUATION_INTERVAL == 0:
            now = run.evaluator.measure()
            best = max(best, now.target_accuracy or 0.0)
    target = now.target_accuracy or 0.0
    source, old_head = (
        (
            start.source_accuracy - now.source_accuracy,
            start.source_accuracy_kept_head - now.source_accuracy_kept_head,
        )
        if run.strategy.pretrained
        else (math.nan, math.nan)
    )
    figures = (target, best - target, source, old_head)
    return RunFigures(*(round(value, DECIMALS) + 0.0 for value in figures))


def keeps_head(strategy: str) -> bool:
    """Return whether a method starts from the pretrained head where that would serve.

    Args: strategy: its name.
    """
    return STRATEGIES[strategy].pretrained and not STRATEGIES[strategy].new_head


def count_stored_parameters(strategy: str) -> int:
    """Return the parameters that one task stores in the lessons' network, its head included.

    Args: strategy: its name.
    """
    run = Run(settings_of(strategy, {}, seed=0), load_pretrained)
    return stored_bytes(run) // BYTES_PER_NUMBER
