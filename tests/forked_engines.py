"""Engine processes that are forked from one that has torch: they begin at once."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch


@contextmanager
def forked_engines() -> Iterator[None]:
    """Within it, `EngineHost` forks its engines, where the system can.

    Each is a process of its own all the same; what it does not import again is torch. How the
    program starts its own, tests/engine/protocol/test_host.py sees.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        yield
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["torch", "safetensors.torch"])
    with patch("engine.protocol.host.multiprocessing") as replaced:
        replaced.get_context.return_value = context
        yield
