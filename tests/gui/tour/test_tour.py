"""The tour: its stops, what leads on, and what ends it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from engine.protocol.settings import Settings
from gui.state.preferences import Preferences
from gui.tour.stops import tour_stops
from gui.tour.tour import TourCard, place_beside
from gui.window import Window
from tests.gui.shell_frames import FakeSession, catalogue, frame

LORA = Settings(strategy="lora")


def toured(qtbot: QtBot, settings: Settings = LORA) -> tuple[FakeSession, Window]:
    """A window of which the tour has begun."""
    session = FakeSession(settings)
    window = Window(session, Preferences())
    window.resize(1280, 720)
    session.show(qtbot, window)
    session.feed(frame(0, settings=settings))
    window.tour.start()
    return session, window


def card(window: Window) -> TourCard:
    found = window.findChild(TourCard)
    assert found is not None
    return found


def click(qtbot: QtBot, window: Window, name: str) -> None:
    qtbot.mouseClick(card(window).findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def title(window: Window) -> str:
    return "" if window.tour.stop is None else window.tour.stop.title


def test_it_goes_on_when_the_user_does_what_it_asks_for(qtbot: QtBot) -> None:
    session, window = toured(qtbot)
    assert title(window) == "This is W"
    click(qtbot, window, "tourNext")
    assert title(window) == "Press Play, and watch ΔW"
    session.feed(frame(20, playing=True))
    assert title(window) == "Press Play, and watch ΔW"
    session.feed(frame(60, playing=True))
    assert title(window) == "Lock a layer"
    session.editor.freeze("layer1", True)
    assert title(window) == "Drag the rank"
    session.editor.update(rank=7)
    assert title(window) == "Drag the rank"  # the card does not go in the middle of a drag
    click(qtbot, window, "tourNext")
    assert window.tour.stop is None


def test_without_a_rank_it_asks_for_a_strategy_that_has_one(qtbot: QtBot) -> None:
    session, window = toured(qtbot, Settings(strategy="full"))
    for _ in range(3):
        click(qtbot, window, "tourNext")
    assert title(window) == "Choose LoRA, then drag its rank"
    session.editor.choose_strategy("lora")
    assert title(window) == "Drag the rank"


@pytest.mark.parametrize(("strategy", "pretrained"), [("full", True), ("scratch", False)])
def test_only_pretrained_weights_are_called_so(strategy: str, pretrained: bool) -> None:
    session = FakeSession(Settings(strategy=strategy))
    session.take_report(catalogue())
    assert ("pretrained" in tour_stops(session.state)[0].text) == pretrained


def test_enter_goes_on_and_space_plays(qtbot: QtBot) -> None:
    session, window = toured(qtbot)
    for number in range(4):
        assert title(window) == tour_stops(session.state)[number].title
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert window.tour.stop is None
    window.tour.start()
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Space)
    assert session.state.playing
    assert title(window) == "This is W"


def test_it_leaves_the_keyboard_where_somebody_uses_it(qtbot: QtBot) -> None:
    session, window = toured(qtbot)
    field = window.transport.findChild(QPushButton, "networkButton")
    assert field is not None
    field.setFocus()
    session.feed(frame(0, settings=LORA))
    card(window).next.click()
    session.feed(frame(60, playing=True))
    assert title(window) == "Lock a layer"
    assert window.focusWidget() is field


@pytest.mark.parametrize("how", ["skip", "escape", "lesson"])
def test_it_ends_when_it_is_not_wanted(qtbot: QtBot, how: str) -> None:
    _, window = toured(qtbot)
    if how == "skip":
        click(qtbot, window, "tourSkip")
    elif how == "escape":
        card(window).escape.activated.emit()
    else:
        window.add_charts()  # the lessons come with them
        window.lesson_panel.open_named("1")
    assert window.tour.stop is None


def test_it_is_remembered_and_can_be_taken_again(qtbot: QtBot) -> None:
    _, window = toured(qtbot)
    assert Preferences().tour_seen
    window.tour.end()
    window.tour.start()
    assert title(window) == "This is W"


def test_a_fresh_user_has_not_seen_it(qtbot: QtBot) -> None:
    assert not Preferences().tour_seen


def test_the_card_covers_no_ring(qtbot: QtBot) -> None:
    window, card_rect = QRect(0, 0, 1000, 600), QRect(0, 0, 200, 100)
    rings = [QRect(20, 20, 100, 100), QRect(140, 20, 100, 100)]
    place = QRect(place_beside(card_rect, rings, window), card_rect.size())
    assert window.contains(place)
    assert not any(place.intersects(ring) for ring in rings)
    assert place_beside(card_rect, [window], window) == QPoint(786, 486)
