"""Full fine-tuning: go on training every weight on the target task."""

from engine.strategies._strategy import Strategy

STRATEGY = Strategy(
    name="full",
    label="Full fine-tuning",
    summary="All weights of the network are trained.",
    lesson=3,
)
