"""Preferences: appearance, place and open sections of the window, kept between sessions."""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import Enum
from typing import Generic, TypeVar, overload

from PySide6.QtCore import QByteArray, QSettings

from gui.palette import ColourMap
from gui.theme import TEXT_SCALES, Scheme
from gui.widgets.box import NO_LIMIT

log = logging.getLogger(__name__)

DEFAULT_SPEED, MAX_SPEED = 30.0, 1000.0
"""Steps per second: so that one sees ΔW appear; the fastest that the slider offers."""
FOLDING_SECTIONS = ("schedule", "overfitting", "network")
"""Keys of the sections of the control panel that open and close."""
LAYOUT = ("left_open", "left_width", "right_width", "settings_share")
"""Names of what the user has folded and dragged."""
GEOMETRY_MARK = b"\x01\xd9\xd0\xcb"
"""First bytes of a place that Qt has written."""
MAX_SHOWN_CHARACTERS = 60
"""Characters of a bad value that the log repeats."""
Kept = TypeVar("Kept")
Named = TypeVar("Named", bound=Enum)


class Preference(Generic[Kept]):
    """A value in the user's file; one that is not allowed counts as unset.

    Args: unset: the value where there is none.  allowed: what it may be, after “it must be”.
    read: value of the file -> the value; it raises ValueError for what is not allowed.
    write: the other way.
    """

    def __init__(
        self, unset: Kept, allowed: str, read: Callable[[object], Kept],
        write: Callable[[Kept], object] = lambda value: value,
    ) -> None:  # fmt: skip
        self._unset, self._allowed, self._read, self._write = unset, allowed, read, write
        self._key = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._key = name

    @overload
    def __get__(self, preferences: None, owner: type) -> Preference[Kept]: ...

    @overload
    def __get__(self, preferences: Preferences, owner: type) -> Kept: ...

    def __get__(self, preferences: Preferences | None, owner: type) -> Preference[Kept] | Kept:
        if preferences is None:
            return self
        value = preferences.store.value(self._key)
        try:
            return self._unset if value is None else self._read(value)
        except ValueError:
            return self._unset

    def __set__(self, preferences: Preferences, value: Kept) -> None:
        preferences.store.setValue(self._key, self._write(value))

    def problem(self, store: QSettings) -> str:
        """Return what is wrong with the value; empty: nothing. Args: store: the file."""
        value = store.value(self._key)
        try:
            if value is not None:
                self._read(value)
        except ValueError:
            shown = repr(value)[:MAX_SHOWN_CHARACTERS]
            return f"{self._key} is {shown}; it must be {self._allowed}. It counts as unset."
        return ""


def _number(low: float, high: float) -> Callable[[object], float]:
    def read(value: object) -> float:
        number = float(str(value))
        if not low <= number <= high:  # NaN is not
            raise ValueError(value)
        return number

    return read


def _speed(value: object) -> float:
    speed = _number(0.0, MAX_SPEED)(value)
    if 0 < speed < 1:
        raise ValueError(value)
    return speed


def _width(value: object) -> int:
    return int(_number(0.0, NO_LIMIT)(value))


def _flag(value: object) -> bool:
    return bool(("false", "true").index(str(value)))


def _flag_text(flag: bool | None) -> str:
    return "true" if flag else "false"


def _name_of(kind: type[Named]) -> Callable[[object], Named]:
    return lambda value: kind(str(value))


def _names_of(kind: type[Enum]) -> str:
    return f"one of {', '.join(str(each.value) for each in kind)}"


def _geometry(value: object) -> QByteArray:
    if not isinstance(value, QByteArray) or not value.startsWith(GEOMETRY_MARK):
        raise ValueError(value)
    return value


def _sections(value: object) -> frozenset[str]:
    names = frozenset(filter(None, str(value).split(",")))
    if not names <= set(FOLDING_SECTIONS):
        raise ValueError(value)
    return names


class Preferences:
    """Values in the user's INI file, each of which is checked; a bad one is named in the log."""

    scheme = Preference(
        Scheme.SYSTEM, _names_of(Scheme), _name_of(Scheme), lambda scheme: scheme.value
    )
    """Colour scheme: light, dark, or as the system has it."""
    colour_map = Preference(
        ColourMap.BLUE_ORANGE, _names_of(ColourMap), _name_of(ColourMap), lambda it: it.value
    )
    """Colours of the matrices."""
    text_scale = Preference(
        1.0, f"from {TEXT_SCALES[0]} to {TEXT_SCALES[-1]}", _number(TEXT_SCALES[0], TEXT_SCALES[-1])
    )
    """Text scale; 1.0 is the ordinary size."""
    geometry = Preference[QByteArray | None](None, "as the program itself wrote it", _geometry)
    """Position and size of the window; None the first time."""
    open_sections = Preference[frozenset[str]](
        frozenset(), f"some of {', '.join(FOLDING_SECTIONS)}", _sections,
        lambda names: ",".join(sorted(names)),
    )  # fmt: skip
    """Keys of the sections of the control panel that are open."""
    left_open = Preference[bool | None](None, "true or false", _flag, _flag_text)
    """Whether the left column is open; None: as the width of the window suggests."""
    left_width = Preference[int | None](None, "a number of pixels", _width)
    """Width of the left column in pixels; None: nobody has dragged it."""
    right_width = Preference[int | None](None, "a number of pixels", _width)
    """Width of the right column in pixels; None: nobody has dragged it; 0: folded away."""
    settings_share = Preference[float | None](None, "from 0 to 1", _number(0.0, 1.0))
    """Share of the right column's height below its pages, for settings; None: not dragged."""
    speed = Preference(DEFAULT_SPEED, f"0, or from 1 to {MAX_SPEED:g}", _speed)
    """Steps per second at most; 0: as fast as possible."""
    tour_seen = Preference(False, "true or false", _flag, _flag_text)
    """Whether the tour was shown: it begins by itself once only."""

    def __init__(self) -> None:
        self.store = QSettings(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, "deltaw", "deltaw"
        )
        """The file; what is in it may be anything."""
        for problem in self._problems():
            log.warning("%s: %s", self.store.fileName(), problem)

    def remember_speed(self, speed: float) -> None:
        """Keep the speed that the user chose. Args: speed: as of `speed`."""
        self.speed = speed

    def forget_layout(self) -> None:
        """Let columns and dividers be as the size of the window suggests."""
        for name in LAYOUT:
            self.store.remove(name)

    def _problems(self) -> list[str]:
        """Return what is wrong in the file, a sentence or two each."""
        if self.store.status() is not QSettings.Status.NoError:
            return ["it cannot be read; nothing is remembered."]
        table = (each for each in vars(Preferences).values() if isinstance(each, Preference))
        return list(filter(None, (each.problem(self.store) for each in table)))
