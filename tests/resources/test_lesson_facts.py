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
from engine.cost.presets import MODELS
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


def _costs_texts() -> list[str]:
    """Every text of the lesson, but the options of which one alone is right."""
    cards = find_lesson("what-it-costs").cards
    reasons = [
        reason
        for card in cards
        if isinstance(card.question, ChoiceQuestion)
        for reason in card.question.reasons
    ]
    return [*reasons, *(part for card in cards for part in (card.text, card.notes))]


def test_15_every_size_it_names_is_the_calculators() -> None:
    lora, full = _cost(method="lora"), _cost(method="full")
    small, few_bits = _cost(adapter_bytes=2), _cost(precision=4)
    memory = lora["memory"]
    trained = memory["added_bytes"] + memory["gradient_bytes"] + memory["optimizer_bytes"]
    weights = full["total_parameters"]
    known = {
        full["checkpoint_bytes"], lora["checkpoint_bytes"], small["checkpoint_bytes"],
        lora["tasks"]["copies_bytes"], lora["tasks"]["adapters_bytes"], lora["memory_bytes"],
        full["memory_bytes"], few_bits["memory_bytes"], memory["activation_bytes"], trained,
        full["memory"]["activation_bytes"], 14 * weights, few_bits["memory"]["model_bytes"],
        few_bits["memory"]["cast_bytes"], few_bits["memory"]["activation_bytes"],
        memory["logit_bytes"],
    }  # fmt: skip
    said_sizes = {
        size.replace("\u202f", " ")
        for text in _costs_texts()
        for size in re.findall(r"\d[\d.]*\s[kMGT]B", text.replace(r"\ \mathrm", " "))
    }
    # Two sizes of a GPU, and two figures rounded.
    others = {"24 GB", "80 GB", "33 MB", "35 GB"}
    assert said_sizes - {byte_text(size) for size in known} == others
    assert {byte_text(size) for size in known} - said_sizes == set()
    assert full["gpus"]["80"] == 15 and few_bits["memory"]["model_bytes"] > 24e9
    assert (lora["rank"], lora["targets"]) == (8, ("q", "v"))
    assert full["memory"]["activation_bytes"] / full["memory_bytes"] == pytest.approx(
        1 / 20, rel=0.1
    )


def test_15_the_numbers_it_spells_out_are_what_they_come_to() -> None:
    texts = " ".join(_costs_texts())
    frame = taken(Settings(**find_lesson("what-it-costs").changes()), steps=0)
    q, v = MODELS["llama-3-70b"].projection("q"), MODELS["llama-3-70b"].projection("v")
    assert (q.out, q.inputs, v.out, v.inputs) == (8192, 8192, 1024, 8192)
    per_block = 8 * (8192 + 8192) + 8 * (1024 + 8192)
    assert per_block == 204_800 and "204,800" in texts
    assert 80 * per_block == _cost(rank=8)["trainable_parameters"] == 16_384_000
    assert 4 * 70 + 4 * 80 + 4 * 80 == 920 and 10 * 40 + 10 == 410
    assert (920 + 410) / (4400 + 410) == pytest.approx(0.277, abs=5e-4)
    assert 4 * (40 + 40) / (40 * 40) == 0.2
    assert 8 * (8192 + 8192) / 8192**2 == pytest.approx(0.002, abs=5e-5)
    assert 350e6 / (80 * per_block / 8) == pytest.approx(171, abs=0.5)
    assert 66e3 / 4 == pytest.approx(16_384, rel=0.01) and 16_384 < per_block / 10
    assert frame.trainable_parameters == 1330
