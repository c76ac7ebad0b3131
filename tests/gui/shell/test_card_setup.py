"""What a card opens and rings, and that the window is given back as it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSlider, QWidget
from pytestqt.qtbot import QtBot

from engine.protocol.settings import Settings
from gui.cost.page import CostPage
from gui.lessons.lesson import PAGES, Card, Lesson
from gui.matrices.heatmap import Heatmap
from gui.window import Window
from tests.engine.cover import some_of
from tests.gui.frames import frame as stage_frame
from tests.gui.real_window import LORA, RealWindow
from tests.gui.shared_window import SharedWindow, shared_window


def lesson(*pages: str) -> Lesson:
    cards = tuple(Card(f"Card {n}", "Text.", page=page) for n, page in enumerate(pages))
    return Lesson(
        file=Path("08-lora.md"), name="lora", number=8, title="LoRA", strategy="lora", cards=cards
    )


@pytest.fixture
def user(qtbot: QtBot) -> Iterator[RealWindow]:
    user = RealWindow(qtbot, LORA)
    user.wait()
    yield user
    user.close()


def test_what_is_run_from_the_table_is_seen_and_leads_back_to_it(user: RealWindow) -> None:
    window, session = user.window, user.session
    window.page_stack.show_page("choices")
    user.click("tryMethod.linear_probe")
    session.playback.set_speed(100.0)
    assert window.page_stack.current == "stage", "what moves is to be seen"
    session.playback.set_speed(0.0)
    user.until(lambda: window.page_stack.current == "choices")
    assert session.state.settings.strategy == "linear_probe"
    user.click("tryMethod.full")
    window.page_stack.toggle("network")  # somebody went elsewhere meanwhile
    session.playback.set_speed(0.0)
    user.until(lambda: window.lesson_controller.active_run is None)
    assert window.page_stack.current == "network"


def test_a_lesson_wanted_from_the_table_is_read_beside_the_stage(user: RealWindow) -> None:
    user.window.page_stack.show_page("choices")
    user.click("readMethod.qlora")
    assert user.window.lesson_controller.lesson is not None
    assert user.window.lesson_controller.lesson.name == "qlora"
    assert user.window.page_stack.current == "stage"
    assert user.session.state.settings == Settings(
        **{**user.window.lesson_controller.lesson.changes(user.session.state.catalogue), "seed": 0}
    )


def test_beside_two_networks_their_own_arrows_are_ringed(user: RealWindow) -> None:
    window = user.window
    window.resize(1280, 720)
    assert window.lesson_panel.open_named("3")
    window.lesson_controller.go(3)

    def ringed() -> bool:
        arrow = window.findChild(QWidget, "networkNext")
        assert arrow is not None
        place = QRect(arrow.mapTo(window, QPoint()), arrow.size())
        return window.card_setup.highlighter.rects().get("sample", QRect()).contains(place)

    user.until(ringed)


@pytest.fixture(scope="module")
def opened(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedWindow]:
    folder = tmp_path_factory.mktemp("shared")
    frame = stage_frame("lora", step=1)
    with shared_window(folder, lambda: SharedWindow((1280, 720), frame)) as shared:
        yield shared


@pytest.fixture
def window(opened: SharedWindow) -> Iterator[Window]:
    yield opened.window
    opened.restore()


def shown(window: Window) -> tuple[str, str, bool]:
    return window.page_stack.current, window.tabs.page, window.stage.step_view.active


@pytest.mark.parametrize("page", some_of(PAGES))
def test_each_page_is_opened_and_put_back(window: Window, page: str) -> None:
    window.tabs.show_page("scale")
    before = shown(window)
    window.lesson_controller.enter(lesson("", page, "", page, "merge"))
    assert shown(window) == before
    for index in range(1, 5):
        window.lesson_controller.go(index)
        opened = shown(window)
        assert (opened == before) == (index == 2 or (page == "scale" and index != 4))
        if page in ("network", "compare", "choices", "costs"):
            assert (window.page_stack.current == page) == (index in (1, 3))
    window.lesson_controller.leave()
    assert shown(window) == before


def test_a_pinned_cell_is_let_go_with_its_card(window: Window, qtbot: QtBot) -> None:
    window.lesson_controller.enter(lesson("", "network"))
    matrix = window.findChild(Heatmap, "heatmap.layer1.weight")
    qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=QPoint(9, 9))
    assert window.stage.reading is not None and window.stage.reading.pinned
    window.lesson_controller.next()
    assert window.stage.reading is None or not window.stage.reading.pinned


def test_two_networks_need_no_card_of_the_sample_beside_them(window: Window, qtbot: QtBot) -> None:
    of_sample = {"highlight": ("sample",)}
    cards = (Card("On the stage", "Text.", **of_sample),
             Card("In the networks", "Text.", page="network", **of_sample))  # fmt: skip
    window.lesson_controller.enter(
        Lesson(
            file=Path("08-lora.md"),
            name="lora",
            number=8,
            title="LoRA",
            strategy="lora",
            cards=cards,
        )
    )
    assert window.left.sample.isVisible()
    window.lesson_controller.next()
    assert not window.left.sample.isVisible()


def test_what_a_user_opened_meanwhile_stays_where_a_card_opens_nothing(window: Window) -> None:
    window.lesson_controller.enter(lesson("", ""))
    window.page_stack.show_page("compare")
    window.lesson_controller.next()
    assert window.page_stack.current == "compare"


@pytest.mark.parametrize("page", ["curves", "choices", "costs"])
def test_a_page_that_was_left_is_there_again_on_the_next_card_that_wants_it(
    window: Window, page: str
) -> None:
    window.tabs.show_page("scale")
    before = shown(window)
    window.lesson_controller.enter(lesson(page, page))
    opened = shown(window)
    window.page_stack.show_page("network")
    window.tabs.show_page("merge")
    assert shown(window) != opened
    window.lesson_controller.next()
    assert window.page_stack.current == opened[0]
    assert page != "curves" or window.tabs.page == page
    window.lesson_controller.leave()
    assert window.page_stack.current == before[0]


def test_a_clicker_is_heard_on_the_costs_page(window: Window) -> None:
    window.lesson_controller.enter(lesson("costs", "costs"))
    page = window.findChild(CostPage)
    assert page is not None and page.isVisible()
    for presenting, index in ((False, 1), (True, 1)):
        window.lesson_controller.go(0)
        window.presenter.present(presenting)
        QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_PageDown)
        assert window.lesson_controller.index == index
    window.presenter.present(False)


def test_the_buttons_and_the_key_lead_to_the_table(window: Window) -> None:
    QTest.mouseClick(window.findChild(QWidget, "openChoices"), Qt.MouseButton.LeftButton)
    assert window.page_stack.current == "choices"
    QTest.keyClick(window, Qt.Key.Key_W)
    assert window.page_stack.current == "stage"


def test_a_card_gives_the_keys_back_to_the_stage(window: Window) -> None:
    """Otherwise → would move the slider that was touched before."""
    window.lesson_controller.enter(lesson("", "step"))
    slider = window.findChild(QSlider, "learningRateSlider")
    slider.setFocus()
    rate = slider.value()
    window.lesson_controller.next()
    QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_Right)
    assert slider.value() == rate and not slider.hasFocus()
