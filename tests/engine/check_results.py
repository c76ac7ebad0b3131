"""The lights of a frame."""

from __future__ import annotations

from engine.protocol.messages import Check, Frame

Lights = dict[tuple[str, str], Check]
"""(layer, claim) -> proof"""


def lights(frame: Frame) -> Lights:
    """All of them."""
    return {
        (layer.name, check.name): check for layer in frame.layers for check in layer.measured.checks
    }


def red(frame: Frame) -> Lights:
    """Those that fail."""
    return {key: check for key, check in lights(frame).items() if not check.holds}


def bugs(frame: Frame) -> Lights:
    """Those that fail and are no lesson of the settings."""
    return {key: check for key, check in red(frame).items() if not check.by_settings}
