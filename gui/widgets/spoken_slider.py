"""Slider that tells screen readers its value in words, not the position of its handle."""

from __future__ import annotations

import weakref
from functools import cache

from PySide6.QtCore import QObject
from PySide6.QtGui import (
    QAccessible,
    QAccessibleInterface,
    QAccessibleValueChangeEvent,
    QAccessibleValueInterface,
)
from PySide6.QtWidgets import QAccessibleWidget, QSlider

from engine.protocol.setting import SliderScale


class SpokenSlider(QSlider):
    """Slider that has a value in words."""

    def __init__(self) -> None:
        super().__init__()
        self.scale: SliderScale | None = None
        """Values at its positions; None: each position is its own value."""
        self._spoken = ""
        self._interface: QAccessibleInterface | None = None
        _install()

    @property
    def spoken(self) -> str:
        """The value in words."""
        return self._spoken or f"{self.value():,}"

    def speak(self, text: str) -> None:
        """Set the value in words, and let a screen reader say it."""
        if text != self._spoken:
            self._spoken = text
            self.announce()

    def announce(self) -> None:
        """Let a screen reader say the value, if there is one."""
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleValueChangeEvent(self, self.spoken))

    def number_at(self, position: int) -> float:
        """Return the value at a position as a number; 0 where it is a word."""
        value = position if self.scale is None else self.scale.value(position)
        return 0.0 if value is None else float(value)

    def make_interface(self) -> QAccessibleInterface:
        """Return its interface to screen readers."""
        self._interface = _SliderInterface(self)
        return self._interface


class _Number(QAccessibleValueInterface):
    """The value of a slider as a number."""

    def __init__(self, slider: SpokenSlider) -> None:
        super().__init__()
        self._slider = weakref.ref(slider)

    def _at(self, name: str) -> float:
        slider = self._slider()
        return 0.0 if slider is None else slider.number_at(getattr(slider, name)())

    def currentValue(self) -> float:
        return self._at("value")

    def minimumValue(self) -> float:
        return self._at("minimum")

    def maximumValue(self) -> float:
        return self._at("maximum")

    def minimumStepSize(self) -> float:
        return 0.0

    def setCurrentValue(self, value: float) -> None:
        slider = self._slider()
        if slider is not None:
            slider.setValue(round(value) if slider.scale is None else slider.scale.position(value))


class _SliderInterface(QAccessibleWidget):
    """A slider as screen readers see it."""

    def __init__(self, slider: SpokenSlider) -> None:
        super().__init__(slider, QAccessible.Role.Slider)
        self._slider, self._number = weakref.ref(slider), _Number(slider)

    def text(self, kind: QAccessible.Text) -> str:
        slider = self._slider()
        if kind == QAccessible.Text.Value and slider is not None:
            return slider.spoken
        return super().text(kind)

    def valueInterface(self) -> QAccessibleValueInterface:
        return self._number


@cache
def _install() -> None:
    """Make these interfaces known to Qt, once."""
    QAccessible.installFactory(_new_interface)


def _new_interface(_class: str, target: QObject) -> QAccessibleInterface | None:
    return target.make_interface() if isinstance(target, SpokenSlider) else None
