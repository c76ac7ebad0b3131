"""The storage that one more task takes, once the pretrained network is there."""

from __future__ import annotations

from engine.model.layer import Layer
from engine.training.run import Run
from engine.training.stochastic_state import frozen_batchnorm_layers

BYTES_PER_NUMBER = 4
"""float32"""


def stored_bytes(run: Run) -> int:
    """Return the bytes to keep for this task besides what all tasks share.

    Args: run: whose numbers that may move are counted.

    Shared, or made again from the seed or from W, and so not counted: frozen layers, W in 4 bits,
    VeRA's B and A, where PiSSA's and LoftQ's B and A started. Neither are the directions that
    AdaLoRA has pruned. A layer that waits for its turn counts from then on. The running mean and
    variance of a BatchNorm count wherever they follow the batches.
    """
    network = run.network
    numbers = sum(p.numel() for p in network.parameters() if p.requires_grad)
    numbers -= sum(_pruned(layer) for layer in network.body)
    if run.settings.batch_norm:
        frozen_norms = frozen_batchnorm_layers(network, run.settings)
        numbers += sum(
            2 * layer.shape[0]
            for name, layer in network.named_body.items()
            if name not in frozen_norms
        )
    return BYTES_PER_NUMBER * numbers


def _pruned(layer: Layer) -> int:
    update = layer.update
    if update is None or not any(p.requires_grad for p in update.parameters()):
        return 0
    return update.pruned_count()
