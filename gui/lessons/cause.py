"""Causes: a claim held by a control, a run that differs from another one in the cause alone."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any, Self

from engine.protocol.settings import Settings, fields_in
from engine.protocol.strategy_files import strategy_facts, tasks_with_new_labels
from gui.lessons.expression import Claim, Results
from gui.lessons.toml_reader import TableError, Text, TomlTable


@dataclass(frozen=True, slots=True)
class RunStart:
    """What decides a run of a lesson, beside the seed."""

    settings: Settings
    """Those in force, with what its strategy brings: its defaults, its locks, its new head."""
    steps: int

    @classmethod
    def of(cls, values: Mapping[str, Any], steps: int) -> Self:
        """Make it from a lesson's and a run's settings.

        Freezing layers is full fine-tuning with locks and nothing else, so it is counted as such:
        the two differ in what is frozen alone.

        Args: values: field of Settings -> value.  steps: of the run.
        """
        facts = strategy_facts(values["strategy"])
        settings = Settings.from_mapping({**facts.get("defaults", {}), **values})
        locks = facts.get("frozen", ()) if settings.frozen is None else settings.frozen
        labels_are_new = settings.task in tasks_with_new_labels()
        head = settings.new_head or labels_are_new or facts.get("new_head", False)
        strategy = "full" if settings.strategy == "freeze" else settings.strategy
        return cls(settings.replace(strategy=strategy, frozen=locks, new_head=head), steps)

    def differences(self, other: RunStart) -> tuple[str, ...]:
        """Return the settings in which two runs differ.

        The strategy counts as one: what it adds to the network belongs to it, and so do the
        settings that it alone reads (`controls`) and the random head of one that starts from
        random weights. What two strategies could share counts by itself: a learning rate that one
        sets by default, or a new head where the other one goes on with the old. So do the samples
        of pretraining, which are the source's.

        Args: other: of the other run.
        """
        ours, theirs = self.settings, other.settings
        untold = self._untold(other)
        fields = [field for field in ours.differences(theirs) if field not in untold]
        learned = {self.facts.get("learns", "target"), other.facts.get("learns", "target")}
        fields += ["task trained on"] if len(learned) > 1 else []
        fields += ["steps"] if self.steps != other.steps else []
        return tuple(fields)

    @property
    def facts(self) -> Mapping[str, Any]:
        """What its strategy's file states."""
        return strategy_facts(self.settings.strategy)

    def _untold(self, other: RunStart) -> Set[str]:
        """Return the settings whose difference is part of another one, or plays no part."""
        ours, theirs = self.settings, other.settings
        both_read = set(self.facts.get("controls", ())) & set(other.facts.get("controls", ()))
        untold = set(fields_in("strategy")) - both_read
        if ours.scaling_alpha == theirs.scaling_alpha or ours.alpha == theirs.alpha:
            untold.add("alpha")  # it follows the rank, or is written in another way
        with_new_head = ours if ours.new_head else theirs
        by_task = ours.task != theirs.task and with_new_head.task in tasks_with_new_labels()
        by_start = not all(start.facts.get("pretrained", True) for start in (self, other))
        if by_task or by_start:
            untold.add("new_head")
        return untold


class Because(TomlTable, frozen=True, kw_only=True):
    """A claim about a cause: it compares a run with its control."""

    claim: Claim
    """On average over seeds; and the difference is beyond two standard errors."""
    run: Text
    control: Text
    """Name of the run that is the same but for the cause."""
    cause: Text
    """The cause in words, without a full stop."""

    def __post_init__(self) -> None:
        """Check that the claim is about these two. Raises: TableError."""
        measures = {measure for _, measure in self.claim.measures}
        for wrong, key, problem in (
            (self.run == self.control, "control", "is the run itself"),
            (self.claim.runs != {self.run, self.control}, "claim",
             f"must compare {self.run} with {self.control}, and with nothing else"),
            (self.claim.compare is operator.eq, "claim",
             "must say which is larger, with < <= > or >="),
            (len(measures) > 1, "claim",
             f"must compare one measure of both runs, not {' and '.join(sorted(measures))}"),
        ):  # fmt: skip
            if wrong:
                raise TableError(key, problem)

    @property
    def measure(self) -> str:
        """The measure that it compares: target, loss[30] …"""
        return next(measure for _, measure in self.claim.measures)

    def effect(self, results: Results) -> float:
        """Return how much the cause moves what the claim compares, left − right; NaN: unknown.

        Args: results: of both runs.
        """
        without = {name: results[self.control] for name in (self.run, self.control)}
        sides: Iterator[float] = (
            self.claim.left.value(made) - self.claim.right.value(made)
            for made in (results, without)
        )
        return next(sides) - next(sides)
