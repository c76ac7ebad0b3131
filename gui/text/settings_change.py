"""Short texts of changed settings, for marks in the charts and the line below the readouts."""

from __future__ import annotations

from collections.abc import Callable, Collection

from engine.protocol.catalogue import restart_fields
from engine.protocol.messages import Catalogue, StrategyInfo
from engine.protocol.settings import Settings, strategy_label
from gui.text.layers import block_name
from gui.text.numbers import short_number

OPTIMIZER_NAMES = {"sgd": "SGD", "momentum": "Momentum", "adam": "Adam", "adamw": "AdamW"}
SCHEDULE_NAMES = {
    "constant": "constant",
    "linear": "linear",
    "cosine": "cosine",
    "slanted": "slanted triangle",
}


def fallback_label(name: str) -> str:
    """Return a label for a strategy or task that the engine has not sent one for yet.

    Args: name: its key in the catalogue.

    >>> fallback_label("digits-to-rotated"), fallback_label("ia3")
    ('Digits to rotated', 'IA³')
    """
    words = name.replace("_", " ").replace("-", " ")
    return strategy_label(name) or words[:1].upper() + words[1:]


def _value_or(none: str, value: float | None) -> str:
    if value is None:
        return none
    return f"{value:,}" if isinstance(value, int) else short_number(value)


_SHORT_FORMS: tuple[tuple[str, str, Callable[[Settings], str]], ...] = (
    ("learning_rate", "η", lambda s: short_number(s.learning_rate)),
    ("rank", "r", lambda s: str(s.rank)),
    ("alpha", "α", lambda s: short_number(s.scaling_alpha)),
    ("rate_ratio", "rate of B / A", lambda s: short_number(s.rate_ratio)),
    ("rate_decay", "rate ÷ per layer", lambda s: short_number(s.rate_decay)),
    ("stage_steps", "steps per stage", lambda s: f"{s.stage_steps:,}"),
    ("penalty", "λ", lambda s: short_number(s.penalty)),
    ("optimizer", "", lambda s: OPTIMIZER_NAMES[s.optimizer]),
    ("batch_size", "batch", lambda s: str(s.batch_size)),
    ("schedule", "η", lambda s: SCHEDULE_NAMES[s.schedule]),
    ("warmup_steps", "warm-up", lambda s: f"{s.warmup_steps:,}"),
    ("total_steps", "T", lambda s: _value_or("open", s.total_steps)),
    ("weight_decay", "decay", lambda s: _value_or("default", s.weight_decay)),
    ("dropout", "dropout", lambda s: short_number(s.dropout)),
    ("patience", "patience", lambda s: _value_or("off", s.patience)),
    ("label_noise", "label noise", lambda s: short_number(s.label_noise)),
    ("train_samples", "samples", lambda s: _value_or("all", s.train_samples)),
    ("freeze_statistics", "statistics", lambda s: "frozen" if s.freeze_statistics else "free"),
)
"""Field, its symbol, and a function that returns its value in a few characters."""


def change_texts(old: Settings, new: Settings, catalogue: Catalogue | None) -> tuple[str, ...]:
    """Return the parts of a live change, each like “r 2 → 4”; settings that restart are left out.

    Args: old, new: settings before and after.  catalogue: the engine's, None before it has sent
    one.
    """
    restart = restart_fields(_strategy_info(new, catalogue))
    parts = (
        f"{symbol} {text(old)} → {text(new)}".strip()
        for field, symbol, text in _SHORT_FORMS
        if field not in restart
        and getattr(old, field) != getattr(new, field)
        and text(old) != text(new)
    )
    return (*parts, *_lock_changes(_frozen_blocks(old, catalogue), _frozen_blocks(new, catalogue)))


def non_default_texts(settings: Settings, fields: Collection[str]) -> tuple[str, ...]:
    """Return those settings that differ from their defaults, each like “dropout 0.2”.

    Args: settings: of the run.  fields: names of the fields to look at.
    """
    default = Settings()
    return tuple(
        f"{symbol} {text(settings)}".strip()
        for field, symbol, text in _SHORT_FORMS
        if field in fields and getattr(settings, field) != getattr(default, field)
    )


def _strategy_info(settings: Settings, catalogue: Catalogue | None) -> StrategyInfo | None:
    offered = () if catalogue is None else catalogue.strategies
    return next((info for info in offered if info.name == settings.strategy), None)


def _frozen_blocks(settings: Settings, catalogue: Catalogue | None) -> frozenset[str]:
    if settings.frozen is not None:
        return frozenset(settings.frozen)
    info = _strategy_info(settings, catalogue)
    return frozenset() if info is None else frozenset(info.frozen)


def _lock_changes(before: frozenset[str], after: frozenset[str]) -> tuple[str, ...]:
    frozen = tuple(f"{block_name(block)} frozen" for block in sorted(after - before))
    return (*frozen, *(f"{block_name(block)} unlocked" for block in sorted(before - after)))
