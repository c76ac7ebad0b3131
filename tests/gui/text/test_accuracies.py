"""What is said of accuracies: how sure they are, and which measure of the source is meant."""

from __future__ import annotations

import math

import pytest
from msgspec.structs import replace

from engine.protocol.catalogue import find_named
from engine.protocol.frames import Frame, SplitFacts
from gui.text.accuracies import (
    KEPT,
    NEVER_LEARNED,
    NEW_HEAD,
    NOTHING_TO_FORGET,
    NOW,
    SourceHead,
    forgotten_hint,
    forgotten_points,
    margin_text,
    source_head,
    source_hint,
    target_hint,
    validation_hint,
)
from tests.gui.shell_frames import LORA_LAYERS, catalogue, frame

TUMOURS = SplitFacts(57, 2, 0.947)


def with_random(*names: str) -> Frame:
    """A frame in which these layers were not pretrained."""
    layers = (replace(layer, randomly_initialised=layer.name in names) for layer in LORA_LAYERS)
    return frame(50, layers=tuple(layers))


RANDOM = with_random("layer1", "layer2", "layer3", "head")


@pytest.mark.parametrize(
    ("shown", "kind"),
    [
        (frame(50), SourceHead.TRAINED),
        (with_random("head"), SourceHead.KEPT),
        (RANDOM, SourceHead.RANDOM),
        (frame(0, run=0), None),
    ],
)
def test_the_source_is_judged_through_one_of_three_heads(
    shown: Frame, kind: SourceHead | None
) -> None:
    assert source_head(shown) is kind


@pytest.mark.parametrize("accuracy", [None, math.nan])
def test_without_an_accuracy_there_is_no_margin(accuracy: float | None) -> None:
    assert margin_text(accuracy, TUMOURS) == "" == margin_text(0.9, SplitFacts())


def test_target_accuracy_says_that_it_is_a_test_and_what_guessing_would_reach() -> None:
    task = find_named(catalogue().tasks, "cancer-small-to-large")
    text = target_hint(frame(50, target_test=TUMOURS), task)
    assert "57 test samples, never trained on: large tumours" in text
    assert "Guessing would reach 50" in text
    assert "always naming the most frequent class, 94.7" in text
    assert "95" in text and "± " not in text


def test_where_no_class_is_frequent_only_chance_is_told() -> None:
    assert "most frequent" not in target_hint(frame(50), None)


def test_both_measures_of_the_source_are_told_by_name() -> None:
    text = source_hint(frame(50), None, None)
    assert f"{NOW}: 68.5" in text and f"{KEPT}: 73.5" in text
    lost = forgotten_hint(frame(50), None)
    assert f"{NOW}: 28.5 points" in lost and f"{KEPT}: 23.5 points" in lost


def test_where_both_are_the_same_it_says_why() -> None:
    shown = with_random("head")
    assert NEW_HEAD in source_hint(shown, None, None)
    assert NEW_HEAD in forgotten_hint(shown, None) and NOW not in forgotten_hint(shown, None)


@pytest.mark.parametrize("name", ["scratch", "pretrain"])
def test_random_weights_have_forgotten_nothing(name: str) -> None:
    strategy = find_named(catalogue().strategies, name)
    assert strategy is not None and forgotten_points(RANDOM) is None
    assert NOTHING_TO_FORGET in forgotten_hint(RANDOM, strategy)
    text = source_hint(RANDOM, None, strategy)
    assert (NEVER_LEARNED in text) == (name == "scratch")
    assert ("learns the source only" in text) == (name == "pretrain")


def test_validation_accuracy_is_for_choosing() -> None:
    text = validation_hint(frame(50), None)
    assert "100 images" in text and "test accuracy is for the end" in text
