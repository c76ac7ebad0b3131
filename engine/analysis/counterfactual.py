"""Accuracies of the network with other matrices in its body: truncated, or in fewer bits."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

import torch
from torch import Tensor
from torch.nn import functional

from engine.model.bits import int8_bits
from engine.model.network import Compute, Network
from engine.model.nf4 import dequantize, quantize
from engine.model.svd import truncated_svd
from engine.protocol.messages import Merge, TruncatedLayer, Truncation
from engine.training.evaluator import Metrics

Measure = Callable[[Compute], Metrics]
"""A forward pass of the body's layers -> the metrics of the network with it."""


def _computes_with(network: Network, matrices: Mapping[str, Tensor]) -> Compute:
    """Return a pass with other matrices in place of W′; biases and all else stay."""
    replacements = {id(layer): matrices[name] for name, layer in network.named_body.items()}
    return lambda layer, inputs: functional.linear(
        inputs, replacements[id(layer)], layer.updated_bias()
    )


def truncate_rank(matrix: Tensor, rank: int) -> tuple[Tensor, float]:
    """Return the best rank-r approximation of a matrix, and the share of its energy.

    Args: matrix: (out, in).  rank: r, ≥ 1.
    Returns: (out, in) and 0…1; the matrix itself and 1 where it is zero or not finite.
    Source: Eckart and Young, 1936.
    """
    if not (matrix.any() and matrix.isfinite().all()):
        return matrix, 1.0
    left, values, right = truncated_svd(matrix, rank)
    share = float(values.double().square().sum() / matrix.double().square().sum())
    return (left * values) @ right, share


@torch.no_grad()
def truncate_body(
    network: Network, rank: int, measure: Measure
) -> tuple[Truncation, dict[str, Tensor]]:
    """Measure the network with every ΔW of the body truncated to a rank.

    Args: network: that stays unchanged.  rank: r, ≥ 1.  measure: measures it.
    Returns: the accuracies, and layer name -> truncated ΔW (out, in).
    """
    body = network.named_body
    cut = {name: truncate_rank(layer.delta(), rank) for name, layer in body.items()}
    matrices = {name: layer.original + cut[name][0] for name, layer in body.items()}
    found = measure(_computes_with(network, matrices))
    layers = tuple(TruncatedLayer(name, energy) for name, (_, energy) in cut.items())
    truncation = Truncation(rank, found.target_accuracy, found.source_accuracy, layers)
    return truncation, {name: part for name, (part, _) in cut.items()}


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
def evaluate_merges(network: Network, measure: Measure) -> tuple[Merge, ...]:
    """Measure the network with W′ of the body stored as one matrix per layer in each format.

    Args: network: that stays unchanged.  measure: measures it.
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
        matrices = {layer: matrix for layer, (matrix, _) in stored.items()}
        error = _joint_norm(matrices[layer] - matrix for layer, matrix in exact.items())
        found = measure(_computes_with(network, matrices))
        merges.append(
            Merge(
                format=name,
                bits_per_weight=sum(bits for _, bits in stored.values()) / weights,
                weight_error=error / weight_norm if weight_norm else 0.0,
                delta_error=error / delta_norm if delta_norm else math.nan,
                target_accuracy=found.target_accuracy,
                source_accuracy=found.source_accuracy,
            )
        )
    return tuple(merges)


def _joint_norm(matrices: Iterable[Tensor]) -> float:
    """Return the Frobenius norm of several matrices taken together."""
    return math.sqrt(sum(float(matrix.square().sum()) for matrix in matrices))
