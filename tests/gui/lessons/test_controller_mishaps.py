"""Interruptions of a lesson on a real engine, and the state they leave."""

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Refused, Reset
from engine.protocol.settings import Settings
from gui.lessons.answers import Answers
from gui.lessons.controller import LessonController
from gui.lessons.lesson import Lesson
from gui.session import Session
from tests.gui.lessons.sample_lesson import everything
from tests.gui.patience import PATIENCE
from tests.gui.shell_frames import FakeSession, catalogue, frame

MINE = Settings(strategy="freeze", learning_rate=0.02, seed=3, batch_size=16)
PACE = 500.0
TO_WATCH = ("seconds = 0.1", "seconds = 60")
"""As long as a lesson may: a run that is still active when something happens, on any machine."""


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(MINE)
    session.start()
    session.playback.set_speed(PACE)
    qtbot.waitUntil(
        lambda: session.state.frame is not None and session.state.frame.run > 0, timeout=PATIENCE
    )
    yield session
    session.close()


def begun(qtbot: QtBot, session: Session, lesson: Lesson) -> LessonController:
    """The lesson's first run is under way."""
    controller = LessonController(session, Answers())
    controller.enter(lesson)
    controller.go(1)
    controller.run("low")
    active_run(qtbot, controller)
    return controller


def active_run(qtbot: QtBot, controller: LessonController) -> None:
    qtbot.waitUntil(lambda: controller.active_run is not None and controller.active_run.step > 0,
                    timeout=PATIENCE)  # fmt: skip


def made(qtbot: QtBot, controller: LessonController, name: str) -> None:
    qtbot.waitUntil(lambda: name in controller.results, timeout=PATIENCE)


def test_who_hurries_has_the_old_pace_afterwards(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    controller = begun(qtbot, session, everything(tmp_path, TO_WATCH))
    controller.advance()
    assert session.playback.speed == 0.0
    made(qtbot, controller, "low")
    assert session.playback.speed == PACE


def test_a_pace_that_was_chosen_on_the_way_stays(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    controller = begun(qtbot, session, everything(tmp_path, TO_WATCH))
    session.playback.set_speed(300.0)
    made(qtbot, controller, "low")
    assert session.playback.speed == 300.0


def test_a_paused_run_has_an_end_whoever_lets_it_go_on(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    controller = begun(qtbot, session, everything(tmp_path, TO_WATCH))
    session.playback.toggle_play()
    assert not controller.busy
    session.playback.set_speed(0.0)
    session.playback.toggle_play()
    assert controller.busy
    made(qtbot, controller, "low")
    assert controller.results["low"].frame.step == 20


def test_a_card_does_not_reach_into_a_run(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    controller = begun(qtbot, session, everything(tmp_path, TO_WATCH))
    controller.go(5)
    assert controller.active_run is None
    assert not session.state.playing
    assert (session.state.settings.learning_rate, session.playback.speed) == (0.3, PACE)
    controller.back()
    assert session.state.settings.learning_rate == 0.01


def test_a_strategy_chosen_by_hand_ends_the_run(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    controller = begun(qtbot, session, everything(tmp_path, TO_WATCH))
    session.editor.choose_strategy("bitfit")
    qtbot.waitUntil(lambda: controller.active_run is None, timeout=PATIENCE)
    assert (controller.results, session.playback.speed) == ({}, PACE)
    assert "does not count" in controller.runner.note and "strategy" in controller.runner.note
    controller.leave()
    assert session.state.settings == MINE


def test_a_run_is_lost_with_its_engine_and_can_be_made_again(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    controller = begun(qtbot, session, everything(tmp_path, TO_WATCH))
    process_id = session.host.process_id
    assert process_id is not None
    os.kill(process_id, signal.SIGKILL)
    qtbot.waitUntil(lambda: not session.state.playing, timeout=PATIENCE)
    controller.run("low")
    assert not controller.busy
    session.act_on_notice()
    qtbot.waitUntil(lambda: controller.active_run is None, timeout=PATIENCE)
    assert session.playback.speed == PACE
    controller.run("low")
    session.playback.set_speed(0.0)
    made(qtbot, controller, "low")


def test_without_an_engine_no_run_begins(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    controller = LessonController(session, Answers())
    controller.enter(everything(tmp_path))
    session.host.close()
    controller.run("low")
    assert (controller.active_run, session.playback.speed) == (None, PACE)


def test_who_scrubs_away_at_the_end_can_make_the_run_again(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    controller = LessonController(session, Answers())
    controller.enter(everything(tmp_path))
    with qtbot.waitSignal(session.state.training_ended, timeout=PATIENCE):
        session.state.training_ended.connect(session.navigation.step_back)
        controller.run("low")
    qtbot.waitUntil(lambda: controller.active_run is None, timeout=PATIENCE)
    session.state.training_ended.disconnect(session.navigation.step_back)
    controller.run("low")
    made(qtbot, controller, "low")


def test_an_edit_may_take_away_what_is_under_way_and_what_waits(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    lesson = everything(tmp_path, TO_WATCH)
    controller = LessonController(session, Answers())
    controller.enter(lesson)
    controller.go(2)
    controller.run_missing()
    active_run(qtbot, controller)
    controller.reload(everything(tmp_path, ('name = "full"', 'name = "whole"'),
                           ("low.body_trainable - full.", "low.body_trainable - whole."),
                           ('["low", "full"]', '["low", "whole"]'),
                           ("{full.", "{whole.")))  # fmt: skip
    assert controller.active_run is None
    controller.run_missing()
    session.playback.set_speed(0.0)
    made(qtbot, controller, "low")
    made(qtbot, controller, "whole")


def test_what_the_command_line_asked_for_counts_more_than_the_lesson(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    controller = LessonController(session, Answers())
    controller.enter(everything(tmp_path), {"rank": 7, "seed": 5})
    assert (session.state.settings.rank, session.state.settings.learning_rate) == (7, 0.01)
    controller.run("low")
    made(qtbot, controller, "low")
    assert controller.results["low"].frame.settings.rank == 7
    controller.leave()
    assert session.state.settings == Settings(rank=7, seed=5)


def test_a_lesson_taken_up_before_the_engine_is_ready(tmp_path: Path) -> None:
    session = FakeSession(Settings(strategy="weight_update"), ready=False)
    controller = LessonController(session, Answers())
    lesson = everything(tmp_path, ('strategy = "lora"', 'strategy = "weight_update"'),
                        ("rank = 2", 'schedule = "cosine"'))  # fmt: skip
    controller.enter(lesson)
    controller.go(5)
    session.feed(catalogue())
    settings = session.state.settings
    assert (settings.optimizer, settings.schedule) == ("sgd", "cosine"), "what the strategy brings"
    assert settings.learning_rate == 0.3, "what the card sets"
    controller.back()
    assert session.state.settings.learning_rate == 0.01, "what the lesson sets"
    controller.leave()
    assert session.state.settings == Settings(
        strategy="weight_update", optimizer="sgd", learning_rate=0.1
    )


def test_settings_that_the_engine_refuses_hold_no_run(tmp_path: Path) -> None:
    session = FakeSession()
    controller = LessonController(session, Answers())
    controller.enter(everything(tmp_path))
    controller.run("low")
    assert controller.active_run is not None
    session.feed(Refused("too large", Settings(), False))
    session.feed(frame(9))  # of the run before: nothing to do with it
    assert controller.active_run is not None
    session.feed(frame(0, run=session.number_of(Reset)))
    assert controller.active_run is None


def _settled(session: Session) -> bool:
    """Return whether no request is outstanding."""
    frame = session.state.frame
    return (
        frame is not None
        and frame.settings == session.state.settings
        and session.navigation.target is None
    )


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_done_all_is_given_back(
    qtbot: QtBot, session: Session, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    controller = LessonController(session, Answers())
    lesson = everything(tmp_path)
    acts = [
        lambda: controller.enter(lesson), controller.next, controller.back, controller.advance,
        controller.run_missing, controller.leave, controller.show_answer,
        session.undo_stack.undo, session.playback.toggle_play, session.playback.reset,
        session.playback.step, session.navigation.step_back, session.navigation.go_to_earliest,
        session.navigation.go_to_newest,
        lambda: controller.go(chance.randrange(7)),
        lambda: controller.run(chance.choice(list(lesson.runs))) if controller.lesson else None,
        lambda: controller.run_trial("mine", {"strategy": "bitfit"}),
        lambda: session.editor.update(learning_rate=chance.choice([0.01, 0.05, 0.3])),
        lambda: session.editor.choose_strategy(chance.choice(["lora", "full", "bitfit"])),
        lambda: controller.reload(lesson),
    ]  # fmt: skip
    for _ in range(80):
        chance.choice(acts)()
        if chance.random() < 0.6:
            qtbot.wait(chance.choice([1, 20, 60]))
    controller.leave()
    qtbot.waitUntil(lambda: _settled(session), timeout=PATIENCE)
    mine = session.state.settings
    controller.enter(lesson)
    for name in lesson.runs:
        controller.run(name)
        made(qtbot, controller, name)
        assert controller.results[name].measure("steps") == lesson.runs[name].steps
        assert not controller.results[name].altered
    controller.leave()
    assert (session.state.settings, session.playback.speed, controller.active_run) == (
        mine,
        PACE,
        None,
    )
