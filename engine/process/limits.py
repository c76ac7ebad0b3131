"""Limits of the engine process: how much it keeps, and how often it reports."""

from __future__ import annotations

from dataclasses import dataclass

from engine.history.history import LIMITS as HISTORY_LIMITS, HistoryLimits


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """Limits of one engine."""

    history: HistoryLimits = HISTORY_LIMITS
    max_earlier_bytes: int = 256 * 2**20
    """Size of all runs before the present one together."""
    measurement_seconds: float = 0.1
    """Between two measurements while training goes on, at least: text is not read faster."""
    checkpoint_seconds: float = 2.0
    """Between two states sent to the window, at least, while it trains."""
    max_checkpoint_bytes: int = 32 * 2**20
    """Size of the largest state that is sent to the window."""


LIMITS = EngineLimits()
