"""Feature extraction with a head: a small MLP is trained on the frozen body's features."""

import torch

from engine.model.layer import Layer
from engine.model.network import MlpHead, Network
from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy, trains_head_only


def _apply(network: Network, settings: Settings, generator: torch.Generator) -> None:
    assert isinstance(network.head, Layer)
    classes, inputs = network.head.shape
    network.head = MlpHead(inputs, settings.head_width, classes, generator)


STRATEGY = Strategy(
    name="feature_head",
    label="Feature extraction + head",
    summary="The body is frozen; a new two-layer head is trained on its features.",
    lesson=6,
    controls=("head_width",),
    trains=trains_head_only,
    lock_reason="Feature extraction trains only the new head.",
    new_head=True,
    apply=_apply,
)
