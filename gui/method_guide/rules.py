"""Rules by which the figures decide what a method suits; they stand here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean

from engine.protocol.method_figures import MethodFigures
from engine.protocol.uncertainty import paired_difference

Figures = Mapping[str, MethodFigures]
"""Strategy -> its figures."""
SETUPS = ("few", "many", "far", "far_old_head", "near", "noise")
"""Names of the setups whose runs the rules and the columns need."""
CLOSE = 0.02
"""Two points: less than that is no reason to choose another method."""
SMALL_FILE = 0.01
"""Largest file of a task, as a share of the model."""
LITTLE_MEMORY = 1.05
"""Training memory as a share of the frozen 16-bit model: nothing but the model counts."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When a method suits a situation."""

    text: str
    """The rule in words."""
    holds: Callable[[Figures, str], bool]
    """(figures of all methods, strategy) -> whether it suits."""


def is_close(figures: Figures, strategy: str, setup: str, among: Iterable[str] = ()) -> bool:
    """Whether the target accuracy is within two points or two standard errors of the best.

    Args: setup: name of the runs.  among: the methods compared; none: all.
    """
    runs = {name: figures[name].runs[setup].target for name in among or figures}
    best = max(runs.values(), key=fmean)
    gap, margin = paired_difference(best, runs[strategy])
    return gap <= max(CLOSE, margin)


def _suits_far(figures: Figures, strategy: str) -> bool:
    """Close to the best whichever head all methods start from."""
    if not is_close(figures, strategy, "far"):
        return False
    old = [name for name, method in figures.items() if method.keeps_head]
    return strategy not in old or is_close(figures, strategy, "far_old_head", old)


def _has_small_file(figures: Figures, strategy: str) -> bool:
    return figures[strategy].file_bytes <= SMALL_FILE * figures["full"].file_bytes


def _needs_little_memory(figures: Figures, strategy: str) -> bool:
    return figures[strategy].memory_bytes <= LITTLE_MEMORY * figures["full"].file_bytes


def keeps_source(figures: Figures, strategy: str) -> bool:
    """Whether W is shared and stays, or the source is still read as well as before."""
    near = figures[strategy].runs["near"]
    lost = max(fmean(near.forgetting), fmean(near.forgetting_kept_head))
    return _has_small_file(figures, strategy) or lost <= CLOSE


_CLOSE = "at most 2 points behind the best method, or too close to tell"
RULES = {
    "few": Rule(f"Odd or even with 10 samples, {_CLOSE}", lambda f, s: is_close(f, s, "few")),
    "many": Rule(f"Odd or even with 200 samples, {_CLOSE}", lambda f, s: is_close(f, s, "many")),
    "far": Rule(
        f"On inverted images, {_CLOSE}; with a new head, and with the old one where it is kept",
        _suits_far,
    ),
    "tight": Rule(
        "A 70B model: training memory at most 5 % above the frozen 16-bit model",
        _needs_little_memory,
    ),
    "tasks": Rule("A 70B model: a task’s file of at most 1 % of the model", _has_small_file),
    "keep": Rule(
        "The task’s file is small, so the old W stays beside it; or at most 2 points of source "
        "accuracy are lost",
        keeps_source,
    ),
}
"""Name of a situation -> its rule."""


def find_suits(figures: Figures) -> dict[str, frozenset[str]]:
    """Return the situations that each method suits."""
    return {
        strategy: frozenset(name for name, rule in RULES.items() if rule.holds(figures, strategy))
        for strategy in figures
    }
