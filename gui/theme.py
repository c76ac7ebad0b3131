"""Theme: colours, fonts, icons and spacing, in light and in dark."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property, lru_cache
from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetrics,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from engine.protocol.shipped import RESOURCES

SPACE = 8
"""Every margin and gap is a multiple or a simple part of this, in pixels."""
MARGIN = SPACE * 3 // 2
"""Pixels."""
RADIUS = 6
"""Corner radius of boxes and cards, in pixels."""
TEXT_POINTS = 10.0
"""Size of the text at scale 1, in points."""
TINY, SMALL, SECONDARY, LARGE, HEADING, SIGN, FIGURE = 0.8, 0.85, 0.9, 1.12, 1.25, 1.3, 1.9
"""Text sizes relative to the ordinary one: of axes and remarks beside a control; of captions; of
secondary text; of what a page says; of titles; of signs between matrices; of one large figure.
"""
LESSON_SCALE = 1.15
"""Size of a lesson's text relative to other text, except on a projector."""
TEXT_SCALES = (0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)
"""Text sizes that a user can choose; 1.0 is the ordinary one."""
SCALED_PIXELS = (12, 14, 18, 20)
"""Pixels that grow with icons, in the style sheet $px12 …"""
MAX_ICON_SCALE = 1.5
"""Icons grow with the text, up to this: a toolbar of larger ones would leave the window."""

NAN_INDEX = 255
"""Colour index of a cell that is not a finite number; 0…254 are values, 127 is zero."""
LEVELS = 255
"""Colours of the diverging map."""


class Scheme(enum.Enum):
    """Colour scheme that the user chose; SYSTEM follows the desktop."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


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
    """Lines over what is frozen."""
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
    "negative_to_positive": (
        ("#0b3263", "#2f74bd", "#9dc0e2", "#f7f5f0", "#f0b98a", "#c9651b", "#5f2a04"),
        ("#d8ecff", "#7ab8f5", "#2d5f99", "#20242b", "#8f5219", "#f0a04e", "#ffe9cf"),
    ),
}
"""Field of `Theme` -> its value in light and in dark."""
LIGHT, DARK = (Theme(**{n: pair[dark] for n, pair in _COLOURS.items()}) for dark in (0, 1))


@dataclasses.dataclass(frozen=True, slots=True)
class ProjectorScheme:
    """Sizes for a projector, whatever text size the user chose."""

    text_scale: float
    """Size of the text; 1.0 is the ordinary one."""
    lesson_scale: float
    """Size of a lesson's text relative to other text."""
    overlay_scale: int
    """Line width of the overlays on a matrix; 1 is the ordinary one."""
    compact: bool
    """Whether a lesson leaves out what only somebody with a mouse needs, and some margins."""


ORDINARY = ProjectorScheme(
    text_scale=1.0, lesson_scale=LESSON_SCALE, overlay_scale=1, compact=False
)


class Appearance(QObject):
    """The theme in force and the text size."""

    changed = Signal()
    """Widgets take their new fonts and colours."""
    sizes_changed = Signal()
    """Emitted after that, to place widgets whose texts have a new size by now."""

    def __init__(self) -> None:
        super().__init__()
        self.scheme = Scheme.SYSTEM
        """Colour scheme that the user chose, by `set_scheme`."""
        self.chosen_scale = 1.0
        """Text size that the user chose, which comes back when presenter mode ends."""
        self.sizes = ORDINARY
        """What is drawn in other sizes for a projector."""

    @property
    def theme(self) -> Theme:
        """The colours to draw with now."""
        if self.scheme is Scheme.SYSTEM:
            hints = QApplication.styleHints()
            return DARK if hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT
        return DARK if self.scheme is Scheme.DARK else LIGHT

    @property
    def text_scale(self) -> float:
        """The size in force; 1.0 is the ordinary one."""
        return self.sizes.text_scale if self.projecting else self.chosen_scale

    @property
    def layout_scale(self) -> float:
        """Size of what holds text; it grows with the text, and does not shrink with it."""
        return max(1.0, self.text_scale)

    @property
    def icon_scale(self) -> float:
        """Size of icons and of what is clicked beside text; 1.0 is the ordinary one, the least."""
        return min(self.layout_scale, MAX_ICON_SCALE)

    @property
    def projecting(self) -> bool:
        """Whether things are drawn for a projector."""
        return self.sizes is not ORDINARY

    def start(self, scheme: Scheme) -> None:
        """Load the fonts, style the application, follow the system. Once, after QApplication."""
        load_fonts()
        QApplication.setStyle("Fusion")
        QApplication.styleHints().colorSchemeChanged.connect(self._on_system_scheme_changed)
        self.set_scheme(scheme)

    @contextmanager
    def style_held_back(self) -> Iterator[None]:
        """Take the style sheet away while a window is built, which takes half as long then.

        With one, each widget that gets a parent has all below it polished anew.
        """
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        sheet = app.styleSheet()
        if not sheet:
            yield
            return
        app.setStyleSheet("")
        try:
            yield
        finally:
            app.setStyleSheet(sheet)
        self.changed.emit()  # what takes its size from others has it now
        self.sizes_changed.emit()

    def set_scheme(self, scheme: Scheme) -> None:
        """Switch to light, dark, or whatever the system has."""
        self.scheme = scheme
        self._apply()

    def set_text_scale(self, scale: float) -> None:
        """Make all text larger or smaller; kept within 0.7…2."""
        self.chosen_scale = min(max(scale, TEXT_SCALES[0]), TEXT_SCALES[-1])
        self._apply()

    def step_text_scale(self, steps: int) -> None:
        """Take the next larger or smaller text size. Args: steps: > 0: larger; 0: ordinary."""
        nearest = min(TEXT_SCALES, key=lambda scale: abs(scale - self.chosen_scale))
        index = TEXT_SCALES.index(nearest if steps else 1.0) + steps
        self.set_text_scale(TEXT_SCALES[min(max(index, 0), len(TEXT_SCALES) - 1)])

    def set_projector_scheme(self, scheme: ProjectorScheme | None) -> None:
        """Draw for a projector; None: for the user alone again. Free where nothing changes."""
        if (scheme or ORDINARY) != self.sizes:
            self.sizes = scheme or ORDINARY
            self._apply()

    @Slot(Qt.ColorScheme)
    def _on_system_scheme_changed(self, _scheme: Qt.ColorScheme) -> None:
        if self.scheme is Scheme.SYSTEM:
            self._apply()

    def _apply(self) -> None:
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            return
        app.setStyleSheet("")  # from one straight to another takes four times as long
        app.setFont(font())
        app.setPalette(_palette(self.theme))
        app.setStyleSheet(_style_sheet(self.theme))
        self.changed.emit()
        self.sizes_changed.emit()


appearance = Appearance()


@lru_cache(maxsize=1)
def load_fonts() -> None:
    """Register the fonts shipped: Inter, DejaVu Sans for its symbols, and its Mono for code."""
    for file in sorted((RESOURCES / "fonts").glob("*.ttf")):
        QFontDatabase.addApplicationFont(str(file))


def font(scale: float = 1.0, *, bold: bool = False) -> QFont:
    """Return the text font at `scale` of the size in force, with figures of equal width."""
    return QFont(_font(_points(scale), bold))


@lru_cache(maxsize=128)
def _font(points: float, bold: bool) -> QFont:
    result = QFont()
    result.setFamilies(["Inter", "DejaVu Sans"])
    result.setPointSizeF(points)
    result.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    result.setFeature(QFont.Tag("tnum"), 1)
    result.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return result


def _points(scale: float) -> float:
    return TEXT_POINTS * appearance.text_scale * scale


def icon(name: str, *, on_accent: bool = False) -> QIcon:
    """Return the icon resources/icons/NAME.svg in the theme's colours, faint when disabled."""
    theme = appearance.theme
    result = QIcon()
    normal = theme.on_accent if on_accent else theme.text
    result.addPixmap(_icon_pixmap(name, normal), QIcon.Mode.Normal)
    result.addPixmap(_icon_pixmap(name, theme.hatch), QIcon.Mode.Disabled)
    return result


@lru_cache(maxsize=128)
def _icon_pixmap(name: str, colour: str) -> QPixmap:
    svg = (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(svg.replace("currentColor", colour).encode()))
    pixmap = QPixmap(QSize(96, 96))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter)
    painter.end()
    return pixmap


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for which, colour in (
        (role.Window, theme.panel),
        (role.Base, theme.field),
        (role.AlternateBase, theme.hover),
        (role.Button, theme.panel),
        (role.ToolTipBase, theme.panel),
        (role.WindowText, theme.text),
        (role.Text, theme.text),
        (role.ButtonText, theme.text),
        (role.ToolTipText, theme.text),
        (role.PlaceholderText, theme.muted),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.on_accent),
        (role.Link, theme.accent),
        (role.Mid, theme.line),
    ):
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(theme.muted))
    return palette


def _style_sheet(theme: Theme) -> str:
    """Return resources/style.qss filled with the theme's colours and the sizes above."""
    template = Template((RESOURCES / "style.qss").read_text(encoding="utf-8"))
    return template.substitute(
        dataclasses.asdict(theme),
        radius=RADIUS,
        tiny=_points(TINY),
        small=_points(SMALL),
        secondary=_points(SECONDARY),
        margin=MARGIN,
        line_height=QFontMetrics(font()).height(),
        text_height=max(18, QFontMetrics(font()).height()),
        tab_gap=2 * SPACE,
        **{f"px{pixels}": round(pixels * appearance.icon_scale) for pixels in SCALED_PIXELS},
        handle_radius=2 + round(6 * appearance.icon_scale),  # half of groove and margins
        handle_width=2 + 2 * round(6 * appearance.icon_scale),
        handle_margin=-round(6 * appearance.icon_scale),
        chevron=_asset("chevron-down", theme),
        check=_asset("check", theme),
    )


def _asset(name: str, theme: Theme) -> str:
    """Return the path of an SVG for a style sheet, which can only name files."""
    kind = "dark" if theme.dark else "light"
    return (RESOURCES / "icons" / f"{name}-{kind}.svg").as_posix()
