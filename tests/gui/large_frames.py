"""Frames of layers too large to be sent cell by cell, reduced as a window asks for them."""

from __future__ import annotations

import dataclasses

import numpy as np

from engine.protocol.frames import WHOLE
from engine.protocol.messages import Frame, LayerFrame, Matrix, Part, SetViews, View
from gui.stage.factor_kinds import band
from tests.gui.frames import FedSession, frame, layer

Shapes = dict[str, tuple[int, int]]

DEEP: Shapes = {f"layer{number}": (768, 768) for number in range(1, 13)}
"""Twelve layers that are equal."""
NETWORK: Shapes = {
    "layer1": (768, 30), "layer2": (768, 768), "layer3": (768, 768), "head": (5, 768),
}  # fmt: skip
HUGE: Shapes = {f"layer{number}": (8192, 8192) for number in (1, 2, 3)}


def reduced(matrix: Matrix, part: Part, sides: tuple[bool, bool] = (True, True)) -> Matrix:
    """The number of largest magnitude of each block. Args: sides: which the part cuts."""
    rows, columns = sides
    if rows:
        matrix = matrix[part.top : part.top + part.rows]
    if columns:
        matrix = matrix[:, part.left : part.left + part.columns]
    down, across = part.stride if rows else 1, part.stride if columns else 1
    high, wide = -(-matrix.shape[0] // down), -(-matrix.shape[1] // across)
    padded = np.zeros((high * down, wide * across), np.float32)
    padded[: matrix.shape[0], : matrix.shape[1]] = matrix
    blocks = padded.reshape(high, down, wide, across).swapaxes(1, 2).reshape(high, wide, -1)
    place = np.abs(blocks).argmax(2)[..., None]
    return np.ascontiguousarray(np.take_along_axis(blocks, place, 2)[..., 0])


def part_of(view: View, shape: tuple[int, int]) -> Part:
    """What the engine makes of a view."""
    rows, columns = min(view.rows, shape[0] - view.top), min(view.columns, shape[1] - view.left)
    stride = max(-(-max(rows, columns) // view.pixels), 1)
    return Part(shape, view.top, view.left, rows, columns, stride)


class Network:
    """Full matrices, of which it makes frames as an engine does."""

    def __init__(self, shapes: Shapes, *, rank: int = 0) -> None:
        """Args: rank: of B and A; 0: none."""
        self.whole = {name: _layer(name, shape, rank) for name, shape in shapes.items()}
        self.views: dict[str, View] = {}

    def look(self, session: FedSession) -> bool:
        """Take the newest views that the session has sent. Returns: whether there are any."""
        session.tick()
        sent = [each for each in session.silent_host.sent if isinstance(each, SetViews)]
        if sent:
            self.views = {view.layer: view for view in sent[-1].views}
        return bool(sent)

    def frame(self, step: int = 1, *, change: float = 1.0, run: int = 1) -> Frame:
        """As the engine would send it. Args: change: ΔW is so many times what it was made."""
        layers = tuple(self._drawn(one, change) for one in self.whole.values())
        return dataclasses.replace(frame("full", step=step, run=run), layers=layers)

    def _drawn(self, one: LayerFrame, change: float) -> LayerFrame:
        delta = one.delta * np.float32(change)
        updated = one.weight + delta
        norm = one.delta_norm * change
        if max(one.weight.shape) <= WHOLE:
            return dataclasses.replace(one, delta=delta, updated=updated, delta_norm=norm)
        shape = one.weight.shape
        view = self.views.get(one.name) or View(one.name, 0, 0, *shape, WHOLE)
        part = part_of(view, shape)
        factors = tuple(
            (name, reduced(factor, part, band(name, factor.shape, shape)))
            for name, factor in one.factors
        )
        return dataclasses.replace(
            one,
            weight=reduced(one.weight, part),
            delta=reduced(delta, part),
            updated=reduced(updated, part),
            factors=factors,
            delta_norm=norm,
            part=part,
        )


def _layer(name: str, shape: tuple[int, int], rank: int) -> LayerFrame:
    """As `frames.layer`, without the spectrum of a large matrix."""
    small = layer(name, (8, 8), change=0.03)
    generator = np.random.default_rng([11, *name.encode()])
    out, inputs = shape
    weight = generator.normal(0.0, 0.05, shape).astype(np.float32)
    b = generator.normal(0.0, 1.0, (out, rank or 5)).astype(np.float32)
    b *= np.exp(-generator.uniform(0, 3.0, (out, 1))).astype(np.float32)
    a = generator.normal(0.0, 0.005, (rank or 5, inputs)).astype(np.float32)
    delta = b @ a
    return dataclasses.replace(
        small,
        weight=weight,
        delta=delta,
        updated=weight + delta,
        total_parameters=weight.size,
        trainable_parameters=weight.size if not rank else b.size + a.size,
        delta_norm=float(np.linalg.norm(delta)),
        weight_norm=float(np.linalg.norm(weight)),
        factors=(("lora_B", b), ("lora_A", a)) if rank else (),
        scaling=1.0 if rank else None,
        singular_values=np.zeros(0, np.float32),
        k90=3,
        proofs=(),
    )
