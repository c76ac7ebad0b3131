"""The pace of a race: as set, changed while it runs, or at once; the numbers are those of alone."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest

from engine.history.seed_results import result_of
from engine.process import comparison_runner as runner_module, pace as pace_module
from engine.process.comparison_runner import ComparisonRunner
from engine.process.outbox import Outbox
from engine.protocol.messages import (
    ComparisonFrame,
    Ping,
    Play,
    Pong,
    RunComparison,
    SetSpeed,
    StartComparison,
)
from engine.protocol.settings import Settings
from engine.trainer import Trainer
from tests.engine.loop_driver import running

FULL, LORA = Settings(dropout=0.2), Settings(strategy="lora", rank=3, dropout=0.2)
PROBE = Settings(strategy="linear_probe", dropout=0.2)
RACE = (FULL, LORA, PROBE)


class Race:
    """A runner by a clock that goes on only where it waits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, speed: float) -> None:
        self.now, self.frames = 0.0, list[ComparisonFrame]()
        clock = SimpleNamespace(perf_counter=lambda: self.now)
        for module in (runner_module, pace_module):
            monkeypatch.setattr(module, "time", clock)
        self.runner = ComparisonRunner(cast(Outbox, SimpleNamespace(put=self.frames.append)))
        self.runner.pace.set_speed(speed)

    def start(self, steps: int, seeds: int = 1, *, at_once: bool = False) -> None:
        self.runner.carry_out(StartComparison(RACE, steps, seeds, at_once))

    def go_on(self, until: Callable[[], bool] = lambda: False) -> None:
        """Do as the loop does, until it rests or something is true."""
        while self.runner.running and not until():
            wait = self.runner.seconds_to_wait()
            if wait == 0.0:
                self.runner.advance()
            self.now += wait
            self.runner.report()
        self.runner.report()

    @property
    def step(self) -> int:
        return self.frames[-1].rows[0].step


@pytest.fixture(scope="module")
def alone() -> list[dict[str, bytes]]:
    """What each run has after 30 steps without the others."""
    found = []
    for settings in RACE:
        trainer = Trainer(settings)
        for _ in range(30):
            trainer.step()
        found.append(everything(trainer))
    return found


def everything(trainer: Trainer) -> dict[str, bytes]:
    named = trainer.network.state_dict().items()
    return {name: tensor.numpy().tobytes() for name, tensor in named}


def trained(race: Race) -> list[dict[str, bytes]]:
    return [everything(race.runner.compared_run(index).trainer) for index in range(len(RACE))]


@pytest.mark.parametrize(("speed", "seconds"), [(1.0, 29.0), (30.0, 29 / 30), (0.0, 0.0)])
def test_each_run_takes_so_many_steps_a_second_and_has_the_numbers_of_alone(
    monkeypatch: pytest.MonkeyPatch, speed: float, seconds: float, alone: list[dict[str, bytes]]
) -> None:
    race = Race(monkeypatch, speed)
    race.start(30)
    race.go_on()
    assert race.now == pytest.approx(seconds)  # the first step is due at once
    assert trained(race) == alone
    last = race.frames[-1]
    assert (last.over, last.running, last.at_once) == (True, False, False)
    for frame in race.frames:  # none is shown ahead of the others
        assert len({row.step for row in frame.rows}) == 1


def test_every_step_is_shown_soon_at_a_slow_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    race = Race(monkeypatch, 2.0)
    race.start(5)
    shown: dict[int, float] = {}
    while race.runner.running:
        race.go_on(lambda: race.frames[-1].rows[0].step not in shown if race.frames else False)
        shown.setdefault(race.step, race.now)
    assert shown == {
        step: pytest.approx((step - 1) / 2, abs=runner_module.REPORT_SECONDS)
        for step in range(1, 6)
    }


def test_another_speed_acts_at_once_and_nothing_else_changes(
    monkeypatch: pytest.MonkeyPatch, alone: list[dict[str, bytes]]
) -> None:
    race = Race(monkeypatch, 0.01)  # the second step would come after 100 seconds
    race.start(30)
    race.go_on(lambda: bool(race.frames) and race.step == 1)
    race.runner.pace.set_speed(20.0)
    race.go_on(lambda: race.step >= 11)
    assert race.now == pytest.approx(0.5, abs=0.2)
    race.runner.pace.set_speed(0.0)
    before = race.now
    race.go_on()
    assert race.now == before
    assert trained(race) == alone


def test_at_once_in_the_midst_pause_and_go_on(
    monkeypatch: pytest.MonkeyPatch, alone: list[dict[str, bytes]]
) -> None:
    race = Race(monkeypatch, 10.0)
    race.start(30)
    for _ in range(4):  # the first run is a step ahead
        race.runner.advance()
        race.now += 0.05
    race.runner.carry_out(RunComparison(False))
    race.runner.report()
    assert [row.step for row in race.frames[-1].rows] == [2, 1, 1]
    race.runner.carry_out(RunComparison(True, at_once=True))
    race.runner.report()
    race.go_on(lambda: race.runner.compared_run(2).trainer.steps_taken == 9)
    before = race.now
    race.runner.carry_out(RunComparison(False))
    race.runner.carry_out(RunComparison(True))  # at its pace again
    race.go_on(lambda: race.step >= 19)
    assert race.now == pytest.approx(before + 1.0, abs=0.2)
    assert not race.frames[-1].at_once
    race.runner.carry_out(RunComparison(True, at_once=True))
    race.runner.report()
    assert race.frames[-1].at_once
    before = race.now
    race.go_on()
    assert race.now == before
    assert trained(race) == alone
    assert not race.frames[-1].at_once


def test_at_once_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    race = Race(monkeypatch, 1.0)
    race.start(5, at_once=True)
    race.runner.report()
    assert race.frames[-1].at_once
    race.go_on()
    assert (race.now, race.step) == (0.0, 5)


def test_further_seeds_keep_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    race = Race(monkeypatch, 10.0)
    race.start(3, seeds=2)
    race.go_on()
    assert race.now == pytest.approx(0.2)
    trainer = Trainer(LORA.replace(seed=1))
    for _ in range(3):
        trainer.step()
    assert race.frames[-1].rows[1].results[1] == result_of(trainer, 3)


def test_one_that_diverges_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    race = Race(monkeypatch, 10.0)
    wild = FULL.replace(optimizer="sgd", learning_rate=1e30)
    race.runner.carry_out(StartComparison((wild, LORA.replace(optimizer="sgd")), 6))
    race.go_on()
    assert race.frames[-1].rows[0].problem
    assert race.frames[-1].rows[1].step == 6
    assert race.now == pytest.approx(0.5, abs=0.11)  # one pause more, where it stops


def test_commands_do_not_wait_for_the_next_step() -> None:
    with running(FULL) as heard:
        heard.send(SetSpeed(0.001), StartComparison((FULL, LORA), 100))
        while heard.wait_for(ComparisonFrame).rows[1].step == 0:
            pass
        heard.send(Ping())
        heard.wait_for(Pong)
        heard.send(RunComparison(False))
        paused = heard.wait_for(ComparisonFrame)
        assert (paused.running, paused.rows[0].step) == (False, 1)
        heard.send(RunComparison(True), SetSpeed(0))
        while not heard.wait_for(ComparisonFrame).over:
            pass
        heard.send(SetSpeed(0.001), Play())  # the run keeps to the same speed
        assert heard.frame_at(1).step == 1
