"""What the lessons say of the network, seen over seeds: no lesson lies."""

import statistics
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pytest

from engine.protocol.messages import Frame
from engine.protocol.settings import Settings
from engine.trainer import Trainer
from gui.lessons import find_lesson

SEEDS = range(6)
STEPS = 300


@lru_cache(maxsize=64)
def _runs(lesson: str, *changes: tuple[str, object]) -> tuple[Frame, ...]:
    """The last frame of a lesson's run, with its own settings but for the changes, per seed."""
    frames = []
    for seed in SEEDS:
        settings = Settings(**{**find_lesson(lesson).changes(), "seed": seed, **dict(changes)})
        trainer = Trainer(settings)
        for _ in range(STEPS):
            trainer.step()
        frames.append(trainer.frame())
    return tuple(frames)


def _mean(frames: tuple[Frame, ...], measure: Callable[[Frame], float]) -> float:
    return statistics.mean(measure(frame) for frame in frames)


def _target(frame: Frame) -> float:
    assert frame.target_accuracy is not None
    return frame.target_accuracy


def _forgotten(frame: Frame) -> float:
    return frame.start_source_accuracy - frame.source_accuracy


def _ratio(frame: Frame) -> float:
    body = frame.layers[:3]
    return statistics.mean(layer.delta_norm / layer.weight_norm for layer in body)


def test_1_ten_times_the_rate_is_ten_times_the_step() -> None:
    def first_step(rate: float) -> np.ndarray:
        trainer = Trainer(Settings(**{**find_lesson("1").changes(), "learning_rate": rate}))
        trainer.step()
        return trainer.frame().layers[0].delta

    slow, fast = first_step(0.1), first_step(1.0)
    assert np.allclose(10 * slow, fast, atol=1e-6)
    assert slow.any()


def test_1_one_matrix_learns_much_of_the_task() -> None:
    assert _mean(_runs("1"), _target) > 0.75


def test_2_from_a_random_start_most_of_the_weights_is_learned() -> None:
    assert all(_ratio(frame) > 1 for frame in _runs("2"))
    assert all(_ratio(frame) < 0.6 for frame in _runs("3"))


def test_3_a_high_rate_forgets_far_more() -> None:
    gentle, rough = _runs("3"), _runs("3", ("learning_rate", 0.03))
    assert _mean(rough, _forgotten) > _mean(gentle, _forgotten) + 0.1


def test_4_everything_locked_leaves_the_loss_where_it_is() -> None:
    frozen = ("layer1", "layer2", "layer3", "head")
    trainer = Trainer(Settings(**{**find_lesson("4").changes(), "frozen": frozen}))
    before = trainer.measure()
    for _ in range(50):
        trainer.step()
    assert trainer.measure() == before


def test_4_when_the_pictures_changed_the_first_layer_does_better_than_the_last() -> None:
    first = _runs("4", ("frozen", ("layer2", "layer3")))
    assert _mean(first, _target) > _mean(_runs("4"), _target) + 0.05
    assert _mean(first, _forgotten) < _mean(_runs("4"), _forgotten)


def test_5_a_probe_forgets_nothing_and_learns_less_than_full_fine_tuning() -> None:
    assert all(frame.source_accuracy == frame.start_source_accuracy for frame in _runs("5"))
    assert _mean(_runs("3"), _target) > _mean(_runs("5"), _target) + 0.05


def test_6_ten_digits_do_not_pass_through_two_numbers() -> None:
    narrow = _mean(_runs("6", ("head_width", 2)), _target)
    assert narrow < _mean(_runs("6"), _target) - 0.15
    assert all(frame.source_accuracy == frame.start_source_accuracy for frame in _runs("6"))


def test_7_an_adapter_adds_nothing_to_w() -> None:
    for frame in _runs("7"):
        assert all(not layer.delta.any() for layer in frame.layers if layer.name in
                   ("layer1", "layer2", "layer3"))  # fmt: skip


def test_7_a_wider_bottleneck_learns_more_than_a_bottleneck_of_one() -> None:
    narrow, wide = _runs("7", ("bottleneck", 1)), _runs("7", ("bottleneck", 40))
    assert _mean(wide, _target) > _mean(narrow, _target) + 0.03


@pytest.mark.parametrize(("lesson", "count"), [("3", 4400), ("4", 1600), ("8", 920)])
def test_the_counts_that_are_named(lesson: str, count: int) -> None:
    settings = Settings(**find_lesson(lesson).changes())
    assert Trainer(settings).frame().body_trainable == count
    assert f"{count:,}" in find_lesson(lesson).text


def test_5_a_probe_trains_410_numbers() -> None:
    settings = Settings(**find_lesson("5").changes())
    assert Trainer(settings).frame().trainable_parameters == 410
    assert "410" in find_lesson("5").text
