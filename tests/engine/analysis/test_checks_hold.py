"""No false alarm: the lights stay green whatever a user does to a run that is in order."""

import random
from collections.abc import Callable
from typing import Any

import pytest
import torch

from engine.history.history import History, HistoryError
from engine.protocol.messages import Arrived, Configure, Diverged, FrameOptions, GoBack, Reset, Step
from engine.protocol.settings import (
    OPTIMIZER_LABELS,
    RESTARTS,
    SCHEDULE_LABELS,
    TASK_NAMES,
    Settings,
    SettingsError,
)
from engine.protocol.strategy_files import strategy_names
from engine.strategies import STRATEGIES
from engine.trainer import Trainer
from engine.training.divergence import DivergedError
from tests.engine.check_results import bugs
from tests.engine.cover import each_with
from tests.engine.loop_driver import running
from tests.engine.oracle_runs import trained

every_strategy = pytest.mark.parametrize("strategy", strategy_names())


def _combinations() -> list[object]:
    """Every strategy with two optimizers and two tasks, one of them each day; all come up."""
    names = strategy_names()
    return [
        pytest.param(
            name,
            tuple(OPTIMIZER_LABELS)[(i + half) % 4],
            TASK_NAMES[(i // 4 + 3 * half) % len(TASK_NAMES)],
            marks=[pytest.mark.slow] if half else [],
        )
        for half in range(2)
        for i, name in enumerate(names)
    ]


@pytest.mark.parametrize(("strategy", "optimizer", "task"), _combinations())
def test_everything_holds_over_two_hundred_steps(strategy: str, optimizer: str, task: str) -> None:
    rate = 0.05 if optimizer == "sgd" else 0.02
    trainer = trained(0, strategy=strategy, optimizer=optimizer, task=task, learning_rate=rate,
                      weight_decay=0.01, total_steps=150, stage_steps=40)  # fmt: skip
    checked = 0
    for step in range(201):
        if step in (0, 1, 2, 10, 39, 40, 41, 80, 81, 120, 121, 150, 200):
            frame = trainer.frame()
            assert not bugs(frame), step
            checked += sum(len(layer.measured.checks) for layer in frame.layers)
        trainer.step()
    assert checked >= 13 * 4 * 3


# ---------------------------------------------------------------- whatever a user does

Move = Callable[[random.Random, Settings], dict[str, Any]]
UNITS = ("layer1", "layer2", "layer3", "head")
MOVES: tuple[Move, ...] = (
    lambda dice, now: {"frozen": tuple(u for u in UNITS if dice.random() < 0.4)},
    lambda dice, now: {"frozen": None},
    lambda dice, now: {"rank": dice.randint(1, 30)},
    lambda dice, now: {"rank": dice.randint(1, 6)},
    lambda dice, now: {"alpha": dice.choice([None, 0.5, 4.0, 32.0])},
    lambda dice, now: {
        "rank": dice.randint(1, 12), "alpha": dice.choice([None, 2.0]),
        "frozen": tuple(u for u in UNITS if dice.random() < 0.4),
    },
    lambda dice, now: {"learning_rate": dice.choice([1e-4, 3e-3, 0.03, 0.3])},
    lambda dice, now: {"optimizer": dice.choice(tuple(OPTIMIZER_LABELS))},
    lambda dice, now: {
        "schedule": dice.choice(tuple(SCHEDULE_LABELS)), "total_steps": dice.randint(20, 60),
    },
    lambda dice, now: {"dropout": dice.choice([0.0, 0.3])},
    lambda dice, now: {"stage_steps": dice.randint(1, 30), "penalty": dice.choice([0.0, 1.0])},
    lambda dice, now: {"rate_ratio": dice.choice([1.0, 16.0]), "rate_decay": 1.5},
    lambda dice, now: {"freeze_statistics": not now.freeze_statistics},
    lambda dice, now: {"weight_decay": dice.choice([None, 0.0, 0.1])},
)  # fmt: skip


@pytest.mark.parametrize(("strategy", "batch_norm"), each_with((False, True), share=4))
def test_no_sequence_of_changes_turns_a_light_red(strategy: str, batch_norm: bool) -> None:
    dice = random.Random(f"{strategy} {batch_norm}")
    trainer = trained(0, strategy=strategy, batch_norm=batch_norm)
    history, kept, done = History(trainer), trainer.state(), []
    restarts = RESTARTS.union(trainer.run.strategy.restarts)
    for _ in range(18):
        move = dice.randrange(len(MOVES) + 3)
        if move < len(MOVES):
            changes = MOVES[move](dice, trainer.settings)
            if not restarts.isdisjoint(changes):
                continue
            done.append(changes)
            try:
                history.configure(trainer.settings.replace(**changes))
            except (SettingsError, HistoryError):
                continue
        elif move == len(MOVES):
            done.append("keep")
            kept = trainer.state()
        elif move == len(MOVES) + 1:
            done.append("restore")
            trainer.restore(kept)
            history = History(trainer)
        else:
            done.append("back")
            history.go_to(max(0, trainer.steps_taken - dice.randint(1, 8)))
        assert not bugs(trainer.frame()), done
        try:
            for _ in range(dice.randint(1, 4)):
                trainer.step()
                history.record_step()
        except DivergedError:
            trainer.apply(Reset())
            history = History(trainer)
        assert not bugs(trainer.frame()), done


@pytest.mark.parametrize(("strategy", "size"), each_with((1.0, 30.0, 1e3)))
def test_weights_of_any_size_raise_no_alarm(strategy: str, size: float) -> None:
    """Every number that may move is drawn anew, as large as a run can have before it is lost."""
    trainer = trained(2, strategy=strategy)
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in trainer.network.parameters():
            if parameter.requires_grad:
                parameter.normal_(generator=generator).mul_(size)
    assert not bugs(trainer.frame())


@pytest.mark.parametrize(("strategy", "rate"), each_with((1e3, 1e10, 1e38)))
def test_a_run_that_is_lost_is_no_bug_of_ours(strategy: str, rate: float) -> None:
    """Numbers that overflow prove nothing; a frame of them can still be made, and looked into."""
    for optimizer in ("sgd", "adam"):
        trainer = trained(1, strategy=strategy)
        settings = trainer.settings.replace(learning_rate=rate, optimizer=optimizer)
        trainer.apply(Configure(settings))
        trainer.step()
        assert not bugs(trainer.frame(options=FrameOptions(truncation_rank=3, merges=True)))


def test_going_back_from_a_lost_run_leaves_every_light_green() -> None:
    settings = Settings(strategy="lora", frozen=("layer1",))
    with running(settings) as heard:
        heard.send(Step(30))
        heard.frame_at(30)
        heard.send(Configure(settings.replace(learning_rate=1e5)), Step(9))
        good = heard.wait_for(Diverged).last_good_step
        heard.send(Configure(settings), GoBack())
        while heard.wait_for(Arrived).step != good:
            pass
        heard.send(Step(5))
        frame = heard.frame_at(good + 5)
    assert good >= 30
    assert frame.settings == settings
    assert not bugs(frame)
    assert all(layer.measured.checks for layer in frame.layers)


def test_every_strategy_claims_what_it_can() -> None:
    """At the start and after a step: where nothing is frozen W still is; ranks where there are."""
    ranked = {"lora", "rslora", "lora_plus", "qlora", "loftq", "pissa", "adalora", "vera"}
    for name in STRATEGIES:
        for layer in Trainer(Settings(strategy=name)).frame().layers:
            claims = [check.name for check in layer.measured.checks]
            assert claims[:2] == ["frozen", "zero_start"]
            assert "sum" in claims
            in_body = layer.name.startswith("layer")
            assert ("rank" in claims) == (in_body and name in ranked)
            assert ("merged" in claims) == (in_body or layer.name == "head")
