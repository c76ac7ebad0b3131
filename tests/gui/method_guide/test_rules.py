"""What suits what: the rules on figures made for them, and on those that ship."""

from statistics import fmean

import pytest

from engine.method_figures.measured import settings_of
from engine.protocol.method_figures import MethodFigures, SetupFigures, read_figures
from engine.protocol.uncertainty import paired_difference
from gui.lessons.controller import TRIAL_STEPS
from gui.method_guide.entries import read_method_guide
from gui.method_guide.rules import RULES, find_suits, is_close
from tests.resources.lesson_runs import record_of

GUIDE = read_method_guide()


def _runs(target: float, spread: float = 0.0, lost: float = 0.0, kept: float = 0.0) -> SetupFigures:
    targets = (target - spread, target, target + spread)
    return SetupFigures(targets, (0.0,) * 3, (lost,) * 3, (kept,) * 3)


def _method(runs: SetupFigures, file: int = 1000, memory: int = 6000) -> MethodFigures:
    names = ("few", "many", "far", "far_old_head", "near", "noise")
    return MethodFigures(10, True, memory, file, 1.0, False, "all", dict.fromkeys(names, runs))


def test_close_is_within_two_points_or_two_standard_errors() -> None:
    figures = {
        "full": _method(_runs(0.9)),
        "near": _method(_runs(0.881)),
        "noisy": _method(_runs(0.85, spread=0.05)),
        "far": _method(_runs(0.85, spread=0.01)),
    }
    assert [name for name in figures if is_close(figures, name, "few")] == ["full", "near", "noisy"]


def test_files_memory_and_the_source_have_their_rules() -> None:
    figures = {
        "full": _method(_runs(0.9, lost=0.3)),
        "small": _method(_runs(0.9, lost=0.3), file=10, memory=1050),
        "gentle": _method(_runs(0.9, lost=0.01, kept=0.02)),
        "one_measure": _method(_runs(0.9, lost=0.01, kept=0.1)),
    }
    suits = find_suits(figures)
    for situation, right in (
        ("tasks", {"small"}), ("tight", {"small"}), ("keep", {"small", "gentle"}),
    ):  # fmt: skip
        assert {name for name in figures if situation in suits[name]} == right


def test_a_new_kind_of_image_asks_with_either_head() -> None:
    good, bad = _runs(0.9), _runs(0.5)
    figures = {"full": _method(good), "fails_with_the_old": _method(good)}
    figures["fails_with_the_old"].runs["far_old_head"] = bad
    assert "far" in find_suits(figures)["full"]
    assert "far" not in find_suits(figures)["fails_with_the_old"]


@pytest.mark.parametrize(
    ("situation", "suiting", "others"),
    [
        ("few", {"lora", "qlora", "prompt", "linear_probe"}, {"scratch"}),
        ("far", {"full"}, {"lora", "qlora", "adapter", "linear_probe"}),
        ("tight", {"lora", "qlora", "adapter", "prompt", "linear_probe"}, {"full", "freeze"}),
        ("tasks", {"lora", "qlora", "adapter", "prompt", "linear_probe"}, {"full", "freeze"}),
        ("keep", {"lora", "adapter", "linear_probe"}, {"full", "discriminative_rates", "freeze"}),
    ],
)
def test_what_was_measured_says(situation: str, suiting: set[str], others: set[str]) -> None:
    fitting = {name for name, found in GUIDE.suits.items() if situation in found}
    assert suiting <= fitting
    assert not others & fitting


def test_the_remarks_on_practice_are_so() -> None:
    def gap(ours: str, theirs: str, setup: str) -> float:
        targets = (GUIDE.figures[name].runs[setup].target for name in (ours, theirs))
        return paired_difference(*targets)[0]

    pretrained = [name for name in GUIDE.figures if name != "scratch"]
    few = max(pretrained, key=lambda name: fmean(GUIDE.figures[name].runs["few"].target))
    assert all(gap(few, name, "few") < 0.03 for name in pretrained)
    assert round(100 * gap(few, "scratch", "few")) == 13
    assert gap("feature_head", "full", "many") > 0.02, "little change is enough"
    assert abs(gap("full", "lora", "far")) < 0.02 < gap("full", "lora", "far_old_head") - 0.2
    assert abs(gap("full", "scratch", "far")) < 0.02


def _lora_of_full_rank(seed: int) -> float:
    settings = settings_of("lora", GUIDE.setup("far_old_head").settings, seed).replace(rank=30)
    return record_of(settings, TRIAL_STEPS).measure("target")


def test_the_rank_is_not_why_lora_falls_behind_on_inverted_images() -> None:
    full = GUIDE.figures["full"].runs["far_old_head"].target
    assert _lora_of_full_rank(seed=0) < full[0] - 0.1


@pytest.mark.slow
def test_nor_is_it_on_average() -> None:
    full = GUIDE.figures["full"].runs["far_old_head"].target
    gap, margin = paired_difference(full, [_lora_of_full_rank(seed) for seed in range(len(full))])
    assert gap > 0.1 + margin


def test_every_situation_has_its_rule() -> None:
    assert list(GUIDE.texts.situations) == list(RULES)
    assert list(read_figures()) == [method.strategy for method in GUIDE.texts.methods]
