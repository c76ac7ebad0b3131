"""What compared runs come to with further seeds: each is trained, measured and dropped."""

from __future__ import annotations

from engine.protocol.comparison import SeedResult
from engine.protocol.settings import Settings
from engine.trainer import Trainer
from engine.training.divergence import DivergedError, has_diverged


def result_of(trainer: Trainer, steps: int, problem: str = "") -> SeedResult:
    """Return what a run has come to.

    Args: trainer: of the run.  steps: that it is to take.  problem: why it stopped; empty: it did
    not, as far as its steps could tell.
    """
    metrics, start = trainer.measure(), trainer.run.evaluator.at_start
    # No later step would find out.
    if not problem and trainer.steps_taken == steps and has_diverged(metrics.train_loss):
        problem = divergence_text(steps)
    return SeedResult(
        seed=trainer.settings.seed,
        target_accuracy=metrics.target_accuracy,
        source_accuracy=metrics.source_accuracy,
        source_accuracy_kept_head=metrics.source_accuracy_kept_head,
        start_source_accuracy=start.source_accuracy,
        start_source_accuracy_kept_head=start.source_accuracy_kept_head,
        validation_accuracy=metrics.validation_accuracy,
        problem=problem,
    )


def divergence_text(step: int) -> str:
    """Return what is said of a run that diverged. Args: step: that could not be taken."""
    return f"diverged at step {step:,}"


class FurtherSeeds:
    """The runs of a comparison with the seeds after the first, one after another.

    Seed by seed all entries have their turn, so that results to be paired come together. Of a run
    only its result is kept: memory does not grow with the number of seeds.

    Args: entries: settings with the first seed.  steps: of each run.  seeds: with the first.
    """

    def __init__(self, entries: tuple[Settings, ...], steps: int, seeds: int) -> None:
        self._entries, self._steps, self._seeds = entries, steps, seeds
        self._trainer: Trainer | None = None
        self.results: tuple[list[SeedResult], ...] = tuple([] for _ in entries)
        """Of each entry, in the order of the seeds."""

    @property
    def over(self) -> bool:
        """Whether all have ended."""
        return len(self.results[-1]) == self._seeds - 1

    @property
    def steps_taken(self) -> int:
        """Steps behind all of them; a run that has ended has all of its own."""
        ended = sum(len(results) for results in self.results) * self._steps
        return ended + (0 if self._trainer is None else self._trainer.steps_taken)

    def advance(self) -> None:
        """Make the next run, or let it take one step; some are still to come.

        Raises: ResourceError: as `Trainer`.
        """
        index = min(range(len(self._entries)), key=lambda i: len(self.results[i]))
        entry, results = self._entries[index], self.results[index]
        if self._trainer is None:
            self._trainer = Trainer(entry.replace(seed=entry.seed + 1 + len(results)))
            return
        problem = ""
        try:
            self._trainer.step()
        except DivergedError as error:
            problem = divergence_text(error.step)
        if problem or self._trainer.steps_taken == self._steps:
            results.append(result_of(self._trainer, self._steps, problem))
            self._trainer = None
