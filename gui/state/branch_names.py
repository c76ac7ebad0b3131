"""Names of branches: what a branch has other settings for, where the user has not named it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from engine.protocol.messages import Branch, Catalogue
from engine.protocol.settings import Settings
from gui.state.change_log import ChangeLog, LoggedChange
from gui.text.settings_change import difference_texts

GIVEN_NAME = re.compile("[A-Z]")
"""A name that the engine gives, and nobody chose."""
MAX_DIFFERENCES = 2
"""Differences in a name, at most."""


def name_by_difference(
    branches: Sequence[Branch], log: ChangeLog, catalogue: Catalogue | None
) -> tuple[Branch, ...]:
    """Return the branches with names such as “η 0.003”; without a difference they stay A, B, C.

    Args: branches: all of the run.  log: its changes.  catalogue: None before there is one.
    """
    taken: list[str] = []
    named = []
    for branch in branches:
        name = branch.name
        if GIVEN_NAME.fullmatch(name) and len(branches) > 1:
            name = _difference(branch, branches, log, catalogue) or name
            name = f"{name} ({branch.name})" if name in taken else name
        taken.append(name)
        named.append(replace(branch, name=name))
    return tuple(named)


def _difference(
    branch: Branch, branches: Sequence[Branch], log: ChangeLog, catalogue: Catalogue | None
) -> str:
    """Return the settings in which a branch differs from its parent, or else from its children."""
    own = _own_changes(branch, log)
    if branch.parent is not None and own:
        return _text(own[-1].after, own[0].before, catalogue)
    for child in branches:
        changes = _own_changes(child, log)
        if child.parent == branch.number and changes:
            later = [change for change in log.of(branch.number) if change.step >= child.forked_at]
            mine = later[-1].after if later else changes[0].before
            return _text(mine, changes[-1].after, catalogue)
    return ""


def _own_changes(branch: Branch, log: ChangeLog) -> list[LoggedChange]:
    return [change for change in log.of(branch.number) if change.step >= branch.forked_at]


def _text(settings: Settings, others: Settings, catalogue: Catalogue | None) -> str:
    return ", ".join(difference_texts(settings, others, catalogue)[:MAX_DIFFERENCES])
