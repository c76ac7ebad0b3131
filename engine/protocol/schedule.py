"""How the learning rate goes over a run: one formula for the steps taken and the curve drawn."""

from __future__ import annotations

import math

from engine.protocol.settings import Settings

SLANT = 0.1
"""Share of the steps over which the slanted triangle rises."""
SLANT_RATIO = 32.0
"""The slanted triangle begins and ends at this part of the rate."""


def rate_factor(settings: Settings, step: int) -> float:
    """By what the learning rate is multiplied in the step after `step` steps, 0…1.

    Beyond `total_steps` it stays where it ended: at 0, or at 1/32 for the slanted triangle.

    Source: linear and cosine as transformers' get_*_schedule_with_warmup; the slanted triangle
    arXiv:1801.06146 §3.3.
    """
    if settings.schedule == "slanted":
        return _slanted(settings, step)
    if step < settings.warmup_steps:
        return step / settings.warmup_steps
    if settings.schedule == "constant" or settings.total_steps is None:
        return 1.0
    falling = settings.total_steps - settings.warmup_steps
    done = min((step - settings.warmup_steps) / falling, 1.0) if falling > 0 else 1.0
    return 1.0 - done if settings.schedule == "linear" else 0.5 * (1.0 + math.cos(math.pi * done))


def _slanted(settings: Settings, step: int) -> float:
    total = settings.total_steps or 1
    cut = max(math.floor(total * SLANT), 1)
    height = step / cut if step < cut else 1.0 - (step - cut) / (cut * (1.0 / SLANT - 1.0))
    return (1.0 + max(height, 0.0) * (SLANT_RATIO - 1.0)) / SLANT_RATIO
