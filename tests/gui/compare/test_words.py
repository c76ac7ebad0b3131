"""Who is to race with which settings, and what the table makes of the racers' figures."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from engine.protocol.comparison import SHARED_FIELDS
from engine.protocol.settings import MAX_SEED, Settings, SettingsError
from gui.compare.entries import (
    ComparisonEntry,
    comparable_strategies,
    default_entries,
    with_another_entry,
)
from gui.compare.words import (
    RunText,
    difference_lines,
    distinct_labels,
    divergence_lines,
    fairness_text,
    plan_text,
    progress_text,
    remark_text,
)
from tests.gui.comparisons import comparison, result, row
from tests.gui.shell_frames import catalogue

INFOS = tuple(
    replace(info, not_comparable="it is a lesson" if info.name == "weight_update" else "")
    for info in catalogue().strategies
)
PLANS = tuple(
    replace(info, controls=("rank", "total_steps"))
    if info.name == "adapter"
    else replace(info, defaults={"learning_rate": 0.02} if info.name == "full" else {})
    for info in INFOS
)


def run_text(label: str = "LoRA", **changes: Any) -> RunText:
    settings = Settings(strategy="lora", rank=3)
    return RunText(label, settings, True, row(settings, **changes))


def planned(label: str, settings: Settings, **changes: Any) -> RunText:
    return RunText(label, settings, False, None, **changes)


def test_the_strategy_that_is_set_keeps_its_settings_and_others_bring_theirs() -> None:
    base = Settings(strategy="lora", rank=7, learning_rate=0.5, seed=4, frozen=("layer1",))
    assert ComparisonEntry("lora").settings(base, PLANS, 99) == base
    full = ComparisonEntry("full").settings(base, PLANS, 99)
    assert full == base.replace(strategy="full", learning_rate=0.02, frozen=None)
    for field in SHARED_FIELDS:
        assert getattr(full, field) == getattr(base, field)


def test_what_is_typed_goes_before_what_is_brought() -> None:
    base = Settings()
    typed = ComparisonEntry("lora", learning_rate=0.7, rank=9).settings(base, PLANS)
    assert (typed.learning_rate, typed.rank) == (0.7, 9)
    with pytest.raises(SettingsError, match="rank"):
        ComparisonEntry("lora", rank=31).settings(base, PLANS)


def test_who_plans_ahead_plans_with_the_steps_of_the_race() -> None:
    assert ComparisonEntry("adapter").settings(Settings(), PLANS, 40).total_steps == 40
    assert ComparisonEntry("lora").settings(Settings(), PLANS, 40).total_steps == 300
    assert (
        ComparisonEntry("lora").settings(Settings(schedule="linear"), PLANS, 40).total_steps == 40
    )


def test_whom_to_offer_at_first() -> None:
    names = [entry.strategy for entry in default_entries(Settings(strategy="freeze"), INFOS)]
    assert names == ["freeze", "full", "lora"]
    names = [entry.strategy for entry in default_entries(Settings(strategy="weight_update"), INFOS)]
    assert names == ["full", "lora", "linear_probe"]
    assert default_entries(Settings(), ()) == ()
    assert "weight_update" not in {info.name for info in comparable_strategies(INFOS)}


def test_one_more_is_another_until_there_are_four() -> None:
    entries = default_entries(Settings(), INFOS)
    four = with_another_entry(entries, INFOS)
    assert len({entry.strategy for entry in four}) == 4
    assert with_another_entry(four, INFOS) == four


def test_fairness_names_the_values_of_this_race() -> None:
    one = Settings(train_samples=100, seed=5, batch_size=16, optimizer="momentum")
    runs = planned("Full", one), planned("LoRA", one.replace(strategy="lora", learning_rate=0.1))
    text = fairness_text(runs, 250, 12)
    for part in ("Same W, same 100 training samples", "seed 5; then 6 … 16", "250 steps",
                 "batch size 16", "Momentum", "Each at its own learning rate."):  # fmt: skip
        assert part in text


def test_an_equal_rate_is_not_called_fair() -> None:
    runs = planned("Full", Settings()), planned("LoRA", Settings(strategy="lora"))
    text = fairness_text(runs, 9)
    assert "The same learning rate, which may not suit every method equally." in text
    assert "head" not in text


def test_unequal_heads_and_random_weights_are_told() -> None:
    full = planned("Full", Settings())
    probe = planned("Linear probe", Settings(), has_new_head=True)
    scratch = planned("Scratch", Settings(), is_pretrained=False, has_new_head=True)
    text = fairness_text((full, probe, scratch), 9)
    assert text.startswith("Same pretrained W (but a random one for Scratch), same training")
    assert "Linear probe and Scratch begin with a new head, the others with the pretrained" in text
    assert "“New head” in the settings gives all a new one" in text
    assert "head" not in fairness_text((probe, scratch), 9)
    assert fairness_text((scratch, scratch), 9).startswith("Same random W, same")


def test_runs_of_one_strategy_are_told_apart() -> None:
    lora = Settings(strategy="lora")
    runs = [RunText(label, settings, label == "LoRA", None) for label, settings in (
        ("Full", Settings()), ("LoRA", lora), ("LoRA", lora.replace(rank=16)),
        ("LoRA", lora.replace(rank=16)),
    )]  # fmt: skip
    labels = [run.label for run in distinct_labels(runs)]
    assert labels == ["Full", "LoRA r 4", "LoRA r 16 (1)", "LoRA r 16 (2)"]
    full = [RunText("Full", Settings(learning_rate=rate), False, None) for rate in (0.1, 0.003)]
    assert [run.label for run in distinct_labels(full)] == ["Full η 0.1", "Full η 0.003"]
    assert [run.label for run in distinct_labels(runs[:2])] == ["Full", "LoRA"]


def test_what_is_said_beside() -> None:
    assert remark_text(Settings(), ()) == ""
    assert "Early stopping" in remark_text(Settings(patience=10), ())
    assert "next comparison" in remark_text(Settings(seed=2), (Settings(),))
    assert remark_text(Settings(learning_rate=0.9), (Settings(),)) == ""


def test_how_much_it_is_before_the_start() -> None:
    assert plan_text(2, 300, 1, 0, 900.0) == ""
    assert plan_text(2, 300, 1, 0, 900.0, speed=30.0) == "takes 10\u202fs"
    assert plan_text(2, 100_000, 1, 0, 0.0, speed=30.0) == "takes 56\u202fmin"
    assert plan_text(3, 300, 12, 0, 0.0) == "10,800 steps in all"
    assert plan_text(3, 300, 12, 0, 900.0) == "10,800 steps in all, about 12\u202fs"
    # The first seed is watched, the others are not: 300 / 5 and 9,900 / 900 seconds.
    assert plan_text(3, 300, 12, 0, 900.0, speed=5.0).endswith("about 71\u202fs")
    assert plan_text(4, 100_000, 12, 0, 9.0) == "4,800,000 steps in all, more than 1,000,000"
    assert plan_text(2, 300, 2, MAX_SEED, 9.0) == "the largest seed is 2,147,483,647"


def test_where_it_stands() -> None:
    rows = row(Settings(), further=(result(1),)), row(Settings(), further=(result(1),))
    told = comparison(*rows, seeds=4, repeated_steps=150, steps_per_second=10.0)
    assert progress_text(told) == "seed 3 of 4, about 21\u202fs left"
    assert progress_text(replace(told, steps=90)).startswith("seed 1 of 4")
    assert progress_text(replace(told, seeds=2)) == ""
    # 30 steps of each are watched, 2 · 3 · 90 − 150 of further seeds are not.
    early = replace(told, steps=90, steps_per_second=100.0)
    assert progress_text(early, speed=1.0) == "seed 1 of 4, about 34\u202fs left"
    assert progress_text(replace(early, at_once=True), 1.0) == "seed 1 of 4, about 4\u202fs left"


def test_differences_say_what_they_show() -> None:
    runs = [run_text("A"), run_text("B", target_accuracy=0.803), run_text("C", target_accuracy=0.6)]
    assert difference_lines(runs) == [
        "B − A: +0.2 ±\u202f0.5 points: no difference shown",
        "C − A: −20.0 ±\u202f4.0 points: lower",
    ]
    further = [(result(1, target_accuracy=0.7),), (result(1, target_accuracy=0.72),)]
    two = [run_text("A", further=further[0]),
           run_text("B", further=further[1], target_accuracy=0.82)]  # fmt: skip
    assert difference_lines(two) == ["B − A: +2.0 ±\u202f0.0 points: too few seeds to tell"]
    two[1] = run_text("B", further=further[1], target_accuracy=0.83)
    assert difference_lines(two) == ["B − A: +2.5 ±\u202f1.0 points: too few seeds to tell"]
    assert difference_lines([run_text(step=0), run_text(step=0)]) == []


def test_seeds_that_diverged_are_told_and_left_out() -> None:
    lost = result(1, target_accuracy=0.1, problem="diverged at step 7")
    runs = [run_text("A", further=(lost, result(2))), run_text("B", further=(result(1), result(2)))]
    assert divergence_lines(runs) == [
        "A diverged with seed 1 (at step 7): its mean is over the other 2, and it gets no ★."
    ]
    assert difference_lines(runs)[0].startswith("B − A: 0.0 ±\u202f0.0 points: no difference")
    ends = [run_text("A", problem="diverged at step 2", further=(lost,)),
            run_text("B", further=(result(1),))]  # fmt: skip
    assert divergence_lines(ends) == ["A diverged with all 2 seeds: there is no mean."]
    assert difference_lines(ends) == []
