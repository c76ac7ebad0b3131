"""Figures of the method guide: what was measured over seeds, and what is calculated."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path

import msgspec

from engine.protocol.shipped import RESOURCES

FIGURES_FILE = RESOURCES / "method_figures.toml"
"""Written by `python -m engine.method_figures`."""


class SetupFigures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Figures of one method's runs on one setup, one of each seed 0, 1 …; shares, not per cent."""

    target: tuple[float, ...]
    """Target accuracy after the last step."""
    past_best: tuple[float, ...]
    """Target accuracy lost since the best step."""
    forgetting: tuple[float, ...]
    """Source accuracy lost, with the source's head as it is now; NaN: there was no source."""
    forgetting_kept_head: tuple[float, ...]
    """Source accuracy lost, with the source's head as it stood before the first step."""

    def __post_init__(self) -> None:
        """Check that the runs are whole. Raises: ValueError: one of them lacks a figure."""
        columns = msgspec.structs.astuple(self)
        if not self.target or len(set(map(len, columns))) > 1:
            raise ValueError("there must be one figure of each kind for each seed")
        if not all(map(math.isfinite, (*self.target, *self.past_best))):
            raise ValueError("target and past_best must be finite")


class MethodFigures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Figures of one method."""

    stored_parameters: int
    """Parameters that one task stores in the lessons' network, head included; exact."""
    keeps_head: bool
    """Whether it starts from the pretrained head where source and target share their classes."""
    memory_bytes: int
    """Training memory of a large model: weights, gradients and Adam's states."""
    file_bytes: int
    """One task's file for that model."""
    forward_passes: float
    """Arithmetic of one training step on that model, in forward passes."""
    unpacks: bool
    """Whether the frozen weights have to be unpacked from 4 bits in each pass."""
    plan: str
    """What trains in that model, in words."""
    runs: dict[str, SetupFigures]
    """Name of a setup -> its runs."""


def read_figures(file: Path = FIGURES_FILE) -> dict[str, MethodFigures]:
    """Return the figures by strategy. Args: file: to read.

    Raises: OSError, ValueError: it is missing or damaged.
    """
    return msgspec.convert(
        tomllib.loads(file.read_text(encoding="utf-8")), dict[str, MethodFigures]
    )
