"""The trace of a step: everything from the batch to each number after it, without taking it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor
from torch.nn import functional

from engine.derivation.optimizer import Move
from engine.model.layer import Layer, matrix_of
from engine.model.network import Network
from engine.protocol.derivation import LayerTrace, StepTrace
from engine.protocol.matrices import Array, Matrix, MatrixInfo
from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy
from engine.training.dry_run import DryRun
from engine.training.optimizers import resolve_weight_decay
from engine.training.run import Run


@dataclass(frozen=True)
class TracedStep:
    """One step, and the network as it was before it."""

    step: int
    """Its number, from 1."""
    settings: Settings
    strategy: Strategy
    network: Network
    """A copy, as it is before the step."""
    dry_run: DryRun
    penalties: Mapping[str, Tensor]
    """Parameter that moves -> the penalty's part of its gradient; none where none pulls at it."""
    classes: tuple[str, ...]
    picture: Array
    """The batch's first sample, to look at."""
    names: tuple[str, ...]
    """Names of the picture's cells; empty: they are pixels."""

    @property
    def count(self) -> int:
        """n, the samples in the batch."""
        return len(self.dry_run.labels)

    def grad_output(self, layer: str) -> Tensor:
        """Return δ = ∂ℓ/∂z of each sample, (n, out), ℓ its own loss. Args: layer: its name."""
        return self.dry_run.inputs_and_grads[layer][1] * self.count

    def gradient(self, layer: str) -> Tensor:
        """Return ∂L/∂W′, (out, in), the mean of δ xᵀ over the batch. Args: layer: its name."""
        inputs, grad_output = self.dry_run.inputs_and_grads[layer]
        return grad_output.T @ inputs

    @torch.no_grad()
    def outputs(self, layer: str) -> Tensor:
        """Return z = W′ x + b′, (n, out). Args: layer: its name."""
        now = self.network.get_submodule(layer)
        assert isinstance(now, Layer)
        return functional.linear(
            self.dry_run.inputs_and_grads[layer][0], now.updated(), now.updated_bias()
        )

    @cached_property
    def moves(self) -> Mapping[str, Move]:
        """Parameter that moves -> its optimizer step."""
        dry_run = self.dry_run
        return {
            name: Move(
                self.settings.optimizer,
                self.network.get_parameter(name).detach(),
                gradient,
                dry_run.optimizer_state.get(name, {}),
                dry_run.learning_rate * self.strategy.lr_multiplier(name, self.settings),
                resolve_weight_decay(self.settings),
                "g′" if name in self.penalties else "g",
            )
            for name, gradient in dry_run.gradients.items()
        }

    @cached_property
    @torch.no_grad()
    def after(self) -> Network:
        """A copy of the network as it is after the step."""
        network = self.network.copied()
        for name, move in self.moves.items():
            parameter = network.get_parameter(name)
            parameter.copy_(move.after)
            parameter.grad = move.gradient
        for name, value in self.dry_run.statistics.items():
            network.get_buffer(name).copy_(value)
        if self.strategy.after_step is not None:
            self.strategy.after_step(network, self.settings, self.step)
        return network

    @torch.no_grad()
    def message(self) -> StepTrace:
        """Return the trace as a message for the window."""
        dry_run, names = self.dry_run, [name for name, _ in self.network.layers()]
        log_p = torch.log_softmax(self.outputs(names[-1])[0], 0)
        label = int(dry_run.labels[0])
        return StepTrace(
            step=self.step,
            count=self.count,
            picture=self.picture,
            names=self.names,
            label=label,
            classes=self.classes,
            probabilities=matrix_of(log_p.exp()),
            sample_loss=float(-log_p[label]),
            loss=dry_run.loss,
            learning_rate=dry_run.learning_rate,
            layers=tuple(self._layer(name) for name in names),
        )

    def _layer(self, name: str) -> LayerTrace:
        before, after = self.network.get_submodule(name), self.after.get_submodule(name)
        assert isinstance(before, Layer)
        assert isinstance(after, Layer)
        gradients, moves = self._factors(name, before, after)
        return LayerTrace(
            name=name,
            inputs=matrix_of(self.dry_run.inputs_and_grads[name][0][:1]),
            outputs=matrix_of(self.outputs(name)[0][:, None]),
            grad_output=matrix_of(self.grad_output(name)[0][:, None]),
            gradient=matrix_of(self.gradient(name)),
            move=matrix_of(after.updated() - before.updated()),
            factor_gradients=gradients,
            factor_moves=moves,
        )

    def _factors(
        self, name: str, before: Layer, after: Layer
    ) -> tuple[tuple[Matrix[Array], ...], tuple[Matrix[Array], ...]]:
        """Return the gradients of the factors that are trained in place of W, and their moves."""
        gradients, moves = [], []
        factors_after = () if after.update is None else after.update.factors()
        then = {factor.name: factor.values for factor in factors_after}
        for factor in () if before.update is None else before.update.factors():
            found = self.dry_run.gradients.get(f"{name}.update.{factor.name}")
            if found is None or not factor.info.makes_delta:
                continue
            title, values = factor.info.title, factor.values
            asks = f"The mean over the batch: how the loss changes with each entry of {title}."
            gradient = _traced(factor.info, "gradient", f"∂L/∂{title}", asks)
            move = _traced(factor.info, "move", f"move of {title}",
                           f"{title} after the step − {title} before it.")  # fmt: skip
            gradients.append(Matrix(gradient, matrix_of(found.reshape(values.shape))))
            moves.append(Matrix(move, matrix_of(then[factor.name] - values)))
        return tuple(gradients), tuple(moves)


def _traced(factor: MatrixInfo, kind: str, title: str, description: str) -> MatrixInfo:
    """Describe what a step does to a factor, in whose place it is shown."""
    return MatrixInfo(
        name=f"{factor.name}_{kind}", title=title, role="step", sides=factor.sides,
        description=description, in_place_of=factor.name, derived_as=factor.name,
    )  # fmt: skip


@torch.no_grad()
def trace_step(run: Run) -> TracedStep | None:
    """Trace the coming step of a run, which stays as it is, to the bit.

    Args: run: that is to take the step.
    Returns: None where the network is too large for that, see `Settings.is_studied`.
    """
    if not run.settings.is_studied:
        return None
    network, dry_run = run.network.copied(), run.dry_run()
    return TracedStep(
        step=run.steps_taken + 1,
        settings=run.settings,
        strategy=run.strategy,
        network=network,
        dry_run=dry_run,
        penalties=_penalties(run.strategy, network, run.settings, dry_run),
        classes=_classes(run, network),
        picture=_picture(run, dry_run),
        names=run.initial.data.names,
    )


def _penalties(
    strategy: Strategy, network: Network, settings: Settings, dry_run: DryRun
) -> dict[str, Tensor]:
    if strategy.penalty is None or not dry_run.gradients:
        return {}
    free = {name: network.get_parameter(name) for name in dry_run.gradients}
    with torch.enable_grad():
        penalty = strategy.penalty(network, settings)
    if not penalty.requires_grad:
        return {}
    parts = torch.autograd.grad(penalty, list(free.values()), allow_unused=True)
    return {n: part for n, part in zip(free, parts, strict=True) if part is not None}


def _picture(run: Run, dry_run: DryRun) -> Array:
    data = run.initial.data
    is_first = (data.target.train.inputs == dry_run.inputs[0].numpy()).all(axis=1)  # (samples,)
    picture: Array = data.train_pictures[int(is_first.argmax())]
    return picture


def _classes(run: Run, network: Network) -> tuple[str, ...]:
    """Names of the head's classes; a head for the source's digits has only numbers."""
    if run.evaluator.knows_target:
        return run.task.info.classes
    *_, (_, last) = network.layers()
    return tuple(str(number) for number in range(last.shape[0]))
