"""A race in the engine's loop: it takes the run's place, and any racer becomes the run."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from unittest.mock import patch

import numpy as np
import pytest

from engine.history.comparison import ComparedRun, ComparisonError
from engine.history.seed_results import FurtherSeeds, result_of
from engine.process.comparison_runner import ComparisonRunner
from engine.process.outbox import Outbox
from engine.protocol.messages import (
    Applied,
    Arrived,
    ComparisonFrame,
    Configure,
    Diverged,
    EndComparison,
    Failed,
    Frame,
    GoBack,
    GoTo,
    OpenComparedRun,
    Ping,
    Play,
    Pong,
    Refused,
    RequestFrame,
    Reset,
    RunComparison,
    StartComparison,
    Step,
    Timeline,
)
from engine.protocol.settings import Settings
from engine.resources import ResourceError
from engine.trainer import Trainer
from tests.engine.loop_driver import LoopDriver, running
from tests.engine.process_driver import engine

FULL, LORA = Settings(), Settings(strategy="lora", rank=3, learning_rate=0.01)
ENDLESS = 100_000


def compare_until(heard: LoopDriver, good: str = "over") -> ComparisonFrame:
    while not getattr(frame := heard.wait_for(ComparisonFrame), good):
        pass
    return frame


def trained(settings: Settings, steps: int) -> Trainer:
    trainer = Trainer(settings)
    for _ in range(steps):
        trainer.step()
    return trainer


def assert_same(frame: Frame, trainer: Trainer) -> None:
    assert (frame.step, frame.settings) == (trainer.steps_taken, trainer.settings)
    for shown, wanted in zip(frame.layers, trainer.frame().layers, strict=True):
        assert shown.updated.tobytes() == wanted.updated.tobytes()
        assert shown.delta.tobytes() == wanted.delta.tobytes()


def test_from_the_start_to_the_end() -> None:
    with running(FULL) as heard:
        heard.send(StartComparison((FULL, LORA), 50))
        first, last = heard.wait_for(ComparisonFrame), compare_until(heard)
        assert (first.comparison, first.steps, first.running) == (1, 50, True)
        assert not last.running
        assert [row.step for row in last.rows] == [50, 50]
        assert last.rows[1].results == (result_of(trained(LORA, 50), 50),)
        assert heard.count(ComparisonFrame) == 0  # nothing moves any more
        heard.send(RunComparison(True))
        assert heard.count(ComparisonFrame) == 0


def test_few_reports_and_quick_answers_while_it_runs() -> None:
    with running(FULL) as heard:
        heard.send(StartComparison((FULL, LORA, FULL, LORA), ENDLESS))
        heard.wait_for(ComparisonFrame)
        began = time.monotonic()
        time.sleep(1.0)
        count = heard.count(ComparisonFrame)
        assert count <= 10 * (time.monotonic() - began) + 2
        heard.send(Ping())
        heard.wait_for(Pong)
        heard.send(RunComparison(False))
        rested = compare_until(heard, "rows")
        while rested.running:
            rested = heard.wait_for(ComparisonFrame)
        assert heard.count(ComparisonFrame) == 0
        heard.send(RunComparison(True))
        assert heard.wait_for(ComparisonFrame).running


def test_the_race_and_the_run_rest_while_the_other_goes_on() -> None:
    with running(FULL) as heard:
        heard.send(Play(), StartComparison((FULL, LORA), ENDLESS), RequestFrame())
        heard.wait_for(ComparisonFrame)
        frame = heard.wait_for(Frame)
        assert not frame.playing
        heard.send(Step(3))
        while heard.wait_for(ComparisonFrame).running:
            pass
        assert heard.frame_at(frame.step + 3).step == frame.step + 3
        heard.send(RunComparison(True))
        assert heard.wait_for(ComparisonFrame).running
        heard.send(Play())
        while heard.wait_for(ComparisonFrame).running:
            pass
        heard.frame_at(frame.step + 10)


def test_settings_of_the_run_do_not_touch_the_race() -> None:
    with running(FULL) as heard:
        heard.send(
            StartComparison((FULL, LORA), 80), Configure(FULL.replace(seed=3, width=300)), Reset()
        )
        last = compare_until(heard)
        assert [row.settings for row in last.rows] == [FULL, LORA]
        for row, settings in zip(last.rows, (FULL, LORA), strict=True):
            layers = trained(settings, 80).network.body
            for shown, layer in zip(row.layers, layers, strict=True):
                assert shown.delta.tobytes() == layer.delta().detach().numpy().tobytes()


def test_an_opened_racer_is_the_run_as_if_trained_there() -> None:
    with running(FULL) as heard:
        heard.send(Step(7))
        heard.frame_at(7)
        heard.send(StartComparison((FULL, LORA), 250))
        compare_until(heard)
        heard.send(OpenComparedRun(1))
        timeline, arrived = heard.wait_for(Timeline), heard.wait_for(Arrived)
        assert (arrived.step, arrived.settings, arrived.run) == (250, LORA, 2)
        assert "LoRA is on the stage" in arrived.notes[0]
        assert timeline.run == 2
        assert [(b.forked_at, b.tip) for b in timeline.branches] == [(0, 250)]
        shown = heard.frame_at(250)
        assert_same(shown, trained(LORA, 250))
        assert shown.curves is not None
        alone = Trainer(LORA)
        assert shown.curves.steps[0] == 0
        assert shown.curves.train_loss[0] == np.float32(alone.measure().train_loss)
        heard.send(GoTo(130))
        assert heard.wait_for(Arrived).step == 130
        heard.send(RequestFrame())
        assert_same(heard.wait_for(Frame), trained(LORA, 130))
        heard.send(GoTo(250), Step(20))
        assert_same(heard.frame_at(270), trained(LORA, 270))


def test_an_opened_racer_that_diverged_goes_back_to_where_it_was_good() -> None:
    wild = FULL.replace(optimizer="sgd", learning_rate=3.0)
    with running(FULL) as heard:
        heard.send(StartComparison((wild, FULL.replace(optimizer="sgd")), 20))
        lost = compare_until(heard).rows[0].step
        heard.send(OpenComparedRun(0))
        assert heard.wait_for(Arrived).step == lost
        heard.send(Step(1))
        good = heard.wait_for(Diverged).last_good_step
        assert good < lost
        heard.send(GoBack())
        assert heard.wait_for(Arrived).step == good


def test_the_race_keeps_a_run_of_its_own() -> None:
    with running(FULL) as heard:
        heard.send(StartComparison((FULL, LORA), 400))
        while heard.wait_for(ComparisonFrame).rows[0].step == 0:
            pass
        heard.send(OpenComparedRun(0))
        at = heard.wait_for(Arrived).step
        heard.send(Configure(FULL.replace(learning_rate=0.1)), Step(30))
        heard.wait_for(Applied)
        heard.frame_at(at + 30)
        heard.send(RunComparison(True))
        last = compare_until(heard)
        assert [row.step for row in last.rows] == [400, 400]
        wanted = trained(FULL, 400).network.body
        for shown, layer in zip(last.rows[0].layers, wanted, strict=True):
            assert shown.delta.tobytes() == layer.delta().detach().numpy().tobytes()


def test_what_cannot_race_is_refused_and_what_races_goes_on() -> None:
    with running(FULL) as heard:
        heard.send(StartComparison((FULL, LORA), ENDLESS))
        heard.wait_for(ComparisonFrame)
        heard.send(StartComparison((FULL, FULL.replace(seed=1)), 10))
        assert heard.wait_for(Refused).message.startswith("seed: all runs")
        assert heard.wait_for(ComparisonFrame).comparison == 1
        heard.send(StartComparison((FULL, FULL.replace(frozen=("nowhere",))), 10))
        assert "nowhere" in heard.wait_for(Refused).message
        heard.send(StartComparison((FULL, LORA), 5))
        while (frame := heard.wait_for(ComparisonFrame)).comparison == 1:
            pass
        assert (frame.comparison, frame.steps) == (2, 5)


@pytest.mark.parametrize("index", [-1, 2])
def test_nobody_opens_who_is_not_there(index: int) -> None:
    with running(FULL) as heard:
        heard.send(OpenComparedRun(0))
        assert "no longer exists" in heard.wait_for(Refused).message
        heard.send(StartComparison((FULL, LORA), 2))
        compare_until(heard)
        heard.send(OpenComparedRun(index))
        assert "no longer exists" in heard.wait_for(Refused).message
        heard.send(EndComparison(), OpenComparedRun(1), RunComparison(True))
        assert "no longer exists" in heard.wait_for(Refused).message
        assert heard.count(ComparisonFrame) == 0


def test_a_race_that_breaks_rests_and_the_engine_lives() -> None:
    with (
        running(FULL) as heard,
        patch.object(ComparedRun, "step", side_effect=RuntimeError("boom")),
    ):
        heard.send(StartComparison((FULL, LORA), 5))
        assert heard.wait_for(Failed).message == "boom"
        assert not compare_until(heard, "rows").running
        heard.send(Step(2))
        assert heard.frame_at(2).step == 2


def test_pause_go_on_and_drop_in_the_midst_of_further_seeds() -> None:
    sent: list[ComparisonFrame] = []
    runner = ComparisonRunner(cast(Outbox, SimpleNamespace(put=sent.append)))
    runner.carry_out(StartComparison((FULL, LORA), 4, 3))
    for _ in range(12):  # 8 steps, then a run is made and takes three
        runner.advance()
    runner.carry_out(RunComparison(False))
    runner.report()
    assert (runner.running, sent[-1].running, sent[-1].repeated_steps) == (False, False, 3)
    runner.carry_out(RunComparison(True))
    while runner.running:
        runner.advance()
    runner.report()
    for settings, row in zip((FULL, LORA), sent[-1].rows, strict=True):
        seeds = (settings.replace(seed=seed) for seed in range(3))
        assert row.results == tuple(result_of(trained(one, 4), 4) for one in seeds)
    runner.carry_out(StartComparison((FULL, LORA), 4, 3))
    for _ in range(12):
        runner.advance()
    runner.carry_out(EndComparison())
    assert not runner.running
    with pytest.raises(ComparisonError, match="no longer exists"):
        runner.compared_run(0)


def test_the_run_begins_anew_beside_further_seeds_and_one_is_opened() -> None:
    with running(FULL) as heard:
        heard.send(
            StartComparison((FULL, LORA), 6, 3), Configure(FULL.replace(seed=5, width=48)), Reset()
        )
        last = compare_until(heard)
        assert [len(row.results) for row in last.rows] == [3, 3]
        assert last.rows[1].results[2] == result_of(trained(LORA.replace(seed=2), 6), 6)
        heard.send(OpenComparedRun(1))
        assert heard.wait_for(Arrived).settings == LORA
        assert_same(heard.frame_at(6), trained(LORA, 6))


def test_a_further_seed_that_cannot_begin_is_told_once() -> None:
    missing = ResourceError(Path("cells.csv"), "is missing")
    with running(FULL) as heard, patch.object(FurtherSeeds, "advance", side_effect=missing):
        heard.send(StartComparison((FULL, LORA), 2, 2))
        assert "is missing" in heard.wait_for(Refused).message
        while heard.wait_for(ComparisonFrame).running:
            pass
        assert heard.count(Refused) == 0


def test_who_does_not_look_finds_the_newest_report_alone() -> None:
    with engine(FULL) as driver:
        driver.send(StartComparison((FULL, LORA), ENDLESS))
        first = driver.wait_for(ComparisonFrame)
        waiting: list[ComparisonFrame] = []
        while not waiting:
            time.sleep(1.0)  # some ten reports
            waiting = [
                each for each in driver.host.take_reports() if isinstance(each, ComparisonFrame)
            ]
        assert len(waiting) == 1
        assert waiting[0].rows[0].step > first.rows[0].step
