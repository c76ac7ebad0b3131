"""How soon the window stands, and what drawing costs the engine.

`python -m tests.benchmarks.window` prints one table; every figure is a ratio of things that were
measured in turns.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 7
MEASURED_SECONDS = 5
BARE_IMPORTS = "import torch, PySide6.QtWidgets, pyqtgraph"
FIRST_PAINT = """
import os, sys, time

import gui.window
from PySide6.QtCore import QTimer

class First(gui.window.Window):
    def paintEvent(self, event):
        QTimer.singleShot(0, self.tell)  # runs when this paint and its children's are done
        super().paintEvent(event)

    def tell(self):
        drawn = self._session.frame.layers[0].weight.any()
        print(time.time() if drawn else "no W", flush=True)
        self._session.close()
        os._exit(0)

if __name__ == "__main__":
    gui.window.Window = First
    from engine.protocol.command_line import parse
    from gui.app import run
    run(parse([]))
"""


def _environment() -> dict[str, str]:
    return {"QT_QPA_PLATFORM": "offscreen", **os.environ}


def _seconds_to_first_paint() -> float:
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-c", FIRST_PAINT], cwd=ROOT, env=_environment(),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(done.stdout) - began


def _seconds_of_bare_imports() -> float:
    began = time.time()
    subprocess.run([sys.executable, "-c", BARE_IMPORTS], env=_environment(), check=True)
    return time.time() - began


def _start_ratio() -> float:
    ratios = [_seconds_to_first_paint() / _seconds_of_bare_imports() for _ in range(ROUNDS)]
    return statistics.median(ratios)


def _measured(strategy: str) -> dict:
    done = subprocess.run(
        [sys.executable, "main.py", "--strategy", strategy, "--measure", str(MEASURED_SECONDS)],
        cwd=ROOT, env=_environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def main() -> None:
    """Print the table."""
    print("| what | figure | wanted |\n|-|-|-|")
    print(f"| first painted window with W / bare imports | {_start_ratio():.2f} | < 0.50 |")
    for strategy in ("full", "lora"):
        figures = _measured(strategy)
        ratio = figures["steps_per_second"] / figures["headless_steps_per_second"]
        print(f"| {strategy}: steps/s drawing at 60 Hz / headless | {ratio:.2f} | ≥ 0.80 |")
        print(f"| {strategy}: frame interval, paint (ms) | {figures['frame_ms']}, "
              f"{figures['paint_ms']} | p95 ≤ 20 |")  # fmt: skip


if __name__ == "__main__":
    main()
