"""How the learning rate goes over a run."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, strategies as st

from engine.protocol.schedules import schedule_factor
from engine.protocol.settings import SCHEDULE_LABELS, Settings


def test_without_a_schedule_the_rate_stays() -> None:
    assert {schedule_factor(Settings(), step) for step in (0, 1, 299, 300, 10_000)} == {1.0}


@pytest.mark.parametrize("schedule", ["constant", "linear", "cosine"])
def test_a_warm_up_rises_evenly_from_zero(schedule: str) -> None:
    settings = Settings(schedule=schedule, warmup_steps=20)
    assert [schedule_factor(settings, step) for step in (0, 5, 10, 20)] == [0.0, 0.25, 0.5, 1.0]


def _rates(schedule: Callable[..., Any], *arguments: int) -> list[float]:
    """The rates of a torch scheduler over an optimizer whose rate is 1."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 1.0)
    scheduler = schedule(optimizer, *arguments)
    rates = []
    for _ in range(sum(arguments) + 10):
        rates += scheduler.get_last_lr()
        optimizer.step()
        scheduler.step()
    return rates


WARMUPS = pytest.mark.parametrize(("warmup", "total"), [(0, 50), (1, 2), (20, 50), (49, 50)])


@WARMUPS
def test_linear_is_that_of_transformers(warmup: int, total: int) -> None:
    from transformers import get_linear_schedule_with_warmup

    settings = Settings(schedule="linear", warmup_steps=warmup, total_steps=total)
    theirs = _rates(get_linear_schedule_with_warmup, warmup, total)
    assert [schedule_factor(settings, step) for step in range(len(theirs))] == pytest.approx(theirs)


@WARMUPS
def test_cosine_is_that_of_transformers_up_to_the_end(warmup: int, total: int) -> None:
    """Beyond the last step theirs rises again; ours stays at zero."""
    from transformers import get_cosine_schedule_with_warmup

    settings = Settings(schedule="cosine", warmup_steps=warmup, total_steps=total)
    theirs = _rates(get_cosine_schedule_with_warmup, warmup, total)[: total + 1]
    ours = [schedule_factor(settings, step) for step in range(total + 1)]
    assert ours == pytest.approx(theirs, abs=1e-12)
    assert schedule_factor(settings, total + 30) == 0.0


@pytest.mark.parametrize("warmup", [0, 1, 20])
def test_a_warm_up_alone_is_that_of_transformers(warmup: int) -> None:
    from transformers import get_constant_schedule_with_warmup

    settings = Settings(warmup_steps=warmup, total_steps=None)
    theirs = _rates(get_constant_schedule_with_warmup, warmup)
    assert [schedule_factor(settings, step) for step in range(len(theirs))] == pytest.approx(theirs)


@pytest.mark.parametrize("total", [10, 60, 300, 1000])
def test_the_slanted_triangle_is_that_of_the_paper(total: int) -> None:
    settings = Settings(schedule="slanted", total_steps=total, warmup_steps=9)
    # arXiv:1801.06146 §3.2 with cut_frac 0.1 and ratio 32
    cut = total // 10
    for step in range(total + 1):
        p = step / cut if step < cut else 1 - (step - cut) / (cut * (1 / 0.1 - 1))
        assert schedule_factor(settings, step) == pytest.approx((1 + p * 31) / 32)
    assert schedule_factor(settings, cut) == 1.0
    assert schedule_factor(settings, 5000) == 1 / 32


@pytest.mark.parametrize("total", [1, 9, 75, 119])
def test_a_slanted_triangle_of_any_length_falls_to_its_end(total: int) -> None:
    """The paper's slope would reach the floor before the last step where ten divides it not."""
    settings = Settings(schedule="slanted", total_steps=total)
    assert max(schedule_factor(settings, step) for step in range(total)) == 1.0
    assert schedule_factor(settings, total) == pytest.approx(1 / 32)
    assert total == 1 or schedule_factor(settings, total - 1) > 1.001 / 32


@given(
    schedule=st.sampled_from(tuple(SCHEDULE_LABELS)),
    total=st.integers(1, 500),
    warmup=st.integers(0, 499),
)
def test_any_schedule_rises_once_and_falls_once(schedule: str, total: int, warmup: int) -> None:
    warmup %= total
    settings = Settings(schedule=schedule, total_steps=total, warmup_steps=warmup)
    rates = [schedule_factor(settings, step) for step in range(max(total, warmup) + 3)]
    assert all(0.0 <= rate <= 1.0 for rate in rates)
    top = rates.index(max(rates))
    assert all(a <= b for a, b in itertools.pairwise(rates[: top + 1]))
    assert all(a >= b for a, b in itertools.pairwise(rates[top:]))
    if schedule in ("linear", "cosine"):
        assert rates[-1] == 0.0
