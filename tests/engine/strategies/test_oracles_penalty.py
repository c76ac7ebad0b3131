"""L2-SP and EWC against their formulas, and the Fisher information against a loop over samples."""

import copy
from typing import Any

import pytest
import torch
from torch.nn import functional

from engine.model.quadratic_penalty import FISHER_BATCH_SIZE, compute_fisher
from engine.pretraining import load_pretrained
from engine.protocol.messages import Configure
from engine.protocol.settings import Settings
from engine.strategies.l2_sp import HEAD_DECAY
from engine.trainer import Trainer
from tests.engine.cover import some_of
from tests.engine.oracle_runs import BODY, batches, in_double, trained
from tests.engine.torch_networks import plain_network

NEW_HEAD = "digits-0-4-to-5-9"
RATE = 0.05


def _values(trainer: Trainer) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in trainer.network.named_parameters()}


def _gradients(trainer: Trainer) -> dict[str, torch.Tensor]:
    """∂(cross-entropy of the next batch)/∂θ, with nothing added to it."""
    ((inputs, labels),) = batches(trainer, 1)
    loss = functional.cross_entropy(trainer.network(inputs), labels)
    names, parameters = zip(*trainer.network.named_parameters(), strict=True)
    return dict(zip(names, torch.autograd.grad(loss, parameters), strict=True))


def _importance(trainer: Trainer) -> dict[str, torch.Tensor]:
    """EWC's F by parameter: of all that the source task trained, one matrix after the other."""
    network = trainer.network
    new = network.head.randomly_initialised
    kept = {n: p for n, p in network.named_parameters() if not (new and n.startswith("head."))}
    pieces = network.penalty_reference.importance.split([p.numel() for p in kept.values()])
    return {n: piece.view_as(kept[n]) for n, piece in zip(kept, pieces, strict=True)}


def _step_alone(trainer: Trainer) -> dict[str, torch.Tensor]:
    """What the step added to plain SGD's −η G, over −η: the gradient of the penalty."""
    before, gradients = _values(trainer), _gradients(trainer)
    trainer.step()
    after = _values(trainer)
    return {name: (before[name] - after[name]) / RATE - gradients[name] for name in before}


def _run(strategy: str, task: str, penalty: float) -> Trainer:
    trainer = trained(10, strategy=strategy, task=task, penalty=penalty,
                      optimizer="sgd", learning_rate=RATE)  # fmt: skip
    return in_double(trainer)


@pytest.mark.parametrize("penalty", [0.0, 0.1, 2.0])
@pytest.mark.parametrize("task", ["digits-to-rotated", NEW_HEAD])
def test_l2_sp_adds_its_formula(task: str, penalty: float) -> None:
    """α/2 ‖θ − θ*‖² + β/2 ‖new head‖²: gradients α (θ − θ*) and β θ."""
    trainer = _run("l2_sp", task, penalty)
    start = Trainer(trainer.settings).network
    now, value = _values(trainer), 0.0
    expected = {}
    for name, parameter in now.items():
        new = task == NEW_HEAD and name.startswith("head.")
        factor = HEAD_DECAY if new else penalty
        away = parameter if new else parameter - start.get_parameter(name).detach()
        expected[name] = factor * away
        value += factor / 2 * float((away**2).sum())
    found = trainer.run.strategy.penalty(trainer.network, trainer.settings).item()
    assert found == pytest.approx(value, abs=1e-9)
    for name, added in _step_alone(trainer).items():
        torch.testing.assert_close(added, expected[name], rtol=0, atol=1e-9)


@pytest.mark.parametrize("penalty", [0.0, 1.0, 100.0])
@pytest.mark.parametrize("task", ["digits-to-rotated", NEW_HEAD])
def test_ewc_adds_its_formula(task: str, penalty: float) -> None:
    """λ/2 Σ F (θ − θ*)²: gradient λ F (θ − θ*); a new head is left alone."""
    trainer = _run("ewc", task, penalty)
    start, fisher_of = Trainer(trainer.settings).network, _importance(trainer)
    now, value = _values(trainer), 0.0
    expected = {}
    for name, parameter in now.items():
        if task == NEW_HEAD and name.startswith("head."):
            expected[name] = torch.zeros_like(parameter)
            continue
        importance = fisher_of[name]
        assert importance.shape == parameter.shape
        assert (importance >= 0).all()
        assert importance.any()
        away = parameter - start.get_parameter(name).detach()
        expected[name] = penalty * importance * away
        value += penalty / 2 * float((importance * away**2).sum())
    found = trainer.run.strategy.penalty(trainer.network, trainer.settings).item()
    assert found == pytest.approx(value, abs=1e-9)
    for name, added in _step_alone(trainer).items():
        torch.testing.assert_close(added, expected[name], rtol=0, atol=1e-9)


@pytest.mark.parametrize("strategy", ["l2_sp", "ewc"])
def test_a_pull_of_nothing_is_full_fine_tuning(strategy: str) -> None:
    with_it, without = trained(20, strategy=strategy, penalty=0.0), trained(20)
    for name, parameter in without.network.named_parameters():
        torch.testing.assert_close(with_it.network.get_parameter(name), parameter)


@pytest.mark.parametrize("strategy", ["l2_sp", "ewc"])
def test_a_pull_changed_in_mid_run_acts_at_the_next_step(strategy: str) -> None:
    trainer = _run(strategy, "digits-to-rotated", 1.0)
    state = {name: value.clone() for name, value in trainer.network.state_dict().items()}
    once = _step_alone(trainer)
    trainer.network.load_state_dict(state)
    trainer.apply(Configure(trainer.settings.replace(penalty=3.0)))
    for name, added in _step_alone(trainer).items():
        torch.testing.assert_close(added, 3 * once[name], rtol=0, atol=1e-9)


# ---------------------------------------------------------------- the Fisher information


@pytest.mark.parametrize(
    ("samples", "batch_norm"),
    [(1, False), (FISHER_BATCH_SIZE - 1, False), (FISHER_BATCH_SIZE + 5, False), (20, True)],
)
def test_the_fisher_information_is_a_loop_over_samples_and_labels(
    samples: int, batch_norm: bool
) -> None:
    trainer = trained(0, batch_norm=batch_norm)
    inputs = torch.from_numpy(trainer.run.task.draw(0).source.train.inputs[:samples])
    parameters = dict(trainer.network.named_parameters())
    found = compute_fisher(trainer.network, trainer.network, tuple(parameters), inputs)
    assert found.keys() == parameters.keys()
    expected = {name: torch.zeros_like(p) for name, p in parameters.items()}
    for sample in inputs:
        for log_p in functional.log_softmax(trainer.network(sample[None]), 1)[0]:
            gradients = torch.autograd.grad(log_p, list(parameters.values()), retain_graph=True)
            for name, gradient in zip(parameters, gradients, strict=True):
                expected[name] += log_p.exp().detach() * gradient**2 / samples
    for name, diagonal in expected.items():
        torch.testing.assert_close(found[name], diagonal, rtol=1e-4, atol=1e-8)
        assert diagonal.any()


def test_it_is_what_drawing_labels_estimates() -> None:
    """Over many draws for one sample, the mean of (∂ log p(y))²."""
    trainer = trained(0)
    inputs = torch.from_numpy(trainer.run.task.draw(0).target.train.inputs)
    unsure = trainer.network(inputs).softmax(1).amax(1).argmin()
    sample = inputs[unsure][None]
    p = trainer.network(sample).softmax(1)[0].detach()
    assert p.max() < 0.7
    generator = torch.Generator().manual_seed(0)
    drawn = torch.multinomial(p, 20_000, replacement=True, generator=generator)
    estimate = (torch.eye(10)[drawn] - p).square().mean(0)
    found = compute_fisher(trainer.network, trainer.network, ("head.bias",), sample)
    torch.testing.assert_close(found["head.bias"], estimate, rtol=0.05, atol=1e-3)


def test_seeds_agree_how_much_the_source_depends_on_its_weights() -> None:
    """Networks this sure of themselves: drawn labels would lie a thousandfold apart."""
    means = []
    for seed in range(4):
        trainer = trained(0, strategy="ewc", task=NEW_HEAD, seed=seed)
        means.append(_importance(trainer)["layer2.weight"].mean())
    assert max(means) < 2 * min(means)


@pytest.mark.parametrize("task", some_of([NEW_HEAD, "digits-to-rotated"], 2))
def test_ewc_measures_on_the_sources_samples_with_the_sources_head(task: str) -> None:
    trainer = trained(0, strategy="ewc", task=task)
    start = load_pretrained(Settings(task=task))
    weights = [weight.clone().requires_grad_() for weight in start.body.values()]
    inputs = torch.from_numpy(trainer.run.task.draw(0).source.train.inputs)
    expected = [torch.zeros_like(weight) for weight in weights]
    for hidden in inputs:
        for weight in weights:
            hidden = torch.relu(weight @ hidden)
        outputs = start.head_weight @ hidden + start.head_bias
        for log_p in functional.log_softmax(outputs, 0):
            gradients = torch.autograd.grad(log_p, weights, retain_graph=True)
            for total, gradient in zip(expected, gradients, strict=True):
                total += log_p.exp().detach() * gradient**2 / len(inputs)
    for name, diagonal in zip(BODY, expected, strict=True):
        found = _importance(trainer)[f"{name}.weight"]
        torch.testing.assert_close(found, diagonal, rtol=1e-3, atol=1e-8)


# ---------------------------------------------------------------- rehearsal


@pytest.mark.parametrize("task", ["digits-to-rotated", NEW_HEAD])
def test_rehearsal_is_the_loop_that_everybody_writes(task: str) -> None:
    """One optimizer, the sum of two losses; the old one through the head the source uses."""
    settings: dict[str, Any] = {"strategy": "rehearsal", "task": task, "old_samples": 15}
    trainer = in_double(trained(0, **settings, learning_rate=0.01))
    source = trainer.run.task.draw(0).source.train
    inputs = torch.from_numpy(source.inputs[:15]).double()
    labels = torch.from_numpy(source.labels[:15])
    plain = plain_network(trainer.network).double()
    start, old = load_pretrained(Settings(task=task)), copy.deepcopy(plain)
    if task == NEW_HEAD:
        old.head = torch.nn.Linear(40, 5).double().requires_grad_(False)
        old.head.weight.copy_(start.head_weight)
        old.head.bias.copy_(start.head_bias)
        for name in BODY:
            setattr(old, name, plain.get_submodule(name))
    else:
        old = plain
    optimizer = torch.optim.Adam(plain.parameters(), lr=0.01)
    for batch, answers in batches(trainer, 10):
        optimizer.zero_grad()
        loss = functional.cross_entropy(plain(batch), answers)
        (loss + functional.cross_entropy(old(inputs), labels)).backward()
        optimizer.step()
        trainer.step()
    for name, parameter in plain.named_parameters():
        found = trainer.network.get_parameter(name)
        torch.testing.assert_close(found, parameter, rtol=0, atol=1e-9)


def test_rehearsal_keeps_samples_of_source_training_alone() -> None:
    trainer = trained(0, strategy="rehearsal", old_samples=100_000)
    source = trainer.run.task.draw(0).source.train
    kept = dict(trainer.network.penalty_reference.named_buffers())
    assert kept["inputs"].numpy().tobytes() == source.inputs.tobytes()
    assert kept["labels"].numpy().tobytes() == source.labels.tobytes()


def test_the_trace_of_a_step_is_the_batchs_and_not_of_the_old_samples() -> None:
    """With dropout, autograd goes back through both."""
    trainer = trained(2, strategy="rehearsal", dropout=0.3, batch_size=7)
    ((inputs, _),) = batches(trainer, 1)
    assert torch.equal(trainer.run.dry_run().inputs_and_grads["layer1"][0], inputs)
