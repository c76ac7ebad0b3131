"""Training from scratch: the target task from random weights, what pretraining is measured by."""

from engine.strategies._strategy import Strategy

STRATEGY = Strategy(
    name="scratch",
    label="Training from scratch",
    summary="All weights are trained on the target task, from a random start.",
    note=(
        "The control for pretraining: same target samples, same steps, but W is random. "
        "Where it ends above fine-tuning, the pretrained weights were in the way."
    ),
    pretrained=False,
)
