"""Going to other steps and branches through the engine thread's loop, also while it trains."""

from __future__ import annotations

import numpy as np
import pytest

from engine.history.history import SNAPSHOT_OVERHEAD_BYTES, History, HistoryLimits
from engine.process.limits import EngineLimits
from engine.protocol.command_queue import CommandQueue
from engine.protocol.messages import (
    Applied,
    Arrived,
    CellAddress,
    Checkpoint,
    Configure,
    DropBranch,
    Frame,
    FrameOptions,
    GoTo,
    NameBranch,
    OpenRun,
    Pause,
    Play,
    Refused,
    RequestFrame,
    Reset,
    Resume,
    Return,
    Runs,
    Step,
    Thinned,
    Timeline,
)
from engine.protocol.settings import Settings
from engine.protocol.timeline import MAX_BRANCHES
from engine.trainer import Trainer
from tests.engine.loop_driver import LoopDriver, running

LORA = Settings(strategy="lora", rank=4)
FAST = LORA.replace(learning_rate=2e-2)


def _frame(heard: LoopDriver) -> Frame:
    heard.send(RequestFrame(), FrameOptions())
    return heard.wait_for(Frame)


def _bits(frame: Frame) -> tuple[bytes, ...]:
    return tuple(layer.updated.tobytes() for layer in frame.layers)


def _alone(*stretches: tuple[Settings, int]) -> tuple[bytes, ...]:
    """W′ of a run under these settings, one after the other, for so many steps each."""
    trainer = Trainer(stretches[0][0])
    for settings, steps in stretches:
        trainer.apply(Configure(settings))
        for _ in range(steps):
            trainer.step()
    return _bits(trainer.frame())


def test_scrubbing_while_it_trains_pauses_it_there() -> None:
    with running(LORA) as heard:
        heard.send(Play())
        heard.frame_at(150)
        heard.send(GoTo(70))
        arrived = heard.wait_for(Arrived)
        frame = _frame(heard)
        assert (arrived.step, arrived.settings, frame.step) == (70, LORA, 70)
        assert not frame.playing
        assert frame.tip > 150
        assert _bits(frame) == _alone((LORA, 70))
        assert _frame(heard).step == 70


@pytest.mark.parametrize(("asked", "reached"), [(-5, 0), (10**9, 40), (17, 17)])
def test_a_step_that_is_not_there_is_the_nearest_that_is(asked: int, reached: int) -> None:
    with running(LORA) as heard:
        heard.send(Step(40))
        heard.frame_at(40)
        heard.send(GoTo(asked))
        assert heard.wait_for(Arrived).step == reached


def test_playing_on_from_the_past_repeats_what_was_changed_there() -> None:
    with running(LORA) as heard:
        heard.send(Step(30))
        heard.frame_at(30)
        heard.send(Configure(FAST), Step(30))
        frame = heard.frame_at(60)
        heard.send(GoTo(10))
        assert heard.wait_for(Arrived).settings == LORA
        heard.send(Step(50))
        arrived = heard.wait_for(Arrived)
        assert (arrived.step, arrived.settings) == (30, FAST)
        again = heard.frame_at(60)
        assert _bits(again) == _bits(frame) == _alone((LORA, 30), (FAST, 30))
        assert (again.branch, again.tip) == (0, 60)
        assert again.settings == FAST


def test_a_change_in_the_past_is_a_branch_and_what_was_left_stays() -> None:
    with running(LORA) as heard:
        heard.wait_for(Timeline)
        heard.send(Step(50))
        left = heard.frame_at(50)
        heard.send(GoTo(20), Configure(FAST))
        timeline = heard.wait_for(Timeline)
        applied = heard.wait_for(Applied)
        assert (applied.branch, applied.step) == (1, 20)
        assert timeline.active == 1
        assert [(b.name, b.parent, b.forked_at, b.tip) for b in timeline.branches] == [
            ("A", None, 0, 50), ("B", 0, 20, 20),
        ]  # fmt: skip
        heard.send(Step(30))
        forked = heard.frame_at(50)
        assert (forked.branch, forked.tip) == (1, 50)
        assert _bits(forked) == _alone((LORA, 20), (FAST, 30))
        heard.send(GoTo(50, 0))
        assert heard.wait_for(Arrived).settings == LORA
        assert _bits(_frame(heard)) == _bits(left)


def test_what_took_effect_says_on_which_branch() -> None:
    with running(LORA) as heard:
        heard.send(Step(20))
        heard.frame_at(20)
        heard.send(GoTo(10), Configure(FAST), Configure(FAST), Step(3))
        assert heard.wait_for(Applied).branch == 1
        heard.frame_at(13)
        patient = FAST.replace(patience=50)
        heard.send(Configure(patient))
        assert heard.wait_for(Applied).branch == 1
        heard.send(GoTo(5), Configure(patient.replace(rank=2)))
        assert heard.wait_for(Applied).branch == 2
        heard.send(Configure(LORA.replace(patience=50)))  # as at step 5 before: it dissolves
        applied = heard.wait_for(Applied)
        assert (applied.branch, applied.step) == (1, 5)


def test_commands_that_wait_together_keep_their_meaning() -> None:
    """A change after a step to go to is meant there; neither overtakes the other."""
    queue = CommandQueue()
    sent = [GoTo(3), GoTo(5), Configure(FAST), Configure(LORA), GoTo(9), RequestFrame(), GoTo(8)]
    for command in sent:
        queue.put(command)
    assert queue.take(0) == [GoTo(5), Configure(LORA), RequestFrame(), GoTo(8)]


def test_curves_of_a_branch_come_whole_and_then_piece_by_piece() -> None:
    with running(LORA) as heard:
        heard.send(Step(40))
        heard.frame_at(40)
        heard.send(GoTo(20), Configure(FAST), Step(10))
        heard.wait_for(Applied)
        curves = heard.frame_at(30).curves
        assert curves is not None
        assert curves.steps.tolist() == list(range(31))
        heard.send(GoTo(25), FrameOptions(), RequestFrame(1, 1, 30))
        heard.wait_for(Arrived)
        past = heard.wait_for(Frame).curves
        assert past is not None
        assert not len(past.steps)  # the asker has them
        heard.send(GoTo(35, 0), RequestFrame(1, 1, 25))
        heard.wait_for(Arrived)
        other = heard.wait_for(Frame).curves
        assert other is not None
        assert other.steps.tolist() == list(range(36))


def test_the_difference_of_two_branches() -> None:
    with running(LORA) as heard:
        heard.send(Step(40))
        heard.frame_at(40)
        heard.send(GoTo(20), Configure(FAST), Step(10), FrameOptions(compared_branch=0))
        heard.wait_for(Applied)
        frame = heard.frame_at(30)
        assert frame.measurements.difference is not None
        assert (frame.measurements.difference.branch, frame.measurements.difference.step) == (0, 30)
        trainer = Trainer(LORA)
        for _ in range(30):
            trainer.step()
        for here, there in zip(frame.layers, trainer.frame().layers, strict=True):
            apart = dict(here.factors)["difference"]
            assert np.array_equal(apart, here.updated - there.updated)
            assert apart.any()
        heard.send(Step(30))
        assert heard.frame_at(60).measurements.difference.step == 40  # type: ignore[union-attr]
        heard.send(DropBranch(0))
        heard.wait_for(Timeline)
        gone = _frame(heard)
        assert gone.measurements.difference is None
        assert "difference" not in dict(gone.layers[0].factors)


def test_names_drops_and_what_is_refused() -> None:
    with running(LORA) as heard:
        heard.wait_for(Timeline)
        heard.send(DropBranch(0))
        assert "only branch" in heard.wait_for(Refused).message
        heard.send(Step(20))
        heard.frame_at(20)
        for number in range(1, MAX_BRANCHES):
            heard.send(GoTo(10, 0), Configure(LORA.replace(learning_rate=number / 1000 + 1e-4)))
            heard.wait_for(Applied)
        heard.send(GoTo(10, 0), Configure(LORA.replace(learning_rate=0.5)))
        refused = heard.wait_for(Refused)
        assert "drop one" in refused.message
        assert refused.settings == LORA
        heard.send(NameBranch(2, "slow"))
        assert heard.wait_for(Timeline).branches[2].name == "slow"
        heard.send(NameBranch(3, "slow"))
        assert "already" in heard.wait_for(Refused).message
        heard.send(GoTo(10, 2), DropBranch(2))
        heard.wait_for(Timeline)
        arrived = heard.wait_for(Arrived)
        assert (arrived.branch, arrived.step, arrived.settings) == (0, 20, LORA)
        heard.send(GoTo(1, 2))
        assert "dropped" in heard.wait_for(Refused).message


def test_a_new_run_has_a_timeline_of_its_own() -> None:
    with running(LORA) as heard:
        heard.send(Step(20))
        heard.frame_at(20)
        heard.send(GoTo(10), Configure(FAST), Reset())
        while heard.wait_for(Timeline).run == 1:
            pass
        frame = _frame(heard)
        assert (frame.run, frame.step, frame.tip, frame.branch) == (2, 0, 0, 0)


def test_a_new_run_keeps_the_one_before_with_its_branches() -> None:
    with running(LORA) as heard:
        heard.send(Step(20))
        heard.frame_at(20)
        heard.send(GoTo(10), Configure(FAST))
        heard.wait_for(Applied)
        heard.send(Configure(FAST.replace(seed=1)))
        assert heard.wait_for(Applied).notes == ()
        heard.send(Reset())
        while not (runs := heard.wait_for(Runs)).earlier:
            pass
        (kept,) = runs.earlier
        assert (kept.serial, kept.settings, kept.step, kept.tip, kept.branches) == (
            0, FAST, 10, 20, 2,
        )  # fmt: skip
        heard.send(OpenRun(0))
        arrived = heard.wait_for(Arrived)
        assert (arrived.step, arrived.settings, arrived.branch) == (10, FAST, 1)
        heard.send(GoTo(20, 0))
        heard.wait_for(Arrived)
        assert _bits(_frame(heard)) == _alone((LORA, 20))


def test_after_a_new_engine_the_timeline_begins_where_it_resumed() -> None:
    trainer = Trainer(LORA)
    for _ in range(40):
        trainer.step()
    with running(LORA) as heard:
        heard.wait_for(Timeline)
        heard.send(Resume(Checkpoint(1, 40, trainer.state())))
        (branch,) = heard.wait_for(Timeline).branches
        assert (branch.forked_at, branch.tip) == (40, 40)
        heard.send(Step(10))
        heard.frame_at(50)
        heard.send(GoTo(3))
        assert heard.wait_for(Arrived).step == 40
        assert _bits(_frame(heard)) == _alone((LORA, 40))


def _room_for(snapshots: float) -> EngineLimits:
    """Limits under which a run's memory is full after so many snapshots, one each five steps."""
    probe = Trainer(LORA)
    probe.step()
    size = probe.run.state_bytes() + SNAPSHOT_OVERHEAD_BYTES
    return EngineLimits(HistoryLimits(snapshot_interval=5, max_bytes=int(snapshots * size)))


def test_a_full_memory_is_told_once() -> None:
    with running(LORA, limits=_room_for(12)) as heard:
        heard.send(Step(1000))
        assert heard.wait_for(Thinned).interval_steps > 5
        while not any(isinstance(each, Frame) and each.step == 1000 for each in heard.messages):
            heard.send(RequestFrame())
            heard.count(Frame)
        assert heard.count(Thinned) == 0
        heard.send(GoTo(123))
        heard.wait_for(Arrived)
        assert _bits(_frame(heard)) == _alone((LORA, 123))


def test_steps_that_are_not_kept_any_more_are_told() -> None:
    with running(LORA, limits=_room_for(4.5)) as heard:
        assert heard.wait_for(Timeline).branches[0].forked_at == 0
        heard.send(Step(20))
        assert heard.wait_for(Timeline).branches[0].forked_at == 5


def test_early_stopping_leaves_the_rest_of_the_run_to_be_looked_at() -> None:
    settings = Settings(learning_rate=3e-2, patience=15, label_noise=0.4)
    with running(settings) as heard:
        heard.send(Play())
        arrived = heard.wait_for(Arrived)
        frame = _frame(heard)
        assert frame.step == arrived.step < frame.tip
        heard.send(Play())
        heard.frame_at(frame.tip + 5)  # beyond where it stopped: it does not stop there again
        heard.send(Pause())


# ---------------------------------------------------------------- a cell worked out


CELL = CellAddress("layer2", 3, 1, "lora_B")


def test_a_kept_cell_is_worked_out_wherever_one_stands() -> None:
    """Also of a step that nobody looked into when it was taken."""
    with running(LORA) as heard:
        heard.send(Step(50))
        bare = heard.frame_at(50)
        heard.send(FrameOptions(cell=CELL), RequestFrame())
        for step in (50, 20, 1):
            heard.send(GoTo(step))
            heard.wait_for(Arrived)
            heard.send(RequestFrame())
            found = heard.wait_for(Frame).derivation
            assert found is not None
            assert (found.step, found.moved) == (step, "layer2.update.lora_B")
            assert found.move[-1].value == pytest.approx(found.value, rel=1e-5, abs=1e-9)
        heard.send(GoTo(0))
        heard.wait_for(Arrived)
        heard.send(RequestFrame())
        first = heard.wait_for(Frame).derivation
        assert first is not None
        assert not first.move
        heard.send(GoTo(50), FrameOptions())
        heard.wait_for(Arrived)
        assert _bits(_frame(heard)) == _bits(bare)


def test_a_kept_cell_of_a_large_network_costs_no_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    """No step of it is worked out, so that none need be taken again."""
    asked = []
    monkeypatch.setattr(History, "trace_last_step", lambda self: asked.append(self))
    with running(LORA.replace(width=1100, depth=2)) as heard:
        heard.send(Step(3))
        heard.frame_at(3)
        heard.send(FrameOptions(cell=CELL), RequestFrame())
        found = heard.wait_for(Frame).derivation
        assert found is not None
        assert found.note
        assert not found.move
    assert not asked


def test_a_kept_cell_is_followed_while_it_trains() -> None:
    with running(LORA) as heard:
        heard.send(FrameOptions(cell=CELL), Play())
        seen: set[int] = set()
        while len(seen) < 3:
            heard.send(RequestFrame())
            frame = heard.wait_for(Frame)
            assert frame.playing
            if seen:  # it is there all the time, though not of each step
                assert frame.derivation is not None
            if frame.derivation is not None:
                assert frame.derivation.move
                assert frame.derivation.step <= frame.step
                seen.add(frame.derivation.step)
        heard.send(Pause(), FrameOptions())
        frame = _frame(heard)
        assert _bits(frame) == _alone((LORA, frame.step))


def test_a_change_of_the_rank_leaves_a_kept_cell_without_a_move() -> None:
    with running(LORA) as heard:
        heard.send(Step(20), FrameOptions(cell=CELL))
        heard.frame_at(20)
        heard.send(Configure(LORA.replace(rank=1)))
        heard.wait_for(Applied)
        heard.send(RequestFrame())
        assert heard.wait_for(Frame).derivation is None  # there is no column 1 any more
        heard.send(Configure(LORA.replace(rank=6)))
        heard.wait_for(Applied)
        heard.send(RequestFrame())
        found = heard.wait_for(Frame).derivation
        assert found is not None
        assert not found.move


def test_the_coming_step_is_looked_into_only_while_paused() -> None:
    with running(LORA) as heard:
        heard.send(Step(7), FrameOptions(step_trace=True))
        frame = heard.frame_at(7)
        assert frame.step_trace is not None
        assert frame.step_trace.step == 8
        heard.send(Step(1))
        after = heard.frame_at(8)
        for layer, now, then in zip(
            frame.step_trace.layers, after.layers, frame.layers, strict=True
        ):
            assert np.allclose(now.updated - then.updated, layer.move, atol=1e-6)
        heard.send(Play())
        heard.send(RequestFrame())
        while not (playing := heard.wait_for(Frame)).playing:
            heard.send(RequestFrame())
        assert playing.step_trace is None


def test_a_change_that_another_superseded_is_undone_to_the_settings_before_it() -> None:
    with running(LORA) as heard:
        heard.send(Step(10))
        heard.frame_at(10)
        heard.send(Configure(FAST.replace(rank=2), number=12))  # number 11, FAST, was superseded
        assert heard.wait_for(Applied).settings.rank == 2
        heard.send(Return(12, FAST, number=13))
        while heard.wait_for(Applied).settings != FAST:
            pass
        assert _bits(_frame(heard)) == _alone((LORA, 10))
        heard.send(Return(11, LORA, number=14))
        assert heard.wait_for(Arrived).settings == LORA
        assert _bits(_frame(heard)) == _alone((LORA, 10))
        heard.send(Return(13, FAST.replace(rank=2), number=15))
        while heard.wait_for(Arrived).settings.rank != 2:
            pass
