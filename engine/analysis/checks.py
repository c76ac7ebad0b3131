"""Checks of what must hold while a network trains, shown as the lights on the rows."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Iterator, Mapping

import numpy as np
import torch
from msgspec.structs import replace
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from engine.analysis.chunked import compute_delta_outputs, measure_sum_error
from engine.analysis.snapshot import NetworkSnapshot
from engine.model.delta_chunks import max_abs_delta
from engine.model.layer import Layer
from engine.model.network import Network
from engine.protocol.messages import Check

EPS = torch.finfo(torch.float32).eps
"""Rounding unit of float32."""
SUM_TOLERANCE = 8 * EPS
"""Tolerance of a sum of a few numbers, relative to the largest of them."""
MAX_COPIED_NUMBERS = 1 << 20
"""Numbers of the largest tensor that is copied for comparison; of larger ones a hash is kept."""
RANK_TOLERANCE = 1e-5
"""Singular values below this share of the largest count as zero."""
MERGE_TOLERANCE = 200 * EPS
"""Tolerance of a chain of matrix products, relative to its largest result, or to 1 if less."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Reference:
    """A tensor as it was when it was frozen: its value, or for a large one a hash of its bytes."""

    value: Tensor | None
    digest: bytes
    shape: torch.Size
    step: int

    @classmethod
    def from_tensor(cls, tensor: Tensor, step: int) -> _Reference:
        """Store the tensor as it is. Args: tensor: to compare with.  step: since which."""
        if tensor.numel() > MAX_COPIED_NUMBERS:
            return cls(None, hash_tensor(tensor), tensor.shape, step)
        return cls(tensor.detach().clone(), b"", tensor.shape, step)

    def matches(self, tensor: Tensor, digests: dict[int, bytes]) -> bool:
        """Return whether every bit is as it was. Args: digests: hashes so far, by address."""
        if tensor.shape != self.shape:
            return False
        if self.value is not None:
            return torch.equal(_bits(tensor), _bits(self.value))
        address = tensor.data_ptr()
        if address not in digests:
            digests[address] = hash_tensor(tensor)
        return digests[address] == self.digest


class Checker:
    """The checks of one run.

    Call `update_references` at the start and after every change of what is frozen or of settings:
    what it finds there must stay.

    Args: network: before the first step.  probes: (n, 30), samples on which merged and unmerged
    outputs are compared.
    """

    def __init__(self, network: Network, probes: Tensor) -> None:
        self.network = network
        self._probes = probes
        self._frozen: dict[str, _Reference] = {}
        self._ranks: dict[str, int] = {}
        self._freeze_statistics = False
        self._failed_at: dict[tuple[str, str], tuple[bool, int]] = {}
        with torch.no_grad():
            self._start = {name: max_abs_delta(layer) for name, layer in network.layers()}

    def update_references(self, step: int, *, freeze_statistics: bool) -> None:
        """Store the tensors that nothing may change, and the rank limits, as they are now.

        Tensors that were frozen before keep their references.

        Args: step: the run's.  freeze_statistics: whether a frozen layer's BatchNorm is to keep its
        statistics as well.
        """
        if freeze_statistics and not self._freeze_statistics:
            # What moved until now was not meant to stay.
            self._frozen = {n: r for n, r in self._frozen.items() if not _is_statistic(n)}
        self._freeze_statistics = freeze_statistics
        self._frozen = {
            name: self._frozen.get(name) or _Reference.from_tensor(tensor, step)
            for name, tensor in _frozen_tensors(self.network)
        }
        limits = (
            (name, None if layer.update is None else layer.update.rank_limit())
            for name, layer in self.network.layers()
        )
        self._ranks = {name: limit for name, limit in limits if limit is not None}

    def clear_references(self) -> None:
        """Drop all references: the tensors were replaced, and `update_references` follows."""
        self._frozen = {}

    @torch.no_grad()
    def check(
        self, step: int, now: NetworkSnapshot, spectra: Mapping[str, NDArray[np.float32]]
    ) -> dict[str, tuple[Check, ...]]:
        """Check every layer.

        Args: step: the run's.  now: snapshot of the network.  spectra: layer name -> singular
        values of ΔW, descending.
        Returns: layer name -> its checks, in the order of the lights.
        """
        sums = {name: _check_sum(name, now) for name in now.layers}
        whole = all(check is not None for check in sums.values())
        merged = _check_merges(self.network, self._probes, now) if whole else {}
        digests = dict[int, bytes]()
        results: dict[str, tuple[Check, ...]] = {}
        for name, layer in now.layers.items():
            checks = [
                self._check_frozen(name, layer, digests),
                _check_at_most("zero_start", self._start[name], 0.0),
                self._check_rank(name, layer, spectra[name]),
                sums[name],
                merged.get(name),
            ]
            results[name] = tuple(
                self._with_failure_step(name, check, step) for check in checks if check is not None
            )
        return results

    def _with_failure_step(self, layer: str, check: Check, step: int) -> Check:
        """Return the check with the step at which it was first seen to fail."""
        key = layer, check.name
        if check.holds:
            self._failed_at.pop(key, None)
            return check
        by_settings, since = self._failed_at.get(key, (check.by_settings, step))
        if by_settings != check.by_settings:
            since = step
        self._failed_at[key] = check.by_settings, since
        return replace(check, step=since)

    def _check_frozen(self, name: str, layer: Layer, digests: dict[int, bytes]) -> Check | None:
        """Compare bit for bit: NaN equals itself, 0 differs from −0. Bugs go before settings."""
        steps, failures = [], []
        for key, tensor in layer.state_dict().items():
            reference = self._frozen.get(f"{name}.{key}")
            if reference is None:
                continue
            steps.append(reference.step)
            if not reference.matches(tensor, digests):
                index, value, expected = _first_difference(tensor, reference)
                allowed = not self._freeze_statistics and _is_statistic(f"{name}.{key}")
                failures.append(
                    Check("frozen", False, value, expected, 0, f"{key}{index}", allowed)
                )
        if failures:
            return min(failures, key=lambda check: check.by_settings)
        return Check("frozen", True, 0.0, 0.0, max(steps)) if steps else None

    def _check_rank(self, name: str, layer: Layer, values: NDArray[np.float32]) -> Check | None:
        if name not in self._ranks or not np.isfinite(values).all():
            return None
        # ΔW may be a small difference of large matrices: their rounding is no direction of it.
        tolerance = RANK_TOLERANCE * values[0] + 4 * EPS * layer.weight_norm()
        return _check_at_most("rank", float((values > tolerance).sum()), float(self._ranks[name]))


def _check_sum(name: str, now: NetworkSnapshot) -> Check | None:
    """Return None where W + ΔW is too large for float32: W′ cannot be compared with it."""
    layer = now.layers[name]
    if layer.is_large:
        measured = measure_sum_error(layer)
        if measured is None:
            return None
        return _check_at_most("sum", measured[0], SUM_TOLERANCE * measured[1])
    original, delta, updated = layer.original, now.delta[name], now.updated[name]
    total = original + delta
    if not total.isfinite().all():
        return None
    size = max(float(original.abs().max()), float(delta.abs().max()))
    return _check_at_most("sum", float((updated - total).abs().max()), SUM_TOLERANCE * size)


def _check_at_most(name: str, value: float, limit: float) -> Check:
    return Check(name, value <= limit, value, limit, 0)


# ---------------------------------------------------------------- what must stay


def _is_statistic(name: str) -> bool:
    """Return whether a tensor is a BatchNorm's running statistic."""
    return ".norm.running_" in name or name.endswith(".norm.num_batches_tracked")


def _frozen_tensors(network: Network) -> Iterator[tuple[str, Tensor]]:
    """Iterate over frozen parameters, W itself, and a frozen layer's buffers."""
    for name, layer in network.layers():
        trainable = {key for key, p in layer.named_parameters() if p.requires_grad}
        fixed = {"original", "original_bias"}
        if layer.update is not None:
            fixed.update(f"update.{key}" for key in layer.update.frozen_buffers)
        moving = {key for key, _ in layer.named_buffers() if trainable} - fixed
        for key, tensor in layer.state_dict().items():
            if key not in trainable | moving:
                yield f"{name}.{key}", tensor


def _bits(tensor: Tensor) -> Tensor:
    return tensor.detach().view(torch.int32) if tensor.dtype == torch.float32 else tensor


def hash_tensor(tensor: Tensor) -> bytes:
    """Return a hash of the tensor's bytes, of every bit. Args: tensor: contiguous."""
    return hashlib.blake2b(tensor.detach().numpy().data, digest_size=16).digest()


def _first_difference(now: Tensor, reference: _Reference) -> tuple[str, float, float]:
    """Return the index of the first difference, and both numbers; NaN: the earlier was not kept."""
    then = reference.value
    if now.shape != reference.shape:
        return "", float(now.numel()), float(reference.shape.numel())
    if then is None:
        return "", math.nan, math.nan
    index = (_bits(now) != _bits(then)).nonzero()[0].tolist()
    position = f"[{', '.join(map(str, index))}]" if index else ""
    return position, float(now[tuple(index)]), float(then[tuple(index)])


# ---------------------------------------------------------------- merged or beside


def compute_unmerged(name: str, inputs: Tensor, now: NetworkSnapshot) -> Tensor:
    """Return a layer's outputs, (n, out), from W and the strategy's addition, without W′.

    Args: name: of the layer.  inputs: (n, in).  now: snapshot of the network.
    """
    layer = now.layers[name]
    if layer.update is not None:
        base = functional.linear(inputs, layer.weight, layer.bias)
        return base + layer.update.unmerged_output(inputs, layer.weight, layer.bias)
    base = functional.linear(inputs, layer.original, layer.original_bias)
    added, bias = compute_delta_outputs(layer, inputs), layer.bias_delta()
    return base + (added if bias is None else added + bias)


def _check_merges(network: Network, probes: Tensor, now: NetworkSnapshot) -> dict[str, Check]:
    """Check for each layer that its outputs are the same, merged or not, within their rounding.

    The head's check is that of the whole network, every layer unmerged against every layer merged.
    There is none where the unmerged outputs are too large for float32.
    """
    results: dict[str, Check] = {}

    def record(name: str, unmerged: Tensor, merged: Tensor) -> None:
        if unmerged.isfinite().all():
            limit = MERGE_TOLERANCE * max(1.0, float(unmerged.abs().max()))
            results[name] = _check_at_most("merged", float((unmerged - merged).abs().max()), limit)

    def compare(layer: Layer, inputs: Tensor) -> Tensor:
        name = now.names[id(layer)]
        outputs = compute_unmerged(name, inputs, now)
        record(name, outputs, now.merged(layer, inputs))
        return outputs

    features = network.features(probes, compare)
    if isinstance(network.head, Layer):
        merged = now.merged(network.head, network.features(probes, now.merged))
        record("head", compute_unmerged("head", features, now), merged)
    return results
