"""Comparison of strategies side by side, each exactly as it would run alone."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from msgspec.structs import replace

from engine.analysis.chunked import relative_change
from engine.analysis.stored_bytes import stored_bytes
from engine.frames.downsample import blocks
from engine.history.branch import BranchRecord
from engine.history.history import LIMITS, History
from engine.history.seed_results import FurtherSeeds, divergence_text, result_of
from engine.model.layer import Layer, matrix_of
from engine.protocol.comparison import (
    MAX_COMPARED_CELLS,
    MAX_COMPARED_RUNS,
    MAX_COMPARED_STEPS,
    MIN_COMPARED_RUNS,
    SHARED_FIELDS,
    ComparedLayer,
    ComparisonFrame,
    ComparisonRow,
    problem_of_seeds,
)
from engine.protocol.network_shape import MAX_STUDIED_WEIGHTS
from engine.protocol.settings import Settings
from engine.strategies import STRATEGIES
from engine.trainer import Trainer
from engine.training.divergence import DivergedError
from engine.training.threads import choose_thread_count


class ComparisonError(ValueError):
    """Runs that cannot be compared; the message is a sentence that says why, without full stop."""


class ComparedRun:
    """One run of a comparison, with its history."""

    def __init__(self, settings: Settings) -> None:
        """Raises: SettingsError, ResourceError: as `Trainer`."""
        self.trainer = Trainer(settings)
        limits = dataclasses.replace(LIMITS, max_bytes=LIMITS.max_bytes // MAX_COMPARED_RUNS)
        self.history = History(self.trainer, limits)
        self.seconds = 0.0
        """Time that its steps have taken."""
        self.problem = ""
        """Why it stopped; empty: it did not."""
        self._start_hits = self.trainer.run.evaluator.test_hits()
        self._row: ComparisonRow | None = None

    def step(self) -> None:
        """Take one step; a run that diverges stays where it is."""
        self._row, began = None, time.perf_counter()
        try:
            self.trainer.step()
        except DivergedError as error:
            self.problem = divergence_text(error.step)
            return
        self.seconds += time.perf_counter() - began
        self.history.record_step()

    def copied_branch(self) -> BranchRecord:
        """Return a copy of its branch for a run that goes on from here."""
        branch = self.history.active
        return dataclasses.replace(
            branch,
            curves=branch.curves.until(branch.tip),
            changes=list(branch.changes),
            snapshots=list(branch.snapshots),
        )

    def row(self, steps: int) -> ComparisonRow:
        """Return its row of the table. Args: steps: of the whole comparison."""
        if self._row is None:  # it stands still while further seeds are trained
            self._row = self._new_row(steps)
        return self._row

    def _new_row(self, steps: int) -> ComparisonRow:
        trainer, evaluator = self.trainer, self.trainer.run.evaluator
        result = result_of(trainer, steps, self.problem)
        self.problem = result.problem
        return ComparisonRow(
            settings=trainer.settings,
            step=trainer.steps_taken,
            results=(result,),
            hits=evaluator.test_hits(),
            start_hits=self._start_hits,
            trainable_parameters=trainer.frame_builder.counts.trainable,
            stored_bytes=stored_bytes(trainer.run),
            seconds=self.seconds,
            layers=tuple(_picture(*named) for named in trainer.network.named_body.items()),
            curves=self.history.active.curves.between(-1, trainer.steps_taken),
            target_test=evaluator.target_facts,
            source_test=evaluator.source_facts,
            validation=evaluator.validation_facts,
        )


class Comparison:
    """Two to four runs that take their steps in turn.

    Each has a network, an optimizer, a data order and random numbers of its own, so that it
    makes no difference to it whether the others are there. Early stopping plays no part: all are
    to take the same steps. Once they have, the same runs follow with further seeds.

    Args: entries: the runs' settings.  steps: that each takes.  seeds: that each is run with, the
    first being the entries' own.
    Raises: ComparisonError: they cannot share a task, or are too many, too few or too large.
    Raises: SettingsError, ResourceError: as `Trainer`.
    """

    def __init__(self, entries: tuple[Settings, ...], steps: int, seeds: int = 1) -> None:
        _check(entries, steps, seeds)
        self.steps, self.seeds = steps, seeds
        entries = tuple(entry.replace(patience=None) for entry in entries)
        self._threads = choose_thread_count(entries[0].body_weights)
        with _threads(self._threads):
            self.runs = tuple(map(ComparedRun, entries))
        self._further = FurtherSeeds(entries, steps, seeds)
        self._seconds = 0.0

    @property
    def over(self) -> bool:
        """Whether no run has a step left to take."""
        return not self._waiting() and self._further.over

    def _waiting(self) -> list[ComparedRun]:
        return [
            compared_run for compared_run in self.runs
            if not compared_run.problem and compared_run.trainer.steps_taken < self.steps
        ]  # fmt: skip

    @property
    def in_round(self) -> bool:
        """Whether some runs have taken a step that others are still to take."""
        return len({each.trainer.steps_taken for each in self.runs if not each.problem}) > 1

    @property
    def begins_round(self) -> bool:
        """Whether all runs that go on are to take the next step, the first of them now."""
        return bool(self._waiting()) and not self.in_round

    def advance(self) -> None:
        """Let the run that is farthest behind take one step; after them one of a further seed."""
        began, waiting = time.perf_counter(), self._waiting()
        with _threads(self._threads):
            if waiting:
                min(waiting, key=lambda compared_run: compared_run.trainer.steps_taken).step()
            elif not self._further.over:
                self._further.advance()
        self._seconds += time.perf_counter() - began

    def frame(self, number: int, running: bool, *, at_once: bool = False) -> ComparisonFrame:
        """Return the table.

        Args: number: of the comparison.  running: whether it goes on.  at_once: as fast as
        possible.
        """
        with _threads(self._threads):
            rows = tuple(compared_run.row(self.steps) for compared_run in self.runs)
        further = zip(rows, self._further.results, strict=True)
        rows = tuple(replace(row, results=row.results + tuple(more)) for row, more in further)
        steps = sum(row.step for row in rows) + self._further.steps_taken
        return ComparisonFrame(
            comparison=number,
            steps=self.steps,
            running=running and not self.over,
            rows=rows,
            at_once=at_once,
            seeds=self.seeds,
            repeated_steps=self._further.steps_taken,
            steps_per_second=steps / self._seconds if self._seconds else 0.0,
        )


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Use as many threads as a run has alone, and afterwards as many as before."""
    before = torch.get_num_threads()
    if count == before:
        yield
        return
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _check(entries: tuple[Settings, ...], steps: int, seeds: int) -> None:
    """Raises: ComparisonError: these cannot be compared."""
    if not MIN_COMPARED_RUNS <= len(entries) <= MAX_COMPARED_RUNS:
        raise ComparisonError(
            f"A comparison is between {MIN_COMPARED_RUNS} and {MAX_COMPARED_RUNS} strategies, "
            f"not {len(entries)}"
        )
    whole = isinstance(steps, int) and not isinstance(steps, bool)
    if not whole or not 1 <= steps <= MAX_COMPARED_STEPS:
        raise ComparisonError(
            f"A comparison takes 1 to {MAX_COMPARED_STEPS:,} steps, not {steps!r}"
        )
    first = entries[0]
    if problem := problem_of_seeds(len(entries), steps, seeds, first.seed):
        raise ComparisonError(problem)
    for entry in entries:
        strategy = STRATEGIES[entry.strategy]
        if strategy.not_comparable:
            raise ComparisonError(f"{strategy.label} cannot be compared: {strategy.not_comparable}")
        for field in SHARED_FIELDS:
            ours, theirs = getattr(first, field), getattr(entry, field)
            if ours != theirs:
                raise ComparisonError(
                    f"{field}: all runs must have the same, not {ours} and {theirs}"
                )
    if not first.is_studied:
        raise ComparisonError(
            f"A comparison is for networks of up to {MAX_STUDIED_WEIGHTS:,} body weights, and this "
            f"one has {first.body_weights:,}; lower its width or depth"
        )


@torch.no_grad()
def _picture(name: str, layer: Layer) -> ComparedLayer:
    stride = -(-max(layer.shape) // MAX_COMPARED_CELLS)
    return ComparedLayer(
        name=name,
        delta=matrix_of(blocks(layer.delta(), stride, stride)),
        relative_change=relative_change(layer),
        trainable=any(parameter.requires_grad for parameter in layer.parameters()),
    )
