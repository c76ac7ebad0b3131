"""Early stopping: when it stops, and that it goes back to exactly the best step."""

import hashlib
import json
import math
import sys
from typing import Any

import pytest

import main
from engine.history.history import History
from engine.protocol.messages import (
    Configure,
    Diverged,
    GoTo,
    Play,
    Step,
    StoppedEarly,
)
from engine.protocol.settings import Settings
from engine.trainer import Trainer
from engine.training.early_stopping import EarlyStopping
from tests.engine.loop_driver import running
from tests.engine.oracle_runs import trained

NOISY: dict[str, Any] = {"label_noise": 0.5, "learning_rate": 0.01}


def _expected(steps: int, patience: int, **settings: Any) -> tuple[int, int, float]:
    """The step at which a run stops, its best one and the loss there, from the curve shown."""
    trainer = trained(0, **settings)
    losses = [trainer.measure().validation_loss]
    for step in range(1, steps + 1):
        trainer.step()
        losses.append(trainer.measure().validation_loss)
        best = losses.index(min(losses))
        if step - best >= patience:
            return step, best, losses[best]
    raise AssertionError("it would not stop")


def _weights(trainer: Trainer) -> dict[str, bytes]:
    return {name: value.numpy().tobytes() for name, value in trainer.network.state_dict().items()}


@pytest.mark.parametrize("patience", [1, 12, 30])
def test_it_stops_when_the_loss_has_not_fallen_for_so_long(patience: int) -> None:
    expected = _expected(300, patience, **NOISY)
    trainer = trained(0, patience=patience, **NOISY)
    stopping = EarlyStopping(trainer.run)
    stopped = None
    while stopped is None:
        trainer.step()
        stopped = stopping.check()
    assert (stopped.step, stopped.best_step) == expected[:2]
    assert stopped.best_loss == pytest.approx(expected[2], abs=1e-6)


def test_where_training_only_harms_it_goes_back_to_the_pretrained_network() -> None:
    trainer = trained(0, patience=3)
    stopping = EarlyStopping(trainer.run)
    start = trainer.measure().validation_loss
    losses = iter((start + 1, start + 2, start + 0.5))
    trainer.run.evaluator.validation_loss = lambda: next(losses)  # type: ignore
    for expected in (None, None, (3, 0, start)):
        trainer.step()
        stopped = stopping.check()
        found = stopped and (stopped.step, stopped.best_step, stopped.best_loss)
        assert found == (expected and (*expected[:2], pytest.approx(expected[2])))


def test_the_step_at_which_it_begins_to_look_counts() -> None:
    trainer = trained(5, patience=2)
    now, stopped = trainer.measure().validation_loss, None
    stopping = EarlyStopping(trainer.run)
    trainer.run.evaluator.validation_loss = lambda: now + 1  # type: ignore[method-assign]
    for _ in range(2):
        trainer.step()
        stopped = stopping.check()
    assert stopped is not None and (stopped.step, stopped.best_step) == (7, 5)
    assert stopped.best_loss == pytest.approx(now)


def test_without_patience_it_never_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = trained(0, **NOISY)
    monkeypatch.setattr(trainer.run.evaluator, "validation_loss", lambda: pytest.fail("looked"))
    stopping = EarlyStopping(trainer.run)
    for _ in range(20):
        trainer.step()
        assert stopping.check() is None


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"strategy": "lora", "dropout": 0.3},
        {"batch_norm": True, "dropout": 0.2},
        {"strategy": "gradual_unfreezing", "stage_steps": 7},
        {"schedule": "cosine", "total_steps": 200},
    ],
    ids=str,
)
def test_a_loop_goes_back_to_the_best_step_bit_for_bit(more: dict[str, Any]) -> None:
    settings = {**NOISY, **more}
    step, best, _ = _expected(400, 25, **settings)
    with running(Settings(patience=25, **settings)) as heard:
        heard.send(Play())
        stopped = heard.wait_for(StoppedEarly)
        assert (stopped.step, stopped.best_step) == (step, best)
        frame = heard.frame_at(best)
    assert frame.step == best
    assert not frame.playing
    assert frame.measurements.validation_loss == pytest.approx(stopped.best_loss, abs=1e-6)
    there = trained(best, **settings).frame()
    for ours, other in zip(frame.layers, there.layers, strict=True):
        assert ours.updated.tobytes() == other.updated.tobytes()
        assert all(check.holds or check.by_settings for check in ours.measured.checks)


def test_what_follows_the_best_step_is_what_followed_it_before() -> None:
    """Without patience the run can go on from there as if it had never stopped."""
    _, best, _ = _expected(300, 25, **NOISY)
    with running(Settings(patience=25, **NOISY)) as heard:
        heard.send(Play())
        heard.wait_for(StoppedEarly)
        heard.send(Configure(Settings(**NOISY)), Step(40))
        frame = heard.frame_at(best + 40)
    again = trained(best + 40, **NOISY).frame()
    for ours, other in zip(frame.layers, again.layers, strict=True):
        assert ours.updated.tobytes() == other.updated.tobytes()


def test_the_command_line_ends_at_the_best_step(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    step, best, loss = _expected(300, 25, **NOISY)
    words = f"train --label-noise 0.5 --learning-rate 0.01 --patience 25 --steps {step + 50} --json"
    monkeypatch.setattr(sys, "argv", ["deltaw", *words.split()])
    assert main.main() == 0
    result = json.loads(capsys.readouterr().out)
    assert result["steps"] == best
    assert result["validation_loss"] == pytest.approx(loss, abs=1e-6)
    there = trained(best, **NOISY).frame()
    for printed, layer in zip(result["layers"], there.layers, strict=True):
        assert printed["updated_sha256"] == hashlib.sha256(layer.updated.tobytes()).hexdigest()


def test_the_command_line_takes_all_steps_where_nothing_stops_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", "deltaw train --patience 900 --steps 30 --json".split())
    assert main.main() == 0
    assert json.loads(capsys.readouterr().out)["steps"] == 30


def test_the_longest_patience_still_finds_its_way_back() -> None:
    """1,005 steps lie further back than the newest snapshots."""
    settings: dict[str, Any] = {"learning_rate": 1e-4, "patience": 1000}
    trainer = trained(0, **settings)
    history, stopping = History(trainer), EarlyStopping(trainer.run)
    trainer.run.evaluator.validation_loss = lambda: abs(trainer.steps_taken - 35.0)  # type: ignore
    stopped, best = None, {}
    while stopped is None:
        trainer.step()
        history.record_step()
        if trainer.steps_taken == 35:
            best = _weights(trainer)
        stopped = stopping.check()
    assert (stopped.step, stopped.best_step) == (1035, 35)
    assert history.go_to(stopped.best_step) == 35
    assert _weights(trainer) == best


def test_a_change_of_settings_forgets_what_was_best_before_it() -> None:
    settings = Settings(patience=900, **NOISY)
    _, best, _ = _expected(300, 25, **NOISY)
    assert best < 100
    with running(settings) as heard:
        heard.send(Step(100))
        heard.frame_at(100)
        heard.send(Configure(settings.replace(patience=25)), Play())
        stopped = heard.wait_for(StoppedEarly)
    assert stopped.best_step >= 100


@pytest.mark.parametrize("back", [0, 20])
def test_played_again_it_looks_from_the_last_known_step_on(back: int) -> None:
    """Where it stopped it does not stop again, however far one went back."""
    with running(Settings(patience=25, **NOISY)) as heard:
        heard.send(Play())
        first = heard.wait_for(StoppedEarly)
        heard.send(GoTo(first.best_step - back), Play())
        again = heard.wait_for(StoppedEarly)
    assert again.best_step >= first.step
    assert again.step == again.best_step + 25


@pytest.mark.parametrize("patience", [1, 5, 6])
@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_lost_run_has_no_best_step(
    patience: int, loss: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It blows up in the very step after which it is looked at for the first time."""
    trainer = trained(0, patience=patience)
    stopping = EarlyStopping(trainer.run)
    monkeypatch.setattr(trainer.run.evaluator, "validation_loss", lambda: loss)
    for _ in range(patience):
        trainer.step()
        assert stopping.check() is None


def test_a_run_that_blows_up_is_lost_and_not_stopped_early() -> None:
    settings = Settings(patience=1)
    with running(settings) as heard:
        heard.send(Step(4))
        heard.frame_at(4)
        heard.send(Configure(settings.replace(learning_rate=1e30)), Play())
        assert heard.wait_for(Diverged).last_good_step == 4
        assert heard.count(StoppedEarly) == 0
