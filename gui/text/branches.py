"""Text for the branches of the timeline."""

from __future__ import annotations

from collections.abc import Sequence

from engine.protocol.messages import Branch, Frame

MAX_NAME_LENGTH = 16
"""Characters of a branch's name among other text."""


def short_branch_name(name: str) -> str:
    """Return a branch's name, cut where it is very long. Args: name: of any length."""
    return name if len(name) <= MAX_NAME_LENGTH else f"{name[: MAX_NAME_LENGTH - 1]}…"


def difference_caption(frame: Frame, branches: Sequence[Branch]) -> str:
    """Return the caption of the factor "difference": W′ − W′ of A at step 300; empty without one.

    Args: frame: that may contain the factor.  branches: of the run.
    """
    difference = frame.measurements.difference
    if difference is None:
        return ""
    names = (branch.name for branch in branches if branch.number == difference.branch)
    name = next(names, "another branch")
    return f"W′ − W′ of {name} at step {difference.step:,}"
