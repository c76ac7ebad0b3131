"""AdaLoRA against PEFT: the arithmetic, the penalty, and the whole course of pruning."""

from typing import Any

import pytest
import torch
from msgspec.structs import replace

from engine.model.network import Network
from engine.protocol.messages import Configure
from engine.protocol.settings import Settings
from engine.strategies.adalora import AdaLoraUpdate, RankBudget, make_rank_budget
from engine.trainer import Trainer
from tests.engine.oracle_runs import (
    BODY,
    assert_agrees_with_peft,
    in_peft,
    peft_layer,
    trained,
)

NAMES = {f"lora_{letter}": f"lora_{letter}.default" for letter in "AEB"}


def _config(settings: Settings) -> Any:
    from peft import AdaLoraConfig

    plan = make_rank_budget(settings)
    return AdaLoraConfig(
        target_modules=BODY,
        init_r=plan.start_rank,
        target_r=plan.rank,
        lora_alpha=settings.scaling_alpha,
        total_step=plan.total_steps,
        tinit=plan.warmup_end_step,
        tfinal=plan.total_steps - plan.pruning_end_step,
        deltaT=plan.pruning_interval_steps,
    )


def _update(trainer: Trainer, name: str) -> AdaLoraUpdate:
    update = trainer.network.get_submodule(name).update
    assert isinstance(update, AdaLoraUpdate)
    return update


@pytest.mark.parametrize(("rank", "alpha", "steps"), [(1, None, 20), (4, 8.0, 20), (20, 4.0, 20)])
def test_outputs_gradients_penalty_and_delta(rank: int, alpha: float | None, steps: int) -> None:
    trainer = trained(steps, strategy="adalora", rank=rank, alpha=alpha, total_steps=100)
    assert_agrees_with_peft(trainer, in_peft(trainer, _config(trainer.settings)), NAMES)


def test_the_scaling_stays_that_of_the_first_rank_after_pruning() -> None:
    trainer = trained(60, strategy="adalora", rank=4, total_steps=60)
    assert any(not _update(trainer, name).kept.all() for name in BODY)
    assert_agrees_with_peft(trainer, in_peft(trainer, _config(trainer.settings)), NAMES)


def test_it_starts_as_peft_does() -> None:
    trainer = trained(0, strategy="adalora", rank=20)
    model = in_peft(trainer, _config(trainer.settings))
    for name in BODY:
        ours, theirs = _update(trainer, name), peft_layer(model, name)
        assert not ours.lora_E.any()
        for letter in "AB":
            spread = theirs.get_parameter(f"lora_{letter}.default").std().item()
            assert spread == pytest.approx(0.02, rel=0.1)
            found = ours.get_parameter(f"lora_{letter}").std().item()
            assert found == pytest.approx(0.02, rel=0.1)


@pytest.mark.parametrize(("total", "rank"), [(60, 4), (60, 1), (130, 6), (20, 28)])
def test_pruning_goes_as_in_peft_step_for_step(total: int, rank: int) -> None:
    """The same weights and gradients at every step give the same masks and the same E."""
    trainer = trained(0, strategy="adalora", rank=rank, total_steps=total)
    model = in_peft(trainer, _config(trainer.settings)).float()
    trainer = trained(0, strategy="adalora", rank=rank, total_steps=total)
    own = trainer.run.strategy.after_step
    left: list[int] = []

    def both(network: Network, settings: Settings, step: int) -> None:
        for name in BODY:
            ours, theirs = _update(trainer, name), peft_layer(model, name)
            for letter in "AEB":
                parameter = theirs.get_parameter(f"lora_{letter}.default")
                parameter.data.copy_(ours.get_parameter(f"lora_{letter}"))
                parameter.grad = ours.get_parameter(f"lora_{letter}").grad.clone()
        model.base_model.update_and_allocate(step - 1)
        assert own is not None
        own(network, settings, step)
        for name in BODY:
            theirs = peft_layer(model, name).get_parameter("lora_E.default")
            assert torch.equal(_update(trainer, name).lora_E, theirs), (step, name)
        left.append(sum(int(_update(trainer, name).lora_E.count_nonzero()) for name in BODY))

    trainer.run.strategy = replace(trainer.run.strategy, after_step=both)
    for _ in range(total + 5):
        trainer.step()
    pattern = model.base_model.peft_config["default"].rank_pattern
    for name in BODY:
        (mask,) = (value for key, value in pattern.items() if f".{name}." in key)
        assert _update(trainer, name).kept[:, 0].bool().tolist() == mask
    plan = make_rank_budget(trainer.settings)
    assert left[plan.warmup_end_step] == plan.start_rank * 3
    assert set(left[plan.pruning_end_step :]) == {plan.rank * 3}
    assert left[-1] < left[0] == plan.start_rank * 3


@pytest.mark.parametrize("total", [1, 2, 3, 4, 7, 59, 60, 300, 1001])
def test_every_length_of_run_ends_within_its_budget(total: int) -> None:
    plan = RankBudget(6, 4, total)
    assert plan.warmup_end_step < plan.pruning_end_step <= total
    counts = [plan.count_remaining(step, 3) for step in range(plan.pruning_end_step + 1)]
    pruned = [count for count in counts if count is not None]
    assert pruned[-1] == 12
    assert pruned == sorted(pruned, reverse=True)
    assert all(12 <= count <= 18 for count in pruned)


def test_a_locked_layer_is_not_pruned_and_the_others_share_their_own_budget() -> None:
    trainer = trained(0, strategy="adalora", rank=4, total_steps=40)
    for _ in range(3):
        trainer.step()
    trainer.apply(Configure(trainer.settings.replace(frozen=("layer2",))))
    held = _update(trainer, "layer2").lora_E.detach().clone()
    for _ in range(40):
        trainer.step()
    assert torch.equal(_update(trainer, "layer2").lora_E, held)
    assert _update(trainer, "layer2").kept.all()
    alive = sum(int(_update(trainer, n).lora_E.count_nonzero()) for n in ("layer1", "layer3"))
    assert alive == 2 * 4


def test_what_was_pruned_stays_zero_when_a_layer_is_unlocked_after_the_end() -> None:
    trainer = trained(0, strategy="adalora", rank=4, total_steps=40)
    for _ in range(35):
        trainer.step()
    kept = _update(trainer, "layer2").kept.clone()
    trainer.apply(Configure(trainer.settings.replace(frozen=("layer2",))))
    for _ in range(3):
        trainer.step()
    trainer.apply(Configure(trainer.settings.replace(frozen=())))
    for _ in range(5):
        trainer.step()
    update = _update(trainer, "layer2")
    assert torch.equal(update.kept, kept)
    assert torch.equal(update.lora_E != 0, kept.bool())
