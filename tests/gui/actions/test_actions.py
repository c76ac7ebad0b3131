"""The table of actions: all of it in menus, palette and list of keys; keys on any layout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QMenu, QTreeWidget
from pytestqt.qtbot import QtBot

from gui.actions import key_positions
from gui.actions.action_palette import ActionPalette, Entry, find_entries
from gui.actions.actions import first_key
from gui.actions.key_positions import X11_OFFSET, latin_key
from gui.actions.keys_dialog import KeysDialog
from gui.actions.menu import ActionMenu, MenuBar
from gui.actions.table import ACTIONS, MENUS, show_key
from gui.shell.page_stack import COMPARE, STAGE
from tests.gui.shared_window import SharedWindow, shared_window
from tests.gui.shell_frames import frame

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ALT, NONE = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.NoModifier


@pytest.fixture(scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedWindow]:
    folder: Path = tmp_path_factory.mktemp("actions")
    with shared_window(folder, lambda: SharedWindow((1280, 720), frame(1))) as shared:
        yield shared


@pytest.fixture
def shared(qtbot: QtBot, _shared: SharedWindow) -> SharedWindow:
    _shared.restore()
    return _shared


def test_no_key_has_two_meanings() -> None:
    keys = Counter(first_key(key) for action in ACTIONS.values() for key in action.keys)
    assert [key for key, count in keys.items() if count > 1] == []
    assert len(ACTIONS) == sum(len(group) for groups in MENUS.values() for group in groups)


def test_keys_are_shown_as_they_are_printed() -> None:
    assert show_key("Ctrl++") == "Ctrl++" and show_key("+") == "+"
    assert show_key("Ctrl+-") == "Ctrl+−" and show_key("Ctrl+Right") == "Ctrl+→"
    assert show_key("PgDown") == "Page ↓" and show_key("Ctrl+Shift+Z") == "Ctrl+Shift+Z"


def test_every_action_is_in_the_menus_and_says_whether_it_can_be_done(shared: SharedWindow) -> None:
    bar = shared.window.findChild(MenuBar)
    assert bar is not None and bar.isVisible()
    menus = [menu for menu in bar.findChildren(ActionMenu) if menu.title()]
    assert [menu.title() for menu in menus] == list(MENUS)
    found = []
    for menu in menus:
        menu.aboutToShow.emit()
        for made in menu.actions():
            if made.isSeparator():
                continue
            found.append(made.objectName())
            reason = shared.window.actions_table.reason(made.objectName())
            assert made.isEnabled() == (not reason)
            assert made.toolTip() == (reason or ACTIONS[made.objectName()].hint)
            keys = ACTIONS[made.objectName()].keys
            shows = made.shortcut().toString() or made.text().partition("\t")[2]
            assert bool(shows) == bool(keys), made.text()
        menu.aboutToHide.emit()
        assert all(made.isEnabled() for made in menu.actions())
    assert found == list(ACTIONS)


def test_every_action_with_a_key_is_in_the_list_of_keys(qtbot: QtBot) -> None:
    dialog = KeysDialog()
    qtbot.addWidget(dialog)
    words = [label.text() for label in dialog.findChildren(QLabel)]
    for action in ACTIONS.values():
        if action.keys:
            assert action.hint in words and "  ".join(action.shown_keys) in words


def test_the_list_of_keys_fits_a_small_window(shared: SharedWindow) -> None:
    QTest.keyClick(shared.window, Qt.Key.Key_Question, SHIFT)
    dialog = shared.window.findChild(KeysDialog)
    assert dialog is not None and dialog.isVisible()
    assert dialog.width() <= 1280 and dialog.height() <= 720
    dialog.close()


def test_every_action_is_in_the_palette_and_is_done_from_it(shared: SharedWindow) -> None:
    QTest.keyClick(shared.window, Qt.Key.Key_K, CONTROL)
    palette = shared.window.findChild(ActionPalette)
    assert palette is not None and palette.isVisible()
    rows = palette.findChild(QTreeWidget)
    texts = [rows.topLevelItem(row).text(0) for row in range(rows.topLevelItemCount())]
    for name in ACTIONS:
        if name != "palette":
            assert shared.window.actions_table.text(name) in texts
    assert "Strategy: LoRA" in texts and any(text.startswith("Lesson 8") for text in texts)
    field = palette.findChild(QLineEdit)
    QTest.keyClicks(field, "network")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert not palette.isVisible() and shared.window.page_stack.current == "network"


def test_what_cannot_be_done_says_why_in_the_palette_and_stays_undone(shared: SharedWindow) -> None:
    shared.window.actions_table.trigger("palette")
    palette = shared.window.findChild(ActionPalette)
    assert palette is not None
    field, rows = palette.findChild(QLineEdit), palette.findChild(QTreeWidget)
    QTest.keyClicks(field, "black screen")
    assert rows.topLevelItem(0).text(1) == "Present first (F)"
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert palette.isVisible()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_the_palette_finds_all_words_and_beginnings_first() -> None:
    names = "Black screen", "Strategy: LoRA", "LoRA of old", "Explore LoRA"
    entries = [Entry(("", name), name) for name in names]
    assert [entry.text for entry in find_entries(entries, "lora")] == [
        "LoRA of old", "Strategy: LoRA", "Explore LoRA",
    ]  # fmt: skip
    assert [entry.text for entry in find_entries(entries, "old lora")] == ["LoRA of old"]
    assert find_entries(entries, "none of these") == []


def test_run_keys_do_nothing_while_the_run_is_hidden_and_say_so(shared: SharedWindow) -> None:
    shared.window.page_stack.show_page(COMPARE)
    sent = shared.session.fake_host.sent
    sent.clear()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_R, Qt.Key.Key_Home):
        QTest.keyClick(shared.window, key)
    assert sent == []
    assert "stage" in shared.window.actions_table.reason("reset")
    shared.window.page_stack.show_page(STAGE)
    assert shared.window.actions_table.reason("reset") == ""


def test_a_held_key_repeats_only_what_should_repeat(shared: SharedWindow) -> None:
    sent = shared.session.fake_host.sent
    for key, count in ((Qt.Key.Key_R, 0), (Qt.Key.Key_Right, 1)):
        sent.clear()
        held = QKeyEvent(QEvent.Type.KeyPress, key, NONE, "", True)
        shared.window.keyPressEvent(held)
        assert len(sent) == count, key


def test_buttons_say_the_key_of_their_action(shared: SharedWindow) -> None:
    for name, button in shared.window.transport.action_buttons.items():
        assert isinstance(button, QAbstractButton)
        assert button.toolTip() == ACTIONS[name].tooltip


@pytest.fixture
def on_x11(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_positions.QGuiApplication, "platformName", lambda: "xcb")


CYRILLIC_YA, GREEK_ZETA, CYRILLIC_EN = 0x042F, 0x0396, 0x0422
SCAN_Z, SCAN_N, SCAN_1, SCAN_6, SCAN_Y = 44, 49, 2, 7, 21


@pytest.mark.usefixtures("on_x11")
@pytest.mark.parametrize(
    ("key", "scan", "held", "counts_as"),
    [
        (CYRILLIC_EN, SCAN_N, NONE, Qt.Key.Key_N),
        (CYRILLIC_YA, SCAN_Z, CONTROL, Qt.Key.Key_Z),
        (GREEK_ZETA, SCAN_Z, CONTROL, Qt.Key.Key_Z),
        (Qt.Key.Key_Z, SCAN_Y, CONTROL, Qt.Key.Key_Z),  # German: the letter counts
        (Qt.Key.Key_Ampersand, SCAN_1, NONE, Qt.Key.Key_1),  # French
        (Qt.Key.Key_Ampersand, SCAN_1, CONTROL, Qt.Key.Key_1),
        (Qt.Key.Key_1, SCAN_1, SHIFT, Qt.Key.Key_1),
        (Qt.Key.Key_Minus, SCAN_6, NONE, Qt.Key.Key_6),
        (Qt.Key.Key_Minus, SCAN_6, CONTROL, Qt.Key.Key_Minus),
        (Qt.Key.Key_Exclam, SCAN_1, SHIFT, Qt.Key.Key_Exclam),
        (Qt.Key.Key_1, 79, Qt.KeyboardModifier.KeypadModifier, Qt.Key.Key_1),
        (Qt.Key.Key_Right, 106, NONE, Qt.Key.Key_Right),
        (CYRILLIC_EN, 0, NONE, CYRILLIC_EN),  # a place that is not known
    ],
)
def test_a_key_counts_by_its_place_where_its_letter_is_not_latin(
    key: int, scan: int, held: Qt.KeyboardModifier, counts_as: int
) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, key, held, scan + X11_OFFSET, 0, 0)
    assert latin_key(event) == counts_as


@pytest.mark.usefixtures("on_x11")
def test_keys_of_other_layouts_do_what_they_do_on_this_one(shared: SharedWindow) -> None:
    def press(key: int, scan: int, held: Qt.KeyboardModifier) -> None:
        shared.window.keyPressEvent(
            QKeyEvent(QEvent.Type.KeyPress, key, held, scan + X11_OFFSET, 0, 0)
        )

    press(CYRILLIC_EN, SCAN_N, NONE)
    assert shared.window.page_stack.current == "network"
    press(CYRILLIC_EN, SCAN_N, NONE)
    rank = shared.session.state.settings.rank
    shared.session.editor.update(rank=rank + 1)
    press(CYRILLIC_YA, SCAN_Z, CONTROL)
    assert shared.session.state.settings.rank == rank
    press(Qt.Key.Key_2, 3, CONTROL | ALT)
    assert shared.window.tabs.page == "curves", "AltGr writes a sign"
    press(Qt.Key.Key_Ampersand, SCAN_1, NONE)
    lesson = shared.window.lesson_controller.lesson
    assert lesson is not None and lesson.number == 1


def test_a_text_field_keeps_its_own_keys(shared: SharedWindow, qtbot: QtBot) -> None:
    field = QLineEdit(shared.window)
    field.show()
    field.setFocus()
    rank = shared.session.state.settings.rank
    shared.session.editor.update(rank=rank + 1)
    QTest.keyClicks(field, "rank n")
    QTest.keyClick(field, Qt.Key.Key_Z, CONTROL)
    assert field.text() == "" and shared.session.state.settings.rank == rank + 1
    field.deleteLater()


def test_f5_begins_to_present_and_does_not_leave(shared: SharedWindow) -> None:
    shared.window.lesson_panel.open_named("8")
    shared.window.lesson_controller.go(2)
    presenter = shared.window.presenter
    QTest.keyClick(shared.window, Qt.Key.Key_F5)
    assert presenter.presenting and shared.window.lesson_controller.index == 0
    QTest.keyClick(shared.window, Qt.Key.Key_F5)
    assert presenter.presenting
    QTest.keyClick(shared.window, Qt.Key.Key_F)
    assert not presenter.presenting


def test_the_lessons_menu_has_the_actions_of_the_table(shared: SharedWindow) -> None:
    menus = shared.window.lesson_panel.menu_button.findChildren(QMenu)
    names = [made.objectName() for menu in menus for made in menu.actions()]
    assert names == ["folder", "clear_one", "clear_all"]
    assert all(isinstance(made, QAction) for menu in menus for made in menu.actions())


def test_the_title_says_strategy_task_and_step(shared: SharedWindow, qtbot: QtBot) -> None:
    state = shared.session.state
    strategy, task = state.strategy_info(), state.task_info()
    assert strategy is not None and task is not None and state.frame is not None
    title = f"{strategy.label} · {task.label} · step {state.frame.step:,} · ΔW"
    qtbot.waitUntil(lambda: shared.window.windowTitle() == title)
    shared.session.playback.play()
    qtbot.waitUntil(lambda: shared.window.windowTitle() == f"● {title}")
    shared.session.playback.pause()
