"""NF4 against bitsandbytes, bit for bit, and against what must hold for any matrix."""

import dataclasses
import itertools
import warnings
from types import ModuleType

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as npst

from engine.model.nf4 import NF4_VALUES, Quantized, dequantize, dynamic_map, quantize

LARGEST_GAP = max(after - before for before, after in itertools.pairwise(NF4_VALUES))


@pytest.fixture(scope="module")
def bitsandbytes() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of on import depends on the machine
        return pytest.importorskip("bitsandbytes").functional


def _theirs(bitsandbytes: ModuleType, weight: torch.Tensor, block: int, double: bool) -> tuple:
    packed, state = bitsandbytes.quantize_4bit(
        weight, blocksize=block, quant_type="nf4", compress_statistics=double
    )
    return packed, state


def _unpacked(packed: torch.Tensor, count: int) -> torch.Tensor:
    """Two codes to a byte, the first in the high half."""
    return torch.stack([packed.flatten() >> 4, packed.flatten() & 15], 1).flatten()[:count]


def _random(out: int, inputs: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(out, inputs, generator=torch.Generator().manual_seed(seed)) * 0.1


MIDPOINTS = (torch.tensor(NF4_VALUES)[:-1] + torch.tensor(NF4_VALUES)[1:]) / 2


def _on_midpoints(scale: float) -> torch.Tensor:
    """Every midpoint and its neighbours in float32, in blocks whose largest magnitude is scale."""
    around = torch.cat([
        torch.tensor([1.0]),
        MIDPOINTS,
        torch.nextafter(MIDPOINTS, torch.tensor(2.0)),
        torch.nextafter(MIDPOINTS, torch.tensor(-2.0)),
        torch.zeros(18),
    ])  # fmt: skip
    return (around * scale).repeat(16).reshape(16, 64)


SPECIAL = {
    "zeros": torch.zeros(64, 64),
    "zeros, partial": torch.zeros(40, 30),
    "one block of zeros": torch.cat([torch.zeros(1, 64), _random(15, 64)]),
    "zeros in the last, partial block": torch.cat([_random(32, 30), torch.zeros(8, 30)]),
    "all equal": torch.full((64, 64), 0.37),
    "all equal and negative": torch.full((40, 30), -0.37),
    "the sixteen values": torch.tensor(NF4_VALUES).repeat(16).reshape(4, 64),
    "midpoints": _on_midpoints(1.0),
    "midpoints, scaled": _on_midpoints(0.3),
    "midpoints, partial": _on_midpoints(0.7)[:3, :30],
    "tiny and huge": torch.tensor([[1e-30, -3e-31, 1e30, -2e29]]).repeat(16, 16),
}


@pytest.mark.parametrize("double", [False, True], ids=["single", "double"])
@pytest.mark.parametrize(
    "weight",
    [
        *(_random(*shape) for shape in [(64, 64), (40, 40), (40, 30), (256, 1024), (2, 1)]),
        *SPECIAL.values(),
    ],
    ids=["64×64", "40×40", "40×30", "256×1024", "2×1", *SPECIAL],
)
def test_codes_and_values_are_those_of_bitsandbytes(
    bitsandbytes: ModuleType, weight: torch.Tensor, double: bool
) -> None:
    packed, state = _theirs(bitsandbytes, weight, 64, double)
    ours = quantize(weight, double=double)
    assert torch.equal(ours.codes, _unpacked(packed, weight.numel()))
    assert torch.equal(ours.absmax, _their_absmax(bitsandbytes, state))
    if weight.shape[1] == 1:
        return  # bitsandbytes dequantises odd rows by a compiled path, which needs a compiler
    assert torch.equal(dequantize(ours), bitsandbytes.dequantize_4bit(packed, state))


def _their_absmax(bitsandbytes: ModuleType, state: object) -> torch.Tensor:
    if not state.nested:
        return state.absmax
    return bitsandbytes.dequantize_blockwise(state.absmax, state.state2) + state.offset


@pytest.mark.parametrize("block", [32, 128, 4096])
def test_other_blocks_are_those_of_bitsandbytes(bitsandbytes: ModuleType, block: int) -> None:
    weight = _random(50, 90)
    packed, state = _theirs(bitsandbytes, weight, block, False)
    ours = quantize(weight, block)
    assert torch.equal(ours.codes, _unpacked(packed, weight.numel()))
    assert torch.equal(ours.absmax, state.absmax)


def test_the_dynamic_map_is_that_of_bitsandbytes(bitsandbytes: ModuleType) -> None:
    assert torch.equal(dynamic_map(), bitsandbytes.create_dynamic_map())


@pytest.mark.parametrize("seed", range(12))
def test_double_quantisation_stores_what_bitsandbytes_stores(
    bitsandbytes: ModuleType, seed: int
) -> None:
    weight = _random(200 + seed, 1000, seed)  # the last block of scales is a partial one
    _, state = _theirs(bitsandbytes, weight, 64, True)
    ours = quantize(weight, double=True)
    assert ours.constants is not None
    assert torch.equal(ours.constants.codes, state.absmax)
    assert torch.equal(ours.constants.scales, state.state2.absmax)
    assert torch.equal(ours.constants.offset, state.offset)
    assert torch.equal(ours.absmax, _their_absmax(bitsandbytes, state))


@given(
    npst.arrays(
        np.float32,
        npst.array_shapes(min_dims=2, max_dims=2, max_side=20).filter(lambda s: s[0] * s[1] > 1),
        elements=st.floats(-(2.0**100), 2.0**100, width=32, allow_subnormal=False).filter(
            lambda value: not 0 < abs(value) < 2.0**-100
        ),
    ),
    st.integers(1, 100),
)
@settings(deadline=None)
def test_no_value_is_off_by_more_than_half_a_gap(weight: np.ndarray, block: int) -> None:
    quantized = quantize(weight, block)
    absmax = quantized.absmax.double().repeat_interleave(block)[: weight.size]
    error = (dequantize(quantized).double() - torch.from_numpy(weight).double()).abs().flatten()
    bound = LARGEST_GAP / 2 * absmax * (1 + 1e-6)  # a hair for the rounding of float32
    assert bool((error <= bound).all())
    assert int(quantized.codes.max()) <= 15
    assert len(quantized.absmax) == -(-weight.size // block)


@pytest.mark.parametrize("double", [False, True])
def test_quantising_again_changes_nothing(double: bool) -> None:
    once = dequantize(quantize(_random(40, 40), double=double))
    assert torch.equal(dequantize(quantize(once)), once)


@pytest.mark.parametrize(
    ("shape", "double", "bits"),
    [
        ((64, 64), False, 4.5),
        ((256, 1024), False, 4.5),
        ((40, 30), False, (600 * 8 + 19 * 32) / 1200),
        ((40, 30), True, (600 * 8 + 19 * 8 + 32 + 32) / 1200),
        # 4 + 8/64 + 32/(64·256), and the one offset of the matrix
        ((256, 1024), True, 4.126953125 + 32 / (256 * 1024)),
        ((3, 3), False, (5 * 8 + 32) / 9),
    ],
)
def test_bits_per_weight(shape: tuple[int, int], double: bool, bits: float) -> None:
    assert quantize(torch.ones(shape), double=double).bits_per_weight == bits


@pytest.mark.parametrize("double", [False, True])
@pytest.mark.parametrize("shape", [(64, 64), (40, 40), (40, 30)])
def test_bits_per_weight_are_the_bytes_of_bitsandbytes(
    bitsandbytes: ModuleType, shape: tuple[int, int], double: bool
) -> None:
    packed, state = _theirs(bitsandbytes, _random(*shape), 64, double)
    kept = [packed, state.absmax]
    if double:
        kept += [state.state2.absmax, state.offset]
    bits = 8 * sum(tensor.nbytes for tensor in kept) / (shape[0] * shape[1])
    assert quantize(_random(*shape), double=double).bits_per_weight == bits


def test_what_is_given_may_be_numpy_strided_or_trainable() -> None:
    weight = _random(40, 30)
    expected = quantize(weight)
    turned = weight.T.contiguous().T
    for same in (weight.numpy(), turned, turned.numpy(), torch.nn.Parameter(weight)):
        got = quantize(same)
        assert torch.equal(got.codes, expected.codes)
        assert torch.equal(got.absmax, expected.absmax)
    assert dequantize(expected).shape == (40, 30)
    assert dequantize(expected).dtype == torch.float32


def test_a_quantised_matrix_is_frozen() -> None:
    quantized: Quantized = quantize(_random(4, 4))
    with pytest.raises(dataclasses.FrozenInstanceError):
        quantized.block = 32  # type: ignore[misc]


@pytest.mark.parametrize(
    ("weight", "block", "words"),
    [
        (torch.zeros(4, 4, dtype=torch.float64), 64, "weight: torch.float64 .* float32"),
        (torch.zeros(4, 4, dtype=torch.int32), 64, "weight: torch.int32 .* float32"),
        (np.zeros((4, 4)), 64, "weight: float64 .* float32"),
        ([[1.0, 2.0]], 64, "weight: list .* torch or numpy matrix"),
        (torch.zeros(16), 64, r"weight: shape \(16,\) .* \(out, in\)"),
        (torch.zeros(2, 2, 2), 64, r"weight: shape \(2, 2, 2\)"),
        (torch.zeros(0, 4), 64, "at least two values"),
        (torch.ones(1, 1), 64, "at least two values"),
        (torch.tensor([[1.0, float("nan")]]), 64, "finite"),
        (torch.tensor([[1.0, float("-inf")]]), 64, "finite"),
        (torch.ones(4, 4), 0, "block: 0 .* from 1 up"),
        (torch.ones(4, 4), -64, "block: -64"),
        (torch.ones(4, 4), 64.0, r"block: 64\.0"),
        (torch.ones(4, 4), True, "block: True"),
    ],
)
def test_what_cannot_be_quantised_is_said(weight: object, block: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        quantize(weight, block)  # type: ignore[arg-type]


def test_scales_that_overflow_are_said() -> None:
    with pytest.raises(ValueError, match="infinity"):
        quantize(torch.full((64, 64), 3e38), double=True)
