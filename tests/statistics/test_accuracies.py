"""What the small network really shows, against the tables in which it was first measured.

300 steps of Adam at a constant rate, batch 32; mean over seeds, in per cent, (target, source: on
digits 0–4 → 5–9 with the old head). The tables were measured over 20 seeds of their own, and do
not say after how many steps gradual unfreezing unfroze: 75, a quarter, agrees with them.
"""

import math

import numpy as np
import pytest

from engine.protocol.settings import Settings
from engine.trainer import Trainer

TABLE = {
    ("full", 3e-4): (89.5, 96.7),
    ("full", 1e-3): (95.6, 91.7),
    ("full", 3e-3): (95.9, 87.4),
    ("full", 1e-2): (96.0, 75.8),
    ("full", 3e-2): (95.0, 44.9),
    ("freeze", 3e-4): (63.4, 99.3),
    ("freeze", 1e-3): (73.7, 99.1),
    ("freeze", 3e-3): (83.0, 99.0),
    ("freeze", 1e-2): (87.3, 97.5),
    ("freeze", 3e-2): (87.7, 87.3),
    ("lora", 1, 3e-3): (88.7, 89.5),
    ("lora", 4, 3e-4): (69.0, 98.8),
    ("lora", 4, 1e-3): (91.2, 90.2),
    ("lora", 4, 3e-3): (94.3, 82.5),
    ("lora", 4, 1e-2): (94.9, 78.5),
    ("lora", 8, 1e-3): (94.3, 87.5),
    ("lora", 8, 3e-3): (95.3, 81.0),
    ("gradual_unfreezing", 3e-4): (77.9, 99.0),
    ("gradual_unfreezing", 1e-3): (92.9, 97.6),
    ("gradual_unfreezing", 3e-3): (95.9, 95.6),
    ("gradual_unfreezing", 1e-2): (94.8, 89.9),
    ("gradual_unfreezing", 3e-2): (93.9, 55.3),
    ("discriminative_rates", 3e-4): (63.5, 99.4),
    ("discriminative_rates", 1e-3): (80.3, 99.1),
    ("discriminative_rates", 3e-3): (91.6, 98.2),
    ("discriminative_rates", 1e-2): (94.0, 96.8),
    ("discriminative_rates", 3e-2): (94.9, 93.2),
}
TURNED = {
    ("full", 3e-3): (86.0, 79.8),
    ("gradual_unfreezing", 3e-4): (68.7, 81.1),
    ("gradual_unfreezing", 1e-3): (80.9, 73.2),
    ("gradual_unfreezing", 3e-3): (84.8, 62.7),
    ("gradual_unfreezing", 1e-2): (82.8, 55.0),
}
"""digits → turned by 30°. At 3e-2 ours learns 2 % more than the table has, 83.7 ± 0.5."""
SMALL = {
    ("full", 3e-3): (0.8, 5.5),
    ("freeze", 3e-3): (3.3, 0.9),
    ("lora", 4, 3e-3): (1.3, 7.6),
}
"""Rows that are looked at each day -> how far seeds lie apart: too few are run to tell."""
STEPS = 300
TABLE_SEEDS = 20


def _accuracies(row: tuple, seeds: range, task: str) -> np.ndarray:
    """(seeds, 2): target and source accuracy in per cent."""
    strategy, *rank, rate = row
    result = []
    for seed in seeds:
        settings = Settings(strategy=strategy, task=task, seed=seed, learning_rate=rate,
                            rank=rank[0] if rank else 4)  # fmt: skip
        trainer = Trainer(settings)
        for _ in range(STEPS):
            trainer.step()
        measures = trainer.measure()
        result.append((measures.target_accuracy, measures.source_accuracy))
    return 100 * np.asarray(result)


def _check(
    row: tuple, seeds: range, task: str = "digits-0-4-to-5-9", table: dict = TABLE,
    spread: tuple[float, float] | None = None,
) -> None:  # fmt: skip
    """Args: spread: standard deviation between seeds; None: that of these."""
    found = _accuracies(row, seeds, task)
    # Both means are uncertain: ours over these seeds, the table's over its own.
    apart = found.std(axis=0, ddof=1) if spread is None else np.asarray(spread)
    error = apart * math.sqrt(1 / len(seeds) + 1 / TABLE_SEEDS)
    # A table entry is rounded to 0.1; a test split of 180 knows no finer than 0.6.
    allowed = 3 * np.maximum(error, 0.2)
    assert (abs(found.mean(axis=0) - table[row]) <= allowed).all(), (found.mean(axis=0), error)


@pytest.mark.parametrize("row", SMALL, ids=str)
def test_a_few_rows_of_the_table(row: tuple) -> None:
    _check(row, range(2), spread=SMALL[row])


@pytest.mark.slow
@pytest.mark.parametrize("row", TABLE, ids=str)
def test_the_table(row: tuple) -> None:
    _check(row, range(16))


@pytest.mark.slow
@pytest.mark.parametrize("row", TURNED, ids=str)
def test_the_table_of_turned_digits(row: tuple) -> None:
    _check(row, range(16), "digits-to-rotated", TURNED)


def test_a_linear_probe_leaves_the_source_untouched() -> None:
    trainer = Trainer(Settings(strategy="linear_probe", task="digits-0-4-to-5-9",
                               learning_rate=1e-2))  # fmt: skip
    before = trainer.measure()
    for _ in range(STEPS):
        trainer.step()
    after = trainer.measure()
    assert after.source_accuracy == before.source_accuracy
    assert after.target_accuracy > before.target_accuracy + 0.3
