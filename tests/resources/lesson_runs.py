"""Makes the runs of a lesson without a window, on the engine's own loop."""

from collections.abc import Mapping
from functools import lru_cache

from engine.catalogue import catalogue
from engine.protocol.messages import (
    Catalogue,
    Diverged,
    Frame,
    Message,
    Play,
    Reached,
    RequestFrame,
    StoppedEarly,
)
from engine.protocol.settings import Settings
from gui.lessons.lesson import Lesson, LessonRun
from gui.lessons.run_result import RunResult
from gui.state.curve_buffer import CurveBuffer, rows_of
from tests.engine.loop_driver import running


@lru_cache(maxsize=1)
def offered() -> Catalogue:
    return catalogue()


def settings_of(lesson: Lesson, run: LessonRun | None = None, seed: int = 0) -> Settings:
    """What a run of the lesson begins with."""
    return Settings(**{**lesson.changes(offered(), run), "seed": seed})


@lru_cache(maxsize=64)
def record_of(settings: Settings, steps: int) -> RunResult:
    """One run, as the window would keep it; lessons share some."""
    with running(settings) as heard:
        heard.send(Play(steps))
        ended: Message = heard.wait_for(Reached, StoppedEarly, Diverged)
        heard.send(RequestFrame())
        frame = heard.wait_for(Frame)
        while not frame.is_measured or frame.playing:
            heard.send(RequestFrame())
            frame = heard.wait_for(Frame)
    curves = CurveBuffer()
    for step, row in rows_of(frame):
        curves.add(step, row)
    return RunResult(frame, curves, diverged=isinstance(ended, Diverged))


def records_of(lesson: Lesson, seed: int) -> Mapping[str, RunResult]:
    """All runs of a lesson, by name."""
    return {
        name: record_of(settings_of(lesson, run, seed), run.steps)
        for name, run in lesson.runs.items()
        if not run.keep_settings
    }
