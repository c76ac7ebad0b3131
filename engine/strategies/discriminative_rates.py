"""Discriminative rates: each layer learns more slowly than the one above it."""

from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy


def _lr_multiplier(parameter: str, settings: Settings) -> float:
    blocks_from_top = ("head", *reversed(settings.body_shapes))
    return float(settings.rate_decay ** -blocks_from_top.index(parameter.partition(".")[0]))


STRATEGY = Strategy(
    name="discriminative_rates",
    label="Discriminative rates",
    summary="All weights are trained, each layer at a lower learning rate than the one above it.",
    note=(
        "The head uses the learning rate of the slider, layer 3 that rate divided by the "
        "factor, layer 2 divided by it twice, layer 1 three times. With a factor of 2.6, the "
        "learning rate of layer 1 is about 18 times lower than that of the head."
    ),
    group="Layer by layer",
    source="arXiv:1801.06146",
    controls=("rate_decay",),
    # The head's: layer 1 learns at 6·10⁻⁴.
    defaults={"learning_rate": 1e-2},
    lr_multiplier=_lr_multiplier,
)
