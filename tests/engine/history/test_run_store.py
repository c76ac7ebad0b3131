"""Every run is kept, and each place before a command is found again, bit for bit."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable

import numpy as np
import pytest

from engine.history.history import LIMITS, HistoryError
from engine.history.run_store import RunStore
from engine.protocol.messages import Configure, Reset
from engine.protocol.settings import Settings
from engine.trainer import Trainer

LORA = Settings(strategy="lora", rank=4)
FULL = Settings(strategy="full")
MEGABYTES = 64 * 2**20


def bits(trainer: Trainer) -> str:
    """Everything that decides the coming steps: weights, optimizer, order, generators."""
    digest = hashlib.sha256()

    def add(value: object) -> None:
        if isinstance(value, dict):
            for key in sorted(value, key=str):
                digest.update(str(key).encode())
                add(value[key])
        elif isinstance(value, list | tuple):
            for one in value:
                add(one)
        elif hasattr(value, "tobytes"):
            digest.update(np.ascontiguousarray(value).tobytes())
        elif hasattr(value, "numpy"):
            digest.update(value.detach().numpy().tobytes())
        else:
            digest.update(repr(value).encode())

    add({name: value for name, value in trainer.state().items() if name != "run"})
    return digest.hexdigest()


class Sitting:
    """What a user does, one command after another; undone and redone as the window does it."""

    def __init__(self, settings: Settings = LORA, max_bytes: int = MEGABYTES) -> None:
        self.trainer = Trainer(settings)
        self.runs = RunStore(self.trainer, LIMITS, max_bytes)
        self.number = 1
        self.undos: list[int] = []
        self.redos: list[int] = []

    def _command(self) -> int:
        self.number += 1
        self.runs.remember(self.number, self.runs.standing())
        return self.number

    def _did(self, number: int) -> None:
        self.undos.append(number)
        self.redos.clear()

    def train(self, steps: int) -> None:
        for _ in range(steps):
            self.trainer.step()
            self.runs.history.record_step()

    def change(self, **changes: object) -> None:
        number, new = self._command(), self.trainer.settings.replace(**changes)
        if self.trainer.run.restarts_with(new):
            left = self.runs.standing()
            self.trainer.apply(Configure(new, number=number))
            self.runs.begin(left)
        else:
            self.runs.history.configure(new)
        self._did(number)

    def reset(self) -> None:
        number, left = self._command(), self.runs.standing()
        self.trainer.apply(Reset(number=number))
        self.runs.begin(left)
        self._did(number)

    def _move(self, from_: list[int], to: list[int]) -> None:
        asked = from_.pop()
        number = self._command()
        self.runs.return_before(asked, number)
        to.append(number)

    def undo(self) -> None:
        self._move(self.undos, self.redos)

    def redo(self) -> None:
        self._move(self.redos, self.undos)


Act = Callable[[Sitting], None]
ACTS: dict[str, Act] = {
    "rank": lambda s: s.change(rank=2),
    "rate": lambda s: s.change(learning_rate=0.02),
    "lock": lambda s: s.change(frozen=("layer1",)),
    "dropout": lambda s: s.change(dropout=0.2),
    "optimizer": lambda s: s.change(optimizer="sgd"),
    "strategy": lambda s: s.change(strategy="full"),
    "seed": lambda s: s.change(seed=5),
    "task": lambda s: s.change(task="digits-0-4-to-5-9"),
    "reset": Sitting.reset,
}


@pytest.mark.parametrize("after", [0, 7])
@pytest.mark.parametrize("name", ACTS)
def test_undo_leads_to_the_very_bits_before_and_redo_to_those_after(name: str, after: int) -> None:
    sitting = Sitting()
    sitting.train(30)
    before, settings = bits(sitting.trainer), sitting.trainer.settings
    ACTS[name](sitting)
    sitting.train(after)
    newest = bits(sitting.trainer)
    sitting.undo()
    assert bits(sitting.trainer) == before and sitting.trainer.settings == settings
    sitting.redo()
    assert bits(sitting.trainer) == newest
    sitting.undo()
    assert bits(sitting.trainer) == before
    sitting.train(3)
    alone = Sitting()
    alone.train(33)
    assert bits(sitting.trainer) == bits(alone.trainer), "it goes on as if nothing had been changed"


def test_after_undoing_everything_the_bits_are_those_of_the_beginning() -> None:
    sitting = Sitting()
    beginning = bits(sitting.trainer)
    states = []
    for round_ in range(2):
        for act in ACTS.values():
            sitting.train(4 + round_)
            states.append(bits(sitting.trainer))
            act(sitting)
    sitting.train(5)
    newest = bits(sitting.trainer)
    for state in reversed(states):
        sitting.undo()
        assert bits(sitting.trainer) == state
    assert sitting.undos == []
    sitting.runs.history.go_to(0)
    assert bits(sitting.trainer) == beginning
    while sitting.redos:
        sitting.redo()
    assert bits(sitting.trainer) == newest


def test_undoing_a_rank_in_the_past_of_a_branch_leaves_what_was_trained_since() -> None:
    sitting = Sitting()
    sitting.train(20)
    sitting.change(rank=2)
    sitting.train(20)
    tip = bits(sitting.trainer)
    sitting.undo()
    branches = sitting.runs.history.timeline().branches
    assert [(b.forked_at, b.tip) for b in branches] == [(0, 40), (20, 20)]
    sitting.redo()
    assert len(sitting.runs.history.timeline().branches) == 1, "an unused branch goes again"
    assert bits(sitting.trainer) == tip


def test_an_earlier_run_is_opened_as_it_was_left_and_the_present_one_is_kept() -> None:
    sitting = Sitting()
    sitting.train(25)
    first = bits(sitting.trainer)
    sitting.change(strategy="full")
    sitting.train(10)
    second = bits(sitting.trainer)
    sitting.runs.open(0, 9)
    assert bits(sitting.trainer) == first and sitting.trainer.run.number == 9
    (other,) = sitting.runs.report().earlier
    assert (other.serial, other.tip, other.settings.strategy) == (1, 10, "full")
    assert 0 < other.target_accuracy < 1 and not math.isnan(other.source_accuracy)
    sitting.runs.open(1, 10)
    assert bits(sitting.trainer) == second
    assert [kept.serial for kept in sitting.runs.report().earlier] == [0]


def test_a_run_without_a_step_is_not_listed_and_still_found_again() -> None:
    sitting = Sitting()
    beginning = bits(sitting.trainer)
    sitting.change(strategy="full")
    sitting.change(strategy="dora")
    assert sitting.runs.report().earlier == ()
    sitting.undo()
    sitting.undo()
    assert bits(sitting.trainer) == beginning


def test_when_memory_is_full_the_oldest_goes_and_is_told_once() -> None:
    sitting = Sitting(max_bytes=400_000)
    while not (report := sitting.runs.report()).forgotten:
        sitting.train(100)
        sitting.reset()
    assert report.earlier and report.earlier[0].serial == report.forgotten
    assert sum(kept.size for kept in report.earlier) <= 400_000
    assert sitting.runs.report().forgotten == 0
    while len(sitting.undos) > len(report.earlier):
        sitting.undos.pop(0)
    gone = sitting.undos[0] - 1
    with pytest.raises(HistoryError, match="no longer stored"):
        sitting.runs.return_before(gone, 99)


def test_a_dropped_run_is_restored_and_is_the_first_to_go() -> None:
    sitting = Sitting()
    for _ in range(2):
        sitting.train(5)
        sitting.reset()
    sitting.runs.drop(1)
    assert [kept.serial for kept in sitting.runs.report().earlier] == [0]
    sitting.runs.restore(1)
    assert [kept.serial for kept in sitting.runs.report().earlier] == [0, 1]
    with pytest.raises(HistoryError, match="on the stage"):
        sitting.runs.drop(2)
    with pytest.raises(HistoryError, match="no longer stored"):
        sitting.runs.drop(7)


def test_a_run_is_named() -> None:
    sitting = Sitting()
    sitting.runs.rename(0, "  my   best ")
    assert sitting.runs.report().name == "my best"
    sitting.train(1)
    sitting.reset()
    assert sitting.runs.report().earlier[0].name == "my best"
    with pytest.raises(HistoryError, match="40 characters"):
        sitting.runs.rename(0, "x" * 41)


def test_a_dropped_branch_comes_back_with_the_place_on_it() -> None:
    sitting = Sitting()
    sitting.train(20)
    sitting.runs.history.go_to(10)
    sitting.change(learning_rate=0.02)
    sitting.train(3)
    before, history = bits(sitting.trainer), sitting.runs.history
    history.drop(1)
    assert sitting.trainer.steps_taken == 20 and len(history.timeline().branches) == 1
    history.restore(1)
    assert bits(sitting.trainer) == before and len(history.timeline().branches) == 2
    with pytest.raises(HistoryError, match="no longer stored"):
        history.restore(1)
