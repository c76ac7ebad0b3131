"""What the network would be worth with other matrices in its body: truncated, or in few bits."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

import torch
from torch import Tensor
from torch.nn import functional

from engine.analysis.spectrum import truncated
from engine.model.bits import int8_bits
from engine.model.layer import Layer
from engine.model.network import Network
from engine.model.nf4 import dequantize, quantize
from engine.protocol.messages import Merge, TruncatedLayer, Truncation

Features = Callable[[Tensor], Tensor]
"""(n, 30) -> (n, 40)"""
Evaluator = Callable[[Features], tuple[float | None, float]]
"""A body -> accuracy on the target, None where there is no head for it, and on the source."""


def features_with(network: Network, matrices: Mapping[str, Tensor]) -> Features:
    """The body with these matrices (out, in) in place of W′; biases and all else as they are."""
    instead = {id(layer): matrices[name] for name, layer in network.layers() if name in matrices}

    def compute(layer: Layer, inputs: Tensor) -> Tensor:
        return functional.linear(inputs, instead[id(layer)], layer.updated_bias())

    return lambda inputs: network.features(inputs, compute)


@torch.no_grad()
def truncate_body(
    network: Network, rank: int, evaluator: Evaluator
) -> tuple[Truncation, dict[str, Tensor]]:
    """What is left if every ΔW of the body is cut down to a rank.

    Returns: the answer, and layer name -> truncated ΔW (out, in).
    """
    body = network.named_body
    cut = {name: truncated(layer.delta(), rank) for name, layer in body.items()}
    matrices = {name: layer.original + cut[name][0] for name, layer in body.items()}
    target, source = evaluator(features_with(network, matrices))
    layers = tuple(TruncatedLayer(name, energy) for name, (_, energy) in cut.items())
    return Truncation(rank, target, source, layers), {name: part for name, (part, _) in cut.items()}


# ---------------------------------------------------------------- merging


def _as_int8(matrix: Tensor) -> tuple[Tensor, int]:
    """Row by row in whole numbers −127…127 times a scale. Source: arXiv:2208.07339 §2.1."""
    scale = matrix.abs().amax(1, keepdim=True).clamp(min=torch.finfo(matrix.dtype).tiny) / 127
    return (matrix / scale).round() * scale, int8_bits(*matrix.shape)


def _as_nf4(matrix: Tensor) -> tuple[Tensor, int]:
    code = quantize(matrix, double=True)
    return dequantize(code), round(code.bits_per_weight * matrix.numel())


def _as(dtype: torch.dtype, bits: int) -> Callable[[Tensor], tuple[Tensor, int]]:
    return lambda matrix: (matrix.to(dtype).to(matrix.dtype), bits * matrix.numel())


FORMATS: dict[str, Callable[[Tensor], tuple[Tensor, int]]] = {
    "float32": _as(torch.float32, 32),
    "float16": _as(torch.float16, 16),
    "bfloat16": _as(torch.bfloat16, 16),
    "int8": _as_int8,
    "nf4": _as_nf4,
}
"""Name -> (matrix -> what can be read back, bits that it takes)."""


@torch.no_grad()
def merges(network: Network, evaluator: Evaluator) -> tuple[Merge, ...]:
    """W′ of the body written as one matrix per layer in each format; () where it overflows."""
    body = network.named_body
    exact = {name: layer.updated() for name, layer in body.items()}
    moved = _norm(layer.delta() for layer in body.values())
    size = _norm(exact.values())
    if not math.isfinite(size):
        return ()
    weights = sum(matrix.numel() for matrix in exact.values())
    found = []
    for name, write in FORMATS.items():
        stored = {layer: write(matrix) for layer, matrix in exact.items()}
        error = _norm(stored[layer][0] - matrix for layer, matrix in exact.items())
        target, source = evaluator(features_with(network, {k: v for k, (v, _) in stored.items()}))
        bits = sum(bits for _, bits in stored.values())
        share = error / moved if moved else torch.nan
        off = error / size if size else 0.0
        found.append(Merge(name, bits / weights, off, share, target, source))
    return tuple(found)


def _norm(matrices: Iterable[Tensor]) -> float:
    """Frobenius norm of several matrices taken together."""
    return math.sqrt(sum(float(matrix.square().sum()) for matrix in matrices))
