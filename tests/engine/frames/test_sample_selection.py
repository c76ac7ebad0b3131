"""The sample that a user looks at, one of the data's or a drawn one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from engine.digit_images import load_digits, rotate_clockwise
from engine.frames.build import FrameBuilder
from engine.frames.sample_selection import SampleError, SampleSelection
from engine.process.limits import EngineLimits
from engine.protocol.messages import (
    Configure,
    DrawSample,
    Frame,
    FrameOptions,
    Play,
    Refused,
    RequestFrame,
    SampleFrame,
    ShowSample,
    Step,
)
from engine.protocol.settings import Settings
from engine.tasks import TASKS
from engine.trainer import Trainer
from tests.engine.loop_driver import LoopDriver, running

DIGITS = [name for name, task in TASKS.items() if not task.info.no_drawing]
TUMOURS = "cancer-small-to-large"
A_STROKE = np.zeros((8, 8), np.float32)
A_STROKE[1:7, 3:5] = 0.75


def _sample(trainer: Trainer) -> SampleFrame:
    found = trainer.frame().sample
    assert found is not None
    return found


@pytest.mark.parametrize("task", DIGITS)
def test_a_drawing_becomes_features_just_as_the_data_did(task: str) -> None:
    """A copy of a sample is what that sample is: same inputs, same answers."""
    trainer = Trainer(Settings(strategy="linear_probe", task=task, seed=2))
    for _ in range(5):
        trainer.step()
    for index in (0, 7, 399):
        trainer.sample_selection.choose(ShowSample(index), trainer.run.task)
        shown = _sample(trainer)
        inputs = trainer.frame_builder.sample.inputs()
        trainer.sample_selection.choose(DrawSample(shown.picture), trainer.run.task)
        drawn = _sample(trainer)
        torch.testing.assert_close(
            trainer.frame_builder.sample.inputs(), inputs, atol=1e-5, rtol=1e-5
        )
        assert (drawn.index, drawn.label, drawn.drawn) == (index, None, True)
        assert np.array_equal(drawn.picture, shown.picture)
        np.testing.assert_allclose(drawn.before, shown.before, atol=1e-5)
        np.testing.assert_allclose(drawn.after, shown.after, atol=1e-5)
    trainer.sample_selection.choose(ShowSample(3), trainer.run.task)
    again = _sample(trainer)
    assert (again.index, again.drawn) == (3, False)
    assert again.label is not None


def test_it_stays_from_run_to_run_and_steps_aside_where_it_makes_no_sense() -> None:
    trainer = Trainer(Settings())
    trainer.sample_selection.choose(DrawSample(A_STROKE), trainer.run.task)
    for settings in (Settings(seed=1), Settings(task="digits-to-inverted")):
        trainer.apply(Configure(settings))
        assert _sample(trainer).drawn
        assert np.array_equal(_sample(trainer).picture, A_STROKE)
    trainer.apply(Configure(Settings(task=TUMOURS)))
    assert not _sample(trainer).drawn
    assert _sample(trainer).picture.shape == (3, 10)
    trainer.apply(Configure(Settings()))
    assert _sample(trainer).drawn


CHANGING = [name for name, task in TASKS.items() if task.change is not None]


@pytest.mark.parametrize("name", CHANGING)
def test_a_sample_changed_as_much_as_the_target_is_that_sample(name: str) -> None:
    """One way of rotating and inverting: the task's own."""
    trainer = Trainer(Settings(task=name, strategy="linear_probe"))
    task, change = trainer.run.task, TASKS[name].info.change
    assert change is not None and task.change is not None
    for index in (0, 11, 399):
        trainer.sample_selection.choose(ShowSample(index), task)
        shown, inputs = _sample(trainer), trainer.frame_builder.sample.inputs()
        trainer.sample_selection.choose(ShowSample(index, change.target), task)
        again = _sample(trainer)
        assert (again.label, again.drawn, again.change) == (shown.label, False, change.target)
        np.testing.assert_allclose(again.picture, shown.picture, atol=1e-6)
        torch.testing.assert_close(
            trainer.frame_builder.sample.inputs(), inputs, atol=1e-5, rtol=1e-5
        )
        np.testing.assert_allclose(again.before, shown.before, atol=1e-5)


def test_without_change_it_is_the_image_as_it_was_written_and_a_drawing_changes_too() -> None:
    trainer = Trainer(Settings())
    task, samples = trainer.run.task, trainer.run.task.draw(0).target.test.samples
    trainer.sample_selection.choose(ShowSample(4, 0), task)
    written = load_digits()[0][samples[4]].reshape(8, 8) / 16
    np.testing.assert_allclose(_sample(trainer).picture, written, atol=1e-6)
    trainer.sample_selection.choose(DrawSample(A_STROKE, 60), task)
    drawn = _sample(trainer)
    expected = rotate_clockwise(A_STROKE.reshape(1, 64).astype(np.float64), 60).reshape(8, 8)
    np.testing.assert_allclose(drawn.picture, expected, atol=1e-6)
    assert (drawn.drawn, drawn.change, drawn.label) == (True, 60, None)


def test_another_task_knows_nothing_of_the_change_and_a_wrong_amount_is_refused() -> None:
    trainer = Trainer(Settings())
    trainer.sample_selection.choose(ShowSample(4, 10), trainer.run.task)
    trainer.apply(Configure(Settings(task="digits-to-inverted")))
    assert _sample(trainer).change is None
    for name, amount in (("digits-to-rotated", 61), ("digits-to-rotated", -1), (TUMOURS, 1)):
        with pytest.raises(SampleError, match="change: "):
            trainer.sample_selection.choose(ShowSample(0, amount), TASKS[name])


def _with(value: float) -> np.ndarray:
    picture = A_STROKE.copy()
    picture[2, 5] = value
    return picture


BAD: dict[str, tuple[Any, str]] = {
    "flat": (A_STROKE.reshape(64), r"8×8 .* there are 64"),
    "large": (np.zeros((28, 28), np.float32), r"8×8 .* there are 28×28"),
    "empty": (np.zeros((0, 8), np.float32), r"8×8 .* there are 0×8"),
    "no array": ((1.0, 2.0), r"8×8 .* there are none"),
    "nothing": (None, r"8×8 .* there are none"),
    "NaN": (_with(np.nan), "not finite"),
    "infinite": (_with(np.inf), "not finite"),
    "too much ink": (_with(1.01), "outside 0…1"),
    "negative": (_with(-0.01), "outside 0…1"),
}


@pytest.mark.parametrize("picture, reason", BAD.values(), ids=BAD)
def test_what_is_no_picture_is_refused_by_name_and_nothing_changes(
    picture: Any, reason: str
) -> None:
    sample_selection, task = SampleSelection(), TASKS["digits-to-rotated"]
    sample_selection.choose(DrawSample(A_STROKE), task)
    with pytest.raises(SampleError, match=rf"picture: .*{reason}"):
        sample_selection.choose(DrawSample(picture), task)
    kept = sample_selection.own_picture(task, task.draw(0))
    assert kept is not None
    assert np.array_equal(kept[0], A_STROKE)


def test_where_samples_are_no_pictures_nothing_can_be_drawn() -> None:
    task = TASKS[TUMOURS]
    assert "not an image" in task.info.no_drawing
    with pytest.raises(SampleError, match=task.info.no_drawing):
        SampleSelection().choose(DrawSample(A_STROKE), task)


def test_the_engine_refuses_and_goes_on() -> None:
    with running(Settings(task=TUMOURS)) as heard:
        heard.send(Play(), DrawSample(A_STROKE))
        refused = heard.wait_for(Refused)
        assert "not an image" in refused.message
        assert refused.playing
        assert heard.frame_at(3).sample is not None
    with running(Settings()) as heard:
        heard.send(DrawSample(_with(np.nan)))
        assert "not finite" in heard.wait_for(Refused).message
        assert heard.frame_at(0).sample is not None


# ---------------------------------------------------------------- how soon it is seen


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Steps at which all was found out anew."""
    calls, find = [], FrameBuilder.measure

    def noted(self: FrameBuilder, *arguments: Any) -> Any:
        calls.append(self._source.steps_taken)
        return find(self, *arguments)

    monkeypatch.setattr(FrameBuilder, "measure", noted)
    return calls


def _frame(heard: LoopDriver) -> Frame:
    heard.send(RequestFrame())
    return heard.wait_for(Frame)


@pytest.mark.parametrize("playing", [False, True])
def test_another_sample_is_seen_at_once_and_nothing_else_is_sought(
    counted: list[int], playing: bool
) -> None:
    rarely = EngineLimits(measurement_seconds=1000.0)
    with running(Settings(learning_rate=1e-3), limits=rarely) as heard:
        heard.send(FrameOptions(activations=True), Play() if playing else Step(2))
        while _frame(heard).step < 2:
            pass
        sought = len(counted)
        for index in range(5):
            picture = A_STROKE * (index + 1) / 5
            heard.send(DrawSample(picture))
            frame = _frame(heard)
            assert np.array_equal(frame.sample.picture, picture)
            heard.send(ShowSample(index))
            frame = _frame(heard)
            assert (frame.sample.index, frame.sample.drawn) == (index, False)
            assert frame.activations is not None
        assert len(counted) == sought


def test_standing_still_it_is_exactly_what_all_else_is_of() -> None:
    with running(Settings(learning_rate=1e-2)) as heard:
        heard.send(FrameOptions(activations=True), Step(4), RequestFrame())
        heard.frame_at(4)
        heard.send(ShowSample(5))
        frame = _frame(heard)
    trainer = Trainer(Settings(learning_rate=1e-2))
    for _ in range(4):
        trainer.step()
    trainer.sample_selection.choose(ShowSample(5), trainer.run.task)
    wanted = trainer.frame(options=FrameOptions(activations=True))
    assert frame.is_measured
    assert np.array_equal(frame.sample.after, wanted.sample.after)
    for shown, layer in zip(frame.activations.layers, wanted.activations.layers, strict=True):
        assert np.array_equal(shown.after, layer.after)
