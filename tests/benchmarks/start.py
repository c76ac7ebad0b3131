"""How soon the window stands with W in it, against what its parts take to be imported alone."""

from __future__ import annotations

import time

from tests.benchmarks.figures import Figure, at_most, median, ratios_in_turns, seen
from tests.benchmarks.processes import BARE_IMPORTS, run, run_json

ROUNDS = 7


def figures() -> list[Figure]:
    """One ratio."""
    opened: list[float] = []
    bare: list[float] = []

    def to_first_paint() -> float:
        began = time.time()
        opened.append(run_json("-m", "tests.benchmarks.inside", "first_paint") - began)
        return opened[-1]

    def to_bare_imports() -> float:
        began = time.time()
        run("-c", BARE_IMPORTS)
        bare.append(time.time() - began)
        return bare[-1]

    ratios = ratios_in_turns(to_first_paint, to_bare_imports, ROUNDS)
    return [
        seen("start to the first painted window with W", median(opened), "s"),
        seen(f"`{BARE_IMPORTS}`", median(bare), "s"),
        at_most("start / bare imports", median(ratios), 0.5),
    ]
