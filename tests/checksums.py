"""Checksums of every W and W′ after a short run of each strategy on each task.

    python -m tests.checksums            compare this machine's checksums with the table
    python -m tests.checksums --write    write the table

Sums of floats depend on the processor and on torch's version, so the table is compared by hand,
before and after a change that must not alter any run, and never in CI.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

from engine.protocol.settings import TASK_NAMES
from engine.protocol.strategy_files import strategy_names
from main import main as run_program

TABLE = Path(__file__).parent / "data" / "checksums.json"
STEPS = 60
KEYS = ("loss", "validation_loss", "target_accuracy", "source_accuracy", "trainable_parameters")


def checksums_of(strategy: str, task: str) -> dict[str, Any]:
    """The numbers and checksums that `train --json` prints for one run."""
    printed = io.StringIO()
    sys.argv[1:] = [
        "train",
        "--strategy",
        strategy,
        "--task",
        task,
        "--steps",
        str(STEPS),
        "--json",
    ]
    with contextlib.redirect_stdout(printed):
        run_program()
    result = json.loads(printed.getvalue())
    layers = {
        layer["name"]: [layer["weight_sha256"][:16], layer["updated_sha256"][:16]]
        for layer in result["layers"]
    }
    return {key: result[key] for key in KEYS} | {"layers": layers}


def make_table() -> dict[str, dict[str, Any]]:
    """One entry a run, named "strategy task"."""
    return {
        f"{strategy} {task}": checksums_of(strategy, task)
        for strategy in strategy_names()
        for task in TASK_NAMES
    }


def main() -> int:
    """Write the table, or compare with it. Returns: the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="write the table")
    options = parser.parse_args()
    made = make_table()
    if options.write:
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_text(json.dumps(made, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        return 0
    kept = json.loads(TABLE.read_text(encoding="utf-8"))
    different = sorted(
        name for name in made.keys() | kept.keys() if made.get(name) != kept.get(name)
    )
    for name in different:
        print(f"differs: {name}")
    print(f"{len(made)} runs, {len(different)} differ from the table")
    return int(bool(different))


if __name__ == "__main__":
    sys.exit(main())
