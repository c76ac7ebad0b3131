"""All benchmarks, or those named: one table, and the same as JSON.

python -m tests.benchmarks [NAMES…] [--json FILE]
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from importlib import import_module
from pathlib import Path

from tests.benchmarks.figures import Figure, markdown

PARTS = ("steps", "window", "answers", "scrubs", "start", "memory")
LONG = "growth"
"""Half an hour, so that it runs only when it is named."""


def main() -> int:
    """Print the table. Returns: 0 where everything wanted is met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join((*PARTS, LONG)))
    parser.add_argument("--json", type=Path, metavar="FILE", help="the table as JSON as well")
    options = parser.parse_args()
    unknown = set(options.names) - {*PARTS, LONG}
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    table: dict[str, list[Figure]] = {}
    for name in options.names or PARTS:
        print(f"{name} …", file=sys.stderr, flush=True)
        table[name] = import_module(f"tests.benchmarks.{name}").figures()
    rows = [row for part in table.values() for row in part]
    print(markdown(rows))
    if options.json is not None:
        plain = {name: [dataclasses.asdict(row) for row in part] for name, part in table.items()}
        options.json.write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n")
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
