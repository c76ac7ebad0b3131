"""What the lessons say of the network that is no arithmetic over a run's measures."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.model.network import MlpHead
from engine.pretraining import STEPS as PRETRAINING_STEPS
from engine.protocol.messages import Array, Configure, LayerFrame
from engine.protocol.settings import Settings
from engine.tasks import TASKS
from engine.trainer import Trainer
from gui.lessons.file import find_lesson
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


def test_1_the_inputs_are_components_of_64_pixels_from_strong_to_weak() -> None:
    data = TASKS["digits-to-rotated"].draw(0)
    assert data.pictures[0].size == 64
    spread = data.source.train.inputs.var(axis=0)
    assert spread.shape == (30,) and (np.diff(spread) <= 0).all()


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


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_1_of_seven_rates_one_near_a_tenth_lowers_the_loss_most(seed: int) -> None:
    rates = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
    runs = (_train(_trainer(1, seed, learning_rate=rate), 1) for rate in rates)
    losses = [run.measure().train_loss for run in runs]
    assert 0.05 <= rates[int(np.argmin(losses))] <= 0.2


def test_2_838_upright_images_and_100_rotated_ones() -> None:
    counts = [len(_trainer(2, strategy=name).run.train.labels) for name in ("pretrain", "full")]
    text = find_lesson("2").cards[0].text
    assert [f"{count}" in text for count in counts] == [True, True] and counts == [838, 100]
    assert f"{PRETRAINING_STEPS} steps" in find_lesson("2").cards[3].text


def test_4_adam_stores_two_numbers_for_what_trains() -> None:
    kept = _train(_trainer(4), 1).state()["optimizer"].values()
    averages = [state[name].size for state in kept for name in ("exp_avg", "exp_avg_sq")]
    assert sum(averages) == 2 * (1_600 + 410) == 4_020


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
def test_5_ten_images_are_one_of_each_digit(seed: int) -> None:
    trainer = _trainer(5, seed, task="digits-to-inverted", train_samples=10)
    assert sorted(trainer.run.train.labels.tolist()) == list(range(10))


def _dead_units(trainer: Trainer) -> NDArray[np.bool_]:
    """(width,): whether a hidden unit of the head is zero for every training image."""
    head = trainer.network.head
    assert isinstance(head, MlpHead)
    with torch.no_grad():
        outputs = head.hidden(trainer.network.features(trainer.run.train.inputs)).relu()
    return (outputs == 0).all(dim=0).numpy()


def test_6_of_two_hidden_units_one_is_dead_and_gets_no_gradient() -> None:
    trainer = _train(_trainer(6, head_width=2), 300)
    dead = _dead_units(trainer)
    trainer.step(traced=True)
    inside = trainer.frame_builder.last_trace
    assert inside is not None
    assert inside.gradient("head.hidden").any(axis=1).tolist() == (~dead).tolist()
    assert dead.sum() == 1


@pytest.mark.slow
def test_6_that_is_often_so_with_two_units() -> None:
    runs = (_train(_trainer(6, seed, head_width=2), 300) for seed in range(12))
    assert sum(_dead_units(run).sum() for run in runs) == pytest.approx(11, abs=3)


@each_seed
def test_7_new_adapters_change_nothing_that_the_network_says(seed: int) -> None:
    adapted, plain = _trainer(7, seed), _trainer(3, seed)
    assert adapted.measure() == plain.measure()
    layers = {layer.name: layer.updated for layer in adapted.frame().layers}
    for number in (1, 2, 3):
        assert not layers[f"adapter{number}.up"].any()
        assert layers[f"adapter{number}.down"].any()


@pytest.mark.slow
def test_7_at_a_lower_rate_both_forget_less_and_the_adapters_still_more() -> None:
    def source(**changes: object) -> NDArray[np.float64]:
        runs = (_train(_trainer(7, seed, **changes), 300) for seed in range(12))
        return np.array([run.measure().source_accuracy for run in runs])

    body = {"strategy": "freeze", "frozen": ("head",)}
    low = {"learning_rate": 1e-3}
    adapters_low, body_low = source(**low), source(**body, **low)
    for lower, higher in (
        (source(), adapters_low), (source(**body), body_low), (adapters_low, body_low),
    ):  # fmt: skip
        gain = higher - lower
        assert gain.mean() > 2 * gain.std(ddof=1) / 12**0.5


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
    assert count == 30 * (70 + 80 + 80) > 4_400
    assert any(f"{count:,}" in card.notes for card in find_lesson("8").cards)
