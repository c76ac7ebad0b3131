"""Whole runs against torch.optim: every optimizer, every schedule, every rate of its own."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from engine.protocol.messages import Configure
from engine.protocol.schedules import schedule_factor
from engine.protocol.settings import OPTIMIZER_LABELS, Settings
from engine.trainer import Trainer
from tests.engine.oracle_runs import BODY, batches, in_double, train_plainly, trained
from tests.engine.torch_networks import plain_network

STEPS = 60
RATES = {"sgd": 0.01, "momentum": 0.01, "adam": 0.001, "adamw": 0.001}
ORACLES: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": lambda p, **more: torch.optim.SGD(p, foreach=False, **more),
    "momentum": lambda p, **more: torch.optim.SGD(p, momentum=0.9, foreach=False, **more),
    "adam": lambda p, **more: torch.optim.Adam(p, foreach=False, **more),
    "adamw": lambda p, **more: torch.optim.AdamW(p, foreach=False, **more),
}
every_optimizer = pytest.mark.parametrize("optimizer", tuple(OPTIMIZER_LABELS))


def _assert_same_weights(trainer: Trainer, plain: torch.nn.Module) -> None:
    for name, layer in trainer.network.layers():
        theirs = plain.get_parameter(f"{name}.weight").detach()
        torch.testing.assert_close(layer.updated().detach(), theirs, rtol=0, atol=1e-6)
        assert layer.delta().abs().max() > 1e-3


@every_optimizer
def test_full_fine_tuning(optimizer: str) -> None:
    rate = RATES[optimizer]
    trainer = Trainer(Settings(optimizer=optimizer, learning_rate=rate))
    plain = plain_network(trainer.network)
    oracle = ORACLES[optimizer](plain.parameters(), lr=rate)
    train_plainly(plain, oracle, batches(trainer, STEPS))
    for _ in range(STEPS):
        trainer.step()
    _assert_same_weights(trainer, plain)


@every_optimizer
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_weight_decay(optimizer: str, decay: float) -> None:
    rate = RATES[optimizer]
    trainer = Trainer(Settings(optimizer=optimizer, learning_rate=rate, weight_decay=decay))
    in_double(trainer)
    plain = plain_network(trainer.network).double()
    oracle = ORACLES[optimizer](plain.parameters(), lr=rate, weight_decay=decay)
    train_plainly(plain, oracle, batches(trainer, STEPS))
    for _ in range(STEPS):
        trainer.step()
    _assert_same_weights(trainer, plain)


def _linear(optimizer: torch.optim.Optimizer) -> torch.optim.lr_scheduler.LRScheduler:
    from transformers import get_linear_schedule_with_warmup

    return get_linear_schedule_with_warmup(optimizer, 7, STEPS)


def _cosine(optimizer: torch.optim.Optimizer) -> torch.optim.lr_scheduler.LRScheduler:
    from transformers import get_cosine_schedule_with_warmup

    return get_cosine_schedule_with_warmup(optimizer, 7, STEPS)


def _constant(optimizer: torch.optim.Optimizer) -> torch.optim.lr_scheduler.LRScheduler:
    from transformers import get_constant_schedule_with_warmup

    return get_constant_schedule_with_warmup(optimizer, 7)


def _slanted(optimizer: torch.optim.Optimizer) -> torch.optim.lr_scheduler.LRScheduler:
    def share(step: int) -> float:
        cut = math.floor(STEPS * 0.1)
        p = step / cut if step < cut else 1 - (step - cut) / (cut * (1 / 0.1 - 1))
        return (1 + p * 31) / 32

    return torch.optim.lr_scheduler.LambdaLR(optimizer, share)


SCHEDULES = {"linear": _linear, "cosine": _cosine, "constant": _constant, "slanted": _slanted}


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_a_whole_run_under_a_schedule(schedule: str, optimizer: str) -> None:
    rate = 10 * RATES[optimizer]
    settings = Settings(optimizer=optimizer, learning_rate=rate, schedule=schedule,
                        warmup_steps=7, total_steps=STEPS)  # fmt: skip
    trainer = in_double(Trainer(settings))
    plain = plain_network(trainer.network).double()
    oracle = ORACLES[optimizer](plain.parameters(), lr=rate)
    drawn, scheduler = batches(trainer, STEPS), SCHEDULES[schedule](oracle)
    for batch in drawn:
        assert trainer.run.learning_rate() == pytest.approx(scheduler.get_last_lr()[0], abs=1e-12)
        train_plainly(plain, oracle, [batch], scheduler)
        trainer.step()
    _assert_same_weights(trainer, plain)


def test_a_schedule_turned_on_in_mid_run_counts_from_the_start() -> None:
    trainer = in_double(Trainer(Settings(optimizer="momentum", learning_rate=0.01)))
    plain = plain_network(trainer.network).double()
    oracle = ORACLES["momentum"](plain.parameters(), lr=0.01)
    drawn = batches(trainer, 40)
    train_plainly(plain, oracle, drawn[:20])
    for _ in range(20):
        trainer.step()
    settings = trainer.settings.replace(schedule="cosine", total_steps=50)
    trainer.apply(Configure(settings))
    for step, batch in enumerate(drawn[20:], start=20):
        oracle.param_groups[0]["lr"] = 0.01 * schedule_factor(settings, step)
        train_plainly(plain, oracle, [batch])
        trainer.step()
    _assert_same_weights(trainer, plain)
    trainer.apply(Configure(settings.replace(schedule="constant")))
    oracle.param_groups[0]["lr"] = 0.01
    more = batches(trainer, 5)
    train_plainly(plain, oracle, more)
    for _ in more:
        trainer.step()
    _assert_same_weights(trainer, plain)


@pytest.mark.parametrize("decay", [1.0, 2.6])
@every_optimizer
def test_discriminative_rates_are_parameter_groups(optimizer: str, decay: float) -> None:
    """Also under a schedule, and after the decay was changed in mid-run."""
    rate = 2 * RATES[optimizer]
    settings = Settings(strategy="discriminative_rates", optimizer=optimizer, learning_rate=rate,
                        rate_decay=decay, schedule="linear", total_steps=100)  # fmt: skip
    trainer = in_double(Trainer(settings))
    plain = plain_network(trainer.network).double()

    def rates(by: float, share: float) -> list[float]:
        return [rate * share * by**-depth for depth in range(4)]

    groups = [
        {"params": plain.get_submodule(name).parameters(), "lr": lr}
        for name, lr in zip(("head", *reversed(BODY)), rates(decay, 1.0), strict=True)
    ]
    oracle = ORACLES[optimizer](groups, lr=rate)
    for step, batch in enumerate(batches(trainer, STEPS)):
        by = decay if step < 30 else 1.5
        if step == 30:
            trainer.apply(Configure(settings.replace(rate_decay=by)))
        for group, lr in zip(oracle.param_groups, rates(by, 1 - step / 100), strict=True):
            group["lr"] = lr
        train_plainly(plain, oracle, [batch])
        trainer.step()
    for name, layer in trainer.network.layers():
        theirs = plain.get_parameter(f"{name}.weight").detach()
        torch.testing.assert_close(layer.updated().detach(), theirs, rtol=0, atol=1e-6)


def test_gradual_unfreezing_is_a_loop_that_unfreezes() -> None:
    """torch's Adam over all parameters skips those without a gradient until they get one."""
    trainer = in_double(trained(0, strategy="gradual_unfreezing", stage_steps=10))
    plain = plain_network(trainer.network).double()
    oracle = torch.optim.Adam(plain.parameters(), lr=3e-3, foreach=False)
    drawn = batches(trainer, 45)
    for step, batch in enumerate(drawn):
        for depth, name in enumerate(("head", *reversed(BODY))):
            plain.get_submodule(name).requires_grad_(step >= 10 * depth)
        train_plainly(plain, oracle, [batch])
        trainer.step()
    _assert_same_weights(trainer, plain)


def test_probe_then_finetune_is_a_probe_and_then_everything() -> None:
    trainer = in_double(trained(0, strategy="probe_then_finetune", stage_steps=20))
    plain = plain_network(trainer.network).double()
    oracle = torch.optim.Adam(plain.parameters(), lr=3e-3, foreach=False)
    for step, batch in enumerate(batches(trainer, 40)):
        for name in BODY:
            plain.get_submodule(name).requires_grad_(step >= 20)
        train_plainly(plain, oracle, [batch])
        trainer.step()
    _assert_same_weights(trainer, plain)


# ---------------------------------------------------------------- single steps


def test_one_weight_update_is_minus_rate_times_gradient() -> None:
    trainer = trained(1, strategy="weight_update", optimizer="sgd", learning_rate=0.1)
    layer = trainer.frame().layers[0]
    gradient = dict(layer.factors)["gradient"]
    assert gradient.any()
    assert np.allclose(layer.delta, -0.1 * gradient, rtol=0, atol=1e-7)


def test_adams_first_step_is_the_rate_whatever_the_gradient() -> None:
    delta = trained(1, optimizer="adam", learning_rate=0.01).frame().layers[1].delta
    moved = np.abs(delta[np.abs(delta) > 1e-4])
    assert len(moved) > 400
    assert np.median(moved) == pytest.approx(0.01, rel=1e-3)


def test_b_is_zero_so_a_does_not_move_at_the_first_step() -> None:
    trainer = Trainer(Settings(strategy="lora", optimizer="sgd", learning_rate=0.1))
    update = trainer.network.body[0].update
    before = update.lora_A.detach().clone()
    trainer.step()
    assert torch.equal(before, update.lora_A)
    assert update.lora_B.any()
