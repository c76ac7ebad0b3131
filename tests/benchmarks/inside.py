"""Runs a benchmark that looks at a window from inside: `python -m tests.benchmarks.inside NAME …`.

It imports nothing by itself: the engine's process imports the module anew that the window's
process began with, and Qt must not come along.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module


def main() -> None:
    """Print what the benchmark answers, as JSON."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    name, *arguments = sys.argv[1:]
    module = import_module(f"tests.benchmarks.{name}")
    print(json.dumps(module.measure(*map(json.loads, arguments))))


if __name__ == "__main__":
    main()
