"""Through a lesson on a real engine, and what the guide does of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.protocol.settings import Settings
from gui.lessons.answers import Answers
from gui.lessons.card_highlight import card_highlight
from gui.lessons.controller import LessonController
from gui.lessons.lesson import Card, ChoiceQuestion
from gui.session import Session
from tests.gui.lessons.sample_lesson import everything
from tests.gui.patience import PATIENCE
from tests.gui.shell_frames import FakeSession

pytestmark = pytest.mark.usefixtures("qapp")
MINE = Settings(strategy="freeze", learning_rate=0.02, seed=3, batch_size=16)


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(MINE)
    session.start()
    qtbot.waitUntil(
        lambda: session.state.frame is not None and session.state.frame.run > 0, timeout=PATIENCE
    )
    yield session
    session.close()


def made(qtbot: QtBot, controller: LessonController, name: str) -> None:
    qtbot.waitUntil(lambda: name in controller.results, timeout=PATIENCE)


def at_hand(controller: LessonController) -> Card:
    assert controller.card is not None
    return controller.card


def choice_of(controller: LessonController) -> ChoiceQuestion:
    question = at_hand(controller).question
    assert isinstance(question, ChoiceQuestion)
    return question


def test_a_lesson_begins_at_step_0(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    lesson = everything(tmp_path)
    session.editor.update(**lesson.changes(session.state.catalogue))
    session.playback.take_steps(3)
    qtbot.waitUntil(lambda: session.state.frame.step == 3, timeout=PATIENCE)
    LessonController(session, Answers()).enter(lesson)
    qtbot.waitUntil(lambda: session.state.frame.step == 0, timeout=PATIENCE)


def test_from_start_to_end(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    controller = LessonController(session, Answers())
    session.playback.set_speed(500.0)
    controller.enter(everything(tmp_path))
    assert (session.state.settings.strategy, session.state.settings.rank) == ("lora", 2)
    assert session.state.settings.seed == 3, "the seed stays the user's"
    controller.next()
    question = choice_of(controller)
    assert question.right_option(controller.results) is None
    controller.commit(0)
    controller.commit(2)
    assert controller.answer(question) == 0, "an answer stays"
    controller.run("low")
    made(qtbot, controller, "low")
    low = controller.results["low"]
    assert (low.frame.step, low.measure("steps"), low.altered) == (20, 20.0, False)
    assert low.measure("body_trainable") == 460
    assert low.measure_at("target", 0) == low.measure("start_target")
    assert session.playback.speed == 500.0, "the pace is the user's again"
    assert question.right_option(controller.results) is None, "the second run decides as well"
    assert controller.missing_runs(controller.lesson.cards[2]) == ("full",)  # type: ignore[union-attr]
    controller.next()
    controller.run_missing()
    made(qtbot, controller, "full")
    assert controller.results["full"].measure("body_trainable") == 4400
    assert question.right_option(controller.results) == 0
    assert controller.missing_runs(at_hand(controller)) == ()
    assert at_hand(controller).failed_claims(controller.results) == ["low.target > 1"]
    controller.go(5)
    assert session.state.settings.learning_rate == 0.3
    controller.next()
    assert session.state.settings.learning_rate == 0.01, "what a card sets it gives back"
    assert controller.answers.seen(controller.lesson.key) == {0, 1, 2, 5, 6}  # type: ignore[union-attr]
    controller.leave()
    assert session.state.settings == MINE
    assert controller.card is None


def test_a_run_that_is_paused_goes_on_to_its_end(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    controller = LessonController(session, Answers())
    controller.enter(everything(tmp_path, ("seconds = 0.1", "seconds = 60")))
    controller.go(1)
    controller.run("low")
    qtbot.waitUntil(lambda: controller.active_run is not None and controller.active_run.step > 0)
    session.playback.pause()
    assert controller.active_run is not None
    controller.run("low")
    controller.advance()  # the clicker hurries it
    made(qtbot, controller, "low")
    assert controller.results["low"].frame.step == 20


def test_what_somebody_changed_on_the_way_is_told(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    controller = LessonController(session, Answers())
    controller.enter(everything(tmp_path, ("seconds = 0.1", "seconds = 60")))
    controller.go(1)
    controller.run("low")
    qtbot.waitUntil(lambda: controller.active_run is not None and controller.active_run.step > 0)
    session.editor.update(learning_rate=0.02)
    session.playback.set_speed(0.0)
    made(qtbot, controller, "low")
    controller.next()
    assert "low" in at_hand(controller).needs and controller.results["low"].altered


def test_a_reset_on_the_way_ends_the_run_and_nothing_is_kept(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    controller = LessonController(session, Answers())
    controller.enter(everything(tmp_path, ("seconds = 0.1", "seconds = 60")))
    controller.go(1)
    controller.run("low")
    qtbot.waitUntil(lambda: controller.active_run is not None and controller.active_run.step > 0)
    session.playback.reset()
    qtbot.waitUntil(lambda: controller.active_run is None)
    assert not controller.results
    controller.run("low")
    session.playback.set_speed(0.0)
    made(qtbot, controller, "low")


def test_a_run_that_blows_up_is_kept_as_lost(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    controller = LessonController(session, Answers())
    controller.enter(everything(tmp_path, ("rank = 2", "rank = 2\noptimizer = 'sgd'"),
                           ("learning_rate = 0.01", "learning_rate = 1e20")))  # fmt: skip
    controller.go(1)
    controller.run("low")
    made(qtbot, controller, "low")
    assert controller.results["low"].measure("lost") == 1.0


def test_a_clicker_leads_through_all_of_it(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    controller = LessonController(session, Answers())
    controller.enter(everything(tmp_path))
    for _ in range(30):
        if controller.index == 6 and controller.is_closed(choice_of(controller)):
            break
        controller.advance()
        qtbot.waitUntil(lambda: controller.active_run is None, timeout=PATIENCE)
    assert set(controller.results) == {"low", "full", "again", "third"}
    assert controller.answer(choice_of(controller)) is None
    controller.advance()
    assert controller.index == 6


def test_answers_are_there_again_and_can_be_cleared(tmp_path: Path) -> None:
    kept = tmp_path / "deep" / "answers.json"
    session = FakeSession()
    controller = LessonController(session, Answers(kept))
    lesson = everything(tmp_path)
    controller.enter(lesson)
    controller.go(1)
    controller.commit(1)
    controller.go(4)
    controller.commit([3, 7])
    again = LessonController(FakeSession(), Answers(kept))
    assert again.answers.seen(lesson.key) == {0, 1, 4}
    again.enter(lesson)
    again.go(4)
    question = at_hand(again).question
    assert question is not None
    assert again.answer(question) == [3, 7]
    again.start_afresh()
    assert (again.lesson, again.index, again.answer(question)) == (lesson, 0, None)
    assert Answers(kept).seen(lesson.key) == {0}
    again.clear_answers()
    assert not Answers(kept).seen(lesson.key)


@pytest.mark.parametrize(
    ("question", "value"),
    [(1, -1), (1, 3), (1, True), (1, "0"), (3, []), (3, [[0, 1]]), (3, [[0, float("nan")]] * 2),
     (4, 5), (4, [1]), (4, [1, "2"])],
)  # fmt: skip
def test_no_answer_but_one_to_the_question_is_taken(
    tmp_path: Path, question: int, value: object
) -> None:
    controller = LessonController(FakeSession(), Answers())
    controller.enter(everything(tmp_path))
    controller.go(question)
    controller.commit(value)
    asked = at_hand(controller).question
    assert asked is not None
    assert controller.answer(asked) is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 2, "lessons": {}}', '{"version": 1}',
             '{"version": 1, "lessons": {"a": 3}}', "[" * 100_000],
)  # fmt: skip
def test_answers_that_cannot_be_read_stay_as_they_are(tmp_path: Path, text: str) -> None:
    kept = tmp_path / "answers.json"
    kept.write_text(text, encoding="utf-8")
    answers = Answers(kept)
    assert str(kept) in answers.problem
    answers.store("lora", "guess", 1)
    assert answers.answer("lora", "guess") == 1
    assert kept.read_text(encoding="utf-8") == text


def test_answers_that_cannot_be_kept_say_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answers = Answers(tmp_path / "file" / "answers.json")
    answers.store("lora", "guess", 1)
    assert "cannot be kept" in answers.problem
    assert answers.answer("lora", "guess") == 1


def test_an_edited_lesson_keeps_what_still_fits(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    controller = LessonController(session, Answers())
    controller.enter(everything(tmp_path))
    controller.go(1)
    controller.run("low")
    made(qtbot, controller, "low")
    controller.reload(everything(tmp_path, ("An idea", "A thought")))
    assert controller.index == 1 and "low" in controller.results
    controller.reload(everything(tmp_path, ("steps = 20", "steps = 21")))
    assert not controller.results


def test_something_can_be_tried_beside_a_lesson(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    controller = LessonController(session, Answers())
    lesson = everything(tmp_path)
    controller.enter(lesson)
    with qtbot.waitSignal(controller.trial_finished, timeout=PATIENCE) as trial_finished:
        controller.run_trial("mine", {"strategy": "bitfit"})
        session.playback.set_speed(0.0)
    name, result = trial_finished.args
    assert (name, result.frame.settings.strategy, result.measure("steps")) == (
        "mine",
        "bitfit",
        300,
    )
    assert controller.lesson is lesson and not controller.results


def test_two_windows_keep_what_both_were_told(tmp_path: Path) -> None:
    kept = tmp_path / "answers.json"
    one, other = Answers(kept), Answers(kept)
    one.store("lora", "guess", 1)
    other.store("full", "guess", 2)
    other.mark_seen("lora", 3)
    one.mark_seen("lora", 0)
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
    answers.store("lora", "guess", 1)
    assert kept.read_text(encoding="utf-8") == newer
    assert "version" in answers.problem
    assert answers.answer("lora", "guess") == 1


def test_on_a_full_disk_what_was_kept_stays_and_later_all_is_well(tmp_path: Path) -> None:
    kept = tmp_path / "answers.json"
    answers = Answers(kept)
    answers.store("lora", "guess", 1)
    before = kept.read_bytes()
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, hard))
    try:
        answers.store("lora", "place", [[step, 0.5] for step in range(1000)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "cannot be kept" in answers.problem
    assert kept.read_bytes() == before
    answers.store("lora", "other", 2)
    assert answers.problem == ""
    assert Answers(kept).answer("lora", "other") == 2


def test_no_notice_answers_an_open_question(qtbot: QtBot, tmp_path: Path) -> None:
    session = FakeSession()
    controller = LessonController(session, Answers())
    controller.enter(everything(tmp_path))
    session.notices.add_notes(session.state.run or 0, ("It falls.",))
    assert session.state.notice is not None
    controller.go(6)
    assert session.state.notice is None
    session.notices.add_notes(session.state.run or 0, ("It falls.",))
    assert session.state.notice is None
    session.notices.report_error("Something went wrong.")
    assert session.state.notice is not None, "an error is told at any time"
    controller.commit(1)
    session.notices.add_notes(session.state.run or 0, ("It falls.",))
    assert session.state.notice.text == "It falls."


def test_a_run_with_the_readers_settings_begins_with_these(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    own = '## A quiz\n```toml\n[[run]]\nname = "own"\nsteps = 5\nkeep_settings = true\n'
    controller = LessonController(session, Answers())
    controller.enter(everything(tmp_path, ("## A quiz\n```toml\n", own)))
    controller.go(6)
    session.editor.update(rank=7)
    controller.run("own")
    made(qtbot, controller, "own")
    assert controller.results["own"].frame.settings.rank == 7
    controller.run("own")
    qtbot.waitUntil(lambda: len(controller.runner.own_results["own"]) == 2, timeout=PATIENCE)


def test_runs_are_kept_until_the_seed_changes_and_ringed_only_where_they_are_shown(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    controller = LessonController(session, Answers())
    controller.enter(everything(tmp_path, ('page = "curves"', 'highlight = ["losses"]')))
    lesson = controller.lesson
    assert lesson is not None
    controller.go(1)
    controller.run("low", "full")
    made(qtbot, controller, "full")
    controller.go(2)
    assert card_highlight(controller, session.state.frame) == ("losses",)
    controller.go(3)
    qtbot.waitUntil(lambda: controller.results["full"].frame.run < frame_run(session))
    controller.go(2)
    assert card_highlight(controller, session.state.frame) == (), "another run is on the stage"
    controller.begin_presenting()
    assert not controller.results
    controller.end_presenting()
    assert set(controller.results) == {"low", "full"}
    controller.leave()
    controller.enter(lesson)
    assert set(controller.results) == {"low", "full"}
    controller.leave()
    session.editor.update(seed=9)
    controller.enter(lesson)
    assert not controller.results, "with this seed they would end otherwise"


def frame_run(session: Session) -> int:
    return 0 if session.state.frame is None else session.state.frame.run


def test_play_waits_for_the_answer_of_a_prediction(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    controller = LessonController(session, Answers())
    controller.enter(everything(tmp_path))
    session.playback.toggle_play()
    assert session.state.playing, "the card asks nothing"
    session.playback.toggle_play()
    controller.go(1)
    assert choice_of(controller) and controller.awaits_answer
    with qtbot.waitSignal(session.playback.held_back):
        session.playback.toggle_play()
    assert not session.state.playing
    controller.begin_presenting()
    assert not controller.awaits_answer, "a room answers aloud"
    controller.end_presenting()
    assert controller.awaits_answer
    controller.commit(0)
    session.playback.toggle_play()
    assert session.state.playing
    session.playback.toggle_play()
    controller.leave()
    assert not controller.awaits_answer
