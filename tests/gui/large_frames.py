"""Frames of layers too large to be sent cell by cell, as an engine makes them for a window."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from msgspec.structs import replace

from engine.protocol.frames import MAX_WHOLE_SIDE
from engine.protocol.messages import Array, Frame, LayerFrame, PartRequest, SetViews, VisiblePart
from gui.stage.stage import Stage
from tests.gui.changed import changed
from tests.gui.frames import frame, layer
from tests.gui.made_factors import INFOS, named
from tests.gui.shell_frames import FakeSession

Shape = tuple[int, int]

DEEP = {f"layer{number}": (768, 768) for number in range(1, 13)}
"""Twelve layers that are equal."""
NETWORK = {"layer1": (768, 30), "layer2": (768, 768), "layer3": (768, 768), "head": (5, 768)}
"""With a first layer of few columns and a head of few rows."""
HUGE = {f"layer{number}": (8192, 8192) for number in (1, 2, 3)}
MIDDLING = {"layer1": (128, 30), "layer2": (128, 128), "head": (10, 128)}
"""Whole in every frame, and yet too large for cells of some pixels."""
ADAPTED = {
    "layer1": (768, 768), "adapter1.down": (8, 768), "adapter1.up": (768, 8),
    "layer2": (768, 768), "adapter2.down": (8, 768), "adapter2.up": (768, 8),
    "head": (5, 768),
}  # fmt: skip


def part_of(view: PartRequest, shape: Shape) -> VisiblePart:
    """What the engine makes of a view."""
    rows, columns = min(view.rows, shape[0] - view.top), min(view.columns, shape[1] - view.left)
    return VisiblePart(
        shape, view.top, view.left, rows, columns, -(-max(rows, columns) // view.pixels)
    )


def reduced(matrix: Array, part: VisiblePart, sides: tuple[bool, bool] = (True, True)) -> Array:
    """The number of largest magnitude of each block. Args: sides: which of them the part cuts."""
    down, across = (part.stride if cut else 1 for cut in sides)
    if sides[0]:
        matrix = matrix[part.top : part.top + part.rows]
    if sides[1]:
        matrix = matrix[:, part.left : part.left + part.columns]
    high, wide = -(-matrix.shape[0] // down), -(-matrix.shape[1] // across)
    padded = np.zeros((high * down, wide * across), np.float32)
    padded[: matrix.shape[0], : matrix.shape[1]] = matrix
    blocks = padded.reshape(high, down, wide, across).swapaxes(1, 2).reshape(high, wide, -1)
    place = np.abs(blocks).argmax(2)[..., None]
    return np.ascontiguousarray(np.take_along_axis(blocks, place, 2)[..., 0])


class Engine:
    """Makes frames of some layers, each as the window's views have it."""

    def __init__(self, shapes: dict[str, Shape], *, rank: int = 0) -> None:
        """Args: rank: of B and A; 0: none."""
        self.shapes, self.rank = shapes, rank
        self.strategy = "lora" if rank else "full"
        self.views: dict[str, PartRequest] = {}

    def look(self, session: FakeSession) -> None:
        """Take the newest views that the session has sent."""
        session.poll()
        for sent in session.fake_host.sent:
            if isinstance(sent, SetViews):
                self.views = {view.layer: view for view in sent.views}

    def frame(self, step: int = 1, *, run: int = 1, playing: bool = False) -> Frame:
        """What the engine would send at this step."""
        layers = tuple(self._layer(name, shape, step) for name, shape in self.shapes.items())
        return replace(frame(self.strategy, step=step, run=run), layers=layers, playing=playing)

    def _layer(self, name: str, shape: Shape, step: int) -> LayerFrame:
        part = None
        if max(shape) > MAX_WHOLE_SIDE:
            part = part_of(
                self.views.get(name) or PartRequest(name, 0, 0, *shape, MAX_WHOLE_SIDE), shape
            )
        whole = VisiblePart(shape, 0, 0, *shape, 1)
        weight, delta, b, a = self._matrices(name, shape, part or whole)
        delta = delta * np.float32(step)
        small = layer(name, (8, 8), change=0.03)
        total = shape[0] * shape[1]
        low_rank = self.rank and name != "head"
        return changed(
            small,
            weight=weight,
            delta=delta,
            updated=weight + delta,
            part=part,
            total_parameters=total,
            trainable_parameters=self.rank * sum(shape) if low_rank else total,
            delta_norm=0.001 * step * total**0.5,
            weight_norm=0.05 * total**0.5,
            factors=(named("lora_B", b), named("lora_A", a)) if low_rank else (),
            scaling=float(step) if low_rank else None,
            checks=(),
        )

    def _matrices(self, name: str, shape: Shape, part: VisiblePart) -> tuple[Array, ...]:
        """W, ΔW of step 1, B and A, as pictures: here not those of any real matrix."""
        generator = np.random.default_rng([part.top, part.left, part.stride, *name.encode()])
        down, across = -(-part.rows // part.stride), -(-part.columns // part.stride)
        rank = self.rank or 1
        return tuple(
            generator.normal(0.0, size, drawn).astype(np.float32)
            for size, drawn in (
                (0.05, (down, across)), (0.001, (down, across)),
                (0.1, (down, rank)), (0.1, (rank, across)),
            )
        )  # fmt: skip


class ExactEngine(Engine):
    """The same over whole matrices, so that every number can be checked: takes their memory."""

    def __init__(self, shapes: dict[str, Shape], *, rank: int = 0) -> None:
        """Args: rank: of B and A; 0: none."""
        super().__init__(shapes, rank=rank)
        self.whole = {name: self._whole(name, shape, rank or 5) for name, shape in shapes.items()}
        """W, ΔW of step 1, B and A."""

    @staticmethod
    def _whole(name: str, shape: Shape, rank: int) -> tuple[Array, ...]:
        generator = np.random.default_rng([11, *name.encode()])
        weight = generator.normal(0.0, 0.05, shape).astype(np.float32)
        b = generator.normal(0.0, 0.1, (shape[0], rank))
        b *= np.exp(-generator.uniform(0, 3.0, (shape[0], 1)))
        a = generator.normal(0.0, 0.01, (rank, shape[1])).astype(np.float32)
        b = b.astype(np.float32)
        return weight, b @ a, b, a

    def _matrices(self, name: str, shape: Shape, part: VisiblePart) -> tuple[Array, ...]:
        weight, delta, b, a = self.whole[name]
        return (
            reduced(weight, part),
            reduced(delta, part),
            reduced(b, part, INFOS["lora_B"].shared),
            reduced(a, part, INFOS["lora_A"].shared),
        )


OpenLarge = Callable[..., tuple[FakeSession, Stage]]
"""(engine, size=LAPTOP) -> its session and the stage, opened, with a frame of what it asked for"""
