"""Strategies' own defaults against other values, on the validation splits: no test split is seen.

A rate or a number of steps is judged by the target's validation accuracy. A penalty buys source
accuracy with target accuracy, so there is no best one: another would have to win on both sides.

Over seeds 0…5, points of validation accuracy less the default's ± two standard errors:

| strategy | value (the default) | less | more |
|-|-|-|-|
| AdaLoRA | η 0.01 | 0.003: −2.3 ± 1.4 | 0.03: +0.4 ± 0.7 |
| BitFit | η 0.03 | 0.01: −1.6 ± 0.8 | 0.1: +0.3 ± 1.2 |
| discriminative rates | η 0.01 | 0.003: −1.9 ± 1.4 | 0.03: +0.3 ± 0.5 |
| IA³ | η 0.03 | 0.01: −1.6 ± 0.9 | 0.1: −2.7 ± 1.3 |
| LoRA+ | η 0.001 | 0.0003: −1.1 ± 1.3 | 0.003: −1.0 ± 0.7 |
| prefix tuning | η 0.03 | 0.01: −1.1 ± 1.9 | 0.1: −1.1 ± 4.2 |
| prompt tuning | η 0.03 | 0.01: −1.1 ± 0.9 | 0.1: −0.3 ± 0.8 |
| VeRA | η 0.01 | 0.003: −2.0 ± 1.0 | 0.03: −1.1 ± 1.6 |
| gradual unfreezing | 75 steps | 50: 0.0 ± 0.6 | 95: −1.4 ± 0.8 |
| probe, then fine-tune | 200 steps | 100: +0.4 ± 0.5 | 250: −0.9 ± 0.8 |
"""

from functools import cache
from statistics import fmean
from typing import Any, NamedTuple

import pytest

from engine.protocol.settings import Settings
from engine.protocol.uncertainty import paired_difference
from engine.strategies import STRATEGIES
from engine.trainer import Trainer
from engine.training.batches import Samples

TASKS = ("digits-to-rotated", "digits-0-4-to-5-9", "digits-turned-to-turned-parity")
STEPS = 300
SEEDS = range(6)
RATES = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
OTHERS: dict[tuple[str, str], tuple[float, ...]] = {
    ("adalora", "learning_rate"): RATES,
    ("bitfit", "learning_rate"): RATES,
    ("discriminative_rates", "learning_rate"): RATES,
    ("ia3", "learning_rate"): RATES,
    ("lora_plus", "learning_rate"): (3e-4, *RATES[:3]),
    ("prefix", "learning_rate"): RATES,
    ("prompt", "learning_rate"): RATES,
    ("vera", "learning_rate"): RATES,
    ("gradual_unfreezing", "stage_steps"): (25, 50, 75, 95),
    ("probe_then_finetune", "stage_steps"): (50, 100, 150, 200, 250),
}
"""(strategy, field) -> values that it is tried with."""
PENALTIES = {"ewc": (5.0, 50.0, 100.0), "l2_sp": (0.001, 0.02, 0.05)}


class Accuracies(NamedTuple):
    """Validation accuracies after a run, 0…1."""

    target: float
    source: float


@cache
def _validated(seed: int, task: str, strategy: str, field: str, value: float) -> Accuracies:
    changes: dict[str, Any] = {**STRATEGIES[strategy].defaults, field: value}
    trainer = Trainer(Settings(strategy=strategy, task=task, seed=seed, **changes))
    for _ in range(STEPS):
        trainer.step()
    return Accuracies(trainer.measure().validation_accuracy, _source_accuracy(trainer))


def _source_accuracy(trainer: Trainer) -> float:
    """On the source's validation split, with the head that the readout uses."""
    initial, network = trainer.run.initial, trainer.network
    split = Samples.from_split(initial.data.source.validation)
    head = network.head if initial.trains_source_head else initial.kept_head
    right = head(network.features(split.inputs)).argmax(dim=1) == split.labels
    return float(right.float().mean())


def _gains(strategy: str, field: str, value: float, of: str) -> tuple[float, float]:
    """How much better a value is than the default: mean over the tasks, and its margin."""
    default = STRATEGIES[strategy].defaults.get(field, getattr(Settings(), field))
    means = [
        [fmean(getattr(_validated(s, t, strategy, field, v), of) for t in TASKS) for s in SEEDS]
        for v in (value, default)
    ]
    return paired_difference(*means)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("strategy", "field"), OTHERS)
def test_no_other_value_is_clearly_better(strategy: str, field: str) -> None:
    gains = {value: _gains(strategy, field, value, "target") for value in OTHERS[strategy, field]}
    assert {value: gain for value, gain in gains.items() if gain[0] > gain[1]} == {}


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("strategy", PENALTIES)
def test_no_other_penalty_is_better_for_target_and_source(strategy: str) -> None:
    for value in PENALTIES[strategy]:
        target, source = (_gains(strategy, "penalty", value, of) for of in Accuracies._fields)
        assert min(target[0], source[0]) < 0, (value, target, source)
