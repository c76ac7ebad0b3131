"""The other lights: red in the very next frame, with the numbers, and green when repaired."""

import math

import pytest
import torch
from msgspec.structs import replace
from torch import Tensor

from engine.model.layer import Layer, Update
from engine.model.low_rank import LowRank
from engine.model.network import Network
from engine.protocol.settings import Settings
from engine.strategies import STRATEGIES
from engine.trainer import Trainer
from tests.engine.check_results import lights, red
from tests.engine.oracle_runs import BODY, trained

CLAIMS = ("frozen", "zero_start", "rank", "sum", "merged")


# ---------------------------------------------------------------- ΔW = 0 at the start


def test_a_strategy_that_does_not_start_at_zero_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    lora = STRATEGIES["lora"]

    def apply(network: Network, settings: Settings, generator: torch.Generator) -> None:
        lora.apply(network, settings, generator)
        update = network.body[1].update
        assert isinstance(update, LowRank)
        with torch.no_grad():
            update.lora_B[0, 0], update.lora_A[0] = 0.5, 0.25

    monkeypatch.setitem(STRATEGIES, "lora", replace(lora, apply=apply))
    trainer = Trainer(Settings(strategy="lora"))
    for _ in range(2):
        failed = red(trainer.frame())
        assert set(failed) == {("layer2", "zero_start")}
        check = failed["layer2", "zero_start"]
        assert (check.value, check.expected, check.step) == (0.125, 0.0, 0)
        assert not check.by_settings
    trainer.step()
    assert red(trainer.frame())["layer2", "zero_start"].step == 0


# ---------------------------------------------------------------- rank(ΔW) ≤ r


def _add_direction(matrix: Tensor, size: float) -> Tensor:
    """A direction of a given length that the matrix has not."""
    out, inputs = matrix.shape
    column = torch.randn(out, 1, generator=torch.Generator().manual_seed(1))
    row = torch.randn(1, inputs, generator=torch.Generator().manual_seed(2))
    new = column @ row
    return size * new / new.norm()


@pytest.mark.parametrize("strategy", ["lora", "rslora", "lora_plus", "qlora"])
def test_a_fourth_direction_in_a_rank_three_update_is_seen(
    strategy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = trained(20, strategy=strategy, rank=3)
    assert lights(trainer.frame())["layer2", "rank"].value == 3
    target = trainer.network.body[1].update
    product = LowRank.product

    def wider(self: LowRank, rows: slice | None = None) -> Tensor:
        made = product(self, rows)
        return made + _add_direction(made, 1e-3) if self is target else made

    monkeypatch.setattr(LowRank, "product", wider)
    failed = red(trainer.frame())
    check = failed["layer2", "rank"]
    assert (check.value, check.expected, check.step, check.by_settings) == (4.0, 3.0, 20, False)
    assert {name for name, claim in failed if claim == "rank"} == {"layer2"}
    monkeypatch.undo()
    assert not red(trainer.frame())


@pytest.mark.parametrize(
    ("strategy", "names", "more", "found", "wanted"),
    [
        ("lora", {"lora_B": 1, "lora_A": 0}, 1, 4, 3),
        ("vera", {"vera_B": 1, "vera_A": 0, "vera_d": 0}, 1, 4, 3),
        ("adalora", {"lora_B": 1, "lora_E": 0, "lora_A": 0}, 2, 7, 5),
        # B A − B₀ A₀: 3 + 4 directions, and 3 of the start
        ("pissa", {"lora_B": 1, "lora_A": 0}, 4, 10, 6),
    ],
)
def test_wider_factors_are_seen(
    strategy: str, names: dict[str, int], more: int, found: int, wanted: int
) -> None:
    trainer = trained(20, strategy=strategy, rank=3)
    tensors = trainer.network.body[2].update.state_dict(keep_vars=True)
    kept = {name: tensors[name].detach().clone() for name in names}
    generator = torch.Generator().manual_seed(0)
    for name, dim in names.items():
        shape = [more if d == dim else size for d, size in enumerate(kept[name].shape)]
        new = torch.empty(shape).normal_(generator=generator)
        tensors[name].data = torch.cat([kept[name], new], dim)
    check = red(trainer.frame())["layer3", "rank"]
    assert (check.value, check.expected, check.step) == (found, wanted, 20)
    for name, tensor in kept.items():
        tensors[name].data = tensor
    assert not red(trainer.frame())


# ---------------------------------------------------------------- W′ = W + ΔW, and merging


@pytest.mark.parametrize("strategy", ["full", "lora", "dora", "pissa", "ia3", "linear_probe"])
@pytest.mark.parametrize("name", ["layer2", "head"])
def test_a_merge_that_is_off_is_seen(
    strategy: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = trained(10, strategy=strategy)
    target, updated = trainer.network.get_submodule(name), Layer.updated

    def off(self: Layer) -> Tensor:
        made = updated(self)
        return made + 1e-3 if self is target else made

    monkeypatch.setattr(Layer, "updated", off)
    failed = red(trainer.frame())
    assert {(name, "sum"), (name, "merged"), ("head", "merged")} == set(failed)
    assert failed[name, "sum"].value == pytest.approx(1e-3, rel=1e-2)
    assert failed[name, "merged"].value > 10 * failed[name, "merged"].expected
    for check in failed.values():
        assert check.step == 10
        assert not check.by_settings
    monkeypatch.undo()
    assert not red(trainer.frame())


def test_one_weight_of_a_merge_that_is_off_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = trained(10, strategy="lora")
    target, updated = trainer.network.body[0], Layer.updated

    def off(self: Layer) -> Tensor:
        made = updated(self).clone()
        if self is target:
            made[2, 3] += 1e-3
        return made

    monkeypatch.setattr(Layer, "updated", off)
    failed = red(trainer.frame())
    assert failed["layer1", "sum"].value == pytest.approx(1e-3, rel=1e-2)
    assert ("layer1", "merged") in failed


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_merge_that_is_no_number_is_seen(value: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where W and ΔW are numbers, W′ must be one."""
    trainer = trained(10, strategy="lora")
    target, updated = trainer.network.body[1], Layer.updated

    def off(self: Layer) -> Tensor:
        made = updated(self)
        return torch.full_like(made, value) if self is target else made

    monkeypatch.setattr(Layer, "updated", off)
    failed = red(trainer.frame())
    assert {("layer2", "sum"), ("layer2", "merged"), ("head", "merged")} <= set(failed)
    assert not math.isfinite(failed["layer2", "sum"].value)


@pytest.mark.parametrize("strategy", sorted({
    "lora", "dora", "pissa", "adalora", "vera", "ia3", "prompt", "prefix",
}))  # fmt: skip
def test_a_branch_that_says_something_else_is_seen(
    strategy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = trained(10, strategy=strategy)
    kind = type(trainer.network.body[0].update)
    branch = kind.unmerged_output
    assert issubclass(kind, Update)

    def off(self: Update, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return branch(self, inputs, weight, bias) * 1.01 + 1e-3

    monkeypatch.setattr(kind, "unmerged_output", off)
    failed = red(trainer.frame())
    assert {claim for _, claim in failed} == {"merged"}
    assert ("layer1", "merged") in failed
    assert ("head", "merged") in failed


def test_a_delta_that_is_not_the_difference_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = trained(10)
    delta = Layer.delta
    monkeypatch.setattr(Layer, "delta", lambda self: delta(self) + 1e-3)
    failed = red(trainer.frame())
    assert {(name, "sum") for name in (*BODY, "head")} <= set(failed)
    assert failed["layer1", "sum"].value == pytest.approx(1e-3, rel=1e-2)


def test_every_layer_has_the_lights_that_it_can_have() -> None:
    checks = lights(trained(0, strategy="lora").frame())
    assert [claim for name, claim in checks if name == "layer1"] == list(CLAIMS)
    assert ("head", "rank") not in checks
    assert ("layer1", "rank") not in lights(trained(0, strategy="dora").frame())
