"""Text for layers: their titles, shapes and parameter counts."""

from __future__ import annotations

from engine.protocol.messages import LayerFrame

RANDOM_START = "random start"
"""Text for W where a layer is new."""
NORM_RATIO = "‖ΔW‖/‖W‖"

_PART_TITLES = {
    "hidden": "hidden layer",
    "output": "output layer",
    "down": "down",
    "up": "up",
}
_SHORT_PARTS = {"down": "↓", "up": "↑", "hidden": " 1", "output": " 2"}


def layer_title(layer: str) -> str:
    """Return a layer's name as a title. Args: layer: its name, `layer1` or `head.hidden`.

    >>> layer_title("layer1"), layer_title("head.hidden"), layer_title("adapter1")
    ('Layer 1', 'Head · hidden layer', 'Adapter 1')
    """
    block, _, part = layer.partition(".")
    stem = block.rstrip("0123456789")
    digits = block[len(stem) :]
    name = " ".join(word for word in (stem.replace("_", " ").capitalize(), digits) if word)
    return f"{name} · {_PART_TITLES.get(part, part)}" if part else name


def short_layer_title(layer: str) -> str:
    """Return a layer's title in a few characters, for the end of its curve. Args: layer: its name.

    >>> [short_layer_title(name) for name in ("layer2", "adapter1.down", "head.hidden")]
    ['L2', 'A1↓', 'head 1']
    """
    block, _, part = layer.partition(".")
    block = block.replace("layer", "L").replace("adapter", "A")
    return block + _SHORT_PARTS.get(part, part)


def block_name(block: str) -> str:
    """Return the name of a lockable block in running text. Args: block: `layer1`, `head`.

    >>> block_name("adapter2"), block_name("head")
    ('adapter 2', 'head')
    """
    return layer_title(block).lower()


def layer_phrase(layer: str) -> str:
    """Return a layer's name as the object of a sentence. Args: layer: its name in the network.

    >>> layer_phrase("layer2"), layer_phrase("head")
    ('layer 2', 'the head')
    """
    name = layer_title(layer).lower()
    return name if layer.startswith("layer") else f"the {name}"


def k90_text(layer: LayerFrame) -> str:
    """Return the number of directions that hold 90 % of ΔW's energy; empty where ΔW is zero.

    Args: layer: as in the frame; without a `k90` more directions than those computed are needed.
    """
    measured = layer.measured
    if measured.k90 is None:
        return f"> {len(measured.singular_values)}"
    return f"{measured.k90}" if measured.k90 else ""


def cell_position(row: int, column: int) -> str:
    """Return a cell's position, counted from 1. Args: row, column: counted from 0.

    >>> cell_position(2, 6)
    'row 3, column 7'
    """
    return f"row {row + 1:,}, column {column + 1:,}"


def shape_text(out: int, inputs: int) -> str:
    """Return rows × columns of a matrix. Args: out: its rows.  inputs: its columns.

    >>> shape_text(40, 30)
    '40 × 30'
    """
    return f"{out:,} × {inputs:,}"


def range_text(first: int, last: int) -> str:
    """Return a range, counted from 1. Args: first, last: both included, counted from 0.

    >>> range_text(119, 159), range_text(4, 4)
    ('120–160', '5')
    """
    return f"{first + 1:,}" if first == last else f"{first + 1:,}–{last + 1:,}"
