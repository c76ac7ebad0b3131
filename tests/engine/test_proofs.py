"""The lights on the rows: red in the very next frame, with the numbers, and green when repaired."""

import dataclasses
import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.low_rank import LowRank
from engine.network import Layer, Network, Update
from engine.protocol.messages import Configure, Proof
from engine.protocol.settings import Settings, strategy_names
from engine.strategies import STRATEGIES
from engine.trainer import Trainer
from tests.engine.oracles import BODY, trained

every_strategy = pytest.mark.parametrize("strategy", strategy_names())
CLAIMS = ("frozen", "zero_start", "rank", "sum", "merged")


def _proofs(trainer: Trainer) -> dict[tuple[str, str], Proof]:
    """(layer, claim) -> proof, of the frame that a window would get now."""
    return {
        (layer.name, proof.claim): proof
        for layer in trainer.frame().layers
        for proof in layer.proofs
    }


def _red(trainer: Trainer) -> dict[tuple[str, str], Proof]:
    return {key: proof for key, proof in _proofs(trainer).items() if not proof.holds}


def _bit_flipped(number: Tensor, bit: int) -> Tensor:
    return (number.view(torch.int32) ^ (1 << bit)).view(torch.float32)


@contextmanager
def _corrupted(tensor: Tensor, place: tuple[int, ...], value: Tensor) -> Iterator[None]:
    """One number of a tensor is another one for a while."""
    kept = tensor.detach()[place].clone()
    tensor.detach()[place] = value
    yield
    tensor.detach()[place] = kept


def _tensors(trainer: Trainer) -> dict[str, Tensor]:
    return trainer.network.state_dict(keep_vars=True)


# ---------------------------------------------------------------- frozen


def _never_moving(trainer: Trainer) -> list[str]:
    """float32 tensors of the drawn layers that may never move, by what is known of the network."""
    free = {name for name, p in trainer.network.named_parameters() if p.requires_grad}
    layers = dict(trainer.network.layers())
    names = []
    for name, tensor in _tensors(trainer).items():
        layer = next((n for n in layers if name.startswith(f"{n}.")), None)
        if layer is None or name in free or tensor.dtype != torch.float32:
            continue
        locked = not any(other.startswith(f"{layer}.") for other in free)
        part = name.removeprefix(f"{layer}.")
        constant = part.startswith(("original", "update.vera_", "update.start"))
        if isinstance(tensor, torch.nn.Parameter) or locked or constant:
            names.append(name)
    return names


@every_strategy
def test_one_bit_of_any_tensor_that_may_not_move_is_seen_in_the_next_frame(strategy: str) -> None:
    trainer = trained(6, strategy=strategy)
    if strategy not in ("linear_probe", "feature_head"):
        trainer.apply(Configure(trainer.settings.replace(frozen=("layer3",))))
    trainer.step()
    names = _never_moving(trainer)
    assert len(names) >= 4
    assert not _red(trainer)
    for name in names:
        tensor = _tensors(trainer)[name]
        place = tuple(size - 1 for size in tensor.shape)
        was = tensor.detach()[place].clone()
        layer = next(n for n, _ in trainer.network.layers() if name.startswith(f"{n}."))
        with _corrupted(tensor, place, _bit_flipped(was, 0)):
            proof = _red(trainer)[layer, "frozen"]
            now = float(tensor.detach()[place])
        assert (proof.found, proof.wanted, proof.step) == (now, float(was), 7), name
        assert proof.found != proof.wanted
        index = f"[{', '.join(map(str, place))}]" if place else ""
        assert proof.where == name.removeprefix(f"{layer}.") + index
        assert not proof.lesson
        assert not _red(trainer), name


@pytest.mark.parametrize("bit", range(32))
def test_any_bit_is_one_too_many(bit: int) -> None:
    trainer = trained(3, strategy="lora")
    weight = trainer.network.get_parameter("layer2.weight")
    was = weight.detach()[17, 5].clone()
    with _corrupted(weight, (17, 5), _bit_flipped(was, bit)):
        proof = _red(trainer)["layer2", "frozen"]
        assert proof.where == "weight[17, 5]"
        assert proof.wanted == float(was)
        now = float(weight.detach()[17, 5])
        assert proof.found == now or (math.isnan(proof.found) and math.isnan(now))
    assert not _red(trainer)


SPECIAL = {"0": 0.0, "−0": -0.0, "NaN": math.nan, "∞": math.inf, "−∞": -math.inf, "tiny": 1e-45}


@pytest.mark.parametrize("then", SPECIAL)
@pytest.mark.parametrize("now", SPECIAL)
def test_zero_is_not_minus_zero_and_nan_is_itself(then: str, now: str) -> None:
    """A NaN or an infinity that was there when the layer was frozen may stay."""
    trainer = Trainer(Settings())
    weight = trainer.network.get_parameter("layer2.weight")
    weight.detach()[3, 4] = SPECIAL[then]
    trainer.apply(Configure(Settings(frozen=("layer2",))))
    assert ("layer2", "frozen") not in _red(trainer)
    weight.detach()[3, 4] = SPECIAL[now]
    red = _red(trainer)
    assert (("layer2", "frozen") in red) == (then != now)
    if then != now:
        proof = red["layer2", "frozen"]
        shown = np.array([proof.found, proof.wanted], np.float32)
        assert shown.tobytes() == np.array([SPECIAL[now], SPECIAL[then]], np.float32).tobytes()


def test_it_is_dated_from_when_it_was_first_seen_until_it_is_repaired() -> None:
    trainer = trained(4, frozen=("layer1",))
    weight = trainer.network.get_parameter("layer1.weight")
    assert _proofs(trainer)["layer1", "frozen"].step == 0
    was = weight.detach()[0, 0].clone()
    with _corrupted(weight, (0, 0), torch.tensor(7.0)):
        trainer.step()
        assert _red(trainer)["layer1", "frozen"].step == 5
        for _ in range(3):
            trainer.step()
        assert _red(trainer)["layer1", "frozen"].step == 5
    assert _proofs(trainer)["layer1", "frozen"].holds
    trainer.step()
    weight.detach()[0, 0] = 8.0
    proof = _red(trainer)["layer1", "frozen"]
    assert (proof.step, proof.found, proof.wanted) == (9, 8.0, float(was))


def test_it_holds_since_the_step_at_which_it_was_locked() -> None:
    trainer = trained(11)
    trainer.apply(Configure(trainer.settings.replace(frozen=("layer2",))))
    for _ in range(5):
        trainer.step()
    proofs = _proofs(trainer)
    assert proofs["layer2", "frozen"].step == 11
    assert proofs["layer1", "frozen"].step == 0  # of W, which nothing ever moves
    trainer.apply(Configure(trainer.settings.replace(frozen=("layer2", "layer1"))))
    assert _proofs(trainer)["layer2", "frozen"].step == 11
    assert _proofs(trainer)["layer1", "frozen"].step == 16


def test_a_change_of_settings_hides_nothing() -> None:
    trainer = trained(5, frozen=("layer1",), batch_norm=True)
    trainer.network.get_parameter("layer1.weight").detach()[1, 1] = 7.0
    for changes in ({"learning_rate": 1e-4}, {"freeze_statistics": True}, {"dropout": 0.1},
                    {"frozen": ("layer1", "layer2")}):  # fmt: skip
        trainer.apply(Configure(trainer.settings.replace(**changes)))
        proof = _red(trainer)["layer1", "frozen"]
        assert (proof.found, proof.where, proof.lesson) == (7.0, "weight[1, 1]", False)


def test_a_frozen_matrix_of_another_shape_is_seen() -> None:
    trainer = trained(5, strategy="lora", frozen=("layer2",))
    trainer.network.get_parameter("layer2.update.lora_B").data = torch.zeros(40, 7)
    trainer.network.get_parameter("layer2.update.lora_A").data = torch.zeros(7, 40)
    for _ in range(2):
        proof = _red(trainer)["layer2", "frozen"]
        assert (proof.found, proof.wanted, proof.where) == (280.0, 160.0, "update.lora_A")
        trainer.apply(Configure(trainer.settings.replace(learning_rate=1e-4)))


# ---------------------------------------------------------------- BatchNorm's statistics


def test_statistics_that_move_under_a_lock_are_a_lesson() -> None:
    trainer = trained(3, batch_norm=True)
    trainer.apply(Configure(trainer.settings.replace(frozen=("layer1",))))
    assert not _red(trainer)
    before = trainer.network.get_buffer("layer1.norm.running_mean").clone()
    trainer.step()
    red = _red(trainer)
    assert set(red) == {("layer1", "frozen")}
    proof = red["layer1", "frozen"]
    now = trainer.network.get_buffer("layer1.norm.running_mean")
    first = int((now != before).nonzero()[0])
    assert proof.where == f"norm.running_mean[{first}]"
    assert (proof.found, proof.wanted, proof.step) == (float(now[first]), float(before[first]), 4)
    assert proof.lesson
    trainer.apply(Configure(trainer.settings.replace(freeze_statistics=True)))
    for _ in range(3):
        assert not _red(trainer)
        trainer.step()
    trainer.apply(Configure(trainer.settings.replace(freeze_statistics=False)))
    trainer.step()
    assert _red(trainer)["layer1", "frozen"].lesson


def test_statistics_that_move_although_they_are_still_are_our_bug() -> None:
    trainer = trained(3, batch_norm=True, frozen=("layer1",), freeze_statistics=True)
    assert not _red(trainer)
    trainer.network.get_buffer("layer1.norm.running_var")[2] = 9.0
    proof = _red(trainer)["layer1", "frozen"]
    assert (proof.found, proof.where, proof.lesson) == (9.0, "norm.running_var[2]", False)


def test_our_bug_is_not_hidden_by_their_lesson() -> None:
    trainer = trained(3, strategy="lora", batch_norm=True, frozen=("layer1",))
    assert _red(trainer)["layer1", "frozen"].lesson
    trainer.step()
    with _corrupted(trainer.network.get_parameter("layer1.update.lora_A"), (0, 0),
                    torch.tensor(3.0)):  # fmt: skip
        proof = _red(trainer)["layer1", "frozen"]
        assert (proof.where, proof.found, proof.step) == ("update.lora_A[0, 0]", 3.0, 4)
        assert not proof.lesson
    assert _red(trainer)["layer1", "frozen"].lesson


# ---------------------------------------------------------------- ΔW = 0 at the start


def test_a_strategy_that_does_not_start_at_zero_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    lora = STRATEGIES["lora"]

    def apply(network: Network, settings: Settings, generator: torch.Generator) -> None:
        lora.apply(network, settings, generator)
        update = network.body[1].update
        assert isinstance(update, LowRank)
        with torch.no_grad():
            update.lora_B[0, 0], update.lora_A[0] = 0.5, 0.25

    monkeypatch.setitem(STRATEGIES, "lora", dataclasses.replace(lora, apply=apply))
    trainer = Trainer(Settings(strategy="lora"))
    for _ in range(2):
        red = _red(trainer)
        assert set(red) == {("layer2", "zero_start")}
        proof = red["layer2", "zero_start"]
        assert (proof.found, proof.wanted, proof.step) == (0.125, 0.0, 0)
        assert not proof.lesson
    trainer.step()
    assert _red(trainer)["layer2", "zero_start"].step == 0


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
    assert _proofs(trainer)["layer2", "rank"].found == 3
    target = trainer.network.body[1].update
    product = LowRank.product

    def wider(self: LowRank) -> Tensor:
        made = product(self)
        return made + _add_direction(made, 1e-3) if self is target else made

    monkeypatch.setattr(LowRank, "product", wider)
    red = _red(trainer)
    proof = red["layer2", "rank"]
    assert (proof.found, proof.wanted, proof.step, proof.lesson) == (4.0, 3.0, 20, False)
    assert {name for name, claim in red if claim == "rank"} == {"layer2"}
    monkeypatch.undo()
    assert not _red(trainer)


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
    proof = _red(trainer)["layer3", "rank"]
    assert (proof.found, proof.wanted, proof.step) == (found, wanted, 20)
    for name, tensor in kept.items():
        tensors[name].data = tensor
    assert not _red(trainer)


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
    red = _red(trainer)
    assert {(name, "sum"), (name, "merged"), ("head", "merged")} == set(red)
    assert red[name, "sum"].found == pytest.approx(1e-3, rel=1e-2)
    assert red[name, "merged"].found > 10 * red[name, "merged"].wanted
    for proof in red.values():
        assert proof.step == 10
        assert not proof.lesson
    monkeypatch.undo()
    assert not _red(trainer)


def test_one_weight_of_a_merge_that_is_off_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = trained(10, strategy="lora")
    target, updated = trainer.network.body[0], Layer.updated

    def off(self: Layer) -> Tensor:
        made = updated(self).clone()
        if self is target:
            made[2, 3] += 1e-3
        return made

    monkeypatch.setattr(Layer, "updated", off)
    red = _red(trainer)
    assert red["layer1", "sum"].found == pytest.approx(1e-3, rel=1e-2)
    assert ("layer1", "merged") in red


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_merge_that_is_no_number_is_seen(value: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where W and ΔW are numbers, W′ must be one."""
    trainer = trained(10, strategy="lora")
    target, updated = trainer.network.body[1], Layer.updated

    def off(self: Layer) -> Tensor:
        made = updated(self)
        return torch.full_like(made, value) if self is target else made

    monkeypatch.setattr(Layer, "updated", off)
    red = _red(trainer)
    assert {("layer2", "sum"), ("layer2", "merged"), ("head", "merged")} <= set(red)
    assert not math.isfinite(red["layer2", "sum"].found)


@pytest.mark.parametrize("strategy", sorted({
    "lora", "dora", "pissa", "adalora", "vera", "ia3", "prompt", "prefix",
}))  # fmt: skip
def test_a_branch_that_says_something_else_is_seen(
    strategy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = trained(10, strategy=strategy)
    kind = type(trainer.network.body[0].update)
    branch = kind.branch
    assert issubclass(kind, Update)

    def off(self: Update, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return branch(self, inputs, weight, bias) * 1.01 + 1e-3

    monkeypatch.setattr(kind, "branch", off)
    red = _red(trainer)
    assert {claim for _, claim in red} == {"merged"}
    assert ("layer1", "merged") in red
    assert ("head", "merged") in red


def test_a_delta_that_is_not_the_difference_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = trained(10)
    delta = Layer.delta
    monkeypatch.setattr(Layer, "delta", lambda self: delta(self) + 1e-3)
    red = _red(trainer)
    assert {(name, "sum") for name in (*BODY, "head")} <= set(red)
    assert red["layer1", "sum"].found == pytest.approx(1e-3, rel=1e-2)


def test_every_layer_has_the_lights_that_it_can_have() -> None:
    proofs = _proofs(trained(0, strategy="lora"))
    assert [claim for name, claim in proofs if name == "layer1"] == list(CLAIMS)
    assert ("head", "rank") not in proofs
    assert ("layer1", "rank") not in _proofs(trained(0, strategy="dora"))
