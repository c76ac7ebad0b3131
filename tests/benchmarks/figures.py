"""What a benchmark says: what it measured, what was wanted, and whether that is met."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

PERCENTILES = (50, 95, 99, 100)


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table."""

    what: str
    figure: float | None
    """None: could not be measured."""
    unit: str = ""
    """Empty: a ratio or a count."""
    wanted: str = ""
    """Empty: nothing; the row is there to be read."""
    met: bool | None = None
    """None: nothing was wanted."""


def seen(what: str, figure: float, unit: str = "") -> Figure:
    """A figure that is only to be read."""
    return Figure(what, figure, unit)


def at_least(what: str, figure: float, wanted: float, unit: str = "") -> Figure:
    """A figure that should not be lower."""
    return Figure(what, figure, unit, f"≥ {_text(wanted)}", figure >= wanted)


def at_most(what: str, figure: float, wanted: float, unit: str = "") -> Figure:
    """A figure that should not be higher."""
    return Figure(what, figure, unit, f"≤ {_text(wanted)}", figure <= wanted)


def milliseconds(
    what: str, seconds: Sequence[float], wanted: Mapping[int, float] | None = None
) -> list[Figure]:
    """A row for each percentile. Args: wanted: percentile -> milliseconds at most; 100: max."""
    limits, rows = wanted or {}, []
    for percentile in PERCENTILES:
        figure = 1000 * float(np.percentile(seconds, percentile)) if len(seconds) else float("nan")
        name = f"{what}, {'max' if percentile == 100 else f'p{percentile}'}"
        limit = limits.get(percentile)
        rows.append(
            seen(name, figure, "ms") if limit is None else at_most(name, figure, limit, "ms")
        )
    return rows


def ratios_in_turns(
    first: Callable[[], float], second: Callable[[], float], rounds: int
) -> list[float]:
    """first / second in each round; which of them begins changes from round to round."""
    found = []
    for number in range(rounds):
        if number % 2:
            below, above = second(), first()
        else:
            above, below = first(), second()
        found.append(above / below)
    return found


def median(values: Iterable[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def markdown(figures: Iterable[Figure]) -> str:
    """The table."""
    lines = ["| what | figure | wanted | met |", "|-|-|-|-|"]
    for row in figures:
        figure = "not measured" if row.figure is None else f"{_text(row.figure)} {row.unit}".strip()
        met = {True: "yes", False: "**no**", None: ""}[row.met]
        lines.append(f"| {row.what} | {figure} | {row.wanted} | {met} |")
    return "\n".join(lines)


def _text(figure: float) -> str:
    if figure and abs(figure) < 0.01:
        return f"{figure:.1e}"
    return f"{figure:,.0f}" if abs(figure) >= 1000 else f"{figure:.3g}"
