"""The rank X-ray and merging: each answer against the direct computation."""

import math
import warnings
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.analysis.chunked import k90
from engine.analysis.counterfactual import STORAGE_FORMATS, truncate_rank
from engine.model.svd import singular_values
from engine.pretraining import load_pretrained
from engine.protocol.messages import Frame, FrameOptions
from engine.protocol.settings import Settings
from engine.tasks import TASKS
from engine.trainer import Trainer
from tests.engine.oracle_runs import BODY, trained
from tests.engine.torch_networks import plain_network

Floats = NDArray[np.float64]
RUNS: dict[str, dict[str, Any]] = {
    "full": {},
    "a new head": {"task": "digits-0-4-to-5-9"},
    "dora": {"strategy": "dora"},
    "bitfit": {"strategy": "bitfit"},
    "adapter": {"strategy": "adapter"},
    "parallel": {"strategy": "parallel_adapter"},
    "mlp head": {"strategy": "feature_head"},
    "qlora": {"strategy": "qlora"},
    "batch norm": {"batch_norm": True},
    "pretraining": {"strategy": "pretrain"},
}
every_run = pytest.mark.parametrize("run", RUNS)


def _best(matrix: Floats, rank: int) -> Floats:
    left, values, right = np.linalg.svd(matrix.astype(np.float64), full_matrices=False)
    return (left[:, :rank] * values[:rank]) @ right[:rank]


def _accuracies_with(trainer: Trainer, matrices: dict[str, Floats]) -> tuple[float, float]:
    """Target and source accuracy of a plain torch network with these matrices in its body."""
    settings = trainer.settings
    plain = plain_network(trainer.network).eval()
    data = TASKS[settings.task].draw(settings.seed)
    with torch.no_grad():
        for name, matrix in matrices.items():
            # a parallel adapter has the layer inside
            places = [n for n, _ in plain.named_modules() if n == name or n.endswith(".linear")]
            place = name if name in places else places[BODY.index(name)]
            plain.get_submodule(place).weight.copy_(torch.from_numpy(matrix))
        body, head = plain[:-1], plain[-1]
        start = load_pretrained(settings)
        old = torch.nn.Linear(40, len(start.head_bias))
        old.weight.copy_(start.head_weight)
        old.bias.copy_(start.head_bias)
        own = trainer.run.strategy.pretrained and not trainer.run.strategy.new_head
        shared = TASKS[settings.task].info.shares_head and own
        of_source = head if shared or not trainer.run.strategy.pretrained else old
        found = []
        for reader, split in ((head, data.target.test), (of_source, data.source.test)):
            said = reader(body(torch.from_numpy(split.inputs))).argmax(1).numpy()
            found.append(float((said == split.labels).mean()))
    return found[0], found[1]


# ---------------------------------------------------------------- truncating


@pytest.mark.parametrize("rank", [1, 3, 10, 30, 40])
def test_what_is_left_is_the_best_of_that_rank(rank: int) -> None:
    delta = trained(60).network.body[1].delta().detach()
    cut, energy = truncate_rank(delta, rank)
    left, values, right = np.linalg.svd(delta.double().numpy(), full_matrices=False)
    assert np.allclose(cut, (left[:, :rank] * values[:rank]) @ right[:rank], rtol=0, atol=1e-6)
    assert energy == pytest.approx((values[:rank] ** 2).sum() / (values**2).sum(), abs=1e-6)
    assert energy == pytest.approx(float(cut.norm() ** 2 / delta.norm() ** 2), abs=1e-5)
    lost = float((delta - cut).norm() ** 2)  # Eckart and Young
    assert lost == pytest.approx((values[rank:] ** 2).sum(), abs=1e-5)
    assert np.allclose(np.linalg.svd(cut.numpy())[1][rank:], 0, rtol=0, atol=1e-5)


def test_nothing_is_cut_from_nothing() -> None:
    for matrix in (torch.zeros(40, 30), torch.full((4, 3), torch.nan)):
        cut, energy = truncate_rank(matrix, 2)
        assert cut is matrix
        assert energy == 1.0


def test_k90_is_the_fewest_directions_with_nine_tenths_of_the_energy() -> None:
    values = singular_values(trained(60).network.body[1].delta().detach()).numpy()
    assert (np.diff(values) <= 0).all()
    assert values == pytest.approx(
        np.linalg.svd(trained(60).network.body[1].delta().detach().numpy())[1], abs=1e-5
    )
    energy = (values.astype(np.float64) ** 2).cumsum()
    fewest = next(n for n in range(1, 41) if energy[n - 1] >= 0.9 * energy[-1])
    assert k90(values) == fewest
    assert k90(np.zeros(40, np.float32)) == 0
    assert k90(np.full(40, np.nan, np.float32)) == 0
    assert k90(np.array([3.0, 1.0], np.float32)) == 1  # 9 of 10: exactly nine tenths
    assert k90(np.array([1.0, 1.0], np.float32)) == 2


# ---------------------------------------------------------------- the X-ray


def _xray(trainer: Trainer, rank: int) -> Frame:
    frame = trainer.frame(options=FrameOptions(truncation_rank=rank))
    assert frame.measurements.truncation is not None
    assert frame.measurements.truncation.rank == rank
    return frame


@every_run
@pytest.mark.parametrize("rank", [1, 4])
def test_the_accuracy_is_that_of_a_plain_network_with_the_truncated_weights(
    run: str, rank: int
) -> None:
    trainer = trained(60, **RUNS[run])
    frame = _xray(trainer, rank)
    matrices = {}
    for layer, shown in zip(
        (layer for layer in frame.layers if layer.name in BODY),
        frame.measurements.truncation.layers,
        strict=True,
    ):
        assert shown.name == layer.name
        cut = dict(layer.factors)["truncated"]
        best = _best(layer.delta, rank)
        assert np.allclose(cut, best, rtol=0, atol=1e-5)
        whole = float((layer.delta.astype(np.float64) ** 2).sum())
        expected = float((best**2).sum()) / whole if whole else 1.0
        assert shown.energy == pytest.approx(expected, abs=1e-5)
        matrices[layer.name] = layer.weight + best
    target, source = _accuracies_with(trainer, matrices)
    assert frame.measurements.truncation.source_accuracy == pytest.approx(source, abs=1e-6)
    if frame.measurements.target_accuracy is not None:
        assert frame.measurements.truncation.target_accuracy == pytest.approx(target, abs=1e-6)


@every_run
def test_at_full_rank_it_is_the_run_itself(run: str) -> None:
    frame = _xray(trained(60, **RUNS[run]), 40)
    assert frame.measurements.truncation.target_accuracy == frame.measurements.target_accuracy
    assert frame.measurements.truncation.source_accuracy == frame.measurements.source_accuracy
    assert [layer.energy for layer in frame.measurements.truncation.layers] == pytest.approx(
        [1.0] * 3
    )


def test_looking_through_changes_nothing() -> None:
    trainer, other = trained(20, strategy="lora"), trained(20, strategy="lora")
    trainer.frame(options=FrameOptions(truncation_rank=2, merges=True))
    assert trainer.frame().measurements.truncation is None
    assert trainer.frame().measurements.merges == ()
    assert [trainer.step().loss for _ in range(5)] == [other.step().loss for _ in range(5)]


def test_a_lora_keeps_all_of_itself_at_its_own_rank() -> None:
    trainer = trained(60, strategy="lora", rank=4)
    energies = [layer.energy for layer in _xray(trainer, 4).measurements.truncation.layers]
    assert energies == pytest.approx([1.0] * 3, abs=1e-6)
    assert all(layer.energy < 0.999 for layer in _xray(trainer, 1).measurements.truncation.layers)


# ---------------------------------------------------------------- merging


def test_weights_that_are_all_zero_cost_nothing() -> None:
    trainer = Trainer(Settings())
    with torch.no_grad():
        for layer in trainer.network.body:
            layer.weight.zero_()
    merges = trainer.frame(options=FrameOptions(merges=True)).measurements.merges
    assert [merge.weight_error for merge in merges] == [0.0] * len(STORAGE_FORMATS)


@pytest.fixture(scope="module")
def bitsandbytes() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of on import depends on the machine
        return pytest.importorskip("bitsandbytes").functional


def _matrices(trainer: Trainer) -> dict[str, torch.Tensor]:
    return {name: trainer.network.get_submodule(name).updated().detach() for name in BODY}


@pytest.mark.parametrize("run", ["full", "a new head", "qlora", "adapter", "batch norm"])
def test_what_merging_costs_is_what_a_plain_network_loses(run: str) -> None:
    trainer = trained(60, **RUNS[run])
    frame, exact = trainer.frame(options=FrameOptions(merges=True)), _matrices(trainer)
    assert [merge.format for merge in frame.measurements.merges] == list(STORAGE_FORMATS)
    delta = math.sqrt(sum(float(layer.delta_norm) ** 2 for layer in frame.layers
                          if layer.name in BODY))  # fmt: skip
    size = math.sqrt(sum(float((m.double() ** 2).sum()) for m in exact.values()))
    for merge in frame.measurements.merges:
        stored = {name: STORAGE_FORMATS[merge.format](matrix)[0] for name, matrix in exact.items()}
        error = math.sqrt(
            sum(float(((stored[n] - m).double() ** 2).sum()) for n, m in exact.items())
        )
        assert merge.weight_error == pytest.approx(error / size, rel=1e-4, abs=1e-12)
        if delta:
            assert merge.delta_error == pytest.approx(error / delta, rel=1e-4, abs=1e-12)
        else:
            assert math.isnan(merge.delta_error)
        target, source = _accuracies_with(trainer, {n: m.numpy() for n, m in stored.items()})
        assert merge.target_accuracy == pytest.approx(target, abs=1e-6)
        assert merge.source_accuracy == pytest.approx(source, abs=1e-6)
    errors = {merge.format: merge.weight_error for merge in frame.measurements.merges}
    assert errors["float32"] == 0 < errors["float16"] < errors["bfloat16"] < errors["int8"]
    assert errors["int8"] < errors["nf4"]
    plain = frame.measurements.merges[0]
    assert plain.target_accuracy == frame.measurements.target_accuracy
    assert plain.source_accuracy == frame.measurements.source_accuracy


def test_bits_per_weight_are_exact_with_all_constants() -> None:
    merges = trained(5).frame(options=FrameOptions(merges=True)).measurements.merges
    weights = 1200 + 1600 + 1600
    # NF4: half a byte a weight, a byte per block of 64, a float32 per 256 of these, one offset
    nf4 = 4 * weights + 8 * (19 + 25 + 25) + 3 * (32 + 32)
    bits = {"float32": 32, "float16": 16, "bfloat16": 16, "int8": 8 + 3 * 40 * 32 / weights,
            "nf4": nf4 / weights}  # fmt: skip
    assert {merge.format: merge.bits_per_weight for merge in merges} == pytest.approx(bits)


def test_int8_is_that_of_bitsandbytes(bitsandbytes: ModuleType) -> None:
    for matrix in (*_matrices(trained(60)).values(), torch.randn(40, 30) * 1e3):
        codes, scales, _ = bitsandbytes.int8_vectorwise_quant(matrix.clone())
        ours, _ = STORAGE_FORMATS["int8"](matrix)
        step = matrix.abs().amax(1, keepdim=True) / 127
        assert torch.equal((ours / step).round().to(torch.int8), codes)
        theirs = bitsandbytes.int8_vectorwise_dequant(codes, scales)
        torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=0)


def test_int8_keeps_a_row_of_zeros() -> None:
    matrix = torch.tensor([[0.0, 0.0], [1.0, -0.5]])
    assert torch.equal(STORAGE_FORMATS["int8"](matrix)[0][0], torch.zeros(2))


def test_nf4_is_that_of_bitsandbytes_bit_for_bit(bitsandbytes: ModuleType) -> None:
    for matrix in _matrices(trained(60)).values():
        packed, state = bitsandbytes.quantize_4bit(
            matrix, blocksize=64, quant_type="nf4", compress_statistics=True
        )
        assert torch.equal(
            STORAGE_FORMATS["nf4"](matrix)[0], bitsandbytes.dequantize_4bit(packed, state)
        )


@pytest.mark.parametrize(("name", "dtype"), [("float16", "float16"), ("bfloat16", "bfloat16")])
def test_halves_are_torchs(name: str, dtype: str) -> None:
    matrix = _matrices(trained(20))["layer2"]
    assert torch.equal(STORAGE_FORMATS[name](matrix)[0], matrix.to(getattr(torch, dtype)).float())


@pytest.mark.parametrize("value", [torch.nan, torch.inf, 1e30])
def test_weights_that_overflow_are_not_merged(value: float) -> None:
    trainer = trained(2)
    trainer.network.get_parameter("layer2.weight").detach()[0, 0] = value
    assert trainer.frame(options=FrameOptions(merges=True)).measurements.merges == ()
