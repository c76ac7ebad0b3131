"""What is to be kept for one more task, against what one counts on paper."""

from __future__ import annotations

from typing import Any

import pytest

from engine.analysis.stored_bytes import stored_bytes
from engine.protocol.settings import Settings
from engine.strategies import STRATEGIES
from engine.strategies.adalora import AdaLoraUpdate
from engine.trainer import Trainer

BODY = ((40, 30), (40, 40), (40, 40))
WEIGHTS = 4_400
HEAD = 10 * 40 + 10
R = 3
LOW_RANK = R * sum(out + inputs for out, inputs in BODY)

NUMBERS = {
    "full": WEIGHTS + HEAD,
    "l2_sp": WEIGHTS + HEAD,
    "ewc": WEIGHTS + HEAD,
    "rehearsal": WEIGHTS + HEAD,
    "discriminative_rates": WEIGHTS + HEAD,
    "freeze": 1600 + HEAD,  # the third layer and the head
    "linear_probe": HEAD,
    "feature_head": (16 * 40 + 16) + (10 * 16 + 10),
    "adapter": 3 * (40 * 8 + 8 + 8 * 40 + 40) + HEAD,
    "parallel_adapter": (30 * 8 + 8 + 8 * 40 + 40) + 2 * (40 * 8 + 8 + 8 * 40 + 40) + HEAD,
    "lora": LOW_RANK + HEAD,
    "rslora": LOW_RANK + HEAD,
    "lora_plus": LOW_RANK + HEAD,
    "qlora": LOW_RANK + HEAD,  # W in 4 bits is shared
    "loftq": LOW_RANK + HEAD,
    "pissa": LOW_RANK + HEAD,
    "dora": LOW_RANK + 3 * 40 + HEAD,
    "vera": 3 * (40 + R) + HEAD,  # B and A come from the seed
    "ia3": 3 * 40 + HEAD,
    "bitfit": 3 * 40 + HEAD,
    "prompt": 30 + HEAD,
    "prefix": 30 + 40 + 40 + HEAD,
    "gradual_unfreezing": HEAD,  # at first
    "probe_then_finetune": HEAD,
    "weight_update": 1200,
    "pretrain": WEIGHTS + HEAD,
    "scratch": WEIGHTS + HEAD,
}


def trainer(name: str, **changes: Any) -> Trainer:
    return Trainer(Settings(strategy=name, rank=R, **changes))


@pytest.mark.parametrize("name", sorted(set(STRATEGIES) - {"adalora"}))
def test_as_counted_on_paper(name: str) -> None:
    assert stored_bytes(trainer(name)) == 4 * NUMBERS[name]


def test_adalora_keeps_the_directions_that_are_left() -> None:
    run = trainer("adalora", total_steps=40)
    begun = 5 * sum(out + 1 + inputs for out, inputs in BODY)  # ⌈1.5 r⌉ directions in each
    assert stored_bytes(run) == 4 * (begun + HEAD)
    for _ in range(40):
        run.step()
    updates = [layer.update for layer in run.network.body]
    left = [int(update.kept.sum()) for update in updates if isinstance(update, AdaLoraUpdate)]
    assert sum(left) == 3 * R
    sizes = (kept * (out + 1 + inputs) for kept, (out, inputs) in zip(left, BODY, strict=True))
    assert stored_bytes(run) == 4 * (sum(sizes) + HEAD)


def test_what_is_frozen_is_not_kept() -> None:
    assert stored_bytes(trainer("full", frozen=("layer2", "head"))) == 4 * (1200 + 1600)
    assert stored_bytes(trainer("lora", frozen=("layer1",))) == 4 * (R * 160 + HEAD)
    everything = ("layer1", "layer2", "layer3", "head")
    for name in ("full", "lora", "adalora"):
        assert stored_bytes(trainer(name, frozen=everything)) == 0


def test_a_layer_counts_from_when_it_wakes() -> None:
    run = trainer("gradual_unfreezing", stage_steps=2)
    seen = []
    for _ in range(7):
        seen.append(stored_bytes(run) // 4 - HEAD)
        run.step()
    assert seen == [0, 0, 1600, 1600, 3200, 3200, 4400]


def test_statistics_count_where_they_follow_the_batches() -> None:
    norms = 3 * 2 * 40  # learned: γ and β
    learned = WEIGHTS + HEAD + norms
    assert stored_bytes(trainer("full", batch_norm=True)) == 4 * (learned + 3 * 2 * 40)
    one_locked = {"batch_norm": True, "frozen": ("layer1",)}
    rest = learned - 1200 - 80
    assert stored_bytes(trainer("full", **one_locked)) == 4 * (rest + 3 * 2 * 40)
    assert stored_bytes(trainer("full", **one_locked, freeze_statistics=True)) == 4 * (
        rest + 2 * 2 * 40
    )
