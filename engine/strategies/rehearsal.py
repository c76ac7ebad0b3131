"""Rehearsal: samples of the source task are kept, and their loss is added at every step.

All of them at every step, not a batch drawn from them: of so few that takes no longer, and a step
stays a function of the weights and the batch.

Source: Robins 1995, Connection Science 7(2); as experience replay arXiv:1811.11682.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.model.derivation_lines import sum_line
from engine.model.layer import Layer
from engine.model.network import Network
from engine.protocol.derivation import DerivationLine
from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy


class Memory(nn.Module):
    """Samples of the source task, and its head where the network trains another one.

    Args: inputs: (m, 30).  labels: (m,), of the source's classes.  head: the source's, which stays
    as it is; None: the network's own is the source's, and is trained on.
    """

    inputs: Tensor
    labels: Tensor
    head_weight: Tensor | None
    head_bias: Tensor | None

    def __init__(self, inputs: Tensor, labels: Tensor, head: Layer | None) -> None:
        super().__init__()
        self.register_buffer("inputs", inputs)
        self.register_buffer("labels", labels)
        # As buffers: the kept head is none of the network's parameters.
        weight, bias = (None, None) if head is None else (head.updated(), head.updated_bias())
        self.register_buffer("head_weight", None if weight is None else weight.detach())
        self.register_buffer("head_bias", None if bias is None else bias.detach())

    def loss(self, network: Network) -> Tensor:
        """Return the mean cross-entropy over all samples, (). Args: network: as it is now.

        Without dropout, and with BatchNorm's running statistics, as the source task is tested.
        """
        features = network.features(self.inputs)  # (m, width)
        if self.head_weight is None:
            return functional.cross_entropy(network.head(features), self.labels)
        outputs = functional.linear(features, self.head_weight, self.head_bias)  # (m, classes)
        return functional.cross_entropy(outputs, self.labels)


def _memory_of(network: Network) -> Memory:
    assert isinstance(network.penalty_reference, Memory)
    return network.penalty_reference


def _capture_reference(
    network: Network, source_head: nn.Module, inputs: Tensor, labels: Tensor, settings: Settings
) -> None:
    kept = None if source_head is network.head else cast("Layer", source_head)
    count = settings.old_samples
    network.penalty_reference = Memory(inputs[:count], labels[:count], kept)


def _derive_penalty(
    network: Network, settings: Settings, name: str, index: int
) -> tuple[DerivationLine, ...]:
    """Derive ∂P/∂θ from the old samples as ∂L/∂θ is from the batch: 1/m Σ δ · x."""
    owner, _, key = name.rpartition(".")
    layer, seen = network.get_submodule(owner), list[tuple[Tensor, Tensor]]()
    hook = layer.register_forward_hook(lambda _, inputs, output: seen.append((inputs[0], output)))
    with hook, torch.enable_grad():
        loss = _memory_of(network).loss(network)
    ((inputs, outputs),) = seen
    (delta,) = torch.autograd.grad(loss, outputs)  # (m, out), divided by m already
    count = len(inputs)
    if key == "bias":
        return (sum_line("∂P", "1/m · Σ δᵢ", delta[:, index] * count, scale=1 / count),)
    row, column = divmod(index, inputs.shape[1])
    delta_i = delta[:, row] * count
    return (sum_line("∂P", "1/m · Σ δᵢ · xⱼ", delta_i, inputs[:, column], scale=1 / count),)


STRATEGY = Strategy(
    name="rehearsal",
    label="Rehearsal",
    summary="All weights are trained on the new samples and, at every step, on old ones that "
    "were kept.",
    note=(
        "Also called experience replay. Some samples of the source task are kept. At every step "
        "their loss is added to that of the batch. The other methods against forgetting keep no "
        "old samples, but EWC reads them once, before training."
    ),
    group="Against forgetting",
    source="arXiv:1811.11682",
    # Both losses count alike, and 100 samples are kept. On validation, over twelve seeds, that
    # costs the target 0.0 ± 0.4 points on digits 0–4 → 5–9 and 0.6 ± 0.3 on rotated digits, and
    # keeps 9 and 11 points of the source; 10 samples keep 5 and 6, 200 keep 10 and 13.
    controls=("old_samples",),
    capture_reference=_capture_reference,
    penalty=lambda network, settings: _memory_of(network).loss(network),
    derive_penalty=_derive_penalty,
)
