"""The engine thread's loop where things go wrong, without a process around it."""

import contextlib
import dataclasses
import time
from types import SimpleNamespace

import pytest
import torch

from engine.frames.build import FrameBuilder
from engine.process import pace as pace_module
from engine.process.frame_scheduler import FrameScheduler
from engine.process.limits import LIMITS, EngineLimits
from engine.protocol.messages import (
    Applied,
    Arrived,
    Checkpoint,
    Command,
    Configure,
    Diverged,
    Failed,
    Frame,
    GoBack,
    Pause,
    Ping,
    Play,
    Pong,
    Reached,
    Refused,
    RequestFrame,
    Reset,
    Resume,
    SetSpeed,
    ShowSample,
    Step,
    StepReport,
)
from engine.protocol.settings import Settings, SettingsError
from engine.trainer import Trainer
from engine.training.divergence import DivergedError
from tests.engine.loop_driver import LoopDriver, running


def test_settings_refused_at_the_start_are_refused_again_and_cost_nothing() -> None:
    with running(Settings(frozen=("layer9",))) as heard:
        heard.wait_for(Refused)
        take, turns = heard.inbox.take, []
        heard.inbox.take = lambda wait: (turns.append(wait), take(wait))[1]  # type: ignore[method-assign]
        for command in (Step(5), Play(), Reset(), GoBack()):
            heard.send(command)
            assert "layer9" in heard.wait_for(Refused).message
        time.sleep(0.2)
        assert len(turns) <= 5  # one a command: it does not go round and round
        heard.send(Configure(Settings()), Step(3), RequestFrame())
        assert heard.wait_for(Frame).run == 1


def test_what_is_refused_stops_nothing() -> None:
    with running(Settings()) as heard:
        heard.send(Play(), Configure(Settings(frozen=("adapter1",))))
        heard.wait_for(Refused)
        heard.send(RequestFrame())
        frame = heard.wait_for(Frame)
        assert frame.playing
        assert frame.settings.frozen is None


def test_a_lost_run_is_told_once_a_look_and_once_a_try() -> None:
    with running(Settings(learning_rate=1e30)) as heard:
        heard.send(Step(1), RequestFrame())
        assert heard.wait_for(Diverged).last_good_step == 0
        for index in range(4):
            heard.send(ShowSample(index), RequestFrame())
        assert heard.count(Diverged) == 0
        heard.send(Play())
        assert heard.wait_for(Diverged).last_good_step == 0


def test_a_frame_that_cannot_be_made_is_told_and_the_next_one_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build = FrameBuilder.build

    def fail(self: FrameBuilder, *_arguments: object, **_options: object) -> Frame:
        monkeypatch.setattr(FrameBuilder, "build", build)
        raise MemoryError("no room")

    monkeypatch.setattr(FrameBuilder, "build", fail)
    with running(Settings()) as heard:
        heard.send(RequestFrame())
        assert heard.wait_for(Failed).message == "no room"
        heard.send(Step(1), RequestFrame())
        assert heard.wait_for(Frame).step == 1


def test_dragging_the_speed_earns_no_steps() -> None:
    with running(Settings()) as heard:
        heard.send(SetSpeed(0.001), Play(), RequestFrame())
        heard.wait_for(Frame)
        for tenth in range(20):
            heard.send(SetSpeed(0.001 + tenth / 1e6), Ping())
            heard.wait_for(Pong)
        heard.send(Pause(), RequestFrame())
        assert heard.wait_for(Frame).step <= 1


def test_steps_come_as_often_as_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that goes on only where the loop waits."""
    heard, now, waits = LoopDriver(), [0.0], []
    monkeypatch.setattr(pace_module, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    take = heard.inbox.take

    def at_once(wait: float | None) -> list[Command]:
        waits.append(wait)
        if wait and now[0] + wait > 2.01:
            heard.send(Pause(), RequestFrame())
        elif wait:
            now[0] += wait
            return take(0)
        return take(wait)

    heard.inbox.take = at_once  # type: ignore[method-assign]
    heard.send(SetSpeed(20), Play())
    with running(Settings(), heard):
        assert heard.wait_for(Frame).step == 41  # at 0, 0.05 … 2 seconds
    assert now[0] == pytest.approx(2.0)


def test_many_steps_at_once_keep_few_checkpoints() -> None:
    kept = 0
    with running(Settings(), limits=EngineLimits(checkpoint_seconds=1000.0)) as heard:
        heard.send(Step(1500), RequestFrame())
        while (frame := heard.wait_for(Frame, Checkpoint)) is not None:
            kept += isinstance(frame, Checkpoint)
            if isinstance(frame, Frame):
                if frame.step >= 1400:
                    break
                heard.send(RequestFrame())
    assert kept == 1


def test_going_back_never_leads_beyond_the_present_run() -> None:
    trainer = Trainer(Settings(strategy="lora"))
    for _ in range(40):
        trainer.step()
    with running(Settings(strategy="full")) as heard:
        heard.send(Resume(Checkpoint(1, 40, trainer.state())))
        assert heard.wait_for(Applied).settings.strategy == "full"
        heard.send(GoBack())
        assert heard.wait_for(Arrived).step == 0


@pytest.mark.parametrize("rate", [1e3, 1e5, 1e30])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw"])
def test_the_step_to_go_back_to_is_one_to_train_on_from(rate: float, optimizer: str) -> None:
    settings = Settings(optimizer=optimizer)
    with running(settings) as heard:
        heard.send(Step(20), Configure(settings.replace(learning_rate=rate)), Play())
        lost = heard.wait_for(Diverged)
        heard.send(Configure(settings.replace(learning_rate=1e-3)), GoBack())
        while heard.wait_for(Arrived).settings.learning_rate == rate:
            pass
        heard.send(Step(30))
        heard.frame_at(lost.last_good_step + 30)
        assert heard.count(Diverged) == 0


def test_trying_a_lost_step_again_changes_nothing() -> None:
    trainer = Trainer(Settings(learning_rate=1e30))
    trainer.step()
    before = trainer.state()["order"]["waiting"].tolist()
    for _ in range(3):
        with pytest.raises(DivergedError):
            trainer.step()
    assert trainer.state()["order"]["waiting"].tolist() == before
    assert trainer.steps_taken == 1


def test_a_rank_is_not_lowered_while_delta_is_not_finite() -> None:
    settings = Settings(strategy="lora", rank=8, learning_rate=1e30)
    trainer = Trainer(settings)
    for _ in range(2):
        with contextlib.suppress(DivergedError):
            trainer.step()
    with torch.no_grad():
        trainer.network.body[0].update.lora_B.fill_(float("inf"))
    with pytest.raises(SettingsError, match="at least 8 while ΔW is not finite"):
        trainer.apply(Configure(settings.replace(rank=4)))
    assert trainer.settings.rank == 8


def test_playing_ends_exactly_at_the_step_that_was_named() -> None:
    with running(Settings()) as heard:
        heard.send(SetSpeed(2000.0), Play(120))
        reached = heard.wait_for(Reached)
        assert (reached.run, reached.step) == (1, 120)
        frame = heard.frame_at(120)
        assert (frame.step, frame.playing, frame.is_measured) == (120, False, True)
        heard.send(Play())  # what was named before is forgotten
        assert heard.frame_at(121).playing
        assert heard.count(Reached) == 0


def test_a_pause_on_the_way_reaches_nothing() -> None:
    with running(Settings()) as heard:
        heard.send(SetSpeed(50.0), Play(100_000), RequestFrame())
        heard.wait_for(Frame)
        heard.send(Pause(), Step(5), RequestFrame())
        assert heard.count(Reached) == 0


def test_playing_to_a_step_that_is_taken_ends_at_once() -> None:
    with running(Settings()) as heard:
        heard.send(Step(5), Play(5))
        assert heard.wait_for(Reached).step == 5
        heard.send(Play(3))
        assert heard.wait_for(Reached).step == 5
        frame = heard.frame_at(5)
        assert not frame.playing


def test_a_request_that_comes_during_a_step_is_answered_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running(Settings(width=264, depth=2)) as heard:
        heard.send(RequestFrame())
        heard.wait_for(Frame)
        step = Trainer.step

        def long_step(trainer: Trainer, **options: bool) -> StepReport:
            report = step(trainer, **options)
            if report.step == 5:
                heard.send(RequestFrame())
            return report

        monkeypatch.setattr(Trainer, "step", long_step)
        monkeypatch.setattr(FrameScheduler, "is_due", lambda _: False)
        heard.send(Play(until=50))
        assert heard.wait_for(Frame).step == 5


def test_a_frame_that_measures_waits_for_a_step_that_was_watched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits = dataclasses.replace(LIMITS, measurement_seconds=0.0)
    with running(Settings(), limits=limits) as heard:
        heard.send(Play())
        for _ in range(20):
            heard.send(RequestFrame())
            frame = heard.wait_for(Frame)
            if frame.is_measured and frame.step:
                assert all(layer.measured.step_norm is not None for layer in frame.layers)
