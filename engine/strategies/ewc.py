"""EWC: every weight is pulled back as hard as the source task depends on it."""

from torch import Tensor, nn

from engine.model.derivation_lines import formula_line
from engine.model.layer import Layer
from engine.model.network import Network
from engine.model.quadratic_penalty import QuadraticPenalty, fisher
from engine.protocol.derivation import DerivationLine
from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy


def _recall(network: Network, source_head: nn.Module, inputs: Tensor) -> None:
    """The source task's own head decides what matters, also where a new one is learned."""
    shared = isinstance(network.head, Layer) and not network.head.randomly_initialised
    names = [
        name for name, _ in network.named_parameters() if shared or not name.startswith("head.")
    ]
    importance = fisher(lambda x: source_head(network.features(x)), network, names, inputs)
    network.anchor = QuadraticPenalty(network, importance)


def _penalty(network: Network, settings: Settings) -> Tensor:
    """λ/2 Σ F (θ − θ*)²."""
    assert isinstance(network.anchor, QuadraticPenalty)
    return settings.penalty * network.anchor.pull(network)


def _penalty_by_hand(
    network: Network, settings: Settings, name: str, place: int
) -> tuple[DerivationLine, ...]:
    assert isinstance(network.anchor, QuadraticPenalty)
    pull, (importance, now, start) = (
        settings.penalty, network.anchor.pull_by_hand(network, name, place),
    )  # fmt: skip
    value = pull * importance * (now - start)
    pattern = "{} · {} · ({} − {})"
    return (formula_line("∂P", "λₚ · F · (θ − θ*)", value, pattern, pull, importance, now, start),)


STRATEGY = Strategy(
    name="ewc",
    label="EWC",
    summary="Every weight moves, and is pulled back as hard as the source task depends on it.",
    note=(
        "As L2-SP, but each weight is pulled as hard as the source task depends on it: by its "
        "Fisher information, measured before the first step on the source's own samples."
    ),
    group="Against forgetting",
    source="arXiv:1612.00796",
    controls=("penalty",),
    # The Fisher information of networks this sure of themselves is small: about 10⁻⁴ a weight.
    # 20 keeps 6 % of source accuracy for 0.5 % of the target's on digits 0–4 → 5–9, and 8 %
    # for 2 % on turned digits.
    defaults={"penalty": 20.0},
    capture_reference=_recall,
    penalty=_penalty,
    derive_penalty=_penalty_by_hand,
)
