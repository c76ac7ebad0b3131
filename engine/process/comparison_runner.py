"""The comparison of one engine thread: it takes commands, keeps the pace and reports."""

from __future__ import annotations

import time

from engine.history.comparison import ComparedRun, Comparison, ComparisonError
from engine.process.outbox import Outbox
from engine.process.pace import Pace
from engine.protocol.messages import EndComparison, RunComparison, StartComparison

REPORT_SECONDS = 0.1
"""Between two reports while it runs, at least."""
MAX_REPORT_SHARE = 0.2
"""Largest fraction of the time that reports may take, 0…1."""


class ComparisonRunner:
    """Runs the newest comparison, a step at each `advance`. Args: outbox: takes the reports."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._comparison: Comparison | None = None
        self._number = 0
        self.running = False
        """Whether a step is to be taken."""
        self.pace = Pace()
        """Of the steps of each run; further seeds, which nobody watches, do not keep to it."""
        self._at_once = False
        """Whether the pace is ignored until the comparison is paused."""
        self._stale = False
        """Whether something moved since the last report."""
        self._due = 0.0

    def carry_out(self, command: StartComparison | RunComparison | EndComparison) -> None:
        """Begin a comparison, pause it, let it go on, or drop it.

        Args: command: of the window.
        Raises: ComparisonError, SettingsError, ResourceError: as `Comparison`; nothing was changed.
        """
        match command:
            case StartComparison(entries, steps, seeds, at_once):
                self._comparison = Comparison(entries, steps, seeds)
                self._number = command.number or self._number + 1
                self.running = False
                self.set_running(True, at_once=at_once)
            case RunComparison(running, at_once):
                self.set_running(running, at_once=at_once)
            case EndComparison():
                self._comparison, self.running, self._at_once = None, False, False

    def set_running(self, running: bool, *, at_once: bool = False) -> None:
        """Go on, or take no more steps until told to.

        Args: running: where a step is left.  at_once: as fast as possible.
        """
        goes = running and self._comparison is not None and not self._comparison.over
        at_once = at_once and goes
        if goes and not self.running:
            self.pace.start()
        if (goes, at_once) != (self.running, self._at_once):
            self.running, self._at_once, self._stale, self._due = goes, at_once, True, 0.0

    def compared_run(self, index: int) -> ComparedRun:
        """Return one of the runs. Args: index: from 0.  Raises: ComparisonError: there is none."""
        runs = () if self._comparison is None else self._comparison.runs
        if not 0 <= index < len(runs):
            raise ComparisonError("This run no longer exists: its comparison was discarded")
        return runs[index]

    def seconds_to_wait(self) -> float:
        """Return the seconds until a step or a report is due, ≥ 0, while it runs."""
        wait = self._seconds_to_step()
        return min(wait, max(0.0, self._due - time.perf_counter())) if self._stale else wait

    def _seconds_to_step(self) -> float:
        assert self._comparison is not None
        keeps_pace = not self._at_once and self._comparison.begins_round
        return self.pace.seconds_left() if keeps_pace else 0.0

    def advance(self) -> None:
        """Take one step of one run, if it is due; a comparison that breaks rests.

        Raises: ResourceError: as `Comparison.advance`.
        """
        assert self._comparison is not None
        if self._seconds_to_step() > 0.0:
            return
        if self._comparison.begins_round:
            self.pace.count()
        self._stale = True
        try:
            self._comparison.advance()
        except Exception:
            self.set_running(False)
            raise
        if self._comparison.over:
            self.running, self._at_once, self._due = False, False, 0.0

    def report(self) -> None:
        """Report the table, if it has changed and there was time to read the last one.

        While it runs all runs are shown at the same step.
        """
        now = time.perf_counter()
        if self._comparison is None or not self._stale or now < self._due:
            return
        if self.running and self._comparison.in_round:
            return
        self._stale = False
        frame = self._comparison.frame(self._number, self.running, at_once=self._at_once)
        self._outbox.put(frame)
        after = time.perf_counter()
        self._due = after + max(REPORT_SECONDS, (after - now) / MAX_REPORT_SHARE)
