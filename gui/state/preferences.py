"""Preferences: appearance, place and open sections of the window, kept between sessions."""

from __future__ import annotations

import math

from PySide6.QtCore import QByteArray, QSettings

from gui.theme import Scheme

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
        try:
            return float(str(self._store.value("text_scale", 1.0)))
        except ValueError:
            return 1.0

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
    def speed(self) -> float:
        """Steps per second at most; 0: as fast as possible."""
        try:
            speed = float(str(self._store.value("speed", DEFAULT_SPEED)))
        except ValueError:
            return DEFAULT_SPEED
        return speed if 0 <= speed < math.inf else DEFAULT_SPEED

    @speed.setter
    def speed(self, speed: float) -> None:
        self._store.setValue("speed", speed)
