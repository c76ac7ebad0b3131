"""Dropout, BatchNorm, label noise and fewer samples: each is what its name says, and no more."""

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from engine.model.network import Network
from engine.protocol.messages import Configure
from engine.protocol.settings import TASK_NAMES, Settings
from engine.trainer import Trainer
from engine.training.stochastic_state import train_mode
from tests.engine.oracle_runs import BODY, batches, in_double, train_plainly, trained
from tests.engine.torch_networks import plain_network

# ---------------------------------------------------------------- dropout


def _weights(trainer: Trainer) -> dict[str, bytes]:
    return {name: value.numpy().tobytes() for name, value in trainer.network.state_dict().items()}


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_dropout_sets_its_share_to_zero_and_scales_the_others(share: float) -> None:
    trainer = trained(0, dropout=share)
    network, hidden = trainer.network, torch.full((500, 40), 3.0)
    with train_mode(network, trainer.settings):
        dropped = network._apply_dropout(hidden)  # noqa: SLF001
        again = network._apply_dropout(hidden)  # noqa: SLF001
    kept = dropped != 0
    # 20,000 independent draws: four standard deviations
    assert kept.float().mean().item() == pytest.approx(1 - share, abs=4 * 0.5 / 20_000**0.5)
    torch.testing.assert_close(dropped[kept], hidden[kept] / (1 - share))
    assert (again != 0).ne(kept).any()
    assert network._apply_dropout(hidden) is hidden  # noqa: SLF001


def test_a_step_with_dropout_is_the_gradient_under_its_masks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    share, rate = 0.3, 0.1
    trainer = in_double(trained(5, dropout=share, optimizer="sgd", learning_rate=rate))
    ((inputs, labels),) = batches(trainer, 1)
    plain = plain_network(trainer.network).double()
    drawn: list[torch.Tensor] = []
    rand = torch.rand

    def remember(*arguments: Any, **named: Any) -> torch.Tensor:
        drawn.append(rand(*arguments, **named))
        return drawn[-1]

    monkeypatch.setattr(torch, "rand", remember)
    trainer.step()
    monkeypatch.setattr(torch, "rand", rand)
    assert [tuple(mask.shape) for mask in drawn] == [(32, 40)] * 3
    hidden = inputs
    for name, draw in zip(BODY, drawn, strict=True):
        hidden = torch.relu(plain.get_submodule(name)(hidden))
        hidden = torch.where(draw >= share, hidden / (1 - share), 0.0)
    functional.cross_entropy(plain.head(hidden), labels).backward()
    for name, layer in trainer.network.layers():
        linear = plain.get_submodule(name)
        expected = linear.weight - rate * linear.weight.grad
        torch.testing.assert_close(layer.updated(), expected, rtol=0, atol=1e-9)


def test_dropout_acts_on_steps_and_on_nothing_else() -> None:
    trainer = trained(10, dropout=0.5)
    generator = trainer.state()["generator"].tolist()
    before, frame = _weights(trainer), trainer.frame()
    for _ in range(3):
        again = trainer.frame()
        assert again.measurements.train_loss == frame.measurements.train_loss
        assert again.measurements.validation_loss == frame.measurements.validation_loss
        assert again.sample.after.tolist() == frame.sample.after.tolist()
    assert _weights(trainer) == before
    assert trainer.state()["generator"].tolist() == generator
    assert not trainer.network.training


def test_dropout_can_be_turned_on_and_off_in_mid_run() -> None:
    trainer, plain = trained(10), trained(15)
    trainer.apply(Configure(trainer.settings.replace(dropout=0.5)))
    trainer.apply(Configure(trainer.settings.replace(dropout=0.0)))
    for _ in range(5):
        trainer.step()
    assert _weights(trainer) == _weights(plain)
    trainer.apply(Configure(trainer.settings.replace(dropout=0.5)))
    trainer.step()
    plain.step()
    assert _weights(trainer) != _weights(plain)


# ---------------------------------------------------------------- BatchNorm


def _statistics(network: Network, name: str) -> tuple[torch.Tensor, torch.Tensor]:
    norm = network.get_submodule(name).norm
    return norm.running_mean.clone(), norm.running_var.clone()


def _norm_inputs(trainer: Trainer, rows: torch.Tensor) -> torch.Tensor:
    """What the first BatchNorm is given: x W′ᵀ."""
    return rows @ trainer.network.get_submodule("layer1").updated().T.detach()


def test_running_statistics_are_nine_parts_old_and_one_part_batch() -> None:
    trainer = trained(3, batch_norm=True)
    ((inputs, _),) = batches(trainer, 1)
    mean, variance = _statistics(trainer.network, "layer1")
    seen = _norm_inputs(trainer, inputs)
    trainer.step()
    new_mean, new_variance = _statistics(trainer.network, "layer1")
    torch.testing.assert_close(new_mean, 0.9 * mean + 0.1 * seen.mean(0))
    torch.testing.assert_close(new_variance, 0.9 * variance + 0.1 * seen.var(0, unbiased=True))


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_run_with_batch_norm_is_torchs(optimizer: str) -> None:
    trainer = in_double(trained(0, batch_norm=True, optimizer=optimizer, learning_rate=0.01))
    plain = plain_network(trainer.network).double().train()
    make = torch.optim.SGD if optimizer == "sgd" else torch.optim.Adam
    train_plainly(plain, make(plain.parameters(), lr=0.01, foreach=False), batches(trainer, 40))
    for _ in range(40):
        trainer.step()
    inputs = torch.from_numpy(trainer.run.task.draw(0).target.test.inputs).double()
    torch.testing.assert_close(trainer.network(inputs), plain.eval()(inputs), rtol=0, atol=1e-6)
    for name in BODY:
        ours, theirs = trainer.network.get_submodule(name), plain.get_submodule(name)
        torch.testing.assert_close(ours.updated(), theirs.weight, rtol=0, atol=1e-6)
        norm = plain.get_submodule(f"norm_{name}")
        for key, value in ours.norm.state_dict().items():
            torch.testing.assert_close(value, norm.state_dict()[key], rtol=0, atol=1e-6)


@pytest.mark.parametrize("strategy", ["full", "lora", "linear_probe"])
def test_the_network_with_batch_norm_begins_as_pretraining_left_it(strategy: str) -> None:
    frame = trained(0, strategy=strategy, batch_norm=True).frame()
    assert frame.measurements.source_accuracy == frame.start_source_accuracy > 0.9
    for layer in frame.layers:
        assert not layer.delta.any()
        names = [name for name, _ in layer.factors]
        assert names[-2:] == ["running_mean", "running_var"] or layer.name == "head"


@pytest.mark.parametrize("frozen", [("layer1",), ("layer1", "layer2", "layer3")])
def test_a_frozen_layers_statistics_move_unless_they_are_frozen_too(frozen: tuple) -> None:
    settings = {"batch_norm": True, "frozen": frozen}
    moving, still = trained(0, **settings), trained(0, **settings, freeze_statistics=True)
    before = {name: _statistics(moving.network, name) for name in BODY}
    for _ in range(5):
        moving.step()
        still.step()
    for name in BODY:
        held = [torch.equal(now, then) for now, then in
                zip(_statistics(still.network, name), before[name], strict=True)]  # fmt: skip
        assert held == [name in frozen] * 2
        for now, then in zip(_statistics(moving.network, name), before[name], strict=True):
            assert not torch.equal(now, then)
    weight = moving.network.get_parameter("layer1.weight")
    assert torch.equal(weight, moving.network.get_submodule("layer1").original)


def test_still_statistics_are_those_that_a_step_computes_with() -> None:
    """As in torch: a BatchNorm in eval mode uses its running statistics, not the batch's."""
    trainer = trained(0, batch_norm=True, frozen=tuple(BODY), freeze_statistics=True,
                      optimizer="sgd", learning_rate=0.1)  # fmt: skip
    plain = plain_network(trainer.network).eval()
    optimizer = torch.optim.SGD(plain.head.parameters(), lr=0.1)
    train_plainly(plain, optimizer, batches(trainer, 10))
    for _ in range(10):
        trainer.step()
    ours = trainer.network.get_parameter("head.weight")
    torch.testing.assert_close(ours, plain.head.weight, rtol=0, atol=1e-6)


def test_looking_moves_no_statistics() -> None:
    trainer = trained(3, batch_norm=True)
    before = _weights(trainer)
    trainer.frame()
    trainer.measure()
    assert _weights(trainer) == before


# ---------------------------------------------------------------- labels and samples


def _labels(**settings: Any) -> np.ndarray:
    return trained(0, **settings).run.train.labels.numpy()


@pytest.mark.parametrize("task", TASK_NAMES)
@pytest.mark.parametrize("strategy", ["full", "pretrain"])
def test_label_noise_spoils_exactly_its_share(task: str, strategy: str) -> None:
    named = {"task": task, "strategy": strategy}
    right, wrong_before = _labels(**named), np.zeros(0, np.intp)
    for share in (0.1, 0.25, 0.5, 0.9):
        noisy = _labels(**named, label_noise=share)
        (wrong,) = (noisy != right).nonzero()
        assert len(wrong) == round(share * len(right))
        assert set(wrong_before) <= set(wrong)
        spoiled_before = _labels(**named, label_noise=share / 2)
        (already,) = (spoiled_before != right).nonzero()
        assert (noisy[already] == spoiled_before[already]).all()
        assert set(noisy) <= set(right)
        wrong_before = wrong


def test_every_wrong_class_comes_up() -> None:
    right, noisy = _labels(strategy="pretrain"), _labels(strategy="pretrain", label_noise=0.9)
    shifts = (noisy - right) % 10
    assert set(shifts) == set(range(10))
    assert np.bincount(shifts)[1:].min() > 0.05 * len(right)


def test_a_seed_decides_which_labels_are_wrong() -> None:
    noisy = [(_labels(seed=s, label_noise=0.3) != _labels(seed=s)).tolist() for s in (0, 0, 1)]
    assert noisy[0] == noisy[1] != noisy[2]


def test_only_what_is_learned_from_is_spoiled() -> None:
    plain, noisy = trained(0).frame(), trained(0, label_noise=0.9).frame()
    assert noisy.measurements.validation_loss == plain.measurements.validation_loss
    assert noisy.measurements.target_accuracy == plain.measurements.target_accuracy
    assert noisy.measurements.source_accuracy == plain.measurements.source_accuracy
    assert noisy.measurements.train_loss > plain.measurements.train_loss + 1


@pytest.mark.parametrize("count", [1, 7, 50, 100, 100_000])
def test_fewer_samples_are_the_first_ones(count: int) -> None:
    whole, part = trained(0), trained(0, train_samples=count)
    ours, all_of_them = part.run.train, whole.run.train
    n = min(count, len(all_of_them.labels))
    assert len(ours.labels) == n
    assert torch.equal(ours.inputs, all_of_them.inputs[:n])
    assert torch.equal(ours.labels, all_of_them.labels[:n])
    before = part.measure().train_loss
    for _ in range(60):
        part.step()
    assert part.measure().train_loss < before


def test_each_epoch_of_fewer_samples_shows_every_one_of_them() -> None:
    trainer = trained(0, train_samples=10, batch_size=5)
    drawn = torch.cat([inputs for inputs, _ in batches(trainer, 2)])
    assert sorted(drawn[:, 0].tolist()) == sorted(trainer.run.train.inputs[:, 0].tolist())


def test_noise_falls_on_the_samples_that_are_left() -> None:
    settings = Settings(train_samples=20, label_noise=0.5)
    labels = Trainer(settings).run.train.labels
    right = trained(0).run.train.labels[:20]
    assert int((labels != right).sum()) == 10
