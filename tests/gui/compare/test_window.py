"""A race in the real window over a real engine."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.protocol.messages import ComparisonFrame
from engine.protocol.settings import Settings
from gui.compare.entries import ComparisonEntry
from gui.compare.page import ComparePage
from tests.gui.real_window import RealWindow

MAY_STALL = pytest.mark.may_stall("the page and its plots are built when it is first opened")


class ComparingUser(RealWindow):
    """A window with the compare page open, and its user."""

    def __init__(self, qtbot: QtBot) -> None:
        super().__init__(qtbot, Settings())
        self.window.page_stack.show_page("compare")
        page = self.window.findChild(ComparePage)
        assert isinstance(page, ComparePage)
        self.page = page
        self.wait()

    def compare_until(self, good: Callable[[ComparisonFrame], bool]) -> ComparisonFrame:
        self.until(
            lambda: (
                self.session.comparison.frame is not None and good(self.session.comparison.frame)
            )
        )
        assert self.session.comparison.frame is not None
        return self.session.comparison.frame


@pytest.fixture
def user(qtbot: QtBot) -> Iterator[ComparingUser]:
    made = ComparingUser(qtbot)
    yield made
    made.close()


@MAY_STALL
def test_race_and_open(user: ComparingUser) -> None:
    """The run opened on the stage equals the compared run bit for bit."""
    user.page.bar.steps = 40
    user.click("comparisonStart")
    over = user.compare_until(lambda comparison: comparison.over)
    assert [row.step for row in over.rows] == [40, 40, 40]
    assert user.page.table.texts()[1][0] == "LoRA"
    user.click("open.2")
    session = user.session
    user.until(lambda: session.state.frame is not None and session.state.frame.step == 40)
    frame = session.state.frame
    assert frame is not None
    assert user.window.page_stack.current != "compare"
    assert session.state.settings == frame.settings == over.rows[1].settings
    assert frame.settings.strategy == "lora"
    for shown, raced in zip(frame.layers, over.rows[1].layers, strict=False):
        assert shown.delta.tobytes() == raced.delta.tobytes()
    charts = user.window.tabs.findChild(type(user.page.runs.rows[0].plot), "accuracyChart")
    user.until(lambda: any(len(c.steps) > 30 for c in charts.spec.curves if not c.faint))
    target = next(c for c in charts.spec.curves if c.name == "target_accuracy")
    assert target.steps[0] == 0
    wanted = over.rows[1].curves.target_accuracy
    np.testing.assert_allclose(target.values[: len(wanted)], wanted)
    user.qtbot.keyClick(user.window, Qt.Key.Key_Right)
    user.until(lambda: session.state.frame is not None and session.state.frame.step == 41)
    user.window.page_stack.show_page("compare")
    assert session.comparison.frame is not None
    assert [row.step for row in session.comparison.frame.rows] == [
        40,
        40,
        40,
    ]  # the race has its own


@MAY_STALL
def test_at_the_pace_of_the_slider_and_at_once(user: ComparingUser) -> None:
    user.session.playback.set_speed(0.001)
    user.click("comparisonStart")
    user.compare_until(lambda comparison: comparison.rows[2].step == 1)
    user.session.playback.set_speed(1000.0)
    user.compare_until(lambda comparison: comparison.rows[2].step > 3)
    user.session.playback.set_speed(0.001)
    user.click("comparisonAtOnce")
    over = user.compare_until(lambda comparison: comparison.over)
    assert [row.step for row in over.rows] == [300, 300, 300]
    assert not user.page.bar.at_once.isVisible()


@MAY_STALL
def test_pause_settings_and_play_beside_a_race(user: ComparingUser) -> None:
    user.page.bar.steps = 100_000
    user.qtbot.keyClick(user.window, Qt.Key.Key_Space)
    user.compare_until(lambda comparison: comparison.running and comparison.rows[0].step > 5)
    user.session.editor.update(seed=3)
    user.until(
        lambda: user.session.state.frame is not None and user.session.state.frame.settings.seed == 3
    )
    racing = user.compare_until(lambda comparison: comparison.running)
    assert all(row.settings.seed == 0 for row in racing.rows)
    assert "next comparison" in user.page.fairness_label.text()
    user.qtbot.keyClick(user.window, Qt.Key.Key_Space)
    rested = user.compare_until(lambda comparison: not comparison.running)
    user.qtbot.keyClick(user.window, Qt.Key.Key_Space)
    user.compare_until(
        lambda comparison: comparison.running and comparison.rows[0].step > rested.rows[0].step
    )
    user.session.playback.play()
    user.compare_until(lambda comparison: not comparison.running)
    assert user.window.page_stack.current != "compare"
    user.until(lambda: user.session.state.frame is not None and user.session.state.frame.step > 5)


@MAY_STALL
def test_one_that_diverges(user: ComparingUser) -> None:
    page = user.page
    page.bar.steps = 30
    for _ in range(2):
        user.click("comparedRun3Remove") if page.runs.rows[2].isVisible() else None
    field = page.runs.rows[0].learning_rate
    field.setFocus()
    field.selectAll()
    user.qtbot.keyClicks(field, "1e30")
    user.qtbot.keyClick(field, Qt.Key.Key_Return)
    user.click("comparisonStart")
    over = user.compare_until(lambda comparison: comparison.over)
    assert [bool(row.problem) for row in over.rows] == [True, False]
    assert over.rows[1].step == 30
    assert page.runs.rows[0].state.full_text().startswith("diverged at step")


@MAY_STALL
def test_the_engine_dies_in_a_race_and_another_takes_over(user: ComparingUser) -> None:
    user.page.bar.steps = 100_000
    user.click("comparisonStart")
    lost = user.compare_until(lambda comparison: comparison.running)
    process = user.session.host.process_id
    assert process is not None
    os.kill(process, signal.SIGKILL)
    user.until(lambda: user.session.comparison.frame is None)
    user.session.act_on_notice()
    user.page.bar.steps = 3
    user.until(lambda: user.session.host.alive)
    user.click("comparisonStart")
    assert user.compare_until(lambda comparison: comparison.over).comparison > lost.comparison


@MAY_STALL
@pytest.mark.parametrize(
    ("steps", "seeds"), [(100_000, 1), pytest.param(10, 100, marks=pytest.mark.slow)]
)
def test_closing_while_it_races(qtbot: QtBot, steps: int, seeds: int) -> None:
    user = ComparingUser(qtbot)
    user.page.bar.steps, user.page.bar.seeds = steps, seeds
    user.page.set_entries(tuple(map(ComparisonEntry, ("full", "lora", "ewc", "adalora"))))
    user.click("comparisonStart")
    user.compare_until(lambda told: told.running and (seeds == 1 or told.repeated_steps > 0))
    user.window.close()
    assert not user.session.host.alive
    user.window.deleteLater()
