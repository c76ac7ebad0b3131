"""Results of lessons that were left: coming back, nobody has to make the runs again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gui.lessons.lesson import Lesson, LessonRun
from gui.lessons.run_result import RunResult
from gui.lessons.runner import LessonRunner
from gui.session import Session


class KeptRuns:
    """Results of all lessons that were left, until the program ends."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kept: dict[
            str, tuple[Lesson, dict[str, RunResult], dict[str, list[RunResult]]]
        ] = {}  # fmt: skip
        """Key of a lesson -> the lesson as it was, and what its runner had."""

    def put(self, lesson: Lesson, runner: LessonRunner) -> None:
        """Keep the results of a lesson that is left."""
        self._kept[lesson.key] = lesson, dict(runner.results), dict(runner.own_results)

    def take(
        self, lesson: Lesson, runner: LessonRunner,
        settings_of: Callable[[LessonRun], dict[str, Any]],
    ) -> None:  # fmt: skip
        """Give a lesson the results back that its runs would have again.

        Args: settings_of: the changes of settings that a run begins with.
        """
        before, results, own = self._kept.get(lesson.key, (lesson, {}, {}))
        now = self._session.state.settings
        for name, run in lesson.runs.items():
            if before.runs.get(name) != run:
                continue
            if name in own:
                runner.own_results[name] = own[name]
            result = results.get(name)
            if result is None:
                continue
            if run.keep_settings or result.frame.settings == now.replace(**settings_of(run)):
                runner.results[name] = result

    def clear(self, lesson: str = "") -> None:
        """Forget results. Args: lesson: its key: only of this one."""
        for key in [lesson] if lesson else list(self._kept):
            self._kept.pop(key, None)
