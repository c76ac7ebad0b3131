"""How a run begins: which head, which weights, which samples; and what it is measured by."""

import pytest
import torch

from engine.pretraining import load_pretrained
from engine.protocol.settings import Settings
from engine.trainer import Trainer

SHARED, OTHER = "digits-to-rotated", "digits-0-4-to-5-9"


def _trained(steps: int = 30, **settings: object) -> Trainer:
    trainer = Trainer(Settings.from_mapping(settings))
    for _ in range(steps):
        trainer.step()
    return trainer


def test_a_new_head_is_the_same_draw_for_every_strategy() -> None:
    heads = [
        Trainer(Settings(strategy=strategy, new_head=True)).network.get_parameter("head.weight")
        for strategy in ("full", "linear_probe", "scratch")
    ]
    assert torch.equal(heads[0], heads[1]) and torch.equal(heads[0], heads[2])
    assert not torch.equal(heads[0], load_pretrained(Settings()).head_weight)


@pytest.mark.parametrize("task", [SHARED, OTHER])
def test_scratch_learns_the_target_from_random_weights(task: str) -> None:
    trainer = Trainer(Settings(strategy="scratch", task=task))
    full = Trainer(Settings(strategy="full", task=task))
    assert all(layer.randomly_initialised for _, layer in trainer.network.layers())
    assert torch.equal(trainer.run.train.inputs, full.run.train.inputs)
    assert torch.equal(trainer.run.train.labels, full.run.train.labels)
    start = trainer.measure()
    for _ in range(100):
        trainer.step()
    assert trainer.measure().target_accuracy > start.target_accuracy + 0.3


def test_the_two_measures_of_the_source_are_those_of_plain_networks() -> None:
    trainer = _trained(strategy="full")
    source, start = trainer.run.initial.data.source.test, load_pretrained(Settings())
    labels = torch.from_numpy(source.labels)
    with torch.no_grad():
        features = trainer.network.features(torch.from_numpy(source.inputs))
        kept = features @ start.head_weight.T + start.head_bias
        own = trainer.network.head(features)
    metrics = trainer.measure()
    assert metrics.source_accuracy == pytest.approx(float((own.argmax(1) == labels).float().mean()))
    assert metrics.source_accuracy_kept_head == pytest.approx(
        float((kept.argmax(1) == labels).float().mean())
    )
    assert metrics.source_accuracy != metrics.source_accuracy_kept_head


@pytest.mark.parametrize(
    "settings",
    [{"task": OTHER}, {"strategy": "linear_probe"}, {"new_head": True}],
    ids=["other classes", "probe", "new head"],
)
def test_with_a_new_head_both_measures_ask_the_old_one(settings: dict[str, object]) -> None:
    metrics = _trained(**settings).measure()
    assert metrics.source_accuracy == metrics.source_accuracy_kept_head


def test_what_leaves_the_body_alone_forgets_nothing_with_the_old_head() -> None:
    trainer = _trained(strategy="freeze", frozen=("layer1", "layer2", "layer3"), steps=100)
    start, metrics = trainer.run.evaluator.at_start, trainer.measure()
    assert metrics.source_accuracy_kept_head == start.source_accuracy
    assert metrics.source_accuracy < start.source_accuracy - 0.05


def test_facts_of_a_split_say_what_guessing_would_reach() -> None:
    frame = Trainer(Settings(task="cancer-small-to-large")).frame()
    target, source = frame.target_test, frame.source_test
    assert (target.classes, target.chance) == (2, 0.5)
    assert 0.6 < target.majority < 0.75 and source.majority > 0.9
    assert frame.validation.samples == 60
