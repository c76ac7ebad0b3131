"""The compare page: choosing, racing, sorting, opening; over an engine that is only made up."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine.protocol.frames import SplitFacts
from engine.protocol.messages import (
    EndComparison,
    EngineDied,
    OpenComparedRun,
    Play,
    Refused,
    RunComparison,
    StartComparison,
)
from engine.protocol.settings import Settings
from gui.compare.page import ComparePage
from gui.compare.table import DOWN, UP
from gui.controls.transport import PAUSE_HIDDEN_TEXT, RUN_HIDDEN_TEXT
from gui.state.preferences import Preferences
from gui.theme import Scheme, appearance
from gui.widgets.combo_box import ComboBox
from gui.widgets.label import Label
from gui.widgets.value_field import ValueField
from gui.window import Window
from tests.engine.cover import each_with
from tests.gui.comparisons import comparison, result, row
from tests.gui.patience import settle
from tests.gui.shell_frames import FakeSession, catalogue, frame

FULL, LORA, PROBE = Settings(), Settings(strategy="lora"), Settings(strategy="linear_probe")


def opened(qtbot: QtBot, session: FakeSession, size: tuple[int, int] = (800, 620)) -> ComparePage:
    page = ComparePage(session)
    page.resize(*size)
    session.show(qtbot, page)
    return page


def click(qtbot: QtBot, parent: QWidget, name: str) -> None:
    button = parent.findChild(QAbstractButton, name)
    assert button is not None, name
    assert button.isVisible(), name
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def names(page: ComparePage) -> list[str]:
    return [column.box.currentData() for column in page.runs.rows if column.isVisible()]


def type_into(qtbot: QtBot, page: ComparePage, name: str, text: str) -> None:
    field = page.findChild(QLineEdit, name)
    assert field is not None
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def sent(session: FakeSession) -> StartComparison:
    assert isinstance(session.last_sent, StartComparison)
    return session.last_sent


def test_from_choosing_to_the_end(qtbot: QtBot) -> None:
    session = FakeSession(FULL)
    page = opened(qtbot, session)
    assert names(page) == ["full", "lora", "linear_probe"]
    click(qtbot, page, "comparisonStart")
    assert sent(session).entries == (FULL, LORA, PROBE)
    assert sent(session).steps == 300
    session.feed(comparison(row(FULL), row(LORA), row(PROBE), steps=300, running=True))
    assert page.bar.start.text() == "Pause"
    assert not page.runs.rows[0].box.isVisible()
    assert page.runs.rows[1].name.text() == "LoRA"
    assert "step 60" in page.runs.rows[1].state.full_text()
    click(qtbot, page, "comparisonStart")
    assert session.last_sent == RunComparison(False)
    session.feed(comparison(row(FULL), row(LORA), row(PROBE), steps=300))
    assert page.bar.start.text() == "Continue"
    page.toggle()
    assert session.last_sent == RunComparison(True)
    session.feed(comparison(row(FULL), row(LORA), row(PROBE), steps=60))
    assert not page.bar.start.isVisible()
    before = len(session.fake_host.sent)
    page.toggle()  # what is over stays over
    assert len(session.fake_host.sent) == before
    click(qtbot, page, "newComparison")
    assert session.last_sent == EndComparison()
    assert session.comparison.frame is None
    assert page.bar.start.text() == "Start"
    assert names(page) == ["full", "lora", "linear_probe"]


def test_at_once_from_the_start_in_the_midst_and_after_a_pause(qtbot: QtBot) -> None:
    session = FakeSession(FULL)
    page = opened(qtbot, session)
    session.playback.set_speed(20.0)
    assert page.bar.note.full_text() == "takes 15\u202fs"
    session.playback.set_speed(0.0)
    assert page.bar.note.full_text() == ""
    click(qtbot, page, "comparisonAtOnce")
    assert sent(session).at_once
    racing = comparison(row(FULL), row(LORA), steps=300, running=True)
    session.feed(racing)
    click(qtbot, page, "comparisonAtOnce")
    assert session.last_sent == RunComparison(True, at_once=True)
    session.feed(replace(racing, at_once=True))
    assert not page.bar.at_once.isVisible()
    click(qtbot, page, "comparisonStart")
    assert session.last_sent == RunComparison(False)
    session.feed(replace(racing, running=False))
    click(qtbot, page, "comparisonAtOnce")
    assert session.last_sent == RunComparison(True, at_once=True)
    session.feed(comparison(row(FULL), row(LORA)))
    assert not page.bar.at_once.isVisible()
    click(qtbot, page, "newComparison")
    click(qtbot, page, "comparisonStart")
    assert not sent(session).at_once


def test_what_is_late_of_a_race_put_away_is_not_listened_to(qtbot: QtBot) -> None:
    session = FakeSession(FULL)
    session.feed(comparison(row(FULL), row(LORA)))
    session.comparison.end()
    late = replace(comparison(row(FULL), row(LORA)), command=1)
    session.feed(late)
    assert session.comparison.frame is None
    session.comparison.start((FULL, LORA), 60)
    session.feed(late)
    assert session.comparison.frame is None
    session.feed(comparison(row(FULL), row(LORA)))
    assert session.comparison.frame is not None
    session.feed(EngineDied(1))
    assert session.comparison.frame is None


def test_two_to_four(qtbot: QtBot) -> None:
    session = FakeSession(FULL)
    page = opened(qtbot, session)
    click(qtbot, page, "addStrategy")
    assert len(names(page)) == len(set(names(page))) == 4
    assert not page.bar.add.isEnabled()
    click(qtbot, page, "comparedRun2Remove")
    assert "lora" not in names(page)
    click(qtbot, page, "comparedRun1Remove")
    assert len(names(page)) == 2
    assert not page.runs.rows[0].remove.isEnabled()
    click(qtbot, page, "comparisonStart")
    assert len(sent(session).entries) == 2


def test_another_strategy_rate_rank_and_number_of_steps(qtbot: QtBot) -> None:
    session = FakeSession(FULL)
    page = opened(qtbot, session)
    box = page.runs.rows[2].box
    box.setCurrentIndex(box.findData("adapter"))
    assert not page.runs.rows[2].rank.isVisible()
    type_into(qtbot, page, "comparedRun2Rank", "9")
    type_into(qtbot, page, "comparedRun2Rate", "0.05")
    type_into(qtbot, page, "comparisonSteps", "1,200")
    assert "1,200 steps" in page.fairness_label.text()
    click(qtbot, page, "comparisonStart")
    full, lora, adapter = sent(session).entries
    assert (full.strategy, adapter.strategy) == ("full", "adapter")
    assert (lora.rank, lora.learning_rate) == (9, 0.05)
    assert sent(session).steps == 1200


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("comparedRun2Rank", "31", "Rank r"),
        ("comparedRun2Rank", "x", "Rank r"),
        ("comparedRun1Rate", "-1", "rate"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    qtbot: QtBot, field: str, text: str, said: str
) -> None:
    session = FakeSession(FULL)
    page = opened(qtbot, session)
    type_into(qtbot, page, field, text)
    assert session.state.notice is not None
    assert said in session.state.notice.text
    click(qtbot, page, "comparisonStart")
    assert sent(session).entries == (FULL, LORA, PROBE)
    shown = page.findChild(QLineEdit, field)
    assert shown is not None
    assert shown.text() == text
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert shown.text() in ("4", "0.003")


@pytest.mark.parametrize(
    ("field", "texts", "most"),
    [
        ("Steps", ("0", "-5", "8.5", "8,5", "1,2", "1_0", "٣", "abc", "", "999999999"), "100,000"),
        ("Seeds", ("0", "1,5", "five", "1000"), "100"),
    ],
)
def test_numbers_of_steps_and_seeds_that_cannot_be_are_said(
    qtbot: QtBot, field: str, texts: tuple[str, ...], most: str
) -> None:
    session = FakeSession(FULL)
    page = opened(qtbot, session)
    for text in texts:
        shown = page.findChild(ValueField, f"comparison{field}")
        shown.setFocus()
        shown.setText(text)
        qtbot.keyClick(shown, Qt.Key.Key_Return)
        notice = session.state.notice
        assert notice is not None, text
        assert f"{field}: " in notice.text and f"from 1 to {most}" in notice.text
        assert (shown.text(), shown.problem) == (text, notice.text)
        assert (page.bar.steps, page.bar.seeds) == (300, 1)
    type_into(qtbot, page, f"comparison{field}", "12")
    assert session.state.notice is None
    assert (page.bar.steps, page.bar.seeds) == ((12, 1) if field == "Steps" else (300, 12))


def test_the_engines_refusal_is_told(qtbot: QtBot) -> None:
    session = FakeSession(FULL)
    page = opened(qtbot, session)
    click(qtbot, page, "comparisonStart")
    session.feed(Refused("seed: all runs must have the same, not 0 and 1", FULL))
    assert session.state.notice is not None
    assert session.state.notice.text == "Seed: all runs must have the same, not 0 and 1."
    assert page.bar.start.text() == "Start"


def test_settings_changed_beside_a_race_do_not_change_it(qtbot: QtBot) -> None:
    session = FakeSession(FULL)
    page = opened(qtbot, session)
    session.feed(comparison(row(FULL), row(LORA), running=True))
    session.editor.update(seed=7)
    assert "seed 0" in page.fairness_label.text()
    assert "next comparison" in page.fairness_label.text()
    click(qtbot, page, "newComparison")
    assert "seed 7" in page.fairness_label.text()
    click(qtbot, page, "comparisonStart")
    assert {entry.seed for entry in sent(session).entries} == {7}


def test_heatmaps_and_curves_are_the_racers_own(qtbot: QtBot) -> None:
    session = FakeSession(FULL)
    page = opened(qtbot, session)
    rows = (row(FULL, change=0.3), row(LORA, change=-0.1))
    session.feed(comparison(*rows, steps=200))
    for shown, one in zip(page.runs.rows, rows, strict=False):
        views = shown.deltas.views
        assert [view.matrix() is layer.delta for view, layer in zip(views, one.layers, strict=True)]
        source, target, chance = shown.plot.spec.curves
        np.testing.assert_array_equal(target.values, one.curves.target_accuracy)
        np.testing.assert_array_equal(source.values, one.curves.source_accuracy)
        assert shown.plot.spec.last_step == 200
        assert set(chance.values) == {0.1}
        assert shown.plot.hover_text(9).splitlines()[2] == "chance 10\u202f% at step 0"
    colours = [shown.deltas.views[0].grab().toImage().pixelColor(20, 20)
               for shown in page.runs.rows[:2]]  # fmt: skip
    assert colours[0] != colours[1]  # one scale for both: the stronger is drawn stronger


def test_a_racer_that_is_lost_says_so_and_does_not_decide_the_scale(qtbot: QtBot) -> None:
    session = FakeSession(FULL)
    page = opened(qtbot, session, (1134, 870))
    lost = row(FULL, change=1e30, problem="diverged at step 61")
    session.feed(comparison(lost, row(LORA, change=0.2), steps=200))
    assert page.runs.rows[0].state.full_text().startswith("diverged at step 61")
    alone = FakeSession(FULL)
    other = opened(qtbot, alone, (1134, 870))
    alone.feed(comparison(row(LORA, change=0.2), row(LORA, change=0.2), steps=200))
    pictures = [
        view.grab().toImage()
        for view in (page.runs.rows[1].deltas.views[0], other.runs.rows[1].deltas.views[0])
    ]
    assert pictures[0] == pictures[1]


def test_a_click_on_a_heading_sorts_and_a_second_turns_it_round(qtbot: QtBot) -> None:
    session = FakeSession(FULL)
    page = opened(qtbot, session, (1400, 700))
    session.feed(
        comparison(
            row(FULL, target_accuracy=0.7, stored_bytes=3000),
            row(LORA, target_accuracy=0.9, stored_bytes=2000),
            row(PROBE, target_accuracy=0.8, stored_bytes=1000),
        )
    )
    table = page.table

    def order() -> list[str]:
        return [texts[0] for texts in table.texts()]

    assert order() == ["Full fine-tuning", "LoRA", "Linear probe"]
    click(qtbot, page, "sort.target")
    assert order() == ["LoRA", "Linear probe", "Full fine-tuning"]
    assert [head.text() for head in table.headers if DOWN in head.text()] == [
        f"Target accuracy, %\ntest {DOWN}"
    ]
    click(qtbot, page, "open.2")
    assert session.last_sent == OpenComparedRun(2)
    click(qtbot, page, "sort.target")
    assert order() == ["Full fine-tuning", "Linear probe", "LoRA"]
    click(qtbot, page, "sort.stored")
    assert order() == ["Linear probe", "LoRA", "Full fine-tuning"]
    assert [head.text() for head in table.headers if UP in head.text()] == [f"To store {UP}"]
    click(qtbot, page, "sort.name")
    assert order() == ["Full fine-tuning", "Linear probe", "LoRA"]


def test_rows_keep_their_places_while_it_runs(qtbot: QtBot) -> None:
    session = FakeSession(FULL)
    page = opened(qtbot, session)
    better = row(LORA, target_accuracy=0.9)
    session.feed(comparison(row(FULL), better, steps=100, running=True))
    click(qtbot, page, "sort.target")
    assert page.table.texts()[0][0] == "LoRA"
    best = row(FULL, target_accuracy=0.95)
    session.feed(comparison(best, better, steps=100, running=True))
    assert page.table.texts()[0][0] == "LoRA"
    session.feed(comparison(best, better, steps=100, running=False))
    assert page.table.texts()[0][0] == "Full fine-tuning"


def test_the_best_is_marked_by_more_than_colour_and_told(qtbot: QtBot) -> None:
    session = FakeSession(FULL)
    page = opened(qtbot, session)
    session.feed(comparison(row(FULL, target_accuracy=0.7), row(LORA, target_accuracy=0.9)))
    cells = [cells.cells[0] for cells in page.table.rows[:2]]
    assert [cell.text() for cell in cells] == ["70.0 ±\u202f4.5", "★ 90.0 ±\u202f3.0"]
    assert cells[1].accessibleName() == "LoRA, Target accuracy, %, test 90.0 ±\u202f3.0, the best"


def test_a_frequent_class_is_drawn_in_place_of_guessing(qtbot: QtBot) -> None:
    session = FakeSession(FULL)
    page = opened(qtbot, session)
    uneven = SplitFacts(150, 2, 0.7)
    session.feed(comparison(row(FULL, target_test=uneven), row(LORA, source_test=uneven)))
    lines = [
        {c.name: c.values[0] for c in column.plot.spec.curves if c.dotted}
        for column in page.runs.rows[:2]
    ]
    assert lines == [{"target_majority": 0.7}, {"source_majority": 0.7}]


def test_repeated_over_seeds(qtbot: QtBot) -> None:
    session = FakeSession(FULL)
    page = opened(qtbot, session, (1134, 870))
    type_into(qtbot, page, "comparisonSeeds", "12")
    assert "then 1 … 11" in page.fairness_label.text()
    assert page.bar.note.full_text() == "10,800 steps in all"
    click(qtbot, page, "comparisonStart")
    assert sent(session).seeds == 12
    further = result(1, target_accuracy=0.7), result(2, target_accuracy=0.72)
    rows = [row(FULL, further=further), row(LORA, further=further[:1])]
    told = comparison(*rows, seeds=12, running=True, repeated_steps=180, steps_per_second=50.0)
    session.feed(told)
    assert page.bar.note.full_text() == "seed 3 of 12, about 23\u202fs left"
    assert [texts[1] for texts in page.table.texts()] == ["75.0", "75.0"]  # of two seeds each
    assert "no difference shown" in page.summary.differences.text()
    assert "seed 0" in page.runs.rows[0].state.full_text()
    assert "over 2 seeds" in page.table.headers[1].toolTip()
    click(qtbot, page, "comparisonStart")
    assert session.last_sent == RunComparison(False)
    click(qtbot, page, "newComparison")
    assert page.bar.note.full_text() == "10,800 steps in all, about 4\u202fmin"
    assert not page.summary.isVisible()


def test_more_seeds_than_fit_are_refused_before_the_start(qtbot: QtBot) -> None:
    session = FakeSession(FULL)
    page = opened(qtbot, session)
    type_into(qtbot, page, "comparisonSteps", "100000")
    type_into(qtbot, page, "comparisonSeeds", "12")
    assert page.bar.note.full_text() == "3,600,000 steps in all, more than 1,000,000"
    before = len(session.fake_host.sent)
    click(qtbot, page, "comparisonStart")
    assert len(session.fake_host.sent) == before
    assert session.state.notice is not None
    assert session.state.notice.text.endswith("take 3 seeds or fewer.")
    type_into(qtbot, page, "comparisonSeeds", "3")
    click(qtbot, page, "comparisonStart")
    assert sent(session).seeds == 3


def test_before_the_engine_is_ready_and_after_it_is_gone(qtbot: QtBot) -> None:
    session = FakeSession(FULL, ready=False)
    page = opened(qtbot, session)
    assert not page.bar.start.isEnabled()
    page.toggle()
    assert not session.fake_host.sent
    session.feed(catalogue())
    assert page.bar.start.isEnabled()
    session.feed(comparison(row(FULL), row(LORA), running=True, steps=90))
    session.fake_host.alive = False
    session.feed(EngineDied(9))
    assert page.bar.start.text() == "Start"
    before = len(session.fake_host.sent)
    click(qtbot, page, "comparisonStart")
    assert len(session.fake_host.sent) == before
    assert session.state.notice is not None
    assert "stopped unexpectedly" in session.state.notice.text


def test_a_strategy_that_cannot_race_is_not_offered(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="weight_update"), ready=False)
    told = catalogue()
    infos = [
        replace(info, not_comparable="a lesson") if info.lesson == 1 else info
        for info in told.strategies
    ]
    session.feed(replace(told, strategies=tuple(infos)))
    page = opened(qtbot, session)
    assert names(page) == ["full", "lora", "linear_probe"]
    for column in page.runs.rows:
        assert column.box.findData("weight_update") == -1


@pytest.mark.parametrize(
    ("size", "scheme"),
    each_with([Scheme.LIGHT, Scheme.DARK], ones=[(934, 655), (1134, 870), (2094, 1310)]),
)
def test_all_is_seen_at_every_size(qtbot: QtBot, size: tuple[int, int], scheme: Scheme) -> None:
    session = FakeSession(FULL)
    page = opened(qtbot, session, size)
    appearance.set_scheme(scheme)
    session.feed(comparison(*(row(each) for each in (FULL, LORA, PROBE, LORA))))
    settle()
    right, bottom = page.width(), page.height()
    for part in (*page.runs.rows, *page.runs.charts, page.table, page.summary, page.bar.back):
        corner = part.mapTo(page, part.rect().bottomRight())
        assert corner.x() <= right
        assert corner.y() <= bottom
    for cells in page.table.rows:
        assert cells.name.text() == cells.name.full_text()
    for shown in page.runs.rows:
        assert shown.deltas.geometry().right() < shown.plot.geometry().left()
        assert shown.geometry().right() < page.runs.charts[0].geometry().left()
    appearance.set_scheme(Scheme.LIGHT)


# ---------------------------------------------------------------- in the window


@pytest.fixture
def window(qtbot: QtBot) -> tuple[FakeSession, Window]:
    session = FakeSession(FULL)
    shown = Window(session, Preferences())
    shown.resize(1280, 720)
    session.show(qtbot, shown)
    return session, shown


@pytest.mark.may_stall("the page is built when it is first opened")
def test_keys_of_the_window(qtbot: QtBot, window: tuple[FakeSession, Window]) -> None:
    session, shown = window
    session.feed(frame(3))
    qtbot.keyClick(shown, Qt.Key.Key_V)
    assert shown.page_stack.current == "compare"
    assert not shown.stage.isVisible()
    page = shown.findChild(ComparePage)
    assert isinstance(page, ComparePage)
    before = len(session.fake_host.sent)
    for key in (
        Qt.Key.Key_R,
        Qt.Key.Key_Right,
        Qt.Key.Key_Left,
        Qt.Key.Key_Home,
    ):  # they would act on what is not seen
        qtbot.keyClick(shown, key)
    assert len(session.fake_host.sent) == before
    qtbot.keyClick(shown, Qt.Key.Key_Space)
    assert isinstance(session.last_sent, StartComparison)
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert shown.page_stack.current != "compare"
    qtbot.keyClick(shown, Qt.Key.Key_Space)
    assert session.last_sent == Play(until=300)
    click(qtbot, shown, "compareButton")
    assert shown.page_stack.current == "compare"
    click(qtbot, shown, "comparisonBack")
    assert shown.page_stack.current != "compare"


@pytest.mark.may_stall("the page is built when it is first opened")
def test_opening_and_playing_lead_back_to_the_stage(
    qtbot: QtBot, window: tuple[FakeSession, Window]
) -> None:
    session, shown = window
    shown.page_stack.show_page("compare")
    session.feed(comparison(row(FULL), row(LORA), running=True, steps=99))
    click(qtbot, shown, "open.2")
    assert session.fake_host.sent[-2:] == [
        OpenComparedRun(1),
        RunComparison(False),
    ]  # what is not seen rests
    assert shown.page_stack.current != "compare"
    session.feed(comparison(row(FULL), row(LORA), steps=99))
    shown.page_stack.show_page("compare")
    assert session.comparison.frame is not None  # it is still there
    session.playback.play()
    assert shown.page_stack.current != "compare"


@pytest.mark.may_stall("the page is built when it is first opened")
def test_the_menu_says_what_space_does(window: tuple[FakeSession, Window]) -> None:
    session, shown = window
    table = shown.actions_table
    assert table.text("play") == "Play"
    shown.page_stack.show_page("compare")
    told = [table.text("play")]
    racing = comparison(row(FULL), row(LORA), running=True, steps=99)
    for each in (racing, replace(racing, running=False)):
        session.feed(each)
        told.append(table.text("play"))
    assert told == [f"{verb} the comparison" for verb in ("Start", "Pause", "Continue")]
    assert not table.reason("play")
    session.feed(comparison(row(FULL), row(LORA)))
    assert table.reason("play").startswith("The comparison is over")
    shown.page_stack.show_page("stage")
    assert not table.reason("play")


@pytest.mark.may_stall("the page is built when it is first opened")
def test_the_run_behind_is_not_taken_for_the_race(
    qtbot: QtBot, window: tuple[FakeSession, Window]
) -> None:
    session, shown = window
    session.feed(catalogue(), frame(3))
    figure = shown.findChild(Label, "readout.target")
    assert figure is not None

    def told() -> list[str]:
        return [text.text() for text in shown.findChildren(Label) if text.isVisible()]

    bright = figure.palette().windowText().color()
    assert "paused" in told()
    before = shown.right.controls.geometry()
    shown.page_stack.show_page("compare")
    assert {"on the stage", "The run on the stage"} <= set(told())
    assert "paused" not in told()
    assert figure.palette().windowText().color() != bright
    assert shown.right.controls.geometry() == before  # nothing moves aside
    buttons = [shown.findChild(QAbstractButton, name)
               for name in ("resetButton", "stepButton", "playButton")]  # fmt: skip
    for button in buttons:  # the comparison has its own
        assert button is not None and not button.isEnabled()
        assert button.toolTip() == RUN_HIDDEN_TEXT
    session.playback.play()  # from elsewhere: it leads to the stage
    assert shown.page_stack.current != "compare"
    shown.page_stack.show_page("compare")
    button = buttons[-1]
    assert button is not None and button.isEnabled()  # what trains unseen can be paused
    assert (button.text(), button.toolTip()) == ("Pause", PAUSE_HIDDEN_TEXT)
    click(qtbot, shown, "playButton")
    assert not button.isEnabled()
    click(qtbot, shown, "comparisonBack")
    assert all(button is not None and button.isEnabled() for button in buttons)
    assert "The run on the stage" not in told()
    assert figure.palette().windowText().color() == bright


def test_heatmaps_grow_with_the_page(qtbot: QtBot) -> None:
    session = FakeSession(FULL)
    page = opened(qtbot, session, (934, 655))
    session.feed(comparison(*(row(each) for each in (FULL, LORA, PROBE, LORA))))
    heights = []
    for size in ((934, 655), (1134, 870), (2094, 1310)):
        page.resize(*size)
        settle()
        heights.append(page.runs.rows[0].deltas.height())
    assert heights[0] < heights[1] < heights[2]
    assert 4 * heights[2] > 0.6 * page.height()


@pytest.mark.may_stall("the page is built when it is first opened")
def test_by_keyboard_alone(qtbot: QtBot, window: tuple[FakeSession, Window]) -> None:
    _, shown = window
    shown.page_stack.show_page("compare")
    page = shown.findChild(ComparePage)
    assert isinstance(page, ComparePage)
    wanted: set[QWidget] = {page.bar.start, page.bar.add, page.bar.back}
    wanted |= {page.bar.steps_field, page.bar.seeds_field}
    wanted |= {c.box for c in page.runs.rows[:3]} | {c.learning_rate for c in page.runs.rows[:3]}
    wanted |= {*page.table.headers}
    page.bar.start.setFocus(Qt.FocusReason.TabFocusReason)
    reached: set[QWidget] = set()
    for _ in range(80):
        now = shown.focusWidget()
        assert now is not None
        reached.add(now)
        qtbot.keyClick(now, Qt.Key.Key_Tab)
    assert wanted <= reached
    unnamed = [
        part.objectName()
        for part in page.findChildren(QPushButton) + page.findChildren(ComboBox)
        if not (part.accessibleName() or getattr(part, "text", str)())
    ]
    assert not unnamed
