"""Palette: the colours of the window, in light and in dark, and those of its matrices."""

from __future__ import annotations

import dataclasses
import enum
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

NAN_INDEX = 255
"""Colour index of a cell that is not a finite number; 0…254 are values, 127 is zero."""
LEVELS = 255
"""Colours of the diverging map."""


class ColourMap(enum.Enum):
    """Colours of the matrices; with each of them colour-blind eyes tell − from +."""

    BLUE_ORANGE = "blue-orange"
    PURPLE_GREEN = "purple-green"
    BLUE_YELLOW = "blue-yellow"
    """From dark to light: it tells − from + in grey as well."""

    @property
    def negative(self) -> str:
        """Colour of what is below zero, in words."""
        return _MAPS[self].names[0]

    @property
    def positive(self) -> str:
        """Colour of what is above zero, in words."""
        return _MAPS[self].names[1]


@dataclasses.dataclass(frozen=True)
class Theme:
    """The colours of one scheme, as #rrggbb."""

    dark: bool
    page: str
    """Behind the stage and the charts."""
    panel: str
    """Bars and side panels."""
    field: str
    """Inside of boxes, buttons and cards that are not filled."""
    hover: str
    rule: str
    """Hairlines between parts, and backgrounds of bars: nothing depends on seeing them."""
    line: str
    """Axes and the frames of boxes and matrices; contrast of at least 2 : 1 on page and panel."""
    text: str
    muted: str
    """Secondary text; contrast of at least 4.5 : 1 on page and panel."""
    accent: str
    on_accent: str
    accent_soft: str
    """A selected row or card."""
    target: str
    """The target task, and training: blue."""
    source: str
    """The source task, and what is forgotten: orange."""
    good: str
    bad: str
    layers: tuple[str, ...]
    """The first layers in charts: none is the blue or orange of the two tasks."""
    second_run: str
    third_run: str
    fourth_run: str
    """Runs side by side, after the first, which has the colour of the text; also apart for eyes
    that see two of red, green and blue."""
    warn_soft: str
    """Background of a message that asks for attention."""
    hatch: str
    """Lines over bars, and faint axes."""
    cell_hatch: str
    """Lines over the cells of what is frozen."""
    not_finite: str
    """A cell that is NaN or infinite."""
    negative_to_positive: tuple[str, ...]
    """Anchors of the diverging map, zero in the middle."""

    @cached_property
    def table(self) -> list[int]:
        """256 QRgb values: 255 levels symmetric about zero, then `not_finite`."""
        anchors = np.array([QColor(colour).getRgb() for colour in self.negative_to_positive])
        positions = np.linspace(0, len(anchors) - 1, LEVELS)
        channels = (np.interp(positions, range(len(anchors)), anchors[:, i]) for i in range(3))
        red, green, blue = (np.rint(channel).astype(np.int64) for channel in channels)
        packed = (0xFF << 24) | (red << 16) | (green << 8) | blue
        return [*packed.tolist(), QColor(self.not_finite).rgb()]

    @cached_property
    def colours(self) -> NDArray[np.uint32]:
        """(256,) uint32, `table` as an array, to look up whole arrays."""
        return np.array(self.table, np.uint32)

    def layer_colour(self, number: int) -> str:
        """Return a layer's colour in charts: no two are alike. Args: number: ≥ 1."""
        if number <= len(self.layers):
            return self.layers[number - 1]
        # Searched for: the two most alike of 12, 24 and 48 are far apart, and all can be read.
        turn, saturations, lightness, change, levels = (
            (0.6818, (0.78, 0.87), 0.719, 0.0209, 8)
            if self.dark
            else (0.4509, (0.926, 0.818), 0.2661, -0.0299, 7)
        )
        group, level = divmod(number - 1, levels)
        hue, saturation = turn * (number - 1) % 1, saturations[group % 2]
        return QColor.fromHslF(hue, saturation, lightness + change * level).name()


_COLOURS: dict[str, tuple[Any, Any]] = {
    "dark": (False, True),
    "page": ("#f6f6f3", "#14171b"),
    "panel": ("#ffffff", "#1b1e25"),
    "field": ("#ffffff", "#1b1e25"),
    "hover": ("#eef0f2", "#272b34"),
    "rule": ("#dcdedf", "#333842"),
    "line": ("#a4a9b1", "#545a66"),
    "text": ("#1b1e23", "#eceef1"),
    "muted": ("#5d636d", "#a0a6b1"),
    "accent": ("#2367b5", "#69a9ea"),
    "on_accent": ("#ffffff", "#10151b"),
    "accent_soft": ("#e8f0f9", "#22303f"),
    "target": ("#2367b5", "#69a9ea"),
    "source": ("#b95409", "#ee9345"),
    "good": ("#23784a", "#63bd88"),
    "bad": ("#b3261e", "#ff8a80"),
    "layers": (("#9443ea", "#2f6f47", "#685a2c"), ("#9d74c3", "#12a138", "#968d08")),
    "second_run": ("#287774", "#12a596"),
    "third_run": ("#c700bf", "#ff5ce6"),
    "fourth_run": ("#8a6700", "#e6b41e"),
    "warn_soft": ("#fdeedd", "#3b2a1a"),
    "hatch": ("#8a9099", "#7d848f"),
    "not_finite": ("#d0006f", "#ff4fa3"),
}
"""Field of `Theme` -> its value in light and in dark."""


@dataclasses.dataclass(frozen=True)
class _Map:
    """Anchors of a colour map in light and in dark, zero in the middle."""

    names: tuple[str, str]
    """Colours of what is below and above zero, in words."""
    anchors: tuple[tuple[str, ...], tuple[str, ...]]
    hatch: tuple[str, str]
    """Lines that are seen on the colour of zero."""


_BLUE_TO_YELLOW = "#00183c", "#16407f", "#4f6a94", "#8b8a86", "#b8a968", "#e0c94a", "#fff08a"
_MAPS = {
    ColourMap.BLUE_ORANGE: _Map(
        ("blue", "orange"),
        (
            ("#0b3263", "#2f74bd", "#9dc0e2", "#f7f5f0", "#f0b98a", "#c9651b", "#5f2a04"),
            ("#d8ecff", "#7ab8f5", "#2d5f99", "#20242b", "#8f5219", "#f0a04e", "#ffe9cf"),
        ),
        _COLOURS["hatch"],
    ),
    ColourMap.PURPLE_GREEN: _Map(
        ("purple", "green"),
        (
            ("#3b0a4f", "#7b3a97", "#c3a6d3", "#f7f5f0", "#a3d39c", "#2f8a3c", "#06401a"),
            ("#f3dcff", "#c58fe6", "#6b3a86", "#20242b", "#2c6b3a", "#6cc878", "#dcfbdc"),
        ),
        _COLOURS["hatch"],
    ),
    ColourMap.BLUE_YELLOW: _Map(
        ("dark blue", "yellow"), (_BLUE_TO_YELLOW, _BLUE_TO_YELLOW), ("#1b1e23", "#14171b")
    ),
}


@cache
def theme_of(*, dark: bool, colour_map: ColourMap = ColourMap.BLUE_ORANGE) -> Theme:
    """Return the colours of a scheme. Args: dark: which.  colour_map: of its matrices."""
    chosen = _MAPS[colour_map]
    return Theme(
        **{name: pair[dark] for name, pair in _COLOURS.items()},
        cell_hatch=chosen.hatch[dark],
        negative_to_positive=chosen.anchors[dark],
    )


LIGHT, DARK = theme_of(dark=False), theme_of(dark=True)
