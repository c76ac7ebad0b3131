"""What the spectrum says in words: directions, energy, and what a cut would cost."""

from __future__ import annotations

import math

from engine.protocol.messages import Frame, LayerFrame, Truncation
from engine.protocol.settings import MAX_STUDIED_WEIGHTS
from gui.text.layers import k90_text
from gui.text.numbers import percent

ZERO = "ΔW is zero: there is nothing to decompose yet."
PLAIN = (
    "The singular values of ΔW, largest first: how much it does along each of its directions. "
    "The first k90 of them hold 90\u202f% of its energy ‖ΔW‖²."
)
TOO_LARGE = f"ΔW is cut only in a body of at most {MAX_STUDIED_WEIGHTS:,} weights."
RANKED = ("lora_B", "vera_B")
"""Factors whose columns the strategy's rank counts."""


def body(frame: Frame) -> tuple[LayerFrame, ...]:
    """The layers of the network's body, in order."""
    shapes = frame.settings.body_shapes
    return tuple(layer for layer in frame.layers if layer.name in shapes)


def is_zero(layer: LayerFrame) -> bool:
    """Whether ΔW of the layer is zero; what is not a number is not."""
    return layer.delta_norm == 0.0


def rank_of(frame: Frame, layer: LayerFrame) -> int:
    """r of the strategy, where it gives the layer one; else 0."""
    return frame.settings.rank if any(name in RANKED for name, _ in layer.factors) else 0


def layer_text(layer: LayerFrame, truncation: Truncation | None) -> str:
    """What stands beside the layer's name."""
    k90 = k90_text(layer)
    if is_zero(layer) or not k90:
        return ""
    if truncation is not None:
        kept = next((part.energy for part in truncation.layers if part.name == layer.name), None)
        return "" if kept is None else f"{kept_text(kept)} at rank {truncation.rank}"
    return f"{k90} of {min(layer.shape)} hold 90\u202f%"


def kept_text(share: float) -> str:
    """A share of the energy; 100 % only where nothing at all is lost.

    >>> kept_text(1.0)
    'all'
    """
    if share >= 1 - 1e-6:
        return "all"
    return "> 99.9\u202f%" if share > 0.999 else percent(share)


def energy(frame: Frame, truncation: Truncation) -> float:
    """Share of the energy ‖ΔW‖² of the whole body that the cut keeps."""
    squares = {layer.name: layer.delta_norm**2 for layer in body(frame)}
    whole = math.fsum(squares.get(part.name, 0.0) for part in truncation.layers)
    kept = math.fsum(part.energy * squares.get(part.name, 0.0) for part in truncation.layers)
    return kept / whole if whole > 0 else 1.0


def sentence(frame: Frame, rank: int) -> str:
    """What is to be seen. Args: rank: at which to cut; 0: nowhere."""
    if all(map(is_zero, body(frame))):
        return ZERO
    if not rank:
        return PLAIN
    if not frame.settings.is_studied:
        return TOO_LARGE
    truncation = frame.truncation
    if truncation is None:
        return f"Cutting ΔW down to rank {rank}…"
    kept = kept_text(energy(frame, truncation)).replace(">", "more than")
    costs = [
        _would_be("target", truncation.target_accuracy, frame.target_accuracy),
        _would_be("source", truncation.source_accuracy, frame.source_accuracy),
    ]
    return f"Rank {truncation.rank} keeps {kept} of ΔW’s energy. {' '.join(filter(None, costs))}"


def _would_be(which: str, cut: float | None, now: float | None) -> str:
    if cut is None or now is None:
        return ""
    there, here = percent(cut), percent(now)
    would = f"stay at {here}" if there == here else f"be {there} instead of {here}"
    return f"{which.capitalize()} accuracy would {would}."
