"""Strategies' own defaults against other values, by validation splits that no test ever saw.

A rate or a number of steps is judged by the target's validation accuracy; a penalty, which gives
up target accuracy for source accuracy, by the mean of both on their validation splits.
"""

from functools import cache
from typing import Any

from engine.protocol.settings import Settings
from engine.strategies import STRATEGIES
from engine.trainer import Trainer
from engine.training.batches import Samples

TASKS = ("digits-to-rotated", "digits-0-4-to-5-9", "digits-turned-to-turned-parity")
STEPS = 300
SEEDS = range(12)
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
    ("ewc", "penalty"): (2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0),
    ("l2_sp", "penalty"): (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1),
}
"""(strategy, field) -> values that it is tried with."""


@cache
def score(seed: int, task: str, strategy: str, field: str, value: float) -> float:
    """Validation accuracy of one run, 0…1: the target's, or the mean of target and source."""
    changes: dict[str, Any] = {**STRATEGIES[strategy].defaults, field: value}
    trainer = Trainer(Settings(strategy=strategy, task=task, seed=seed, **changes))
    for _ in range(STEPS):
        trainer.step()
    target = trainer.measure().validation_accuracy
    return target if field != "penalty" else (target + source_accuracy(trainer)) / 2


def source_accuracy(trainer: Trainer) -> float:
    """On the source's validation split, with the head that the readout uses."""
    initial, network = trainer.run.initial, trainer.network
    split = Samples.from_split(initial.data.source.validation)
    head = network.head if initial.trains_source_head else initial.kept_head
    right = head(network.features(split.inputs)).argmax(dim=1) == split.labels
    return float(right.float().mean())
