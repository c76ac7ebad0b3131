"""The settings that sliders control: their names, scales and hints."""

from __future__ import annotations

from engine.protocol.network_shape import MAX_RANK
from engine.protocol.settings import MAX_ADDED_WIDTH, MAX_DEPTH, MAX_WIDTH, Settings
from gui.text.slider_scales import IntegerScale, ListedScale, LogScale, SettingSpec, Value


def _tenths(first: int, last: int, step: int = 1) -> tuple[Value, ...]:
    return tuple(tenth / 10 for tenth in range(first, last + 1, step))


FRACTIONS = tuple(twentieth / 20 for twentieth in range(19))
"""0, 0.05 … 0.9."""
STEP_COUNTS = (10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 2000, 3000, 5000, 10_000)
"""Optimizer steps offered by the sliders that count them."""
LEARNING_RATE_RATIOS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Ratios of the learning rates of B and A that LoRA+ is offered."""


def _decades(first: int, last: int) -> tuple[Value, ...]:
    """Return 1, 2 and 5 times each power of ten from 10^first on, and 10^last."""
    values = [factor * 10.0**power for power in range(first, last) for factor in (1, 2, 5)]
    return (*(round(value, 9) for value in values), 10.0**last)


LEARNING_RATE = SettingSpec(
    "learning_rate", "Learning rate", LogScale(-500, 0, 5, 50), ("10⁻⁵", "1")
)
RANK = SettingSpec(
    "rank", "Rank r", IntegerScale(1, MAX_RANK), ("1", str(MAX_RANK)),
    "How many directions ΔW may have",
)  # fmt: skip
ALPHA = SettingSpec(
    "alpha", "Alpha α", IntegerScale(1, 64, fractions=True), ("1", "64"),
    "How strongly the low-rank product counts in ΔW", shown="scaling_alpha",
)  # fmt: skip
BOTTLENECK = SettingSpec(
    "bottleneck", "Bottleneck width", IntegerScale(1, MAX_ADDED_WIDTH), ("1", str(MAX_ADDED_WIDTH)),
    "How many numbers pass through the middle of an adapter",
)  # fmt: skip
HEAD_WIDTH = SettingSpec(
    "head_width", "Head width", IntegerScale(1, MAX_ADDED_WIDTH), ("1", str(MAX_ADDED_WIDTH)),
    "How many hidden units the new head has",
)  # fmt: skip
RATE_RATIO = SettingSpec(
    "rate_ratio", "Rate of B / rate of A", ListedScale(LEARNING_RATE_RATIOS, whole=False),
    ("1", "256"),
    "How many times faster B learns than A",
)  # fmt: skip
RATE_DECAY = SettingSpec(
    "rate_decay", "Rate ÷ per layer", ListedScale(_tenths(10, 100, 2), whole=False), ("1", "10"),
    "How many times more slowly each layer learns than the one above it",
)  # fmt: skip
STAGE_STEPS = SettingSpec(
    "stage_steps", "Steps per stage", ListedScale(STEP_COUNTS[:-3]), ("10", "2,000"),
    "Steps before more layers are unlocked",
)  # fmt: skip
PENALTY = SettingSpec(
    "penalty", "Penalty λ", ListedScale((0, *_decades(-4, 4)), whole=False), ("0", "10⁴"),
    "How strongly the weights are pulled back to the pretrained ones",
)  # fmt: skip
TOTAL_STEPS = SettingSpec(
    "total_steps", "Total steps T", ListedScale(STEP_COUNTS), ("10", "10⁴"),
    "The steps that the run is planned for",
)  # fmt: skip
WARMUP_STEPS = SettingSpec(
    "warmup_steps", "Warm-up steps", ListedScale((0, 5, *STEP_COUNTS[:10])), ("0", "500"),
    "Steps over which the learning rate rises from zero",
)  # fmt: skip
WEIGHT_DECAY = SettingSpec(
    "weight_decay", "Weight decay",
    ListedScale((None, 0, *_decades(-5, 0)), "default", whole=False),
    ("default", "1"),
    "Pulls every trained weight towards zero. Default: 0.01 for AdamW, 0 for the others",
)  # fmt: skip
DROPOUT = SettingSpec(
    "dropout", "Dropout", ListedScale(FRACTIONS, whole=False), ("0", "0.9"),
    "Share of the activations set to zero at random in each training step",
)  # fmt: skip
PATIENCE = SettingSpec(
    "patience", "Patience", ListedScale((None, *STEP_COUNTS[:12]), "off"), ("off", "1,000"),
    "Early stopping: after so many steps without a lower validation loss, training stops and goes "
    "back to the best step",
)  # fmt: skip
LABEL_NOISE = SettingSpec(
    "label_noise", "Label noise", ListedScale(FRACTIONS, whole=False), ("0", "0.9"),
    "Share of the training labels replaced by a wrong one",
)  # fmt: skip
TRAIN_SAMPLES = SettingSpec(
    "train_samples", "Training samples",
    ListedScale((5, 10, 15, 20, 30, 40, 50, 60, 80, 100, 150, 200, None), "all"), ("5", "all"),
    "With few samples a network learns them by heart",
)  # fmt: skip

WIDTHS = (40, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048, 4096, MAX_WIDTH)
WIDTH = SettingSpec(
    "width", "Width", ListedScale(WIDTHS), ("40", "8,192"),
    "Outputs of each layer. Up to 100,000 weights are pretrained on the spot, more are random",
)  # fmt: skip
DEPTH = SettingSpec(
    "depth", "Depth", IntegerScale(1, MAX_DEPTH), ("1", str(MAX_DEPTH)),
    "How many layers the body has",
)  # fmt: skip

STRATEGY_SLIDERS = (RANK, BOTTLENECK, HEAD_WIDTH, RATE_RATIO, RATE_DECAY, STAGE_STEPS, PENALTY)
"""Settings that only some strategies use, except α, whose slider is special."""

_NAMES = {
    quantity.field: quantity.name
    for quantity in (
        LEARNING_RATE, ALPHA, *STRATEGY_SLIDERS, TOTAL_STEPS, WARMUP_STEPS, WEIGHT_DECAY, DROPOUT,
        PATIENCE, LABEL_NOISE, TRAIN_SAMPLES, WIDTH, DEPTH,
    )
} | {"batch_norm": "BatchNorm"}  # fmt: skip


def field_name(field: str) -> str:
    """Return the label of a settings field as its control shows it; other text unchanged.

    Args: field: name of a field of `Settings`, or anything else.

    >>> field_name("train_samples"), field_name("batch_size"), field_name("the file")
    ('Training samples', 'Batch size', 'the file')
    """
    if field not in Settings.__dataclass_fields__:
        return field
    return _NAMES.get(field, field.replace("_", " ").capitalize())
