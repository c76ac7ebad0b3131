"""What a frame says, what a state holds, what a lock locks: one assertion for each promise."""

import numpy as np
import pytest
import torch

from engine.history.curves import CurveRecorder, curve_interval
from engine.history.history import History
from engine.protocol.messages import Configure
from engine.protocol.settings import Settings
from engine.trainer import Trainer
from engine.training.batches import BatchSampler, Samples

END = 10**9
"""Later than any step."""


def _trained(steps: int, **settings: object) -> Trainer:
    trainer = Trainer(Settings(**settings))
    for _ in range(steps):
        trainer.step()
    return trainer


def test_an_epoch_shows_every_sample_once() -> None:
    samples = Samples(torch.randn(10, 30), torch.arange(10))
    order = BatchSampler(samples, seed=3)
    drawn = [order.next(4) for _ in range(5)]
    seen = torch.cat([labels for _, labels in drawn])
    assert sorted(seen[:10].tolist()) == list(range(10))
    assert sorted(seen[10:].tolist()) == list(range(10))
    assert seen[:10].tolist() != seen[10:].tolist(), "each epoch has an order of its own"
    assert torch.equal(torch.cat([inputs for inputs, _ in drawn]), samples.inputs[seen])
    assert len(order.next(64)[1]) == 10


def test_losses_are_those_after_the_step_asked_for() -> None:
    trainer = Trainer(Settings())
    losses = [trainer.step().loss for _ in range(8)]
    assert trainer.frame().losses.tolist() == pytest.approx(losses)
    assert trainer.frame(since=5).losses.tolist() == pytest.approx(losses[5:])
    assert len(trainer.frame(since=8).losses) == 0


def test_a_restored_trainer_remembers_its_losses_and_gradient() -> None:
    trainer = _trained(5, strategy="weight_update", optimizer="sgd", learning_rate=0.1)
    other = Trainer(Settings())
    other.restore(trainer.state())
    one, two = trainer.frame(), other.frame()
    assert one.losses.tolist() == two.losses.tolist()
    gradient, again = dict(one.layers[0].factors), dict(two.layers[0].factors)
    assert gradient["gradient"].any()
    assert gradient["gradient"].tobytes() == again["gradient"].tobytes()


def test_a_restored_rank_grows_with_the_same_new_rows() -> None:
    settings = Settings(strategy="lora", rank=4)
    trainer = _trained(5, strategy="lora", rank=4)
    state = trainer.state()
    trainer.apply(Configure(settings.replace(rank=9)))
    other = Trainer(settings)
    other.restore(state)
    other.apply(Configure(settings.replace(rank=9)))
    for one, two in zip(trainer.frame().layers, other.frame().layers, strict=True):
        assert [m.tobytes() for _, m in one.factors] == [m.tobytes() for _, m in two.factors]


def test_before_is_before_and_after_is_after() -> None:
    trainer = Trainer(Settings())
    start = trainer.frame()
    for _ in range(50):
        trainer.step()
    now = trainer.frame()
    assert start.sample is not None
    assert now.sample is not None
    assert np.allclose(now.sample.before, start.sample.after, atol=1e-6)
    assert not np.allclose(now.sample.before, now.sample.after, atol=1e-3)
    assert now.start_source_accuracy == start.measurements.source_accuracy
    assert now.measurements.source_accuracy < start.measurements.source_accuracy


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw"])
def test_weight_decay_pulls(optimizer: str) -> None:
    plain = _trained(30, optimizer=optimizer, learning_rate=0.01, weight_decay=0.0)
    pulled = _trained(30, optimizer=optimizer, learning_rate=0.01, weight_decay=1.0)
    norms = [np.linalg.norm(t.frame().layers[1].updated) for t in (plain, pulled)]
    assert norms[1] < norms[0]


def test_a_lock_holds_against_the_optimizer_itself() -> None:
    trainer = _trained(5, optimizer="momentum", learning_rate=0.1)
    trainer.apply(Configure(trainer.settings.replace(frozen=("layer1",))))
    before = trainer.network.get_parameter("layer1.weight").detach().clone()
    with torch.no_grad():
        trainer.run._optimizer.step(0.1, 0.0)  # noqa: SLF001 - with whatever gradients and memory are left
    assert torch.equal(before, trainer.network.get_parameter("layer1.weight"))


def test_unlocking_starts_the_memory_afresh() -> None:
    trainer = _trained(20, optimizer="adam", learning_rate=0.01)
    trainer.apply(Configure(trainer.settings.replace(frozen=("layer1",))))
    assert "layer1.weight" not in trainer.state()["optimizer"]
    trainer.apply(Configure(trainer.settings.replace(frozen=())))
    before = trainer.frame().layers[0].updated
    trainer.step()
    assert abs(trainer.frame().layers[0].updated - before).max() <= 0.01 * 1.001


def test_history_replays_only_from_the_nearest_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(Settings())
    history = History(trainer)
    for _ in range(250):
        trainer.step()
        history.record_step()
    taken = 0
    step = Trainer.step

    def count(self: Trainer, **how: bool) -> object:
        nonlocal taken
        taken += 1
        return step(self, **how)

    monkeypatch.setattr(Trainer, "step", count)
    assert history.go_to(230) == 230
    assert taken == 30


MAX_POINTS = 200
"""Instead of thousands, for tests that fill all of them."""


def test_curves_stay_bounded_and_drop_what_was_taken_back() -> None:
    trainer = _trained(3)
    recorder = CurveRecorder(MAX_POINTS)
    for step in range(3 * MAX_POINTS):
        trainer.run.steps_taken = step * curve_interval(step * 500)
        recorder.record(trainer.run)
    assert len(recorder.between(-1, END).steps) <= MAX_POINTS
    assert (np.diff(recorder.between(-1, END).steps) > 0).all()
    last = recorder.between(-1, END).steps[-1]
    recorder.drop_from(int(last))
    assert recorder.between(-1, END).steps[-1] < last


def test_points_of_curves_stay_whole_when_others_go() -> None:
    trainer, recorder = _trained(0), CurveRecorder(MAX_POINTS)
    for number in range(MAX_POINTS + 1):
        trainer.run.steps_taken = 500 * number
        trainer.network.get_parameter("layer1.weight").data[0, 0] = number
        recorder.record(trainer.run)
        if number == 10:
            early = recorder.between(-1, END)
    late = recorder.between(-1, END)
    assert len(late.steps) == MAX_POINTS // 2 + 1
    assert (late.steps[:6] == early.steps[:11:2]).all()
    assert (late.relative_change[:6] == early.relative_change[:11:2]).all()
    assert (np.diff(late.relative_change[:, 0]) > 0).all()
    assert len(recorder.between(500 * MAX_POINTS - 1, END).steps) == 1


@pytest.mark.parametrize("together", [False, True])
def test_rank_and_alpha_changed_together_are_as_if_one_after_the_other(together: bool) -> None:
    settings = Settings(strategy="lora", rank=4, alpha=4.0)
    trainer = _trained(20, strategy="lora", rank=4, alpha=4.0)
    before = trainer.frame().layers[1].delta
    if not together:
        trainer.apply(Configure(settings.replace(rank=8)))
    trainer.apply(Configure(settings.replace(rank=8, alpha=8.0)))
    assert np.allclose(trainer.frame().layers[1].delta, 2 * before, atol=1e-6)


def test_a_run_is_alone_with_its_numbers() -> None:
    """Thread count and random numbers are its own, whatever else happens in the process."""
    settings = {"strategy": "lora", "dropout": 0.2, "label_noise": 0.1, "batch_norm": True}
    alone = _trained(20, **settings).run.losses_after(0).tolist()
    torch.set_num_threads(2)
    torch.manual_seed(7)
    np.random.seed(7)
    trainer = Trainer(Settings(**settings))
    assert torch.get_num_threads() == 1
    for _ in range(20):
        torch.rand(3)
        np.random.rand(3)
        trainer.step()
    assert trainer.run.losses_after(0).tolist() == alone
