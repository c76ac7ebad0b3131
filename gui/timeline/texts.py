"""Texts of the timeline on steps and branches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.protocol.messages import Branch, Frame
from gui.state.branches import find, in_past, tip_of
from gui.text.branches import difference_caption, short_branch_name
from gui.text.numbers import number_text


def position_text(frame: Frame, branches: Sequence[Branch]) -> str:
    """Return the step that is shown, whether it is the newest, and its branch among several."""
    tip = tip_of(frame)
    past = f"Step {frame.step:,} of {tip:,} · the past" if in_past(frame) else f"Step {tip:,} · now"
    shown = find(branches, frame.branch)
    if shown is None or len(branches) < 2:
        return past
    return f"{past} · Branch {short_branch_name(shown.name)}"


def widest_position_text(frame: Frame, branches: Sequence[Branch]) -> str:
    """Return a text at least as wide as any until the newest step has one more digit."""
    nines = 10 ** max(len(str(tip_of(frame))), 3) - 1
    text = f"Step {nines:,} of {nines:,} · the past"
    if len(branches) < 2:
        return text
    return f"{text} · Branch {max((short_branch_name(b.name) for b in branches), key=len)}"


def lane_text(branch: Branch, branches: Sequence[Branch]) -> str:
    """Return where a branch begins and how far it goes."""
    parent = find(branches, branch.parent)
    if parent is None:
        return f"to step {branch.tip:,}"
    return f"left {short_branch_name(parent.name)} at {branch.forked_at:,} · to {branch.tip:,}"


def difference_text(frame: Frame, branches: Sequence[Branch]) -> str:
    """Return the largest difference of W′ from the branch that it is compared with."""
    largest = max(
        (float(np.nanmax(np.abs(factor.values), initial=0.0)) for layer in frame.layers
         for factor in layer.factors if factor.info.role == "difference"),
        default=0.0,
    )  # fmt: skip
    return f"{difference_caption(frame, branches)}: up to {number_text(largest)}"
