"""Text of the spectrum page: directions, energy, and the cost of a truncation."""

from __future__ import annotations

import math

from engine.protocol.messages import Frame, LayerFrame, Truncation
from engine.protocol.network_shape import MAX_STUDIED_WEIGHTS
from gui.text.layers import k90_text
from gui.text.numbers import percent

ZERO = "ΔW is zero: there is nothing to decompose yet."
PLAIN = (
    "The singular values of ΔW, largest first: how much it does along each of its directions. "
    "The first k90 of them hold 90\u202f% of its energy ‖ΔW‖²."
)
TOO_LARGE = f"ΔW is cut only in a body of at most {MAX_STUDIED_WEIGHTS:,} weights."


def body_layers(frame: Frame) -> tuple[LayerFrame, ...]:
    """Return the layers of the network's body, in order."""
    shapes = frame.settings.body_shapes
    return tuple(layer for layer in frame.layers if layer.name in shapes)


def is_zero(layer: LayerFrame) -> bool:
    """Return whether the layer's ΔW is zero; NaN is not."""
    return layer.delta_norm == 0.0


def rank_of(frame: Frame, layer: LayerFrame) -> int:
    """Return the strategy's rank r if it gives the layer one, else 0."""
    has_rank = any(factor.info.rank_axis is not None for factor in layer.factors)
    return frame.settings.rank if has_rank else 0


def layer_text(layer: LayerFrame, truncation: Truncation | None) -> str:
    """Return the text beside the layer's name."""
    k90 = k90_text(layer)
    if is_zero(layer) or not k90:
        return ""
    if truncation is not None:
        kept = next((part.energy for part in truncation.layers if part.name == layer.name), None)
        return "" if kept is None else f"{kept_text(kept)} at rank {truncation.rank}"
    return f"{k90} of {min(layer.shape)} hold 90\u202f%"


def kept_text(share: float) -> str:
    """Format a share of the energy, 0…1; "all" only where nothing at all is lost.

    >>> kept_text(1.0)
    'all'
    """
    if share >= 1 - 1e-6:
        return "all"
    return "> 99.9\u202f%" if share > 0.999 else percent(share)


def kept_energy(frame: Frame, truncation: Truncation) -> float:
    """Return the share of the whole body's energy ‖ΔW‖² that a truncation keeps, 0…1."""
    squares = {layer.name: layer.delta_norm**2 for layer in body_layers(frame)}
    whole = math.fsum(squares.get(part.name, 0.0) for part in truncation.layers)
    kept = math.fsum(part.energy * squares.get(part.name, 0.0) for part in truncation.layers)
    return kept / whole if whole > 0 else 1.0


def sentence(frame: Frame, rank: int) -> str:
    """Return the sentence beside the plots. Args: rank: to truncate to; 0: none."""
    if all(map(is_zero, body_layers(frame))):
        return ZERO
    if not rank:
        return PLAIN
    if not frame.settings.is_studied:
        return TOO_LARGE
    now, truncation = frame.measurements, frame.measurements.truncation
    if truncation is None:
        return f"Cutting ΔW down to rank {rank}…"
    kept = kept_text(kept_energy(frame, truncation)).replace(">", "more than")
    costs = [
        _accuracy_text("target", truncation.target_accuracy, now.target_accuracy),
        _accuracy_text("source", truncation.source_accuracy, now.source_accuracy),
    ]
    return f"Rank {truncation.rank} keeps {kept} of ΔW’s energy. {' '.join(filter(None, costs))}"


def _accuracy_text(which: str, truncated: float | None, now: float | None) -> str:
    if truncated is None or now is None:
        return ""
    truncated_text, now_text = percent(truncated), percent(now)
    outcome = f"be {truncated_text} instead of {now_text}"
    if truncated_text == now_text:
        outcome = f"stay at {now_text}"
    return f"{which.capitalize()} accuracy would {outcome}."
