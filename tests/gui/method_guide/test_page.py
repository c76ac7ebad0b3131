"""The method guide: its entries are true of the program, and the page shows what suits."""

from pathlib import Path
from statistics import fmean

import pytest
from PySide6.QtWidgets import QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from engine.method_figures.measured import read_guide, settings_of
from engine.protocol.method_figures import FIGURES_FILE
from engine.protocol.settings import Settings
from engine.protocol.uncertainty import mean_margin
from gui.lessons.answers import Answers
from gui.lessons.card.plots import CardPlot
from gui.lessons.controller import TRIAL_STEPS, LessonController
from gui.lessons.expression import UNKNOWN, fill
from gui.lessons.file import find_lesson
from gui.lessons.run_result import RunResult
from gui.lessons.toml_reader import LessonError
from gui.method_guide.columns import COLUMNS, average_text
from gui.method_guide.entries import FILE, GuideEntry, Pitfall, read_method_guide
from gui.method_guide.page import MethodGuidePage
from gui.method_guide.rules import RULES
from gui.session import Session
from gui.state.curve_buffer import CurveBuffer
from gui.theme import appearance
from gui.widgets.label import Label
from tests.gui.patience import PATIENCE, settle
from tests.gui.shell_frames import FakeSession
from tests.resources.lesson_runs import record_of

GUIDE = read_method_guide()


@pytest.mark.parametrize("method", GUIDE.texts.methods, ids=lambda method: method.strategy)
def test_a_row_leads_to_a_lesson_that_shows_the_method(method: GuideEntry) -> None:
    lesson = find_lesson(method.lesson)
    shown = {lesson.strategy, *(run.settings.get("strategy") for run in lesson.runs.values())}
    assert method.strategy in shown or method.strategy == "scratch"  # the control of any lesson


def test_a_button_runs_what_was_measured_whatever_was_set(qtbot: QtBot) -> None:
    others = {"task": "cancer-small-to-large", "label_noise": 0.5, "rank": 1, "batch_size": 8}
    session = FakeSession(Settings(strategy="ewc", penalty=3.0, seed=5, **others))
    controller = LessonController(session, Answers())
    started: dict[str, Settings] = {}
    controller.run_trial = lambda name, changes: started.update(  # type: ignore[method-assign]
        {name: session.state.settings.replace(**changes)}
    )
    page = MethodGuidePage(session, controller)
    session.show(qtbot, page)
    setups, _ = read_guide()
    for setup in GUIDE.texts.setups:
        page.setups.setCurrentIndex(page.setups.findData(setup.name))
        for row in page.rows:
            row.run_button.click()
            wanted = settings_of(row.method.strategy, setups[setup.name], seed=5)
            assert started[row.method.strategy].differences(wanted) == {}
            assert setup.text in row.run_button.toolTip()


def _check_row(method: str, setup: str, seeds: range) -> None:
    """Hold the window's own runs against the row, within the error that it states."""
    settings = {seed: settings_of(method, GUIDE.setup(setup).settings, seed) for seed in seeds}
    results = [record_of(settings[seed], TRIAL_STEPS) for seed in seeds]
    row = GUIDE.figures[method].runs[setup]
    told = [(row.target, [result.measure("target") for result in results])]
    if GUIDE.has_source(method):
        told.append((row.forgetting, [result.measure("forgotten") for result in results]))
        kept = [result.measure("forgotten_kept") for result in results]
        told.append((row.forgetting_kept_head, kept))
    for stated, now in told:
        same_seeds = fmean(stated[seed] for seed in seeds)
        assert abs(fmean(now) - same_seeds) <= mean_margin(stated) + 1e-4, (method, setup)


def test_a_run_says_what_its_row_says() -> None:
    _check_row("lora", "near", range(1))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("method", GUIDE.figures)
def test_no_cell_contradicts_the_run_of_its_button(method: str) -> None:
    for setup in GUIDE.texts.setups:
        _check_row(method, setup.name, range(6))


def test_figures_have_their_error_and_tell_where_they_are_from(qtbot: QtBot) -> None:
    session = FakeSession()
    page = MethodGuidePage(session, LessonController(session, Answers()))
    session.show(qtbot, page)
    row = next(row for row in page.rows if row.method.strategy == "lora")
    titles = [column.title for column in COLUMNS]
    source = row.figures[titles.index("Source lost")].cells
    near = GUIDE.figures["lora"].runs["near"]
    assert source[0].text == average_text(near.forgetting)
    assert source[1].text == average_text(near.forgetting_kept_head)
    assert "head as it is now" in source[0].hint and "old head" in source[1].hint
    for figure in row.figures[: titles.index("Stored here")]:
        assert all("mean of 12 seeds" in cell.hint for cell in figure.cells[:2])
    for figure in row.figures[titles.index("70B model") :]:
        assert all("Calculated" in cell.hint for cell in figure.cells)


@pytest.mark.parametrize("pitfall", GUIDE.texts.pitfalls, ids=lambda pitfall: pitfall.name)
def test_a_pitfall_is_one_and_its_cure_helps(pitfall: Pitfall) -> None:
    runs = [
        {
            kind: record_of(Settings(**settings, seed=seed), steps=300)
            for kind, settings in (("wrong", pitfall.wrong), ("right", pitfall.right))
        }
        for seed in range(2)
    ]
    for claim in pitfall.claims:
        means = [
            fmean(side.value(results) for results in runs) for side in (claim.left, claim.right)
        ]
        assert claim.compare(*means), (claim, means)
    for text in (pitfall.shows, pitfall.cured):
        assert UNKNOWN not in fill(text, runs[0])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("label_noise = 0.3", "label_noise = 3", "line 56: setup.settings.label_noise: "),
        ("few = ", "fw = ", "situations.fw: is none of few, many"),
        ("when = ", "wen = ", "method.wen: unknown; did you mean when?"),
        ('name = "near"', 'name = "nearer"', "line 22: setup: there is none named near"),
        ('strategy = "lora"', 'strategy = "lorra"', "no figures of 'lorra' for 'few'"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    whole = FILE.read_text(encoding="utf-8")
    assert old in whole
    file = tmp_path / "choices.toml"
    file.write_text(whole.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(LessonError) as raised:
        read_method_guide(file)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("target = [", "target = [nan, ", "one figure of each kind for each seed"),
        ("target = [0.7675", "target = [nan", "must be finite"),
        ("[full.runs.near]", "[full.runs.nearer]", "no figures of 'full' for 'near'"),
        ("[lora.runs.few]", "[lora.run.few]", "unknown field `run`"),
    ],
)
def test_figures_that_are_not_whole_are_refused(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    whole = FIGURES_FILE.read_text(encoding="utf-8")
    assert old in whole
    file = tmp_path / "method_figures.toml"
    file.write_text(whole.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(LessonError, match=rf"^method_figures\.toml: .*({words})"):
        read_method_guide(FILE, file)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    for files in ((tmp_path / "choices.toml", FIGURES_FILE), (FILE, tmp_path / "choices.toml")):
        with pytest.raises(LessonError, match=r"^choices\.toml: cannot be read"):
            read_method_guide(*files)


def test_ticks_leave_what_suits(qtbot: QtBot) -> None:
    session = FakeSession()
    page = MethodGuidePage(session, LessonController(session, Answers()))
    session.show(qtbot, page)
    assert "Tick" in page.verdict.text()
    page.ticks["few"].setChecked(True)
    page.ticks["tight"].setChecked(True)
    fitting = [name for name, suits in GUIDE.suits.items() if {"few", "tight"} <= suits]
    assert page.verdict.text().startswith(f"{len(fitting)} of {len(GUIDE.figures)} ")
    assert "lora" in fitting, "it is what people use there"
    page.ticks["far"].setChecked(True)
    assert "No method suits" in page.verdict.text()


def test_a_method_and_a_pitfall_are_run_and_say_what_came_of_it(qtbot: QtBot) -> None:
    session = Session(Settings(seed=2))
    session.start()
    controller = LessonController(session, Answers())
    page = MethodGuidePage(session, controller)
    qtbot.addWidget(page)
    page.show()
    try:
        qtbot.waitUntil(
            lambda: session.state.frame is not None and session.state.frame.run > 0,
            timeout=PATIENCE,
        )
        for press in (page.rows[3].run_button, page.findChild(QPushButton, "pitfall.frozen.wrong")):
            with qtbot.waitSignal(controller.trial_finished, timeout=PATIENCE):
                press.click()
                session.playback.set_speed(0.0)
        assert page.rows[3].result.text().startswith("Rotated 30°, seed 2: target accuracy ")
        result = page.findChild(Label, "pitfallResult.frozen")
        assert result.isVisible() and result.text().startswith("The training loss was ")
        assert "With layer 1" not in result.text(), "the cure has not been run"
        (plot,) = page.findChild(QWidget, "choicesPitfalls").findChildren(CardPlot)[-1:]
        assert [curve.steps[-1] for curve in plot.spec.curves] == [300]
        assert session.state.settings.seed == 2
    finally:
        session.close()


def test_buttons_lead_to_the_lesson_and_back(qtbot: QtBot) -> None:
    session = FakeSession()
    page = MethodGuidePage(session, LessonController(session, Answers()))
    session.show(qtbot, page)
    with qtbot.waitSignal(page.lesson_wanted) as read:
        page.rows[3].lesson_button.click()
    assert read.args == ["linear-probe"]
    with qtbot.waitSignal(page.left):
        page.back.click()


@pytest.mark.parametrize(("width", "in_a_row"), [(1000, 6), (620, 3), (400, 2), (250, 1)])
def test_no_tick_is_cut(qtbot: QtBot, width: int, in_a_row: int) -> None:
    session = FakeSession()
    around = QWidget()  # a window of its own would not get narrower than it is laid out
    page = MethodGuidePage(session, LessonController(session, Answers()))
    page.setParent(around)
    session.show(qtbot, around)
    page.resize(width, 600)
    settle()
    assert page.minimumSizeHint().width() <= 250
    ticks = list(page.ticks.values())
    assert all(tick.width() >= tick.sizeHint().width() for tick in ticks)
    assert sum(tick.y() == ticks[0].y() for tick in ticks) == in_a_row


@pytest.mark.parametrize(("width", "narrow"), [(890, False), (620, True)])
def test_the_table_fits_the_page(qtbot: QtBot, width: int, narrow: bool) -> None:
    session = FakeSession()
    around = QWidget()
    page = MethodGuidePage(session, LessonController(session, Answers()))
    page.setParent(around)
    session.show(qtbot, around)
    page.resize(width, 600)
    settle()
    assert page.findChild(QScrollArea).horizontalScrollBar().maximum() == 0
    row = page.rows[6]
    assert (row.when.y() > row.figures[0].geometry().bottom()) == narrow
    shown = [not figure.isHidden() for figure in row.figures]
    assert all(shown) != narrow


def test_a_clicker_starts_each_pitfall_and_its_cure_once(qtbot: QtBot) -> None:
    session = FakeSession()
    controller = LessonController(session, Answers())
    page = MethodGuidePage(session, controller)
    session.show(qtbot, page)
    started: list[str] = []
    controller.run_trial = lambda name, _changes: started.append(name)  # type: ignore[method-assign]
    lesson = find_lesson("which-one-when")
    told = next(i for i, card in enumerate(lesson.cards) if "pitfalls" in card.highlight)
    controller.enter(lesson)
    assert not controller.runner.trials_left, "on a card that does not speak of them"
    controller.go(told)
    for count in range(6, 0, -1):
        assert controller.runner.trials_left == count
        controller.advance()
        assert controller.index == told
        result = RunResult(session.state.frame, CurveBuffer())
        controller.trial_finished.emit(started[-1], result)
    names = [pitfall.name for pitfall in GUIDE.texts.pitfalls]
    assert started == [f"{name}.{kind}" for name in names for kind in ("wrong", "right")]
    controller.advance()
    assert controller.index == told + 1
    controller.back()
    assert controller.runner.trials_left == 6, "before another room"


def test_what_is_ticked_says_its_rule_and_its_task(qtbot: QtBot) -> None:
    session = FakeSession()
    page = MethodGuidePage(session, LessonController(session, Answers()))
    session.show(qtbot, page)
    for name, tick in page.ticks.items():
        tick.setChecked(True)
        assert RULES[name].text[1:] in page.practice.text()
    assert "odd or even with 10 samples" in page.practice.text()
    texts = " ".join(label.text() for label in page.findChildren(Label))
    assert "upper figure" in texts and "70 billion" in texts


def _colours(page: MethodGuidePage) -> set[tuple[str, str]]:
    """(method, title of a column) of all figures that are marked now."""
    accent = appearance.theme.accent
    return {
        (row.method.strategy, column.title)
        for row in page.rows
        for column, figure in zip(COLUMNS, row.figures, strict=True)
        for label in figure.findChildren(Label)
        if label.palette().windowText().color().name() == accent
    }


def test_what_is_marked_is_why_a_method_suits_what_is_ticked(qtbot: QtBot) -> None:
    session = FakeSession()
    page = MethodGuidePage(session, LessonController(session, Answers()))
    session.show(qtbot, page)
    assert _colours(page) == set(), "nothing is ticked"
    page.ticks["few"].setChecked(True)
    suiting = {name for name, suits in GUIDE.suits.items() if "few" in suits}
    assert _colours(page) == {(name, "Odd/even") for name in suiting}
    page.ticks["tasks"].setChecked(True)
    both = {name for name in suiting if "tasks" in GUIDE.suits[name]}
    assert _colours(page) == {(name, title) for name in both for title in ("Odd/even", "70B model")}
    page.ticks["few"].setChecked(False)
    page.ticks["tasks"].setChecked(False)
    assert _colours(page) == set()


def test_a_button_stays_below_the_pointer_when_its_run_shows_a_chart(qtbot: QtBot) -> None:
    session = FakeSession()
    controller = LessonController(session, Answers())
    page = MethodGuidePage(session, controller)
    session.show(qtbot, page)
    page.resize(640, 420)
    settle()
    controller.run_trial = lambda _name, _changes: None  # type: ignore[method-assign]
    controller.enter(find_lesson("which-one-when"))
    lesson = controller.lesson
    assert lesson is not None
    told = next(i for i, card in enumerate(lesson.cards) if "pitfalls" in card.highlight)
    controller.go(told)
    settle()
    for pitfall in GUIDE.texts.pitfalls:
        button = page.findChild(QPushButton, f"pitfall.{pitfall.name}.wrong")
        page.findChild(QScrollArea).ensureWidgetVisible(button)
        settle()
        place = button.mapTo(page, button.rect().center())
        button.click()
        result = RunResult(session.state.frame, CurveBuffer())
        controller.trial_finished.emit(f"{pitfall.name}.wrong", result)
        settle()
        assert button.mapTo(page, button.rect().center()) == place, pitfall.name
