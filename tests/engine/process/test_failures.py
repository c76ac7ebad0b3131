"""Whatever raises, wherever: it is told, the last good state is kept, and there is a way on."""

from typing import Any

import pytest
from msgspec.structs import replace

from engine.frames.build import FrameBuilder
from engine.frames.sample_selection import SampleSelection
from engine.history.history import History
from engine.process import loop
from engine.protocol.codec import MessageEncoder
from engine.protocol.messages import (
    Applied,
    Checkpoint,
    Command,
    Configure,
    Failed,
    Frame,
    FrameOptions,
    GoBack,
    Message,
    Play,
    RequestFrame,
    Reset,
    Resume,
    ShowSample,
    Step,
)
from engine.protocol.settings import Settings
from engine.trainer import Trainer
from engine.training.run import Run
from tests.engine.loop_driver import LoopDriver, running

LORA = Settings(strategy="lora")
TAKEN = 5


class Encoded(LoopDriver):
    """An outbox that also does what a real one does: bytes are made of every message."""

    def put(self, message: Message) -> None:
        MessageEncoder().encode(message)
        super().put(message)


def _no_memory(*_arguments: object, **_named: object) -> Any:
    raise MemoryError("no room")


def _wrong_shape(*_arguments: object, **_named: object) -> Any:
    raise RuntimeError("mat1 and mat2 shapes cannot be multiplied (64x30 and 40x30)\nmore of it")


def _nothing_said(*_arguments: object, **_named: object) -> Any:
    raise ZeroDivisionError


CHECKPOINT = Checkpoint(0, 0, {})
"""Stands for one of the run's own."""
PHASES: dict[str, tuple[object, str, tuple[Command, ...]]] = {
    "step": (Trainer, "step", (Step(1),)),
    "loss": (Run, "_loss", (Play(),)),
    "gradients": (Run, "_backward", (Play(),)),
    "snapshot": (History, "record_step", (Step(1),)),
    "frame": (FrameBuilder, "build", (Step(1), RequestFrame())),
    "measure": (loop, "has_diverged", (Step(1), RequestFrame())),
    "apply": (Trainer, "apply", (Configure(LORA.replace(rank=9)),)),
    "change": (Run, "_lock_parameters", (Configure(LORA.replace(rank=9)),)),
    "new run": (Run, "_lock_parameters", (Configure(LORA.replace(strategy="full")),)),
    "reset": (Run, "_make_optimizer", (Reset(),)),
    "sample": (SampleSelection, "choose", (ShowSample(3),)),
    "go back": (History, "go_to", (GoBack(),)),
    "restore": (Trainer, "restore", (Resume(CHECKPOINT),)),
    "half restored": (Run, "_lock_parameters", (Resume(CHECKPOINT),)),
    "checkpoint": (Trainer, "state", (FrameOptions(), RequestFrame())),
}
"""What raises, and the commands that lead there."""
ERRORS = {
    "no room": _no_memory,
    "mat1 and mat2 shapes cannot be multiplied (64x30 and 40x30)": _wrong_shape,
    "ZeroDivisionError": _nothing_said,
}
CASES = [(phase, "no room") for phase in PHASES] + [("step", message) for message in ERRORS]


@pytest.mark.parametrize(("phase", "message"), dict.fromkeys(CASES))
def test_a_failure_is_told_and_the_run_goes_on(
    phase: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, name, commands = PHASES[phase]
    expected = Trainer(LORA)
    for _ in range(TAKEN - 1):
        expected.step()
    checkpoint = Checkpoint(expected.run.number, expected.steps_taken, expected.state())
    expected.step()
    with running(LORA, Encoded()) as heard:
        heard.send(Step(TAKEN))
        assert heard.frame_at(TAKEN).step == TAKEN
        monkeypatch.setattr(owner, name, ERRORS[message])
        for command in commands:
            heard.send(Resume(checkpoint) if isinstance(command, Resume) else command)
        failed = heard.wait_for(Failed)
        assert failed.message == message
        assert "Traceback" in failed.traceback
        monkeypatch.undo()
        # What the window offers, and the settings that the user goes on with.
        heard.send(GoBack(), Configure(LORA))
        assert heard.wait_for(Applied).settings == LORA
        heard.send(RequestFrame())
        frame = heard.wait_for(Frame)
        assert not frame.playing
        heard.send(Step(10))
        last = heard.frame_at(frame.step + 10)
    expected = Trainer(LORA)
    for _ in range(last.step):
        expected.step()
    for theirs, ours in zip(last.layers, expected.frame().layers, strict=True):
        assert theirs.updated.tobytes() == ours.updated.tobytes()


def test_a_frame_that_cannot_be_encoded_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    make = FrameBuilder.build

    def unspeakable(self: FrameBuilder, *arguments: Any, **options: Any) -> Frame:
        return replace(make(self, *arguments, **options), sample=object())

    with running(LORA, Encoded()) as heard:
        heard.frame_at(0)
        monkeypatch.setattr(FrameBuilder, "build", unspeakable)
        heard.send(Step(1), RequestFrame())
        assert "does not cross the seam" in heard.wait_for(Failed).message
        heard.send(RequestFrame())
        assert heard.count(Failed) == 0
        monkeypatch.undo()
        heard.send(Step(1))
        assert heard.wait_for(Frame).step == 2
