"""A pretrained network's weights, and the place they come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from torch import Tensor

from engine.protocol.settings import Settings


@dataclass(frozen=True, slots=True)
class Pretrained:
    """The weights that pretraining left."""

    body: dict[str, Tensor]
    """Layer name -> (out, in)"""
    head_weight: Tensor
    """(classes of the source, width)"""
    head_bias: Tensor
    """(classes of the source,)"""
    source_accuracy: float
    """On the source's test split, 0…1; NaN where nothing was learned"""
    norms: Mapping[str, Mapping[str, Tensor]] = field(default_factory=dict)
    """Layer name -> the state of the BatchNorm behind it; empty for a network without"""
    randomly_initialised: bool = False
    """Whether the weights are random: the network is too large to be pretrained on the spot"""


LoadPretrained = Callable[[Settings], Pretrained]
"""Settings of a run -> the pretrained weights it starts from."""
