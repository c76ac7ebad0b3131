"""What the lessons say of the network that is no arithmetic over a run's measures."""

import numpy as np
import pytest

from engine.protocol.messages import Array, Configure, LayerFrame
from engine.protocol.settings import Settings
from engine.trainer import Trainer
from gui.lessons.file import find_lesson
from gui.lessons.lesson import ChoiceQuestion
from tests.resources.lesson_runs import offered

SEEDS = (0, 1)
MORE_SEEDS = range(2, 6)
each_seed = pytest.mark.parametrize(
    "seed", [*SEEDS, *(pytest.param(seed, marks=pytest.mark.slow) for seed in MORE_SEEDS)]
)


def _trainer(number: int, seed: int = 0, **changes: object) -> Trainer:
    """At the start of a lesson's run, but for these changes."""
    settings = {**find_lesson(str(number)).changes(offered()), "seed": seed, **changes}
    return Trainer(Settings(**settings))


def _train(trainer: Trainer, steps: int) -> Trainer:
    for _ in range(steps):
        trainer.step()
    return trainer


def _body(trainer: Trainer) -> tuple[LayerFrame, ...]:
    return trainer.frame().layers[:3]


def _factor(layer: LayerFrame, name: str) -> Array:
    return dict(layer.factors)[name]


def _target(trainer: Trainer) -> float:
    accuracy = trainer.measure().target_accuracy
    assert accuracy is not None
    return accuracy


@each_seed
def test_1_the_columns_of_strong_inputs_change_most(seed: int) -> None:
    trainer = _trainer(1, seed)
    spread = trainer.run.train.inputs.var(dim=0)
    assert spread[:10].sum() > spread[10:].sum()
    energy = _body(_train(trainer, 30))[0].delta ** 2
    assert energy[:, :10].sum() > energy[:, 10:].sum()


@each_seed
def test_1_after_one_step_the_cell_s_change_is_minus_the_rate_times_its_gradient(
    seed: int,
) -> None:
    layer = _body(_train(_trainer(1, seed), 1))[0]
    assert np.allclose(layer.delta, -0.1 * _factor(layer, "gradient"), atol=1e-7)
    assert layer.delta.any()


@each_seed
def test_1_ten_times_the_rate_is_ten_times_the_step_in_the_same_direction(seed: int) -> None:
    slow = _body(_train(_trainer(1, seed), 1))[0].delta
    fast = _body(_train(_trainer(1, seed, learning_rate=1.0), 1))[0].delta
    assert np.allclose(10 * slow, fast, atol=1e-6)


def test_4_a_lock_that_is_turned_while_it_trains_stops_a_change_and_lets_it_go_on() -> None:
    trainer = _train(_trainer(4), 20)
    moved = _body(trainer)[2].delta
    everything = ("layer1", "layer2", "layer3", "head")
    trainer.apply(Configure(trainer.settings.replace(frozen=everything)))
    stopped = _body(_train(trainer, 20))[2].delta
    assert np.array_equal(stopped, moved)
    trainer.apply(Configure(trainer.settings.replace(frozen=("layer1", "layer2"))))
    assert not np.array_equal(_body(_train(trainer, 1))[2].delta, stopped)


@each_seed
def test_4_everything_frozen_the_batches_still_have_gradients(seed: int) -> None:
    everything = ("layer1", "layer2", "layer3", "head")
    trainer = _trainer(4, seed, frozen=everything)
    trainer.step(traced=True)
    inside = trainer.frame_builder.last_trace
    assert inside is not None
    assert all(inside.gradient(layer).any() for layer in everything)


@each_seed
def test_5_ten_pictures_are_one_of_each_digit(seed: int) -> None:
    trainer = _trainer(5, seed, task="digits-to-inverted", train_samples=10)
    assert sorted(trainer.run.train.labels.tolist()) == list(range(10))


@pytest.mark.parametrize(
    "seeds", [SEEDS, pytest.param((*SEEDS, *MORE_SEEDS), marks=pytest.mark.slow)], ids=str
)
def test_5_on_the_turned_digits_the_probe_loses_with_ten_pictures_too(seeds: list[int]) -> None:
    def mean(strategy: str) -> float:
        runs = (_trainer(5, seed, strategy=strategy, train_samples=10) for seed in seeds)
        return float(np.mean([_target(_train(run, 300)) for run in runs]))

    assert mean("full") > mean("linear_probe") + 0.08


@each_seed
def test_7_new_adapters_change_nothing_that_the_network_says(seed: int) -> None:
    adapted, plain = _trainer(7, seed), _trainer(3, seed)
    assert adapted.measure() == plain.measure()
    layers = {layer.name: layer.updated for layer in adapted.frame().layers}
    for number in (1, 2, 3):
        assert not layers[f"adapter{number}.up"].any()
        assert layers[f"adapter{number}.down"].any()


@each_seed
def test_8_the_first_step_moves_b_alone_and_the_second_a_as_well(seed: int) -> None:
    trainer = _trainer(8, seed)
    begun, first, second = (_body(_train(trainer, steps)) for steps in (0, 1, 1))
    for before, after, later in zip(begun, first, second, strict=True):
        assert not _factor(before, "lora_B").any()
        assert _factor(after, "lora_B").any()
        assert np.array_equal(_factor(before, "lora_A"), _factor(after, "lora_A"))
        assert not np.array_equal(_factor(after, "lora_A"), _factor(later, "lora_A"))


def test_8_growing_the_rank_keeps_the_change_and_shrinking_keeps_its_strongest_directions() -> None:
    trainer = _train(_trainer(8), 100)
    before = [layer.delta for layer in _body(trainer)]
    trainer.apply(Configure(trainer.settings.replace(rank=8)))
    grown = _body(trainer)
    trainer.apply(Configure(trainer.settings.replace(rank=2)))
    for old, wide, thin in zip(before, grown, _body(trainer), strict=True):
        assert np.allclose(wide.delta, old, atol=1e-6)
        assert not _factor(wide, "lora_B")[:, 4:].any()
        u, s, v = np.linalg.svd(old, full_matrices=False)
        assert np.allclose(thin.delta, (u[:, :2] * s[:2]) @ v[:2], atol=1e-5)


def test_8_at_rank_30_it_trains_more_than_full_fine_tuning() -> None:
    count = _trainer(8, rank=30).frame().body_trainable
    assert count == 30 * (70 + 80 + 80)
    question = find_lesson("8").questions["thirty"]
    assert isinstance(question, ChoiceQuestion)
    assert question.answer is not None
    assert f"{count:,}" in question.options[question.answer]
