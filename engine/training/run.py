"""One run: a network, its strategy, its optimizer and its data order, a step at a time."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from engine.model.network import Network
from engine.protocol.messages import StepReport
from engine.protocol.schedules import schedule_factor
from engine.protocol.settings import RESTARTS, Settings
from engine.strategies import STRATEGIES
from engine.tasks import TASKS
from engine.training.batches import BatchSampler, Samples
from engine.training.divergence import GOOD_LOSS_FACTOR, DivergedError, has_diverged
from engine.training.dry_run import DryRun, capture_activations
from engine.training.evaluator import Evaluator
from engine.training.initial_state import LoadPretrained, check_frozen, make_initial_state
from engine.training.manual_backward import InputsAndGrads, ManualPass, supports
from engine.training.optimizers import Optimizer, resolve_weight_decay
from engine.training.stochastic_state import batchnorm_statistics, remember_pass, train_mode
from engine.training.threads import choose_thread_count

MAX_LOSSES = 1_000
"""Batch losses kept, the newest, and once more in each snapshot of a history."""


class Run:
    """One run from its first step on; it knows nothing of who looks at it.

    Only `step`, `configure` and `restore` change it.

    Args: settings: of the run.  load_pretrained: finds the weights that it starts from.
    number: tells it from other runs.
    Raises: SettingsError: a frozen layer that the network does not have.
    Raises: ResourceError: a data file or a pretrained network is missing or damaged.
    """

    def __init__(
        self, settings: Settings, load_pretrained: LoadPretrained, number: int = 1
    ) -> None:
        # As long as a run goes on, sums come out in one order: it repeats bit for bit.
        torch.set_num_threads(choose_thread_count(settings.body_weights))
        self.number = number
        self.settings = settings
        self.strategy = STRATEGIES[settings.strategy]
        self.task = TASKS[settings.task]
        self.initial = make_initial_state(settings, load_pretrained)
        self.steps_taken = 0
        self.last_good_step = 0
        """The last step whose batch loss was good: where to go back to from a wreck."""
        self.locks_version = 0
        """Counts how often it was decided anew what may move."""
        self.network: Network = self.initial.network
        self._generator = self.initial.generator
        self._losses = array("f")
        self._batches = BatchSampler(self.initial.train, settings.seed)
        self._parameters = {
            name: parameter
            for name, parameter in self.network.named_parameters()
            if self.strategy.trains(name)
        }
        self._optimizer = self._make_optimizer()
        self._undo_pass: Callable[[], None] | None = None
        self.evaluator = Evaluator(self.initial, settings)
        self._good_loss = GOOD_LOSS_FACTOR * self.evaluator.at_start.train_loss
        self._lock_parameters()

    @property
    def train(self) -> Samples:
        """The samples that it learns from."""
        return self._batches.samples

    # ------------------------------------------------------------ training

    @torch.no_grad()
    def step(self) -> StepReport:
        """Take one optimizer step on the next batch.

        A batch whose loss is good makes the step it started from the last good one.

        Raises: DivergedError: the batch's loss is lost; nothing was changed.
        """
        batch = self._batches.next(self.settings.batch_size)
        loss = self._loss(*batch)
        value = loss.item()
        if has_diverged(value):
            self._batches.put_back(batch)
            if self._undo_pass is not None:
                self._undo_pass()
            learning_rate, step = self.settings.learning_rate, self.steps_taken + 1
            raise DivergedError(step, value, learning_rate, self.last_good_step)
        if value <= self._good_loss:
            self.last_good_step = self.steps_taken
        if self._learns:
            self._backward(loss)
            self._optimizer.step(self.learning_rate(), self._weight_decay)
        self.steps_taken += 1
        self._losses.append(value)
        if len(self._losses) > 2 * MAX_LOSSES:
            del self._losses[:MAX_LOSSES]
        if self.strategy.after_step is not None:
            self.strategy.after_step(self.network, self.settings, self.steps_taken)
        if self.steps_taken in self._unfreeze_at:
            self._lock_parameters()
        return StepReport(self.steps_taken, value)

    def _loss(self, inputs: Tensor, labels: Tensor) -> Tensor:
        """(): mean over the batch. Args: inputs: (n, 30).  labels: (n,)."""
        stochastic = self.settings.dropout > 0 or self.settings.batch_norm
        self._undo_pass = remember_pass(self.network) if stochastic else None
        if self._manual is not None:
            return self._manual.forward(inputs, labels)
        mode = train_mode(self.network, self.settings) if stochastic else nullcontext()
        with mode, torch.enable_grad():
            return functional.cross_entropy(self.network(inputs), labels)

    def _backward(self, loss: Tensor, *, every_layer: bool = False) -> InputsAndGrads:
        """Give every free parameter its gradient of the loss and of the strategy's penalty.

        Args, Returns: as `ManualPass.backward`; nothing where autograd goes back.
        """
        captured: InputsAndGrads = {}
        if self._manual is not None:
            captured = self._manual.backward(every_layer=every_layer)
        else:
            for parameter in self._parameters.values():
                parameter.grad = None
            loss.backward()  # type: ignore[no-untyped-call]
        if self.strategy.penalty is not None:
            with torch.enable_grad():
                penalty = self.strategy.penalty(self.network, self.settings)
            if penalty.requires_grad:
                penalty.backward()  # type: ignore[no-untyped-call]
        return captured

    @torch.no_grad()
    def dry_run(self) -> DryRun:
        """Take the coming step up to its gradients, and undo whatever that changes."""
        batch = self._batches.peek(self.settings.batch_size)
        with capture_activations(self.network) as hooks:
            loss = self._loss(*batch)
            captured = self._backward(loss, every_layer=True) or hooks.inputs_and_grads()
            return DryRun(
                *batch, loss.item(), captured, hooks.hidden, dict(self._gradients()),
                batchnorm_statistics(self.network), self._optimizer.state_dict(),
                self.learning_rate(),
            )  # fmt: skip

    def learning_rate(self) -> float:
        """Return η of the next step."""
        return self.settings.learning_rate * schedule_factor(self.settings, self.steps_taken)

    def losses_after(self, step: int) -> NDArray[np.float32]:
        """Return the batch losses after a step, as far as they are kept. Args: step: left out."""
        count = min(self.steps_taken - max(step, 0), MAX_LOSSES)
        return np.array(self._losses[-count:] if count > 0 else [], np.float32)

    # ------------------------------------------------------------ live changes

    def restarts_with(self, new: Settings) -> bool:
        """Whether a change to these settings begins a new run. Args: new: the settings."""
        return bool(RESTARTS.union(self.strategy.restarts) & self.settings.differences(new).keys())

    def configure(self, new: Settings) -> tuple[str, ...]:
        """Let settings take effect from the next step on.

        Args: new: the settings; `restarts_with` them is false.
        Returns: what a user should know of the change, in whole sentences.
        Raises: SettingsError: a frozen layer that the network does not have; nothing was changed.
        """
        old = self.settings
        changes = old.differences(new)
        check_frozen(new, self.network)
        effect = self.strategy.change(self.network, old, new, self._generator)
        self.settings = new
        self.network.dropout = new.dropout
        rewritten = {id(parameter) for parameter in effect.parameters}
        self._optimizer.reset(name for name, p in self._parameters.items() if id(p) in rewritten)
        notes = [effect.note] if effect.note else []
        if "optimizer" in changes:
            self._optimizer = self._make_optimizer()
            notes.append("The state of the optimizer is reset.")
        self._optimizer.set_lr_multipliers(self._lr_multiplier)
        self._lock_parameters()
        # Before the first step there is nothing yet that a change could keep or lose.
        return tuple(notes) if self.steps_taken else ()

    def _make_optimizer(self) -> Optimizer:
        return Optimizer(self.settings, self._parameters, self._lr_multiplier)

    def _lr_multiplier(self, name: str) -> float:
        return self.strategy.lr_multiplier(name, self.settings)

    def frozen(self) -> tuple[str, ...]:
        """Return the names of the blocks held fixed now, by the user or by the strategy."""
        chosen = self.settings.frozen
        held = self.strategy.frozen if chosen is None else chosen
        steps = self.unfreeze_steps().items()
        waiting = (name for name, step in steps if self.steps_taken < step)
        return tuple(dict.fromkeys((*held, *waiting)))

    def unfreeze_steps(self) -> Mapping[str, int]:
        """Return block -> number of steps after which the strategy lets it train."""
        return self.strategy.unfreeze_at(self.settings)

    def _lock_parameters(self) -> None:
        """Decide which parameters may move, and renew what depends on it.

        A locked one also loses its gradient, with which an optimizer would still move it, and
        the optimizer's state of it, so that unlocking begins afresh.
        """
        locked, held = self.frozen(), []
        for name, layer in self.network.layers():
            if f"{name}.weight" in self._parameters and name.partition(".")[0] not in locked:
                layer.untie()
        for name, parameter in self.network.named_parameters():
            free = name in self._parameters and name.partition(".")[0] not in locked
            parameter.requires_grad_(free)
            if not free:
                parameter.grad = None
                held.append(name)
        self._optimizer.reset(held)
        self._weight_decay = resolve_weight_decay(self.settings)
        self._learns = any(parameter.requires_grad for parameter in self._parameters.values())
        self._manual = ManualPass(self.network) if supports(self.network) else None
        self._unfreeze_at = frozenset(self.unfreeze_steps().values())
        self.locks_version += 1

    # ------------------------------------------------------------ state

    def state(self) -> dict[str, Any]:
        """Return everything that decides the coming steps as numbers, strings and arrays."""
        return {
            "run": self.number,
            "settings": self.settings.to_json(),
            "steps_taken": self.steps_taken,
            "last_good_step": self.last_good_step,
            "losses": self.losses_after(0),
            "network": {
                name: value.numpy().copy() for name, value in self.network.moving_tensors().items()
            },
            "gradients": {name: gradient.numpy().copy() for name, gradient in self._gradients()},
            "optimizer": self._optimizer.state_dict(),
            "order": self._batches.state(),
            "generator": self._generator.get_state().numpy().copy(),
        }

    def _gradients(self) -> Iterator[tuple[str, Tensor]]:
        """Parameter name -> the gradient that it has now."""
        pairs = ((name, parameter.grad) for name, parameter in self._parameters.items())
        return ((name, gradient) for name, gradient in pairs if gradient is not None)

    def state_bytes(self) -> int:
        """Return about how many bytes `state` would take, without making it."""
        tensors = [*self.network.moving_tensors().values(), *self._optimizer.tensors()]
        tensors += [gradient for _, gradient in self._gradients()]
        losses = self._losses.itemsize * min(len(self._losses), MAX_LOSSES)
        return losses + sum(tensor.nbytes for tensor in tensors)

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to a state: the same steps follow, bit for bit.

        Args: state: as `state` gave it, of a run with the same restarting settings.
        """
        settings = Settings.from_json(state["settings"])
        self.settings = settings
        self.steps_taken, self.last_good_step = state["steps_taken"], state["last_good_step"]
        self.network.dropout = settings.dropout
        self._restore_tensors(state)
        self._optimizer = self._make_optimizer()
        self._lock_parameters()
        for name, value in state["gradients"].items():
            self._parameters[name].grad = torch.from_numpy(value.copy())
        self._optimizer.load_state_dict(state["optimizer"])
        self._batches.restore(state["order"])
        self._generator.set_state(torch.from_numpy(state["generator"].copy()))
        self._losses = array("f", state["losses"].tolist())

    def _restore_tensors(self, state: Mapping[str, Any]) -> None:
        # Not by load_state_dict: a locked layer may have another rank than the settings say.
        tensors = self.network.state_dict(keep_vars=True)
        for name, value in state["network"].items():
            tensors[name].data = torch.from_numpy(value.copy())
        for parameter in self._parameters.values():
            parameter.grad = None
        for name, layer in self.network.layers():
            if layer.is_large and f"{name}.weight" not in state["network"]:
                layer.weight.data = layer.original  # it had not been untied
