"""A change of settings in a few signs, for the marks in the charts and the line below figures."""

from __future__ import annotations

from collections.abc import Callable, Collection

from engine.protocol.catalogue import restart_fields
from engine.protocol.messages import Catalogue, StrategyInfo
from engine.protocol.settings import Settings
from gui.text.numbers import short_number

OPTIMIZER_NAMES = {"sgd": "SGD", "momentum": "Momentum", "adam": "Adam", "adamw": "AdamW"}
SCHEDULE_NAMES = {
    "constant": "constant",
    "linear": "linear",
    "cosine": "cosine",
    "slanted": "slanted triangle",
}

_STAND_INS = {
    "weight_update": "One weight update",
    "pretrain": "Pretraining",
    "full": "Full fine-tuning",
    "freeze": "Freezing layers",
    "feature_head": "Feature extraction + head",
    "adapter": "Adapters",
    "lora": "LoRA",
    "qlora": "QLoRA",
    "loftq": "LoftQ",
    "rslora": "rsLoRA",
    "lora_plus": "LoRA+",
    "dora": "DoRA",
    "pissa": "PiSSA",
    "vera": "VeRA",
    "adalora": "AdaLoRA",
    "ia3": "IA³",
    "bitfit": "BitFit",
    "parallel_adapter": "Parallel adapters",
    "prompt": "Prompt tuning (analogue)",
    "prefix": "Prefix tuning (analogue)",
    "probe_then_finetune": "Probe, then fine-tune",
    "l2_sp": "L2-SP",
    "ewc": "EWC",
}
"""Where words alone would not make the label."""


def block_name(unit: str) -> str:
    """A layer's name as people say it: layer1 -> layer 1.

    >>> unit_name("adapter2"), unit_name("head")
    ('adapter 2', 'head')
    """
    stem = unit.rstrip("0123456789")
    return f"{stem} {unit[len(stem) :]}".strip()


def pretty_name(name: str) -> str:
    """A readable stand-in for a label that the engine has not sent yet.

    >>> pretty_name("linear_probe"), pretty_name("ia3")
    ('Linear probe', 'IA³')
    """
    words = name.replace("_", " ").replace("-", " ")
    return _STAND_INS.get(name, words[:1].upper() + words[1:])


def _or(none: str, value: float | None) -> str:
    if value is None:
        return none
    return f"{value:,}" if isinstance(value, int) else short_number(value)


_TOLD: tuple[tuple[str, str, Callable[[Settings], str]], ...] = (
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
    ("total_steps", "T", lambda s: _or("open", s.total_steps)),
    ("weight_decay", "decay", lambda s: _or("default", s.weight_decay)),
    ("dropout", "dropout", lambda s: short_number(s.dropout)),
    ("patience", "patience", lambda s: _or("off", s.patience)),
    ("label_noise", "label noise", lambda s: short_number(s.label_noise)),
    ("train_samples", "samples", lambda s: _or("all", s.train_samples)),
    ("freeze_statistics", "statistics", lambda s: "frozen" if s.freeze_statistics else "free"),
)
"""Field, the sign that stands for it, and its value in a few signs."""


def change_texts(old: Settings, new: Settings, catalogue: Catalogue | None) -> tuple[str, ...]:
    """What a live change changed, each part like “r 2 → 4”; settings that restart are left out."""
    restart = restart_fields(_info(new, catalogue))
    parts = (
        f"{sign} {text(old)} → {text(new)}".strip()
        for field, sign, text in _TOLD
        if field not in restart
        and getattr(old, field) != getattr(new, field)
        and text(old) != text(new)
    )
    return (*parts, *_locks(_frozen(old, catalogue), _frozen(new, catalogue)))


def set_texts(settings: Settings, fields: Collection[str]) -> tuple[str, ...]:
    """Those of the fields that are not as `Settings` has them by itself, like “dropout 0.2”."""
    unset = Settings()
    return tuple(
        f"{sign} {text(settings)}".strip()
        for field, sign, text in _TOLD
        if field in fields and getattr(settings, field) != getattr(unset, field)
    )


def _info(settings: Settings, catalogue: Catalogue | None) -> StrategyInfo | None:
    offered = () if catalogue is None else catalogue.strategies
    return next((info for info in offered if info.name == settings.strategy), None)


def _frozen(settings: Settings, catalogue: Catalogue | None) -> frozenset[str]:
    if settings.frozen is not None:
        return frozenset(settings.frozen)
    info = _info(settings, catalogue)
    return frozenset() if info is None else frozenset(info.frozen)


def _locks(before: frozenset[str], after: frozenset[str]) -> tuple[str, ...]:
    frozen = tuple(f"{block_name(unit)} frozen" for unit in sorted(after - before))
    return (*frozen, *(f"{block_name(unit)} unlocked" for unit in sorted(before - after)))
