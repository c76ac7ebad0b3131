"""The contract that every file in engine/strategies/ keeps."""

import itertools
from typing import Any

import numpy as np
import pytest
import torch

from engine.pretraining import load_pretrained
from engine.protocol.messages import Configure, Frame, LayerFrame
from engine.protocol.settings import OPTIMIZER_LABELS, TASK_NAMES, Settings
from engine.protocol.strategy_files import strategy_names
from engine.strategies import STRATEGIES
from engine.strategies._strategy import GROUPS, trainable_blocks
from engine.tasks import TASKS
from engine.trainer import Trainer
from tests.engine.cover import each_with
from tests.engine.torch_networks import plain_network

every_strategy = pytest.mark.parametrize("strategy", strategy_names())
strategies_and_optimizers = pytest.mark.parametrize(
    ("strategy", "optimizer"), each_with(tuple(OPTIMIZER_LABELS))
)
strategies_and_tasks = pytest.mark.parametrize(("strategy", "task"), each_with(TASK_NAMES))


def _updated(frame: Frame) -> dict[str, bytes]:
    return {layer.name: layer.updated.tobytes() for layer in frame.layers}


def _bytes(layer: LayerFrame) -> tuple[bytes, ...]:
    return layer.updated.tobytes(), *(factor.tobytes() for _, factor in layer.factors)


def _inputs(trainer: Trainer) -> torch.Tensor:
    return torch.from_numpy(trainer.run.task.draw(trainer.settings.seed).target.test.inputs)


@strategies_and_tasks
def test_before_the_first_step_nothing_has_changed(strategy: str, task: str) -> None:
    trainer = Trainer(Settings(strategy=strategy, task=task))
    frame = trainer.frame()
    assert frame.step == 0
    for layer in frame.layers:
        assert not layer.delta.any()
        assert np.array_equal(layer.updated, layer.weight)
    if not STRATEGIES[strategy].pretrained or STRATEGIES[strategy].stored_as:
        return
    start = load_pretrained(Settings(task=task))
    with torch.no_grad():
        features = _inputs(trainer)
        for weight in start.body.values():
            features = torch.relu(features @ weight.T)
        assert torch.equal(features, trainer.network.features(_inputs(trainer)))
        if TASKS[task].info.shares_head and not STRATEGIES[strategy].new_head:
            outputs = torch.nn.functional.linear(features, start.head_weight, start.head_bias)
            assert torch.equal(outputs, trainer.network(_inputs(trainer)))
    assert frame.measurements.source_accuracy == pytest.approx(start.source_accuracy)


@strategies_and_optimizers
def test_what_is_frozen_keeps_every_bit(strategy: str, optimizer: str) -> None:
    """Also when it was frozen in mid-run, with momentum, decay and gradients in the air."""
    settings = Settings(strategy=strategy, optimizer=optimizer, learning_rate=0.02,
                        weight_decay=0.1, stage_steps=1)  # fmt: skip
    trainer = Trainer(settings)
    free = trainable_blocks(trainer.run.strategy, trainer.network)
    for _ in range(5):
        trainer.step()
    for unit in free:
        trainer.apply(Configure(settings.replace(frozen=(unit,))))
        before = trainer.frame()
        for _ in range(20):
            trainer.step()
        after = trainer.frame()
        for old, new in zip(before.layers, after.layers, strict=True):
            if new.block == unit or new.block not in free:
                assert not new.trainable
                assert old.updated.tobytes() == new.updated.tobytes()
                assert old.delta.tobytes() == new.delta.tobytes()
            assert old.weight.tobytes() == new.weight.tobytes()
        moved = [n.name for o, n in zip(before.layers, after.layers, strict=True)
                 if _bytes(o) != _bytes(n)]  # fmt: skip
        assert bool(moved) == (len(free) > 1)


def _at_length() -> list[object]:
    """Every strategy with every optimizer; all but a few take too long for each day."""
    pairs = [(s, o) for s in strategy_names() for o in ("sgd", "momentum", "adam", "adamw")]
    daily = {("full", "adamw"), ("lora", "momentum")}
    return [pytest.param(*p, marks=[] if p in daily else pytest.mark.slow) for p in pairs]


@pytest.mark.parametrize(("strategy", "optimizer"), _at_length())
def test_a_locked_layer_keeps_every_bit_over_a_thousand_steps(
    strategy: str, optimizer: str
) -> None:
    settings = Settings(strategy=strategy, optimizer=optimizer, weight_decay=0.1)
    trainer = Trainer(settings)
    for _ in range(20):
        trainer.step()
    locked = trainer.network.blocks()[1]
    trainer.apply(Configure(settings.replace(frozen=(locked,))))
    before = _of_unit(trainer, locked)
    for _ in range(1_000):
        trainer.step()
    assert before
    assert _of_unit(trainer, locked) == before


def _of_unit(trainer: Trainer, unit: str) -> dict[str, bytes]:
    """Every number of a layer."""
    return {
        name: value.tobytes()
        for name, value in trainer.state()["network"].items()
        if name.partition(".")[0] == unit
    }


@every_strategy
def test_frozen_biases_keep_every_bit(strategy: str) -> None:
    trainer = Trainer(Settings(strategy=strategy, frozen=("head",)))
    before = {n: p.detach().clone() for n, p in trainer.network.named_parameters()}
    for _ in range(20):
        trainer.step()
    for name, parameter in trainer.network.named_parameters():
        if name.startswith("head.") or not trainer.run.strategy.trains(name):
            assert torch.equal(before[name], parameter)


@strategies_and_tasks
def test_updated_is_weight_plus_delta_and_is_what_computes(strategy: str, task: str) -> None:
    trainer = Trainer(Settings(strategy=strategy, task=task, learning_rate=0.01))
    for _ in range(30):
        trainer.step()
    for layer in trainer.frame().layers:
        assert np.allclose(layer.updated, layer.weight + layer.delta, rtol=0, atol=1e-6)
        for matrix in (layer.weight, layer.delta, layer.updated, *dict(layer.factors).values()):
            assert matrix.dtype == np.float32
            assert matrix.flags.c_contiguous
    with torch.no_grad():
        ours, plain = trainer.network(_inputs(trainer)), plain_network(trainer.network)
        assert torch.allclose(ours, plain(_inputs(trainer)), rtol=0, atol=1e-5)


HEAD = 10 * 40 + 10
ADAPTER = 3 * (2 * 40 * 8 + 8 + 40)
LORA = 4 * (30 + 40) + 2 * 4 * (40 + 40)
COUNTS: dict[str, tuple[dict[str, Any], int, int]] = {
    # strategy: extra settings, trainable of the body, trainable of the head
    "weight_update": ({}, 1200, 0),
    "pretrain": ({}, 4400, HEAD),
    "scratch": ({}, 4400, HEAD),
    "full": ({}, 4400, HEAD),
    "freeze": ({}, 1600, HEAD),
    "linear_probe": ({}, 0, HEAD),
    "feature_head": ({"head_width": 16}, 0, 16 * 40 + 16 + 10 * 16 + 10),
    "adapter": ({"bottleneck": 8}, ADAPTER, HEAD),
    "lora": ({"rank": 4}, LORA, HEAD),
    "rslora": ({"rank": 4}, LORA, HEAD),
    "lora_plus": ({"rank": 4}, LORA, HEAD),
    "qlora": ({"rank": 4}, LORA, HEAD),
    "loftq": ({"rank": 4}, LORA, HEAD),
    "pissa": ({"rank": 4}, LORA, HEAD),
    "dora": ({"rank": 4}, LORA + 3 * 40, HEAD),
    "adalora": ({"rank": 4}, LORA * 6 // 4 + 3 * 6, HEAD),
    "vera": ({"rank": 4}, 3 * (40 + 4), HEAD),
    "ia3": ({}, 3 * 40, HEAD),
    "bitfit": ({}, 3 * 40, HEAD),
    "prompt": ({}, 30, HEAD),
    "prefix": ({}, 30 + 40 + 40, HEAD),
    "parallel_adapter": ({"bottleneck": 8}, ADAPTER - 10 * 8, HEAD),
    "discriminative_rates": ({}, 4400, HEAD),
    "gradual_unfreezing": ({}, 0, HEAD),
    "probe_then_finetune": ({}, 0, HEAD),
    "l2_sp": ({}, 4400, HEAD),
    "ewc": ({}, 4400, HEAD),
    "rehearsal": ({}, 4400, HEAD),
}


@every_strategy
def test_counts_are_exact(strategy: str) -> None:
    extra, body, head = COUNTS[strategy]
    trainer = Trainer(Settings(strategy=strategy, **extra))
    frame = trainer.frame()
    assert (frame.body_trainable, frame.trainable_parameters) == (body, body + head)
    assert sum(layer.trainable_parameters for layer in frame.layers) == body + head
    assert sum(layer.total_parameters for layer in frame.layers) == frame.total_parameters


def test_the_numbers_of_the_lessons() -> None:
    assert Trainer(Settings(strategy="full")).frame().body_trainable == 4400
    assert Trainer(Settings(strategy="freeze")).frame().body_trainable == 1600
    assert Trainer(Settings(strategy="lora", rank=4)).frame().body_trainable == 920


@strategies_and_optimizers
def test_a_seed_repeats_bit_for_bit(strategy: str, optimizer: str) -> None:
    def run(seed: int) -> tuple[list[float], dict[str, bytes]]:
        trainer = Trainer(Settings(strategy=strategy, optimizer=optimizer, seed=seed))
        return [trainer.step().loss for _ in range(20)], _updated(trainer.frame())

    assert run(0) == run(0)
    assert run(0) != run(1)


@strategies_and_optimizers
def test_restore_is_exact(strategy: str, optimizer: str) -> None:
    settings = Settings(strategy=strategy, optimizer=optimizer)
    trainer = Trainer(settings)
    for _ in range(7):
        trainer.step()
    state = trainer.state()
    first = [trainer.step().loss for _ in range(10)]
    then = _updated(trainer.frame())
    for other in (trainer, Trainer(settings.replace(seed=5))):
        other.restore(state)
        assert other.steps_taken == 7
        assert [other.step().loss for _ in range(10)] == first
        assert _updated(other.frame()) == then


@every_strategy
def test_learning_happens_unless_everything_is_frozen(strategy: str) -> None:
    free = Trainer(Settings(strategy=strategy, **STRATEGIES[strategy].defaults))
    locked = Trainer(Settings(strategy=strategy, frozen=free.network.blocks()))
    losses = [(free.measure().train_loss, locked.measure().train_loss)]
    for _ in range(100):
        free.step()
        locked.step()
    losses.append((free.measure().train_loss, locked.measure().train_loss))
    assert losses[1][0] < 0.8 * losses[0][0]
    assert losses[1][1] == losses[0][1]
    assert locked.frame().everything_frozen


@every_strategy
def test_what_a_strategy_says_of_itself_is_whole(strategy: str) -> None:
    entry = STRATEGIES[strategy]
    assert entry.label
    assert entry.summary.endswith(".")
    Settings(strategy=strategy, **entry.defaults)


def test_lessons_are_numbered_apart() -> None:
    numbers = [strategy.lesson for strategy in STRATEGIES.values() if strategy.lesson]
    assert numbers == sorted(set(numbers)) == list(range(1, len(numbers) + 1))


def test_strategies_are_offered_group_by_group() -> None:
    groups = [strategy.group for strategy in STRATEGIES.values()]
    assert [group for group, _ in itertools.groupby(groups)] == list(GROUPS)


def test_strategies_with_one_seed_share_data_order_and_first_head() -> None:
    task = "digits-0-4-to-5-9"
    names = ("full", "freeze", "linear_probe", "lora")
    first_losses = {Trainer(Settings(strategy=n, task=task, seed=2)).step().loss for n in names}
    assert len(first_losses) == 1


def test_pretraining_on_other_classes_claims_nothing_of_the_target() -> None:
    """Five outputs for the digits 0–4 say nothing of a 7, though a 7 is one of five classes too."""
    frame = Trainer(Settings(strategy="pretrain", task="digits-0-4-to-5-9")).frame()
    assert frame.measurements.target_accuracy is None
    assert frame.sample is None
