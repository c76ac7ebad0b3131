"""Preferences: appearance, place and open sections of the window, kept between sessions."""

from __future__ import annotations

import sys

from PySide6.QtCore import QByteArray, QSettings

from gui.theme import TEXT_SCALES, Scheme

DEFAULT_SPEED = 30.0
"""Steps per second, so that one sees ΔW appear."""


class Preferences:
    """Values in the user's INI file; one that makes no sense counts as unset."""

    def __init__(self) -> None:
        self._store = QSettings(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, "deltaw", "deltaw"
        )

    @property
    def scheme(self) -> Scheme:
        """Colour scheme: light, dark, or as the system has it."""
        try:
            return Scheme(str(self._store.value("scheme", Scheme.SYSTEM.value)))
        except ValueError:
            return Scheme.SYSTEM

    @scheme.setter
    def scheme(self, scheme: Scheme) -> None:
        self._store.setValue("scheme", scheme.value)

    @property
    def text_scale(self) -> float:
        """Text scale; 1.0 is the ordinary size."""
        scale = self._number("text_scale", TEXT_SCALES[0], TEXT_SCALES[-1])
        return 1.0 if scale is None else scale

    @text_scale.setter
    def text_scale(self, scale: float) -> None:
        self._store.setValue("text_scale", scale)

    @property
    def geometry(self) -> QByteArray | None:
        """Position and size of the window; None the first time."""
        value = self._store.value("geometry")
        return value if isinstance(value, QByteArray) else None

    @geometry.setter
    def geometry(self, geometry: QByteArray | None) -> None:
        self._store.setValue("geometry", geometry)

    @property
    def open_sections(self) -> frozenset[str]:
        """Keys of the sections of the control panel that are open."""
        return frozenset(filter(None, str(self._store.value("open_sections", "")).split(",")))

    @open_sections.setter
    def open_sections(self, names: frozenset[str]) -> None:
        self._store.setValue("open_sections", ",".join(sorted(names)))

    @property
    def left_open(self) -> bool | None:
        """Whether the left column is open; None: as the width of the window suggests."""
        value = self._store.value("left_open")
        return None if value is None else str(value) == "true"

    @left_open.setter
    def left_open(self, is_open: bool) -> None:
        self._store.setValue("left_open", "true" if is_open else "false")

    @property
    def left_width(self) -> int | None:
        """Width of the left column in pixels; None: nobody has dragged it."""
        return self._width("left_width")

    @left_width.setter
    def left_width(self, width: int) -> None:
        self._store.setValue("left_width", width)

    @property
    def right_width(self) -> int | None:
        """Width of the right column in pixels; None: nobody has dragged it; 0: folded away."""
        return self._width("right_width")

    @right_width.setter
    def right_width(self, width: int) -> None:
        self._store.setValue("right_width", width)

    @property
    def settings_share(self) -> float | None:
        """Share of the right column's height below its pages, for settings; None: not dragged."""
        return self._number("settings_share", 0.0, 1.0)

    @settings_share.setter
    def settings_share(self, share: float) -> None:
        self._store.setValue("settings_share", share)

    @property
    def speed(self) -> float:
        """Steps per second at most; 0: as fast as possible."""
        speed = self._number("speed", 0.0, sys.float_info.max)
        return DEFAULT_SPEED if speed is None or 0 < speed < 1 else speed

    def remember_speed(self, speed: float) -> None:
        """Keep the speed that the user chose. Args: speed: as of `speed`."""
        self._store.setValue("speed", speed)

    @property
    def tour_seen(self) -> bool:
        """Whether the tour was shown: it begins by itself once only."""
        return str(self._store.value("tour_seen")) == "true"

    @tour_seen.setter
    def tour_seen(self, seen: bool) -> None:
        self._store.setValue("tour_seen", "true" if seen else "false")

    def _width(self, key: str) -> int | None:
        width = self._number(key, 0.0, sys.maxsize)
        return None if width is None else int(width)

    def _number(self, key: str, low: float, high: float) -> float | None:
        try:
            value = float(str(self._store.value(key)))
        except ValueError:
            return None
        return value if low <= value <= high else None  # NaN is neither
