"""Through a lesson on a real engine, and what the guide does of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.protocol.settings import Settings
from gui.lessons.answers import Answers
from gui.lessons.guide import Guide
from gui.lessons.lesson import Card, Choice
from gui.session import Session
from tests.gui.lessons.made import everything
from tests.gui.patience import PATIENCE
from tests.gui.shell_frames import FakeSession

MINE = Settings(strategy="freeze", learning_rate=0.02, seed=3, batch_size=16)


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(MINE)
    session.start()
    qtbot.waitUntil(lambda: session.frame is not None and session.frame.run > 0, timeout=PATIENCE)
    yield session
    session.close()


def made(qtbot: QtBot, guide: Guide, name: str) -> None:
    qtbot.waitUntil(lambda: name in guide.records, timeout=PATIENCE)


def at_hand(guide: Guide) -> Card:
    assert guide.card is not None
    return guide.card


def choice_of(guide: Guide) -> Choice:
    question = at_hand(guide).question
    assert isinstance(question, Choice)
    return question


def test_a_lesson_begins_at_step_0(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    lesson = everything(tmp_path)
    session.update(**lesson.changes(session.catalogue))
    session.take_steps(3)
    qtbot.waitUntil(lambda: session.frame.step == 3, timeout=PATIENCE)
    Guide(session, Answers()).enter(lesson)
    qtbot.waitUntil(lambda: session.frame.step == 0, timeout=PATIENCE)


def test_from_start_to_end(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    guide = Guide(session, Answers())
    session.set_speed(500.0)
    guide.enter(everything(tmp_path))
    assert (session.settings.strategy, session.settings.rank) == ("lora", 2)
    assert session.settings.seed == 3, "the seed stays the user's"
    guide.next()
    question = choice_of(guide)
    assert guide.right_option(question) is None
    guide.commit(0)
    guide.commit(2)
    assert guide.answer(question) == 0, "an answer stays"
    guide.run("low")
    made(qtbot, guide, "low")
    low = guide.records["low"]
    assert (low.frame.step, low.measure("steps"), low.altered) == (20, 20.0, False)
    assert low.measure("body_trainable") == 460
    assert low.at("target", 0) == low.measure("start_target")
    assert session.speed == 500.0, "the pace is the user's again"
    assert guide.right_option(question) is None, "the second run decides as well"
    assert guide.missing(guide.lesson.cards[2]) == ("full",)  # type: ignore[union-attr]
    guide.next()
    guide.run_missing()
    made(qtbot, guide, "full")
    assert guide.records["full"].measure("body_trainable") == 4400
    assert guide.right_option(question) == 0
    assert guide.missing(at_hand(guide)) == ()
    assert [claim.text for claim in guide.exceptions(at_hand(guide))] == ["low.target > 2"]
    guide.go(5)
    assert session.settings.learning_rate == 0.3
    guide.next()
    assert session.settings.learning_rate == 0.01, "what a card sets it gives back"
    assert guide.is_done(guide.lesson)  # type: ignore[arg-type]
    guide.leave()
    assert session.settings == MINE
    assert guide.card is None


def test_a_run_that_is_paused_goes_on_to_its_end(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    guide = Guide(session, Answers())
    guide.enter(everything(tmp_path, ("seconds = 0.1", "seconds = 30")))
    guide.go(1)
    guide.run("low")
    qtbot.waitUntil(lambda: guide.under_way is not None and guide.under_way.step > 1)
    session.pause()
    assert guide.under_way is not None
    guide.run("low")
    guide.advance()  # the clicker hurries it
    made(qtbot, guide, "low")
    assert guide.records["low"].frame.step == 20


def test_what_somebody_changed_on_the_way_is_told(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    guide = Guide(session, Answers())
    guide.enter(everything(tmp_path, ("seconds = 0.1", "seconds = 30")))
    guide.go(1)
    guide.run("low")
    qtbot.waitUntil(lambda: guide.under_way is not None and guide.under_way.step > 1)
    session.update(learning_rate=0.02)
    session.set_speed(0.0)
    made(qtbot, guide, "low")
    guide.next()
    assert guide.altered(at_hand(guide))


def test_a_reset_on_the_way_ends_the_run_and_nothing_is_kept(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    guide = Guide(session, Answers())
    guide.enter(everything(tmp_path, ("seconds = 0.1", "seconds = 30")))
    guide.go(1)
    guide.run("low")
    qtbot.waitUntil(lambda: guide.under_way is not None and guide.under_way.step > 1)
    session.reset()
    qtbot.waitUntil(lambda: guide.under_way is None)
    assert not guide.records
    guide.run("low")
    session.set_speed(0.0)
    made(qtbot, guide, "low")


def test_a_run_that_blows_up_is_kept_as_lost(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    guide = Guide(session, Answers())
    guide.enter(everything(tmp_path, ("rank = 2", "rank = 2\noptimizer = 'sgd'"),
                           ("learning_rate = 0.01", "learning_rate = 1e20")))  # fmt: skip
    guide.go(1)
    guide.run("low")
    made(qtbot, guide, "low")
    assert guide.records["low"].measure("lost") == 1.0


def test_a_clicker_leads_through_all_of_it(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    guide = Guide(session, Answers())
    guide.enter(everything(tmp_path))
    for _ in range(30):
        if guide.index == 6 and guide.is_open(choice_of(guide)):
            break
        guide.advance()
        qtbot.waitUntil(lambda: guide.under_way is None, timeout=PATIENCE)
    assert set(guide.records) == {"low", "full", "again", "third"}
    assert guide.answer(choice_of(guide)) is None
    guide.advance()
    assert guide.index == 6


def test_answers_are_there_again_and_can_be_cleared(tmp_path: Path) -> None:
    kept = tmp_path / "deep" / "answers.json"
    session = FakeSession()
    guide = Guide(session, Answers(kept))
    lesson = everything(tmp_path)
    guide.enter(lesson)
    guide.go(1)
    guide.commit(1)
    guide.go(4)
    guide.commit([3, 7])
    again = Guide(FakeSession(), Answers(kept))
    assert again.is_begun(lesson) and not again.is_done(lesson)
    again.enter(lesson)
    again.go(4)
    question = at_hand(again).question
    assert question is not None
    assert again.answer(question) == [3, 7]
    again.clear()
    assert not Guide(FakeSession(), Answers(kept)).is_begun(lesson)


@pytest.mark.parametrize(
    ("question", "value"),
    [(1, -1), (1, 3), (1, True), (1, "0"), (3, []), (3, [[0, 1]]), (3, [[0, float("nan")]] * 2),
     (4, 5), (4, [1]), (4, [1, "2"])],
)  # fmt: skip
def test_no_answer_but_one_to_the_question_is_taken(
    tmp_path: Path, question: int, value: object
) -> None:
    guide = Guide(FakeSession(), Answers())
    guide.enter(everything(tmp_path))
    guide.go(question)
    guide.commit(value)
    asked = at_hand(guide).question
    assert asked is not None
    assert guide.answer(asked) is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 2, "lessons": {}}', '{"version": 1}',
             '{"version": 1, "lessons": {"a": 3}}', "[" * 100_000],
)  # fmt: skip
def test_answers_that_cannot_be_read_stay_as_they_are(tmp_path: Path, text: str) -> None:
    kept = tmp_path / "answers.json"
    kept.write_text(text, encoding="utf-8")
    answers = Answers(kept)
    assert str(kept) in answers.problem
    answers.keep("lora", "guess", 1)
    assert answers.answer("lora", "guess") == 1
    assert kept.read_text(encoding="utf-8") == text


def test_answers_that_cannot_be_kept_say_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answers = Answers(tmp_path / "file" / "answers.json")
    answers.keep("lora", "guess", 1)
    assert "cannot be kept" in answers.problem
    assert answers.answer("lora", "guess") == 1


def test_an_edited_lesson_keeps_what_still_fits(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    guide = Guide(session, Answers())
    guide.enter(everything(tmp_path))
    guide.go(1)
    guide.run("low")
    made(qtbot, guide, "low")
    guide.renew(everything(tmp_path, ("An idea", "A thought")))
    assert guide.index == 1 and "low" in guide.records
    guide.renew(everything(tmp_path, ("steps = 20", "steps = 21")))
    assert not guide.records


def test_something_can_be_tried_beside_a_lesson(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    guide = Guide(session, Answers())
    lesson = everything(tmp_path)
    guide.enter(lesson)
    with qtbot.waitSignal(guide.tried, timeout=PATIENCE) as tried:
        guide.try_out("mine", {"strategy": "bitfit"})
        session.set_speed(0.0)
    name, record = tried.args
    assert (name, record.frame.settings.strategy, record.measure("steps")) == (
        "mine",
        "bitfit",
        300,
    )
    assert guide.lesson is lesson and not guide.records


def test_two_windows_keep_what_both_were_told(tmp_path: Path) -> None:
    kept = tmp_path / "answers.json"
    one, other = Answers(kept), Answers(kept)
    one.keep("lora", "guess", 1)
    other.keep("full", "guess", 2)
    other.see("lora", 3)
    one.see("lora", 0)
    again = Answers(kept)
    assert (again.answer("lora", "guess"), again.answer("full", "guess")) == (1, 2)
    assert again.seen("lora") == {0, 3}
    one.clear()
    assert Answers(kept).answer("full", "guess") is None


def test_a_file_that_a_newer_window_wrote_is_not_written_over(tmp_path: Path) -> None:
    kept = tmp_path / "answers.json"
    answers = Answers(kept)
    newer = '{"version": 2}'
    kept.write_text(newer, encoding="utf-8")
    answers.keep("lora", "guess", 1)
    assert kept.read_text(encoding="utf-8") == newer
    assert "version" in answers.problem
    assert answers.answer("lora", "guess") == 1


def test_on_a_full_disk_what_was_kept_stays_and_later_all_is_well(tmp_path: Path) -> None:
    kept = tmp_path / "answers.json"
    answers = Answers(kept)
    answers.keep("lora", "guess", 1)
    before = kept.read_bytes()
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, hard))
    try:
        answers.keep("lora", "place", [[step, 0.5] for step in range(1000)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "cannot be kept" in answers.problem
    assert kept.read_bytes() == before
    answers.keep("lora", "other", 2)
    assert answers.problem == ""
    assert Answers(kept).answer("lora", "other") == 2
