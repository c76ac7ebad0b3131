"""Which layers of a frame share a line of the stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.protocol.messages import LayerFrame
from gui.matrices.factor_kinds import is_factor, whole_shape
from gui.stage.check_text import failing, short_lines

BELOW = "gradient"
"""Drawn under ΔW where its layer has the stage to itself."""
ADAPTER = "adapter"


@dataclass(frozen=True, slots=True)
class RowSpec:
    """One row: a layer as W + ΔW = W′, and the adapter that follows it or stands beside it."""

    layer: LayerFrame
    adapter: tuple[LayerFrame, LayerFrame] | None = None
    """(down (m, in), up (out, m))."""
    parallel: bool = False
    """Whether the adapter is fed what the layer is fed, not what the layer hands on."""
    alone: bool = False
    """Whether it is the only row."""
    against: str = ""
    """The caption of "difference", W′ − W′ of A at step 300; the first row's does for all."""
    caption: bool = False
    """Whether to say under W that it is a random start; not where the whole network is new."""

    @property
    def below(self) -> str:
        """Name of the factor that stands under ΔW; empty: none."""
        names = (name for name, _ in self.layer.factors)
        return BELOW if self.alone and BELOW in names else ""

    @property
    def structure(self) -> tuple[object, ...]:
        """What decides which widgets the row has: names, no values and no shapes."""
        adapter = () if self.adapter is None else tuple(part.name for part in self.adapter)
        names = tuple(name for name, _ in self.layer.factors)
        return self.layer.name, names, adapter, self.parallel, self.alone

    @property
    def factor_shapes(self) -> tuple[tuple[str, tuple[int, int]], ...]:
        """Names of the layer's factors with the shapes that they themselves have."""
        layer = self.layer
        return tuple(
            (name, whole_shape(name, factor.shape, layer.weight.shape, layer.shape))
            for name, factor in layer.factors
        )

    @property
    def parts(self) -> tuple[LayerFrame, ...]:
        """The layer, and the two of its adapter."""
        return (self.layer, *(self.adapter or ()))

    @property
    def shapes(self) -> tuple[object, ...]:
        """What decides where the widgets stand, beyond the structure. The rank does not."""
        beside = tuple(shape for name, shape in self.factor_shapes if not is_factor(name))
        adapter = () if self.adapter is None else tuple(part.shape for part in self.adapter)
        notes = tuple(_note_lines(part) for part in self.parts)
        return self.layer.shape, beside, adapter, self.caption, notes


def lines(
    layers: Sequence[LayerFrame], focus: tuple[str, ...] = (), against: str = ""
) -> tuple[RowSpec, ...]:
    """The rows of the stage, in the network's order.

    Args: focus: names of the only layers worth showing; empty, or naming none here: all.
    against: as `RowSpec` has it.
    """
    chosen = [layer for layer in layers if layer.name in focus or layer.block in focus]
    found: list[tuple[LayerFrame, tuple[LayerFrame, LayerFrame] | None]] = []
    rest = list(chosen or layers)
    while rest:
        layer = rest.pop(0)
        pair = _adapter(rest)
        if pair is not None:
            del rest[:2]
        found.append((layer, pair))
    all_fresh = all(layer.randomly_initialised for layer, _ in found)
    parallel = any(_takes_input(layer, pair) for layer, pair in found)
    return tuple(
        RowSpec(
            layer,
            pair,
            parallel=parallel,
            alone=len(found) == 1,
            against="" if place else against,
            caption=layer.randomly_initialised and not all_fresh,
        )
        for place, (layer, pair) in enumerate(found)
    )


def _note_lines(layer: LayerFrame) -> int:
    """Lines that say what fails; 0 where all proofs hold."""
    wrong = failing(layer.checks)
    return 0 if wrong is None else len(short_lines(wrong))


def _adapter(rest: Sequence[LayerFrame]) -> tuple[LayerFrame, LayerFrame] | None:
    """The adapter's two matrices if they come next."""
    if len(rest) < 2:
        return None
    down, up = rest[:2]
    whole = (down.name, up.name) == (f"{down.block}.down", f"{down.block}.up")
    return (down, up) if whole and down.block.startswith(ADAPTER) else None


def _takes_input(layer: LayerFrame, pair: tuple[LayerFrame, LayerFrame] | None) -> bool:
    """Whether the adapter can only be fed the layer's input: only that is so wide.

    One such layer tells of all adapters, for a strategy treats them alike.
    """
    if pair is None:
        return False
    (outputs, inputs), fed = layer.shape, pair[0].shape[1]
    return bool(fed == inputs != outputs)
