"""Assignment of a frame's layers to the rows of the stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.protocol.messages import LayerFrame, MatrixInfo
from gui.matrices.factor_kinds import FactorPlacement, placement
from gui.stage.check_text import failure_lines, first_failing

ADAPTER_PREFIX = "adapter"
"""First letters of an adapter's name."""


@dataclass(frozen=True, slots=True)
class RowSpec:
    """One row: a layer as W + ΔW = W′, and the adapter after it or parallel to it."""

    layer: LayerFrame
    adapter: tuple[LayerFrame, LayerFrame] | None = None
    """(down (m, in), up (out, m))."""
    parallel: bool = False
    """Whether the adapter's input is the layer's, not the layer's output."""
    focused: bool = False
    """Whether the user asked to see this layer alone."""
    around: bool = False
    """Whether B stands left of ΔW and A above it, not both behind ΔW, where width is short."""

    @property
    def infos(self) -> tuple[MatrixInfo, ...]:
        """The descriptions of all factors."""
        return tuple(factor.info for factor in self.layer.factors)

    def placed(self, *places: FactorPlacement) -> tuple[MatrixInfo, ...]:
        """Return the descriptions of the factors in these places."""
        return tuple(info for info in self.infos if placement(info) in places)

    @property
    def structure(self) -> tuple[object, ...]:
        """Determines the widgets of the row: kinds, but neither values nor shapes."""
        adapter = () if self.adapter is None else tuple(part.name for part in self.adapter)
        return self.layer.name, self.infos, adapter, self.parallel, self.focused, self.around

    @property
    def parts(self) -> tuple[LayerFrame, ...]:
        """The layer, and the two of its adapter."""
        return (self.layer, *(self.adapter or ()))

    @property
    def shapes(self) -> tuple[object, ...]:
        """Determines the positions of the widgets, beyond the structure.

        The rank does too: it decides whether there is room for A above ΔW.
        """
        shape = self.layer.shape
        beside = tuple(
            factor.info.full_shape(factor.values.shape, shape) for factor in self.layer.factors
        )
        adapter = () if self.adapter is None else tuple(part.shape for part in self.adapter)
        notes = tuple(_failure_line_count(part) for part in self.parts)
        return shape, beside, adapter, notes


def make_row_specs(
    layers: Sequence[LayerFrame],
    of_interest: tuple[str, ...] = (),
    focus: str = "",
    *,
    around: bool = False,
) -> tuple[RowSpec, ...]:
    """Return the rows of the stage, in the network's order.

    Args: of_interest: names of the only layers that the strategy shows; empty, or matching none:
    all.  focus: name of the only layer that the user wants to see; empty, or matching none: all.
    around: whether factors stand around ΔW; they do where the user sees one layer alone.
    """
    chosen = [layer for layer in layers if {layer.name, layer.block} & {*of_interest}]
    pairs: list[tuple[LayerFrame, tuple[LayerFrame, LayerFrame] | None]] = []
    rest = list(chosen or layers)
    while rest:
        layer = rest.pop(0)
        pair = _leading_adapter(rest)
        if pair is not None:
            del rest[:2]
        pairs.append((layer, pair))
    focused = [pair for pair in pairs if any(focus in (p.name, p.block) for p in _parts(pair))]
    parallel = any(_takes_input(layer, pair) for layer, pair in pairs)
    return tuple(
        RowSpec(layer, pair, parallel, focused=bool(focused), around=around or bool(focused))
        for layer, pair in focused or pairs
    )


def _parts(
    pair: tuple[LayerFrame, tuple[LayerFrame, LayerFrame] | None],
) -> tuple[LayerFrame, ...]:
    return (pair[0], *(pair[1] or ()))


def _failure_line_count(layer: LayerFrame) -> int:
    """Return the number of lines about a failure; 0 where all checks hold."""
    wrong = first_failing(layer.measured.checks)
    return 0 if wrong is None else len(failure_lines(wrong))


def _leading_adapter(rest: Sequence[LayerFrame]) -> tuple[LayerFrame, LayerFrame] | None:
    """Return the adapter's two matrices if they come next."""
    if len(rest) < 2:
        return None
    down, up = rest[:2]
    whole = (down.name, up.name) == (f"{down.block}.down", f"{down.block}.up")
    return (down, up) if whole and down.block.startswith(ADAPTER_PREFIX) else None


def _takes_input(layer: LayerFrame, pair: tuple[LayerFrame, LayerFrame] | None) -> bool:
    """Return whether the adapter's input can only be the layer's: only that has this width.

    One such layer decides for all adapters, as a strategy treats them alike.
    """
    if pair is None:
        return False
    (outputs, inputs), fed = layer.shape, pair[0].shape[1]
    return bool(fed == inputs != outputs)
