"""L2-SP: every weight moves, but is pulled back to where pretraining left it."""

import torch
from torch import Tensor, nn

from engine.anchor import Anchor
from engine.network import Layer, Network
from engine.protocol.settings import Settings
from engine.strategies import Strategy

HEAD_DECAY = 0.01
"""β: a head that is new has nowhere to go back to, so it is pulled to zero, as in the paper."""


def _trains(parameter: str) -> bool:
    return True


def _recall(
    network: Network, source_head: nn.Module, inputs: Tensor, generator: torch.Generator
) -> None:
    kept = [name for name, _ in network.named_parameters() if not _is_new(network, name)]
    network.anchor = Anchor(network, {name: torch.ones(()) for name in kept})


def _is_new(network: Network, parameter: str) -> bool:
    module = network.get_submodule(parameter.rpartition(".")[0])
    return isinstance(module, Layer) and module.fresh


def _penalty(network: Network, settings: Settings) -> Tensor:
    """α/2 ‖θ − θ*‖² over what was pretrained, + β/2 ‖θ‖² over what is new."""
    assert isinstance(network.anchor, Anchor)
    new = [p for name, p in network.named_parameters() if _is_new(network, name)]
    decay = sum(((p**2).sum() for p in new), start=torch.zeros(()))
    return settings.penalty * network.anchor.pull(network) + HEAD_DECAY / 2 * decay


STRATEGY = Strategy(
    name="l2_sp",
    label="L2-SP",
    summary="Every weight moves, and is pulled back to where pretraining left it.",
    note=(
        "The loss gets a second part: λ/2 times the squared distance from the pretrained "
        "weights. It is weight decay towards the start instead of towards zero."
    ),
    group="Against forgetting",
    source="arXiv:1802.01483",
    controls=("penalty",),
    defaults={"penalty": 0.1},
    trains=_trains,
    recall=_recall,
    penalty=_penalty,
)
