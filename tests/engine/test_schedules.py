"""How the learning rate goes over a run."""

import itertools

import pytest
import torch
from hypothesis import given, strategies as st

from engine.protocol.schedules import factor
from engine.protocol.settings import SCHEDULES, Settings


def test_without_a_schedule_the_rate_stays() -> None:
    assert {factor(Settings(), step) for step in (0, 1, 299, 300, 10_000)} == {1.0}


@pytest.mark.parametrize("schedule", ["constant", "linear", "cosine"])
def test_a_warm_up_rises_evenly_from_zero(schedule: str) -> None:
    settings = Settings(schedule=schedule, warmup_steps=20)
    assert [factor(settings, step) for step in (0, 5, 10, 20)] == [0.0, 0.25, 0.5, 1.0]


def test_linear_is_what_torch_makes_of_it() -> None:
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], 1.0)
    scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=50)
    settings = Settings(schedule="linear", total_steps=50)
    for step in range(60):
        assert factor(settings, step) == pytest.approx(scheduler.get_last_lr()[0], abs=1e-7)
        optimizer.step()
        scheduler.step()


def test_cosine_is_what_torch_makes_of_it() -> None:
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], 1.0)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=50)
    settings = Settings(schedule="cosine", total_steps=50)
    for step in range(51):
        assert factor(settings, step) == pytest.approx(scheduler.get_last_lr()[0], abs=1e-7)
        optimizer.step()
        scheduler.step()


def test_the_slanted_triangle_is_that_of_the_paper() -> None:
    settings = Settings(schedule="slanted", total_steps=300, warmup_steps=99)
    # arXiv:1801.06146 §3.3 with cut_frac 0.1 and ratio 32: cut = 30
    for step in range(301):
        p = step / 30 if step < 30 else 1 - (step - 30) / (30 * (1 / 0.1 - 1))
        assert factor(settings, step) == pytest.approx((1 + p * 31) / 32)
    assert factor(settings, 30) == 1.0
    assert factor(settings, 5000) == 1 / 32


@given(schedule=st.sampled_from(SCHEDULES), total=st.integers(1, 500), warmup=st.integers(0, 499))
def test_any_schedule_rises_once_and_falls_once(schedule: str, total: int, warmup: int) -> None:
    warmup %= total
    settings = Settings(schedule=schedule, total_steps=total, warmup_steps=warmup)
    rates = [factor(settings, step) for step in range(max(total, warmup) + 3)]
    assert all(0.0 <= rate <= 1.0 for rate in rates)
    top = rates.index(max(rates))
    assert all(a <= b for a, b in itertools.pairwise(rates[: top + 1]))
    assert all(a >= b for a, b in itertools.pairwise(rates[top:]))
    if schedule in ("linear", "cosine"):
        assert rates[-1] == 0.0
