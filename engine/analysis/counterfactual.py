"""Accuracies of the network with other matrices in its body: truncated, or in fewer bits."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

import torch
from torch import Tensor
from torch.nn import functional

from engine.analysis.spectrum import truncate_rank
from engine.model.bits import int8_bits
from engine.model.layer import Layer
from engine.model.network import Network
from engine.model.nf4 import dequantize, quantize
from engine.protocol.messages import Merge, TruncatedLayer, Truncation

Features = Callable[[Tensor], Tensor]
"""(n, 30) -> (n, 40)"""
MeasureAccuracies = Callable[[Features], tuple[float | None, float]]
"""A body -> accuracy on the target, None where there is no head for it, and on the source."""


def make_features(network: Network, matrices: Mapping[str, Tensor]) -> Features:
    """Return the body with other matrices in place of W′; biases and all else stay.

    Args: network: that stays unchanged.  matrices: layer name -> (out, in).
    """
    replacements = {
        id(layer): matrices[name] for name, layer in network.layers() if name in matrices
    }

    def compute(layer: Layer, inputs: Tensor) -> Tensor:
        return functional.linear(inputs, replacements[id(layer)], layer.updated_bias())

    return lambda inputs: network.features(inputs, compute)


@torch.no_grad()
def truncate_body(
    network: Network, rank: int, measure_accuracies: MeasureAccuracies
) -> tuple[Truncation, dict[str, Tensor]]:
    """Measure the network with every ΔW of the body truncated to a rank.

    Args: network: that stays unchanged.  rank: r, ≥ 1.  measure_accuracies: of a body.
    Returns: the accuracies, and layer name -> truncated ΔW (out, in).
    """
    body = network.named_body
    cut = {name: truncate_rank(layer.delta(), rank) for name, layer in body.items()}
    matrices = {name: layer.original + cut[name][0] for name, layer in body.items()}
    target, source = measure_accuracies(make_features(network, matrices))
    layers = tuple(TruncatedLayer(name, energy) for name, (_, energy) in cut.items())
    return Truncation(rank, target, source, layers), {name: part for name, (part, _) in cut.items()}


# ---------------------------------------------------------------- merging


def _round_to_int8(matrix: Tensor) -> tuple[Tensor, int]:
    """Round row by row to whole numbers −127…127 times a scale. Source: arXiv:2208.07339 §2.1."""
    scale = matrix.abs().amax(1, keepdim=True).clamp(min=torch.finfo(matrix.dtype).tiny) / 127
    return (matrix / scale).round() * scale, int8_bits(*matrix.shape)


def _round_to_nf4(matrix: Tensor) -> tuple[Tensor, int]:
    code = quantize(matrix, double=True)
    return dequantize(code), round(code.bits_per_weight * matrix.numel())


def _round_to_dtype(dtype: torch.dtype, bits: int) -> Callable[[Tensor], tuple[Tensor, int]]:
    return lambda matrix: (matrix.to(dtype).to(matrix.dtype), bits * matrix.numel())


STORAGE_FORMATS: dict[str, Callable[[Tensor], tuple[Tensor, int]]] = {
    "float32": _round_to_dtype(torch.float32, 32),
    "float16": _round_to_dtype(torch.float16, 16),
    "bfloat16": _round_to_dtype(torch.bfloat16, 16),
    "int8": _round_to_int8,
    "nf4": _round_to_nf4,
}
"""Name -> (matrix -> the matrix as stored, its bits)."""


@torch.no_grad()
def evaluate_merges(network: Network, measure_accuracies: MeasureAccuracies) -> tuple[Merge, ...]:
    """Measure the network with W′ of the body stored as one matrix per layer in each format.

    Args: network: that stays unchanged.  measure_accuracies: of a body.
    Returns: one result per format; () where W′ is not finite.
    """
    body = network.named_body
    exact = {name: layer.updated() for name, layer in body.items()}
    delta_norm = _joint_norm(layer.delta() for layer in body.values())
    weight_norm = _joint_norm(exact.values())
    if not math.isfinite(weight_norm):
        return ()
    weights = sum(matrix.numel() for matrix in exact.values())
    merges = []
    for name, write in STORAGE_FORMATS.items():
        stored = {layer: write(matrix) for layer, matrix in exact.items()}
        error = _joint_norm(stored[layer][0] - matrix for layer, matrix in exact.items())
        target, source = measure_accuracies(
            make_features(network, {k: v for k, (v, _) in stored.items()})
        )
        bits = sum(bits for _, bits in stored.values())
        delta_error = error / delta_norm if delta_norm else torch.nan
        weight_error = error / weight_norm if weight_norm else 0.0
        merges.append(Merge(name, bits / weights, weight_error, delta_error, target, source))
    return tuple(merges)


def _joint_norm(matrices: Iterable[Tensor]) -> float:
    """Return the Frobenius norm of several matrices taken together."""
    return math.sqrt(sum(float(matrix.square().sum()) for matrix in matrices))
