"""How many threads torch is given: as many as make a step faster and leave the window its own."""

from __future__ import annotations

import os

MANY = 1_000_000
"""Body weights from which on a matrix product is worth being shared out."""


def threads_for(body_weights: int) -> int:
    """Threads for a network of this size, the same ones for as long as the run goes on.

    One is about four times as fast as several for matrices as small as the lessons'. For large
    ones it is half of the cores: threads wait for one another by spinning, so that one that has
    to share its core holds them all up. With two threads on two cores that other programs used as
    well, a step of 12 layers of 768 × 768 took 9 to 88 times as long as with one.
    """
    return 1 if body_weights < MANY else max(1, _cores() // 2)


def _cores() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
