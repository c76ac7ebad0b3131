"""Preferences: what is kept comes back, and nonsense in the file counts as unset."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSettings
from pytestqt.qtbot import QtBot

from gui.palette import ColourMap
from gui.state.preferences import DEFAULT_SPEED, Preference, Preferences
from gui.theme import Scheme, appearance
from gui.window import Window
from tests.gui.frames import frame as stage_frame
from tests.gui.patience import settle
from tests.gui.shell_frames import FakeSession

UNSET: dict[str, object] = {
    "scheme": Scheme.SYSTEM, "text_scale": 1.0, "geometry": None, "left_width": None,
    "right_width": None, "settings_share": None, "speed": DEFAULT_SPEED, "left_open": None,
    "tour_seen": False, "colour_map": ColourMap.BLUE_ORANGE, "open_sections": frozenset(),
}  # fmt: skip
"""Property -> its value where nothing, or nonsense, is in the file."""
NONSENSE = ("nan", "inf", "-inf", "-7", "1e400", "nine", "9" * 5000, ["1", "2"], "\x00", "é∞")
"""Values that make sense for nothing that is kept."""


def write_all(value: object) -> None:
    store = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "deltaw", "deltaw")
    for name in UNSET:
        store.setValue(name, value)
    store.sync()


def test_nothing_is_kept_at_first(caplog: pytest.LogCaptureFixture) -> None:
    preferences = Preferences()
    for name, unset in UNSET.items():
        assert getattr(preferences, name) == unset, name
    assert not caplog.records


def test_these_are_all_that_is_kept() -> None:
    kept = (name for name, it in vars(Preferences).items() if isinstance(it, Preference))
    assert sorted(kept) == sorted(UNSET)


@pytest.mark.parametrize("value", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_counts_as_unset_and_is_named_once(
    value: object, caplog: pytest.LogCaptureFixture
) -> None:
    write_all(value)
    preferences = Preferences()
    for _ in range(2):
        for name, unset in UNSET.items():
            assert getattr(preferences, name) == unset, name
    assert len(caplog.records) == len(UNSET)
    for name in UNSET:
        assert sum(f": {name} is " in message for message in caplog.messages) == 1


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("text_scale", "0.69"), ("text_scale", "2.01"), ("text_scale", "1,5"), ("speed", "0.5"),
        ("speed", "1001"), ("settings_share", "1.01"), ("left_width", "1e300"),
        ("left_width", "-1"), ("right_width", "99999999"), ("left_open", "maybe"),
        ("tour_seen", "1"), ("scheme", "Dark"), ("colour_map", "viridis"),
        ("open_sections", "schedule,optimizer"), ("geometry", QByteArray(b"x")),
    ],
)  # fmt: skip
def test_what_is_near_to_what_is_allowed_is_not_taken(
    key: str, value: object, caplog: pytest.LogCaptureFixture
) -> None:
    store = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "deltaw", "deltaw")
    store.setValue(key, value)
    store.sync()
    preferences = Preferences()
    assert {name: getattr(preferences, name) for name in UNSET} == UNSET
    [record] = caplog.records
    assert record.levelno == logging.WARNING and f": {key} is " in record.getMessage()
    assert "it must be" in record.getMessage()


@pytest.mark.parametrize("content", [b"\x00\xff\xfe" * 50, b"[General\n=\n=", b""], ids=range(3))
def test_a_file_that_is_none_is_as_good_as_an_empty_one(content: bytes) -> None:
    file = Path(Preferences().store.fileName())
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    preferences = Preferences()
    assert {name: getattr(preferences, name) for name in UNSET} == UNSET


def test_what_is_kept_comes_back() -> None:
    kept = Preferences()
    kept.scheme, kept.text_scale, kept.settings_share = Scheme.DARK, 1.25, 0.4
    kept.left_open, kept.left_width, kept.right_width = True, 300, 0
    kept.tour_seen, kept.open_sections = True, frozenset({"network", "schedule"})
    kept.remember_speed(0.0)
    kept.colour_map = ColourMap.PURPLE_GREEN
    again = Preferences()
    assert (again.scheme, again.text_scale, again.settings_share) == (Scheme.DARK, 1.25, 0.4)
    assert (again.left_open, again.left_width, again.right_width) == (True, 300, 0)
    assert again.tour_seen and again.open_sections == {"network", "schedule"} and again.speed == 0
    assert again.colour_map is ColourMap.PURPLE_GREEN


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
