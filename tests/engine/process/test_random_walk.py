"""A random walk through everything that an engine process can be told, with kills and restarts."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable

import numpy as np
import pytest
from msgspec.structs import replace

from engine.protocol.host import EngineHost
from engine.protocol.messages import (
    Answer,
    Applied,
    Arrived,
    Catalogue,
    Checkpoint,
    ComparisonFrame,
    Configure,
    DropBranch,
    EndComparison,
    EngineDied,
    Failed,
    Frame,
    FrameOptions,
    GoBack,
    GoTo,
    NumberedCommand,
    OpenComparedRun,
    Pause,
    Play,
    Refused,
    Report,
    Reset,
    Resume,
    RunComparison,
    SetSpeed,
    ShowSample,
    StartComparison,
    Step,
    Timeline,
)
from engine.protocol.settings import RESTARTS, Settings, strategy_names

PATIENCE = 120.0
"""Seconds."""
REFUSALS = ("There are", "A run's only branch", "This branch was dropped")
"""Beginnings of what may be refused: there are too many branches, or only one."""


class Walk:
    """An engine process, and what is to be seen of it after each command."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.settings = Settings()
        self.number = self.run = 1
        """Numbers of the newest command, and of the run that is to be seen."""
        self._answered = 0
        self._extra: dict[str, frozenset[str]] = {}
        """Strategy -> fields that restart it beside `RESTARTS`."""
        self._comparable: list[str] = []
        self._timeline: Timeline | None = None
        self._checkpoint: Checkpoint | None = None
        self._compared: ComparisonFrame | None = None
        self._frame: Frame | None = None
        self.kills = self.frames = 0
        self.host = EngineHost()
        self.host.start(self.settings, self.number)
        self._wait(lambda: bool(self._extra))

    def act(self) -> None:
        """Do one thing of all that can be done, and look at what is to be seen."""
        acts: list[tuple[int, Callable[[], object]]] = [
            (6, self._configure),
            (6, lambda: self._send(Step(self._random.randint(1, 30)))),
            (4, lambda: self._send(Play(self._random.choice((0, 0, 500))))),
            (3, lambda: self._send(Pause())),
            (3, lambda: self._send(SetSpeed(self._random.choice((0.0, 0.0, 30.0))))),
            (3, self._reset),
            (5, self._go_to),
            (1, lambda: self._send(GoBack())),
            (2, self._drop_branch),
            (2, lambda: self._send(ShowSample(self._random.randrange(400)))),
            (2, self._choose_options),
            (2, self._compare),
            (1, self.kill),
        ]
        weights, choices = zip(*acts, strict=True)
        (chosen,) = self._random.choices(choices, weights)
        chosen()
        self._look()

    # ------------------------------------------------------------ acts

    def _send(self, command: NumberedCommand) -> int:
        self.number += 1
        self.host.send(replace(command, number=self.number))
        return self.number

    def _configure(self) -> None:
        changes = self._random.choice(
            (
                {"strategy": self._random.choice(strategy_names())},
                {"seed": self._random.randrange(3)},
                {"learning_rate": self._random.choice((1e-4, 1e-3, 3e-3))},
                {"rank": self._random.choice((1, 4, 8))},
                {"batch_size": self._random.choice((16, 32))},
                {"frozen": self._random.choice(((), ("layer1",), ("layer2", "layer3")))},
            )
        )
        self._pause()
        old, new = self.settings, self.settings.replace(**changes)
        number = self._send(Configure(new))
        (answer,) = self._answers(number, Applied, Refused)
        if isinstance(answer, Refused):
            return
        if RESTARTS.union(self._extra[old.strategy]) & old.differences(new).keys():
            self.run = number
        assert (answer.run, answer.settings) == (self.run, new)

    def _pause(self) -> None:
        self._send(Pause())
        self._settle()

    def _reset(self) -> None:
        self.run = self._send(Reset())

    def _go_to(self) -> None:
        if self._timeline is None or self._timeline.run != self.run:
            return
        branch = self._random.choice(self._timeline.branches)
        number = self._send(GoTo(self._random.randint(0, branch.tip), branch.number))
        self._answers(number, Arrived, Refused)

    def _drop_branch(self) -> None:
        if self._timeline is None or self._timeline.run != self.run:
            return
        self._send(DropBranch(self._random.choice(self._timeline.branches).number))
        self._settle()

    def _choose_options(self) -> None:
        merges = self._random.random() < 0.5
        self._send(FrameOptions(self._random.choice((0, 2)), merges=merges))

    def _compare(self) -> None:
        names = self._random.sample(self._comparable, 2)
        entries = tuple(self.settings.replace(strategy=name, frozen=()) for name in names)
        number = self._send(StartComparison(entries, steps=20))
        self._compared = None
        self._send(RunComparison(True))
        self._wait(
            lambda: (
                self._compared is not None
                and (self._compared.comparison, self._compared.over) == (number, True)
            )
        )
        if self._random.random() < 0.5:
            self.run = self._send(OpenComparedRun(self._random.randrange(2)))
            self._settle()
        self._send(EndComparison())

    def kill(self) -> None:
        assert self.host.process_id is not None
        self._settle()
        os.kill(self.host.process_id, signal.SIGKILL)
        self.kills += 1
        self._wait(lambda: not self.host.alive)
        self.number += 1
        self.run, self._answered = self.number, 0
        self._timeline = self._frame = None
        self.host.start(self.settings, self.number)
        checkpoint, self._checkpoint = self._checkpoint, None
        if checkpoint is not None:
            self.settings = Settings.from_json(checkpoint.state["settings"])
            self._send(Configure(self.settings))
            self._send(Resume(checkpoint))
            self.run = checkpoint.run
        self._settle()

    # ------------------------------------------------------------ what is seen

    def _settle(self) -> None:
        """Wait until all that was sent has been carried out."""
        for _ in range(2):  # the second is sent when the first has been answered
            self._wait(self.host.ping)

    def _answers(self, number: int, *kinds: type[Report]) -> list[Report]:
        """Wait for the first answer of these kinds to a command."""
        found: list[Report] = []

        def look() -> bool:
            found.extend(
                report
                for report in self._take()
                if isinstance(report, kinds) and isinstance(report, Answer)
                and report.command >= number
            )  # fmt: skip
            return bool(found)

        self._wait(look)
        return found[:1]

    def _wait(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < deadline
            self._take()
            time.sleep(0.001)

    def _take(self) -> list[Report]:
        reports = self.host.take_reports()
        for report in reports:
            assert not isinstance(report, Failed), report.traceback
            if isinstance(report, Refused):
                assert report.message.startswith(REFUSALS), report.message
            if isinstance(report, Answer):
                assert self._answered <= report.command <= self.number, report
                self._answered = report.command
            match report:
                case EngineDied():
                    assert self.kills
                case Catalogue(strategies=strategies):
                    self._extra = {info.name: frozenset(info.restarts) for info in strategies}
                    self._comparable = [i.name for i in strategies if not i.not_comparable]
                case Applied() | Arrived():
                    self.settings = report.settings
                case Timeline():
                    self._timeline = report
                case Checkpoint(run=run) if run == self.run:
                    self._checkpoint = report
                case ComparisonFrame():
                    self._compared = report
        return reports

    def _look(self) -> None:
        """See the run that is to be seen, with nothing wrong in it."""
        paused = self._random.random() < 0.5
        if paused:
            self._pause()
        self._wait(lambda: self._is_seen(with_settings=paused))
        frame = self._frame
        assert frame is not None
        assert frame.measurements.run in (0, self.run)
        for layer in frame.layers:
            assert all(check.holds for check in layer.measured.checks), layer.measured.checks
            assert np.allclose(layer.updated, layer.weight + layer.delta, atol=1e-5)

    def _is_seen(self, *, with_settings: bool) -> bool:
        """Whether the newest frame is one of the run, under its settings."""
        self.host.request_frame(None)
        frame = self.host.take_frame()
        if frame is not None:
            self._frame = frame
            self.frames += 1
        newest = self._frame
        if newest is None or newest.run != self.run:
            return False
        return newest.settings == self.settings or not with_settings


@pytest.mark.parametrize(
    ("seed", "acts"),
    [(0, 40), pytest.param(1, 6000, marks=[pytest.mark.slow, pytest.mark.timeout(7200)])],
)
def test_no_walk_meets_a_wrong_run_a_failure_or_a_red_light(seed: int, acts: int) -> None:
    walk = Walk(seed)
    try:
        for number in range(acts):
            walk.act()
            if number == acts // 2:
                walk.kill()
    finally:
        walk.host.close()
    assert walk.frames >= acts / 2
