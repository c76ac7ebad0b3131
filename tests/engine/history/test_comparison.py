"""Comparisons: each run has exactly the numbers that it has alone; refusals say why."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
import torch

from engine.history.comparison import Comparison, ComparisonError
from engine.history.curves import CurveRecorder
from engine.history.seed_results import result_of
from engine.protocol.messages import Curves
from engine.protocol.settings import Settings
from engine.strategies import STRATEGIES
from engine.trainer import Trainer
from engine.training.divergence import DivergedError
from engine.training.threads import choose_thread_count
from tests.engine.cover import some_of

COMPARABLE = tuple(name for name, strategy in STRATEGIES.items() if not strategy.not_comparable)
FOURS = [COMPARABLE[at : at + 4] for at in range(0, len(COMPARABLE) - 4, 4)] + [COMPARABLE[-4:]]
AIDS = {
    "dropout": 0.2, "batch_norm": True, "label_noise": 0.1,
    "task": "digits-turned-to-turned-parity", "new_head": True,
}  # fmt: skip
STEPS = 60


@pytest.fixture(autouse=True)
def _threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def entry(name: str, **changes: Any) -> Settings:
    return Settings(strategy=name, total_steps=STEPS, **{**STRATEGIES[name].defaults, **changes})


def run_out(comparison: Comparison) -> Comparison:
    while not comparison.over:
        comparison.advance()
    return comparison


def alone(settings: Settings, steps: int) -> tuple[Trainer, Curves]:
    trainer, curves = Trainer(settings), CurveRecorder()
    curves.record(trainer.run)
    for _ in range(steps):
        trainer.step()
        curves.record(trainer.run)
    return trainer, curves.between(-1, steps)


def all_bytes(trainer: Trainer) -> dict[str, bytes]:
    """Every tensor of the network, W′ and ΔW of each layer."""
    found = {n: t.numpy().tobytes() for n, t in trainer.network.state_dict().items()}
    for name, layer in trainer.network.layers():
        found[f"{name} W′"] = layer.updated().detach().numpy().tobytes()
    return found


def test_all_but_two_can_race() -> None:
    assert set(STRATEGIES) - set(COMPARABLE) == {"pretrain", "weight_update"}
    assert set(COMPARABLE) == {name for four in FOURS for name in four}


@pytest.mark.parametrize("aids", some_of([AIDS, {}], 2), ids=["aids", "plain"])
@pytest.mark.parametrize("four", some_of(FOURS, 2), ids="-".join)
def test_each_gets_the_numbers_that_it_gets_alone(
    four: tuple[str, ...], aids: dict[str, Any]
) -> None:
    entries = tuple(entry(name, **aids) for name in four)
    comparison = run_out(Comparison(entries, STEPS))
    rows = comparison.frame(1, running=False).rows
    for settings, compared_run, row in zip(entries, comparison.runs, rows, strict=True):
        trainer, curves = alone(settings, STEPS)
        assert compared_run.trainer.steps_taken == STEPS
        assert all_bytes(compared_run.trainer) == all_bytes(trainer)
        for field in ("steps", "train_loss", "target_accuracy", "source_accuracy"):
            np.testing.assert_array_equal(getattr(row.curves, field), getattr(curves, field))
        assert row.results == (result_of(trainer, STEPS),)
        for layer in row.layers:
            moved = trainer.network.named_body[layer.name].delta().detach().numpy()
            assert layer.delta.tobytes() == moved.tobytes()


def test_looking_on_changes_nothing() -> None:
    entries = (entry("lora", dropout=0.3), entry("full", dropout=0.3))
    unseen, seen = run_out(Comparison(entries, 20)), Comparison(entries, 20)
    while not seen.over:
        seen.frame(1, running=True)
        seen.advance()
    for one, other in zip(unseen.runs, seen.runs, strict=True):
        assert all_bytes(one.trainer) == all_bytes(other.trainer)


def test_all_stand_at_nearly_the_same_step() -> None:
    comparison = Comparison((entry("full"), entry("lora"), entry("ia3")), 5)
    seen = []
    for _ in range(15):
        comparison.advance()
        seen.append([compared_run.trainer.steps_taken for compared_run in comparison.runs])
    assert all(max(steps) - min(steps) <= 1 for steps in seen)
    assert seen[-1] == [5, 5, 5]
    assert comparison.over
    comparison.advance()
    assert [compared_run.trainer.steps_taken for compared_run in comparison.runs] == [5, 5, 5]


def test_one_that_diverges_stops_and_the_others_go_on() -> None:
    calm, wild = entry("full"), entry("full", learning_rate=1e30, optimizer="sgd")
    comparison = run_out(Comparison((wild, calm.replace(optimizer="sgd")), 30))
    lost, fine = comparison.frame(1, running=False).rows
    with pytest.raises(DivergedError) as caught:
        alone(wild, 30)
    assert lost.problem == f"diverged at step {caught.value.step}"
    assert lost.step == caught.value.step - 1
    assert (fine.problem, fine.step) == ("", 30)


def test_one_that_diverges_at_its_last_step_says_so() -> None:
    wild = entry("full", learning_rate=1e30, optimizer="sgd")
    comparison = run_out(Comparison((wild, entry("full", optimizer="sgd")), 1))
    lost, fine = comparison.frame(1, running=False).rows
    assert (lost.problem, lost.step, fine.problem) == ("diverged at step 1", 1, "")


def test_early_stopping_plays_no_part() -> None:
    comparison = run_out(
        Comparison((entry("full", patience=1, learning_rate=0.5), entry("lora")), 40)
    )
    assert [row.step for row in comparison.frame(1, running=False).rows] == [40, 40]
    assert all(compared_run.trainer.settings.patience is None for compared_run in comparison.runs)


def test_the_run_keeps_its_threads() -> None:
    torch.set_num_threads(2)
    comparison = Comparison((entry("full"), entry("lora")), 3)
    assert torch.get_num_threads() == 2
    used = []
    step = comparison.runs[0].trainer.step
    comparison.runs[0].trainer.step = lambda: used.append(torch.get_num_threads()) or step()  # type: ignore[method-assign, func-returns-value]
    run_out(comparison)
    assert used == [choose_thread_count(entry("full").body_weights)] * 3
    assert torch.get_num_threads() == 2


def test_forgetting_and_time_are_told() -> None:
    comparison = run_out(Comparison((entry("full", learning_rate=0.05), entry("linear_probe")), 40))
    full, probe = comparison.frame(3, running=True).rows
    start = full.result.start_source_accuracy
    assert start == Trainer(entry("full")).measure().source_accuracy
    assert full.result.source_accuracy < start
    assert full.result.source_accuracy != full.result.source_accuracy_kept_head
    assert probe.result.source_accuracy == probe.result.start_source_accuracy  # no body moves
    assert full.seconds > 0 < probe.seconds
    assert all(layer.relative_change == 0 for layer in probe.layers)
    assert not comparison.frame(3, running=True).running  # nobody has a step left
    assert comparison.frame(3, running=True).over


def test_accuracies_are_the_shares_of_the_samples_hit() -> None:
    comparison = run_out(Comparison((entry("full"), entry("linear_probe")), 10))
    for row in comparison.frame(1, running=False).rows:
        now, start, result = row.hits, row.start_hits, row.result
        assert now.target is not None
        assert (len(now.target), len(now.source)) == (
            row.target_test.samples,
            row.source_test.samples,
        )
        shares = [np.float32(hit.mean()) for hit in
                  (now.target, now.source, now.source_kept_head, start.source,
                   start.source_kept_head)]  # fmt: skip
        assert shares == [
            np.float32(told) for told in
            (result.target_accuracy, result.source_accuracy, result.source_accuracy_kept_head,
             result.start_source_accuracy, result.start_source_accuracy_kept_head)
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "steps", "seeds"),
    [
        (("lora", "linear_probe"), 15, 2),
        *(pytest.param(four, STEPS, 4, marks=pytest.mark.slow) for four in FOURS),
    ],
)
def test_further_seeds_give_the_numbers_of_single_runs(
    names: tuple[str, ...], steps: int, seeds: int
) -> None:
    entries = tuple(entry(name, seed=3, dropout=0.2, patience=5) for name in names)
    comparison, once = Comparison(entries, steps, seeds), Comparison(entries, steps)
    for settings, row, first in zip(
        entries, run_out(comparison).frame(1, False).rows, run_out(once).frame(1, False).rows,
        strict=True,
    ):  # fmt: skip
        singles = (settings.replace(seed=3 + place, patience=None) for place in range(seeds))
        assert row.results == tuple(result_of(alone(one, steps)[0], steps) for one in singles)
        assert row.results[:1] == first.results  # nothing else of the first seed's run changes
        assert all_bytes(comparison.runs[0].trainer) == all_bytes(once.runs[0].trainer)
        np.testing.assert_array_equal(row.curves.train_loss, first.curves.train_loss)


def test_of_further_seeds_one_run_at_a_time_is_in_memory() -> None:
    made: list[weakref.ref[Trainer]] = []

    def make(settings: Settings) -> Trainer:
        gc.collect()
        assert not [each for each in made if each() is not None]
        trainer = Trainer(settings)
        made.append(weakref.ref(trainer))
        return trainer

    comparison = Comparison((entry("full"), entry("lora")), 1, 4)
    with patch("engine.history.seed_results.Trainer", make):
        run_out(comparison)
    assert len(made) == 6


def test_steps_are_counted_over_all_seeds() -> None:
    comparison = Comparison((entry("full"), entry("lora")), 3, 2)
    left = []
    while not comparison.over:
        left.append(comparison.frame(1, running=True).steps_left)
        comparison.advance()
    assert left == [12, 11, 10, 9, 8, 7, 6, 6, 5, 4, 3, 3, 2, 1]  # twice a run was made
    frame = comparison.frame(1, running=True)
    assert (frame.steps_left, frame.over, frame.running) == (0, True, False)


def test_a_further_seed_that_diverges_says_so() -> None:
    wild = entry("full", learning_rate=1.6, optimizer="sgd")
    comparison = run_out(Comparison((wild, entry("lora", optimizer="sgd")), 5, 2))
    frame = comparison.frame(1, running=False)
    with pytest.raises(DivergedError) as caught:
        alone(wild.replace(seed=1), 5)
    problems = [[result.problem for result in row.results] for row in frame.rows]
    assert problems == [["", f"diverged at step {caught.value.step}"], ["", ""]]
    assert (frame.over, frame.steps_left) == (True, 0)


@pytest.mark.parametrize(
    ("seeds", "changes", "sentence"),
    [
        (0, {}, "^seeds: a comparison takes 1 to 100 seeds, not 0"),
        (101, {}, "1 to 100 seeds, not 101"),
        (2.5, {}, "1 to 100 seeds, not 2.5"),
        (12, {}, "make 2,400,000 steps, not at most 1,000,000; take 5 seeds or fewer"),
        (2, {"seed": 2**31 - 1}, "choose a lower first seed"),
    ],
)
def test_what_cannot_be_repeated_is_told_why(
    seeds: int, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ComparisonError, match=sentence):
        Comparison((entry("full", **changes), entry("lora", **changes)), 100_000, seeds)


@pytest.mark.parametrize(
    ("entries", "steps", "sentence"),
    [
        ((Settings(),), 10, "between 2 and 4 strategies, not 1"),
        ((Settings(),) * 5, 10, "between 2 and 4 strategies, not 5"),
        ((Settings(), Settings()), 0, "1 to 100,000 steps, not 0"),
        ((Settings(), Settings()), 100_001, "not 100001"),
        ((Settings(), Settings(seed=1)), 10, "seed: all runs must have the same, not 0 and 1"),
        ((Settings(), Settings(task="digits-to-inverted")), 10, "^task: all runs"),
        ((Settings(), Settings(train_samples=9)), 10, "^train_samples: .* not None and 9"),
        ((Settings(), Settings(label_noise=0.1)), 10, "^label_noise: all runs"),
        ((Settings(), Settings(width=48)), 10, "^width: all runs"),
        ((Settings(), Settings(depth=2)), 10, "^depth: all runs"),
        ((Settings(), Settings(batch_norm=True)), 10, "^batch_norm: all runs"),
        ((Settings(), Settings(batch_size=8)), 10, "^batch_size: all runs"),
        ((Settings(), Settings(optimizer="sgd")), 10, "^optimizer: all runs"),
        (
            (Settings(), Settings(strategy="pretrain")),
            10,
            "^Pretraining cannot be compared: it trains",
        ),
        (
            (Settings(strategy="weight_update"), Settings()),
            10,
            "^One weight update cannot be compared",
        ),
        ((Settings(width=1024),) * 2, 10, "up to 1,000,000 body weights, and this one has 2,127"),
    ],
)
def test_what_cannot_race_is_told_why(
    entries: tuple[Settings, ...], steps: int, sentence: str
) -> None:
    with pytest.raises(ComparisonError, match=sentence):
        Comparison(entries, steps)


def test_what_is_seen_of_a_wider_network_is_small() -> None:
    comparison = run_out(
        Comparison((entry("full", width=300, depth=2), entry("lora", width=300, depth=2)), 2)
    )
    for compared_run, row in zip(
        comparison.runs, comparison.frame(1, running=False).rows, strict=True
    ):
        shapes = [layer.delta.shape for layer in row.layers]
        assert shapes == [(38, 4), (38, 38)]
        for layer in row.layers:
            whole = compared_run.trainer.network.named_body[layer.name].delta().detach()
            assert np.abs(layer.delta).max() == float(whole.abs().max())
