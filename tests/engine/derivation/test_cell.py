"""A cell worked out by hand, against autograd, torch.optim and the step that was really taken."""

import copy
import math
import re
import zlib
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from engine.derivation.cell import derive_cell
from engine.derivation.step import TracedStep
from engine.protocol.derivation import CellAddress, CellDerivation, DerivationLine
from engine.protocol.messages import Configure, Frame, FrameOptions
from engine.protocol.settings import OPTIMIZER_LABELS, Settings
from engine.strategies import STRATEGIES
from engine.trainer import Trainer
from tests.arithmetic import evaluate
from tests.engine.cover import each_with
from tests.engine.oracle_runs import batches, trained
from tests.engine.training.test_oracles_optimizers import ORACLES

AIDS: tuple[dict[str, Any], ...] = (
    {},
    {"weight_decay": 0.1, "batch_size": 7},
    {"schedule": "cosine", "warmup_steps": 3, "total_steps": 40, "label_noise": 0.2},
    {"dropout": 0.3, "batch_size": 64, "frozen": ("layer2",)},
    {"schedule": "slanted", "total_steps": 30, "weight_decay": 0.01, "batch_size": 1},
)
"""What else is set, in turn."""


def derive(trainer: Trainer, address: CellAddress) -> CellDerivation | None:
    return derive_cell(trainer.run, trainer.frame_builder.last_trace, address, {})


def work_out(line: DerivationLine) -> float:
    """What its numbers come to."""
    if not line.pattern:
        return line.scale * math.fsum(line.products.astype(np.float64).prod(axis=1))
    return evaluate(line.pattern.format(*(f"({number!r})" for number in line.numbers)))


def size(line: DerivationLine) -> float:
    """How large what is added up is."""
    if line.pattern:
        return max((abs(number) for number in line.numbers), default=0.0)
    return abs(line.scale) * float(np.abs(line.products.astype(np.float64).prod(axis=1)).sum())


def assert_lines_are_what_they_say(found: CellDerivation) -> None:
    for line in (*found.value_lines, *found.move, *found.path):
        near = 1e-12 if line.pattern else 1e-6 * size(line)
        assert work_out(line) == pytest.approx(line.value, rel=1e-6, abs=near + 1e-30), line


def cells(frame: Frame, rng: np.random.Generator) -> list[tuple[CellAddress, float]]:
    """Of each kind of matrix of each kind of layer a cell, and where one moves a cell of that.

    Returns: the addresses, drawn at random, and what is shown there.
    """
    every: dict[tuple[str, str, bool], list[tuple[str, Any]]] = {}
    for layer in frame.layers:
        kind = re.sub(r"\d", "", layer.name)
        own = (("weight", layer.weight), ("delta", layer.delta), ("updated", layer.updated))
        for name, matrix in (*own, *layer.factors):
            every.setdefault((kind, name, layer.trainable), []).append((layer.name, matrix))
    drawn = []
    for (_, name, _), choices in every.items():
        layer_name, matrix = choices[rng.integers(len(choices))]
        row, column = (int(rng.integers(side)) for side in matrix.shape)
        drawn.append((CellAddress(layer_name, row, column, name), float(matrix[row, column])))
    return drawn


def gradients_in_double(trainer: Trainer) -> dict[str, Tensor]:
    """Parameter -> the coming step's gradient in double precision, by autograd; no noise."""
    network = copy.deepcopy(trainer.network).double()
    ((inputs, labels),) = batches(trainer, 1)
    loss = functional.cross_entropy(network(inputs.double()), labels)
    if trainer.run.strategy.penalty is not None:
        loss = loss + trainer.run.strategy.penalty(network, trainer.settings)
    free = {n: p for n, p in network.named_parameters() if p.requires_grad}
    found = torch.autograd.grad(loss, list(free.values()), allow_unused=True) if free else ()
    return {n: g for n, g in zip(free, found, strict=True) if g is not None}


def stepped(trainer: Trainer, state: dict[str, Any], name: str, rate: float) -> Tensor:
    """What torch.optim makes of a parameter with the trainer's gradient. Args: state: before."""
    settings = trainer.settings
    parameter = torch.from_numpy(state["network"][name].copy()).double().requires_grad_()
    decay = {} if settings.weight_decay is None else {"weight_decay": settings.weight_decay}
    optimizer = ORACLES[settings.optimizer]([parameter], lr=rate, **decay)
    memory = state["optimizer"].get(name, {})
    if memory:
        kept = {key: torch.from_numpy(value.copy()) for key, value in memory.items()}
        optimizer.state[parameter] = {
            key: value if key == "step" else value.double() for key, value in kept.items()
        }
    gradient = trainer.network.get_parameter(name).grad
    assert gradient is not None
    parameter.grad = gradient.double()
    optimizer.step()
    return parameter.detach()


def check_step(trainer: Trainer, rng: np.random.Generator, *, rounded: bool = False) -> set[str]:
    """Take a step, looking into it, and hold every number against the others.

    Args: rounded: rounding decides about the gradients, so that doubles have others.
    Returns: the parameters of which a number's move was checked.
    """
    noisy = trainer.settings.dropout > 0 or trainer.settings.batch_norm
    state, expected = trainer.state(), {} if noisy or rounded else gradients_in_double(trainer)
    eta = trainer.run.learning_rate()
    report = trainer.step(traced=True)
    inside, frame = trainer.frame_builder.last_trace, trainer.frame()
    assert inside is not None
    assert (inside.step, inside.dry_run.loss) == (trainer.steps_taken, report.loss)
    parameters = dict(trainer.network.named_parameters())
    taken = {name: p.grad for name, p in parameters.items() if p.grad is not None}
    assert inside.dry_run.gradients.keys() == taken.keys()
    assert all(torch.equal(gradient, taken[n]) for n, gradient in inside.dry_run.gradients.items())
    seen = set()
    for address, shown in cells(frame, rng):
        found = derive(trainer, address)
        assert found is not None
        assert found.step == trainer.steps_taken
        assert found.value == pytest.approx(shown, rel=1e-5, abs=1e-7), address
        assert_lines_are_what_they_say(found)
        if found.value_lines:
            last = found.value_lines[-1]
            assert last.value == pytest.approx(shown, rel=1e-6, abs=2e-6 * size(last)), address
        if found.moved not in parameters:
            continue
        name, moved = found.moved, parameters[found.moved]
        if moved.grad is None:
            assert not found.move
            assert "no gradient" in found.note
            continue
        seen.add(name)
        place = address.row * (moved.shape[-1] if moved.ndim == 2 else 1)
        place += address.column if moved.ndim == 2 else 0
        check_move(found, place, moved, expected.get(name))
        rate = eta * trainer.run.strategy.lr_multiplier(name, trainer.settings)
        told = next(
            line for line in found.move if line.symbol.endswith("ₜ") and "η" in line.formula
        )
        theirs = float(stepped(trainer, state, name, rate).flatten()[place])
        before = float(state["network"][name].flatten()[place])
        near = 1e-6 * abs(theirs - before) + 1e-9
        assert told.value == pytest.approx(theirs, rel=1e-6, abs=near), (address, told)
    return seen


def check_move(found: CellDerivation, place: int, moved: Tensor, expected: Tensor | None) -> None:
    """Args: expected: its gradient, worked out otherwise."""
    assert moved.grad is not None
    data = max(i for i, line in enumerate(found.move) if line.symbol == "g")
    g = next((line for line in found.move if line.formula == "g + ∂P"), found.move[data])
    near = 2e-6 * sum(map(size, found.move[: data + 1])) + 1e-10
    own = float(moved.grad.flatten()[place])
    assert g.value == pytest.approx(own, rel=1e-5, abs=near), found
    if expected is not None:
        # In single precision, what the network is sure of leaves little of p − 1 but rounding.
        other = float(expected.flatten()[place])
        assert g.value == pytest.approx(other, rel=2e-3, abs=5 * near + 1e-7), found
    after = float(moved.detach().flatten()[place])
    assert found.move[-1].value == pytest.approx(after, rel=1e-6, abs=1e-8), found


@pytest.mark.parametrize(("strategy", "optimizer"), each_with(tuple(OPTIMIZER_LABELS)))
def test_every_number_is_what_autograd_and_torch_optim_make_of_it(
    strategy: str, optimizer: str
) -> None:
    rng = np.random.default_rng(zlib.crc32(f"{strategy} {optimizer}".encode()))
    aids = AIDS[int(rng.integers(len(AIDS)))]
    rate = 0.003 if optimizer in ("adam", "adamw") else 0.05
    choice = {"optimizer": optimizer, "learning_rate": rate, "stage_steps": 2, "seed": 3}
    seen = set()
    trainer = trained(0, strategy=strategy, **choice, **aids)
    for _ in range(3):
        for _ in range(int(rng.integers(4))):
            trainer.step()
        seen |= check_step(trainer, rng)
    assert any(name.startswith("head") for name in seen) == trainer.run.strategy.trains(
        "head.weight"
    )
    if strategy not in ("linear_probe", "feature_head"):
        assert any(not name.startswith("head") for name in seen)
    if "rank" in STRATEGIES[strategy].controls:
        trainer.apply(Configure(trainer.settings.replace(rank=6)))
        assert trainer.frame_builder.last_trace is None
        check_step(trainer, rng)
        check_step(trainer, rng)


@pytest.mark.parametrize("strategy", ["full", "lora", "bitfit", "adapter", "ewc"])
@pytest.mark.parametrize("still", [False, True])
def test_batch_statistics_are_followed(strategy: str, still: bool) -> None:
    rng = np.random.default_rng(5)
    trainer = trained(2, strategy=strategy, batch_norm=True, dropout=0.1, frozen=("layer2",),
                      freeze_statistics=still)  # fmt: skip
    check_step(trainer, rng)
    for layer in ("layer1", "layer2"):
        for key in ("running_mean", "running_var"):
            found = derive(trainer, CellAddress(layer, 7, 0, key))
            assert found is not None
            frozen = layer == "layer2" or strategy == "adapter"
            if frozen and still:
                assert not found.move
            else:
                assert found.move[-1].value == pytest.approx(found.value, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("strategy", ["full", "lora", "ia3"])
def test_a_network_that_is_sure_of_itself_is_followed_as_well(strategy: str) -> None:
    """Where hardly anything is left of δ, what rounding leaves decides where Adam goes."""
    trainer = trained(400, strategy=strategy, learning_rate=0.01, train_samples=40)
    assert trainer.run.losses_after(395).max() < 1e-2
    rng = np.random.default_rng(1)
    for _ in range(5):
        check_step(trainer, rng, rounded=True)


def test_what_is_pruned_ends_at_zero() -> None:
    trainer, pruned = trained(0, strategy="adalora", total_steps=40), set()
    for _ in range(40):
        trainer.step(traced=True)
        for layer in ("layer1", "layer2", "layer3"):
            for row in range(6):
                found = derive(trainer, CellAddress(layer, row, 0, "lora_E"))
                assert found is not None
                assert found.move[-1].value == pytest.approx(found.value, rel=1e-6, abs=1e-9)
                if "pruned" in found.move[-1].formula:
                    assert found.move[-2].value != 0.0
                    pruned.add((layer, row))
    assert len(pruned) >= 3


# ---------------------------------------------------------------- where there is nothing to say


def test_a_step_not_looked_into_leaves_nothing_behind() -> None:
    trainer = trained(0)
    cell = CellAddress("layer1", 2, 3, "updated")

    def note() -> str:
        found = derive(trainer, cell)
        assert found is not None
        assert bool(found.move) == (trainer.frame_builder.last_trace is not None)
        return found.note

    assert "No step" in note()
    trainer.step(traced=True)
    assert isinstance(trainer.frame_builder.last_trace, TracedStep)
    assert note() == ""
    state = trainer.state()
    trainer.step()
    assert trainer.frame_builder.last_trace is None
    assert "not traced" in note()
    trainer.step(traced=True)
    trainer.restore(state)
    assert trainer.frame_builder.last_trace is None


@pytest.mark.parametrize("cell", [
    CellAddress("layer9", 0, 0, "weight"), CellAddress("layer1", 0, 0, "lora_B"),
    CellAddress("layer1", 40, 0, "weight"), CellAddress("layer1", 0, 30, "weight"),
    CellAddress("layer1", -1, 0, "weight"), CellAddress("layer1", 0, 0, ""),
])  # fmt: skip
def test_a_cell_that_is_not_there_is_not_worked_out(cell: CellAddress) -> None:
    trainer = trained(1)
    assert trainer.frame(options=FrameOptions(cell=cell)).derivation is None


@pytest.mark.parametrize(
    ("strategy", "matrix"),
    [("full", "updated"), ("lora", "lora_B"), ("lora", "lora_A"), ("dora", "magnitude"),
     ("ia3", "ia3_l"), ("adalora", "lora_E"), ("vera", "vera_d"), ("qlora", "lora_B")],
)  # fmt: skip
def test_a_layer_that_is_drawn_in_part_is_worked_out_as_well(strategy: str, matrix: str) -> None:
    trainer = trained(2, strategy=strategy, width=300, depth=2, learning_rate=1e-3)
    shape = trainer.network.body[1].shape
    for _ in range(2):
        expected = gradients_in_double(trainer)
        trainer.step(traced=True)
        row = 2 if matrix in ("lora_A", "lora_E", "vera_d") else 290
        column = {"updated": 3, "lora_B": 3, "lora_A": 290}.get(matrix, 0)
        found = derive(trainer, CellAddress("layer2", row, column, matrix))
        assert found is not None
        assert_lines_are_what_they_say(found)
        moved = trainer.network.get_parameter(found.moved)
        columns = moved.shape[1] if moved.ndim == 2 else 1
        check_move(found, row * columns + column, moved, expected[found.moved])
        for name in ("weight", "delta", "updated"):
            found = derive(trainer, CellAddress("layer2", shape[0] - 1, shape[1] - 1, name))
            assert found is not None
            assert_lines_are_what_they_say(found)
            if found.value_lines:
                near = 2e-6 * size(found.value_lines[-1])
                assert found.value_lines[-1].value == pytest.approx(found.value, rel=1e-5, abs=near)


@pytest.mark.parametrize("strategy", ["lora", "full"])
def test_of_a_large_network_only_what_a_number_is_made_of_is_said(strategy: str) -> None:
    trainer = Trainer(Settings(strategy=strategy, width=1024, depth=3))
    trainer.step(traced=True)
    assert trainer.frame_builder.last_trace is None
    frame = trainer.frame(
        options=FrameOptions(step_trace=True, cell=CellAddress("layer2", 700, 900, "delta"))
    )
    assert frame.step_trace is None
    found = frame.derivation
    assert found is not None
    assert found.value_lines[-1].value == pytest.approx(found.value, rel=1e-4, abs=1e-8)
    assert not found.move
    assert "this large" in found.note


def test_a_cell_of_the_x_ray_is_the_number_that_is_drawn() -> None:
    trainer = trained(5, strategy="lora")
    cell = CellAddress("layer2", 3, 4, "truncated")
    assert trainer.frame(options=FrameOptions(cell=cell)).derivation is None
    frame = trainer.frame(options=FrameOptions(cell=cell, truncation_rank=1))
    assert frame.derivation is not None
    assert frame.derivation.value == dict(frame.layers[1].factors)["truncated"][3, 4]


@pytest.mark.parametrize("strategy", ["adapter", "parallel_adapter"])
def test_the_way_through_an_adapter_ends_at_what_the_next_layer_is_given(strategy: str) -> None:
    trainer = trained(5, strategy=strategy)
    trainer.step(traced=True)
    inside = trainer.frame_builder.last_trace
    assert inside is not None
    for unit, after in (("adapter1", "layer2"), ("adapter2", "layer3"), ("adapter3", "head")):
        given = inside.dry_run.inputs_and_grads[after][0][0]
        for row in (0, 17, 39):
            found = derive(trainer, CellAddress(f"{unit}.up", row, 3, "updated"))
            assert found is not None
            assert found.path[-1].value == pytest.approx(float(given[row]), rel=1e-5, abs=1e-6)
        found = derive(trainer, CellAddress(f"{unit}.down", 2, 20, "delta"))
        assert found is not None
        shown = torch.tensor(found.path[-1].value)
        assert torch.isclose(given, shown, rtol=1e-5, atol=1e-6).any()
