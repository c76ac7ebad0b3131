"""Comparison frames for tests, made without the engine."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec.structs import replace

from engine.protocol.messages import ComparedLayer, ComparisonFrame, ComparisonRow, Curves
from engine.protocol.settings import Settings

SHAPES = {"layer1": (40, 30), "layer2": (40, 40), "layer3": (40, 40)}


def row(settings: Settings, step: int = 60, change: float = 0.1, **changes: Any) -> ComparisonRow:
    """Return a row whose accuracies meet half-way. Args: changes: any fields of ComparisonRow."""
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
        target_accuracy=0.8,
        source_accuracy=0.8,
        start_source_accuracy=0.95,
        trainable_parameters=4810,
        stored_bytes=19240,
        seconds=0.05,
        layers=layers,
        curves=curves,
    )
    return replace(made, **changes)


def comparison(
    *rows: ComparisonRow, number: int = 1, steps: int = 60, running: bool = False
) -> ComparisonFrame:
    """Return a comparison of these rows."""
    return ComparisonFrame(number, steps, running, rows)
