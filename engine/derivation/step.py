"""The inside of a step: everything from the batch to each number after it, without taking it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from engine.derivation.optimizer import Move
from engine.model.arrays import matrix_of
from engine.model.layer import Layer
from engine.model.network import Network
from engine.protocol.derivation import LayerTrace, StepTrace
from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy
from engine.training.dry_run import DryRun

if TYPE_CHECKING:
    from engine.trainer import Trainer


@dataclass(frozen=True)
class TracedStep:
    """One step, and the network as it was before it."""

    step: int
    """Its number, from 1."""
    settings: Settings
    strategy: Strategy
    network: Network
    """A copy, as it is before the step."""
    found: DryRun
    penalties: Mapping[str, Tensor]
    """Parameter that moves -> the penalty's part of its gradient; none where none pulls at it."""
    classes: tuple[str, ...]

    @property
    def count(self) -> int:
        """n: samples in the batch."""
        return len(self.found.labels)

    def delta(self, layer: str) -> Tensor:
        """(n, out): δ = ∂ℓ/∂z of each sample, ℓ its own loss."""
        return self.found.inputs_and_grads[layer][1] * self.count

    def gradient(self, layer: str) -> Tensor:
        """(out, in): ∂L/∂W′, the mean of δ xᵀ over the batch."""
        inputs, out_gradient = self.found.inputs_and_grads[layer]
        return out_gradient.T @ inputs

    @torch.no_grad()
    def outputs(self, layer: str) -> Tensor:
        """(n, out): z = W′ x + b′."""
        now = self.network.get_submodule(layer)
        assert isinstance(now, Layer)
        return functional.linear(
            self.found.inputs_and_grads[layer][0], now.updated(), now.updated_bias()
        )

    @cached_property
    def moves(self) -> Mapping[str, Move]:
        """Parameter that moves -> what the optimizer makes of its gradient."""
        found = self.found
        return {
            name: Move(
                self.settings.optimizer,
                self.network.get_parameter(name).detach(),
                gradient,
                found.optimizer_state.get(name, {}),
                found.learning_rate * found.lr_multipliers[name],
                found.weight_decay,
                "g′" if name in self.penalties else "g",
            )
            for name, gradient in found.gradients.items()
        }

    @cached_property
    @torch.no_grad()
    def after(self) -> Network:
        """The network as the step will leave it."""
        network = _copied(self.network)
        for name, move in self.moves.items():
            parameter = network.get_parameter(name)
            parameter.copy_(move.after)
            parameter.grad = move.gradient
        for name, value in self.found.statistics.items():
            network.get_buffer(name).copy_(value)
        if self.strategy.after_step is not None:
            self.strategy.after_step(network, self.settings, self.step)
        return network

    @torch.no_grad()
    def message(self) -> StepTrace:
        """What a window shows of it."""
        found, names = self.found, [name for name, _ in self.strategy.layers(self.network)]
        last = [name for name, _ in self.network.layers()][-1]
        log_p = torch.log_softmax(self.outputs(last)[0], 0)
        label = int(found.labels[0])
        return StepTrace(
            step=self.step,
            count=self.count,
            picture=matrix_of(found.inputs[:1]),
            label=label,
            classes=self.classes,
            probabilities=matrix_of(log_p.exp()),
            sample_loss=float(-log_p[label]),
            loss=found.loss,
            learning_rate=found.learning_rate,
            layers=tuple(self._layer(name) for name in names),
        )

    def _layer(self, name: str) -> LayerTrace:
        before, after = self.network.get_submodule(name), self.after.get_submodule(name)
        assert isinstance(before, Layer)
        assert isinstance(after, Layer)
        return LayerTrace(
            name=name,
            inputs=matrix_of(self.found.inputs_and_grads[name][0][:1]),
            outputs=matrix_of(self.outputs(name)[0][:, None]),
            delta=matrix_of(self.delta(name)[0][:, None]),
            gradient=matrix_of(self.gradient(name)),
            move=matrix_of(after.updated() - before.updated()),
        )


def trace_step(trainer: Trainer) -> TracedStep | None:
    """The coming step; the trainer stays as it is, to the bit.

    Returns: None where the network is too large for that, see `Settings.is_studied`.
    """
    if not trainer.settings.is_studied:
        return None
    network, found = _copied(trainer.network), trainer.dry_run()
    return TracedStep(
        step=trainer.steps_taken + 1,
        settings=trainer.settings,
        strategy=trainer.strategy,
        network=network,
        found=found,
        penalties=_penalties(trainer.strategy, network, trainer.settings, found),
        classes=_classes(trainer, network),
    )


def _copied(network: Network) -> Network:
    """A network of its own; what nothing ever changes in it is shared."""
    shared: list[object] = [network.dropout_generator]
    if network.quadratic_penalty is not None:
        shared += network.quadratic_penalty.buffers()
    for _, layer in network.layers():
        shared += [layer.original, layer.original_bias]
    return copy.deepcopy(network, {id(each): each for each in shared})


def _penalties(
    strategy: Strategy, network: Network, settings: Settings, found: DryRun
) -> dict[str, Tensor]:
    if strategy.penalty is None or not found.gradients:
        return {}
    free = {name: network.get_parameter(name) for name in found.gradients}
    with torch.enable_grad():
        penalty = strategy.penalty(network, settings)
    if not penalty.requires_grad:
        return {}
    parts = torch.autograd.grad(penalty, list(free.values()), allow_unused=True)
    return {n: part for n, part in zip(free, parts, strict=True) if part is not None}


def _classes(trainer: Trainer, network: Network) -> tuple[str, ...]:
    """What the head tells apart; a head for the source's digits has no names for them."""
    if trainer.evaluator.knows_target:
        return trainer.task.info.classes
    *_, (_, last) = network.layers()
    return tuple(str(number) for number in range(last.shape[0]))
