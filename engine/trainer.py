"""The trainer: it owns the network, the strategy, the optimizer and the data order of a run."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from itertools import islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from engine.analysis.checks import Checker
from engine.analysis.snapshot import NetworkSnapshot
from engine.derivation.step import TracedStep, trace_step
from engine.frames.build import Ledger, frame_of
from engine.frames.downsample import Downsampler
from engine.frames.evaluator import Evaluator, Metrics
from engine.frames.measurements import Measurements, OtherBranch, find
from engine.frames.sample_selection import SampleSelection
from engine.protocol.messages import (
    Applied,
    Configure,
    Frame,
    FrameOptions,
    Reset,
    StepReport,
    ViewRequest,
)
from engine.protocol.schedules import schedule_factor
from engine.protocol.settings import RESTARTS, Settings
from engine.strategies import STRATEGIES
from engine.tasks import TASKS
from engine.training.batches import BatchSampler, Samples
from engine.training.divergence import GOOD_LOSS_FACTOR, DivergedError, has_diverged
from engine.training.dry_run import DryRun, capture_activations, restored_afterwards
from engine.training.initial_state import check_frozen, make_initial_state
from engine.training.manual_backward import InputsAndGrads, ManualBackward, supports
from engine.training.optimizers import Optimizer, resolve_weight_decay
from engine.training.stochastic_state import StochasticState, batchnorm_statistics, train_mode
from engine.training.threads import choose_thread_count

LOSSES_KEPT = 10_000
"""Batch losses remembered, the newest: memory stays flat however long a run goes on."""
PROBES = 16
"""Validation samples on which merged and unmerged outputs are compared."""
NOTHING_MORE = FrameOptions()


class Trainer:
    """One run, a step at a time.

    Nothing changes but in `step`, `apply` and `restore`; a frame shows a step boundary.

    Args: settings: what to run.
    Raises: SettingsError: a frozen layer that the network does not have.
    Raises: ResourceError: a data file or a pretrained network is missing or damaged.
    """

    def __init__(self, settings: Settings) -> None:
        self.run = 0
        self.views: Mapping[str, ViewRequest] = {}
        """Layer name -> what is shown of it, where it is large."""
        self.pictures = Downsampler()
        self.sample_selection = SampleSelection()
        self._begin(settings)

    # ------------------------------------------------------------ beginning

    def _begin(self, settings: Settings) -> None:
        # As long as a run goes on, sums come out in one order: it repeats bit for bit.
        torch.set_num_threads(choose_thread_count(settings.body_weights))
        begun = make_initial_state(settings)
        strategy = STRATEGIES[settings.strategy]
        self.run += 1
        self.pictures.forget()
        self.steps_taken = 0
        self.last_good_step = 0
        self.settings = settings
        self.strategy = strategy
        self.task = TASKS[settings.task]
        self.network = begun.network
        self._generator = begun.generator
        self._losses: deque[float] = deque(maxlen=LOSSES_KEPT)
        self._order = BatchSampler(begun.train, settings.seed)
        self._named = {
            name: parameter
            for name, parameter in self.network.named_parameters()
            if strategy.trains(name)
        }
        self._optimizer = self._new_optimizer()
        self._noise_before: StochasticState | None = None
        self.last_trace: TracedStep | None = None
        """The last step as it was looked into before it was taken, if it was."""
        self._before: dict[str, Tensor] = {}
        """W′ before the last step, if it was watched."""
        self.evaluator = Evaluator(begun, settings)
        self.checks = Checker(self.network, begun.validation.inputs[:PROBES])
        self._apply_freezing()
        self._good_loss = GOOD_LOSS_FACTOR * self.evaluator.at_start.train_loss

    @property
    def train(self) -> Samples:
        """What is learned from."""
        return self._order.samples

    # ------------------------------------------------------------ training

    @torch.no_grad()
    def step(self, *, watched: bool = False, inside: bool = False) -> StepReport:
        """Take one optimizer step on the next batch.

        A batch whose loss is good makes the step it started from the last good one.

        Args: watched: remember W′ as it was, so that the next frame says how far the step went.
        inside: look into the step first, so that a cell's move can be worked out by hand.
        Raises: DivergedError: the batch's loss is lost; nothing was changed.
        """
        self._before = self._matrices() if watched else {}
        looked = trace_step(self) if inside else None
        batch = self._order.next(self.settings.batch_size)
        loss = self._loss(*batch)
        value = loss.item()
        if has_diverged(value):
            self._take_back(batch)
            rate, step = self.settings.learning_rate, self.steps_taken + 1
            raise DivergedError(step, value, rate, self.last_good_step)
        if value <= self._good_loss:
            self.last_good_step = self.steps_taken
        if self._learns:
            self._leave_gradients(loss)
            self._optimizer.step(self.learning_rate(), self._decay)
        self.steps_taken += 1
        self.last_trace = looked
        self._losses.append(value)
        if self.strategy.after_step is not None:
            self.strategy.after_step(self.network, self.settings, self.steps_taken)
        if self.steps_taken in self._unfreeze_steps:
            self._apply_freezing()
        return StepReport(self.steps_taken, value)

    def _loss(self, inputs: Tensor, labels: Tensor) -> Tensor:
        """(): mean over the batch. Args: inputs: (n, 30).  labels: (n,)."""
        if self._written_out is not None:
            return self._written_out.forward(inputs, labels)
        noisy = self.settings.dropout > 0 or self.settings.batch_norm
        self._noise_before = StochasticState.capture(self.network) if noisy else None
        aids = train_mode(self.network, self.settings) if noisy else nullcontext()
        with aids, torch.enable_grad():
            return functional.cross_entropy(self.network(inputs), labels)

    def _leave_gradients(self, loss: Tensor, *, every_layer: bool = False) -> InputsAndGrads:
        """Give every free parameter its gradient of the loss and of the strategy's penalty.

        Args, Returns: as `ManualBackward.backward`; nothing where autograd goes back.
        """
        seen: InputsAndGrads = {}
        if self._written_out is not None:
            seen = self._written_out.backward(every_layer=every_layer)
        else:
            for parameter in self._named.values():
                parameter.grad = None
            loss.backward()  # type: ignore[no-untyped-call]
        if self.strategy.penalty is not None:
            with torch.enable_grad():
                penalty = self.strategy.penalty(self.network, self.settings)
            if penalty.requires_grad:
                penalty.backward()  # type: ignore[no-untyped-call]
        return seen

    @torch.no_grad()
    def dry_run(self) -> DryRun:
        """The coming step up to its gradients; whatever that changes is undone."""
        batch = self._order.peek(self.settings.batch_size)
        with restored_afterwards(self.network), capture_activations(self.network) as heard:
            loss = self._loss(*batch)
            seen = self._leave_gradients(loss, every_layer=True) or heard.inputs_and_grads()
            return DryRun(
                *batch, loss.item(), seen, heard.hidden, dict(self._gradients()),
                batchnorm_statistics(self.network), self._optimizer.state_dict(),
                self._optimizer.lr_multipliers,
                self.learning_rate(), self._decay,
            )  # fmt: skip

    def _take_back(self, batch: tuple[Tensor, Tensor]) -> None:
        """Undo what looking at a batch changed."""
        self._order.put_back(batch)
        if self._noise_before is not None:
            self._noise_before.restore(self.network)

    def _matrices(self) -> dict[str, Tensor]:
        """Layer name -> W′ as it is now, which no step changes; large ones are left out."""
        small = ((name, layer) for name, layer in self.network.layers() if not layer.is_large)
        return {name: layer.updated().clone() for name, layer in small}

    def learning_rate(self) -> float:
        """η of the next step."""
        return self.settings.learning_rate * schedule_factor(self.settings, self.steps_taken)

    def _new_optimizer(self) -> Optimizer:
        def lr_multiplier(name: str) -> float:
            return self.strategy.lr_multiplier(name, self.settings)

        return Optimizer(self.settings, self._named, lr_multiplier)

    def apply(self, command: Configure | Reset) -> Applied:
        """Carry out a command, between steps.

        Returns: what took effect.
        Raises: SettingsError, ResourceError: as the constructor; nothing was changed.
        """
        match command:
            case Reset():
                self._begin(self.settings)
                return Applied(self.run, 0, self.settings)
            case Configure(settings):
                return self._configure(settings)

    def _configure(self, new: Settings) -> Applied:
        old = self.settings
        changes = old.differences(new)
        if self.begins_anew(new):
            self._begin(new)
            return Applied(self.run, 0, new)
        check_frozen(new, self.network)
        notes = []
        change = self.strategy.change(self.network, old, new, self._generator)
        self.settings = new
        self.network.dropout = new.dropout
        self._before, self.last_trace = {}, None
        changed = {id(parameter) for parameter in change.parameters}
        self._optimizer.reset(name for name, p in self._named.items() if id(p) in changed)
        notes += [change.note] if change.note else []
        if "optimizer" in changes:
            self._optimizer = self._new_optimizer()
            notes.append("The new optimizer starts with an empty memory.")
        elif changes.keys() & {"rate_ratio", "rate_decay"}:
            kept = self._optimizer.state_dict()
            self._optimizer = self._new_optimizer()
            self._optimizer.load_state_dict(kept)
        self._apply_freezing()
        # Before the first step there is nothing yet that a change could keep or lose.
        return Applied(self.run, self.steps_taken, new, tuple(notes) if self.steps_taken else ())

    def begins_anew(self, new: Settings) -> bool:
        """Whether a change to these settings begins a new run."""
        return bool(RESTARTS.union(self.strategy.restarts) & self.settings.differences(new).keys())

    def frozen(self) -> tuple[str, ...]:
        """Names of layers held fixed now, by the user or by the strategy."""
        chosen = self.settings.frozen
        held = self.strategy.frozen if chosen is None else chosen
        asleep = (name for name, step in self.unfreeze_steps().items() if self.steps_taken < step)
        return tuple(dict.fromkeys((*held, *asleep)))

    def unfreeze_steps(self) -> Mapping[str, int]:
        """Layer -> number of steps after which the strategy lets it train."""
        return self.strategy.unfreeze_at(self.settings)

    def _apply_freezing(self) -> None:
        """Give every parameter its freedom or its lock.

        A locked one also loses its gradient, with which an optimizer would still move it, and
        the optimizer's memory of it, so that unlocking begins afresh.
        """
        locked, held = self.frozen(), []
        for name, layer in self.network.layers():
            if f"{name}.weight" in self._named and name.partition(".")[0] not in locked:
                layer.untie()
        for name, parameter in self.network.named_parameters():
            free = name in self._named and name.partition(".")[0] not in locked
            parameter.requires_grad_(free)
            if not free:
                parameter.grad = None
                held.append(name)
        self._optimizer.reset(held)
        self._decay = resolve_weight_decay(self.settings)
        self._learns = any(parameter.requires_grad for parameter in self._named.values())
        self._written_out = ManualBackward(self.network) if supports(self.network) else None
        unfreeze_steps = self.unfreeze_steps()
        self._unfreeze_steps = frozenset(unfreeze_steps.values())
        self.ledger = Ledger(self.network, self.strategy, unfreeze_steps)
        self.checks.update_references(
            self.steps_taken, freeze_statistics=self.settings.freeze_statistics
        )

    # ------------------------------------------------------------ looking

    def measure(self) -> Metrics:
        """Losses and accuracies with the weights as they are."""
        return self.evaluator.measure()

    def find(
        self, look: FrameOptions = NOTHING_MORE, elsewhere: OtherBranch | None = None
    ) -> Measurements:
        """What takes its time to find out about this step boundary.

        Args: elsewhere: another branch, from which W′ is to be told apart.
        """
        return find(self, NetworkSnapshot(self.network), look, elsewhere)

    def frame(
        self,
        since: int = 0,
        look: FrameOptions = NOTHING_MORE,
        found: Measurements | None = None,
        views: tuple[ViewRequest, ...] = (),
    ) -> Frame:
        """All that a window shows of this step boundary.

        Args: since: last step whose batch loss the asker already has.  look: what else to show.
        found: shown in place of what would be found out now; of the same run and settings.
        views: what is shown of large layers; of one not named, the whole.
        """
        self.views = {view.layer: view for view in views}
        return frame_of(self, since, look, found)

    def losses_after(self, step: int) -> NDArray[np.float32]:
        """Batch losses of the steps after this one, as far as they are remembered."""
        wanted = max(0, self.steps_taken - max(step, 0))
        skipped = max(0, len(self._losses) - wanted)
        return np.fromiter(islice(self._losses, skipped, None), np.float32)

    def step_norm(self, name: str, updated: Tensor | None) -> float | None:
        """‖W′ after − W′ before‖ of the last step; None where nobody watched it."""
        if updated is None or name not in self._before:
            return None
        return float((updated - self._before[name]).norm())

    # ------------------------------------------------------------ state

    def state(self, since: int = 0) -> dict[str, Any]:
        """Everything that decides the coming steps, as plain data: numbers, strings, arrays.

        Args: since: the batch losses up to this step are left out.
        """
        return {
            "run": self.run,
            "settings": self.settings.to_json(),
            "steps_taken": self.steps_taken,
            "last_good_step": self.last_good_step,
            "losses": self.losses_after(since),
            "network": {
                name: value.numpy().copy() for name, value in self.network.moving_tensors().items()
            },
            "gradients": {name: gradient.numpy().copy() for name, gradient in self._gradients()},
            "optimizer": self._optimizer.state_dict(),
            "order": self._order.state(),
            "generator": self._generator.get_state().numpy().copy(),
        }

    def _gradients(self) -> Iterator[tuple[str, Tensor]]:
        """Parameter name -> the gradient that it has now."""
        pairs = ((name, parameter.grad) for name, parameter in self._named.items())
        return ((name, gradient) for name, gradient in pairs if gradient is not None)

    def state_bytes(self) -> int:
        """What `state` would take, about, without making it."""
        tensors = [*self.network.moving_tensors().values(), *self._optimizer.tensors()]
        gradients = (gradient for _, gradient in self._gradients())
        return sum(tensor.nbytes for tensor in (*tensors, *gradients))

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to `state`: the same steps follow, bit for bit."""
        settings = Settings.from_json(state["settings"])
        if state["run"] != self.run or self.begins_anew(settings):
            self._begin(settings)
            self.run = state["run"]
        self.settings = settings
        self.steps_taken, self.last_good_step = state["steps_taken"], state["last_good_step"]
        self.network.dropout = settings.dropout
        self._before, self.last_trace = {}, None
        self._restore_tensors(state)
        self.checks.clear_references()
        self._optimizer = self._new_optimizer()
        self._apply_freezing()
        for name, value in state["gradients"].items():
            self._named[name].grad = torch.from_numpy(value.copy())
        self._optimizer.load_state_dict(state["optimizer"])
        self._order.restore(state["order"])
        self._generator.set_state(torch.from_numpy(state["generator"].copy()))
        self._losses = deque(state["losses"].tolist(), maxlen=LOSSES_KEPT)

    def _restore_tensors(self, state: dict[str, Any]) -> None:
        # Not by load_state_dict: a locked layer may have another rank than the settings say.
        tensors = self.network.state_dict(keep_vars=True)
        for name, value in state["network"].items():
            tensors[name].data = torch.from_numpy(value.copy())
        for parameter in self._named.values():
            parameter.grad = None
        for name, layer in self.network.layers():
            if layer.is_large and f"{name}.weight" not in state["network"]:
                layer.weight.data = layer.original  # it had not been let loose
