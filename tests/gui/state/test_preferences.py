"""Preferences: what is kept comes back, and nonsense in the file counts as unset."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QByteArray, QSettings
from pytestqt.qtbot import QtBot

from gui.state.preferences import DEFAULT_SPEED, Preferences
from gui.theme import Scheme, appearance
from gui.window import Window
from tests.gui.frames import frame as stage_frame
from tests.gui.patience import settle
from tests.gui.shell_frames import FakeSession

UNSET: dict[str, object] = {
    "scheme": Scheme.SYSTEM, "text_scale": 1.0, "geometry": None, "left_width": None,
    "right_width": None, "settings_share": None, "speed": DEFAULT_SPEED,
}  # fmt: skip
"""Property -> its value where nothing, or nonsense, is in the file."""
PROPERTIES = (*UNSET, "open_sections", "left_open", "tour_seen")
NONSENSE = ("", "nan", "inf", "-inf", "-7", "1e400", "nine", "9" * 5000, ["1", "2"], "\x00", "é∞")
"""Values that make sense for no number, whatever it is of."""


def write_all(value: object) -> None:
    store = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "deltaw", "deltaw")
    for name in PROPERTIES:
        store.setValue(name, value)
    store.sync()


def test_nothing_is_kept_at_first() -> None:
    for name, unset in UNSET.items():
        assert getattr(Preferences(), name) == unset, name


@pytest.mark.parametrize("value", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_counts_as_unset(value: object) -> None:
    write_all(value)
    for name, unset in UNSET.items():
        assert getattr(Preferences(), name) == unset, name


def test_what_is_kept_comes_back() -> None:
    kept = Preferences()
    kept.scheme, kept.text_scale, kept.settings_share = Scheme.DARK, 1.25, 0.4
    kept.left_open, kept.left_width, kept.right_width = True, 300, 0
    kept.tour_seen, kept.open_sections = True, frozenset({"optimizer", "data"})
    kept.remember_speed(0.0)
    again = Preferences()
    assert (again.scheme, again.text_scale, again.settings_share) == (Scheme.DARK, 1.25, 0.4)
    assert (again.left_open, again.left_width, again.right_width) == (True, 300, 0)
    assert again.tour_seen and again.open_sections == {"optimizer", "data"} and again.speed == 0


@pytest.mark.parametrize("value", ["nan", "-7", "1e300", "0", QByteArray(b"x")], ids=str)
def test_the_window_opens_with_any_of_it(value: object, qtbot: QtBot, dressed: None) -> None:
    write_all(value)
    preferences, session = Preferences(), FakeSession()
    appearance.set_text_scale(preferences.text_scale)
    window = Window(session, preferences)
    window.resize(1280, 720)
    session.show(qtbot, window)
    window.add_charts()
    session.feed(stage_frame("lora", step=1))
    settle()
    assert window.stage.width() > 0
    window.open(remembered=True)
    assert window.isVisible()
