"""Learning-rate schedules, for the steps and for the window's curve: a warm-up, then a course."""

from __future__ import annotations

import math

from engine.protocol.settings import Settings

SLANTED_RISE = 0.1
"""Share of the steps in which the slanted triangle rises."""
SLANTED_RATIO = 32
"""Ratio of the slanted triangle's peak to its start and end."""


def schedule_factor(settings: Settings, step: int) -> float:
    """Return the factor of the learning rate at a step, 0…1.

    Args: settings: of the run.  step: steps taken before it; the first step is 0.
    Source: linear and cosine with warm-up as in transformers' get_*_schedule_with_warmup (the first
    of several warm-up steps has rate zero); slanted: arXiv:1801.06146 §3.2.
    """
    total, warmup = settings.total_steps, settings.warmup_steps
    if settings.schedule == "slanted":
        assert total is not None
        return _slanted(step, total)
    if step < warmup:
        return step / warmup
    if settings.schedule == "constant":
        return 1.0
    assert total is not None
    done = min(1.0, (step - warmup) / max(1, total - warmup))
    if settings.schedule == "linear":
        return 1.0 - done
    return 0.5 * (1.0 + math.cos(math.pi * done))


def _slanted(step: int, total: int) -> float:
    cut = math.floor(total * SLANTED_RISE)
    if step < cut:
        height = step / cut
    else:
        height = 1 - (step - cut) / max(1, total - cut)
    return (1 + max(0.0, height) * (SLANTED_RATIO - 1)) / SLANTED_RATIO
