"""What the table makes of the runs' figures: margins, order, and whom it marks as the best."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from engine.history.comparison import Comparison
from engine.protocol.settings import Settings
from engine.protocol.uncertainty import accuracy_margin, mean_margin, paired_difference
from gui.compare.estimates import FEW_SEEDS
from gui.compare.figures import FIGURES, TableFigure, sorted_runs
from gui.compare.words import RunText, details_text
from tests.gui.comparisons import result, row


def figure(key: str) -> TableFigure:
    return next(figure for figure in FIGURES if figure.key == key)


def run_text(label: str = "LoRA", **changes: Any) -> RunText:
    settings = Settings(strategy="lora", rank=3)
    return RunText(label, settings, True, row(settings, **changes))


def over_seeds(*accuracies: float, **changes: Any) -> RunText:
    first, *others = accuracies
    further = tuple(
        result(seed, target_accuracy=value) for seed, value in enumerate(others, start=1)
    )
    return run_text(target_accuracy=first, further=further, **changes)


def test_the_texts_of_a_row() -> None:
    told = run_text(seconds=1.234, stored_bytes=820, source_accuracy=0.5, start_source_accuracy=0.9)
    margin = f"±\u202f{100 * accuracy_margin(0.8, 400):.1f}"
    texts = {each.key: each.texts(told) for each in FIGURES}
    assert texts == {
        "target": ("80.0", margin),
        "source": ("50.0", f"±\u202f{100 * accuracy_margin(0.5, 400):.1f}"),
        "source_kept_head": ("85.0", f"±\u202f{100 * accuracy_margin(0.85, 400):.1f}"),
        # 160 of 400 samples lost, none won
        "forgetting": ("40.0", f"±\u202f{100 * mean_margin([1.0] * 160 + [0.0] * 240):.1f}"),
        "trainable": ("4,810", ""),
        "stored": ("820\u202fbytes", ""),
        "seconds": ("1.23\u202fs", ""),
    }
    waiting = dataclasses.replace(told, row=None)
    assert [each.texts(waiting) for each in FIGURES] == [("–", "")] * 7


def test_several_seeds_give_their_mean_and_two_standard_errors() -> None:
    values = (0.7, 0.8, 0.9)
    margin = f"±\u202f{100 * mean_margin(values):.1f}"
    assert figure("target").texts(over_seeds(*values), 3) == ("80.0", margin)
    lost = over_seeds(*values, problem="diverged at step 3")
    assert figure("target").texts(lost, 3)[0] == "85.0"


def test_who_begins_with_random_weights_forgets_nothing() -> None:
    scratch = dataclasses.replace(run_text(start_source_accuracy=0.1), is_pretrained=False)
    runs = [scratch, run_text(start_source_accuracy=0.95), run_text(start_source_accuracy=0.8)]
    assert figure("forgetting").texts(scratch) == ("–", "")
    assert figure("forgetting").best_runs(runs) == {2}
    assert "Forgetting" not in details_text(scratch, 1)


def test_the_best_of_exact_figures() -> None:
    runs = [
        run_text(stored_bytes=10, seconds=0.3),
        run_text(stored_bytes=10, seconds=0.1),
        run_text(stored_bytes=20, seconds=0.2),
        run_text(stored_bytes=1, seconds=0.01, problem="diverged at step 2"),
    ]
    assert figure("stored").best_runs(runs) == {0, 1}
    assert figure("trainable").best_runs(runs) == frozenset()  # all alike
    assert figure("seconds").best_runs(runs) == frozenset()  # here it measures overhead
    assert "reverse" in figure("seconds").hint
    begun = [run_text(step=0), run_text(step=0, stored_bytes=1)]
    assert figure("stored").best_runs(begun) == frozenset()


@pytest.mark.parametrize(
    ("accuracies", "best"),
    [
        ((0.9, 0.6), {0}),
        ((0.803, 0.8), frozenset()),  # one sample of 400
        ((0.9, 0.899, 0.5), frozenset()),  # the second is beaten by chance at most
        ((0.8, 0.8), frozenset()),
        ((None, 0.2, 0.1), {1}),
    ],
)
def test_one_seed_marks_whom_the_test_samples_tell_apart(
    accuracies: tuple[float | None, ...], best: set[int]
) -> None:
    runs = [run_text(target_accuracy=accuracy) for accuracy in accuracies]
    assert figure("target").best_runs(runs) == best


@pytest.mark.parametrize(
    ("ours", "theirs", "best"),
    [
        ((0.7, 0.8, 0.9), (0.69, 0.79, 0.89), {0}),  # far less than the spread, but each time
        ((0.7, 0.8, 0.9), (0.6, 0.81, 0.88), frozenset()),
        ((0.9, 0.5), (0.5, 0.89), frozenset()),
        ((0.72, 0.81, 0.9, 0.8, 0.8), (0.7, 0.8, 0.89, 0.79, 0.79), {0}),
        ((0.74, 0.81), (0.7, 0.8), frozenset()),  # 2.5 ± 3.0 points
        ((0.73, 0.82), (0.7, 0.8), frozenset()),  # 2.5 ± 1.0 points, of two seeds
        ((0.75, 0.625), (0.5, 0.375), frozenset()),  # two that are alike have no spread
    ],
)
def test_several_seeds_mark_whom_the_pairs_tell_apart(
    ours: tuple[float, ...], theirs: tuple[float, ...], best: set[int]
) -> None:
    runs = [over_seeds(*ours), over_seeds(*theirs)]
    assert figure("target").best_runs(runs) == best


def test_who_diverged_with_a_seed_neither_wins_nor_lets_another_win_for_it() -> None:
    good = over_seeds(0.9, 0.9, 0.9)
    lost = dataclasses.replace(
        good, row=row(good.settings, target_accuracy=0.9,
                      further=(result(1, problem="diverged at step 2"), result(2))),
    )  # fmt: skip
    assert figure("target").best_runs([lost, over_seeds(0.6, 0.6, 0.6)]) == frozenset()
    gone = over_seeds(0.9, problem="diverged at step 2")
    assert figure("target").best_runs([gone, run_text(target_accuracy=0.7)]) == frozenset()
    three = [gone, run_text(target_accuracy=0.9), run_text(target_accuracy=0.6)]
    assert figure("target").best_runs(three) == {1}


def test_a_tooltip_has_both_measures_and_the_validation_accuracy() -> None:
    text = details_text(over_seeds(0.7, 0.9), 2)
    for part in ("mean over seeds 0 … 1", "Target accuracy, test: 80.0 ±\u202f20.0",
                 "Target accuracy, validation: 75.0 ±\u202f0.0",
                 "Source accuracy with the old head kept: 85.0 ±",
                 "Forgetting, head as it is: 15.0 ±\u202f0.0 points",
                 "Forgetting with the old head kept: 10.0 ±\u202f0.0 points",
                 "chance 10.0\u202f%", "0: 70.0\u202f%, 1: 90.0\u202f%"):  # fmt: skip
        assert part in text


def test_sorting_puts_what_has_no_figure_last() -> None:
    runs = [run_text("b", target_accuracy=None), run_text("C", target_accuracy=0.1),
            run_text("a", target_accuracy=0.7)]  # fmt: skip
    assert sorted_runs(runs, figure("target"), descending=True) == [2, 1, 0]
    assert sorted_runs(runs, figure("target"), descending=False) == [1, 2, 0]
    assert sorted_runs(runs, None, descending=False) == [2, 0, 1]


def raced(other: str, steps: int, seeds: int, **changes: Any) -> list[RunText]:
    entries = Settings(strategy="lora", **changes), Settings(strategy=other, **changes)
    comparison = Comparison(entries, steps, seeds)
    while not comparison.over:
        comparison.advance()
    return [
        RunText(each.settings.strategy, each.settings, False, each)
        for each in comparison.frame(1, running=False).rows
    ]


@pytest.mark.parametrize(
    ("steps", "seeds"), [(20, 3), pytest.param(300, 12, marks=pytest.mark.slow)]
)
def test_lora_beats_a_linear_probe_on_turned_digits(steps: int, seeds: int) -> None:
    assert figure("target").best_runs(raced("linear_probe", steps, seeds), seeds) == {0}


@pytest.mark.parametrize(
    ("steps", "seeds"), [(5, 3), pytest.param(100, 12, marks=pytest.mark.slow)]
)
def test_lora_and_dora_are_not_told_apart_within_two_standard_errors(
    steps: int, seeds: int
) -> None:
    runs = raced("dora", steps, seeds, task="digits-0-4-to-5-9")
    lora, dora = ([result.target_accuracy for result in run.row.results] for run in runs)
    mean, margin = paired_difference(lora, dora)
    assert abs(mean) <= margin * FEW_SEEDS.get(seeds, 1.0)
    assert figure("target").best_runs(runs, seeds) == frozenset()
