"""Stations of a sample's way through the network: its activations after each layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.protocol.messages import Array, Frame, LayerActivations, LayerFrame, NetworkActivations
from gui.matrices.colour_scale import DELTA, WEIGHT, adapter_part
from gui.text.layers import RANDOM_START, layer_title, shape_text

Numbers = NDArray[np.float32]
OUTPUTS = "outputs"
"""Name of the last station, the probabilities."""
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True, slots=True)
class Factor:
    """A matrix drawn between the two networks."""

    caption: str
    """For example W₁."""
    short: str
    """Short caption, for example W."""
    layer: str
    """Name of the frame's layer."""
    subject: str
    """For screen readers and the tooltip, for example: W of layer 1, 40 × 30."""
    matrix: Array
    side: int
    """Cells along the longer side of the full matrix; `matrix` itself may be downsampled."""
    scale: str
    """Name of its colour scale, as in `ColourScales`."""
    frozen: bool


@dataclass(frozen=True, slots=True)
class Station:
    """Activations after one layer, before fine-tuning and now."""

    name: str
    """Name as in `LayerActivations`; "x" for the first station, "outputs" for the last."""
    factors: tuple[Factor, ...] = ()
    """Matrices on the way there: W, ΔW, W′; D and U of an adapter; what is added to the input."""
    signs: tuple[str, ...] = ()
    """Signs between the matrices."""
    transition_before: str = ""
    """Text at the arrow in the network before, for example: W₁, ReLU."""
    transition_after: str = ""
    before: Numbers | None = None
    """(n,); None: there is nothing in the network before, or this is the last station."""
    after: Numbers | None = None
    inner: Numbers | None = None
    """(m,) activations inside an adapter, between D and U."""

    @property
    def structure(self) -> tuple[object, ...]:
        """Key of the widgets that the station needs."""
        sizes = tuple(None if n is None else len(n) for n in (self.before, self.after, self.inner))
        return self.name, sizes, tuple(each.subject for each in self.factors)

    @property
    def shapes(self) -> tuple[object, ...]:
        """Key of the widgets' sizes, in addition to the structure."""
        return tuple((each.caption, each.matrix.shape) for each in self.factors)


def symbol(unit: str) -> str:
    """Return a layer's number or name as a suffix of W.

    >>> symbol("layer12"), symbol("head"), symbol("head.hidden")
    ('₁₂', ' head', ' hidden')
    """
    if unit.startswith("layer"):
        return unit.removeprefix("layer").translate(_SUBSCRIPT)
    return f" {unit.rpartition('.')[2]}"


def station_title(name: str) -> str:
    """Return a station's name for use in a sentence.

    >>> station_title("x"), station_title("layer2"), station_title("adapter1.down")
    ('x', 'Layer 2', 'Adapter 1, inside')
    """
    unit, _, inside = name.partition(".")
    if name == "x" or inside == "hidden":
        return name if name == "x" else "Head, hidden layer"
    if inside and unit.startswith("layer"):
        return f"Input of {layer_title(unit).lower()}, x + {inside}"
    return f"{layer_title(unit)}, inside" if inside else layer_title(unit)


def stations(frame: Frame, activations: NetworkActivations) -> tuple[Station, ...]:
    """Return the stations of a frame's sample, from x to the probabilities."""
    layers = {layer.name: layer for layer in frame.layers}
    outputs = {layer.name: layer for layer in activations.layers}
    first = Station("x", before=activations.x, after=activations.x)
    return first, *_layers(layers, outputs), _last(layers)


def _layers(
    layers: Mapping[str, LayerFrame], outputs: Mapping[str, LayerActivations]
) -> Iterator[Station]:
    for name, output in outputs.items():
        unit, _, inside = name.partition(".")
        if inside and unit.startswith("layer"):
            yield _shifted_input(output, layers.get(unit))
        elif unit.startswith("adapter"):
            if not inside:
                yield _adapter(output, outputs, layers)
        else:
            yield _layer(output, layers.get(name))


def _layer(output: LayerActivations, layer: LayerFrame | None) -> Station:
    factors, is_body = _equation(layer), output.name.startswith("layer")
    subscript = symbol(output.name)
    return Station(
        output.name,
        factors,
        ("+", "=") if factors else (),
        f"W{subscript}, ReLU" if is_body else "ReLU",
        f"W′{subscript}, ReLU" if is_body else "ReLU",
        output.before,
        output.after,
    )


def _last(layers: Mapping[str, LayerFrame]) -> Station:
    name = "head.output" if "head.output" in layers else "head"
    factors = _equation(layers.get(name))
    return Station(OUTPUTS, factors, ("+", "=") if factors else (), "softmax", "softmax")


def _equation(layer: LayerFrame | None) -> tuple[Factor, ...]:
    """Return W, ΔW and W′ of a layer; nothing where the frame does not contain it."""
    if layer is None:
        return ()
    subscript, frozen = symbol(layer.name), not layer.trainable
    start_text = f", {RANDOM_START}" if layer.randomly_initialised else ""
    is_random_head = layer.randomly_initialised and not layer.name.startswith("layer")
    caption_suffix = ", random" if is_random_head else ""
    subject_text = f"of {layer_title(layer.name).lower()}, {shape_text(*layer.shape)}"
    frozen_text = ", frozen" if frozen else ""
    matrices = (
        ("W", caption_suffix, start_text, layer.weight, WEIGHT, False),
        ("ΔW", "", frozen_text, layer.delta, DELTA, frozen),
        ("W′", "", frozen_text, layer.updated, WEIGHT, False),
    )
    return tuple(
        Factor(f"{sign}{subscript}{suffix}", sign, layer.name, f"{sign} {subject_text}{remark}",
               matrix, max(layer.shape), scale, hatched)
        for sign, suffix, remark, matrix, scale, hatched in matrices
    )  # fmt: skip


def _shifted_input(output: LayerActivations, layer: LayerFrame | None) -> Station:
    """Return the station of a layer's input with what a strategy adds to it."""
    unit, _, name = output.name.partition(".")
    shift = None if layer is None else layer.factor(name)
    if shift is None:
        return Station(output.name, after=output.after)
    title, side = shift.info.title, max(shift.values.shape)
    subject = f"{title}, added to the input of {layer_title(unit).lower()}"
    caption = f"{title}{symbol(unit)}"
    drawn = Factor(caption, title, unit, subject, shift.values, side, shift.name, False)
    return Station(output.name, (drawn,), transition_after=f"+ {caption}", after=output.after)


def _adapter(
    output: LayerActivations,
    outputs: Mapping[str, LayerActivations],
    layers: Mapping[str, LayerFrame],
) -> Station:
    inside, factors = outputs.get(f"{output.name}.down"), []
    for name, letter in (("down", "D"), ("up", "U")):
        layer = layers.get(f"{output.name}.{name}")
        if layer is not None:
            subject = f"{letter} of {layer_title(output.name).lower()}, {shape_text(*layer.shape)}"
            kind = adapter_part(layer.name)
            side = max(layer.shape)
            factors.append(
                Factor(letter, letter, layer.name, subject, layer.updated, side, kind, False)
            )
    return Station(
        output.name,
        tuple(factors),
        transition_after=f"+ {layer_title(output.name).lower()}",
        after=output.after,
        inner=None if inside is None else inside.after,
    )
