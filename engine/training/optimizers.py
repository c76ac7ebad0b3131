"""Optimizers: torch.optim's arithmetic, in torch's own fused kernels.

Called without torch.optim's bookkeeping: a fused Adam of its own takes 54 µs a step where this
takes 13, and its first use imports a compiler, which takes a second and 70 MB.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from engine.protocol.settings import Settings

MOMENTUM = 0.9
"""Momentum of SGD."""
BETA1, BETA2, EPS = 0.9, 0.999, 1e-8
"""torch.optim's defaults."""
ADAMW_WEIGHT_DECAY = 0.01

OptimizerState = dict[str, dict[str, Any]]
"""Parameter name -> its optimizer state, as plain data."""
ParameterState = dict[str, Tensor]
"""Optimizer state of one parameter, under torch.optim's names; a group shares one step."""
Lists = tuple[list[Tensor], ...]

_STATE_KEYS = {
    "sgd": (),
    "momentum": ("momentum_buffer",),
    "adam": ("exp_avg", "exp_avg_sq"),
    "adamw": ("exp_avg", "exp_avg_sq"),
}
"""Optimizer -> keys of its state, apart from step."""


def resolve_weight_decay(settings: Settings) -> float:
    """Return λ as set, else torch.optim's default for the optimizer. Args: settings: of the run."""
    if settings.weight_decay is not None:
        return settings.weight_decay
    return ADAMW_WEIGHT_DECAY if settings.optimizer == "adamw" else 0.0


@dataclass(slots=True)
class _ParameterGroup:
    """Parameters with the same learning rate and number of steps."""

    lr_multiplier: float
    indices: list[int]
    """Positions of the parameters in the optimizer's."""
    parameters: list[Tensor]
    states: Lists
    steps: list[Tensor]
    """One tensor, once for each parameter; unused where the state has no step."""


class Optimizer:
    """The chosen optimizer over some parameters, with an empty state.

    Args: settings: that choose it.  named: parameter name -> parameter.  lr_multiplier: parameter
    name -> factor of its learning rate.
    Source: torch.optim's SGD, Adam and AdamW; arXiv:1412.6980, arXiv:1711.05101.
    """

    def __init__(
        self,
        settings: Settings,
        named: Mapping[str, nn.Parameter],
        lr_multiplier: Callable[[str], float] = lambda name: 1.0,
    ) -> None:
        self._kind = settings.optimizer
        self._names = tuple(named)
        self._parameters = tuple(named.values())
        self._state: dict[str, ParameterState] = {}
        self._grouped: list[bool] = []
        """Whether each parameter is in a group; empty: the groups must be built."""
        self._groups: list[_ParameterGroup] = []
        self.set_lr_multipliers(lr_multiplier)

    def set_lr_multipliers(self, lr_multiplier: Callable[[str], float]) -> None:
        """Change the learning rates. Args: lr_multiplier: as of the constructor."""
        self.lr_multipliers = {name: lr_multiplier(name) for name in self._names}
        """Parameter name -> by what its learning rate is multiplied."""
        self._grouped = []

    def step(self, learning_rate: float, weight_decay: float) -> None:
        """Update what has a gradient, under `no_grad`. Args: learning_rate: η.  weight_decay: λ."""
        gradients = [parameter.grad for parameter in self._parameters]
        has_gradient = [gradient is not None for gradient in gradients]
        if has_gradient != self._grouped:
            self._build_groups(has_gradient)
        for group in self._groups:
            group_gradients: list[Any] = [gradients[index] for index in group.indices]
            group_rate = learning_rate * group.lr_multiplier
            self._move(group, group_gradients, group_rate, weight_decay)

    def _move(
        self,
        group: _ParameterGroup,
        gradients: list[Tensor],
        learning_rate: float,
        weight_decay: float,
    ) -> None:
        if self._kind in ("sgd", "momentum"):
            torch._fused_sgd_(
                group.parameters, gradients, group.states[0] if group.states else [],
                weight_decay=weight_decay, momentum=MOMENTUM if group.states else 0.0,
                lr=learning_rate, dampening=0.0, nesterov=False, maximize=False,
                is_first_step=False,
            )  # fmt: skip
            return
        averages, squares = group.states
        fused = torch._fused_adam_ if self._kind == "adam" else torch._fused_adamw_
        group.steps[0].add_(1)
        fused(
            group.parameters, gradients, averages, squares, [], group.steps, lr=learning_rate,
            beta1=BETA1, beta2=BETA2, weight_decay=weight_decay, eps=EPS, amsgrad=False,
            maximize=False,
        )  # fmt: skip

    def _build_groups(self, has_gradient: list[bool]) -> None:
        """Group the parameters that have a gradient by learning rate and number of steps."""
        keys, indices_by_rate = _STATE_KEYS[self._kind], dict[tuple[float, float], list[int]]()
        counts_steps = "exp_avg" in keys
        for index, name in enumerate(self._names):
            if not has_gradient[index]:
                continue
            state = self._state.setdefault(name, {})
            for key in keys:
                state.setdefault(key, torch.zeros_like(self._parameters[index]))
            steps = float(state.get("step", 0.0)) if counts_steps else 0.0
            indices_by_rate.setdefault((self.lr_multipliers[name], steps), []).append(index)
        self._groups, self._grouped = [], has_gradient
        for (lr_multiplier, steps), indices in indices_by_rate.items():
            states = [self._state[self._names[index]] for index in indices]
            step = torch.tensor(steps, dtype=torch.float32)
            if counts_steps:
                for state in states:
                    state["step"] = step
            self._groups.append(_ParameterGroup(
                lr_multiplier=lr_multiplier,
                indices=indices,
                parameters=[self._parameters[index] for index in indices],
                states=tuple([state[key] for state in states] for key in keys),
                steps=[step] * len(indices),
            ))  # fmt: skip

    def reset(self, names: Iterable[str]) -> None:
        """Drop some parameters' state: their next step is a first one. Args: names: of them."""
        for name in names:
            self._state.pop(name, None)
        self._grouped = []

    def tensors(self) -> Iterator[Tensor]:
        """Iterate over all state tensors."""
        return (value for state in self._state.values() for value in state.values())

    def state_dict(self) -> OptimizerState:
        """Return a copy of the state: parameter name -> key -> array."""
        return {
            name: {key: value.numpy().copy() for key, value in state.items()}
            for name, state in self._state.items()
            if state
        }

    def load_state_dict(self, state: OptimizerState) -> None:
        """Replace the state. Args: state: as `state_dict` returned it."""
        self._state = {
            name: {key: torch.from_numpy(value.copy()) for key, value in values.items()}
            for name, values in state.items()
        }
        self._grouped = []
