"""The optimizers one can choose: torch.optim's arithmetic, in torch's own fused kernels.

Called without torch.optim's bookkeeping, which at this size takes several times as long as the
arithmetic, and whose first use imports a compiler.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from engine.protocol.settings import Settings

MOMENTUM = 0.9
BETA1, BETA2, EPS = 0.9, 0.999, 1e-8
"""torch.optim's defaults."""
ADAMW_WEIGHT_DECAY = 0.01

State = dict[str, dict[str, Any]]
"""Parameter name -> the optimizer's state of it, as plain data."""
Memory = dict[str, Tensor]
"""What is remembered of one parameter, under torch.optim's names: momentum_buffer, or step (the
very tensor of all parameters as old), exp_avg and exp_avg_sq."""
Lists = tuple[list[Tensor], ...]

_REMEMBERED = {
    "sgd": (),
    "momentum": ("momentum_buffer",),
    "adam": ("exp_avg", "exp_avg_sq"),
    "adamw": ("exp_avg", "exp_avg_sq"),
}


def weight_decay(settings: Settings) -> float:
    """λ: as set, else the optimizer's own default."""
    if settings.weight_decay is not None:
        return settings.weight_decay
    return ADAMW_WEIGHT_DECAY if settings.optimizer == "adamw" else 0.0


@dataclass(slots=True)
class _Cohort:
    """Parameters that learn at one rate and have taken as many steps as one another."""

    lr_multiplier: float
    places: list[int]
    parameters: list[Tensor]
    states: Lists
    steps: list[Tensor]
    """One tensor, as often as there are parameters; empty where no step counts."""


class Optimizer:
    """The chosen optimizer over some parameters, with an empty state.

    Args: named: parameter name -> parameter.  lr_multiplier: parameter name -> by what its learning
    rate is multiplied.
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
        self.lr_multipliers = {name: lr_multiplier(name) for name in named}
        """Parameter name -> by what its learning rate is multiplied."""
        self._state: dict[str, Memory] = {}
        self._moving: list[bool] = []
        """Which parameters the cohorts hold; empty: they are to be formed anew."""
        self._cohorts: list[_Cohort] = []

    def step(self, rate: float, decay: float) -> None:
        """Move every parameter that has a gradient; under `torch.no_grad`.

        Args: rate: η.  decay: λ.
        """
        gradients = [parameter.grad for parameter in self._parameters]
        moving = [gradient is not None for gradient in gradients]
        if moving != self._moving:
            self._form_cohorts(moving)
        for cohort in self._cohorts:
            theirs: list[Any] = [gradients[place] for place in cohort.places]
            self._move(cohort, theirs, rate * cohort.lr_multiplier, decay)

    def _move(self, cohort: _Cohort, gradients: list[Tensor], rate: float, decay: float) -> None:
        if self._kind in ("sgd", "momentum"):
            torch._fused_sgd_(
                cohort.parameters, gradients, cohort.states[0] if cohort.states else [],
                weight_decay=decay, momentum=MOMENTUM if cohort.states else 0.0, lr=rate,
                dampening=0.0, nesterov=False, maximize=False, is_first_step=False,
            )  # fmt: skip
            return
        averages, squares = cohort.states
        fused = torch._fused_adam_ if self._kind == "adam" else torch._fused_adamw_
        cohort.steps[0].add_(1)
        fused(
            cohort.parameters, gradients, averages, squares, [], cohort.steps, lr=rate,
            beta1=BETA1, beta2=BETA2, weight_decay=decay, eps=EPS, amsgrad=False, maximize=False,
        )  # fmt: skip

    def _form_cohorts(self, moving: list[bool]) -> None:
        keys, by_age = _REMEMBERED[self._kind], dict[tuple[float, float], list[int]]()
        counts = "exp_avg" in keys
        for place, name in enumerate(self._names):
            if not moving[place]:
                continue
            state = self._state.setdefault(name, {})
            for key in keys:
                state.setdefault(key, torch.zeros_like(self._parameters[place]))
            age = float(state.get("step", 0.0)) if counts else 0.0
            by_age.setdefault((self.lr_multipliers[name], age), []).append(place)
        self._cohorts, self._moving = [], moving
        for (lr_multiplier, age), places in by_age.items():
            states = [self._state[self._names[place]] for place in places]
            step = torch.tensor(age, dtype=torch.float32)
            if counts:
                for state in states:
                    state["step"] = step
            self._cohorts.append(_Cohort(
                lr_multiplier=lr_multiplier,
                places=places,
                parameters=[self._parameters[place] for place in places],
                states=tuple([state[key] for state in states] for key in keys),
                steps=[step] * len(places),
            ))  # fmt: skip

    def reset(self, names: Iterable[str]) -> None:
        """Drop the state of these parameters: their next step is a first step."""
        for name in names:
            self._state.pop(name, None)
        self._moving = []

    def tensors(self) -> Iterator[Tensor]:
        """All that is remembered."""
        return (value for state in self._state.values() for value in state.values())

    def state_dict(self) -> State:
        """All that is remembered, copied: parameter name -> key -> array."""
        return {
            name: {key: value.numpy().copy() for key, value in state.items()}
            for name, state in self._state.items()
            if state
        }

    def load_state_dict(self, state: State) -> None:
        """Take the state that `state_dict` gave."""
        self._state = {
            name: {key: torch.from_numpy(value.copy()) for key, value in values.items()}
            for name, values in state.items()
        }
        self._moving = []
