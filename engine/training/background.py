"""Background thread: does what takes long of a large network, on a copy, while steps go on."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

LOWEST_PRIORITY = 19
"""Niceness of the thread: where cores are short, steps and painting come first."""

Result = TypeVar("Result")


def submit(work: Callable[[], Result]) -> Future[Result]:
    """Do something on the background thread. Args: work: reads nothing that a step changes."""
    return _pool.submit(work)


def _stand_back() -> None:
    if sys.platform == "linux":  # alone there a thread has a niceness of its own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST_PRIORITY)


_pool = ThreadPoolExecutor(1, "deltaw-background", initializer=_stand_back)
