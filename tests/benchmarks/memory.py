"""What window and engine hold after a minute of training, against the bare imports alone."""

from __future__ import annotations

from tests.benchmarks.figures import Figure, at_most, median, seen
from tests.benchmarks.processes import BARE_IMPORTS, run_json

MINUTES = 1.0
ROUNDS = 3
BARE = f"""
{BARE_IMPORTS}
import dataclasses, json, os
from tests.benchmarks.processes import memory
print(json.dumps(dataclasses.asdict(memory(os.getpid()))))
"""
KINDS = {
    "rss": "resident (RSS; what both map counts twice)",
    "pss": "resident (PSS; what both map counts once)",
    "private": "of their own",
}


def figures() -> list[Figure]:
    """The ratio of RSS is the one that something is wanted of; it flatters us least."""
    bare = [run_json("-c", BARE) for _ in range(ROUNDS)]
    last = run_json("-m", "tests.benchmarks.soak", str(MINUTES))["last"]
    rows = []
    for kind, name in KINDS.items():
        ours = last[f"window_{kind}"] + last[f"engine_{kind}"]
        alone = median(each[kind] for each in bare)
        what, ratio = f"window and engine / bare imports, {name}", ours / alone
        rows += [
            seen(f"window, {name}", last[f"window_{kind}"], "MiB"),
            seen(f"engine, {name}", last[f"engine_{kind}"], "MiB"),
            seen(f"bare imports, {name}", alone, "MiB"),
            at_most(what, ratio, 1.4) if kind == "rss" else seen(what, ratio),
        ]
    others = seen("what multiprocessing starts beside them, RSS", last["others_rss"], "MiB")
    return [*rows, others]
