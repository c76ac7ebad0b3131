"""Comparison frames for tests, made without the engine."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec.structs import replace

from engine.protocol.comparison import SampleHits
from engine.protocol.frames import SplitFacts
from engine.protocol.messages import (
    ComparedLayer,
    ComparisonFrame,
    ComparisonRow,
    Curves,
    SeedResult,
)
from engine.protocol.settings import Settings

SHAPES = {"layer1": (40, 30), "layer2": (40, 40), "layer3": (40, 40)}


TESTED = SplitFacts(400, 10, 0.1)


def result(seed: int = 0, **changes: Any) -> SeedResult:
    """Return what a run with a seed came to. Args: changes: any fields of SeedResult."""
    made = SeedResult(
        seed=seed,
        target_accuracy=0.8,
        source_accuracy=0.8,
        source_accuracy_kept_head=0.85,
        start_source_accuracy=0.95,
        start_source_accuracy_kept_head=0.95,
        validation_accuracy=0.75,
    )
    return replace(made, **changes)


def hits(target: float | None, source: float, kept: float) -> SampleHits:
    """Return hits of these shares: of each split the first samples."""
    return SampleHits(None if target is None else _first(target), _first(source), _first(kept))


def _first(share: float) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.arange(TESTED.samples) < round(share * TESTED.samples)


def row(
    settings: Settings,
    step: int = 60,
    change: float = 0.1,
    further: tuple[SeedResult, ...] = (),
    **changes: Any,
) -> ComparisonRow:
    """Return a row whose accuracies meet half-way.

    Args: further: results of further seeds.  changes: any fields of ComparisonRow or SeedResult.
    """
    of_result = {
        name: changes.pop(name) for name in SeedResult.__struct_fields__ if name in changes
    }
    own = result(settings.seed, **of_result)
    steps = np.arange(step + 1, dtype=np.int64)
    risen = np.linspace(0.2, 0.8, step + 1).astype(np.float32)
    curves = Curves(
        steps=steps,
        train_loss=1 - risen,
        validation_loss=1 - risen,
        target_accuracy=risen,
        source_accuracy=1 - risen / 4,
        source_accuracy_kept_head=1 - risen / 4,
        validation_accuracy=risen,
        relative_change=np.zeros((step + 1, 4), np.float32),
    )
    layers = tuple(
        ComparedLayer(name, np.full(shape, change, np.float32), change)
        for name, shape in SHAPES.items()
    )
    made = ComparisonRow(
        settings=settings,
        step=step,
        results=(own, *further),
        hits=hits(own.target_accuracy, own.source_accuracy, own.source_accuracy_kept_head),
        start_hits=hits(0.1, own.start_source_accuracy, own.start_source_accuracy_kept_head),
        trainable_parameters=4810,
        stored_bytes=19240,
        seconds=0.05,
        layers=layers,
        curves=curves,
        target_test=TESTED,
        source_test=TESTED,
        validation=replace(TESTED, samples=100),
    )
    return replace(made, **changes)


def comparison(
    *rows: ComparisonRow, number: int = 1, steps: int = 60, running: bool = False, **changes: Any
) -> ComparisonFrame:
    """Return a comparison of these rows. Args: changes: any fields of ComparisonFrame."""
    return replace(ComparisonFrame(number, steps, running, rows), **changes)
