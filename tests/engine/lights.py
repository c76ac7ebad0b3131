"""The lights of a frame."""

from __future__ import annotations

from engine.protocol.messages import Frame, Proof

Lights = dict[tuple[str, str], Proof]
"""(layer, claim) -> proof"""


def lights(frame: Frame) -> Lights:
    """All of them."""
    return {(layer.name, proof.claim): proof for layer in frame.layers for proof in layer.proofs}


def red(frame: Frame) -> Lights:
    """Those that fail."""
    return {key: proof for key, proof in lights(frame).items() if not proof.holds}


def bugs(frame: Frame) -> Lights:
    """Those that fail and are no lesson of the settings."""
    return {key: proof for key, proof in red(frame).items() if not proof.lesson}
