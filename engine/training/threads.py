"""Number of torch's threads: as many as make a step faster and leave the window its own core."""

from __future__ import annotations

import os

MIN_MULTITHREADED_WEIGHTS = 1_000_000
"""Body weights from which on several threads make a matrix product faster."""


def choose_thread_count(body_weights: int, cores: int | None = None) -> int:
    """Return the number of threads for a network, constant for as long as the run goes on.

    One is about four times as fast as several for matrices as small as the lessons'. For large ones
    it is half of the cores: threads wait for one another by spinning, so that one that has to share
    its core holds them all up. With two threads on two cores that other programs used as well, a
    step of 12 layers of 768 × 768 took 9 to 88 times as long as with one.

    Args: body_weights: of the network.  cores: of the machine; None: those that this process may
    use.
    """
    if body_weights < MIN_MULTITHREADED_WEIGHTS:
        return 1
    return max(1, (_usable_cores() if cores is None else cores) // 2)


def _usable_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
