"""What must hold while a network trains, checked again and again: the lights on the rows."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from engine.analysis.chunked import change_outputs, largest_delta, sum_error
from engine.analysis.snapshot import NetworkSnapshot
from engine.model.layer import Layer
from engine.model.network import Network
from engine.protocol.messages import Check

EPS = torch.finfo(torch.float32).eps
ROUNDING = 8 * EPS
"""Of a sum of a few numbers, relative to the largest of them."""
MOST_REMEMBERED = 1 << 20
"""Numbers of the largest tensor of which a copy is kept to hold it against."""
RANK_ROUNDING = 1e-5
"""Singular values below this share of the largest count as zero."""
MERGE_ROUNDING = 200 * EPS
"""Of a chain of matrix products, relative to its largest result, or to 1 if that is smaller."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Reference:
    """A tensor as it was when it was frozen: its value, or of a large one a digest of its bytes."""

    value: Tensor | None
    digest: bytes
    shape: torch.Size
    step: int

    @classmethod
    def of(cls, tensor: Tensor, step: int) -> _Reference:
        """Remember the tensor as it is."""
        if tensor.numel() > MOST_REMEMBERED:
            return cls(None, digest_of(tensor), tensor.shape, step)
        return cls(tensor.detach().clone(), b"", tensor.shape, step)

    def is_kept_by(self, tensor: Tensor, digests: dict[int, bytes]) -> bool:
        """Whether every bit is as it was. Args: digests: those worked out already, by address."""
        if tensor.shape != self.shape:
            return False
        if self.value is not None:
            return torch.equal(_bits(tensor), _bits(self.value))
        address = tensor.data_ptr()
        if address not in digests:
            digests[address] = digest_of(tensor)
        return digests[address] == self.digest


class Checker:
    """The claims of one run.

    Call `settle` at the start and after every change of what is frozen or of settings; it takes
    what it finds there as what must stay.

    Args: network: as it stands before the first step.  probes: (n, 30), samples on which merged
    and unmerged outputs are compared.
    """

    def __init__(self, network: Network, probes: Tensor) -> None:
        self._network = network
        self._probes = probes
        self._frozen: dict[str, _Reference] = {}
        self._ranks: dict[str, int] = {}
        self._still = False
        self._failed_at: dict[tuple[str, str], tuple[bool, int]] = {}
        with torch.no_grad():
            self._start = {name: largest_delta(layer) for name, layer in network.layers()}

    def settle(self, step: int, *, still: bool) -> None:
        """Take the tensors that nothing may move, and the ranks, as they are now.

        What was held before is held against what it was then.

        Args: still: whether a frozen layer's BatchNorm is to keep its statistics as well.
        """
        if still and not self._still:  # what moved until now was not meant to stay
            self._frozen = {n: r for n, r in self._frozen.items() if not _is_statistic(n)}
        self._still = still
        self._frozen = {
            name: self._frozen.get(name) or _Reference.of(tensor, step)
            for name, tensor in _held(self._network)
        }
        limits = (
            (name, None if layer.update is None else layer.update.rank_limit())
            for name, layer in self._network.layers()
        )
        self._ranks = {name: limit for name, limit in limits if limit is not None}

    def forget(self) -> None:
        """All tensors were replaced: `settle` takes what there is then."""
        self._frozen = {}

    @torch.no_grad()
    def check(
        self, step: int, now: NetworkSnapshot, spectra: Mapping[str, NDArray[np.float32]]
    ) -> dict[str, tuple[Check, ...]]:
        """Every claim of every layer.

        Args: spectra: layer name -> singular values of ΔW, falling.
        Returns: layer name -> proofs, in the order of the lights.
        """
        sums = {name: _check_sum(name, now) for name in now.layers}
        whole = all(check is not None for check in sums.values())
        merged = _check_merges(self._network, self._probes, now) if whole else {}
        digests = dict[int, bytes]()
        found: dict[str, tuple[Check, ...]] = {}
        for name, layer in now.layers.items():
            checks = [
                self._check_frozen(name, layer, digests),
                self._check_start(name),
                self._check_rank(name, layer, spectra[name]),
                sums[name],
                merged.get(name),
            ]
            found[name] = tuple(self._dated(name, p, step) for p in checks if p is not None)
        return found

    def _dated(self, layer: str, check: Check, step: int) -> Check:
        """With the step at which it was first seen to fail, for as long as it fails."""
        key = layer, check.name
        if check.holds:
            self._failed_at.pop(key, None)
            return check
        lesson, since = self._failed_at.get(key, (check.lesson, step))
        if lesson != check.lesson:
            since = step
        self._failed_at[key] = check.lesson, since
        return dataclasses.replace(check, step=since)

    def _check_frozen(self, name: str, layer: Layer, digests: dict[int, bytes]) -> Check | None:
        """Bit for bit: NaN is itself, and 0 is not −0. A bug of ours goes before a lesson."""
        since, lesson = -1, None
        for key, tensor in _named_tensors(name, layer).items():
            reference = self._frozen.get(key)
            if reference is None:
                continue
            since = max(since, reference.step)
            if reference.is_kept_by(tensor, digests):
                continue
            place, now, then = _first_difference(tensor, reference)
            where = f"{key.removeprefix(f'{name}.')}{place}"
            if self._still or not _is_statistic(key):
                return Check("frozen", False, now, then, 0, where)
            lesson = lesson or Check("frozen", False, now, then, 0, where, lesson=True)
        if lesson is not None or since < 0:
            return lesson
        return Check("frozen", True, 0.0, 0.0, since)

    def _check_start(self, name: str) -> Check:
        return _at_most("zero_start", self._start[name], 0.0)

    def _check_rank(self, name: str, layer: Layer, values: NDArray[np.float32]) -> Check | None:
        if name not in self._ranks or not np.isfinite(values).all():
            return None
        # ΔW may be a small difference of large matrices: their rounding is no direction of it.
        noise = RANK_ROUNDING * values[0] + 4 * EPS * layer.weight_norm()
        return _at_most("rank", float((values > noise).sum()), float(self._ranks[name]))


def _check_sum(name: str, now: NetworkSnapshot) -> Check | None:
    """None where W + ΔW is too large for float32: there is nothing to hold W′ against."""
    layer = now.layers[name]
    if layer.is_large:
        found = sum_error(layer)
        return None if found is None else _at_most("sum", found[0], ROUNDING * found[1])
    original, delta, updated = layer.original, now.delta[name], now.updated[name]
    total = original + delta
    if not total.isfinite().all():
        return None
    size = max(float(original.abs().max()), float(delta.abs().max()))
    return _at_most("sum", float((updated - total).abs().max()), ROUNDING * size)


def _at_most(claim: str, found: float, most: float) -> Check:
    return Check(claim, found <= most, found, most, 0)


# ---------------------------------------------------------------- what must stay


def _named_tensors(name: str, layer: Layer) -> dict[str, Tensor]:
    return {f"{name}.{key}": tensor for key, tensor in layer.state_dict().items()}


def _is_statistic(name: str) -> bool:
    """Whether a tensor is what a BatchNorm measures of the batches."""
    return ".norm.running_" in name or name.endswith(".norm.num_batches_tracked")


def _held(network: Network) -> Iterator[tuple[str, Tensor]]:
    """Tensors that nothing may move: locked parameters, W itself, and a locked layer's buffers."""
    for name, layer in network.layers():
        free = {key for key, p in layer.named_parameters() if p.requires_grad}
        fixed = {"original", "original_bias"}
        if layer.update is not None:
            fixed.update(f"update.{key}" for key in layer.update.frozen_buffers)
        moving = {key for key, _ in layer.named_buffers() if free} - fixed
        for key, tensor in layer.state_dict().items():
            if key not in free | moving:
                yield f"{name}.{key}", tensor


def _bits(tensor: Tensor) -> Tensor:
    return tensor.detach().view(torch.int32) if tensor.dtype == torch.float32 else tensor


def digest_of(tensor: Tensor) -> bytes:
    """Of all its bytes; two that differ in a single bit have different ones."""
    return hashlib.blake2b(tensor.detach().numpy().data, digest_size=16).digest()


def _first_difference(now: Tensor, reference: _Reference) -> tuple[str, float, float]:
    """Where a tensor differs first, as [row, column], and the two numbers there.

    NaN where the number as it was is not kept.
    """
    then = reference.value
    if now.shape != reference.shape:
        return "", float(now.numel()), float(reference.shape.numel())
    if then is None:
        return "", math.nan, math.nan
    index = (_bits(now) != _bits(then)).nonzero()[0].tolist()
    place = f"[{', '.join(map(str, index))}]" if index else ""
    return place, float(now[tuple(index)]), float(then[tuple(index)])


# ---------------------------------------------------------------- merged or beside


def unmerged(name: str, inputs: Tensor, now: NetworkSnapshot) -> Tensor:
    """(n, in) -> (n, out): W and what was added to it, side by side, without making W′."""
    layer = now.layers[name]
    if layer.update is not None:
        base = functional.linear(inputs, layer.weight, layer.bias)
        return base + layer.update.branch(inputs, layer.weight, layer.bias)
    base = functional.linear(inputs, layer.original, layer.original_bias)
    if layer.is_large:
        moved, shift = change_outputs(layer, inputs), layer.bias_delta()
        return base + moved if shift is None else base + (moved + shift)
    return base + functional.linear(inputs, now.delta[name], layer.bias_delta())


def _check_merges(network: Network, probes: Tensor, now: NetworkSnapshot) -> dict[str, Check]:
    """Layer -> that its outputs are the same, merged or not, within their rounding.

    The head's is that of the whole network, every layer unmerged against every layer merged.
    Nothing is said where the unmerged outputs are too large for float32.
    """
    found: dict[str, Check] = {}

    def note(name: str, beside: Tensor, merged: Tensor) -> None:
        if beside.isfinite().all():
            most = MERGE_ROUNDING * max(1.0, float(beside.abs().max()))
            found[name] = _at_most("merged", float((beside - merged).abs().max()), most)

    def compare(layer: Layer, inputs: Tensor) -> Tensor:
        name = now.names[id(layer)]
        beside = unmerged(name, inputs, now)
        note(name, beside, now.merged(layer, inputs))
        return beside

    features = network.features(probes, compare)
    if isinstance(network.head, Layer):
        merged = now.merged(network.head, network.features(probes, now.merged))
        note("head", unmerged("head", features, now), merged)
    return found
