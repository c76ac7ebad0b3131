"""List commands: change the lists of runs and branches, or put another run on the stage."""

from __future__ import annotations

from collections.abc import Callable

from engine.history.run_store import RunStore
from engine.process.outbox import Outbox
from engine.protocol.runs import DropRun, NameRun, OpenRun, RestoreRun, Return
from engine.protocol.timeline import DropBranch, NameBranch, RestoreBranch


class ListCommands:
    """Carries them out, and reports the lists.

    Args: outbox: takes the reports.  stop: pauses the run.  arrived: reports that it stands
    elsewhere.
    """

    def __init__(
        self, outbox: Outbox, stop: Callable[[], None], arrived: Callable[[], None]
    ) -> None:
        self._outbox, self._stop, self._arrived = outbox, stop, arrived

    def report(self, runs: RunStore) -> None:
        """Report the runs, and the present one's branches. Args: runs: to tell of."""
        self._outbox.put(runs.report())
        self._outbox.put(runs.history.timeline())

    def change_run(self, runs: RunStore, command: OpenRun | Return) -> None:
        """Put another run on the stage, or this one elsewhere. Args: runs: all.  command: which."""
        self._stop()
        if isinstance(command, OpenRun):
            runs.open(command.serial, command.number)
        else:
            runs.return_before(command.before, command.number)
        self.report(runs)
        self._arrived()

    def change_list(self, runs: RunStore, command: NameRun | DropRun | RestoreRun) -> None:
        """Name, drop or restore a run. Args: runs: all.  command: what to do."""
        match command:
            case NameRun(serial, name):
                runs.rename(serial, name)
            case DropRun(serial):
                runs.drop(serial)
            case RestoreRun(serial):
                runs.restore(serial)
        self._outbox.put(runs.report())

    def change_branches(
        self, runs: RunStore, command: NameBranch | DropBranch | RestoreBranch
    ) -> None:
        """Name, drop or restore a branch. Args: runs: of the present one.  command: what to do."""
        history = runs.history
        shown = history.active
        match command:
            case NameBranch(branch, name):
                history.rename(branch, name)
            case DropBranch(branch):
                history.drop(branch)
            case RestoreBranch(branch):
                history.restore(branch)
        self._outbox.put(history.timeline())
        if history.active is not shown:
            self._stop()
            self._arrived()
