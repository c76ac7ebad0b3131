"""What grows over half an hour of training: the soak, in the table."""

from __future__ import annotations

from tests.benchmarks.figures import Figure, at_most
from tests.benchmarks.processes import run_json

MINUTES = 30.0
WHO = ("window", "engine")


def figures() -> list[Figure]:
    """Slopes, left alone and used."""
    rows = []
    for name, options in (("left alone", ()), ("used", ("--used",))):
        found = run_json("-m", "tests.benchmarks.soak", str(MINUTES), *options)
        what = f"{name} for {MINUTES:.0f} min"
        rows.append(at_most(f"{what}: RSS of both", found["mebibytes_per_hour"], 1.0, "MiB/h"))
        for kind in ("threads", "files"):
            grown = sum(_grown(found["samples"][f"{who}_{kind}"]) for who in WHO)
            rows.append(at_most(f"{what}: {kind}, later than earlier", grown, 0))
    return rows


def _grown(counts: list[float]) -> float:
    """By how much the most of the last third is more than the most before.

    Qt starts threads for a while now and then.
    """
    late = 2 * len(counts) // 3
    return max(0.0, max(counts[late:]) - max(counts[:late]))
