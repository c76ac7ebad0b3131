"""What a change of settings in mid-run keeps, and what it starts afresh."""

from typing import Any

import numpy as np
import pytest
import torch

from engine.model.low_rank import LowRank
from engine.protocol.messages import Configure
from engine.protocol.settings import RESTARTS, Settings
from engine.strategies import STRATEGIES
from engine.trainer import Trainer
from tests.engine.oracle_runs import BODY, trained


def _update(trainer: Trainer, name: str) -> LowRank:
    update = trainer.network.get_submodule(name).update
    assert isinstance(update, LowRank)
    return update


@pytest.mark.parametrize("alpha", [None, 8.0])
@pytest.mark.parametrize("ranks", [(4, 8), (4, 5), (1, 30)])
def test_growing_the_rank_keeps_delta(alpha: float | None, ranks: tuple[int, int]) -> None:
    old, new = ranks
    settings = Settings(strategy="lora", rank=old, alpha=alpha, learning_rate=0.01)
    trainer = Trainer(settings)
    for _ in range(20):
        trainer.step()
    before = trainer.frame()
    trainer.apply(Configure(settings.replace(rank=new)))
    for one, other in zip(before.layers, trainer.frame().layers, strict=True):
        assert np.allclose(one.delta, other.delta, rtol=0, atol=1e-6)
    trainer.step()


def test_shrinking_the_rank_keeps_the_best_part_of_delta() -> None:
    settings = Settings(strategy="lora", rank=8, learning_rate=0.01)
    trainer = Trainer(settings)
    for _ in range(50):
        trainer.step()
    before = trainer.frame()
    trainer.apply(Configure(settings.replace(rank=3)))
    after = trainer.frame()
    for one, other in zip(before.layers[:3], after.layers[:3], strict=True):
        left, values, right = np.linalg.svd(one.delta)
        best = (left[:, :3] * values[:3]) @ right[:3]
        assert np.allclose(other.delta, best, rtol=0, atol=1e-5)
        assert dict(other.factors)["lora_B"].shape[1] == 3


@pytest.mark.parametrize("steps", [0, 1, 30])
def test_learning_goes_on_after_shrinking(steps: int) -> None:
    """Also where ΔW has no direction yet: with B and A both zero nothing would ever move."""
    settings = Settings(strategy="lora", rank=8, learning_rate=0.01)
    trainer = Trainer(settings)
    for _ in range(steps):
        trainer.step()
    trainer.apply(Configure(settings.replace(rank=2)))
    before = trainer.frame()
    for _ in range(20):
        trainer.step()
    for one, other in zip(before.layers[:3], trainer.frame().layers[:3], strict=True):
        assert np.linalg.matrix_rank(other.delta, tol=1e-4) == 2
        assert abs(other.delta - one.delta).max() > 1e-3


def test_a_locked_layer_keeps_every_bit_when_rank_and_alpha_change() -> None:
    settings = Settings(strategy="lora", rank=8, learning_rate=0.01, frozen=("layer2",))
    trainer = Trainer(settings.replace(frozen=()))
    for _ in range(30):
        trainer.step()
    before = trainer.frame().layers[1]
    for changes in ({}, {"rank": 2}, {"rank": 2, "alpha": 7.0}, {"rank": 5, "alpha": 7.0}):
        trainer.apply(Configure(settings.replace(**changes)))
        trainer.step()
        now = trainer.frame().layers[1]
        assert now.delta.tobytes() == before.delta.tobytes()
        assert dict(now.factors)["lora_B"].shape == (40, 8)
    other = Trainer(settings)
    other.restore(trainer.state())
    assert other.step() == trainer.step()
    trainer.apply(Configure(settings.replace(rank=5, alpha=7.0, frozen=())))
    unlocked = trainer.frame().layers[1]
    assert dict(unlocked.factors)["lora_B"].shape == (40, 5)
    left, values, right = np.linalg.svd(before.delta)
    assert np.allclose(unlocked.delta, (left[:, :5] * values[:5]) @ right[:5], atol=1e-5)


def test_weight_decay_changes_without_emptying_the_memory() -> None:
    settings = Settings(optimizer="adamw", learning_rate=0.001)
    trainer = Trainer(settings)
    for _ in range(5):
        trainer.step()
    applied = trainer.apply(Configure(settings.replace(weight_decay=0.5)))
    assert applied is not None
    assert applied.notes == ()
    assert trainer.state()["optimizer"]["layer1.weight"]["step"] == 5


def test_a_rank_change_starts_the_optimizers_memory_of_b_and_a_afresh() -> None:
    settings = Settings(strategy="lora", rank=4, learning_rate=0.01)
    trainer = Trainer(settings)
    for _ in range(200):
        trainer.step()
    trainer.apply(Configure(settings.replace(rank=8)))
    before = _update(trainer, "layer2").lora_A.detach().clone()
    trainer.step()
    moved = (_update(trainer, "layer2").lora_A.detach() - before).abs().max()
    assert moved <= 0.01 * 1.001  # Adam's first step is the rate; stale state would give double


def test_alpha_rescales_delta_at_once() -> None:
    settings = Settings(strategy="lora", rank=4, alpha=4.0)
    trainer = Trainer(settings)
    for _ in range(10):
        trainer.step()
    before = trainer.frame().layers[1].delta
    trainer.apply(Configure(settings.replace(alpha=8.0)))
    assert np.allclose(trainer.frame().layers[1].delta, 2 * before, atol=1e-7)


def test_rate_and_batch_size_act_at_the_next_step() -> None:
    settings = Settings(optimizer="sgd", learning_rate=0.1)
    one, other = Trainer(settings), Trainer(settings)
    other.apply(Configure(settings.replace(learning_rate=0.2)))
    assert one.step().loss == other.step().loss
    first, second = one.frame().layers[0].delta, other.frame().layers[0].delta
    assert np.allclose(2 * first, second, atol=1e-6)
    other.apply(Configure(settings.replace(batch_size=1)))
    assert other.step().loss != one.step().loss


# ---------------------------------------------------------------- every strategy


LIVE = {name for name, strategy in STRATEGIES.items()
        if "rank" in strategy.controls and "rank" not in strategy.restarts}  # fmt: skip
every_live_strategy = pytest.mark.parametrize("strategy", sorted(LIVE))


def test_these_strategies_follow_a_change_of_rank_while_they_train() -> None:
    assert LIVE == {"lora", "rslora", "lora_plus", "qlora", "dora"}


@every_live_strategy
@pytest.mark.parametrize("alpha", [None, 8.0])
def test_a_higher_rank_keeps_delta_under_every_strategy(strategy: str, alpha: float | None) -> None:
    trainer = trained(20, strategy=strategy, rank=3, alpha=alpha)
    before = trainer.frame()
    applied = trainer.apply(Configure(trainer.settings.replace(rank=11)))
    assert (applied.run, applied.step) == (1, 20)
    assert "3 → 11" in applied.notes[0]
    after = trainer.frame()
    for one, other in zip(before.layers, after.layers, strict=True):
        assert np.allclose(one.delta, other.delta, rtol=0, atol=1e-6)
    factors = dict(after.layers[1].factors)
    assert (factors["lora_B"].shape, factors["lora_A"].shape) == ((40, 11), (11, 40))
    trainer.step()
    assert all(check.holds for layer in trainer.frame().layers for check in layer.measured.checks)


@every_live_strategy
def test_a_lower_rank_keeps_the_best_part_under_every_strategy(strategy: str) -> None:
    trainer = trained(30, strategy=strategy, rank=8)
    products = {name: _update(trainer, name).product().detach() for name in BODY}
    trainer.apply(Configure(trainer.settings.replace(rank=3)))
    for name, product in products.items():
        left, values, right = torch.linalg.svd(product)
        best = (left[:, :3] * values[:3]) @ right[:3]
        assert torch.allclose(_update(trainer, name).product(), best, rtol=0, atol=1e-5)
    for _ in range(20):
        trainer.step()
    assert all(check.holds for layer in trainer.frame().layers for check in layer.measured.checks)


@every_live_strategy
def test_alpha_rescales_the_product_under_every_strategy(strategy: str) -> None:
    trainer = trained(20, strategy=strategy, rank=4, alpha=4.0)
    before = {name: _update(trainer, name).product().detach() for name in BODY}
    trainer.apply(Configure(trainer.settings.replace(alpha=10.0)))
    for name, product in before.items():
        assert product.any()
        torch.testing.assert_close(_update(trainer, name).product(), 2.5 * product)
    assert trainer.state()["optimizer"][f"{BODY[0]}.update.lora_B"]["step"] == 20


def test_doras_magnitude_outlives_a_change_of_rank() -> None:
    trainer = trained(20, strategy="dora", rank=8)
    before = [_update(trainer, name).magnitude.detach().clone() for name in BODY]
    trainer.apply(Configure(trainer.settings.replace(rank=2)))
    for name, magnitude in zip(BODY, before, strict=True):
        assert torch.equal(_update(trainer, name).magnitude, magnitude)
    assert trainer.state()["optimizer"]["layer1.update.magnitude"]["step"] == 20


OTHER_VALUES: dict[str, Any] = {
    "strategy": "freeze", "task": "digits-to-inverted", "seed": 3, "bottleneck": 5,
    "head_width": 7, "label_noise": 0.5, "train_samples": 40, "batch_norm": True,
    "rank": 7, "alpha": 3.0, "total_steps": 200, "width": 48, "depth": 2,
    "new_head": True, "old_samples": 20,
}  # fmt: skip


@pytest.mark.parametrize("field", sorted(RESTARTS))
def test_what_restarts_begins_a_new_run(field: str) -> None:
    trainer = trained(3)
    applied = trainer.apply(Configure(trainer.settings.replace(**{field: OTHER_VALUES[field]})))
    assert (applied.run, applied.step, applied.notes) == (2, 0, ())
    assert getattr(trainer.settings, field) == OTHER_VALUES[field]
    assert len(trainer.frame().losses) == 0


@pytest.mark.parametrize(
    ("strategy", "field"),
    [(name, field) for name, strategy in STRATEGIES.items() for field in strategy.restarts],
)
def test_what_restarts_under_a_strategy_begins_a_new_run_as_if_it_had_been_so(
    strategy: str, field: str
) -> None:
    trainer = trained(3, strategy=strategy)
    settings = trainer.settings.replace(**{field: OTHER_VALUES[field]})
    applied = trainer.apply(Configure(settings))
    assert (applied.run, applied.step) == (2, 0)
    fresh = Trainer(settings)
    assert [trainer.step().loss for _ in range(5)] == [fresh.step().loss for _ in range(5)]
