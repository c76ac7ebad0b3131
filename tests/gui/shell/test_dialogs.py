"""The dialogs of the window: preferences act at once, and every dialog fits a small window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QPushButton
from pytestqt.qtbot import QtBot

from gui.controls.pace import SPEEDS, SpeedSlider
from gui.palette import ColourMap
from gui.shell.preferences_dialog import Choices, PreferencesDialog
from gui.state.preferences import LAYOUT, Preferences
from gui.theme import Scheme, appearance
from gui.widgets.slider import Slider
from tests.gui.cut_texts import cut_texts
from tests.gui.patience import settle
from tests.gui.shared_window import SharedWindow, shared_window
from tests.gui.shell_frames import frame

NAMES = ("preferences", "glossary", "keys", "log", "report", "about")


@pytest.fixture(scope="module")
def _shared(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedWindow]:
    folder: Path = tmp_path_factory.mktemp("dialogs")
    with shared_window(folder, lambda: SharedWindow((1280, 720), frame(1))) as shared:
        yield shared


@pytest.fixture
def shared(qtbot: QtBot, _shared: SharedWindow) -> Iterator[SharedWindow]:
    _shared.restore()
    yield _shared
    appearance.set_scheme(Scheme.LIGHT)
    appearance.set_colour_map(ColourMap.BLUE_ORANGE)


def opened(shared: SharedWindow, name: str) -> QDialog:
    shared.window.actions_table.trigger(name)
    settle()
    (dialog,) = (one for one in shared.window.findChildren(QDialog) if one.isVisible())
    return dialog


def choose(dialog: QDialog, name: str, data: object) -> None:
    """Choose an item as a user does."""
    box = dialog.findChild(QComboBox, f"preferences.{name}")
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def test_the_defaults_are_those_of_an_empty_file(tmp_path: Path) -> None:
    kept = Preferences()
    assert not kept.store.allKeys()
    assert Choices() == (kept.scheme, kept.text_scale, kept.colour_map, kept.speed)


@pytest.mark.may_stall("another theme or text size polishes every widget anew")
def test_preferences_act_at_once_and_are_remembered_and_undone(shared: SharedWindow) -> None:
    dialog = opened(shared, "preferences")
    assert isinstance(dialog, PreferencesDialog)
    before, undo = dialog.choices(), dialog.findChild(QPushButton, "preferencesUndo")
    assert not undo.isEnabled()
    choose(dialog, "scheme", Scheme.DARK)
    choose(dialog, "text", 1.25)
    choose(dialog, "colours", ColourMap.PURPLE_GREEN)
    slider = dialog.findChild(SpeedSlider).findChild(Slider)
    slider.setValue(SPEEDS.position(10.0))
    assert dialog.choices() == (Scheme.DARK, 1.25, ColourMap.PURPLE_GREEN, 10.0)
    assert appearance.theme.dark and shared.session.playback.speed == 10.0
    kept = shared.preferences
    assert (kept.scheme, kept.text_scale, kept.colour_map) == dialog.choices()[:3]
    assert undo.isEnabled()
    undo.click()
    assert dialog.choices() == before and not undo.isEnabled()
    assert (kept.scheme, kept.text_scale, kept.colour_map) == before[:3]
    dialog.findChild(QPushButton, "preferencesDefaults").click()
    assert dialog.choices() == Choices()
    dialog.close()


@pytest.mark.may_stall("another text size polishes every widget anew")
def test_preferences_show_what_is_set_elsewhere(shared: SharedWindow) -> None:
    dialog = opened(shared, "preferences")
    shared.window.actions_table.trigger("larger")
    assert dialog.findChild(QComboBox, "preferences.text").currentData() == 1.1
    dialog.close()


def test_the_layout_is_as_at_first(shared: SharedWindow) -> None:
    kept, columns = shared.preferences, shared.window.columns
    first = columns.sizes()
    kept.left_open, kept.left_width, kept.right_width = False, 300, 400
    kept.settings_share = 0.2
    shared.window.resize(1281, 720)
    settle()
    assert columns.sizes()[2] == 400
    dialog = opened(shared, "preferences")
    dialog.findChild(QPushButton, "preferences.layout").click()
    assert [getattr(kept, name) for name in LAYOUT] == [None] * len(LAYOUT)
    shared.window.resize(1280, 720)
    settle()
    assert columns.sizes() == first
    dialog.close()


@pytest.mark.parametrize(("size", "scale"), [((1280, 720), 1.0), ((960, 500), 2.0)])
@pytest.mark.may_stall("another text size polishes every widget anew")
def test_every_dialog_fits_its_window(
    shared: SharedWindow, size: tuple[int, int], scale: float
) -> None:
    """Nothing is cut, what is too high scrolls, and Escape closes it."""
    shared.window.resize(*size)
    if scale != 1.0:
        appearance.set_text_scale(scale)
    for name in NAMES:
        dialog = opened(shared, name)
        assert dialog.width() <= size[0] and dialog.height() <= size[1], name
        assert cut_texts(dialog) == [], name
        close = next(one for one in dialog.findChildren(QPushButton) if one.text() == "Close")
        assert close.isDefault() == (name != "glossary"), name
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()
