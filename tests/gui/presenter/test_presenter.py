"""Presenter mode: what it shows, what its keys do, and that it gives everything back."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
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

from gui.actions.keys_dialog import KeysDialog
from gui.lessons.card.choice_list import OptionRow
from gui.lessons.card.controls import RoomSlider
from gui.lessons.card.prose import Prose
from gui.lessons.card.type import CardText, card_font
from gui.lessons.controller import LessonController
from gui.lessons.lesson import Card, ChoiceQuestion, Lesson
from gui.matrices.heatmap import Heatmap
from gui.presenter.notes import NotesWindow
from gui.presenter.screen import AutoHidePointer, BlackPage
from gui.shell.page_stack import STAGE
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
from tests.gui.shared_window import SharedWindow, shared_window

PROJECTOR = (1280, 720)
LEAST_BODY, LEAST_LABEL = 24, 16
"""Font heights in pixels that are read from the last row."""

pytestmark = pytest.mark.may_stall("another text size polishes each of some 500 widgets anew")


class Presented(SharedWindow):
    """A window that the tests share, and a guide through its lesson."""

    def guide(self) -> LessonController:
        return self.window.lesson_controller

    def present(self, size: tuple[int, int] = PROJECTOR) -> None:
        """On a screen of that size: the one of the tests is of another."""
        self.window.presenter.present(True)
        self.window.setWindowState(Qt.WindowState.WindowNoState)
        self.window.resize(*size)
        settle()

    def is_bare(self) -> bool:
        """Whether it is presented, with nothing on it but the stage of the beginning."""
        window, frame = self.window, self.session.state.frame
        black, dialog = window.findChild(BlackPage), window.findChild(KeysDialog)
        assert black is not None and frame is not None
        return (
            window.isActiveWindow()
            and window.presenter.bare
            and not window.presenter.shows_page
            and not black.isVisible()
            and (dialog is None or not dialog.isVisible())
            and window.page_stack.current == STAGE
            and (window.size().toTuple(), frame.run) == (PROJECTOR, 1)
            and self.session.state.settings == self.start
        )

    def give_back(self) -> None:
        """Leave it presented where it is bare then: to begin and to end take long."""
        self.guide().leave()
        self.session.notices.dismiss()
        if not self.is_bare():
            self.restore()

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


def new_window() -> Presented:
    return Presented(PROJECTOR, stage_frame("lora", step=1))


@pytest.fixture(scope="module")
def shared(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Presented]:
    folder = tmp_path_factory.mktemp("shared")
    with shared_window(folder, new_window) as shown:
        yield shown


@pytest.fixture
def presented(shared: Presented) -> Iterator[Presented]:
    """The window as it is before it is presented."""
    if shared.window.presenter.presenting:
        shared.restore()
    yield shared
    shared.give_back()


@pytest.fixture
def presenting(shared: Presented) -> Iterator[Presented]:
    """The window in presenter mode, where the next test finds it again."""
    if not shared.is_bare():
        shared.restore()
        shared.present()
    yield shared
    shared.give_back()


@pytest.fixture
def own(qtbot: QtBot) -> Iterator[Presented]:
    """For a test that closes it, reads preferences or goes to other runs."""
    shown = new_window()
    qtbot.addWidget(shown.window)
    yield shown
    shown.window.presenter.present(False)


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


def test_it_writes_no_preference_and_closed_meanwhile_it_leaves_nothing(own: Presented) -> None:
    """The place that is remembered is the one of before; a dialog below the black goes as well."""
    own.window.setGeometry(QRect(40, 30, 1300, 760))
    own.press(Qt.Key.Key_Question)
    own.present()
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_H, Qt.Key.Key_H):
        QTest.keyClick(own.window, key)
    own.window.presenter.present(False)
    store = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "deltaw", "deltaw")
    assert store.allKeys() == []
    own.window.presenter.present(True)
    QTest.keyClick(own.window, Qt.Key.Key_B)
    own.window.close()
    assert not [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    assert not own.window.presenter.presenting and QApplication.overrideCursor() is None
    assert appearance.text_scale == appearance.chosen_scale == 1.0
    assert not own.window.isFullScreen() and own.window.geometry() == QRect(40, 30, 1300, 760)
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


def test_one_key_brings_the_controls_and_hides_them_again(presenting: Presented) -> None:
    presenting.press(Qt.Key.Key_H)
    assert all(map(presenting.sees, CONTROLS)) and presenting.window.presenter.presenting
    assert not presenting.sees("presentedFigures")
    presenting.press(Qt.Key.Key_H)
    assert not any(map(presenting.sees, CONTROLS))


@pytest.mark.parametrize("size", some_of([PROJECTOR, (1600, 1000), (2560, 1440)]))
def test_it_is_read_from_the_last_row(presenting: Presented, size: tuple[int, int]) -> None:
    presenting.guide().enter(lesson(""))
    presenting.present(size)
    times = min(size[0] / PROJECTOR[0], size[1] / PROJECTOR[1])
    card = presenting.window.findChild(Prose)
    assert card is not None
    body = QFontInfo(card_font(1.0)).pixelSize()
    assert body >= int(LEAST_BODY * times)
    labels = [text for text in presenting.window.stage.findChildren(StageText) if text.isVisible()]
    assert len(labels) > 10
    heights = {text.text(): QFontInfo(text.font()).pixelSize() for text in labels}
    assert min(heights.values()) >= int(LEAST_LABEL * times), heights


@pytest.mark.parametrize(
    "strategy", some_of(["lora", "full", "qlora", "adapter", "feature_head", "vera"])
)
@pytest.mark.parametrize("page", some_of([True, False], 2))
def test_nothing_scrolls(presenting: Presented, strategy: str, page: bool) -> None:
    presenting.session.feed(stage_frame(strategy, step=1, run=2))
    if page:
        presenting.window.show_tab("curves")
    settle()
    scroll = presenting.window.stage.findChild(QScrollArea)
    assert scroll is not None
    assert scroll.verticalScrollBar().maximum() == scroll.horizontalScrollBar().maximum() == 0
    assert presenting.sees("curvesPage") == page


def test_larger_text_is_for_this_presentation_alone(presented: Presented) -> None:
    presented.present()
    before = appearance.text_scale
    presented.press(Qt.Key.Key_Plus)
    assert appearance.text_scale == pytest.approx(before * 1.1, rel=1e-3)
    assert appearance.chosen_scale == 1.0
    presented.window.presenter.present(False)
    presented.present()
    assert appearance.text_scale == before


def test_a_clicker_goes_through_the_cards(presenting: Presented) -> None:
    guide = presenting.guide()
    assert not presenting.sees("lessonPanel")
    guide.enter(lesson("", "curves", ""))
    assert presenting.sees("lessonPanel")

    def place() -> str:
        texts = (text for text in presenting.window.lesson_panel.findChildren(CardText))
        return next(text.text() for text in texts if text.isVisible() and " of " in text.text())

    told = [place()]
    pages = [presenting.sees("analysisTabs")]
    for key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
        presenting.press(key)
        told.append(place())
        pages.append(presenting.sees("analysisTabs"))
    title = "8\u2002LoRA · "
    assert told == [title + place for place in ("1 of 3", "2 of 3", "3 of 3", "2 of 3")]
    assert pages == [False, True, False, True]


def test_a_clicker_shows_the_rest_of_a_card_before_the_next(presenting: Presented) -> None:
    long = lesson("", "")
    cards = (replace(long.cards[0], text="A word, and another one. " * 60), long.cards[1])
    guide = presenting.guide()
    guide.enter(replace(long, cards=cards))
    settle()
    bar = presenting.window.lesson_panel.page.area.verticalScrollBar()
    presses = 0
    while bar.value() < bar.maximum():
        presenting.press(Qt.Key.Key_PageDown)
        presses += 1
        assert guide.index == 0
    assert presses
    presenting.press(Qt.Key.Key_PageDown)
    assert (guide.index, bar.value()) == (1, 0)


def test_a_long_title_goes_before_the_place_in_the_lesson_is_cut(presenting: Presented) -> None:
    presenting.guide().enter(replace(lesson(""), title="Catastrophic forgetting, and what helps"))
    settle()
    texts = presenting.window.lesson_panel.findChildren(CardText)
    (place,) = (text for text in texts if text.isVisible() and " of " in text.text())
    assert place.text() == "1 of 1"
    assert place.sizeHint().width() <= place.width()


def test_it_begins_with_the_page_of_the_card_at_hand(presented: Presented) -> None:
    presented.guide().enter(lesson("curves"))
    presented.present()
    assert presented.sees("analysisTabs")


def test_a_clicker_is_heard_though_a_slider_has_the_keyboard(presenting: Presented) -> None:
    guide = presenting.guide()
    guide.enter(lesson("", ""))
    presenting.press(Qt.Key.Key_H)
    slider = presenting.window.findChild(QSlider, "rankSlider")
    assert slider is not None
    slider.setFocus()
    value = slider.value()
    presenting.press(Qt.Key.Key_PageDown)
    assert (guide.index, slider.value()) == (1, value)
    presenting.window.presenter.present(False)
    slider.setFocus()
    presenting.press(Qt.Key.Key_PageDown)
    assert guide.index == 1 and slider.value() != value


@pytest.mark.parametrize("key", some_of([Qt.Key.Key_Period, Qt.Key.Key_B], 2))
@pytest.mark.parametrize(
    "back", some_of([None, Qt.Key.Key_PageDown, Qt.Key.Key_F, Qt.Key.Key_Escape])
)
def test_a_black_screen(presenting: Presented, key: Qt.Key, back: Qt.Key | None) -> None:
    """Any key brings the window back, and does nothing else."""
    guide = presenting.guide()
    guide.enter(lesson("", ""))
    black = presenting.window.findChild(BlackPage)
    assert black is not None
    presenting.press(key)
    assert black.isVisible() and black.geometry() == presenting.window.rect()
    picture = presenting.window.grab().toImage()
    middle = [(x, y) for x in range(0, 1280, 64) for y in range(0, 720, 48)]
    assert {picture.pixelColor(*at).name() for at in middle} == {"#000000"}
    presenting.press(back or key)
    assert not black.isVisible()
    assert presenting.window.presenter.presenting and guide.index == 0


def test_a_black_screen_covers_dialogs_and_a_click_lifts_it(presenting: Presented) -> None:
    presenting.press(Qt.Key.Key_Question)
    dialog = presenting.window.findChild(KeysDialog)
    assert isinstance(dialog, QDialog) and dialog.isVisible()
    QTest.keyClick(presenting.window, Qt.Key.Key_B)
    black = presenting.window.findChild(BlackPage)
    assert black is not None and black.isVisible() and not dialog.isVisible()
    QTest.mouseClick(black, Qt.MouseButton.LeftButton)
    assert dialog.isVisible() and not black.isVisible()
    dialog.close()


def test_keys_that_mean_something_to_the_run_still_do(presenting: Presented) -> None:
    rank = presenting.session.state.settings.rank
    presenting.session.editor.update(rank=rank + 1)
    QTest.keyClick(presenting.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert presenting.session.state.settings.rank == rank
    presenting.press(Qt.Key.Key_V)
    assert presenting.window.page_stack.current == "compare" and presenting.sees("comparePage")
    presenting.press(Qt.Key.Key_Escape)
    assert (
        presenting.window.page_stack.current != "compare" and presenting.window.presenter.presenting
    )
    QTest.keyClick(presenting.window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert presenting.sees("spectrumPage")


def test_it_ends_though_pyside_has_forgotten_the_handle_of_the_window(
    presented: Presented,
) -> None:
    """As it does some time after a black screen."""
    presented.present()
    shiboken6.invalidate(presented.window.windowHandle())
    presented.press(Qt.Key.Key_Escape)
    assert not presented.window.presenter.presenting and presented.sees("playButton")


def test_a_letter_typed_into_a_field_is_text(presenting: Presented) -> None:
    presenting.press(Qt.Key.Key_H)
    field = presenting.window.findChildren(QLineEdit)[0]
    field.setFocus()
    field.selectAll()
    for key in (Qt.Key.Key_1, Qt.Key.Key_Period):
        QTest.keyClick(field, key)
    black = presenting.window.findChild(BlackPage)
    assert black is not None and not black.isVisible() and field.text() == "1."


def test_the_pointer_lights_what_belongs_together(presenting: Presented) -> None:
    found = {
        name: presenting.window.findChild(Heatmap, f"heatmap.layer2.{name}")
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
    frame = presenting.session.state.frame
    assert frame is not None
    layer = frame.layers[1]
    position, equation = presenting.figures()
    assert position == "Layer 2 · row 4, column 8"
    assert f"W {signed(layer.weight[3, 7])}" in equation
    delta.left.emit()
    assert presenting.figures()[0] == "Step 1"


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


def test_the_mouse_pointer_rests_out_of_the_picture(presenting: Presented, qtbot: QtBot) -> None:
    pointer = presenting.window.presenter.findChild(AutoHidePointer)
    assert pointer is not None
    handle = presenting.window.windowHandle()
    pointer.hide_after = 30
    QTest.mouseMove(handle, QPoint(200, 200))
    qtbot.waitUntil(lambda: pointer.hidden)
    cursor = QApplication.overrideCursor()
    assert cursor is not None and cursor.shape() == Qt.CursorShape.BlankCursor
    pointer.hide_after = 10**6
    QTest.mouseMove(handle, QPoint(220, 210))
    assert not pointer.hidden and QApplication.overrideCursor() is None
    pointer.hide_after = 30
    QTest.mouseMove(handle, QPoint(200, 200))
    qtbot.waitUntil(lambda: pointer.hidden)
    presenting.window.presenter.present(False)
    assert not pointer.hidden and QApplication.overrideCursor() is None


def test_a_notice_is_seen(presenting: Presented) -> None:
    presenting.session.notices.report_error("Something went wrong.")
    assert presenting.window.presenter.presenting and presenting.sees("noticeToast")
    assert presenting.window.toast.geometry().bottom() < presenting.window.presenter.figures.y()
    presenting.session.notices.dismiss()
    assert not presenting.sees("noticeToast") and presenting.sees("presentedFigures")


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
    presenting: Presented,
) -> None:
    guide = presenting.guide()
    guide.enter(asked())
    for key in (Qt.Key.Key_PageDown, Qt.Key.Key_2, Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_2,
                Qt.Key.Key_Backspace, Qt.Key.Key_9):  # fmt: skip
        presenting.press(key)
    assert guide.lesson is not None and guide.votes == {"q": [1, 0, 1]}
    rows = presenting.window.lesson_panel.findChildren(OptionRow)
    assert [row.share for row in rows] == [None, None]
    presenting.press(Qt.Key.Key_PageDown)
    assert [row.share for row in rows] == pytest.approx([1 / 3, 2 / 3])
    presenting.press(Qt.Key.Key_1)
    assert guide.votes == {"q": [1, 0, 1]}, "the poll is closed"


def test_keys_open_any_lesson_and_the_end_of_one_leads_to_the_next(presenting: Presented) -> None:
    guide = presenting.guide()
    for number in ("16", "8"):
        presenting.press(Qt.Key.Key_L)
        for digit in number:
            presenting.press(Qt.Key(Qt.Key.Key_0 + int(digit)))
        presenting.press(Qt.Key.Key_Return)
        settle()
        assert guide.lesson is not None and guide.lesson.number == int(number)
        assert not presenting.sees("lessonChooser")
    guide.go(guide.count - 1)
    guide.show_answer()
    presenting.press(Qt.Key.Key_PageDown)
    assert guide.finished and presenting.sees("lessonEnd")
    presenting.press(Qt.Key.Key_PageDown)
    assert guide.lesson is not None and (guide.lesson.number, guide.index) == (9, 0)


def test_what_stands_below_the_stage_does_not_narrow_the_lesson(presenting: Presented) -> None:
    presenter = presenting.window.presenter
    presenting.guide().leave()
    settle()
    wide, narrow = presenter.figures.width(), presenting.window.width() - presenter.panel_width()
    assert wide > narrow, "without a lesson it has the whole width"
    assert presenter.figures.minimumSizeHint().width() < narrow


def test_the_speaker_has_notes_in_a_window_of_their_own(presenting: Presented) -> None:
    presenting.guide().enter(asked())
    presenting.press(Qt.Key.Key_S)
    notes = presenting.window.findChild(NotesWindow)
    assert notes is not None and notes.isVisible() and notes.isWindow()
    assert notes.notes.text() == "Ask them."
    presenting.press(Qt.Key.Key_PageDown)
    assert notes.notes.text() != "Ask them."
    clock = notes.findChild(QTimer)
    assert clock is not None and clock.isActive()
    presenting.window.presenter.present(False)
    assert not notes.isVisible() and not clock.isActive()


def test_the_control_that_a_card_speaks_of_stands_on_it(presenting: Presented) -> None:
    cards = (Card("Drag", "Text.", highlight=("rank", "layer1.lock")),)
    presenting.guide().enter(
        Lesson(file=Path("08-lora.md"), name="lora", number=8, title="LoRA", strategy="lora",
               cards=cards)
    )  # fmt: skip
    (slider,) = presenting.window.findChildren(RoomSlider)
    slider.slider.setValue(slider.slider.value() + 1)
    settings = presenting.session.state.settings
    assert slider.value.text() == str(settings.rank) == str(slider.slider.value())
    lock = presenting.window.findChild(QWidget, "roomLock.layer1")
    QTest.mouseClick(lock, Qt.MouseButton.LeftButton)
    assert "layer1" in presenting.session.state.frozen_blocks()
