"""L2-SP: every weight moves, but is pulled back to where pretraining left it."""

import torch
from torch import Tensor, nn

from engine.model.derivation_lines import formula_line
from engine.model.layer import Layer
from engine.model.network import Network
from engine.model.quadratic_penalty import QuadraticPenalty
from engine.protocol.derivation import DerivationLine
from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy

HEAD_DECAY = 0.01
"""β: a head that is new has nowhere to go back to, so it is pulled to zero, as in the paper."""


def _new_head(network: Network) -> list[nn.Parameter]:
    """Parameters that were not pretrained: the body always is."""
    new = isinstance(network.head, Layer) and network.head.randomly_initialised
    return list(network.head.parameters()) if new else []


def _recall(network: Network, source_head: nn.Module, inputs: Tensor) -> None:
    new = {id(parameter) for parameter in _new_head(network)}
    kept = {n: torch.ones_like(p) for n, p in network.named_parameters() if id(p) not in new}
    network.anchor = QuadraticPenalty(network, kept)


def _penalty(network: Network, settings: Settings) -> Tensor:
    """λ/2 ‖θ − θ*‖² over what was pretrained, + β/2 ‖θ‖² over what is new."""
    assert isinstance(network.anchor, QuadraticPenalty)
    pull = settings.penalty * network.anchor.pull(network)
    return sum(((p**2).sum() * (HEAD_DECAY / 2) for p in _new_head(network)), start=pull)


def _penalty_by_hand(
    network: Network, settings: Settings, name: str, place: int
) -> tuple[DerivationLine, ...]:
    assert isinstance(network.anchor, QuadraticPenalty)
    now = network.get_parameter(name)
    if any(now is new for new in _new_head(network)):
        value = float(now.detach().flatten()[place])
        return (formula_line("∂P", "β · θ", HEAD_DECAY * value, "{} · {}", HEAD_DECAY, value),)
    pull, (_, at, start) = settings.penalty, network.anchor.pull_by_hand(network, name, place)
    value = pull * (at - start)
    return (formula_line("∂P", "λₚ · (θ − θ*)", value, "{} · ({} − {})", pull, at, start),)


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
    # 0.01 keeps 8 % of source accuracy for 1 % of the target's on digits 0–4 → 5–9; 0.1 keeps
    # 11 % for 4 %.
    defaults={"penalty": 0.01},
    capture_reference=_recall,
    penalty=_penalty,
    derive_penalty=_penalty_by_hand,
)
