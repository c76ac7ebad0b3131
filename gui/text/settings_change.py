"""Short texts of changed settings, for marks in the charts and the line below the readouts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from engine.protocol.catalogue import find_named, restart_fields
from engine.protocol.messages import Catalogue, StrategyInfo, TaskInfo
from engine.protocol.settings import SETTINGS, Settings
from engine.protocol.strategy_files import strategy_label
from gui.text.layers import block_name
from gui.text.setting_text import shown_text

ALPHA_FOLLOWS = " (α follows)"


def fallback_label(name: str) -> str:
    """Return a label for a strategy or task that the engine has not sent yet. Args: name: its key.

    >>> fallback_label("digits-to-rotated"), fallback_label("ia3")
    ('Digits to rotated', 'IA³')
    """
    words = name.replace("_", " ").replace("-", " ")
    return strategy_label(name) or words[:1].upper() + words[1:]


def offered_label(offered: Iterable[StrategyInfo] | Iterable[TaskInfo], name: str) -> str:
    """Return the label of a strategy or task. Args: offered: what there is.  name: its key."""
    info = next((info for info in offered if info.name == name), None)
    return fallback_label(name) if info is None else info.label


def change_texts(old: Settings, new: Settings, catalogue: Catalogue | None) -> tuple[str, ...]:
    """Return the parts of a live change, each like “r 2 → 4”; settings that restart are left out.

    Args: old, new: settings before and after.  catalogue: the engine's, None before it has sent
    one.
    """
    info = _strategy_info(new, catalogue)
    untold = restart_fields(info) | {"frozen"}
    alpha_follows = new.alpha is None and info is not None and "alpha" in info.controls
    also = {"rank": ALPHA_FOLLOWS} if alpha_follows else {}
    parts = (
        f"{_symbol(field)} {shown_text(field, old)} → {shown_text(field, new)}".strip()
        + also.get(field, "")
        for field in old.differences(new)
        if field not in untold and shown_text(field, old) != shown_text(field, new)
    )
    return (*parts, *_lock_changes(_frozen_blocks(old, catalogue), _frozen_blocks(new, catalogue)))


def change_text(old: Settings, new: Settings, catalogue: Catalogue | None) -> str:
    """Return a change in a few words, as “r 2 → 4” or “Strategy LoRA → DoRA”.

    Args: old, new: settings before and after.  catalogue: the engine's, None before it has sent
    one.
    """
    parts = change_texts(old, new, catalogue)
    differ = old.differences(new)
    strategies = () if catalogue is None else catalogue.strategies
    tasks = () if catalogue is None else catalogue.tasks
    if "strategy" in differ:
        return " → ".join(offered_label(strategies, it.strategy) for it in (old, new))
    if "task" in differ:
        return " → ".join(offered_label(tasks, it.task) for it in (old, new))
    if parts:
        return ", ".join(parts)
    changed = (f"{SETTINGS[field].label} {shown_text(field, new)}" for field in differ)
    return ", ".join(changed)


@dataclass(frozen=True, slots=True)
class RankNote:
    """The engine's note on a change of the rank; those of one drag are told as one change."""

    drag: Settings
    """In force before the drag."""
    cut: int
    """Lowest rank that the drag has cut ΔW to; 0: it has only raised it."""
    consequence: str
    """Of the change that cut most."""

    def text(self, settings: Settings) -> str:
        """Return the note. Args: settings: in force now."""
        return f"Rank {self.drag.rank} → {settings.rank}: {self.consequence}"


def rank_note(
    note: str, drag: Settings, old: Settings, new: Settings, earlier: RankNote | None
) -> RankNote | None:
    """Return what a note says of the drag that its change belongs to; None: it is of no rank.

    Args: note: the engine's, “Rank 6 → 8: ΔW is kept.”  drag: before the drag.  old, new: before
    and after this change.  earlier: of the change before it.
    """
    change, _, consequence = note.partition(": ")
    if change != f"Rank {old.rank} → {new.rank}":
        return None
    cut = new.rank if new.rank < old.rank else 0
    if earlier is None or earlier.drag is not drag or (cut and cut <= (earlier.cut or cut)):
        return RankNote(drag, cut, consequence)
    return earlier


def difference_texts(
    settings: Settings, others: Settings, catalogue: Catalogue | None
) -> tuple[str, ...]:
    """Return what settings have otherwise than others: “η 0.003”, “layer 1 frozen”.

    Args: settings, others: of one run.  catalogue: the engine's, None before it has sent one.
    """
    values = (
        f"{_symbol(field)} {shown_text(field, settings)}".strip()
        for field in settings.differences(others)
        if field != "frozen" and shown_text(field, settings) != shown_text(field, others)
    )
    blocks = (_frozen_blocks(others, catalogue), _frozen_blocks(settings, catalogue))
    return (*values, *_lock_changes(*blocks))


def non_default_texts(settings: Settings, fields: Collection[str]) -> tuple[str, ...]:
    """Return what differs from the defaults: “dropout 0.2”. Args: settings, fields: to look at."""
    return tuple(
        f"{_symbol(field)} {shown_text(field, settings)}".strip()
        for field in settings.differences(Settings())
        if field in fields
    )


def _symbol(field: str) -> str:
    setting = SETTINGS[field]
    label = setting.label[0].lower() + setting.label[1:]
    return label if setting.symbol is None else setting.symbol


def _strategy_info(settings: Settings, catalogue: Catalogue | None) -> StrategyInfo | None:
    offered = () if catalogue is None else catalogue.strategies
    return find_named(offered, settings.strategy)


def _frozen_blocks(settings: Settings, catalogue: Catalogue | None) -> frozenset[str]:
    if settings.frozen is not None:
        return frozenset(settings.frozen)
    info = _strategy_info(settings, catalogue)
    return frozenset() if info is None else frozenset(info.frozen)


def _lock_changes(before: frozenset[str], after: frozenset[str]) -> tuple[str, ...]:
    frozen = tuple(f"{block_name(block)} frozen" for block in sorted(after - before))
    return (*frozen, *(f"{block_name(block)} unlocked" for block in sorted(before - after)))
