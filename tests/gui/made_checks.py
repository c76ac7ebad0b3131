"""Made checks, as the engine sends them: those that hold, and those that do not."""

from __future__ import annotations

from engine.protocol.messages import Check


def checks(*, lora: int = 0, frozen: bool = False) -> tuple[Check, ...]:
    """Those of a layer in order. Args: lora: its rank; 0: no low-rank update."""
    found = [
        Check("zero_start", True, 0.0, 0.0, 0),
        Check("sum", True, 6e-8, 1e-6, 0),
        Check("merged", True, 3e-7, 1e-5, 0),
    ]
    if lora:
        found.append(Check("rank", True, lora, lora, 0))
    return (Check("frozen", True, 0.0, 0.0, 40 if frozen else 0), *found)


def failing(name: str) -> Check:
    """A failing check of that name."""
    return {
        "zero_start": Check("zero_start", False, 0.02, 0.0, 1),
        "sum": Check("sum", False, 0.1, 1e-6, 41),
        "merged": Check("merged", False, 0.02, 1e-5, 41),
        "rank": Check("rank", False, 5, 4, 41),
        "frozen": Check("frozen", False, 0.041234568, 0.041234571, 41, "weight[3, 7]"),
    }[name]


STATISTICS = Check("frozen", False, 0.1301, 0.1234, 41, "norm.running_mean[0]", by_settings=True)
"""BatchNorm's statistics move although the layer is frozen."""
