"""Low-rank updates against PEFT: LoRA, rsLoRA, LoRA+, DoRA, PiSSA, QLoRA, LoftQ."""

import warnings
from types import ModuleType
from typing import Any

import pytest
import torch

from engine.model.low_rank import LowRank
from engine.protocol.network_shape import body_shapes
from engine.trainer import Trainer
from tests.engine.oracle_runs import (
    BODY,
    assert_agrees_with_peft,
    base_network,
    batches,
    in_double,
    in_peft,
    peft_layer,
    train_plainly,
    trained,
)

A_AND_B = {"lora_A": "lora_A.default.weight", "lora_B": "lora_B.default.weight"}
RANKS = pytest.mark.parametrize(("rank", "alpha"), [(1, None), (4, 8.0), (30, 1.0)])


def _config(trainer: Trainer, **more: Any) -> Any:
    from peft import LoraConfig

    settings = trainer.settings
    alpha = settings.scaling_alpha
    return LoraConfig(r=settings.rank, lora_alpha=alpha, target_modules=BODY, **more)


def _update(trainer: Trainer, name: str) -> LowRank:
    update = trainer.network.get_submodule(name).update
    assert isinstance(update, LowRank)
    return update


@pytest.fixture(scope="module")
def bitsandbytes() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of on import depends on the machine
        return pytest.importorskip("bitsandbytes").functional


def _rounded(bitsandbytes: ModuleType, weight: torch.Tensor) -> torch.Tensor:
    """W through bitsandbytes' NF4 with double quantisation and back."""
    packed, state = bitsandbytes.quantize_4bit(
        weight, blocksize=64, quant_type="nf4", compress_statistics=True
    )
    return bitsandbytes.dequantize_4bit(packed, state)


@RANKS
def test_lora(rank: int, alpha: float | None) -> None:
    trainer = trained(3, strategy="lora", rank=rank, alpha=alpha, learning_rate=0.01)
    assert_agrees_with_peft(trainer, in_peft(trainer, _config(trainer)), A_AND_B)


@RANKS
def test_rslora(rank: int, alpha: float | None) -> None:
    trainer = trained(3, strategy="rslora", rank=rank, alpha=alpha, learning_rate=0.01)
    assert_agrees_with_peft(trainer, in_peft(trainer, _config(trainer, use_rslora=True)), A_AND_B)


@RANKS
def test_dora(rank: int, alpha: float | None) -> None:
    trainer = trained(20, strategy="dora", rank=rank, alpha=alpha, learning_rate=0.01)
    names = {**A_AND_B, "magnitude": "lora_magnitude_vector.default.weight"}
    assert_agrees_with_peft(trainer, in_peft(trainer, _config(trainer, use_dora=True)), names)


def test_doras_magnitude_starts_as_pefts() -> None:
    trainer = trained(0, strategy="dora")
    model = in_peft(trainer, _config(trainer, use_dora=True))
    for name in BODY:
        theirs = peft_layer(model, name).lora_magnitude_vector.default.weight
        ours = trainer.network.get_parameter(f"{name}.update.magnitude")
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-6)


@pytest.mark.parametrize("alpha", [None, 8.0])
def test_pissa_starts_as_pefts_and_goes_on_so(alpha: float | None) -> None:
    trainer = trained(0, strategy="pissa", rank=4, alpha=alpha, learning_rate=0.01)
    model = in_peft(trainer, _config(trainer, init_lora_weights="pissa"))
    for name in BODY:
        ours, theirs = _update(trainer, name), peft_layer(model, name)
        scaling = theirs.scaling["default"]
        product = scaling * theirs.lora_B.default.weight @ theirs.lora_A.default.weight
        torch.testing.assert_close(ours.product(), product, rtol=0, atol=1e-6)
        residual = trainer.network.get_submodule(name).original - ours.start
        torch.testing.assert_close(residual, theirs.base_layer.weight, rtol=0, atol=1e-6)
        for vector in (ours.lora_A, ours.lora_B.T):  # √(S/s) on either side
            gram = vector @ vector.T * ours.scaling
            values = torch.linalg.svdvals(theirs.base_layer.weight + product)[:4]
            torch.testing.assert_close(gram, torch.diag(values), rtol=0, atol=1e-5)
    for _ in range(20):
        trainer.step()
    assert_agrees_with_peft(trainer, model, A_AND_B)


@pytest.mark.parametrize("ratio", [1.0, 4.0, 16.0])
def test_lora_plus_has_pefts_groups_and_comes_to_the_same_weights(ratio: float) -> None:
    from peft.optimizers import create_loraplus_optimizer

    trainer = trained(0, strategy="lora_plus", rate_ratio=ratio, learning_rate=1e-3)
    model = in_peft(trainer, _config(trainer))
    network = model.base_model.model.network
    network.head.requires_grad_(True)
    theirs = {"head.weight": network.head.weight, "head.bias": network.head.bias}
    for layer in BODY:
        for ours, name in A_AND_B.items():
            parameter = peft_layer(model, layer).get_parameter(name)
            parameter.data.copy_(trainer.network.get_parameter(f"{layer}.update.{ours}"))
            theirs[f"{layer}.update.{ours}"] = parameter
    optimizer = create_loraplus_optimizer(model, torch.optim.Adam, lr=1e-3, loraplus_lr_ratio=ratio)
    rates = {id(p): group["lr"] for group in optimizer.param_groups for p in group["params"]}
    speeds = trainer.run._optimizer.lr_multipliers  # noqa: SLF001
    for name, parameter in theirs.items():
        assert rates[id(parameter)] == 1e-3 * speeds[name], name
    drawn = batches(trainer, 40)
    for _ in drawn:
        trainer.step()
    train_plainly(network, optimizer, drawn)
    for name, parameter in theirs.items():
        ours = trainer.network.get_parameter(name)
        torch.testing.assert_close(ours, parameter, rtol=0, atol=1e-6)


# ---------------------------------------------------------------- in four bits


@pytest.mark.parametrize("seed", [0, 1])
def test_qloras_w_is_that_of_bitsandbytes_bit_for_bit(bitsandbytes: ModuleType, seed: int) -> None:
    before, trainer = trained(0, seed=seed), trained(0, strategy="qlora", seed=seed)
    for name in BODY:
        pretrained = before.network.get_submodule(name).original
        layer = trainer.network.get_submodule(name)
        rounded = _rounded(bitsandbytes, pretrained)
        assert torch.equal(layer.original, rounded)
        assert torch.equal(layer.weight, rounded)
        drawn = dict(trainer.run.strategy.factors(layer))
        assert torch.equal(drawn["rounding_error"], rounded - pretrained)
        scales = rounded / torch.where(drawn["codes"] == 0, torch.inf, drawn["codes"])
        used = scales.flatten()[scales.flatten() != 0]
        assert len(used) > 0.8 * scales.numel()
        blocks = used.unique().numel()  # one scale per block, but for its rounding
        assert blocks <= 3 * -(-scales.numel() // 64)


def test_qlora_is_pefts_lora_on_what_bitsandbytes_says(bitsandbytes: ModuleType) -> None:
    trainer = trained(3, strategy="qlora", rank=4, alpha=8.0, learning_rate=0.01)
    base = base_network(trainer)
    pretrained = trained(0).network
    with torch.no_grad():
        for name in BODY:
            rounded = _rounded(bitsandbytes, pretrained.get_submodule(name).original)
            base.get_submodule(name).weight.copy_(rounded)
    assert_agrees_with_peft(trainer, in_peft(trainer, _config(trainer), base), A_AND_B)


@pytest.mark.parametrize(("rank", "alpha"), [(1, None), (4, 8.0), (16, 4.0)])
def test_loftq_starts_from_bitsandbytes_nf4_and_the_svd_of_what_it_lost(
    bitsandbytes: ModuleType, rank: int, alpha: float | None
) -> None:
    pretrained = trained(0).network
    trainer = trained(0, strategy="loftq", rank=rank, alpha=alpha, learning_rate=0.01)
    base = base_network(trainer)
    for name in BODY:
        weight = pretrained.get_submodule(name).original
        rounded = _rounded(bitsandbytes, weight)
        left, values, right = torch.linalg.svd((weight - rounded).double(), full_matrices=False)
        repair = (left[:, :rank] * values[:rank]) @ right[:rank]
        layer, update = trainer.network.get_submodule(name), _update(trainer, name)
        torch.testing.assert_close(update.product().double(), repair, rtol=0, atol=1e-6)
        torch.testing.assert_close(layer.original.double(), rounded + repair, rtol=0, atol=1e-6)
        lost = dict(trainer.run.strategy.factors(layer))["rounding_error"]
        torch.testing.assert_close(lost, layer.original - weight, rtol=0, atol=0)
        assert lost.norm() < (rounded - weight).norm()
        with torch.no_grad():
            base.get_submodule(name).weight.copy_(rounded)
    for _ in range(3):
        trainer.step()
    assert_agrees_with_peft(trainer, in_peft(trainer, _config(trainer), base), A_AND_B)


def test_a_starts_as_pefts_does_and_b_at_zero() -> None:
    """U(±1/√in): kaiming_uniform with a = √5."""
    trainer = trained(0, strategy="lora", rank=30)
    for name, (_, inputs) in body_shapes().items():
        update = _update(trainer, name)
        bound = inputs**-0.5
        assert not update.lora_B.any()
        assert 0.95 * bound < update.lora_A.abs().max() <= bound
        assert update.lora_A.std().item() == pytest.approx(bound / 3**0.5, rel=0.1)


def test_in_double_the_run_is_the_same_run() -> None:
    one, other = trained(0, strategy="lora"), in_double(trained(0, strategy="lora"))
    for _ in range(3):
        assert one.step().loss == pytest.approx(other.step().loss, abs=1e-5)
