"""How soon the window stands with W in it, against what its parts take to be imported alone."""

from __future__ import annotations

import time

from tests.benchmarks.figures import Figure, at_most, median, ratios_in_turns, seen
from tests.benchmarks.processes import BARE_IMPORTS, run

ROUNDS = 7
FIRST_PAINT = """
import os, sys, time

import gui.window
from PySide6.QtCore import QTimer

class First(gui.window.Window):
    def paintEvent(self, event):
        QTimer.singleShot(0, self.tell)  # runs when this paint and its children's are done
        super().paintEvent(event)

    def tell(self):
        drawn = self._session.state.frame.layers[0].weight.any()
        print(time.time() if drawn else "no W", flush=True)
        self._session.close()
        os._exit(0)

if __name__ == "__main__":
    gui.window.Window = First
    from engine.protocol.command_line import parse
    from gui.app import run
    run(parse([]))
"""


def figures() -> list[Figure]:
    """One ratio."""
    opened: list[float] = []
    bare: list[float] = []

    def to_first_paint() -> float:
        began = time.time()
        opened.append(float(run("-c", FIRST_PAINT)) - began)
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
