"""The timeline: which step is shown, whether that is now, and the ways to another."""

import gc
import weakref
from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from engine.protocol.messages import (
    Applied,
    Arrived,
    Configure,
    EngineDied,
    Failed,
    Frame,
    GoTo,
    Pause,
    Play,
    Refused,
    Step,
    Thinned,
)
from engine.protocol.settings import Settings
from gui.controls.figures import Readouts
from gui.controls.transport import Transport
from gui.theme import Scheme, appearance
from gui.timeline.bar import TimelineBar
from gui.timeline.lane_lines import LaneLines
from gui.timeline.slider import MARGIN_PIXELS, StepAxis
from tests.gui.shell_frames import FakeSession, catalogue, frame

LORA = Settings(strategy="lora")
FASTER = LORA.replace(learning_rate=0.01)


def opened(qtbot: QtBot, session: FakeSession) -> TimelineBar:
    bar = TimelineBar(session)
    bar.resize(806, bar.sizeHint().height())
    session.show(qtbot, bar)
    return bar


def at(step: int, tip: int = 400, **changes: object) -> Frame:
    return frame(step, tip=tip, **changes)


def button(bar: TimelineBar, name: str) -> QAbstractButton:
    found = bar.findChild(QAbstractButton, name)
    assert found is not None
    return found


def commands(session: FakeSession, kind: type) -> list:
    return [command for command in session.fake_host.sent if isinstance(command, kind)]


def arrive(
    session: FakeSession, step: int, tip: int = 400, settings: Settings = LORA, command: int = 0
) -> None:
    """As if the engine had gone there. Args: command: that it knows of; 0: of all."""
    session.feed(
        Arrived(1, 0, step, settings, command=command),
        at(step, tip, settings=settings, command=command),
    )


# ---------------------------------------------------------------- what it says


def test_it_always_says_which_step_and_whether_that_is_now(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    assert bar.position.text() == "Step 0 · now"
    session.feed(at(4310, 4310))
    assert bar.position.text() == "Step 4,310 · now"
    session.feed(at(120, 4310))
    assert bar.position.text() == "Step 120 of 4,310 · the past"
    assert bar.position.accessibleName() == bar.position.text()
    session.feed(frame(0, run=2))
    assert bar.position.text() == "Step 0 · now"


def test_the_past_looks_different_without_any_colour(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(at(400), at(200))
    past = bar.grab().toImage()
    session.feed(at(400))
    now = bar.grab().toImage()
    track = bar.track.geometry()
    middle = bar.track.mapTo(bar, QPoint(0, bar.track.height() // 2)).y()
    beyond = range(track.left() + track.width() * 6 // 10, track.right() - 30)
    hatching = {past.pixelColor(x, middle).lightness() for x in beyond}
    solid = {now.pixelColor(x, middle).lightness() for x in beyond}
    assert (len(solid), len(hatching) > 1) == (1, True)
    ground = [image.pixelColor(2, 2).name() for image in (past, now)]
    assert ground[0] == appearance.theme.accent != ground[1]


def test_the_words_keep_their_place_while_it_trains(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(at(100, 100))
    place = bar.position.geometry()
    for step in (200, 555, 999):
        session.feed(at(step, step))
    session.feed(at(1, 999))
    assert bar.position.geometry() == place
    assert bar.position.width() >= bar.position.fontMetrics().horizontalAdvance(bar.position.text())


def test_the_bar_at_the_top_agrees(qtbot: QtBot) -> None:
    session = FakeSession()
    top = Transport(session)
    session.show(qtbot, top)
    play = top.findChild(QToolButton, "playButton")
    session.feed(at(400))
    assert play.accessibleName() == "Continue"
    session.feed(at(120))
    texts = [label.text() for label in top.findChildren(QLabel)]
    assert "step 120" in texts
    assert "paused in the past" in texts
    assert play.accessibleName() == "Play"
    assert play.toolTip() == "Train from step 120, and pause at step 300 (Space)"
    session.playback.play()
    session.feed(at(121, playing=True))
    assert play.accessibleName() == "Pause"
    session.feed(at(401, 401, playing=True))
    session.playback.pause()
    session.feed(at(402, 402))
    assert play.accessibleName() == "Continue"


def test_a_tick_tells_what_changed(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(at(120, 120))
    session.editor.update(learning_rate=0.01)
    session.feed(Applied(1, 120, session.state.settings), at(400, settings=FASTER))
    scale = StepAxis(0, 400, bar.track.width())
    assert bar.track.tip_at(scale.x(120)) == "step 120: η 0.003 → 0.01"
    assert bar.track.tip_at(scale.x(120) + 30).startswith("step 1")
    assert bar.track.tip_at(10_000) == "step 400"
    bare = bar.track.grab().toImage()
    session.state.change_log.begin(LORA)
    session.feed(at(399))
    session.feed(at(400))
    assert bar.track.grab().toImage() != bare


# ---------------------------------------------------------------- ways to another step


def test_what_follows_the_run_asks_for_nothing(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    for step in range(0, 500, 7):
        session.feed(at(step, step))
    session.feed(at(20, 497))
    assert commands(session, GoTo) == []
    assert (bar.track.minimum(), bar.track.value(), bar.track.maximum()) == (0, 20, 497)


def test_scrubbing_pauses_and_goes_there(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(at(400))
    session.playback.play()
    bar.track.setValue(120)
    assert session.last_sent == GoTo(120)
    assert not session.state.playing
    assert bar.position.text() == "Step 400 · now"  # until the stage shows another
    arrive(session, 120)
    assert bar.position.text() == "Step 120 of 400 · the past"


def test_a_click_on_the_track_goes_to_the_step_under_it_and_a_drag_goes_on(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(at(400))
    scale, left = StepAxis(0, 400, bar.track.width()), Qt.MouseButton.LeftButton
    places = [QPoint(scale.x(step), bar.track.height() // 2) for step in (100, 200, 300)]
    qtbot.mousePress(bar.track, left, pos=places[0])
    assert session.last_sent == GoTo(scale.step_at(places[0].x()))
    arrive(session, session.last_sent.step)
    for place in places[1:]:
        qtbot.mouseMove(bar.track, place)
        if bar.track.value() < 200:  # offscreen a move without a button may not arrive
            bar.track.setSliderPosition(scale.step_at(place.x()))
    qtbot.mouseRelease(bar.track, left, pos=places[2])
    arrive(session, 200)
    assert abs(session.last_sent.step - 300) <= 2
    assert abs(bar.track.value() - 300) <= 2  # not where the run still is


def test_a_drag_piles_nothing_up(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(at(400))
    for step in range(300, 100, -1):
        bar.track.setValue(step)
    assert commands(session, GoTo) == [GoTo(300)]
    arrive(session, 300)
    assert commands(session, GoTo) == [GoTo(300), GoTo(101)]
    assert bar.track.value() == 101
    arrive(session, 101)
    assert commands(session, GoTo) == [GoTo(300), GoTo(101)]
    assert session.navigation.target is None


def test_a_change_is_meant_for_where_the_drag_has_come(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(at(400))
    for step in (300, 200, 101):
        bar.track.setValue(step)
    session.editor.update(learning_rate=0.01)
    assert session.fake_host.sent[-3:] == [GoTo(300), GoTo(101), Configure(FASTER)]
    arrive(session, 300, command=session.fake_host.sent[-3].number)
    assert session.navigation.target == GoTo(101)
    arrive(session, 101, command=session.number_of(GoTo))
    assert session.navigation.target is None
    assert bar.track.value() == 101
    assert len(commands(session, GoTo)) == 2


@pytest.mark.parametrize(
    ("key", "step"),
    [
        (Qt.Key.Key_Left, 199), (Qt.Key.Key_Right, 201), (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_End, 400), (Qt.Key.Key_PageUp, 240), (Qt.Key.Key_PageDown, 160),
    ],
)  # fmt: skip
def test_the_slider_has_its_keys(qtbot: QtBot, key: Qt.Key, step: int) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(at(200))
    qtbot.keyClick(bar.track, key)
    assert session.last_sent == GoTo(step)


def test_beyond_the_newest_step_the_arrow_is_left_to_the_window(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(at(400))
    seen: list[int] = []
    bar.keyPressEvent = lambda event: seen.append(event.key())  # type: ignore[method-assign]
    qtbot.keyClick(bar.track, Qt.Key.Key_Right)
    assert seen == [Qt.Key.Key_Right]
    assert commands(session, GoTo) == []


def test_the_wheel_scrubs(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(at(200))
    middle = QPointF(bar.track.rect().center())
    wheel = QWheelEvent(
        middle, bar.track.mapToGlobal(middle), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(bar.track, wheel)
    assert session.last_sent.step < 200


def test_step_back_step_on_and_now(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(at(2))
    for _ in range(4):
        qtbot.mouseClick(button(bar, "stepBackButton"), Qt.MouseButton.LeftButton)
    assert session.navigation.target == GoTo(0)
    arrive(session, 1)
    arrive(session, 0)
    assert not button(bar, "stepBackButton").isEnabled()
    assert button(bar, "stepOnButton").accessibleName() == "One step on"
    qtbot.mouseClick(button(bar, "stepOnButton"), Qt.MouseButton.LeftButton)
    assert session.last_sent == Step(1)
    qtbot.mouseClick(button(bar, "nowButton"), Qt.MouseButton.LeftButton)
    assert session.last_sent == GoTo(400)
    arrive(session, 400)
    assert not button(bar, "nowButton").isEnabled()


def test_before_the_engine_is_ready_there_is_no_other_step(qtbot: QtBot) -> None:
    session = FakeSession(ready=False)
    bar = opened(qtbot, session)
    names = ("stepBackButton", "stepOnButton", "nowButton")
    assert not any(button(bar, name).isEnabled() for name in names)
    assert not bar.track.isEnabled()
    session.feed(catalogue(), at(5))
    assert all(button(bar, name).isEnabled() for name in names)
    assert bar.track.isEnabled()


def test_play_goes_on_from_where_one_wanted_to_be(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(at(400))
    bar.track.setValue(100)
    bar.track.setValue(90)
    session.playback.play()
    assert session.fake_host.sent[-3:] == [GoTo(100), GoTo(90), Play()]
    assert session.navigation.target is None
    session.feed(Arrived(1, 0, 100, LORA), Arrived(1, 0, 90, LORA), at(91, playing=True))
    assert session.last_sent == Play()
    assert session.state.playing
    session.feed(at(92))
    assert bar.track.value() == 92


def test_a_refused_way_is_not_waited_for(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(at(400))
    bar.track.setValue(100)
    session.feed(Refused("This branch was dropped", LORA))
    assert session.navigation.target is None
    assert bar.track.value() == 400


@pytest.mark.parametrize(
    "end",
    [
        lambda session: session.feed(EngineDied(-9)),
        lambda session: session.feed(Failed("A tensor is missing", "…", 1, 100)),
        lambda session: session.feed(Refused("This branch was dropped", LORA)),
        lambda session: session.playback.play(),
        lambda session: session.playback.step(),
    ],
    ids=["died", "failed", "refused", "play", "step"],
)
def test_a_wish_that_is_gone_leaves_the_handle_at_the_step_that_is_shown(
    qtbot: QtBot, end: Callable[[FakeSession], None]
) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(at(400))
    bar.track.setValue(100)
    bar.track.setValue(90)
    assert bar.track.value() == 90
    end(session)
    assert session.navigation.target is None
    assert bar.track.value() == 400


def test_without_an_engine_the_handle_cannot_be_led_away(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(at(400))
    session.fake_host.alive = False
    bar.track.setValue(100)
    assert bar.track.value() == 400
    left, middle = Qt.MouseButton.LeftButton, bar.track.rect().center()
    qtbot.mousePress(bar.track, left, pos=middle)  # under the pointer until it is let go
    qtbot.mouseRelease(bar.track, left, pos=middle)
    assert bar.track.value() == 400
    assert commands(session, GoTo) == []


def test_a_drag_that_ends_where_the_run_stands_ends_there(qtbot: QtBot) -> None:
    """A way that was refused while the handle was held: no frame comes that would lead it back."""
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(at(400))
    left, middle = Qt.MouseButton.LeftButton, bar.track.rect().center()
    qtbot.mousePress(bar.track, left, pos=middle)
    session.feed(Refused("This branch was dropped", LORA))
    assert abs(bar.track.value() - 200) <= 2
    qtbot.mouseRelease(bar.track, left, pos=middle)
    assert bar.track.value() == 400


# ---------------------------------------------------------------- settings follow the place


def test_at_another_step_the_settings_are_those_of_it(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(at(400))
    session.editor.update(learning_rate=0.01)
    session.feed(Applied(1, 400, FASTER), at(500, 500, settings=FASTER))
    heard: list[Settings] = []
    session.state.settings_changed.connect(lambda _old, new: heard.append(new))
    session.navigation.go_to(300)
    sent = len(commands(session, Configure))
    arrive(session, 300, 500)
    assert session.state.settings == LORA
    assert heard == [LORA]
    assert len(commands(session, Configure)) == sent
    session.undo_stack.undo()  # what was undone would be a change at another step
    assert session.state.settings == LORA


@pytest.mark.parametrize("answer", ["applied", "refused"])
def test_a_change_that_waits_for_its_answer_is_not_taken_back(qtbot: QtBot, answer: str) -> None:
    session = FakeSession()
    session.feed(at(400))
    session.navigation.go_to(300)
    session.editor.update(learning_rate=0.01)
    arrive(session, 300, command=session.number_of(GoTo))
    assert session.state.settings == FASTER
    reports = {
        "applied": Applied(1, 300, FASTER),
        "refused": Refused("There are 6 branches", LORA),
    }
    session.feed(reports[answer])
    arrive(session, 200)
    assert session.state.settings == LORA


def test_a_change_outlives_the_refusal_of_something_older(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(at(400))
    session.navigation.go_to(300, 5)
    session.editor.update(learning_rate=0.01)
    session.feed(Refused("There is no such branch", LORA, command=session.number_of(GoTo)))
    assert session.state.settings == FASTER
    session.feed(Applied(1, 400, FASTER))
    assert session.state.settings == FASTER
    session.feed(at(400, settings=FASTER), Arrived(1, 0, 200, LORA))
    assert session.state.settings == LORA


def test_what_there_is_to_know_of_a_place_is_said(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(at(400), Arrived(1, 0, 0, LORA, ("The run begins anew.",)))
    assert session.state.notice is not None
    assert session.state.notice.text == "The run begins anew."


def test_settings_of_another_step_are_not_announced_as_a_change(qtbot: QtBot) -> None:
    session = FakeSession()
    readouts = Readouts(session)
    session.show(qtbot, readouts)
    session.feed(at(400))
    session.editor.update(learning_rate=0.01)
    session.feed(Applied(1, 400, FASTER), at(500, 500, settings=FASTER))
    assert readouts.change_text() == "η 0.003 → 0.01 from step 401"
    session.navigation.go_to(300)
    arrive(session, 300, 500)
    assert readouts.change_text() == ""
    session.editor.update(rank=9)
    assert readouts.change_text() == "r 4 → 9 (α follows) at the next step…"
    session.feed(Arrived(1, 0, 299, LORA, command=session.number_of(GoTo)))
    assert readouts.change_text() == "r 4 → 9 (α follows) at the next step…"


def test_a_branch_that_dissolves_takes_its_change_along(qtbot: QtBot) -> None:
    session = FakeSession()
    readouts = Readouts(session)
    session.show(qtbot, readouts)
    session.feed(at(300, 400))
    session.editor.update(learning_rate=0.01)
    session.feed(Applied(1, 300, FASTER, (), 1))
    assert readouts.change_text() == "η 0.003 → 0.01 from step 301"
    session.undo_stack.undo()
    session.feed(Applied(1, 300, LORA, (), 0))
    assert readouts.change_text() == ""


def test_equal_settings_do_not_end_the_waiting(qtbot: QtBot) -> None:
    """There and back again: what the engine has is what is wanted, and yet not the answer."""
    session = FakeSession()
    session.feed(at(400))
    session.editor.update(learning_rate=0.01)
    between = session.number_of(Configure)
    session.editor.update(learning_rate=LORA.learning_rate)
    session.feed(at(401, command=1), Applied(1, 401, FASTER, command=between))
    assert session.state.settings == LORA
    session.feed(Applied(1, 402, LORA))
    assert session.state.settings == LORA


def test_a_frame_from_before_a_seek_does_not_end_it(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(at(400))
    session.navigation.go_to(300)
    session.feed(at(300, command=1))  # the step that is wanted, and yet it trains on from there
    assert session.navigation.target == GoTo(300)
    session.feed(at(299))  # as near as it gets
    assert session.navigation.target is None


def test_thinner_memory_is_said(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(at(400), Thinned(1, 200, 256))
    assert session.state.notice is not None
    assert "every 200th" in session.state.notice.text
    assert "256 MB" in session.state.notice.text
    assert session.state.notice.kind == "info"
    session.notices.dismiss()
    session.feed(Thinned(2, 400, 256))  # of another run
    assert session.state.notice is None


def test_going_somewhere_without_an_engine_says_how_to_get_one(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(at(400))
    session.fake_host.alive = False
    session.navigation.go_to(10)
    assert session.navigation.target is None
    assert session.state.notice is not None
    assert session.state.notice.action == "Start it again"


# ---------------------------------------------------------------- at full speed


def test_at_full_speed_the_step_agrees_with_every_frame(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(at(1000, 1000, playing=True))
    for step in range(1001, 1101):  # no event is handled meanwhile, so no timer ends
        session.feed(at(step, step, playing=True))
        assert bar.position.text() == f"Step {step:,} · now"
    session.feed(at(1105, 1105, playing=True), at(1106, 1106))
    assert bar.position.text() == "Step 1,106 · now"  # a pause is told at once


def test_at_full_speed_every_step_that_was_seen_can_be_gone_to(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(at(1, 1, playing=True))
    for step in range(2, 151):
        session.feed(at(step, step, playing=True))
        assert (bar.track.value(), bar.track.maximum()) == (step, step)
    bar.track.setValue(100)
    assert session.last_sent == GoTo(100)


def test_a_step_that_moves_no_pixel_paints_no_track(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(at(100_000, 100_000))
    bar.track.grab()
    painted: list[int] = []
    bar.track.update = lambda: painted.append(1)  # type: ignore[method-assign]
    for step in range(100_001, 100_050):
        session.feed(at(step, step))
    assert painted == []
    session.feed(at(50_000, 100_050))
    assert painted


# ---------------------------------------------------------------- places, looks, an end


def test_a_scale_leads_there_and_back() -> None:
    for first, last, width in ((0, 400, 500), (120, 4310, 333), (0, 3, 900)):
        scale = StepAxis(first, last, width)
        assert (scale.x(first), scale.x(last)) == (MARGIN_PIXELS, width - MARGIN_PIXELS)
        assert (scale.step_at(-50), scale.step_at(9999)) == (first, last)
        for step in range(first, last + 1, 7):
            assert abs(scale.x(scale.step_at(scale.x(step))) - scale.x(step)) <= 1
    assert StepAxis(5, 5, 300).step_at(200) == 5


@pytest.mark.may_stall("another theme polishes every widget anew")
def test_every_theme_and_text_size_fits(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(at(1_234_567, 2_000_000))
    scheme = appearance.scheme
    try:
        for chosen in (Scheme.DARK, Scheme.LIGHT):
            appearance.set_scheme(chosen)
            for scale in (0.7, 1.0, 1.5):
                appearance.set_text_scale(scale)
                assert bar.minimumSizeHint().width() <= 806
                bar.grab()
    finally:
        appearance.set_text_scale(1.0)
        appearance.set_scheme(scheme)


def test_all_of_it_is_reached_by_tab_and_has_a_name(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(at(20))
    for control in (bar.track, *bar.findChildren(QAbstractButton)):
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control.objectName()
        assert control.accessibleName() or control.text(), control.objectName()
        assert control.toolTip() or control is bar.track


def test_it_dies_when_it_is_closed(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = TimelineBar(session)
    bar.show()
    session.feed(at(3))
    alive = [weakref.ref(bar), weakref.ref(bar.track)]
    bar.close()
    bar.deleteLater()
    del bar
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert [reference() for reference in alive] == [None, None]
    session.feed(at(4), Arrived(1, 0, 3, LORA))
    assert Pause() not in session.fake_host.sent


def test_its_lines_are_never_a_window_of_their_own(qtbot: QtBot) -> None:
    """Shown before they stand anywhere, they would take the keyboard."""
    lines = opened(qtbot, FakeSession()).findChild(LaneLines)
    assert lines is not None and not lines.isWindow()
