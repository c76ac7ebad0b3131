"""The list of lessons, and a lesson as its learner sees it."""

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Catalogue, CellAddress
from engine.protocol.settings import Settings
from engine.protocol.strategy_files import strategy_names
from gui.lessons.answers import Answers
from gui.lessons.card.choice_list import ChoiceList, OptionRow
from gui.lessons.card.plots import CardPlot, CurvePad
from gui.lessons.card.questions import CellBlock, Reveal
from gui.lessons.card.type import CardText
from gui.lessons.card.words import NO_GUESS
from gui.lessons.controller import LessonController
from gui.lessons.file import FOLDER
from gui.lessons.lesson import Lesson
from gui.lessons.lesson_list import BEGUN, DONE, HEADING, STATUS, TITLE
from gui.lessons.library import LessonLibrary
from gui.lessons.panel import LessonPanel
from gui.lessons.tex import check_formula
from gui.lessons.toml_reader import LessonError
from gui.matrices.cell_reading import read_cell
from gui.session import Session
from gui.theme import ProjectorScheme, Scheme, appearance
from tests.gui.lessons.sample_lesson import EVERYTHING, everything
from tests.gui.patience import PATIENCE
from tests.gui.shell_frames import FakeSession, catalogue, frame

SIZE = (284, 560)


class Opened:
    """A panel, and the hands and eyes of its user."""

    def __init__(
        self, qtbot: QtBot, session: Session, library: LessonLibrary, answers: Answers | None = None
    ) -> None:
        check_formula("W")  # the converter is imported
        self.qtbot, self.session = qtbot, session
        self.controller = LessonController(session, answers or Answers())
        self.panel = LessonPanel(session, self.controller, library)
        library.load()
        qtbot.addWidget(self.panel)
        self.panel.resize(*SIZE)
        self.panel.show()

    def seen(self, kind: type, name: str = "") -> list:
        QApplication.processEvents()  # new parts of a card are shown then
        found = self.panel.findChildren(kind, name) if name else self.panel.findChildren(kind)
        return [part for part in found if part.isVisible()]

    def button(self, name: str) -> QAbstractButton:
        found = self.seen(QAbstractButton, name)
        assert len(found) == 1, name
        return found[0]

    def click(self, name: str) -> None:
        assert self.button(name).isEnabled(), name
        self.qtbot.mouseClick(self.button(name), Qt.MouseButton.LeftButton)

    def card_text(self) -> str:
        card = self.panel.page.card
        return "\n".join(part.text() for part in (card.title, card.prose, card.remark, card.source))

    def rows(self) -> list[str]:
        lesson_list = self.panel.lesson_list
        rows = range(lesson_list.topLevelItemCount())
        return [lesson_list.topLevelItem(row).text(TITLE) or HEADING for row in rows]

    def marks(self) -> list[str]:
        lesson_list = self.panel.lesson_list
        rows = range(lesson_list.topLevelItemCount())
        return [lesson_list.topLevelItem(row).text(STATUS) for row in rows]

    def click_row(self, row: int) -> None:
        lesson_list = self.panel.lesson_list
        point_at = lesson_list.visualItemRect(lesson_list.topLevelItem(row)).center()
        self.qtbot.mouseClick(lesson_list.viewport(), Qt.MouseButton.LeftButton, pos=point_at)

    def take_option(self, index: int) -> None:
        rows = sorted(self.seen(OptionRow), key=lambda row: row.mapTo(self.panel, QPoint()).y())
        self.qtbot.mouseClick(rows[index], Qt.MouseButton.LeftButton)

    def made(self, name: str) -> None:
        self.qtbot.waitUntil(lambda: name in self.controller.results, timeout=PATIENCE)


@pytest.fixture
def library(tmp_path: Path) -> LessonLibrary:
    folder = tmp_path / "shipped"
    folder.mkdir()
    everything(folder)
    return LessonLibrary(None, folder)


@pytest.fixture
def fake(qtbot: QtBot, library: LessonLibrary) -> Opened:
    return Opened(qtbot, FakeSession(Settings(strategy="freeze", learning_rate=0.5)), library)


@pytest.fixture
def real(qtbot: QtBot, library: LessonLibrary) -> Iterator[Opened]:
    session = Session(Settings(strategy="lora"))
    appearance.start(Scheme.LIGHT)
    session.start()
    qtbot.waitUntil(
        lambda: session.state.frame is not None and session.state.frame.run > 0, timeout=PATIENCE
    )
    yield Opened(qtbot, session, library)
    session.close()


# ---------------------------------------------------------------- the list


def test_all_lessons_are_listed_by_number(qtbot: QtBot) -> None:
    opened = Opened(qtbot, FakeSession(), LessonLibrary(None))
    entries = opened.panel.lesson_list.entries
    numbers = [entry.number for entry in entries if isinstance(entry, Lesson)]
    assert len(numbers) == len(list(FOLDER.glob("*.md")))
    assert numbers == sorted(numbers)


def test_the_list_is_filled_once_it_is_seen(fake: Opened, library: LessonLibrary) -> None:
    before = fake.rows()
    fake.panel.hide()
    shipped = next(library.lessons[0].file.parent.glob("*.md"))
    text = shipped.read_text(encoding="utf-8")
    shipped.write_text(text.replace(library.lessons[0].title, "Another title"), encoding="utf-8")
    library.load()
    assert fake.rows() == before
    fake.panel.show()
    assert fake.rows() != before and "Another title" in fake.rows()


def test_a_click_opens_a_lesson_and_the_chevron_leads_back(fake: Opened) -> None:
    before = fake.session.state.settings
    fake.click_row(0)
    assert fake.panel.opened
    assert fake.session.state.settings.strategy == "lora"
    assert "The idea" in fake.card_text()
    fake.click("allLessons")
    assert not fake.panel.opened
    assert fake.session.state.settings == before


def test_the_keyboard_opens_a_lesson(fake: Opened) -> None:
    lesson_list = fake.panel.lesson_list
    fake.qtbot.keyClick(lesson_list, Qt.Key.Key_Down)
    assert not fake.panel.opened, "passing by a lesson begins nothing"
    lesson_list.setCurrentItem(lesson_list.topLevelItem(0))
    fake.qtbot.keyClick(lesson_list, Qt.Key.Key_Return)
    assert fake.panel.opened


def press(opened: Opened, key: Qt.Key) -> None:
    """Press a key where the keyboard is."""
    opened.qtbot.keyClick(opened.panel.window().focusWidget(), key)


def test_a_lesson_goes_by_digits_and_enter(real: Opened) -> None:
    panel, controller = real.panel, real.controller
    real.panel.handle_digit(3)
    assert panel.opened
    press(real, Qt.Key.Key_Return)
    assert controller.index == 1
    panel.handle_digit(1)
    button = real.button("run.low")
    assert button.visibleRegion().boundingRect().height() >= button.height() - 2
    press(real, Qt.Key.Key_Return)
    real.made("low")
    press(real, Qt.Key.Key_Return)
    real.made("full")
    for index in (2, 3):
        press(real, Qt.Key.Key_Return)
        assert controller.index == index


def test_enter_confirms_a_quiz_and_then_goes_on(fake: Opened) -> None:
    fake.panel.handle_digit(3)
    fake.controller.go(6)
    fake.seen(OptionRow)
    fake.panel.handle_digit(2)
    press(fake, Qt.Key.Key_Return)
    assert fake.panel.page.hasFocus()
    fake.panel.handle_digit(1)
    assert fake.panel.page.hasFocus(), "it was answered"
    press(fake, Qt.Key.Key_Return)
    assert fake.controller.finished


def test_the_keyboard_stays_on_the_page_when_its_button_is_switched_off(real: Opened) -> None:
    real.panel.handle_digit(3)
    real.controller.go(1)
    real.panel.handle_digit(1)
    real.button("run.low").setFocus()
    press(real, Qt.Key.Key_Return)
    real.made("low")
    focused = real.panel.window().focusWidget()
    page = real.panel.page
    assert focused is page or page.isAncestorOf(focused)


def test_page_down_shows_the_rest_of_a_card_before_the_next(fake: Opened) -> None:
    fake.panel.resize(SIZE[0], 300)
    fake.panel.handle_digit(3)
    fake.controller.go(1)
    fake.seen(OptionRow)
    bar = fake.panel.page.area.verticalScrollBar()
    assert bar.maximum() > 0
    for _ in range(20):
        if bar.value() < bar.maximum():
            press(fake, Qt.Key.Key_PageDown)
    assert bar.value() == bar.maximum()
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_PageDown, Qt.KeyboardModifier.NoModifier)
    fake.panel.page.keyPressEvent(event)
    assert not event.isAccepted(), "the window turns the card"


def test_what_is_hidden_has_not_the_keyboard(fake: Opened) -> None:
    fake.panel.focus_list()
    fake.panel.lesson_list.setCurrentItem(fake.panel.lesson_list.topLevelItem(0))
    press(fake, Qt.Key.Key_Return)
    assert fake.panel.page.hasFocus()
    fake.controller.leave()
    focused = fake.panel.window().focusWidget()
    assert focused is None or focused.isVisible()


def test_a_lesson_is_chosen_by_its_number(fake: Opened) -> None:
    assert not fake.panel.open_named("9")
    assert fake.panel.open_named("3")
    assert fake.panel.opened


def test_progress_is_marked_by_a_sign_and_can_be_cleared(fake: Opened) -> None:
    assert fake.marks() == [""]
    fake.click_row(0)
    fake.click("allLessons")
    assert fake.marks() == [BEGUN]
    fake.click_row(0)
    for index, answer in enumerate((None, 0, None, [[0, 0.5], [10, 0.5]], [1, 1], None, 1)):
        fake.controller.go(index)
        fake.controller.commit(answer)
    lesson, answers = fake.controller.lesson, fake.controller.answers
    assert lesson is not None and not answers.is_done(lesson), "its runs are not made"
    for name in lesson.runs:
        answers.mark_made(lesson.key, name)
    assert fake.button("cardNext").text() == "Done ✓"
    fake.click("cardNext")
    assert fake.panel.page.end.score.text() == "Correct answers: 1 of 2."
    assert fake.seen(QAbstractButton, "nextLesson") == [], "there is none"
    fake.click("lessonDone")
    assert not fake.panel.opened
    assert fake.marks() == [DONE]
    fake.panel.ask_to_clear_all()
    assert fake.marks() == [DONE], "only when it is confirmed"
    fake.click("keepAnswers")
    assert fake.marks() == [DONE]
    fake.panel.ask_to_clear_all()
    fake.click("clearAnswersNow")
    assert fake.marks() == [""]
    assert fake.seen(QAbstractButton, "clearAnswersNow") == []
    fake.click("restoreAnswers")
    assert fake.marks() == [DONE], "there is a way back"
    assert fake.seen(QAbstractButton, "restoreAnswers") == []


def test_a_letter_answers_an_open_question_and_nothing_else(fake: Opened) -> None:
    assert not fake.panel.handle_letter(Qt.Key.Key_B), "there is no lesson"
    fake.click_row(0)
    fake.controller.go(6)
    assert not fake.panel.handle_letter(Qt.Key.Key_C)
    assert fake.panel.handle_letter(Qt.Key.Key_B)
    (options,) = fake.seen(ChoiceList)
    assert options.selected == 1
    fake.controller.commit(1)
    assert not fake.panel.handle_letter(Qt.Key.Key_B)


def test_a_double_click_turns_one_card(fake: Opened) -> None:
    fake.click_row(0)
    fake.click("cardNext")
    fake.qtbot.mouseDClick(fake.button("cardNext"), Qt.MouseButton.LeftButton)
    assert fake.controller.index == 1


def test_own_lessons_and_mistakes_stand_below(qtbot: QtBot, tmp_path: Path) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    for folder in (shipped, own):
        folder.mkdir()
        everything(folder)
    (own / "09-mine.md").write_text(EVERYTHING.replace("rank = 2", "rank = 99"), encoding="utf-8")
    opened = Opened(qtbot, FakeSession(), LessonLibrary(own, shipped))
    assert opened.rows() == ["Everything", HEADING, "Everything", "09-mine.md"]
    opened.click_row(1)
    assert not opened.panel.opened, "a heading is none"
    opened.click_row(3)
    assert not opened.panel.opened
    said = [label.text() for label in opened.seen(QWidget) if hasattr(label, "text")]
    assert any("09-mine.md, line 9: settings.rank: 99" in str(text) for text in said)
    assert isinstance(opened.panel.lesson_list.entries[3], LessonError)
    opened.click_row(2)
    assert opened.controller.lesson is not None and opened.controller.lesson.own


def test_no_lessons_at_all_is_no_reason_to_fall_over(qtbot: QtBot, tmp_path: Path) -> None:
    opened = Opened(qtbot, FakeSession(), LessonLibrary(None, tmp_path / "none"))
    assert opened.rows() == []
    opened.panel.grab()


def test_a_strategy_without_a_lesson_is_told_of(qtbot: QtBot, library: LessonLibrary) -> None:
    session = FakeSession(Settings(strategy="lora"))
    opened = Opened(qtbot, session, library)
    about = opened.panel.about
    assert not about.isVisible(), "of LoRA there is a lesson"
    session.editor.choose_strategy("adapter")
    assert about.isVisible()
    assert "small bottleneck layers between them are trained" in about.text()
    session.feed(Catalogue((), ()))
    assert not about.isVisible()
    session.feed(catalogue())
    assert about.isVisible()


def test_answers_that_cannot_be_read_are_told_of(
    qtbot: QtBot, library: LessonLibrary, tmp_path: Path
) -> None:
    (tmp_path / "answers.json").write_text("{", encoding="utf-8")
    opened = Opened(qtbot, FakeSession(), library, Answers(tmp_path / "answers.json"))
    said = [str(label.text()) for label in opened.seen(QWidget) if hasattr(label, "text")]
    assert any("cannot be read" in text for text in said)


# ---------------------------------------------------------------- a lesson


def test_cards_are_turned_with_buttons_and_dots(fake: Opened) -> None:
    fake.click_row(0)
    assert not fake.button("cardBack").isEnabled()
    fake.click("cardNext")
    assert fake.controller.index == 1
    fake.click("cardBack")
    assert fake.controller.index == 0
    dots = fake.panel.page.dots
    fake.qtbot.mouseClick(dots, Qt.MouseButton.LeftButton, pos=QPoint(70, dots.height() // 2))
    assert fake.controller.index == 4
    assert "Card 5 of 7" in dots.accessibleName()


def test_the_source_stands_on_the_last_card(fake: Opened) -> None:
    fake.click_row(0)
    assert "a paper" not in fake.card_text()
    fake.controller.go(6)
    assert "a paper" in fake.card_text()


def test_a_run_waits_for_the_prediction(fake: Opened) -> None:
    fake.click_row(0)
    fake.controller.go(1)
    low, full = fake.button("run.low"), fake.button("run.full")
    assert not low.isEnabled() and not full.isEnabled()
    assert low.toolTip() == "Choose an answer."
    assert full.toolTip() == "Choose an answer."
    fake.take_option(2)
    place = low.mapTo(fake.panel, QPoint())
    assert low.isEnabled() and not full.isEnabled()
    assert low.text() == "Confirm and run 20 steps: low"
    fake.click("run.low")
    assert fake.controller.answer(fake.controller.card.question) == 2  # type: ignore[union-attr]
    assert low.mapTo(fake.panel, QPoint()) == place, "one button that keeps its place"
    assert fake.seen(QAbstractButton, "commitButton") == []
    fake.take_option(0)
    assert [row.yours for row in fake.seen(OptionRow)] == [False, False, True]


def test_a_quiz_is_answered_before_its_run(fake: Opened, tmp_path: Path) -> None:
    run = '## A quiz\n```toml\n[[run]]\nname = "look"\nsteps = 1\n'
    fake.controller.enter(everything(tmp_path, ("## A quiz\n```toml\n", run)))
    fake.controller.go(6)
    assert not fake.button("run.look").isEnabled()
    fake.take_option(1)
    assert fake.button("run.look").text() == "Confirm and run 1 step"
    fake.click("run.look")
    assert [row.reason for row in fake.seen(OptionRow)] == ["not so", "it is not"]


def test_a_card_shows_the_network_before_its_run(real: Opened) -> None:
    real.click_row(0)
    real.controller.go(1)
    real.take_option(0)
    real.controller.commit(0)
    real.controller.run("full")
    real.made("full")
    assert real.session.state.settings.strategy == "full"
    real.controller.go(3)  # a curve of the run "again", with LoRA
    wanted = real.controller.lesson.changes(real.session.state.catalogue)  # type: ignore[union-attr]
    assert {name: getattr(real.session.state.settings, name) for name in wanted} == wanted
    real.qtbot.waitUntil(
        lambda: (
            real.session.state.frame.settings.strategy == "lora"
            and real.session.state.frame.step == 0
        ),
        timeout=PATIENCE,
    )
    real.session.editor.update(learning_rate=0.2)
    real.controller.go(1)
    assert real.session.state.settings.learning_rate == 0.2, (
        "its runs were begun: it stays as it is"
    )


def test_a_lecturer_is_told_how_to_reach_what_a_card_speaks_of(fake: Opened) -> None:
    fake.click_row(0)
    assert "H: controls" not in fake.panel.page.position.text()
    appearance.set_projector_scheme(ProjectorScheme(1.4, 1.4, 3, compact=True))
    try:
        assert fake.panel.page.position.text() == "3\u2002Everything · 1 of 7"
        fake.controller.go(1)
        assert fake.panel.page.position.text() == "3\u2002Everything · 2 of 7"
        fake.controller.go(0)
        appearance.set_projector_scheme(None)
        assert fake.panel.page.position.text() == "1 of 7"
    finally:
        appearance.set_projector_scheme(None)


def test_a_quiz_tells_why_each_option_is_right_or_wrong(fake: Opened) -> None:
    fake.click_row(0)
    fake.controller.go(6)
    fake.take_option(0)
    options = fake.seen(ChoiceList)[0]
    assert [row.reason for row in options.rows] == ["", ""]
    fake.click("commitButton")
    told = [(row.yours, row.right, row.reason) for row in options.rows]
    assert told == [(True, False, "not so"), (False, True, "it is not")]


def test_a_quiz_whose_answer_the_lecturer_shows_takes_none(fake: Opened) -> None:
    fake.click_row(0)
    fake.controller.go(6)
    fake.controller.show_answer()
    assert [row.right for row in fake.seen(OptionRow)] == [False, True]
    assert fake.seen(QAbstractButton, "commitButton") == []


def test_keys_answer_a_question(fake: Opened) -> None:
    fake.click_row(0)
    fake.controller.go(1)
    options = fake.seen(ChoiceList)[0]
    fake.qtbot.keyClick(options, Qt.Key.Key_2)
    fake.qtbot.keyClick(options, Qt.Key.Key_Return)
    question = fake.controller.card.question  # type: ignore[union-attr]
    assert question is not None
    assert fake.controller.answer(question) == 1


def test_the_guessed_cell_is_the_pinned_one_of_its_layer(fake: Opened, tmp_path: Path) -> None:
    heard: list[tuple[str, tuple]] = []
    fake.panel.highlights_changed.connect(
        lambda layer, cell_highlights: heard.append((layer, cell_highlights))
    )
    fake.controller.enter(everything(tmp_path, ('reveal = ["drawn"]\n', "")))
    fake.controller.go(4)
    block = fake.seen(CellBlock)[0]
    layers = {layer.name: layer for layer in frame().layers}
    for layer, pinned, good in (
        ("layer2", True, False), ("layer1", False, False), ("layer1", True, True)
    ):  # fmt: skip
        cell = CellAddress(layer, 2, 6)
        fake.panel.show_reading(read_cell(layers[layer], cell, pinned=pinned))
        assert fake.button("run.third").isEnabled() == good
    assert block.label.text() == "Your cell: row 3, column 7 of layer 1."
    fake.click("run.third")
    layer, cell_highlights = heard[-1]
    assert layer == "layer1"
    assert [(ring.row, ring.column, ring.label) for ring in cell_highlights] == [(2, 6, "yours")]
    fake.panel.show_reading(read_cell(layers["layer1"], CellAddress("layer1", 9, 9), pinned=True))
    assert "row 3, column 7" in block.label.text(), "an answer stays"
    fake.controller.go(0)
    assert heard[-1] == ("", ())


def test_from_the_question_to_the_reveal(real: Opened) -> None:
    real.click_row(0)
    real.click("cardNext")
    real.take_option(0)
    real.click("run.low")
    assert not real.button("run.full").isEnabled(), "one run at a time"
    real.made("low")
    assert real.button("run.low").text().startswith("✓")
    real.click("cardNext")
    assert not real.panel.page.card.prose.isVisible(), "it would tell what has not happened"
    assert not real.panel.page.card.title.isVisible()
    assert real.seen(OptionRow) == []
    real.click("runMissing")
    real.made("full")
    assert "460 against 4,400" in real.card_text()
    assert real.seen(QAbstractButton, "runMissing") == []
    (row,) = real.seen(OptionRow)
    assert (row.option, row.yours, row.right) == ("fewer", True, True)
    assert [curve.label for curve in real.seen(CardPlot)[0].spec.curves] == ["low", "full"]
    assert "Your run is an exception" in real.card_text()


class Windows(QObject):
    """Notes what is shown as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[QObject] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(watched)
        return False


def test_no_part_of_a_card_is_ever_a_window_of_its_own(real: Opened) -> None:
    """It would flash up, and take a clicker's keys away."""
    windows = Windows()
    real.click_row(0)
    QApplication.instance().installEventFilter(windows)
    try:
        real.controller.go(1)
        real.controller.run("low", "full")
        real.made("full")
        for index in (2, 1, 2):
            real.controller.go(index)
            QApplication.processEvents()
        assert real.seen(CardPlot)
    finally:
        QApplication.instance().removeEventFilter(windows)
    assert windows.shown == []


def test_a_drawn_curve_is_laid_over_the_run(real: Opened) -> None:
    real.click_row(0)
    real.controller.go(3)
    (pad,) = real.seen(CurvePad)
    real.qtbot.waitUntil(lambda: pad.start_is_known, timeout=PATIENCE)
    assert pad.values[0] > 0.9, "the pretrained network knows its own task"
    assert not real.button("run.again").isEnabled()
    real.qtbot.keyClick(pad, Qt.Key.Key_Down)
    real.click("run.again")
    real.made("again")
    real.click("cardNext")
    (reveal,) = real.seen(Reveal)
    assert [curve.label for curve in reveal.pad.spec.curves] == ["this run", "yours"]
    said = reveal.label.text()
    assert said.startswith("On average your curve is")
    real.controller.go(real.controller.count - 1)
    real.click("cardNext")
    told = real.panel.page.end.score.text().splitlines()
    assert told[1:] == [f"Your prediction on card 4: {said}"], "what is no choice counts as well"


def test_the_guessed_cell_is_ranked_and_both_are_ringed(real: Opened) -> None:
    heard: list[tuple] = []
    real.panel.highlights_changed.connect(
        lambda layer, cell_highlights: heard.append(cell_highlights)
    )
    real.click_row(0)
    real.controller.go(4)
    real.controller.commit([3, 7])
    real.controller.run("third")
    real.made("third")
    assert [ring.label for ring in heard[-1]] == ["yours"], "not before the card that tells"
    real.click("cardNext")
    moved = real.controller.results["third"].absolute_delta("layer1")
    rank = 1 + int((moved > moved[3, 7]).sum())
    (reveal,) = real.seen(Reveal)
    assert "of 1,200" in reveal.label.text()
    assert str(rank) in reveal.label.text() or rank == 1
    best = heard[-1][-1]
    assert moved[best.row, best.column] == moved.max()
    real.click("allLessons")
    assert heard[-1] == ()


def test_a_room_that_guessed_aloud_is_not_told_that_it_did_not_answer(real: Opened) -> None:
    real.click_row(0)
    real.controller.go(4)
    real.controller.run("third")
    real.made("third")
    real.click("cardNext")
    (reveal,) = real.seen(Reveal)
    alone = reveal.label.text()
    appearance.set_projector_scheme(ProjectorScheme(1.4, 1.4, 3, compact=True))
    try:
        assert alone == f"{NO_GUESS} {reveal.label.text()}"
    finally:
        appearance.set_projector_scheme(None)


def test_a_card_that_asks_is_shown_whole_also_when_it_has_been_answered(fake: Opened) -> None:
    fake.click_row(0)
    assert fake.panel.may_be(100)
    fake.controller.go(1)
    assert not fake.panel.may_be(100)
    fake.controller.commit(0)
    assert not fake.panel.may_be(100)


def test_an_edited_file_is_shown_at_once_and_a_mistake_in_it_is_told(
    fake: Opened, tmp_path: Path, library: LessonLibrary
) -> None:
    fake.click_row(0)
    file = tmp_path / "shipped" / "03-everything.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("An idea", "A better idea"), encoding="utf-8")
    fake.qtbot.waitUntil(lambda: "A better idea" in fake.card_text(), timeout=PATIENCE)
    file.write_text(text.replace("rank = 2", "rank = 99"), encoding="utf-8")
    problem = fake.panel.page.problem
    fake.qtbot.waitUntil(problem.isVisible, timeout=PATIENCE)
    assert "settings.rank" in problem.text()
    assert "A better idea" in fake.card_text()
    file.write_text(text, encoding="utf-8")
    fake.qtbot.waitUntil(lambda: not problem.isVisible(), timeout=PATIENCE)
    file.unlink()
    fake.qtbot.waitUntil(problem.isVisible, timeout=PATIENCE)
    assert problem.text().startswith("03-everything.md: the file is gone")
    assert fake.panel.opened


def test_a_long_mistake_is_told_in_whole(qtbot: QtBot, tmp_path: Path) -> None:
    everything(tmp_path)
    file = tmp_path / "04-wrong.md"
    file.write_text(EVERYTHING.replace('strategy = "lora"', 'strategy = "x"'), encoding="utf-8")
    opened = Opened(qtbot, FakeSession(), LessonLibrary(None, tmp_path))
    opened.click_row(opened.rows().index(file.name))
    (told,) = (label.text() for label in opened.seen(CardText) if "04-wrong.md" in label.text())
    assert all(name in told for name in strategy_names())


# ---------------------------------------------------------------- room


def test_in_a_room_a_clicker_turns_the_cards_and_nobody_has_to_lock_in(fake: Opened) -> None:
    fake.click_row(0)
    fake.controller.go(1)
    assert not fake.button("run.low").isEnabled()
    appearance.set_projector_scheme(ProjectorScheme(1.4, 1.4, 3, compact=True))
    try:
        for name in ("cardNext", "cardBack", "allLessons", "commitButton"):
            assert fake.seen(QAbstractButton, name) == [], name
        assert fake.button("run.low").isEnabled()
        assert fake.button("run.low").text() == "Run 20 steps: low"
    finally:
        appearance.set_projector_scheme(None)
    assert fake.button("cardNext").isEnabled()
    assert not fake.button("run.low").isEnabled()


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_every_card_begins_at_its_beginning_and_fits_its_width(fake: Opened, scale: float) -> None:
    appearance.set_text_scale(scale)
    try:
        fake.panel.resize(round(SIZE[0] * scale), SIZE[1])
        fake.click_row(0)
        area = fake.panel.page.area
        for index in range(fake.controller.count):
            area.verticalScrollBar().setValue(40)
            fake.controller.go(index)
            QApplication.processEvents()
            assert index == 0 or area.verticalScrollBar().value() == 0
            assert area.widget().width() <= area.viewport().width()
            if scale == 1.0:
                assert area.verticalScrollBar().maximum() == 0, "no scrolling on a projector"
    finally:
        appearance.set_text_scale(1.0)


def test_it_dies_when_it_is_closed(qtbot: QtBot, library: LessonLibrary) -> None:
    session = FakeSession()
    controller = LessonController(session, Answers())
    panel = LessonPanel(session, controller, library)
    panel.show()
    panel.open_named("3")
    for index in range(controller.count):
        controller.go(index)
    parts = [weakref.ref(panel), *map(weakref.ref, panel.findChildren(QWidget))]
    panel.close()
    panel.deleteLater()
    del panel
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert len(parts) > 20
    assert not [part for part in parts if part() is not None]
    controller.leave()
