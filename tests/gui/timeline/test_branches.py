"""Branches: their lanes, their curves and marks, and the difference of two of them."""

import dataclasses

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine.protocol.frames import Difference
from engine.protocol.messages import (
    Applied,
    Arrived,
    Branch,
    CellAddress,
    Checkpoint,
    DropBranch,
    EngineDied,
    Frame,
    FrameOptions,
    GoTo,
    NameBranch,
    Timeline,
)
from engine.protocol.settings import Settings
from gui.charts.charts import Charts
from gui.charts.run_curves import MAX_OTHER_BRANCHES, RunCurves
from gui.inspector.explanation import explain_cell
from gui.inspector.inspector import Inspector
from gui.matrices.cell_reading import read_cell
from gui.matrices.colour_scale import DELTA, ColourScales, robust_maxima
from gui.matrices.heatmap import Heatmap
from gui.plots.plot_spec import Curve
from gui.state.branches import branches_of, last_shared
from gui.state.change_log import ChangeLog
from gui.text.numbers import signed
from gui.timeline.bar import TimelineBar
from gui.timeline.lane_lines import LaneLines
from tests.gui import frames
from tests.gui.changed import changed
from tests.gui.made_factors import INFOS, named
from tests.gui.shell_frames import FakeSession, catalogue, frame

LORA = Settings(strategy="lora")
FASTER = LORA.replace(learning_rate=0.01)
A = Branch(0, "A", None, 0, 400)
B = Branch(1, "B", 0, 200, 300)
C = Branch(2, "low rate", 1, 250, 520)
THREE = Timeline(1, 1, (A, B, C))


def opened(qtbot: QtBot, session: FakeSession, widget: QWidget) -> QWidget:
    widget.resize(900, 220)
    session.show(qtbot, widget)
    return widget


def at(step: int, tip: int, branch: int, **changes: object) -> Frame:
    return frame(step, tip=tip, branch=branch, **changes)


def on_three(qtbot: QtBot) -> tuple[FakeSession, TimelineBar]:
    """The stage shows step 280 of B's 300."""
    session = FakeSession()
    bar = TimelineBar(session)
    opened(qtbot, session, bar)
    session.feed(at(400, 400, 0), THREE, at(280, 300, 1))
    QApplication.processEvents()  # the new lanes are given their places
    return session, bar


def find(bar: TimelineBar, name: str) -> QPushButton:
    found = bar.findChild(QWidget, name)
    assert found is not None, name
    return found


def click(qtbot: QtBot, bar: TimelineBar, name: str) -> None:
    qtbot.mouseClick(find(bar, name), Qt.MouseButton.LeftButton)


# ---------------------------------------------------------------- what follows from branches


def test_two_branches_share_what_lies_before_either_left() -> None:
    d = Branch(3, "D", 0, 100, 900)
    orphan = Branch(4, "E", None, 0, 50)
    every = (A, B, C, d, orphan)
    assert last_shared(every, 0, 0) == 400
    assert last_shared(every, 0, 2) == last_shared(every, 2, 0) == 200
    assert last_shared(every, 1, 2) == 250
    assert last_shared(every, 3, 2) == 100
    assert last_shared(every, 4, 2) == 0


def test_the_branch_that_is_shown_is_as_long_as_the_newest_frame_says() -> None:
    assert branches_of(THREE, at(280, 333, 1))[1].tip == 333
    assert branches_of(None, at(7, 9, 0)) == (Branch(0, "A", None, 0, 9),)
    assert branches_of(THREE, frame(7, run=2)) == (Branch(0, "A", None, 0, 7),)


# ---------------------------------------------------------------- lanes


def test_there_are_lanes_only_where_there_are_branches(qtbot: QtBot) -> None:
    session, bar = on_three(qtbot)
    assert [find(bar, f"branch.{n}").text() for n in range(3)] == ["A", "B", "low rate"]
    assert bar.position.text() == "Step 280 of 300 · the past · Branch B"
    high = bar.sizeHint().height()
    session.feed(Timeline(1, 0, (A,)), at(400, 400, 0))
    assert bar.findChild(LaneLines).isHidden()
    assert bar.position.text() == "Step 400 · now"
    assert bar.sizeHint().height() < high
    assert bar.sizeHint().height() <= 40


def test_the_shown_lane_is_marked_in_words_and_to_screen_readers(qtbot: QtBot) -> None:
    session, bar = on_three(qtbot)
    assert [find(bar, f"branch.{n}").isChecked() for n in range(3)] == [False, True, False]
    assert find(bar, "branch.1").accessibleName() == "Branch B, shown"
    session.feed(at(280, 520, 2))
    assert [find(bar, f"branch.{n}").isChecked() for n in range(3)] == [False, False, True]
    assert bar.position.text() == "Step 280 of 520 · the past · Branch low rate"


def test_the_track_and_the_lanes_have_one_scale(qtbot: QtBot) -> None:
    _, bar = on_three(qtbot)
    lines = bar.findChild(LaneLines)
    assert (lines.x(), lines.width()) == (bar.track.x(), bar.track.width())
    assert (bar.track.minimum(), bar.track.maximum()) == (0, 300)


@pytest.mark.parametrize(("number", "step"), [(0, 280), (2, 280)])
def test_a_lane_leads_to_the_same_step(qtbot: QtBot, number: int, step: int) -> None:
    session, bar = on_three(qtbot)
    click(qtbot, bar, f"branch.{number}")
    assert session.last_sent == GoTo(step, number)


def test_a_lane_that_is_shorter_leads_to_its_end(qtbot: QtBot) -> None:
    session, bar = on_three(qtbot)
    session.feed(at(390, 400, 0))
    click(qtbot, bar, "branch.1")
    assert session.last_sent == GoTo(300, 1)


def test_the_line_of_a_branch_leads_there_too(qtbot: QtBot) -> None:
    session, bar = on_three(qtbot)
    lines = bar.findChild(LaneLines)
    sent = len(session.fake_host.sent)
    left, third = Qt.MouseButton.LeftButton, lines.height() // 3
    qtbot.mouseClick(lines, left, pos=QPoint(50, third + third // 2))
    assert len(session.fake_host.sent) == sent  # it is shown already
    qtbot.mouseClick(lines, left, pos=QPoint(50, 2 * third + third // 2))
    assert session.last_sent == GoTo(280, 2)


def test_the_next_branch_is_one_key_away(qtbot: QtBot) -> None:
    session, _ = on_three(qtbot)
    session.navigation.next_branch(1)
    assert session.last_sent == GoTo(280, 2)
    session.feed(Arrived(1, 2, 280, LORA), at(280, 520, 2))
    session.navigation.next_branch(1)
    assert session.last_sent == GoTo(280, 0)


def test_a_branch_is_renamed_in_its_place(qtbot: QtBot) -> None:
    session, bar = on_three(qtbot)
    qtbot.keyClick(find(bar, "branch.1"), Qt.Key.Key_F2)
    editor = bar.findChild(QLineEdit, "branchNameEdit")
    qtbot.keyClicks(editor, "  high rate ")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert session.last_sent == NameBranch(1, "high rate")
    session.feed(Timeline(1, 1, (A, replace(B, name="high rate"), C)))
    assert find(bar, "branch.1").text() == "high rate"
    assert bar.position.text().endswith("Branch high rate")


def test_escape_and_no_name_leave_the_name(qtbot: QtBot) -> None:
    session, bar = on_three(qtbot)
    sent = len(session.fake_host.sent)
    for keys, end in (("x", Qt.Key.Key_Escape), (" ", Qt.Key.Key_Return)):
        find(bar, "branch.1").rename()
        editor = bar.findChild(QLineEdit, "branchNameEdit")
        qtbot.keyClicks(editor, keys)
        qtbot.keyClick(editor, end)
        qtbot.waitUntil(lambda: bar.findChild(QLineEdit, "branchNameEdit") is None)
    assert len(session.fake_host.sent) == sent


def test_a_branch_with_few_steps_is_dropped_at_once(qtbot: QtBot) -> None:
    session, bar = on_three(qtbot)
    short = replace(C, tip=300)
    session.feed(Timeline(1, 1, (A, B, short)))
    click(qtbot, bar, "askDrop.2")
    assert session.last_sent == DropBranch(2)


def test_a_branch_with_many_steps_is_dropped_after_a_question(qtbot: QtBot) -> None:
    session, bar = on_three(qtbot)
    sent = len(session.fake_host.sent)
    qtbot.keyClick(find(bar, "branch.2"), Qt.Key.Key_Delete)
    side = find(bar, "drop.2").parentWidget()
    assert "Delete 270 steps? Ctrl+Z brings them back." in [
        label.full_text() for label in side.findChildren(QLabel) if hasattr(label, "full_text")
    ]
    click(qtbot, bar, "keep.2")
    assert len(session.fake_host.sent) == sent
    click(qtbot, bar, "askDrop.2")
    click(qtbot, bar, "drop.2")
    assert session.last_sent == DropBranch(2)


# ---------------------------------------------------------------- comparing


def test_comparing_is_switched_on_and_off(qtbot: QtBot) -> None:
    session, bar = on_three(qtbot)
    assert find(bar, "compare.1").isHidden()  # it is the one that is shown
    click(qtbot, bar, "compare.0")
    assert session.last_sent == FrameOptions(compared_branch=0)
    assert find(bar, "compare.0").isChecked()
    click(qtbot, bar, "compare.2")
    assert session.last_sent == FrameOptions(compared_branch=2)
    assert not find(bar, "compare.0").isChecked()
    click(qtbot, bar, "compare.2")
    assert session.last_sent == FrameOptions()


@pytest.mark.parametrize("how", ["dropped", "new run", "new engine"])
def test_what_is_gone_is_not_compared_with(qtbot: QtBot, how: str) -> None:
    session, _ = on_three(qtbot)
    session.view_requests.set_options(compared_branch=2)
    if how == "dropped":
        session.feed(Timeline(1, 1, (A, B)))
    elif how == "new run":
        session.feed(frame(0, run=2))
    else:
        session.feed(EngineDied(1))
        session.fake_host.alive = False
        session.act_on_notice()
    assert session.view_requests.frame_options.compared_branch is None


def differing(layer_shape: float = 0.5) -> Frame:
    """A frame whose W′ differs from that of A at its last step, 260."""
    made = frames.frame("lora", step=280, change=0.03)
    layers = tuple(
        replace(
            layer,
            factors=(*layer.factors, named("difference", np.full_like(layer.delta, layer_shape))),
        )
        for layer in made.layers
    )
    return changed(made, layers=layers, branch=1, tip=300, difference=Difference(0, 260))


def test_the_difference_takes_the_place_of_w_prime_in_the_colours_of_delta(
    qtbot: QtBot, open_stage: frames.Open
) -> None:
    session, stage = open_stage("lora")
    session.feed(THREE)
    shown = differing()
    session.feed(shown)
    heatmap = stage.findChild(Heatmap, "heatmap.layer1.difference")
    assert (heatmap.matrix() == 0.5).all()
    texts = [label.text() for label in stage.findChildren(QLabel)]
    tips = [label.toolTip() for label in stage.findChildren(QLabel)]
    assert any(text in ("W′ − W′ of A at step 260", "W′ − W′ of A") for text in texts), texts
    assert any(tip.startswith("W′ − W′ of A at step 260") for tip in tips)
    scales = ColourScales()
    scales.update(robust_maxima(shown.layers))
    assert scales.of(INFOS["difference"]) == scales[DELTA] >= 0.5


def test_the_difference_is_read_at_a_cell() -> None:
    shown = differing(-0.25)
    text = explain_cell(read_cell(shown.layers[0], CellAddress("layer1", 3, 4), pinned=True), LORA)
    assert "W′ − W′ of the other branch −0.2500" in text


def test_a_cell_of_the_difference_is_worked_out(qtbot: QtBot) -> None:
    session = FakeSession()
    page = QWidget()
    inspector = Inspector(session, page, page)
    opened(qtbot, session, page)
    reading = read_cell(
        differing(-0.25).layers[0], CellAddress("layer1", 3, 4, "difference"), pinned=True
    )
    inspector.show_reading(reading)
    here, other = reading.updated, reading.updated + 0.25
    assert f"{signed(here)} − {signed(other)} = −0.2500" in inspector.text()
    inspector.show_reading(dataclasses.replace(reading, matrix="delta"))
    assert f"{signed(reading.weight)} + " in inspector.text()


def test_a_long_name_is_seen_to_go_on(qtbot: QtBot) -> None:
    _, bar = on_three(qtbot)
    name = bar.findChild(QPushButton, "branch.2")
    assert name is not None
    name.show_branch(replace(C, name="a rate that is low"), shown=True)
    assert name.text().endswith("…")
    assert "a rate that is low" in name.toolTip()


def test_the_lane_says_how_large_the_difference_is(qtbot: QtBot) -> None:
    session, bar = on_three(qtbot)
    session.view_requests.set_options(compared_branch=0)
    session.feed(differing())
    side = find(bar, "compare.0").parentWidget()
    said = [label.full_text() for label in side.findChildren(QLabel) if label.objectName() == ""
            and hasattr(label, "full_text")]  # fmt: skip
    assert "W′ − W′ of A at step 260: up to 0.50" in said


# ---------------------------------------------------------------- curves


def drawn(charts: Charts) -> dict[str, Curve]:
    charts.redraw()
    plots = (charts.loss, charts.accuracy, charts.moved)
    return {curve.name: curve for plot in plots for curve in plot.plot.spec.curves}


def forked(qtbot: QtBot) -> tuple[FakeSession, Charts]:
    """B left A at step 200 of 400, and has gone on to 300."""
    session = FakeSession()
    charts = Charts(session)
    opened(qtbot, session, charts)
    session.feed(*(at(step, step, 0) for step in range(0, 401, 50)))
    session.feed(Arrived(1, 0, 200, LORA), at(200, 400, 0))
    session.feed(Timeline(1, 1, (A, replace(B, tip=200))))
    session.feed(*(at(step, step, 1, train_loss=9.0) for step in (200, 250, 300)))
    return session, charts


def test_a_fork_begins_as_a_copy_of_what_it_left(qtbot: QtBot) -> None:
    _, charts = forked(qtbot)
    train = drawn(charts)["train_loss"]
    assert train.steps.tolist() == [0, 50, 100, 150, 200, 250, 300]
    assert train.values.tolist()[-3:] == [9.0, 9.0, 9.0]
    assert train.values[3] == pytest.approx(2 / (1 + 150 / 50))


def test_the_branch_that_was_left_is_drawn_from_where_they_part(qtbot: QtBot) -> None:
    _, charts = forked(qtbot)
    curves = drawn(charts)
    other = curves["A.train_loss"]
    assert other.steps.tolist() == [200, 250, 300, 350, 400]
    assert other.values[0] == pytest.approx(2 / (1 + 200 / 50))
    assert (other.label, other.dashed, other.faint) == ("A", True, True)
    assert "A.target_accuracy" in curves
    charts.grab()


def test_another_branch_is_rebuilt_from_its_points(qtbot: QtBot) -> None:
    session, charts = forked(qtbot)
    session.feed(Arrived(1, 0, 200, LORA), at(200, 400, 0))
    assert drawn(charts)["train_loss"].steps.tolist() == [*range(0, 401, 50)]
    assert charts.loss.plot.spec.shown_step == 200
    assert drawn(charts)["B.train_loss"].steps.tolist() == [200, 250, 300]
    session.feed(Timeline(1, 0, (A,)))
    assert not any(name.startswith("B.") for name in drawn(charts))


def test_no_more_than_two_others_are_drawn_and_the_compared_one_is_among_them() -> None:
    curves = RunCurves(LORA, ChangeLog(LORA))
    every = [A, *(Branch(n, chr(65 + n), 0, 100, 300) for n in range(1, 6))]
    for branch in every:
        curves.update_branches(every, None)
        for step in (0, 100, 300):
            curves.add_frame(at(step, 300, branch.number))
    curves.update_branches(every, 4)
    assert [beside.name for beside in curves.other_branches] == ["E", "A"]
    assert len(curves.other_branches) == MAX_OTHER_BRANCHES


def test_a_new_engine_goes_on_with_the_curve_that_was_shown(qtbot: QtBot) -> None:
    session, charts = forked(qtbot)
    session.feed(Checkpoint(1, 300, {}), EngineDied(1))
    session.fake_host.alive = False
    session.act_on_notice()
    session.feed(at(300, 300, 0, train_loss=9.0))
    curves = drawn(charts)
    assert curves["train_loss"].steps.tolist() == [0, 50, 100, 150, 200, 250, 300]
    assert not any(curve.faint for curve in curves.values())


# ---------------------------------------------------------------- marks


def test_each_branch_has_the_marks_on_its_own_way(qtbot: QtBot) -> None:
    marks = ChangeLog(LORA)
    slower = LORA.replace(learning_rate=1e-4)
    marks.add(Applied(1, 100, FASTER), catalogue(), 0.0)
    marks.arrive(Arrived(1, 0, 50, LORA))
    marks.follow((A, Branch(1, "B", 0, 50, 50)))
    marks.add(Applied(1, 50, slower, branch=1), catalogue(), 60.0)
    assert [mark.text for mark in marks.of(0)] == ["η 0.003 → 0.01"]
    assert [(mark.step, mark.text) for mark in marks.of(1)] == [(50, "η 0.003 → 0.0001")]
    marks.arrive(Arrived(1, 0, 300, FASTER))
    marks.add(Applied(1, 300, FASTER.replace(rank=9), branch=2), catalogue(), 90.0)
    marks.follow((A, Branch(1, "B", 0, 50, 50), Branch(2, "C", 0, 300, 300)))
    assert [mark.text for mark in marks.of(2)] == ["η 0.003 → 0.01", "r 4 → 9 (α follows)"]
    assert len(marks.of(0)) == 1


def test_replayed_changes_and_those_taken_back_leave_no_marks(qtbot: QtBot) -> None:
    marks = ChangeLog(LORA)
    marks.add(Applied(1, 100, FASTER), catalogue(), 0.0)
    before = marks.of(0)
    marks.arrive(Arrived(1, 0, 0, LORA))
    marks.arrive(Arrived(1, 0, 100, FASTER))
    assert marks.of(0) == before
    marks.arrive(Arrived(1, 0, 50, LORA))
    marks.follow((A, Branch(1, "B", 0, 50, 50)))
    marks.add(Applied(1, 50, LORA.replace(rank=9), branch=1), catalogue(), 10.0)
    marks.follow((A,))
    marks.add(Applied(1, 50, LORA, branch=0), catalogue(), 10.1)
    assert marks.of(0) == before
    assert marks.of(1) == ()


def test_a_drag_in_the_past_is_one_mark(qtbot: QtBot) -> None:
    marks = ChangeLog(LORA)
    marks.arrive(Arrived(1, 0, 50, LORA))
    for number, rank in enumerate((5, 6, 7)):
        marks.add(Applied(1, 50, LORA.replace(rank=rank), branch=1), None, 5.0 * number)
    assert [mark.text for mark in marks.of(1)] == ["r 4 → 7"]
