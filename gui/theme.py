"""Theme: the colours in force, fonts, icons and spacing, in light and in dark."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from string import Template

from PySide6.QtCore import QByteArray, QLocale, QObject, QSize, Qt, Signal, Slot
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
from gui.palette import ColourMap, Theme, theme_of

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


class Scheme(enum.Enum):
    """Colour scheme that the user chose; SYSTEM follows the desktop."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


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
        self.colour_map = ColourMap.BLUE_ORANGE
        """Colours of the matrices that the user chose, by `set_colour_map`."""
        self.chosen_scale = 1.0
        """Text size that the user chose, which comes back when presenter mode ends."""
        self.sizes = ORDINARY
        """What is drawn in other sizes for a projector."""

    @property
    def theme(self) -> Theme:
        """The colours to draw with now."""
        dark = self.scheme is Scheme.DARK
        if self.scheme is Scheme.SYSTEM:
            dark = QApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return theme_of(dark=dark, colour_map=self.colour_map)

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
        """Load the fonts, style the application, follow the system. Once, after QApplication.

        Numbers are written as the program's own texts have them, in every country.
        """
        QLocale.setDefault(QLocale.c())
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

    def set_colour_map(self, colour_map: ColourMap) -> None:
        """Draw the matrices in other colours."""
        if colour_map is not self.colour_map:
            self.colour_map = colour_map
            self.changed.emit()

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
    for file in sorted((RESOURCES / "fonts").glob("[!.]*.ttf")):
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
