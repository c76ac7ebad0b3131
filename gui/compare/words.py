"""Text of the compare page: what its runs share, and what its numbers are worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.protocol.comparison import MAX_REPEATED_STEPS, SHARED_FIELDS
from engine.protocol.messages import ComparisonFrame, ComparisonRow, SeedResult
from engine.protocol.settings import MAX_SEED, Settings
from gui.compare.estimates import (
    FEW_SEEDS,
    FORGETTING,
    FORGETTING_KEPT_HEAD,
    SOURCE,
    SOURCE_KEPT_HEAD,
    TARGET,
    VALIDATION,
    Estimate,
    Measure,
    common_seeds,
    difference,
    diverged_seeds,
    estimate,
)
from gui.text.accuracies import baselines, plus_minus
from gui.text.numbers import count_text, percent, points_text, short_number
from gui.text.setting_text import shown_text

SEEDS_IN_LINE = 6
"""Results of seeds in one line of a tooltip."""


@dataclass(frozen=True, slots=True)
class RunText:
    """A compared run as its column and its row of the table show it."""

    label: str
    settings: Settings
    has_rank: bool
    """True: the strategy has a rank."""
    row: ComparisonRow | None
    """None: the comparison has not started."""
    is_pretrained: bool = True
    """Whether it starts from pretrained weights; else from random ones."""
    has_new_head: bool = False
    """Whether it begins with a new head rather than the pretrained one."""
    frozen: frozenset[str] = frozenset()
    """Layers that no step changes, as far as that is known before the start."""


def distinct_labels(runs: Sequence[RunText]) -> tuple[RunText, ...]:
    """Return the runs with labels that say what differs where the strategy does not."""
    return tuple(
        replace(run, label=_distinct_label(run, place, runs)) for place, run in enumerate(runs)
    )


def _distinct_label(run: RunText, place: int, runs: Sequence[RunText]) -> str:
    namesakes = [other for other in runs if other.label == run.label]
    rates = {other.settings.learning_rate for other in namesakes}
    ranks = {other.settings.rank for other in namesakes if run.has_rank}
    label = run.label
    if len(rates) > 1:
        label += f" η {short_number(run.settings.learning_rate)}"
    if len(ranks) > 1:
        label += f" r {run.settings.rank}"
    twins = [other for other in namesakes if _varied(other) == _varied(run)]
    if len(twins) > 1:
        before = sum(other.label == run.label and _varied(other) == _varied(run)
                     for other in runs[:place])  # fmt: skip
        label += f" ({before + 1})"
    return label


def _varied(run: RunText) -> tuple[float, int | None]:
    """Return what a user can choose for each run beside its strategy."""
    return run.settings.learning_rate, run.settings.rank if run.has_rank else None


# ---------------------------------------------------------------- what the runs share


def fairness_text(runs: Sequence[RunText], steps: int, seeds: int = 1) -> str:
    """Return what the runs have in common, and what they have not, with the numbers.

    Args: steps: of each run.  seeds: that each is run with.
    """
    first = runs[0].settings
    samples = "training samples"
    if first.train_samples is not None:
        samples = f"{first.train_samples:,} training samples"
    seed = f"seed {first.seed}"
    if seeds > 1:
        others = f"{first.seed + 1} … {first.seed + seeds - 1}" if seeds > 2 else first.seed + 1
        seed += f"; then {others}, each with its own samples and W"
    shared = (
        f"{_weights_text(runs)}, same {samples} in the same order ({seed}), "
        f"same {steps:,} steps, batch size {first.batch_size} and optimizer "
        f"({shown_text('optimizer', first)})."
    )
    parts = shared, _rates_text(runs), _heads_text(runs)
    return " ".join((*filter(None, parts), "Results are identical to separate runs."))


def _weights_text(runs: Sequence[RunText]) -> str:
    random = [run for run in runs if not run.is_pretrained]
    if not random:
        return "Same W"
    if len(random) == len(runs):
        return "Same random W"
    return f"Same pretrained W (but a random one for {_joined(random)})"


def _rates_text(runs: Sequence[RunText]) -> str:
    if len({run.settings.learning_rate for run in runs}) > 1:
        return "Each at its own learning rate."
    return "The same learning rate, which may not suit every method equally."


def _heads_text(runs: Sequence[RunText]) -> str:
    new = [run for run in runs if run.has_new_head]
    if len(new) in (0, len(runs)):
        return ""
    begins = "begins" if len({run.label for run in new}) == 1 else "begin"
    return (
        f"{_joined(new)} {begins} with a new head, the others with the pretrained one; "
        "“New head” in the settings gives all a new one."
    )


def _joined(runs: Sequence[RunText]) -> str:
    """Return the names of runs, each once, as in a sentence."""
    *names, last = dict.fromkeys(run.label for run in runs)
    return f"{', '.join(names)} and {last}" if names else last


def remark_text(settings: Settings, comparison: Sequence[Settings]) -> str:
    """Return a remark on settings now, and those of the comparison; empty: not started."""
    if comparison and any(
        getattr(settings, field) != getattr(comparison[0], field) for field in SHARED_FIELDS
    ):
        return "The settings on the right have changed since; they apply to the next comparison."
    if settings.patience is not None:
        return "Early stopping is off."
    return ""


# ---------------------------------------------------------------- how long it takes


def duration_text(seconds: float) -> str:
    """Return a duration in the unit that one would say it in.

    >>> duration_text(0.4), duration_text(70), duration_text(150), duration_text(9000)
    ('1\u202fs', '70\u202fs', '2\u202fmin', '2.5\u202fh')
    """
    if seconds < 90:
        return f"{max(seconds, 1):.0f}\u202fs"
    whole = f"{seconds / 60:.0f}\u202fmin"
    return whole if seconds < 5400 else f"{seconds / 3600:.1f}\u202fh"


def race_seconds(steps: int, runs: int, further: int, rate: float, speed: float) -> float:
    """Return how long steps take: those that are watched keep the speed, the others do not.

    Args: steps: of each run with the first seed.  further: of further seeds, in all.  rate: steps a
    second as fast as possible, > 0.  speed: that is set; 0: as fast as possible.
    """
    watched = max(runs * steps / rate, steps / speed if speed else 0.0)
    return watched + further / rate


def plan_text(
    runs: int, steps: int, seeds: int, first_seed: int, rate: float, speed: float = 0.0
) -> str:
    """Return how much a comparison is, before it starts; empty: nothing is to be said.

    Args: steps: of each run.  first_seed: of the seeds.  rate: steps a second as fast as possible,
    measured; 0: unknown.  speed: that is set; 0: as fast as possible.
    """
    if seeds == 1:
        return f"takes {duration_text(steps / speed)}" if speed else ""
    if first_seed + seeds - 1 > MAX_SEED:
        return f"the largest seed is {MAX_SEED:,}"
    in_all = runs * steps * seeds
    if in_all > MAX_REPEATED_STEPS:
        return f"{in_all:,} steps in all, more than {MAX_REPEATED_STEPS:,}"
    time = ""
    if rate:
        seconds = race_seconds(steps, runs, in_all - runs * steps, rate, speed)
        time = f", about {duration_text(seconds)}"
    return f"{in_all:,} steps in all{time}"


def progress_text(comparison: ComparisonFrame, speed: float = 0.0) -> str:
    """Return where a comparison with several seeds stands; empty: it is over, or of one seed.

    Args: speed: that is set; 0: as fast as possible.
    """
    if comparison.seeds == 1 or comparison.over:
        return ""
    rows, rate = comparison.rows, comparison.steps_per_second
    waiting = [row for row in rows if not row.problem and row.step < comparison.steps]
    number = 1 if waiting else common_seeds(rows) + 1
    time = ""
    if rate:
        left = [comparison.steps - row.step for row in waiting]
        seconds = race_seconds(
            max(left, default=0), len(left), comparison.steps_left - sum(left), rate,
            0.0 if comparison.at_once else speed,
        )  # fmt: skip
        time = f", about {duration_text(seconds)} left"
    return f"seed {number} of {comparison.seeds}{time}"


# ---------------------------------------------------------------- what the numbers are worth


def margin_lines(seeds: int) -> tuple[str, ...]:
    """Return what ± and ★ stand for. Args: seeds: that the numbers are of."""
    if seeds == 1:
        return (
            "± 95 % margin of the test samples; another seed may differ by more",
            "★ above every other run by more than two standard errors",
            "of the difference, test sample by test sample",
        )
    few = "; with so few seeds, by more than that" if seeds in FEW_SEEDS else ""
    return (
        f"± two standard errors of the mean over {seeds} seeds",
        "★ above every other run by more than two standard errors",
        f"of the difference, seed by seed{few}",
    )


def difference_lines(runs: Sequence[RunText]) -> list[str]:
    """Return by how much each run's target accuracy is above the first's, and what that shows."""
    rows = [run.row for run in runs if run.row is not None]
    if not rows or rows[0].step == 0:
        return []
    seeds, (first, *others) = common_seeds(rows), runs
    lines = []
    for run in others:
        assert run.row is not None
        gap = difference(TARGET, run.row, rows[0], seeds)
        if gap is not None and not (seeds == 1 and (run.row.problem or rows[0].problem)):
            lines.append(f"{run.label} − {first.label}: {_gap_text(gap)}")
    return lines


def _gap_text(gap: Estimate) -> str:
    points = f"{points_text(gap.value, plus=True)} {plus_minus(gap.margin)}".rstrip()
    if math.isnan(gap.margin):
        return f"{points} points: one seed alone shows nothing"
    if abs(gap.value) <= gap.margin:
        return f"{points} points: no difference shown"
    if not gap.is_shown:
        return f"{points} points: too few seeds to tell"
    return f"{points} points: {'higher' if gap.value > 0 else 'lower'}"


def divergence_lines(runs: Sequence[RunText]) -> list[str]:
    """Return for each run that diverged with some of several seeds what its mean then is."""
    rows = [run.row for run in runs if run.row is not None]
    seeds = common_seeds(rows)
    return [
        f"{run.label} {_divergence_text(lost, seeds)}"
        for run in runs
        if seeds > 1 and run.row is not None and (lost := diverged_seeds(run.row, seeds))
    ]


def _divergence_text(lost: Sequence[SeedResult], seeds: int) -> str:
    if len(lost) == seeds:
        return f"diverged with all {seeds} seeds: there is no mean."
    named = ", ".join(f"{result.seed} ({result.problem.removeprefix('diverged ')})"
                      for result in lost)  # fmt: skip
    left = seeds - len(lost)
    which = "seed" if len(lost) == 1 else "seeds"
    return (
        f"diverged with {which} {named}: its mean is over the other {count_text(left)}, "
        "and it gets no ★."
    )


DETAILS: tuple[tuple[str, Measure], ...] = (
    ("Target accuracy, test", TARGET),
    ("Target accuracy, validation", VALIDATION),
    ("Source accuracy, head as it is", SOURCE),
    ("Source accuracy with the old head kept", SOURCE_KEPT_HEAD),
    ("Forgetting, head as it is", FORGETTING),
    ("Forgetting with the old head kept", FORGETTING_KEPT_HEAD),
)


def details_text(run: RunText, seeds: int) -> str:
    """Return all that is known of a run's accuracies, for a tooltip. Args: seeds: that all have."""
    row = run.row
    if row is None:
        return ""
    lines = [f"{run.label}, {_seeds_text(row, seeds)}"]
    for name, measure in DETAILS:
        found = None if is_meaningless(measure, run) else estimate(measure, row, seeds)
        if found is not None:
            unit = " points" if measure.is_loss else "\u202f%"
            value = points_text(found.value) if measure.is_loss else f"{100 * found.value:.1f}"
            lines.append(f"{name}: {value} {plus_minus(found.margin)}".rstrip() + unit)
    lines += _reference_lines(row)
    if seeds > 1:
        results = list(map(_seed_text, row.results[:seeds]))
        starts = range(0, seeds, SEEDS_IN_LINE)
        lines.append("Target accuracy by seed:")
        lines += [", ".join(results[start : start + SEEDS_IN_LINE]) for start in starts]
    return "\n".join(lines)


def is_meaningless(measure: Measure, run: RunText) -> bool:
    """Whether a run cannot have the measure: who begins with random weights forgets nothing."""
    return measure.is_loss and not run.is_pretrained


def _seeds_text(row: ComparisonRow, seeds: int) -> str:
    first = row.result.seed
    return f"seed {first}" if seeds == 1 else f"mean over seeds {first} … {first + seeds - 1}"


def _seed_text(result: SeedResult) -> str:
    value = result.problem or percent(result.target_accuracy)
    return f"{result.seed}: {value}"


def _reference_lines(row: ComparisonRow) -> list[str]:
    """Return what the accuracies are to be read against: guessing, or the most frequent class."""
    named = (("Target", row.target_test), ("Source", row.source_test))
    return [
        f"{name} test: {facts.samples:,} samples; {references}"
        for name, facts in named
        if (references := ", ".join(f"{k} {percent(v)}" for k, v in baselines(facts).items()))
    ]
