"""What may come between a lesson and its end, on a real engine, and what stays whole."""

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Refused
from engine.protocol.settings import Settings
from gui.lessons.answers import Answers
from gui.lessons.guide import Guide
from gui.lessons.lesson import Lesson
from gui.session import Session
from tests.gui.lessons.made import everything
from tests.gui.patience import PATIENCE
from tests.gui.shell_frames import FakeSession, catalogue, frame

MINE = Settings(strategy="freeze", learning_rate=0.02, seed=3, batch_size=16)
PACE = 500.0
TO_WATCH = ("seconds = 0.1", "seconds = 30")
"""So slow that it is still under way when something happens."""


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(MINE)
    session.start()
    session.set_speed(PACE)
    qtbot.waitUntil(lambda: session.frame is not None and session.frame.run > 0, timeout=PATIENCE)
    yield session
    session.close()


def begun(qtbot: QtBot, session: Session, lesson: Lesson) -> Guide:
    """The lesson's first run is under way."""
    guide = Guide(session, Answers())
    guide.enter(lesson)
    guide.go(1)
    guide.run("low")
    under_way(qtbot, guide)
    return guide


def under_way(qtbot: QtBot, guide: Guide) -> None:
    qtbot.waitUntil(lambda: guide.under_way is not None and guide.under_way.step > 0,
                    timeout=PATIENCE)  # fmt: skip


def made(qtbot: QtBot, guide: Guide, name: str) -> None:
    qtbot.waitUntil(lambda: name in guide.records, timeout=PATIENCE)


def test_who_hurries_has_the_old_pace_afterwards(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    guide = begun(qtbot, session, everything(tmp_path, TO_WATCH))
    guide.advance()
    assert session.speed == 0.0
    made(qtbot, guide, "low")
    assert session.speed == PACE


def test_a_pace_that_was_chosen_on_the_way_stays(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    guide = begun(qtbot, session, everything(tmp_path, TO_WATCH))
    session.set_speed(300.0)
    made(qtbot, guide, "low")
    assert session.speed == 300.0


def test_a_paused_run_has_an_end_whoever_lets_it_go_on(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    guide = begun(qtbot, session, everything(tmp_path, TO_WATCH))
    session.toggle_play()
    assert not guide.busy
    session.set_speed(0.0)
    session.toggle_play()
    assert guide.busy
    made(qtbot, guide, "low")
    assert guide.records["low"].frame.step == 20


def test_a_card_does_not_reach_into_a_run(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    guide = begun(qtbot, session, everything(tmp_path, TO_WATCH))
    guide.go(5)
    assert guide.under_way is None
    assert not session.playing
    assert (session.settings.learning_rate, session.speed) == (0.3, PACE)
    guide.back()
    assert session.settings.learning_rate == 0.01


def test_a_strategy_chosen_by_hand_ends_the_run(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    guide = begun(qtbot, session, everything(tmp_path, TO_WATCH))
    session.choose_strategy("bitfit")
    qtbot.waitUntil(lambda: guide.under_way is None, timeout=PATIENCE)
    assert (guide.records, session.speed) == ({}, PACE)
    guide.leave()
    assert session.settings == MINE


def test_a_run_is_lost_with_its_engine_and_can_be_made_again(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    guide = begun(qtbot, session, everything(tmp_path, TO_WATCH))
    process_id = session.host.process_id
    assert process_id is not None
    os.kill(process_id, signal.SIGKILL)
    qtbot.waitUntil(lambda: not session.playing, timeout=PATIENCE)
    guide.run("low")
    assert not guide.busy
    session.act()
    qtbot.waitUntil(lambda: guide.under_way is None, timeout=PATIENCE)
    assert session.speed == PACE
    guide.run("low")
    session.set_speed(0.0)
    made(qtbot, guide, "low")


def test_without_an_engine_no_run_begins(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    guide = Guide(session, Answers())
    guide.enter(everything(tmp_path))
    session.host.close()
    guide.run("low")
    assert (guide.under_way, session.speed) == (None, PACE)


def test_who_scrubs_away_at_the_end_can_make_the_run_again(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    guide = Guide(session, Answers())
    guide.enter(everything(tmp_path))
    with qtbot.waitSignal(session.reached, timeout=PATIENCE):
        session.reached.connect(session.step_back)
        guide.run("low")
    qtbot.waitUntil(lambda: guide.under_way is None, timeout=PATIENCE)
    session.reached.disconnect(session.step_back)
    guide.run("low")
    made(qtbot, guide, "low")


def test_an_edit_may_take_away_what_is_under_way_and_what_waits(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    lesson = everything(tmp_path, TO_WATCH)
    guide = Guide(session, Answers())
    guide.enter(lesson)
    guide.go(2)
    guide.run_missing()
    under_way(qtbot, guide)
    guide.renew(everything(tmp_path, ('name = "full"', 'name = "whole"'),
                           ("low.body_trainable - full.", "low.body_trainable - whole."),
                           ('["low", "full"]', '["low", "whole"]'),
                           ("{full.", "{whole.")))  # fmt: skip
    assert guide.under_way is None
    guide.run_missing()
    session.set_speed(0.0)
    made(qtbot, guide, "low")
    made(qtbot, guide, "whole")


def test_what_the_command_line_asked_for_counts_more_than_the_lesson(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    guide = Guide(session, Answers())
    guide.enter(everything(tmp_path), {"rank": 7, "seed": 5})
    assert (session.settings.rank, session.settings.learning_rate) == (7, 0.01)
    guide.run("low")
    made(qtbot, guide, "low")
    assert guide.records["low"].frame.settings.rank == 7
    guide.leave()
    assert session.settings == Settings(rank=7, seed=5)


def test_a_lesson_taken_up_before_the_engine_is_ready(tmp_path: Path) -> None:
    session = FakeSession(Settings(strategy="weight_update"), ready=False)
    guide = Guide(session, Answers())
    lesson = everything(tmp_path, ('strategy = "lora"', 'strategy = "weight_update"'),
                        ("rank = 2", 'schedule = "cosine"'))  # fmt: skip
    guide.enter(lesson)
    guide.go(5)
    session.feed(catalogue())
    settings = session.settings
    assert (settings.optimizer, settings.schedule) == ("sgd", "cosine"), "what the strategy brings"
    assert settings.learning_rate == 0.3, "what the card sets"
    guide.back()
    assert session.settings.learning_rate == 0.01, "what the lesson sets"
    guide.leave()
    assert session.settings == Settings(
        strategy="weight_update", optimizer="sgd", learning_rate=0.1
    )


def test_settings_that_the_engine_refuses_hold_no_run(tmp_path: Path) -> None:
    session = FakeSession()
    guide = Guide(session, Answers())
    guide.enter(everything(tmp_path))
    guide.run("low")
    assert guide.under_way is not None
    session.feed(Refused("too large", Settings(), False))
    session.feed(frame(0, run=2))
    assert guide.under_way is None


def _settled(session: Session) -> bool:
    """Whether nothing that was asked for is still on its way."""
    frame = session.frame
    return frame is not None and frame.settings == session.settings and session.target is None


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_done_all_is_given_back(
    qtbot: QtBot, session: Session, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    guide = Guide(session, Answers())
    lesson = everything(tmp_path)
    acts = [
        lambda: guide.enter(lesson), guide.next, guide.back, guide.advance, guide.run_missing,
        guide.leave, guide.show_answer, session.undo, session.toggle_play, session.reset,
        session.step, session.step_back, session.go_to_earliest, session.go_to_newest,
        lambda: guide.go(chance.randrange(7)),
        lambda: guide.run(chance.choice(list(lesson.runs))) if guide.lesson else None,
        lambda: guide.try_out("mine", {"strategy": "bitfit"}),
        lambda: session.update(learning_rate=chance.choice([0.01, 0.05, 0.3])),
        lambda: session.choose_strategy(chance.choice(["lora", "full", "bitfit"])),
        lambda: guide.renew(lesson),
    ]  # fmt: skip
    for _ in range(80):
        chance.choice(acts)()
        if chance.random() < 0.6:
            qtbot.wait(chance.choice([1, 20, 60]))
    guide.leave()
    mine = session.settings
    qtbot.waitUntil(lambda: _settled(session), timeout=PATIENCE)
    guide.enter(lesson)
    for name in lesson.runs:
        guide.run(name)
        made(qtbot, guide, name)
        assert guide.records[name].measure("steps") == lesson.run(name).steps
        assert not guide.records[name].altered
    guide.leave()
    assert (session.settings, session.speed, guide.under_way) == (mine, PACE, None)
