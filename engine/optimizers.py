"""The optimizers one can choose: torch's own, with torch's defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from engine.protocol.settings import Settings

MOMENTUM = 0.9
ADAMW_WEIGHT_DECAY = 0.01

State = dict[str, dict[str, Any]]
"""Parameter name -> the optimizer's memory of it, as plain data."""


def prewarm() -> None:
    """Have torch import what its first optimizer needs, some 800 modules: about a second."""
    number = nn.Parameter(torch.zeros(1))
    number.grad = torch.zeros(1)
    torch.optim.AdamW([number], fused=True).step()


def weight_decay(settings: Settings) -> float:
    """λ: as set, else the optimizer's own default."""
    if settings.weight_decay is not None:
        return settings.weight_decay
    return ADAMW_WEIGHT_DECAY if settings.optimizer == "adamw" else 0.0


def new_optimizer(
    settings: Settings,
    named: Mapping[str, nn.Parameter],
    faster: Callable[[str], float] = lambda name: 1.0,
) -> torch.optim.Optimizer:
    """The chosen torch.optim optimizer over these parameters, with an empty memory.

    Args: faster: parameter name -> by what its learning rate is multiplied; its group says so
    under "faster".
    """
    rate, decay = settings.learning_rate, weight_decay(settings)
    by_speed: dict[float, list[nn.Parameter]] = {}
    for name, parameter in named.items():
        by_speed.setdefault(faster(name), []).append(parameter)
    groups = [
        {"params": parameters, "lr": rate * speed, "faster": speed}
        for speed, parameters in by_speed.items()
    ]
    match settings.optimizer:
        case "sgd":
            return torch.optim.SGD(groups, rate, weight_decay=decay, fused=True)
        case "momentum":
            # Not fused: torch's fused SGD fails when only some parameters have a memory, as
            # after a layer was unlocked.
            return torch.optim.SGD(groups, rate, momentum=MOMENTUM, weight_decay=decay)
        case "adam":
            return torch.optim.Adam(groups, rate, weight_decay=decay, fused=True)
        case _:
            return torch.optim.AdamW(groups, rate, weight_decay=decay, fused=True)


def forget(optimizer: torch.optim.Optimizer, parameter: nn.Parameter) -> None:
    """Drop the optimizer's memory of one parameter: its next step is a first step."""
    optimizer.state.pop(parameter, None)


def memory(optimizer: torch.optim.Optimizer, named: Mapping[str, nn.Parameter]) -> State:
    """The optimizer's memory by parameter name, copied."""
    return {
        name: {
            key: value.numpy().copy() if isinstance(value, torch.Tensor) else value
            for key, value in optimizer.state[parameter].items()
        }
        for name, parameter in named.items()
        if optimizer.state.get(parameter)
    }


def remember(
    optimizer: torch.optim.Optimizer, named: Mapping[str, nn.Parameter], state: State
) -> None:
    """Give the optimizer the memory that `memory` took."""
    for name, values in state.items():
        optimizer.state[named[name]] = {
            key: torch.from_numpy(value.copy()) if hasattr(value, "dtype") else value
            for key, value in values.items()
        }
