"""A change of settings in a few signs, for the marks in the charts and the line below figures."""

from __future__ import annotations

from engine.protocol.messages import Catalogue
from engine.protocol.settings import Settings
from gui.controls.numbers import short_number

OPTIMIZER_NAMES = {"sgd": "SGD", "momentum": "Momentum", "adam": "Adam", "adamw": "AdamW"}


def unit_name(unit: str) -> str:
    """A layer's name as people say it: layer1 -> layer 1.

    >>> unit_name("adapter2"), unit_name("head")
    ('adapter 2', 'head')
    """
    stem = unit.rstrip("0123456789")
    return f"{stem} {unit[len(stem) :]}".strip()


def pretty_name(name: str) -> str:
    """A readable stand-in for a label that the engine has not sent yet.

    >>> pretty_name("linear_probe"), pretty_name("lora")
    ('Linear probe', 'LoRA')
    """
    words = name.replace("_", " ").replace("-", " ")
    return (words[:1].upper() + words[1:]).replace("Lora", "LoRA")


def change_texts(old: Settings, new: Settings, catalogue: Catalogue | None) -> tuple[str, ...]:
    """What a live change changed, each part like “r 2 → 4”; settings that restart are left out."""
    parts = []
    if old.learning_rate != new.learning_rate:
        parts.append(f"η {short_number(old.learning_rate)} → {short_number(new.learning_rate)}")
    if old.rank != new.rank:
        parts.append(f"r {old.rank} → {new.rank}")
    if old.alpha != new.alpha and old.scaling_alpha != new.scaling_alpha:
        parts.append(f"α {short_number(old.scaling_alpha)} → {short_number(new.scaling_alpha)}")
    if old.optimizer != new.optimizer:
        parts.append(f"{OPTIMIZER_NAMES[old.optimizer]} → {OPTIMIZER_NAMES[new.optimizer]}")
    if old.batch_size != new.batch_size:
        parts.append(f"batch {old.batch_size} → {new.batch_size}")
    if old.weight_decay != new.weight_decay:
        parts.append(f"λ {_decay(old.weight_decay)} → {_decay(new.weight_decay)}")
    return (*parts, *_locks(_frozen(old, catalogue), _frozen(new, catalogue)))


def _decay(weight_decay: float | None) -> str:
    return "default" if weight_decay is None else short_number(weight_decay)


def _frozen(settings: Settings, catalogue: Catalogue | None) -> frozenset[str]:
    if settings.frozen is not None:
        return frozenset(settings.frozen)
    offered = () if catalogue is None else catalogue.strategies
    return frozenset(
        unit for info in offered if info.name == settings.strategy for unit in info.frozen
    )


def _locks(before: frozenset[str], after: frozenset[str]) -> tuple[str, ...]:
    frozen = tuple(f"{unit_name(unit)} frozen" for unit in sorted(after - before))
    return (*frozen, *(f"{unit_name(unit)} unlocked" for unit in sorted(before - after)))
