"""What a card opens and rings, and that the window is given back as it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.protocol.settings import Settings
from gui.cost.dialog import CostDialog
from gui.lessons.lesson import PAGES, Card, Lesson
from gui.preferences import Preferences
from gui.stage.heatmap import Heatmap
from gui.window import Window
from tests.gui.frames import frame as stage_frame
from tests.gui.patience import settle
from tests.gui.real_window import LORA, RealWindow
from tests.gui.shell_frames import FakeSession


def lesson(*pages: str) -> Lesson:
    cards = tuple(Card(f"Card {n}", "Text.", page=page) for n, page in enumerate(pages))
    return Lesson(Path("08-lora.md"), "lora", 8, "LoRA", "lora", {}, "", cards)


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    session = FakeSession()
    window = Window(session, Preferences())
    window.resize(1280, 720)
    session.show(qtbot, window)
    window.add_charts()
    session.feed(stage_frame("lora", step=1))
    return window


def shown(window: Window) -> tuple[str, str, bool, bool]:
    costs = window.findChild(CostDialog)
    seen = costs is not None and costs.isVisible()
    return window.middle.place, window.tabs.page, window.stage.microscope.on, seen


@pytest.mark.parametrize("page", PAGES)
def test_each_page_is_opened_and_put_back(window: Window, page: str) -> None:
    window.tabs.show_page("scale")
    before = shown(window)
    window.guide.enter(lesson("", page, "", page, "merge"))
    assert shown(window) == before
    for index in range(1, 5):
        window.guide.go(index)
        opened = shown(window)
        assert (opened == before) == (index == 2 or (page == "scale" and index != 4))
        if page in ("network", "compare", "choices"):
            assert (window.middle.place == page) == (index in (1, 3))
    window.guide.leave()
    assert shown(window) == before


def test_a_pinned_cell_is_let_go_with_its_card(window: Window, qtbot: QtBot) -> None:
    window.guide.enter(lesson("", "network"))
    matrix = window.findChild(Heatmap, "heatmap.layer1.weight")
    qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=QPoint(9, 9))
    assert window.stage.reading is not None and window.stage.reading.pinned
    window.guide.next()
    assert window.stage.reading is None or not window.stage.reading.pinned


def test_two_networks_need_no_card_of_the_sample_beside_them(window: Window, qtbot: QtBot) -> None:
    of_sample = {"highlight": ("sample",)}
    cards = (Card("On the stage", "Text.", **of_sample),
             Card("In the networks", "Text.", page="network", **of_sample))  # fmt: skip
    window.guide.enter(Lesson(Path("08-lora.md"), "lora", 8, "LoRA", "lora", {}, "", cards))
    assert window.left.sample.isVisible()
    window.guide.next()
    assert not window.left.sample.isVisible()


def test_what_a_user_opened_meanwhile_stays_where_a_card_opens_nothing(window: Window) -> None:
    window.guide.enter(lesson("", ""))
    window.middle.show_place("compare")
    window.guide.next()
    assert window.middle.place == "compare"


@pytest.fixture
def user(qtbot: QtBot) -> Iterator[RealWindow]:
    user = RealWindow(qtbot, LORA)
    user.wait()
    yield user
    user.close()


def test_what_is_run_from_the_table_is_seen_and_leads_back_to_it(user: RealWindow) -> None:
    window, session = user.window, user.session
    window.middle.show_place("choices")
    user.click("tryMethod.linear_probe")
    session.set_speed(100.0)
    assert window.middle.place == "stage", "what moves is to be seen"
    session.set_speed(0.0)
    user.until(lambda: window.middle.place == "choices")
    assert session.settings.strategy == "linear_probe"
    user.click("tryMethod.full")
    window.middle.toggle("network")  # somebody went elsewhere meanwhile
    session.set_speed(0.0)
    user.until(lambda: window.guide.under_way is None)
    assert window.middle.place == "network"


def test_a_lesson_wanted_from_the_table_is_read_beside_the_stage(user: RealWindow) -> None:
    user.window.middle.show_place("choices")
    user.click("readMethod.qlora")
    assert user.window.guide.lesson is not None
    assert user.window.guide.lesson.name == "qlora"
    assert user.window.middle.place == "stage"
    assert user.session.settings == Settings(
        **{**user.window.guide.lesson.changes(user.session.catalogue), "seed": 0}
    )


def test_beside_two_networks_their_own_arrows_are_ringed(user: RealWindow) -> None:
    window = user.window
    window.resize(1280, 720)
    assert window.lessons.choose(3)
    window.guide.go(3)

    def ringed() -> bool:
        arrow = window.findChild(QWidget, "networkNext")
        assert arrow is not None
        place = QRect(arrow.mapTo(window, QPoint()), arrow.size())
        return window.staging.spotlight.rects().get("sample", QRect()).contains(place)

    user.until(ringed)


@pytest.mark.parametrize("page", ["curves", "choices", "costs"])
def test_a_page_that_was_left_is_there_again_on_the_next_card_that_wants_it(
    window: Window, page: str
) -> None:
    window.tabs.show_page("scale")
    before = shown(window)
    window.guide.enter(lesson(page, page))
    opened = shown(window)
    window.middle.show_place("network")
    window.tabs.show_page("merge")
    window.show_costs(False)
    assert shown(window) != opened
    window.guide.next()
    assert shown(window)[3] == opened[3]
    assert page == "costs" or window.middle.place == opened[0]
    assert page != "curves" or window.tabs.page == page
    window.guide.leave()
    assert shown(window)[3] == before[3]


def test_the_calculator_leaves_the_card_to_be_read_and_heeds_a_clicker(window: Window) -> None:
    window.guide.enter(lesson("costs", "costs"))
    costs = window.findChild(CostDialog)
    assert costs is not None
    assert costs.x() >= window.mapToGlobal(window.left.rect().topRight()).x()
    for presenting, index in ((False, 0), (True, 1)):
        window.present(presenting)
        window.show_costs(True)
        costs.activateWindow()
        settle()
        QTest.keyClick(costs, Qt.Key.Key_PageDown)
        assert window.guide.index == index
    window.present(False)


def test_the_buttons_and_the_key_lead_to_the_table(window: Window) -> None:
    QTest.mouseClick(window.findChild(QWidget, "openChoices"), Qt.MouseButton.LeftButton)
    assert window.middle.place == "choices"
    QTest.keyClick(window, Qt.Key.Key_W)
    assert window.middle.place == "stage"
