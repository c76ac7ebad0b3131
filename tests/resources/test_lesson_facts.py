"""What lessons say that is no arithmetic over measures: constants, sizes, other checks."""

import re
from functools import lru_cache
from itertools import pairwise
from statistics import fmean
from typing import Any

import numpy as np
import pytest

from engine.cost.answers import cost_values
from engine.cost.plan import CostPlan
from engine.model.bits import nf4_bits
from engine.model.nf4 import NF4_VALUES
from engine.protocol.messages import Frame, FrameOptions, Merge
from engine.protocol.settings import Settings
from engine.protocol.sizes import byte_text
from engine.strategies import STRATEGIES
from engine.tasks import TASKS
from engine.trainer import Trainer
from gui.lessons.file import find_lesson
from gui.lessons.lesson import ChoiceQuestion, Lesson
from tests.resources.lesson_runs import settings_of

SEEDS = range(6)
LARGE = 8192 * 8192


def said(lesson: Lesson) -> str:
    """All that its cards, options and reasons say, with ordinary spaces."""
    questions = [
        card.question for card in lesson.cards if isinstance(card.question, ChoiceQuestion)
    ]
    options = [text for question in questions for text in (*question.options, *question.reasons)]
    return "\n".join([*(card.text for card in lesson.cards), *options]).replace("\u202f", " ")


def taken(settings: Settings, steps: int = 300, options: FrameOptions | None = None) -> Frame:
    """The frame after so many steps."""
    trainer = Trainer(settings)
    for _ in range(steps):
        trainer.step()
    return trainer.frame(options=options)


# ---------------------------------------------------------------- 9 QLoRA


def test_9_bits_per_weight() -> None:
    text = said(find_lesson("qlora"))
    assert nf4_bits(LARGE, double=False) / LARGE == 4.5
    assert f"{nf4_bits(LARGE) / LARGE:.3f}" == "4.127"
    body = Settings().body_shapes.values()
    ours = sum(nf4_bits(out * inputs) for out, inputs in body) / Settings().body_weights
    for number in ("4.5", "4.127", f"{ours:.4f}"):
        assert number in text


def test_9_the_sixteen_values() -> None:
    text = said(find_lesson("qlora"))
    table = re.search(r"begin{matrix}(.*?)\\end", text)
    assert table is not None
    shown = [float(value) for value in re.findall(r"-?[.\d]+", table[1])]
    assert shown == [round(value, 2) for value in NF4_VALUES]


def _merges(run: str, seed: int, steps: int = 300) -> dict[str, Merge]:
    """What merging costs after a run of the lesson, by format."""
    lesson = find_lesson("qlora")
    settings = settings_of(lesson, lesson.runs[run], seed)
    frame = taken(settings, steps, FrameOptions(merges=True))
    return {merge.format: merge for merge in frame.measurements.merges}


@lru_cache(maxsize=1)
def _merged() -> list[dict[str, Merge]]:
    """What merging costs after the run that learns little, per seed."""
    return [_merges("gentle", seed) for seed in SEEDS]


def test_9_the_rounded_w_alone_comes_through_a_merge() -> None:
    assert _merges("gentle", seed=0, steps=0)["nf4"].weight_error < 0.001


def test_9_merging_a_small_change_in_4_bits_makes_an_error_larger_than_it() -> None:
    assert all(found["nf4"].delta_error > 1 for found in _merged())


def test_9_and_the_target_accuracy_falls_towards_what_the_old_weights_had() -> None:
    for which, sign in (("target_accuracy", 1), ("source_accuracy", -1)):
        falls = [
            sign * (getattr(found["float32"], which) - getattr(found["nf4"], which))
            for found in _merged()
        ]
        assert min(falls) > 0
        assert which == "source_accuracy" or fmean(falls) == pytest.approx(0.07, abs=0.015)


def test_9_merging_into_16_bits_loses_nothing() -> None:
    for found in _merged():
        assert found["bfloat16"].delta_error < 0.1
        exact, rounded = (found[name].target_accuracy for name in ("float32", "bfloat16"))
        assert exact == pytest.approx(rounded, abs=0.005)


def test_9_a_large_change_survives_the_merge() -> None:
    """The control: the same run at thirty times the learning rate."""
    assert _merges("qlora", seed=0)["nf4"].delta_error < 0.4


# ---------------------------------------------------------------- 11 layer by layer


def test_11_each_layer_learns_2_6_times_more_slowly_than_the_one_above() -> None:
    lesson = find_lesson("layer-by-layer")
    settings = settings_of(lesson, lesson.runs["paced"])
    rate = STRATEGIES["discriminative_rates"].lr_multiplier
    names = ("head", "layer3", "layer2", "layer1")
    rates = [rate(f"{name}.weight", settings) for name in names]
    ratios = [above / below for above, below in pairwise(rates)]
    assert ratios == pytest.approx([2.6] * 3)
    assert round(rates[0] / rates[-1]) == 18
    assert "18 times" in said(lesson)


def test_11_layer_1_has_only_the_last_quarter_of_the_run() -> None:
    lesson = find_lesson("layer-by-layer")
    run = lesson.runs["gradual"]
    begun = Trainer(settings_of(lesson, run)).frame().layers
    assert {layer.name: layer.unfreeze_at for layer in begun}["layer1"] == run.steps * 3 // 4


# ---------------------------------------------------------------- 13 prompt and prefix


def test_13_without_its_vector_the_old_network_is_back() -> None:
    lesson = find_lesson("prompt-and-prefix")
    for run in ("prompt", "prefix", "swapped"):
        trainer = Trainer(settings_of(lesson, lesson.runs[run]))
        before = trainer.measure()
        for _ in range(20):
            trainer.step()
        assert trainer.measure() != before
        for name, parameter in trainer.network.named_parameters():
            if name.endswith("prompt"):
                parameter.data.zero_()
        assert trainer.run.evaluator.measure() == before


def test_13_inverting_an_image_is_c_minus_x_with_one_c_for_all() -> None:
    features = TASKS["digits-to-inverted"].draw(0).features
    assert features is not None
    pixels = np.random.default_rng(0).uniform(0, 16, (5, 64))
    c = features(pixels) + features(16 - pixels)
    assert np.allclose(c, c[0], atol=1e-6)


@pytest.mark.slow
def test_13_a_shift_stays_below_guessing_for_3000_steps() -> None:
    run = find_lesson("prompt-and-prefix").runs["swapped"]
    for seed in SEEDS:
        settings = settings_of(find_lesson("prompt-and-prefix"), run, seed)
        assert (taken(settings, steps=3000).measurements.target_accuracy or 0) < 0.1


def test_13_with_the_head_unlocked_it_is_the_head_that_learns() -> None:
    """The control: the same head, trained without a vector, comes about as far."""
    lesson = find_lesson("prompt-and-prefix")
    together = settings_of(lesson, lesson.runs["free_head"])
    alone = together.replace(strategy="freeze", frozen=("layer1", "layer2", "layer3"))
    weights = together.replace(strategy="full", frozen=("head",), learning_rate=0.003)
    found = [taken(each).measurements.target_accuracy or 0 for each in (together, alone, weights)]
    assert min(found) > 0.6
    assert abs(found[0] - found[1]) < 0.06


def test_13_what_is_added_is_a_bias_of_40_numbers() -> None:
    lesson = find_lesson("prompt-and-prefix")
    factors = dict(taken(settings_of(lesson, lesson.runs["prompt"]), steps=5).layers[0].factors)
    assert factors["delta_b"].size == 40
    assert factors["prompt"].size == 30


# ---------------------------------------------------------------- 15 what it costs


def _cost(**plan: Any) -> dict[str, Any]:
    return cost_values(CostPlan(preset="llama-3-70b", **plan))


def test_15_the_figures_are_those_of_the_calculator() -> None:
    text = said(find_lesson("what-it-costs"))
    lora, full = _cost(method="lora"), _cost(method="full")
    more_tasks, few_bits = _cost(method="lora", tasks=100), _cost(method="lora", precision=4)
    assert (lora["rank"], lora["targets"]) == (8, ("q", "v"))
    sizes = (
        full["checkpoint_bytes"], lora["checkpoint_bytes"], full["memory_bytes"],
        lora["memory_bytes"], few_bits["memory_bytes"],
        *(lora["tasks"][key] for key in ("copies_bytes", "adapters_bytes")),
        *(more_tasks["tasks"][key] for key in ("copies_bytes", "adapters_bytes")),
    )  # fmt: skip
    for size in sizes:
        assert byte_text(size) in text
    for count in (lora["trainable_parameters"], full["trainable_parameters"]):
        assert f"{count:,}" in text
    share = lora["trainable_parameters"] / lora["total_parameters"]
    assert f"{100 * share:.3f} %" in text


def test_15_every_size_it_names_is_one_of_these() -> None:
    lora, full = _cost(method="lora"), _cost(method="full")
    more_tasks, few_bits = _cost(method="lora", tasks=100), _cost(method="lora", precision=4)
    known = {
        byte_text(size)
        for plan in (lora, full, more_tasks, few_bits)
        for size in (plan["checkpoint_bytes"], plan["memory_bytes"],
                     plan["tasks"]["copies_bytes"], plan["tasks"]["adapters_bytes"])
    }  # fmt: skip
    texts = [card.text for card in find_lesson("what-it-costs").cards if card.page == "costs"]
    found = {
        size.replace("\u202f", " ")
        for text in texts
        for size in re.findall(r"\d[\d.]*\s[kMGT]B", text)
    }
    assert found - known == {"100 MB"}  # what one is to go beyond


def test_15_a_rank_a_little_higher_makes_a_file_of_100_mb_and_the_memory_hardly_follows() -> None:
    below, beyond = _cost(method="lora", rank=24), _cost(method="lora", rank=25)
    assert below["checkpoint_bytes"] < 100e6 < beyond["checkpoint_bytes"]
    assert beyond["memory_bytes"] < 1.01 * _cost(method="lora")["memory_bytes"]
