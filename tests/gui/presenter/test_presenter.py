"""Presenter mode: what it shows, what its keys do, and that it gives everything back."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QRect, QSettings, Qt, QTimer
from PySide6.QtGui import QFontInfo
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLineEdit,
    QScrollArea,
    QSlider,
    QSplitterHandle,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui.lessons.card.choice_list import OptionRow
from gui.lessons.card.controls import RoomSlider
from gui.lessons.card.prose import Prose
from gui.lessons.card.type import CardText, card_font
from gui.lessons.controller import LessonController
from gui.lessons.lesson import Card, ChoiceQuestion, Lesson
from gui.matrices.heatmap import Heatmap
from gui.presenter.notes import NotesWindow
from gui.presenter.screen import AutoHidePointer, BlackPage
from gui.shell.keys_dialog import KeysDialog
from gui.state.notices import Notice
from gui.state.preferences import Preferences
from gui.text.numbers import signed
from gui.theme import Scheme, appearance
from gui.widgets.label import ElidedLabel, Label as StageText
from gui.window import Window
from tests.engine.cover import some_of
from tests.gui.frames import frame as stage_frame
from tests.gui.patience import settle
from tests.gui.real_window import LORA, RealWindow
from tests.gui.shell_frames import FakeSession

PROJECTOR = (1280, 720)
LEAST_BODY, LEAST_LABEL = 24, 16
"""Font heights in pixels that are read from the last row."""

pytestmark = pytest.mark.may_stall("another text size polishes each of some 500 widgets anew")


class Presented:
    """A window over a fed session, and a guide through four cards."""

    def __init__(self, qtbot: QtBot, strategy: str = "lora", **shape: int) -> None:
        self.qtbot = qtbot
        self.session = FakeSession()
        self.window = Window(self.session, Preferences())
        self.window.resize(*PROJECTOR)
        self.session.show(qtbot, self.window)
        self.window.add_charts()
        self.session.feed(stage_frame(strategy, step=1, **shape))

    def guide(self) -> LessonController:
        return self.window.lesson_controller

    def present(self, size: tuple[int, int] = PROJECTOR) -> None:
        """On a screen of that size: the one of the tests is of another."""
        self.window.presenter.present(True)
        self.window.setWindowState(Qt.WindowState.WindowNoState)
        self.window.resize(*size)
        settle()

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.window.focusWidget() or self.window, key)

    def figures(self) -> list[str]:
        """What stands below the stage, from left to right."""
        labels = self.window.presenter.figures.currentWidget().findChildren(StageText)
        return [
            label.full_text() if isinstance(label, ElidedLabel) else label.text()
            for label in labels
        ]

    def sees(self, name: str) -> bool:
        found = self.window.findChild(QWidget, name)
        assert found is not None, name
        return found.isVisible()


@pytest.fixture
def presented(qtbot: QtBot) -> Iterator[Presented]:
    shown = Presented(qtbot)
    yield shown
    shown.window.presenter.present(False)
    appearance.set_text_scale(1.0)


def lesson(*pages: str) -> Lesson:
    cards = tuple(Card(f"Card {n}", "Text.", page=page) for n, page in enumerate(pages, 1))
    return Lesson(
        file=Path("08-lora.md"), name="lora", number=8, title="LoRA", strategy="lora", cards=cards
    )


CONTROLS = ("playButton", "rankSlider", "timeline", "cellReadout", "analysisTabs", "railLessons",
            "strategyBox")  # fmt: skip


def state(window: Window) -> dict[str, object]:
    """All that has to be as it was."""
    return {
        "geometry": window.geometry(),
        "state": window.windowState(),
        "text": appearance.text_scale,
        "lesson": appearance.sizes.lesson_scale,
        "hidden": {
            part
            for part in window.findChildren(QWidget)
            if part.isHidden()
            and not isinstance(part, QSplitterHandle)
            and not part.objectName().startswith("qt_")  # Qt's own
        },
        "sizes": [part.size() for part in (window.stage, window.tabs, window.right.controls)],
    }


@pytest.mark.parametrize("way", some_of([Qt.Key.Key_F, Qt.Key.Key_Escape], 2))
def test_it_hides_the_controls_and_gives_all_back(presented: Presented, way: Qt.Key) -> None:
    window = presented.window
    presented.guide().enter(lesson(""))
    appearance.set_text_scale(1.2)
    window.setGeometry(QRect(40, 30, 1300, 950))  # so high that a lesson leaves the sample in view
    settle()
    before = state(window)
    assert all(map(presented.sees, CONTROLS))
    presented.press(Qt.Key.Key_F)
    assert window.presenter.presenting and window.isFullScreen()
    assert not any(map(presented.sees, CONTROLS))
    assert presented.sees("stage") and presented.sees("lessonCard")
    assert presented.sees("presentedFigures")
    presented.press(way)
    assert not window.presenter.presenting and not window.isFullScreen()
    settle()
    assert state(window) == before


def test_no_preference_is_written(presented: Presented) -> None:
    presented.present()
    presented.press(Qt.Key.Key_Plus)
    presented.press(Qt.Key.Key_H)
    presented.window.presenter.present(False)
    store = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "deltaw", "deltaw")
    assert store.allKeys() == []


def test_one_key_brings_the_controls_and_hides_them_again(presented: Presented) -> None:
    presented.present()
    presented.press(Qt.Key.Key_H)
    assert all(map(presented.sees, CONTROLS)) and presented.window.presenter.presenting
    assert not presented.sees("presentedFigures")
    presented.press(Qt.Key.Key_H)
    assert not any(map(presented.sees, CONTROLS))


@pytest.mark.parametrize("size", some_of([PROJECTOR, (1600, 1000), (2560, 1440)]))
def test_it_is_read_from_the_last_row(presented: Presented, size: tuple[int, int]) -> None:
    presented.guide().enter(lesson(""))
    presented.present(size)
    times = min(size[0] / PROJECTOR[0], size[1] / PROJECTOR[1])
    card = presented.window.findChild(Prose)
    assert card is not None
    body = QFontInfo(card_font(1.0)).pixelSize()
    assert body >= int(LEAST_BODY * times)
    labels = [text for text in presented.window.stage.findChildren(StageText) if text.isVisible()]
    assert len(labels) > 10
    heights = {text.text(): QFontInfo(text.font()).pixelSize() for text in labels}
    assert min(heights.values()) >= int(LEAST_LABEL * times), heights


@pytest.mark.parametrize(
    "strategy", some_of(["lora", "full", "qlora", "adapter", "feature_head", "vera"])
)
@pytest.mark.parametrize("page", some_of([True, False], 2))
def test_nothing_scrolls(qtbot: QtBot, strategy: str, page: bool) -> None:
    shown = Presented(qtbot, strategy)
    shown.present()
    if page:
        shown.window.show_tab("curves")
    settle()
    scroll = shown.window.stage.findChild(QScrollArea)
    assert scroll is not None
    assert scroll.verticalScrollBar().maximum() == scroll.horizontalScrollBar().maximum() == 0
    assert shown.sees("curvesPage") == page
    shown.window.presenter.present(False)


def test_larger_text_is_for_this_presentation_alone(presented: Presented) -> None:
    presented.present()
    before = appearance.text_scale
    presented.press(Qt.Key.Key_Plus)
    assert appearance.text_scale == pytest.approx(before * 1.1, rel=1e-3)
    assert appearance.chosen_scale == 1.0
    presented.window.presenter.present(False)
    presented.present()
    assert appearance.text_scale == before


def test_a_clicker_goes_through_the_cards(presented: Presented) -> None:
    guide = presented.guide()
    presented.present()
    assert not presented.sees("lessonPanel")
    guide.enter(lesson("", "curves", ""))
    assert presented.sees("lessonPanel")

    def place() -> str:
        texts = (text for text in presented.window.lesson_panel.findChildren(CardText))
        return next(text.text() for text in texts if text.isVisible() and " of " in text.text())

    told = [place()]
    pages = [presented.sees("analysisTabs")]
    for key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
        presented.press(key)
        told.append(place())
        pages.append(presented.sees("analysisTabs"))
    title = "8\u2002LoRA · "
    assert told == [title + place for place in ("1 of 3", "2 of 3", "3 of 3", "2 of 3")]
    assert pages == [False, True, False, True]


def test_a_clicker_shows_the_rest_of_a_card_before_the_next(presented: Presented) -> None:
    long = lesson("", "")
    cards = (replace(long.cards[0], text="A word, and another one. " * 60), long.cards[1])
    presented.present()
    guide = presented.guide()
    guide.enter(replace(long, cards=cards))
    settle()
    bar = presented.window.lesson_panel.page.area.verticalScrollBar()
    presses = 0
    while bar.value() < bar.maximum():
        presented.press(Qt.Key.Key_PageDown)
        presses += 1
        assert guide.index == 0
    assert presses
    presented.press(Qt.Key.Key_PageDown)
    assert (guide.index, bar.value()) == (1, 0)


def test_a_long_title_goes_before_the_place_in_the_lesson_is_cut(presented: Presented) -> None:
    presented.present()
    presented.guide().enter(replace(lesson(""), title="Catastrophic forgetting, and what helps"))
    texts = presented.window.lesson_panel.findChildren(CardText)
    (place,) = (text for text in texts if text.isVisible() and " of " in text.text())
    assert place.text() == "1 of 1"
    assert place.advance(place.text()) <= place.width()


def test_it_begins_with_the_page_of_the_card_at_hand(presented: Presented) -> None:
    presented.guide().enter(lesson("curves"))
    presented.present()
    assert presented.sees("analysisTabs")


def test_a_dialog_below_the_black_does_not_outlive_the_window(presented: Presented) -> None:
    presented.press(Qt.Key.Key_Question)
    presented.present()
    presented.press(Qt.Key.Key_B)
    presented.window.close()
    assert not [w for w in QApplication.topLevelWidgets() if w.isVisible()]


def test_a_clicker_is_heard_though_a_slider_has_the_keyboard(presented: Presented) -> None:
    guide = presented.guide()
    guide.enter(lesson("", ""))
    presented.present()
    presented.press(Qt.Key.Key_H)
    slider = presented.window.findChild(QSlider, "rankSlider")
    assert slider is not None
    slider.setFocus()
    value = slider.value()
    presented.press(Qt.Key.Key_PageDown)
    assert (guide.index, slider.value()) == (1, value)
    presented.window.presenter.present(False)
    slider.setFocus()
    presented.press(Qt.Key.Key_PageDown)
    assert guide.index == 1 and slider.value() != value


@pytest.mark.parametrize("key", some_of([Qt.Key.Key_Period, Qt.Key.Key_B], 2))
@pytest.mark.parametrize(
    "back", some_of([None, Qt.Key.Key_PageDown, Qt.Key.Key_F, Qt.Key.Key_Escape])
)
def test_a_black_screen(presented: Presented, key: Qt.Key, back: Qt.Key | None) -> None:
    """Any key brings the window back, and does nothing else."""
    guide = presented.guide()
    guide.enter(lesson("", ""))
    presented.present()
    black = presented.window.findChild(BlackPage)
    assert black is not None
    presented.press(key)
    assert black.isVisible() and black.geometry() == presented.window.rect()
    picture = presented.window.grab().toImage()
    middle = [(x, y) for x in range(0, 1280, 64) for y in range(0, 720, 48)]
    assert {picture.pixelColor(*at).name() for at in middle} == {"#000000"}
    presented.press(back or key)
    assert not black.isVisible()
    assert presented.window.presenter.presenting and guide.index == 0


def test_a_black_screen_covers_dialogs_and_a_click_lifts_it(presented: Presented) -> None:
    presented.present()
    presented.press(Qt.Key.Key_Question)
    dialog = presented.window.findChild(KeysDialog)
    assert isinstance(dialog, QDialog) and dialog.isVisible()
    QTest.keyClick(presented.window, Qt.Key.Key_B)
    black = presented.window.findChild(BlackPage)
    assert black is not None and black.isVisible() and not dialog.isVisible()
    QTest.mouseClick(black, Qt.MouseButton.LeftButton)
    assert dialog.isVisible() and not black.isVisible()
    dialog.close()


def test_keys_that_mean_something_to_the_run_still_do(presented: Presented) -> None:
    presented.present()
    rank = presented.session.state.settings.rank
    presented.session.editor.update(rank=rank + 1)
    QTest.keyClick(presented.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert presented.session.state.settings.rank == rank
    presented.press(Qt.Key.Key_V)
    assert presented.window.page_stack.current == "compare" and presented.sees("comparePage")
    presented.press(Qt.Key.Key_Escape)
    assert (
        presented.window.page_stack.current != "compare" and presented.window.presenter.presenting
    )
    QTest.keyClick(presented.window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert presented.sees("spectrumPage")


def test_a_letter_typed_into_a_field_is_text(presented: Presented) -> None:
    presented.present()
    presented.press(Qt.Key.Key_H)
    field = presented.window.findChildren(QLineEdit)[0]
    field.setFocus()
    field.selectAll()
    for key in (Qt.Key.Key_1, Qt.Key.Key_Period):
        QTest.keyClick(field, key)
    black = presented.window.findChild(BlackPage)
    assert black is not None and not black.isVisible() and field.text() == "1."


def test_the_pointer_lights_what_belongs_together(presented: Presented) -> None:
    presented.present()
    found = {
        name: presented.window.findChild(Heatmap, f"heatmap.layer2.{name}")
        for name in ("weight", "delta", "updated", "lora_B", "lora_A")
    }
    delta = found["delta"]
    assert delta is not None and appearance.sizes.overlay_scale > 1
    plain = {name: heatmap.grab().toImage() for name, heatmap in found.items() if heatmap}
    delta.hovered.emit(3, 7)
    marks = {name: heatmap.mark() for name, heatmap in found.items() if heatmap}
    assert marks == {"weight": (3, 7), "delta": (3, 7), "updated": (3, 7), "lora_B": (3, None),
                     "lora_A": (None, 7)}  # fmt: skip
    for name, heatmap in found.items():
        assert heatmap is not None and heatmap.grab().toImage() != plain[name], name
    frame = presented.session.state.frame
    assert frame is not None
    layer = frame.layers[1]
    position, equation = presented.figures()
    assert position == "Layer 2 · row 4, column 8"
    assert f"W {signed(layer.weight[3, 7])}" in equation
    delta.left.emit()
    assert presented.figures()[0] == "Step 1"


@pytest.mark.parametrize("scheme", some_of(["dark", "light"], 2))
def test_a_ring_is_heavier_before_a_room(presented: Presented, scheme: str) -> None:
    """Counted: pixels of the text's colour, which no cell has."""
    appearance.set_scheme(Scheme(scheme))
    heatmap = presented.window.findChild(Heatmap, "heatmap.layer2.delta")
    assert heatmap is not None

    def ink() -> int:
        picture = heatmap.grab().toImage()
        places = ((x, y) for x in range(picture.width()) for y in range(picture.height()))
        return sum(picture.pixelColor(*at).name() == appearance.theme.text for at in places)

    heatmap.hovered.emit(20, 20)
    before = ink()
    presented.present()
    heatmap.hovered.emit(20, 20)
    assert ink() > 4 * max(before, 1)
    heatmap.hovered.emit(0, 0)
    assert ink() > 4 * max(before, 1)
    appearance.set_scheme(Scheme.LIGHT)


def test_the_mouse_pointer_rests_out_of_the_picture(presented: Presented) -> None:
    presented.present()
    pointer = presented.window.presenter.findChild(AutoHidePointer)
    assert pointer is not None
    handle = presented.window.windowHandle()
    pointer.hide_after = 30
    QTest.mouseMove(handle, QPoint(200, 200))
    presented.qtbot.waitUntil(lambda: pointer.hidden)
    cursor = QApplication.overrideCursor()
    assert cursor is not None and cursor.shape() == Qt.CursorShape.BlankCursor
    pointer.hide_after = 10**6
    QTest.mouseMove(handle, QPoint(220, 210))
    assert not pointer.hidden and QApplication.overrideCursor() is None
    pointer.hide_after = 30
    QTest.mouseMove(handle, QPoint(200, 200))
    presented.qtbot.waitUntil(lambda: pointer.hidden)
    presented.window.presenter.present(False)
    assert not pointer.hidden and QApplication.overrideCursor() is None


def test_a_notice_is_seen(presented: Presented) -> None:
    presented.present()
    presented.session.notices.report_error("Something went wrong.")
    assert presented.window.presenter.presenting and presented.sees("noticeToast")
    assert presented.window.toast.geometry().bottom() < presented.window.presenter.figures.y()
    presented.session.notices.dismiss()
    assert not presented.sees("noticeToast") and presented.sees("presentedFigures")


def test_closed_while_presenting(qtbot: QtBot) -> None:
    """The place that is remembered is the one of before."""
    shown = Presented(qtbot)
    shown.window.setGeometry(QRect(40, 30, 1300, 760))
    shown.window.presenter.present(True)
    shown.press(Qt.Key.Key_B)
    shown.window.close()
    assert not shown.window.presenter.presenting and QApplication.overrideCursor() is None
    assert appearance.text_scale == appearance.chosen_scale == 1.0
    assert not shown.window.isFullScreen() and shown.window.geometry() == QRect(40, 30, 1300, 760)
    assert Preferences().geometry is not None


def test_an_engine_that_dies_ends_it(qtbot: QtBot) -> None:
    user = RealWindow(qtbot, LORA)
    user.wait(lambda frame: frame.step == 0)
    before = user.window.geometry()
    user.window.presenter.present(True)
    process = user.session.host.process_id
    assert process is not None
    os.kill(process, signal.SIGKILL)
    user.until(lambda: isinstance(user.session.state.notice, Notice))
    user.until(lambda: not user.window.presenter.presenting)
    assert user.window.geometry() == before and user.find(QWidget, "playButton").isVisible()
    user.click("noticeAction")
    user.until(lambda: user.session.host.alive)
    user.close()


def asked() -> Lesson:
    """A lesson with one question, as its lecturer has rehearsed it."""
    quiz = ChoiceQuestion(name="q", options=("yes", "no"), number=2, reasons=("so", "not so"))
    cards = Card("First", "Text.", notes="Ask **them**."), Card("Second", "Text?", choice=quiz)
    return Lesson(
        file=Path("08-lora.md"), name="lora", number=8, title="LoRA", strategy="lora", cards=cards
    )


def test_presenting_begins_with_clean_cards_and_keeps_no_answer(presented: Presented) -> None:
    guide, rehearsed = presented.guide(), asked()
    question = rehearsed.questions["q"]
    guide.enter(rehearsed)
    guide.next()
    guide.commit(0)
    presented.present()
    assert guide.answer(question) is None and guide.question_is_open
    guide.show_answer()
    presented.window.presenter.present(False)
    assert guide.answer(question) == 0
    assert guide.answers.seen("lora") == {0, 1}


def test_votes_are_counted_by_digits_and_shown_as_bars_with_the_answer(
    presented: Presented,
) -> None:
    guide = presented.guide()
    guide.enter(asked())
    presented.present()
    for key in (Qt.Key.Key_PageDown, Qt.Key.Key_2, Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_2,
                Qt.Key.Key_Backspace, Qt.Key.Key_9):  # fmt: skip
        presented.press(key)
    assert guide.lesson is not None and guide.votes == {"q": [1, 0, 1]}
    rows = presented.window.lesson_panel.findChildren(OptionRow)
    assert [row.share for row in rows] == [None, None]
    presented.press(Qt.Key.Key_PageDown)
    assert [row.share for row in rows] == pytest.approx([1 / 3, 2 / 3])
    presented.press(Qt.Key.Key_1)
    assert guide.votes == {"q": [1, 0, 1]}, "the poll is closed"


def test_any_lesson_is_opened_by_keys(presented: Presented) -> None:
    presented.present()
    presented.press(Qt.Key.Key_L)
    for key in (Qt.Key.Key_1, Qt.Key.Key_6, Qt.Key.Key_Return):
        presented.press(key)
    settle()
    opened = presented.guide().lesson
    assert opened is not None and opened.number == 16
    assert not presented.sees("lessonChooser")


def test_the_end_of_a_lesson_leads_to_the_next_one(presented: Presented) -> None:
    guide = presented.guide()
    presented.window.lesson_panel.open_named("8")
    presented.present()
    guide.go(guide.count - 1)
    guide.show_answer()
    presented.press(Qt.Key.Key_PageDown)
    assert guide.finished and presented.sees("lessonEnd")
    presented.press(Qt.Key.Key_PageDown)
    assert guide.lesson is not None and (guide.lesson.number, guide.index) == (9, 0)


def test_the_speaker_has_notes_in_a_window_of_their_own(presented: Presented) -> None:
    presented.guide().enter(asked())
    presented.present()
    presented.press(Qt.Key.Key_S)
    notes = presented.window.findChild(NotesWindow)
    assert notes is not None and notes.isVisible() and notes.isWindow()
    assert notes.notes.text() == "Ask them."
    presented.press(Qt.Key.Key_PageDown)
    assert notes.notes.text() != "Ask them."
    clock = notes.findChild(QTimer)
    assert clock is not None and clock.isActive()
    presented.window.presenter.present(False)
    assert not notes.isVisible() and not clock.isActive()


def test_the_control_that_a_card_speaks_of_stands_on_it(presented: Presented) -> None:
    cards = (Card("Drag", "Text.", highlight=("rank", "layer1.lock")),)
    presented.guide().enter(
        Lesson(file=Path("08-lora.md"), name="lora", number=8, title="LoRA", strategy="lora",
               cards=cards)
    )  # fmt: skip
    presented.present()
    (slider,) = presented.window.findChildren(RoomSlider)
    slider.slider.setValue(slider.slider.value() + 1)
    settings = presented.session.state.settings
    assert slider.value.text() == str(settings.rank) == str(slider.slider.value())
    lock = presented.window.findChild(QWidget, "roomLock.layer1")
    QTest.mouseClick(lock, Qt.MouseButton.LeftButton)
    assert "layer1" in presented.session.state.frozen_blocks()
