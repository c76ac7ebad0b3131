"""The stations on a sample's way: what leads to each, and what stands there before and now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.protocol.messages import Frame, LayerActivations, LayerFrame, Matrix, NetworkActivations
from gui.matrices.colour_scale import DELTA, WEIGHT, adapter_part
from gui.text.layers import RANDOM_START, layer_title, shape_text

Numbers = NDArray[np.float32]
OUTPUTS = "outputs"
"""The last station: the probabilities."""
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True, slots=True)
class Factor:
    """A matrix that stands between the two networks."""

    caption: str
    """W₁"""
    short: str
    """W: where there is little room."""
    layer: str
    """The frame's layer that it belongs to."""
    subject: str
    """W of layer 1, 40 × 30; for screen readers and the tooltip."""
    matrix: Matrix
    side: int
    """Cells of the whole along its longer side; of a large layer the matrix is a picture."""
    scale: str
    """Its kind, as `ColourScales` has them."""
    frozen: bool


@dataclass(frozen=True, slots=True)
class Station:
    """Where a sample's numbers stand after one more layer."""

    name: str
    """As `LayerActivations` has it; "x" the first, "outputs" the last."""
    factors: tuple[Factor, ...] = ()
    """W, ΔW, W′; of an adapter D and U; of a prompt p."""
    signs: tuple[str, ...] = ()
    """Between these."""
    way_before: str = ""
    """What leads there in the network before: W₁, ReLU."""
    way_after: str = ""
    before: Numbers | None = None
    """(n,); None: the network before has nothing there, or this is the last station."""
    after: Numbers | None = None
    inner: Numbers | None = None
    """(m,): inside an adapter, between D and U."""

    @property
    def structure(self) -> tuple[object, ...]:
        """What decides which widgets it has: no values."""
        sizes = tuple(None if n is None else len(n) for n in (self.before, self.after, self.inner))
        return self.name, sizes, tuple(each.subject for each in self.factors)

    @property
    def shapes(self) -> tuple[object, ...]:
        """What decides how large these are, beyond the structure."""
        return tuple((each.caption, each.matrix.shape) for each in self.factors)


def symbol(unit: str) -> str:
    """A layer's number, or its name, as it stands at W.

    >>> symbol("layer12"), symbol("head"), symbol("head.hidden")
    ('₁₂', ' head', ' hidden')
    """
    if unit.startswith("layer"):
        return unit.removeprefix("layer").translate(_SUBSCRIPT)
    return f" {unit.rpartition('.')[2]}"


def station_title(name: str) -> str:
    """What a station is called in a sentence.

    >>> station_title("x"), station_title("layer2"), station_title("adapter1.down")
    ('x', 'Layer 2', 'Adapter 1, inside')
    """
    unit, _, inside = name.partition(".")
    if name == "x" or inside == "hidden":
        return name if name == "x" else "Head, hidden layer"
    if inside == "prompt":
        return f"Input of {layer_title(unit).lower()}, x + p"
    return f"{layer_title(unit)}, inside" if inside else layer_title(unit)


def stations(frame: Frame, flow: NetworkActivations) -> tuple[Station, ...]:
    """The way of the frame's sample, from x to the probabilities."""
    layers = {layer.name: layer for layer in frame.layers}
    found = {layer.name: layer for layer in flow.layers}
    return Station("x", before=flow.x, after=flow.x), *_layers(layers, found), _last(layers)


def _layers(
    layers: Mapping[str, LayerFrame], found: Mapping[str, LayerActivations]
) -> Iterator[Station]:
    for name, one in found.items():
        unit, _, inside = name.partition(".")
        if inside == "prompt":
            yield _prompt(one, layers.get(unit))
        elif unit.startswith("adapter"):
            if not inside:
                yield _adapter(one, found, layers)
        else:
            yield _layer(one, layers.get(name))


def _layer(one: LayerActivations, layer: LayerFrame | None) -> Station:
    factors, body = _equation(layer), one.name.startswith("layer")
    which = symbol(one.name)
    return Station(
        one.name,
        factors,
        ("+", "=") if factors else (),
        f"W{which}, ReLU" if body else "ReLU",
        f"W′{which}, ReLU" if body else "ReLU",
        one.before,
        one.after,
    )


def _last(layers: Mapping[str, LayerFrame]) -> Station:
    name = "head.output" if "head.output" in layers else "head"
    factors = _equation(layers.get(name))
    return Station(OUTPUTS, factors, ("+", "=") if factors else (), "softmax", "softmax")


def _equation(layer: LayerFrame | None) -> tuple[Factor, ...]:
    """W + ΔW = W′; nothing where the stage does not show the layer."""
    if layer is None:
        return ()
    which, frozen = symbol(layer.name), not layer.trainable
    start = f", {RANDOM_START}" if layer.randomly_initialised else ""
    new = ", random" if layer.randomly_initialised and not layer.name.startswith("layer") else ""
    of = f"of {layer_title(layer.name).lower()}, {shape_text(*layer.shape)}"
    still = ", frozen" if frozen else ""
    matrices = (
        ("W", new, f"W {of}{start}", layer.weight, WEIGHT, False),
        ("ΔW", "", f"ΔW {of}{still}", layer.delta, DELTA, frozen),
        ("W′", "", f"W′ {of}{still}", layer.updated, WEIGHT, False),
    )
    return tuple(
        Factor(
            f"{short}{which}{more}",
            short,
            layer.name,
            subject,
            matrix,
            max(layer.shape),
            kind,
            held,
        )
        for short, more, subject, matrix, kind, held in matrices
    )


def _prompt(one: LayerActivations, layer: LayerFrame | None) -> Station:
    factors = [] if layer is None else [m for name, m in layer.factors if name == "prompt"]
    unit = one.name.partition(".")[0]
    which, subject = symbol(unit), f"p, added to the input of {layer_title(unit).lower()}"
    drawn = tuple(
        Factor(f"p{which}", "p", unit, subject, p, max(p.shape), "prompt", False) for p in factors
    )
    return Station(one.name, drawn, way_after=f"+ p{which}", after=one.after)


def _adapter(
    one: LayerActivations, found: Mapping[str, LayerActivations], layers: Mapping[str, LayerFrame]
) -> Station:
    inside, factors = found.get(f"{one.name}.down"), []
    for name, letter in (("down", "D"), ("up", "U")):
        layer = layers.get(f"{one.name}.{name}")
        if layer is not None:
            subject = f"{letter} of {layer_title(one.name).lower()}, {shape_text(*layer.shape)}"
            kind = adapter_part(layer.name)
            factors.append(
                Factor(
                    letter,
                    letter,
                    layer.name,
                    subject,
                    layer.updated,
                    max(layer.shape),
                    kind,
                    False,
                )
            )
    return Station(
        one.name,
        tuple(factors),
        way_after=f"+ {layer_title(one.name).lower()}",
        after=one.after,
        inner=None if inside is None else inside.after,
    )
