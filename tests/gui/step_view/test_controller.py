"""The way through the moments of a step: what is asked of the engine, and what is shown."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QApplication

from engine.protocol.messages import Frame, FrameOptions, GoTo, Pause, Play, Step
from gui.step_view.controller import TOO_LARGE, StepView
from gui.step_view.phases import (
    FIRST_PHASE,
    Phase,
    add_traced_factors,
    hidden_factors,
    phase_caption,
)
from tests import recordings
from tests.gui.frames import frame, session_of
from tests.gui.large_frames import Engine
from tests.gui.made_derivations import step_trace, with_trace
from tests.gui.shell_frames import FakeSession


def at(step: int, *, strategy: str = "full", tip: int | None = None, run: int = 1) -> Frame:
    """The frame of a step, looked into."""
    made = frame(strategy, step=step, run=run)
    return with_trace(replace(made, tip=step if tip is None else tip))


def opened(qapp: QApplication, step: int = 7) -> tuple[FakeSession, StepView]:
    session = session_of()
    session.feed(frame("full", step=step))
    step_view = StepView(session)
    step_view.enter()
    session.feed(at(step))
    session.fake_host.sent.clear()
    return session, step_view


def place(step_view: StepView) -> tuple[int, int, Phase]:
    """(step of the frame shown, step looked into, moment)."""
    assert step_view.shown is not None and not step_view.is_waiting
    shown, step, moment = step_view.shown
    return shown.step, step.step, moment


def sent(session: FakeSession) -> list[object]:
    """Commands that move the run, since the last time."""
    found = [c for c in session.fake_host.sent if isinstance(c, Step | GoTo | Play)]
    session.fake_host.sent.clear()
    return list(found)


def test_entering_pauses_and_asks_for_the_inside(qapp: QApplication) -> None:
    session = session_of()
    session.feed(frame("full", step=7))
    session.playback.play()
    step_view = StepView(session)
    step_view.enter()
    assert isinstance(session.fake_host.sent[-2], Pause)
    assert session.fake_host.sent[-1] == FrameOptions(step_trace=True)
    assert not session.state.playing
    assert step_view.active and step_view.is_waiting and step_view.shown is None
    session.feed(at(7))
    assert place(step_view) == (7, 8, Phase.FORWARD)


def test_a_step_that_was_under_way_is_not_taken_back(qapp: QApplication) -> None:
    session = session_of()
    session.feed(frame("full", step=7))
    step_view = StepView(session)
    step_view.enter()
    session.feed(frame("full", step=8))
    session.feed(at(8))
    assert place(step_view) == (8, 9, Phase.FORWARD)
    assert not sent(session)


def test_four_moments_need_no_engine_and_the_fifth_takes_the_step(qapp: QApplication) -> None:
    session, step_view = opened(qapp)
    for moment in (Phase.LOSS, Phase.GRADIENT, Phase.OPTIMIZER):
        step_view.next_phase()
        assert place(step_view) == (7, 8, moment)
    assert not sent(session)
    step_view.next_phase()
    assert sent(session) == [Step(1)]
    assert step_view.is_waiting
    step_view.next_phase()  # too early: nothing more is asked for
    assert not sent(session)
    session.feed(at(8))
    assert place(step_view) == (8, 8, Phase.TAKEN)
    step_view.next_phase()
    assert place(step_view) == (8, 9, Phase.FORWARD)
    assert not sent(session)


def test_back_from_the_fifth_goes_to_the_step_before(qapp: QApplication) -> None:
    session, step_view = opened(qapp)
    step_view.go_to_phase(Phase.TAKEN)
    session.feed(at(8))
    sent(session)
    step_view.previous_phase()
    assert sent(session) == [GoTo(7)]
    session.arrive(at(7, tip=8))
    assert place(step_view) == (7, 8, Phase.OPTIMIZER)
    step_view.next_phase()
    assert sent(session) == [GoTo(8)]  # it was taken before: no other branch comes of it


def test_back_from_the_first_looks_into_the_step_before(qapp: QApplication) -> None:
    session, step_view = opened(qapp)
    step_view.previous_phase()
    assert sent(session) == [GoTo(6)]
    assert step_view.shown is not None and step_view.shown[0].step == 7  # still
    session.arrive(frame("full", step=6))  # without its inside
    assert not sent(session)
    session.feed(at(6, tip=7))
    assert sent(session) == [GoTo(7)]
    session.arrive(at(7))
    assert place(step_view) == (7, 7, Phase.TAKEN)


def test_before_the_first_step_there_is_none(qapp: QApplication) -> None:
    session, step_view = opened(qapp, step=0)
    assert not step_view.can_go_back
    step_view.previous_phase()
    assert not sent(session)
    assert place(step_view) == (0, 1, Phase.FORWARD)


def test_going_elsewhere_by_other_means_looks_into_the_step_there(qapp: QApplication) -> None:
    session, step_view = opened(qapp)
    step_view.next_phase()
    session.feed(at(3, tip=8))
    assert place(step_view) == (3, 4, Phase.FORWARD)
    assert not sent(session)
    session.feed(at(0, run=2))
    assert place(step_view) == (0, 1, Phase.FORWARD)


def test_a_changed_setting_changes_the_inside_of_the_same_moment(qapp: QApplication) -> None:
    session, step_view = opened(qapp)
    step_view.next_phase()
    changed = replace(step_trace(at(7)), learning_rate=0.5)
    session.feed(replace(at(7), step_trace=changed))
    assert step_view.shown is not None
    assert step_view.shown[1].learning_rate == 0.5
    assert place(step_view) == (7, 8, Phase.LOSS)


def test_playing_leaves(qapp: QApplication) -> None:
    session, step_view = opened(qapp)
    session.playback.play()
    assert not step_view.active
    assert FrameOptions() in session.fake_host.sent


def test_leaving_shows_the_frame_as_it_came(qapp: QApplication) -> None:
    _, step_view = opened(qapp)
    now = at(7)
    assert "move" in dict(step_view.displayed(now).layers[0].factors)
    step_view.toggle()
    assert step_view.displayed(now) is now
    assert not step_view.hidden_factors()


def test_a_large_network_is_not_looked_into(qapp: QApplication) -> None:
    session = session_of()
    step_view = StepView(session)
    assert step_view.reason
    session.feed(Engine({"layer1": (400, 30), "head": (10, 400)}).frame(1))
    assert step_view.reason == TOO_LARGE
    step_view.enter()
    assert not step_view.active
    session.feed(frame("full", step=1, run=2))
    assert not step_view.reason


# ------------------------------------------------------------ what is shown


def test_matrices_appear_one_after_the_other() -> None:
    trace = at(7).step_trace
    assert trace is not None
    shown = [len(FIRST_PHASE) - len(hidden_factors(moment, trace)) for moment in Phase]
    assert shown == [2, 3, 4, 5, 5]


def test_gradients_of_b_and_a_come_with_the_gradient_and_their_moves_with_the_optimizer() -> None:
    (made,) = recordings.read("_inspection")
    assert isinstance(made, Frame) and made.step_trace is not None
    hidden = [hidden_factors(moment, made.step_trace) for moment in Phase]
    assert [{"lora_B_gradient", "lora_A_gradient"} <= names for names in hidden] == [
        True, True, False, False, False,
    ]  # fmt: skip
    assert ["lora_B_move" in names for names in hidden] == [True, True, True, False, False]
    (layer, *_) = add_traced_factors(made, made.step_trace)
    gradient = layer.factor("lora_B_gradient")
    assert gradient is not None and gradient.values.shape == layer.factor("lora_B").values.shape
    caption = phase_caption(Phase.GRADIENT, made, made.step_trace)
    assert "optimizer uses ∂L/∂B and ∂L/∂A" in caption


@pytest.mark.parametrize(
    ("strategy", "kept"),
    [
        ("full", ()),
        ("lora", ("lora_B", "lora_A")),
        ("qlora_xray", ("lora_B", "lora_A")),
        ("dora", ("lora_B", "lora_A", "magnitude")),
        ("prefix", ("prompt", "delta_b")),
    ],
)
def test_the_layers_keep_what_takes_part(strategy: str, kept: tuple[str, ...]) -> None:
    now = at(4, strategy=strategy)
    assert now.step_trace is not None
    first = add_traced_factors(now, now.step_trace)[0]
    traced = (info.name for info in FIRST_PHASE)
    assert tuple(name for name, _ in first.factors) == (*kept, *traced)
    assert dict(first.factors)["loss_gradient"] is now.step_trace.layers[0].gradient
    assert first.weight is now.layers[0].weight


def test_captions_have_the_numbers_of_the_step() -> None:
    now = at(7)
    step = now.step_trace
    assert step is not None
    said = {moment: phase_caption(moment, now, step) for moment in Phase}
    assert "first of the batch's 32 samples, labelled 3," in said[Phase.FORWARD]
    assert "Class 3 gets p = 0.820: this sample's loss is −log p = 0.198" in said[Phase.LOSS]
    assert "L = 0.4567" in said[Phase.LOSS]
    largest = max(step.layers, key=lambda layer: float(np.abs(layer.gradient).max()))
    where = {"head": "the head"}.get(largest.name, largest.name.replace("layer", "layer "))
    assert f"in {where}." in said[Phase.GRADIENT]
    assert "η = 0.003:" in said[Phase.OPTIMIZER]
    norm = np.sqrt(sum(float((layer.move.astype(float) ** 2).sum()) for layer in step.layers))
    assert f"‖move‖ = {norm:.3f}" in said[Phase.OPTIMIZER]
    assert f"W′ and ΔW have changed by {norm:.3f}" in said[Phase.TAKEN]
    assert not any("-" in text or "e-" in text for text in said.values())


def test_what_is_frozen_is_said_to_stay() -> None:
    now = at(7, strategy="freeze")
    assert now.step_trace is not None
    assert "Not trained: layers 1 and 2." in phase_caption(Phase.OPTIMIZER, now, now.step_trace)


def test_where_everything_is_frozen_nothing_moves() -> None:
    now = frame("full", step=7)
    layers = tuple(replace(layer, trainable=False) for layer in now.layers)
    now = with_trace(replace(now, layers=layers))
    assert now.step_trace is not None
    for moment in (Phase.OPTIMIZER, Phase.TAKEN):
        assert "Nothing is trained: all layers are frozen" in phase_caption(
            moment, now, now.step_trace
        )
    assert "largest |g|" in phase_caption(Phase.GRADIENT, now, now.step_trace)


@pytest.mark.parametrize(("strategy", "parts"), [("lora", "B and A"), ("vera", "b and d")])
def test_what_is_learned_is_what_the_optimizer_moves(strategy: str, parts: str) -> None:
    now = at(7, strategy=strategy)
    assert now.step_trace is not None
    said = phase_caption(Phase.OPTIMIZER, now, now.step_trace)
    assert f"Adam updates {parts} with their own gradients, at η = 0.003; W′ follows" in said
