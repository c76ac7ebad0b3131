"""The past of a run: every step of every branch again, bit for bit."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from engine.history.history import (
    LIMITS,
    SNAPSHOT_OVERHEAD_BYTES,
    History,
    HistoryError,
    HistoryLimits,
)
from engine.protocol.messages import Timeline
from engine.protocol.settings import OPTIMIZER_LABELS, Settings
from engine.protocol.timeline import MAX_BRANCHES
from engine.strategies import STRATEGIES
from engine.trainer import Trainer
from tests.engine.cover import each_with

STEPS = 2000
SNAPSHOT_INTERVAL = LIMITS.snapshot_interval


class Walk:
    """A trainer with its past, and what it was at each step of each branch."""

    def __init__(self, settings: Settings, limits: HistoryLimits = LIMITS) -> None:
        self.trainer = Trainer(settings)
        self.history = History(self.trainer, limits)
        self.seen: dict[tuple[int, int], int] = {}
        self.note()

    @property
    def place(self) -> tuple[int, int]:
        return self.history.active.number, self.trainer.steps_taken

    def bits(self) -> int:
        """Of every tensor that there is and of the losses."""
        tensors = self.trainer.network.state_dict().items()
        parts = [name.encode() + value.numpy().tobytes() for name, value in tensors]
        return hash((*parts, self.trainer.run.losses_after(0).tobytes()))

    def note(self) -> None:
        self.seen[self.place] = self.bits()

    def train(self, until: int, every: int = 1) -> None:
        while self.trainer.steps_taken < until:
            self.trainer.step()
            self.history.record_step()
            if self.trainer.steps_taken % every == 0:
                self.note()

    def change(self, **changes: object) -> None:
        self.history.configure(self.trainer.settings.replace(**changes))
        self.note()

    def go(self, step: int, branch: int | None = None) -> None:
        assert self.history.go_to(step, branch) == step
        assert self.bits() == self.seen[self.place], self.place


def _settings(strategy: str, optimizer: str, **more: object) -> Settings:
    chosen = dict(STRATEGIES[strategy].defaults) | {"strategy": strategy, "optimizer": optimizer}
    chosen |= {"total_steps": 1500} if strategy == "adalora" else {}
    # At a strategy's own rate, meant for Adam, some runs of plain steps are lost.
    chosen |= {"learning_rate": 1e-3} if optimizer in ("sgd", "momentum") else {}
    return Settings(**(chosen | more))


def _change(strategy: str) -> dict[str, object]:
    follows = STRATEGIES[strategy]
    return (
        {"rank": 7}
        if "rank" in set(follows.controls) - set(follows.restarts)
        else {"weight_decay": 0.01}
    )


@pytest.mark.parametrize(("strategy", "optimizer"), each_with(tuple(OPTIMIZER_LABELS), share=10))
def test_back_and_forth_is_exact_over_two_thousand_steps(strategy: str, optimizer: str) -> None:
    walk, dice = Walk(_settings(strategy, optimizer)), random.Random(f"{strategy} {optimizer}")
    walk.train(700, every=50)
    walk.change(learning_rate=2e-3, batch_size=20)
    walk.train(1203, every=50)
    walk.change(**_change(strategy))
    walk.train(STEPS, every=50)
    for _ in range(4):
        walk.go(dice.randrange(0, STEPS, 50))
    walk.go(650)
    again = walk.trainer
    while again.steps_taken < 1250:
        again.step()
        walk.history.record_step()
        assert walk.seen.get(walk.place) in (None, walk.bits())
    walk.go(STEPS)


@pytest.mark.parametrize(
    "aids",
    [
        {"dropout": 0.2},
        {"batch_norm": True},
        {"batch_norm": True, "freeze_statistics": True, "frozen": ("layer1",), "dropout": 0.1},
        {"schedule": "cosine", "total_steps": 350, "warmup_steps": 20},
        {"label_noise": 0.3, "train_samples": 37, "batch_size": 64},
        {"strategy": "scratch", "task": "digits-turned-to-turned-parity", "new_head": True},
    ],
)
def test_back_and_forth_is_exact_with_training_aids(aids: dict[str, object]) -> None:
    walk = Walk(Settings.from_mapping({"strategy": "lora", **aids}))
    walk.train(130)
    walk.change(batch_size=17, rank=3)
    walk.change(rank=6)
    walk.train(320)
    for step in (0, 1, 99, 100, 129, 130, 131, 200, 255, 320):
        walk.go(step)


def test_every_step_around_a_change_and_a_snapshot() -> None:
    walk = Walk(Settings(strategy="lora"))
    walk.train(SNAPSHOT_INTERVAL)
    walk.change(rank=9)  # at the very step of a snapshot
    walk.train(SNAPSHOT_INTERVAL + 3)
    walk.change(learning_rate=1e-2)
    walk.train(2 * SNAPSHOT_INTERVAL + 5)
    for step in (
        0,
        1,
        SNAPSHOT_INTERVAL - 1,
        SNAPSHOT_INTERVAL,
        SNAPSHOT_INTERVAL + 1,
        SNAPSHOT_INTERVAL + 3,
        SNAPSHOT_INTERVAL + 4,
        2 * SNAPSHOT_INTERVAL + 5,
    ):
        walk.go(step)
        walk.go(2 * SNAPSHOT_INTERVAL)


def test_batches_of_few_samples_are_exact_as_well() -> None:
    walk = Walk(Settings(batch_size=7))
    walk.train(SNAPSHOT_INTERVAL - 1)
    walk.change(batch_size=3)
    walk.train(2 * SNAPSHOT_INTERVAL + 5)
    for step in (SNAPSHOT_INTERVAL + 1, SNAPSHOT_INTERVAL + 20, 2 * SNAPSHOT_INTERVAL + 5):
        walk.go(step)


def test_a_slider_on_its_way_leaves_one_change() -> None:
    walk = Walk(Settings(strategy="lora", dropout=0.2))
    walk.train(20)
    for number in range(1, 30):
        walk.change(learning_rate=number * 1e-3, dropout=number / 100)
    assert len(walk.history.active.changes) == 1
    walk.change(rank=9)
    walk.change(rank=2)
    walk.change(weight_decay=0.1)
    assert len(walk.history.active.changes) == 3
    walk.train(21)
    walk.change(weight_decay=0.2)
    assert len(walk.history.active.changes) == 4
    walk.train(40)
    for step in (19, 20, 40, 21):
        walk.go(step)


# ---------------------------------------------------------------- branches


def test_a_fork_first_differs_at_the_step_after_the_change() -> None:
    walk = Walk(Settings())
    walk.train(150)
    walk.go(73)
    walk.change(learning_rate=1e-2)
    assert walk.history.active.number == 1
    walk.train(150)
    both = range(0, 74)
    for step in both:
        walk.history.go_to(step, 1)
        assert walk.bits() == walk.seen[0, step]
    assert walk.seen[1, 74] != walk.seen[0, 74]
    walk.go(74, 0)
    walk.go(150, 1)
    walk.go(150, 0)


FORKS: tuple[tuple[dict[str, object], str], ...] = (
    ({"learning_rate": 0.02}, "full"),
    ({"frozen": ("layer1",)}, "scratch"),
    ({"rank": 2}, "lora"),
    ({"frozen": ("layer2",)}, "full"),
    ({"penalty": 0.5}, "l2_sp"),
    ({"stage_steps": 7}, "gradual_unfreezing"),
    ({"optimizer": "momentum"}, "dora"),
)


@pytest.mark.parametrize(("changes", "strategy"), FORKS)
def test_a_fork_at_the_beginning_is_the_run_that_begins_so(
    changes: dict[str, object], strategy: str
) -> None:
    """A change at step 0 makes a branch of its own; what was trained before stays as it was."""
    walk = Walk(Settings(strategy=strategy))
    walk.train(30)
    walk.go(0)
    walk.change(**changes)
    walk.train(30)
    walk.go(30, 0)
    walk.go(30, 1)
    alone = Walk(Settings(strategy=strategy))
    alone.change(**changes)
    alone.train(30)
    assert alone.bits() == walk.bits()


def test_branches_of_branches_and_what_is_dropped() -> None:
    walk = Walk(Settings(strategy="lora"))
    walk.train(250)
    walk.go(180)
    walk.change(rank=2)
    walk.train(260)
    walk.go(210)
    walk.change(learning_rate=1e-2)
    walk.train(230)
    history = walk.history
    assert [each.parent for each in history.timeline().branches] == [None, 0, 1]
    history.drop(1)
    (_, second) = history.timeline().branches
    assert (second.parent, second.number, second.forked_at) == (0, 2, 180)
    for step in (0, 150, 180, 181, 205, 210, 211, 230):
        history.go_to(step, 2)
        seen = next(walk.seen[n, step] for n in (2, 1, 0) if (n, step) in walk.seen)
        assert walk.bits() == seen
    history.drop(2)
    assert walk.place == (0, 250)
    assert walk.bits() == walk.seen[0, 250]
    with pytest.raises(HistoryError, match="only branch"):
        history.drop(0)
    with pytest.raises(HistoryError, match="dropped"):
        history.go_to(3, 2)


def test_a_branch_leaves_the_one_that_took_the_step() -> None:
    walk = Walk(Settings())
    walk.train(60)
    walk.go(40)
    walk.change(learning_rate=1e-2)
    walk.train(60)
    walk.history.go_to(20)  # of the second branch, which shares it with the first
    walk.change(learning_rate=1e-1)
    history = walk.history
    places = [(each.parent, each.forked_at) for each in history.timeline().branches]
    assert places == [(None, 0), (0, 40), (0, 20)]
    history.drop(0)
    places = [(each.parent, each.forked_at) for each in history.timeline().branches]
    assert places == [(None, 0), (1, 20)]


def test_a_branch_without_steps_dissolves_when_all_is_set_back() -> None:
    walk = Walk(Settings(strategy="lora"))
    walk.train(120)
    walk.go(60)
    before = walk.trainer.settings
    walk.change(rank=2)
    walk.change(rank=3)
    walk.history.configure(before)
    assert walk.place == (0, 60)
    assert walk.bits() == walk.seen[0, 60]
    assert len(walk.history.timeline().branches) == 1
    walk.train(120)
    assert walk.history.active.tip == 120


def test_the_patience_makes_no_branch() -> None:
    walk = Walk(Settings(patience=100))
    walk.train(50)
    walk.go(20)
    walk.change(patience=None)
    walk.go(10)
    assert walk.trainer.settings.patience is None
    assert walk.history.active.number == 0


def test_there_are_only_so_many_branches() -> None:
    walk = Walk(Settings())
    walk.train(10)
    for number in range(1, MAX_BRANCHES):
        walk.go(5, 0)
        walk.change(learning_rate=number * 1e-4)
    walk.go(5, 0)
    before = walk.trainer.settings
    with pytest.raises(HistoryError, match="drop one"):
        walk.history.configure(before.replace(learning_rate=0.5))
    assert walk.trainer.settings == before
    assert walk.bits() == walk.seen[0, 5]


def test_names() -> None:
    walk = Walk(Settings())
    walk.train(3)
    walk.go(1)
    walk.change(learning_rate=0.1)
    walk.history.rename(1, "  a  high   rate ")
    assert [each.name for each in walk.history.timeline().branches] == ["A", "a high rate"]
    for bad in ("", "   ", "x" * 25, "A"):
        with pytest.raises(HistoryError):
            walk.history.rename(1, bad)


def test_curves_follow_their_branch() -> None:
    walk = Walk(Settings())
    walk.train(40)
    first = walk.history.active.curves.between(-1, 40)
    walk.go(20)
    walk.change(learning_rate=0.05)
    walk.train(60)
    second = walk.history.active.curves.between(-1, 60)
    assert second.steps.tolist() == list(range(61))
    assert (second.train_loss[:21] == first.train_loss[:21]).all()
    assert (second.train_loss[21:41] != first.train_loss[21:41]).any()
    walk.history.go_to(10, 0)
    assert walk.history.active.curves.between(-1, 40).train_loss.tolist() == (
        first.train_loss.tolist()
    )


def test_another_branch_at_the_same_step() -> None:
    walk = Walk(Settings())
    walk.train(40)
    walk.go(20)
    walk.change(learning_rate=0.05)
    walk.train(60)
    here = walk.bits()
    there = walk.history.other_branch(0)
    assert (there.branch, there.step) == (0, 40)  # it has not come as far
    assert walk.bits() == here
    walk.history.go_to(40, 0)
    for name, layer in walk.trainer.network.layers():
        assert (there.updated[name] == layer.updated()).all()
    assert walk.history.other_branch(1).step == 40


def test_another_branch_is_computed_once_for_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    walk = Walk(Settings())
    walk.train(60)
    walk.go(30)
    walk.change(learning_rate=1e-2)
    walk.train(50)
    there = walk.history.other_branch(0).updated["layer1"].clone()
    with monkeypatch.context() as patched:
        patched.delattr("engine.history.history.bring_to")
        assert torch.equal(walk.history.other_branch(0).updated["layer1"], there)
        with pytest.raises(NameError):
            walk.history.other_branch(1)
    walk.train(51)
    assert not torch.equal(walk.history.other_branch(0).updated["layer1"], there)


# ---------------------------------------------------------------- memory


def _room_for(snapshots: float) -> HistoryLimits:
    """Limits under which so many snapshots fit, one each five steps."""
    probe = Trainer(Settings())
    probe.step()
    size = probe.run.state_bytes() + SNAPSHOT_OVERHEAD_BYTES
    return HistoryLimits(snapshot_interval=5, max_bytes=int(snapshots * size))


def test_a_full_memory_thins_the_past_and_loses_no_step() -> None:
    limits = _room_for(12)
    walk = Walk(Settings(), limits)
    walk.train(400)
    walk.go(333)
    walk.change(learning_rate=1e-2)
    walk.train(700)
    news = walk.history.thinned
    assert news is not None
    assert news.interval_steps > 5
    assert walk.history.size() <= limits.max_bytes
    for step in (0, 1, 99, 250, 333, 400):
        walk.go(step, 0)
    for step in (334, 555, 700):
        walk.go(step, 1)


def test_a_long_run_keeps_so_many_and_loses_no_step() -> None:
    """Nobody need be told: memory is not short, and every step is still a short way off."""
    walk = Walk(Settings(), HistoryLimits(snapshot_interval=5, max_snapshots=20))
    walk.train(300)
    walk.go(120)
    walk.change(learning_rate=1e-2)
    walk.train(700)
    assert walk.history.thinned is None
    for line in (0, 1):
        walk.history.go_to(0, line)
        steps = [each.step for each in walk.history.active.snapshots]
        assert len(steps) <= 20
        assert steps[0] == 0
        assert max(np.diff(steps)) <= 80
    for step in (0, 1, 99, 119, 300):
        walk.go(step, 0)
    for step in (121, 555, 700):
        walk.go(step, 1)


def test_what_a_snapshot_is_said_to_take_is_what_it_takes() -> None:
    for strategy in list(STRATEGIES)[::3]:  # they differ in what they add, not in how it is kept
        walk = Walk(_settings(strategy, "adam"))
        walk.train(SNAPSHOT_INTERVAL)
        newest = walk.history.active.snapshots[-1]
        assert _bytes(newest.state) <= newest.size <= 1.5 * _bytes(newest.state)


def _bytes(value: object) -> int:
    if isinstance(value, dict):
        return sum(map(_bytes, value.values()))
    return value.nbytes if isinstance(value, np.ndarray) else len(str(value))


def test_no_room_for_a_snapshot_makes_the_past_thinner(monkeypatch: pytest.MonkeyPatch) -> None:
    walk = Walk(Settings())
    walk.train(250)
    with monkeypatch.context() as patched:

        def full() -> dict[str, object]:
            raise MemoryError

        patched.setattr(walk.trainer, "state", full)
        walk.train(300)
    walk.train(450)
    assert walk.history.thinned is not None
    for step in (10, 150, 299, 300, 301, 450):
        walk.go(step)


def test_of_a_large_network_the_newest_steps_stay() -> None:
    walk = Walk(Settings(), _room_for(4.5))
    walk.train(12)
    walk.go(7)
    walk.change(learning_rate=1e-2)
    walk.train(60)
    assert walk.history.lost_branches
    (only,) = walk.history.timeline().branches
    assert (only.number, only.parent, only.forked_at, only.tip) == (1, None, 45, 60)
    walk.go(45)
    walk.go(52)
    assert walk.history.go_to(3) == 45


def test_a_timeline_names_the_run_and_the_branch_shown() -> None:
    walk = Walk(Settings())
    timeline = walk.history.timeline()
    assert isinstance(timeline, Timeline)
    assert (timeline.run, timeline.active, len(timeline.branches)) == (
        walk.trainer.run.number,
        0,
        1,
    )
