"""The session: what a user does becomes commands, what arrives becomes plain words."""

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

import gui.state.settings_editor
from engine.protocol.messages import (
    Applied,
    Arrived,
    Catalogue,
    Checkpoint,
    Configure,
    Diverged,
    DrawSample,
    EngineDied,
    Failed,
    Frame,
    FrameOptions,
    GoBack,
    NameBranch,
    PartRequest,
    Reached,
    Refused,
    Report,
    Resume,
    SetSpeed,
    SetViews,
    ShowSample,
    StoppedEarly,
)
from engine.protocol.settings import RESTARTS, Settings
from gui.session import FRAME_MILLISECONDS
from gui.state.engine_link import ASK_TICKS, SILENT_TICKS
from gui.state.notices import ALL_FROZEN, STARTING, Notice, refused
from tests.gui.shell_frames import FakeSession, catalogue, frame, layer


def catalogue_with(strategy: str, defaults: dict[str, Any]) -> Catalogue:
    """One strategy that brings settings."""
    info = replace(catalogue().strategies[0], name=strategy, defaults=defaults)
    return replace(catalogue(), strategies=(info,))


def test_a_drag_is_one_change_to_undo(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="lora", rank=4))
    for rank in range(5, 20):
        session.editor.update(rank=rank)
    session.editor.update(learning_rate=0.1)
    session.undo_stack.undo()
    assert (session.state.settings.rank, session.state.settings.learning_rate) == (19, 3e-3)
    session.undo_stack.undo()
    assert session.state.settings.rank == 4
    session.undo_stack.undo()
    assert session.state.settings.rank == 4


def test_a_drag_that_comes_back_can_be_undone(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="lora", rank=4))
    for rank in (3, 2, 3, 4):  # ΔW was cut on the way
        session.editor.update(rank=rank)
    assert session.undo_stack.undo_text == "r 4 → 3 (α follows)"


def test_a_change_between_others_is_no_part_of_a_drag(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="lora", rank=4))
    with session.undo_stack.quiet():
        session.editor.update(rank=6)
    session.editor.update(rank=8)
    session.undo_stack.undo()
    assert session.state.settings.rank == 6
    session.editor.update(rank=9)
    session.playback.reset()
    session.editor.update(rank=10)
    session.undo_stack.undo()
    assert session.state.settings.rank == 9


def test_two_changes_of_one_field_apart_are_two(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = FakeSession(Settings(strategy="lora", rank=4))
    now = 100.0
    monkeypatch.setattr(gui.state.settings_editor.time, "monotonic", lambda: now)
    session.editor.update(rank=8)
    now += 5
    session.editor.update(rank=12)
    session.undo_stack.undo()
    assert session.state.settings.rank == 8


def test_a_strategy_brings_its_settings_and_takes_them_away_again(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="full", frozen=("layer1",)))
    session.editor.choose_strategy("weight_update")
    assert session.state.settings.optimizer == "sgd"
    assert session.state.settings.learning_rate == 0.1
    assert session.state.settings.frozen is None
    session.editor.choose_strategy("full")
    assert session.state.settings == Settings(strategy="full")


def test_settings_that_do_not_go_with_what_was_given_are_refused(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="probe_then_finetune"), ready=False)
    session.editor.update(schedule="linear", total_steps=100)
    given, told = session.state.settings, []
    session.state.notice_changed.connect(told.append)
    session.feed(catalogue_with("probe_then_finetune", {"stage_steps": 200}))
    assert session.state.settings == given
    assert [(notice.kind, "Steps per stage" in notice.text) for notice in told] == [
        ("warning", True)
    ]


def test_an_undo_keeps_what_the_strategy_brought_at_the_start(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="lora_plus"), ready=False)
    session.editor.update(batch_size=16)
    session.feed(catalogue_with("lora_plus", {"learning_rate": 1e-3}))
    session.undo_stack.undo()
    assert session.state.settings.learning_rate == 1e-3


def test_what_the_user_set_stays_when_the_strategy_changes(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="full"))
    session.editor.choose_strategy("weight_update")
    session.editor.update(learning_rate=0.5)
    session.editor.choose_strategy("full")
    assert (session.state.settings.learning_rate, session.state.settings.optimizer) == (0.5, "adam")


def test_locks_are_the_strategys_until_the_user_turns_one(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="freeze"))
    assert session.state.frozen_blocks() == ("layer1", "layer2")
    session.editor.freeze("layer1", False)
    assert session.state.settings.frozen == ("layer2",)
    session.editor.freeze("head", True)
    assert session.state.settings.frozen == ("head", "layer2")


def test_a_refusal_goes_when_a_change_is_accepted(qtbot: QtBot) -> None:
    session = FakeSession()
    assert not session.editor.update(rank=40)
    assert session.state.notice is not None
    assert session.editor.update(rank=8)
    assert session.state.notice is None
    assert not session.editor.update(rank=40)
    session.notices.report_error("Something else.")
    assert session.editor.update(rank=4)
    assert session.state.notice == Notice("Something else.", "error")


def test_a_refused_value_is_said_in_words_and_changes_nothing(qtbot: QtBot) -> None:
    session = FakeSession()
    before = session.state.settings
    assert not session.editor.update(learning_rate=-1.0)
    assert session.state.settings == before
    assert session.state.notice is not None
    assert session.state.notice.text.startswith("Learning rate: -1.0 is not allowed; it must be")


def test_divergence_offers_the_last_good_step(qtbot: QtBot) -> None:
    session = FakeSession()
    session.playback.play()
    session.feed(frame(7))
    session.editor.update(learning_rate=0.851)
    session.apply(7)
    session.feed(Diverged(1, 9, 7, 0.851))
    assert not session.state.playing
    assert session.state.notice is not None
    assert session.state.notice.action == "Back to step 7, η = 0.003"
    sent = len(session.fake_host.sent)
    session.act_on_notice()
    assert session.state.settings.learning_rate == 0.003
    assert session.fake_host.sent[sent:] == [GoBack(), Configure(session.state.settings)]
    assert session.state.notice is None


def test_a_rate_that_was_lowered_already_stays_on_the_way_back(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(frame(7), Diverged(1, 9, 7, 0.003))
    session.editor.update(learning_rate=1e-5)
    session.act_on_notice()
    assert session.last_sent == GoBack()
    assert session.state.settings.learning_rate == 1e-5


def test_a_failure_is_told_without_its_traceback(qtbot: QtBot) -> None:
    session = FakeSession()
    session.playback.play()
    session.feed(Failed("out of memory", "Traceback (most recent call last): …", 1, 1234))
    assert not session.state.playing
    assert session.state.notice is not None
    assert "out of memory" in session.state.notice.text
    assert "Traceback" not in session.state.notice.text
    assert session.state.notice.action == "Go back to step 1,234"


def test_a_dead_engine_is_started_again_from_the_last_checkpoint(qtbot: QtBot) -> None:
    session = FakeSession()
    session.playback.set_speed(5)
    checkpoint = Checkpoint(1, 640, {})
    session.feed(checkpoint, EngineDied(-9))
    assert session.state.notice is not None
    assert session.state.notice.action == "Continue from step 640"
    session.fake_host.alive = False
    session.act_on_notice()
    assert session.fake_host.sent[-3:] == [SetSpeed(5), ShowSample(0), Resume(checkpoint)]


def test_a_new_engine_is_told_what_is_being_looked_at(qtbot: QtBot) -> None:
    session = FakeSession()
    session.view_requests.set_options(truncation_rank=3)
    session.view_requests.set_options(merges=True)
    session.view_requests.set_options(merges=True)
    assert session.fake_host.sent[-2:] == [
        FrameOptions(truncation_rank=3),
        FrameOptions(truncation_rank=3, merges=True),
    ]
    session.feed(EngineDied(-9))
    session.fake_host.alive = False
    session.act_on_notice()
    assert session.fake_host.sent[-3:] == [
        SetSpeed(0.0), ShowSample(0), FrameOptions(truncation_rank=3, merges=True),
    ]  # fmt: skip
    session.view_requests.set_options(truncation_rank=0)
    assert session.last_sent == FrameOptions(merges=True)


def test_a_new_engine_is_told_of_the_drawing_where_one_can_draw(qtbot: QtBot) -> None:
    session = FakeSession()
    picture = np.full((8, 8), 0.5, np.float32)
    session.view_requests.draw_sample(picture)
    assert session.view_requests.drawing is picture
    session.feed(EngineDied(-9))
    session.fake_host.alive = False
    session.act_on_notice()
    told = session.fake_host.sent[-3:]
    assert told[:2] == [SetSpeed(0.0), ShowSample(0)]
    assert isinstance(told[2], DrawSample) and told[2].picture is picture
    plain = catalogue()
    tumours = replace(plain.tasks[0], no_drawing="no picture")
    session.feed(Catalogue(plain.strategies, (tumours,)), EngineDied(-9))
    session.fake_host.alive = False
    session.act_on_notice()
    assert session.fake_host.sent[-1] == ShowSample(0)
    session.feed(plain, EngineDied(-9))
    session.view_requests.show_sample(4)
    assert session.view_requests.drawing is None
    session.fake_host.alive = False
    session.act_on_notice()
    assert session.fake_host.sent[-1] == ShowSample(4)


def test_parts_of_large_layers_are_asked_for_once_a_repaint(qtbot: QtBot) -> None:
    session = FakeSession()
    first, second = (
        PartRequest("layer1", 0, 0, 768, 768, 192),
        PartRequest("layer1", 0, 0, 384, 384, 192),
    )
    sent = len(session.fake_host.sent)
    session.view_requests.set_views((first,))
    session.view_requests.set_views((second,))
    assert len(session.fake_host.sent) == sent
    session.feed(frame(3))
    assert session.fake_host.sent[sent:] == [SetViews((second,))]
    session.view_requests.set_views((second,))
    session.feed(frame(4))
    assert len(session.fake_host.sent) == sent + 1
    session.view_requests.set_views((first,))
    session.feed(EngineDied(-9))
    session.fake_host.alive = False
    session.act_on_notice()
    session.feed(frame(5))
    assert session.fake_host.sent.count(SetViews((first,))) == 2  # the new engine is told as well
    assert session.last_sent == SetViews((first,))


def test_before_the_engine_is_ready_nothing_is_asked_of_it(qtbot: QtBot) -> None:
    session = FakeSession(ready=False)
    session.view_requests.set_views((PartRequest("layer1", 0, 0, 768, 768, 192),))
    session.feed(frame(1))
    assert session.fake_host.sent == []
    session.feed(catalogue())
    assert SetViews((PartRequest("layer1", 0, 0, 768, 768, 192),)) in session.fake_host.sent


def test_without_an_engine_play_says_how_to_get_one(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(EngineDied(1))
    session.fake_host.alive = False
    for verb in (session.playback.play, session.playback.step, session.playback.reset):
        session.notices.dismiss()
        verb()
        assert not session.state.playing
        assert session.state.notice is not None
        assert session.state.notice.action == "Start it again"


def test_a_checkpoint_of_another_run_is_not_offered(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(frame(640), Checkpoint(1, 640, {}), frame(0, run=2), EngineDied(-9))
    assert session.state.notice is not None
    assert session.state.notice.action == "Start it again"


def test_what_was_said_of_one_run_is_not_said_of_the_next(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(frame(9), Diverged(1, 9, 7, 1e30))
    session.feed(frame(0, run=2))
    assert session.state.notice is None


def test_a_refusal_of_the_engine_is_shown(qtbot: QtBot) -> None:
    session = FakeSession()
    before = frame(5).settings
    session.feed(frame(5))
    session.editor.update(frozen=("x",))
    session.playback.play()
    session.feed(Refused("frozen: 'x' is not allowed", before, True))
    assert session.state.settings == before
    assert session.state.playing
    assert session.state.notice == Notice("Frozen: 'x' is not allowed.", "warning")


def test_early_stopping_pauses_and_says_where_it_went_back_to(qtbot: QtBot) -> None:
    session = FakeSession()
    session.playback.play()
    session.feed(frame(170, playing=True), StoppedEarly(1, 170, 120, 0.41234), frame(120))
    assert not session.state.playing
    assert session.state.notice == Notice(
        "The validation loss has not fallen since step 120 (0.412): stopped at step 170 and went "
        "back to step 120. To continue, raise the patience or turn early stopping off."
    )


def run_out(step: int, **changes: Any) -> Frame:
    settings = Settings(strategy="lora", schedule="linear", total_steps=1000)
    values = {"settings": settings, "playing": True, "learning_rate": 0.0} | changes
    return frame(step, **values)


def test_a_rate_that_has_come_down_to_zero_is_told_once(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(run_out(999, learning_rate=3e-6))
    assert session.state.notice is None
    session.feed(run_out(1000))
    assert session.state.notice is not None
    assert "planned for 1,000 steps" in session.state.notice.text
    assert session.state.notice.kind == "info"
    session.notices.dismiss()
    session.feed(run_out(1001))
    assert session.state.notice is None
    session.feed(run_out(1002, learning_rate=1e-3), run_out(2000))
    assert session.state.notice is not None
    session.feed(run_out(2001, learning_rate=1e-3))
    assert session.state.notice is None


@pytest.mark.parametrize("changes", [{"playing": False}, {"learning_rate": None}])
def test_a_rate_of_zero_is_told_only_while_it_matters(
    qtbot: QtBot, changes: dict[str, object]
) -> None:
    session = FakeSession()
    session.feed(run_out(1000, **changes), run_out(0))  # a warm-up begins at zero as well
    assert session.state.notice is None


def test_a_standstill_waits_until_what_is_more_urgent_was_read(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(frame(9), Diverged(1, 9, 7, 1e30), run_out(1000))
    assert session.state.notice is not None and "diverged" in session.state.notice.text
    session.notices.dismiss()
    session.feed(run_out(1001))
    assert session.state.notice is not None and "zero" in session.state.notice.text
    session.feed(run_out(0, run=2, learning_rate=1e-3), run_out(1000, run=2))
    assert session.state.notice is not None and "zero" in session.state.notice.text


@pytest.mark.parametrize(
    ("settings", "change", "words"),
    [
        ({}, {"label_noise": 0.95}, "Label noise: 0.95 is not allowed; it must be a finite number "
         "of at least 0 and at most 0.9."),
        ({}, {"penalty": -1.0}, "Penalty λ: -1.0 is not allowed; it must be a finite number of at "
         "least 0 and at most 1,000,000."),
        ({}, {"train_samples": 0}, "Training samples: 0 is not allowed; it must be a whole number "
         "from 1 to 100,000."),
        ({"total_steps": None}, {"schedule": "cosine"}, "Total steps T: it cannot be left open; it "
         "must be a step budget for the cosine rate."),
        ({"schedule": "linear"}, {"warmup_steps": 500}, "Warm-up steps: 500 is not allowed; it "
         "must be below total steps T, 300."),
        ({"train_samples": 1}, {"batch_norm": True}, "Training samples: 1 is not allowed; it must "
         "be at least 2 with BatchNorm: it needs a variance."),
    ],
)  # fmt: skip
def test_refusals_read_well(
    qtbot: QtBot, settings: dict[str, Any], change: dict[str, Any], words: str
) -> None:
    session = FakeSession(Settings(**settings))
    assert not session.editor.update(**change)
    assert session.state.notice == Notice(words, "warning")


def test_what_is_no_field_keeps_its_words(qtbot: QtBot) -> None:
    assert refused("the file data.npz: it is damaged").text == "the file data.npz: it is damaged."


def test_what_restarts_depends_on_the_strategy(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="lora"))
    assert session.state.restarting_fields() == RESTARTS
    offered = catalogue()
    strategies = tuple(replace(info, restarts=("rank",)) for info in offered.strategies)
    session.feed(Catalogue(strategies, offered.tasks))
    assert session.state.restarting_fields() == RESTARTS | {"rank"}


def test_everything_frozen_is_said_while_it_is_so(qtbot: QtBot) -> None:
    session = FakeSession()
    frozen = replace(frame(3), trainable_parameters=0, layers=(layer("layer1"),))
    session.feed(frozen)
    assert session.state.notice == ALL_FROZEN
    session.feed(frame(4))
    assert session.state.notice is None
    session.feed(Applied(1, 4, session.state.settings, ("The branches are gone.",)), frozen)
    assert session.state.notice == ALL_FROZEN  # of what is no news this matters more


def test_what_a_change_was_noted_to_do_is_not_said_elsewhere(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(frame(5))
    session.feed(Applied(1, 5, session.state.settings, ("ΔW is kept.",)))
    assert session.state.notice == Notice("ΔW is kept.")
    session.feed(Arrived(1, 0, 2, session.state.settings, ()))
    assert session.state.notice is None
    session.feed(Arrived(1, 0, 3, session.state.settings, ("As near as it gets.",)))
    assert session.state.notice == Notice("As near as it gets.")
    session.feed(Diverged(1, 4, 3, 1e30), Arrived(1, 0, 3, session.state.settings, ()))
    assert session.state.notice is not None and "diverged" in session.state.notice.text


def test_one_drag_of_the_rank_is_one_note_which_goes(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="lora", rank=4))
    session.feed(replace(frame(5), settings=session.state.settings))
    for step, (old, new) in enumerate(((4, 6), (6, 8)), start=5):
        settings = session.state.settings.replace(rank=new)
        session.feed(Applied(1, step, settings, (f"Rank {old} → {new}: ΔW is kept.",)))
    assert session.state.notice == Notice("Rank 4 → 8: ΔW is kept.")
    session.notices.lifetime.setInterval(0)
    session.notices.add_notes(1, ("ΔW is kept.",))
    qtbot.waitUntil(lambda: session.state.notice is None)
    session.notices.refuse("rank: it is too high")  # what went wrong stays
    session.notices.remove_change_note()
    assert session.state.notice is not None


def test_only_the_difference_is_sent(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="lora", rank=4))
    sent = len(session.fake_host.sent)
    session.editor.update(rank=4)
    assert len(session.fake_host.sent) == sent
    session.editor.update(rank=5)
    assert session.last_sent == Configure(Settings(strategy="lora", rank=5))


def _tick(session: FakeSession, count: int) -> None:
    for _ in range(count):
        session.poll()


def test_an_engine_that_does_not_answer_is_said_to_until_it_does(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(frame(5))
    _tick(session, 1000)
    assert session.state.notice is None
    session.fake_host.answers = False
    _tick(session, SILENT_TICKS - ASK_TICKS - 1)
    assert session.state.notice is None
    _tick(session, ASK_TICKS + 2)
    assert session.state.notice is not None
    assert session.state.notice.kind == "info"
    assert session.state.notice.action == "Start it again"
    session.fake_host.answers = True
    _tick(session, 2)
    assert session.state.notice is None


def test_silence_is_told_once_and_hides_nothing_urgent(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(frame(5), Applied(1, 5, session.state.settings, ("ΔW is kept.",)))
    session.fake_host.answers = False
    _tick(session, SILENT_TICKS + ASK_TICKS)
    assert session.state.notice is not None and "has not answered" in session.state.notice.text
    session.notices.dismiss()
    _tick(session, 1000)
    assert session.state.notice is None
    session.feed(frame(6), Diverged(1, 9, 7, 1e30))
    _tick(session, 1000)
    assert session.state.notice is not None and "diverged" in session.state.notice.text


def test_an_engine_that_starts_or_has_died_owes_no_answer(qtbot: QtBot) -> None:
    session = FakeSession()
    session.fake_host.answers = False
    _tick(session, 1000)
    assert session.state.notice is None
    session.feed(frame(5), EngineDied(-9))
    session.notices.dismiss()
    _tick(session, 1000)
    assert session.state.notice is None


def test_an_engine_that_hangs_is_ended_and_a_new_one_goes_on(qtbot: QtBot) -> None:
    session = FakeSession()
    session.playback.play()
    checkpoint = Checkpoint(1, 640, {})
    session.feed(frame(640, playing=True), checkpoint)
    session.fake_host.answers = False
    _tick(session, SILENT_TICKS + ASK_TICKS)
    assert session.state.notice is not None
    assert session.state.notice.action == "Continue from step 640"
    session.act_on_notice()
    assert session.fake_host.sent[-1] == Resume(checkpoint)
    assert session.fake_host.ended == 1
    assert not session.state.playing
    _tick(session, 1000)
    assert session.state.notice == STARTING


def test_a_note_of_a_run_that_is_not_shown_yet_is_said_when_it_is(qtbot: QtBot) -> None:
    """The frame that brings the new run would else wipe away what was said of it."""
    session = FakeSession()
    session.feed(frame(5))
    shown = session.state.frame
    assert shown is not None
    session.feed(
        None, Applied(shown.run + 1, 0, session.state.settings, ("The branches are gone.",))
    )
    assert session.state.notice is None
    session.feed(replace(frame(0), run=shown.run + 1))
    assert session.state.notice == Notice("The branches are gone.")
    session.feed(replace(frame(0), run=shown.run + 2))
    assert session.state.notice is None


@pytest.mark.parametrize(
    "late", [Diverged(1, 9, 7, 1e30), StoppedEarly(1, 9, 5, 0.4), Reached(1, 9)]
)
def test_the_end_of_an_old_run_does_not_stop_the_new_one(qtbot: QtBot, late: Report) -> None:
    session = FakeSession()
    session.feed(frame(8, playing=True))
    number = session.playback.reset()
    session.playback.play()
    heard = []
    session.state.training_ended.connect(heard.append)
    session.feed(replace(late, command=1))
    session.feed(frame(0, run=number), late)
    assert session.state.playing
    assert session.state.notice is None
    assert not heard
    session.feed(replace(late, run=number))
    assert not session.state.playing
    assert len(heard) == 1


def test_an_older_refusal_does_not_play_on_what_was_paused(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(frame(8))
    session.playback.play()
    session.navigation.name_branch(5, "x")
    session.playback.pause()
    late = session.number_of(NameBranch)
    session.feed(Refused("This branch was dropped", session.state.settings, True, command=late))
    assert not session.state.playing
    assert session.state.notice is not None


def test_a_new_engine_is_told_a_number_that_no_other_had(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(frame(8))
    session.playback.step()
    session.feed(Checkpoint(1, 8, {}), EngineDied(-9))
    session.fake_host.alive = False
    newest = max(command.number for command in session.fake_host.sent)
    session.act_on_notice()
    numbers = [command.number for command in session.fake_host.sent]
    assert session.fake_host.started_as > newest
    assert numbers == sorted(set(numbers))
    assert numbers[-1] > session.fake_host.started_as


def test_a_late_frame_is_taken_when_it_arrives(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(frame(3))
    qtbot.wait(2 * FRAME_MILLISECONDS)
    session.fake_host.frame = frame(4)
    session.fake_host.on_frame()
    assert session.state.frame is not None and session.state.frame.step == 3  # nobody polls
    session.set_polling(True)
    session.fake_host.on_frame()
    assert session.state.frame.step == 4
