"""Frames, a catalogue and a session for the widgets around the stage, without an engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from msgspec.structs import replace
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.protocol.frames import SplitFacts
from engine.protocol.host import EngineHost
from engine.protocol.messages import (
    Applied,
    Arrived,
    Catalogue,
    Frame,
    LayerFrame,
    Measurements,
    NumberedCommand,
    Report,
    SampleFrame,
)
from engine.protocol.settings import Settings
from gui.session import Session
from gui.theme import Scheme, appearance
from tests import recordings
from tests.gui.answering import answering
from tests.gui.changed import changed

_SHAPES = {"layer1": (40, 30), "layer2": (40, 40), "layer3": (40, 40), "head": (10, 40)}


def catalogue() -> Catalogue:
    """What an engine offers, as it was recorded."""
    (found,) = recordings.read("_catalogue")
    assert isinstance(found, Catalogue)
    return found


def layer(name: str, trainable: int = 0, ratio: float = 0.0) -> LayerFrame:
    """A layer of ones whose ΔW is `ratio` times W."""
    weight = np.ones(_SHAPES.get(name, (8, 40)), np.float32)
    norm = float(np.linalg.norm(weight))
    return LayerFrame(
        name=name,
        weight=weight,
        delta=weight * ratio,
        updated=weight * (1 + ratio),
        trainable=trainable > 0,
        trainable_parameters=trainable,
        total_parameters=weight.size,
        delta_norm=ratio * norm,
        weight_norm=norm,
        randomly_initialised=False,
    )


LORA_LAYERS = (layer("layer1", 280), layer("layer2", 320), layer("layer3", 320), layer("head", 410))


def sample(index: int = 0, label: int = 3, **changes: Any) -> SampleFrame:
    """A picture that was taken for a 5 and now is taken for a 3."""
    before, after = np.full(10, 0.02, np.float32), np.full(10, 0.01, np.float32)
    before[5], after[3] = 0.82, 0.91
    return replace(
        SampleFrame(
            index=index,
            count=400,
            picture=np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8),
            names=(),
            label=label,
            classes=tuple("0123456789"),
            before=before,
            after=after,
        ),
        **changes,
    )


def frame(step: int = 0, run: int = 1, **changes: Any) -> Frame:
    """A frame of a LoRA run whose loss falls; changes: any field of Frame."""
    settings = changes.pop("settings", None) or Settings(strategy="lora")
    return changed(
        Frame(
            run=run,
            step=step,
            layers=LORA_LAYERS,
            losses=np.zeros(0, np.float32),
            start_source_accuracy=0.97,
            trainable_parameters=1330,
            total_parameters=4810,
            body_trainable=920,
            sample=None,
            settings=settings,
            target_test=SplitFacts(400, 10, 0.105),
            source_test=SplitFacts(239, 10, 0.105),
            validation=SplitFacts(100, 10, 0.11),
            measurements=Measurements(
                run, step, 2.0 / (1 + step / 50), 2.2 / (1 + step / 60), 0.78, 0.685, 0.735, 0.8
            ),
        ),
        **changes,
    )


class FakeHost:
    """Takes commands down; what it hands out is put there by the test."""

    alive = True
    answers = True
    ended = 0
    started_as = 1

    def __init__(self) -> None:
        self.sent: list[NumberedCommand] = []
        self.newest = 1
        """Number of the newest command, also where a test has cleared the list."""
        self.reports: list[Report] = []
        self.frame: Frame | None = None
        self.on_frame: Callable[[], object] = lambda: None

    def start(self, settings: Settings, number: int = 1) -> None:
        """As if there were an engine."""
        self.alive, self.started_as = True, number

    def send(self, command: NumberedCommand) -> None:
        """Remember it."""
        self.sent.append(command)
        self.newest = max(self.newest, command.number)

    def take_reports(self) -> list[Report]:
        """What the test put there, once."""
        reports, self.reports = self.reports, []
        return reports

    def take_frame(self) -> Frame | None:
        """What the test put there, once."""
        frame, self.frame = self.frame, None
        return frame

    def request_frame(self, shown: Frame | None) -> None:
        """Never answered."""

    def ping(self) -> bool:
        """Answered, unless the test says otherwise."""
        return self.answers

    def close(self, timeout: float = 0.0) -> None:
        """As if the engine were ended."""
        self.alive = False
        self.ended += 1


_KEPT: list[QWidget] = []


class FakeSession(Session):
    """A session over a fake host, fed by the test through the door that the engine uses."""

    def __init__(self, settings: Settings | None = None, *, ready: bool = True) -> None:
        dress()
        self.fake_host = FakeHost()
        super().__init__(settings or Settings(strategy="lora"), cast(EngineHost, self.fake_host))
        if ready:
            self.feed(catalogue())
        self.notices.dismiss()

    def feed(self, *messages: Frame | Report) -> None:
        """As if these had arrived; those without a number know of every command sent so far."""
        for message in messages:
            answer = answering(message, self.fake_host.newest)
            if isinstance(answer, Frame):
                self.fake_host.frame = answer
            else:
                self.fake_host.reports.append(answer)
            self.poll()

    def show(self, qtbot: QtBot, widget: QWidget) -> None:
        """Put a widget on the screen, and keep it until the test is over.

        Kept by nobody but itself it could be collected in the middle of being painted.
        """
        _KEPT.append(widget)
        qtbot.addWidget(widget, before_close_func=_KEPT.remove)
        widget.show()

    def arrive(self, frame: Frame) -> None:
        """As if the engine had gone there."""
        self.feed(Arrived(frame.run, frame.branch, frame.step, frame.settings), frame)

    def apply(self, step: int, run: int = 1) -> None:
        """As if the engine had taken over the settings after `step`."""
        self.feed(Applied(run, step, self.state.settings))

    def number_of(self, kind: type[NumberedCommand]) -> int:
        """Number of the newest command of a kind."""
        sent = self.fake_host.sent
        return next(command.number for command in reversed(sent) if isinstance(command, kind))

    @property
    def last_sent(self) -> NumberedCommand:
        """The newest command."""
        return self.fake_host.sent[-1]


_dressed = False


def dress() -> None:
    """Give the application its looks, once: each start listens to the desktop anew."""
    global _dressed
    if not _dressed:
        _dressed = True
        appearance.start(Scheme.LIGHT)
    assert QApplication.instance() is not None
