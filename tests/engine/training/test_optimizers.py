"""Our optimizers beside torch.optim's fused ones: the same bits, also where parameters pause."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from engine.protocol.settings import OPTIMIZER_LABELS, Settings
from engine.training.optimizers import MOMENTUM, Optimizer

RATE, DECAY = 0.01, 0.1
ORACLES: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": torch.optim.SGD,
    "momentum": lambda groups, **more: torch.optim.SGD(groups, momentum=MOMENTUM, **more),
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
}
every_optimizer = pytest.mark.parametrize("optimizer", tuple(OPTIMIZER_LABELS))


def _parameters() -> dict[str, nn.Parameter]:
    generator = torch.Generator().manual_seed(5)
    shapes = {"a": (40, 30), "b": (5,), "c": (7, 3)}
    return {n: nn.Parameter(torch.randn(s, generator=generator)) for n, s in shapes.items()}


def _gradients(named: dict[str, nn.Parameter], step: int, *, without: str = "") -> None:
    generator = torch.Generator().manual_seed(step)
    for name, parameter in named.items():
        gradient = torch.randn(parameter.shape, generator=generator)
        parameter.grad = None if name in without else gradient


@every_optimizer
def test_bit_for_bit_torch_optim_fused(optimizer: str) -> None:
    """At two rates, with a parameter that comes later than the others and one that pauses."""
    ours, theirs = _parameters(), _parameters()
    speeds = {"a": 1.0, "b": 4.0, "c": 1.0}
    mine = Optimizer(Settings(optimizer=optimizer), ours, speeds.__getitem__)
    groups = [{"params": [theirs[name]], "lr": RATE * speeds[name]} for name in theirs]
    oracle = ORACLES[optimizer](groups, lr=RATE, weight_decay=DECAY, fused=True)
    for step in range(30):
        without = {range(10): "c", range(15, 20): "a"}
        absent = "".join(name for steps, name in without.items() if step in steps)
        _gradients(ours, step, without=absent)
        _gradients(theirs, step, without=absent)
        with torch.no_grad():
            mine.step(RATE, DECAY)
        oracle.step()
        for name, parameter in ours.items():
            assert torch.equal(parameter, theirs[name]), (step, name)


@every_optimizer
def test_memory_is_taken_along_and_forgotten(optimizer: str) -> None:
    first, second = _parameters(), _parameters()
    one = Optimizer(Settings(optimizer=optimizer), first)
    for step in range(5):
        _gradients(first, step)
        with torch.no_grad():
            one.step(RATE, 0.0)
    other = Optimizer(Settings(optimizer=optimizer), second)
    other.load_state_dict(one.state_dict())
    for parameter, value in zip(second.values(), first.values(), strict=True):
        parameter.data.copy_(value.detach())
    one.reset(["a"])
    for step in range(5, 9):
        _gradients(first, step)
        _gradients(second, step)
        with torch.no_grad():
            one.step(RATE, 0.0)
            other.step(RATE, 0.0)
    assert torch.equal(first["b"], second["b"])
    assert torch.equal(first["a"], second["a"]) == (optimizer == "sgd")
    if optimizer in ("adam", "adamw"):
        state = one.state_dict()
        assert [float(state[name]["step"]) for name in "abc"] == [4.0, 9.0, 9.0]
