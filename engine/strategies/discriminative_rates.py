"""Discriminative rates: each layer learns more slowly than the one above it."""

from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy


def _lr_multiplier(parameter: str, settings: Settings) -> float:
    blocks_from_top = ("head", *reversed(settings.body_shapes))
    return float(settings.rate_decay ** -blocks_from_top.index(parameter.partition(".")[0]))


STRATEGY = Strategy(
    name="discriminative_rates",
    label="Discriminative rates",
    summary="Every weight moves, but each layer more slowly than the one above it.",
    note=(
        "The head learns at the rate of the slider, layer 3 at that rate divided by the "
        "decay, layer 2 divided twice, layer 1 three times. At 2.6 the first layer learns "
        "about 18 times more slowly than the head."
    ),
    group="Order and pace",
    source="arXiv:1801.06146",
    controls=("rate_decay",),
    # The head's: layer 1 learns at 6·10⁻⁴.
    defaults={"learning_rate": 1e-2},
    lr_multiplier=_lr_multiplier,
)
