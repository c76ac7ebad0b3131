"""What is said of a step and of a branch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.protocol.messages import Branch, Frame
from gui.matrices.factor_kinds import DIFFERENCE
from gui.state.branches import find, in_past, tip_of
from gui.text.numbers import number_text

MAX_NAME_LENGTH = 16
"""Signs of a branch's name where it stands among other words."""


def place_text(frame: Frame, branches: Sequence[Branch]) -> str:
    """Which step is shown, whether that is now, and on which branch where there are several."""
    tip = tip_of(frame)
    past = f"Step {frame.step:,} of {tip:,} · the past" if in_past(frame) else f"Step {tip:,} · now"
    shown = find(branches, frame.branch)
    if shown is None or len(branches) < 2:
        return past
    return f"{past} · Branch {short_name(shown.name)}"


def widest_place_text(frame: Frame, branches: Sequence[Branch]) -> str:
    """At least as wide as any text until the newest step has one more digit."""
    nines = 10 ** max(len(str(tip_of(frame))), 3) - 1
    text = f"Step {nines:,} of {nines:,} · the past"
    if len(branches) < 2:
        return text
    return f"{text} · Branch {max((short_name(b.name) for b in branches), key=len)}"


def short_name(name: str) -> str:
    """A branch's name, cut where it is very long."""
    return name if len(name) <= MAX_NAME_LENGTH else f"{name[: MAX_NAME_LENGTH - 1]}…"


def lane_text(branch: Branch, branches: Sequence[Branch]) -> str:
    """Where a branch begins and how far it goes."""
    parent = find(branches, branch.parent)
    if parent is None:
        return f"to step {branch.tip:,}"
    return f"left {short_name(parent.name)} at {branch.forked_at:,} · to {branch.tip:,}"


def difference_text(frame: Frame, branches: Sequence[Branch]) -> str:
    """How far W′ is from that of the branch it is compared with, in the largest number."""
    largest = max(
        (float(np.nanmax(np.abs(factor), initial=0.0)) for layer in frame.layers
         for name, factor in layer.factors if name == DIFFERENCE),
        default=0.0,
    )  # fmt: skip
    return f"{against_text(frame, branches)}: up to {number_text(largest)}"


def against_text(frame: Frame, branches: Sequence[Branch]) -> str:
    """What the factor "difference" is: W′ − W′ of A at step 300; empty where there is none."""
    if frame.difference is None:
        return ""
    other = find(branches, frame.difference.branch)
    name = "another branch" if other is None else other.name
    return f"W′ − W′ of {name} at step {frame.difference.step:,}"
