"""What must hold while a network trains, checked at every frame: the lights on the rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional

from engine.analysis.snapshot import Snapshot
from engine.network import Layer, Network
from engine.protocol.messages import Proof

EPS = torch.finfo(torch.float32).eps
ROUNDING = 8 * EPS
"""Of a sum of a few numbers, relative to the largest of them."""
RANK_ROUNDING = 1e-5
"""Singular values below this share of the largest count as zero."""
MERGE_ROUNDING = 200 * EPS
"""Of a chain of matrix products, relative to its largest result, or to 1 if that is smaller."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Reference:
    """A tensor as it was when it was frozen."""

    value: Tensor
    step: int


class Proofs:
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
        self._failed_at: dict[tuple[str, str], int] = {}
        with torch.no_grad():
            self._start = {
                name: float(layer.delta().abs().max()) for name, layer in network.layers()
            }

    def settle(self, step: int) -> None:
        """Take the tensors that nothing may move, and the ranks, as they are now."""
        held = dict(_held(self._network))
        self._frozen = {
            name: self._frozen[name]
            if name in self._frozen and self._frozen[name].value.shape == tensor.shape
            else _Reference(tensor.detach().clone(), step)
            for name, tensor in held.items()
        }
        limits = (
            (name, None if layer.update is None else layer.update.rank_limit())
            for name, layer in self._network.layers()
        )
        self._ranks = {name: limit for name, limit in limits if limit is not None}

    def forget(self) -> None:
        """What was frozen until now is no measure any more; `settle` takes what there is then."""
        self._frozen = {}

    @torch.no_grad()
    def check(self, step: int, now: Snapshot) -> dict[str, tuple[Proof, ...]]:
        """Every claim of every layer.

        Returns: layer name -> proofs, in the order of the lights.
        """
        merged = _merge_differences(self._network, self._probes, now)
        found: dict[str, tuple[Proof, ...]] = {}
        for name, layer in now.layers.items():
            proofs = [
                self._check_frozen(name, layer),
                self._check_start(name),
                self._check_rank(name, now),
                _check_sum(layer.original, now.delta[name], now.updated[name]),
            ]
            if name in merged:
                difference, size = merged[name]
                proofs.append(_at_most("merged", difference, MERGE_ROUNDING * max(1.0, size)))
            found[name] = tuple(self._dated(name, p, step) for p in proofs if p is not None)
        return found

    def _dated(self, layer: str, proof: Proof, step: int) -> Proof:
        """With the step at which it was first seen to fail, for as long as it fails."""
        key = layer, proof.claim
        if proof.holds:
            self._failed_at.pop(key, None)
            return proof
        return dataclasses.replace(proof, step=self._failed_at.setdefault(key, step))

    def _check_frozen(self, name: str, layer: Layer) -> Proof | None:
        """Bit for bit: NaN is itself, and 0 is not −0."""
        tensors = _named_tensors(name, layer)
        since = 0
        for key, tensor in tensors.items():
            reference = self._frozen.get(key)
            if reference is None:
                continue
            since = max(since, reference.step)
            was = reference.value
            if tensor.shape == was.shape and torch.equal(_bits(tensor), _bits(was)):
                continue
            place, now, then = _first_difference(tensor, was)
            part = key.removeprefix(f"{name}.")
            statistic = part.startswith("norm.running") or part == "norm.num_batches_tracked"
            where = f"{part}{place}"
            return Proof("frozen", False, now, then, 0, where, lesson=statistic)
        known = any(key in self._frozen for key in tensors)
        return Proof("frozen", True, 0.0, 0.0, since) if known else None

    def _check_start(self, name: str) -> Proof:
        return _at_most("zero_start", self._start[name], 0.0)

    def _check_rank(self, name: str, now: Snapshot) -> Proof | None:
        if name not in self._ranks:
            return None
        values, weight = now.spectra[name], now.layers[name].original
        # ΔW may be a small difference of large matrices: their rounding is no direction of it.
        noise = RANK_ROUNDING * values[0] + 4 * EPS * float(weight.norm())
        return _at_most("rank", float((values > noise).sum()), float(self._ranks[name]))


def _check_sum(original: Tensor, delta: Tensor, updated: Tensor) -> Proof:
    difference = float((updated - (original + delta)).abs().max())
    size = max(float(original.abs().max()), float(delta.abs().max()))
    return _at_most("sum", difference, ROUNDING * size)


def _at_most(claim: str, found: float, most: float) -> Proof:
    return Proof(claim, found <= most, found, most, 0)


# ---------------------------------------------------------------- what must stay


def _named_tensors(name: str, layer: Layer) -> dict[str, Tensor]:
    return {f"{name}.{key}": tensor for key, tensor in layer.state_dict().items()}


def _held(network: Network) -> Iterator[tuple[str, Tensor]]:
    """Tensors that nothing may move: locked parameters, W itself, and a locked layer's buffers."""
    for name, layer in network.layers():
        free = {key for key, p in layer.named_parameters() if p.requires_grad}
        buffers = {key for key, _ in layer.named_buffers()}
        for key, tensor in layer.state_dict().items():
            always = key in ("original", "original_bias")
            if always or (key not in free and not (free and key in buffers)):
                yield f"{name}.{key}", tensor


def _bits(tensor: Tensor) -> Tensor:
    return tensor.detach().view(torch.int32) if tensor.dtype == torch.float32 else tensor


def _first_difference(now: Tensor, then: Tensor) -> tuple[str, float, float]:
    """Where two tensors differ first, as [row, column], and the two numbers there."""
    if now.shape != then.shape:
        return "", float(now.numel()), float(then.numel())
    index = (_bits(now) != _bits(then)).nonzero()[0].tolist()
    place = f"[{', '.join(map(str, index))}]" if index else ""
    return place, float(now[tuple(index)]), float(then[tuple(index)])


# ---------------------------------------------------------------- merged or beside


def unmerged(name: str, inputs: Tensor, now: Snapshot) -> Tensor:
    """(n, in) -> (n, out): W and what was added to it, side by side, without making W′."""
    layer = now.layers[name]
    if layer.update is not None:
        base = functional.linear(inputs, layer.weight, layer.bias)
        return base + layer.update.branch(inputs, layer.weight, layer.bias)
    base = functional.linear(inputs, layer.original, layer.original_bias)
    moved = functional.linear(inputs, now.delta[name], layer.bias_delta())
    return base + moved


def _merge_differences(
    network: Network, probes: Tensor, now: Snapshot
) -> dict[str, tuple[float, float]]:
    """Layer -> largest difference of its outputs, merged or not, and the largest output.

    The head's is that of the whole network, every layer unmerged against every layer merged.
    """
    found: dict[str, tuple[float, float]] = {}
    names = now.names

    def compare(layer: Layer, inputs: Tensor) -> Tensor:
        name = names[id(layer)]
        beside = unmerged(name, inputs, now)
        found[name] = _difference(beside, now.compute(layer, inputs))
        return beside

    features = network.features(probes, compare)
    if isinstance(network.head, Layer):
        merged = now.compute(network.head, network.features(probes, now.compute))
        found["head"] = _difference(unmerged("head", features, now), merged)
    return found


def _difference(one: Tensor, other: Tensor) -> tuple[float, float]:
    return float((one - other).abs().max()), float(other.abs().max())
