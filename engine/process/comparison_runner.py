"""The comparison of one engine thread: it takes commands and reports ten times a second."""

from __future__ import annotations

import time

from engine.history.comparison import ComparedRun, Comparison, ComparisonError
from engine.process.outbox import Outbox
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
        self._stale = False
        """Whether something moved since the last report."""
        self._due = 0.0

    def carry_out(self, command: StartComparison | RunComparison | EndComparison) -> None:
        """Begin a comparison, pause it, let it go on, or drop it.

        Args: command: of the window.
        Raises: ComparisonError, SettingsError, ResourceError: as `Comparison`; nothing was changed.
        """
        match command:
            case StartComparison(entries, steps, seeds):
                self._comparison = Comparison(entries, steps, seeds)
                self._number = command.number or self._number + 1
                self.running = False
                self.set_running(True)
            case RunComparison(running):
                self.set_running(running)
            case EndComparison():
                self._comparison, self.running = None, False

    def set_running(self, running: bool) -> None:
        """Go on, or take no more steps until told to. Args: running: where a step is left."""
        goes = running and self._comparison is not None and not self._comparison.over
        if goes != self.running:
            self.running, self._stale, self._due = goes, True, 0.0

    def compared_run(self, index: int) -> ComparedRun:
        """Return one of the runs. Args: index: from 0.  Raises: ComparisonError: there is none."""
        runs = () if self._comparison is None else self._comparison.runs
        if not 0 <= index < len(runs):
            raise ComparisonError("This run no longer exists: its comparison was discarded")
        return runs[index]

    def advance(self) -> None:
        """Take one step of one run; a comparison that breaks rests.

        Raises: ResourceError: as `Comparison.advance`.
        """
        assert self._comparison is not None
        self._stale = True
        try:
            self._comparison.advance()
        except Exception:
            self.set_running(False)
            raise
        if self._comparison.over:
            self.running, self._due = False, 0.0

    def report(self) -> None:
        """Report the table, if it has changed and there was time to read the last one."""
        now = time.perf_counter()
        if self._comparison is None or not self._stale or now < self._due:
            return
        self._stale = False
        self._outbox.put(self._comparison.frame(self._number, self.running))
        after = time.perf_counter()
        self._due = after + max(REPORT_SECONDS, (after - now) / MAX_REPORT_SHARE)
