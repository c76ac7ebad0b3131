"""Every block of Python in a lesson runs, and trains as many parameters as the lesson says.

A block is given what a reader of PyTorch has at hand: `torch`, `nn`, PEFT's `LoraConfig` and
`get_peft_model`; `model`, the lessons' network with random weights, its layers called `layer1` to
`layer3` and `head`; `down` and `up`, the layers of an adapter of width 8; and `batch`, two samples.
"""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gui.lessons.code_block import passages
from gui.lessons.file import load_lessons
from gui.lessons.lesson import Card


class Model(nn.Module):
    """The lessons' network: a body without biases, and a head of ten classes."""

    def __init__(self) -> None:
        super().__init__()
        self.layer1 = nn.Linear(30, 40, bias=False)
        self.layer2 = nn.Linear(40, 40, bias=False)
        self.layer3 = nn.Linear(40, 40, bias=False)
        self.head = nn.Linear(40, 10)

    def forward(self, batch: Tensor) -> Tensor:
        for layer in (self.layer1, self.layer2, self.layer3):
            batch = torch.relu(layer(batch))
        logits: Tensor = self.head(batch)
        return logits


def _given() -> dict[str, Any]:
    import peft

    torch.manual_seed(0)
    return {
        "torch": torch, "nn": nn, "model": Model(), "batch": torch.randn(2, 30),
        "down": nn.Linear(40, 8), "up": nn.Linear(8, 40),
        "LoraConfig": peft.LoraConfig, "get_peft_model": peft.get_peft_model,
    }  # fmt: skip


def _after(name: str) -> dict[str, Any]:
    """What a lesson's blocks leave, one after the other. Args: name: of the lesson."""
    names = _given()
    lesson = next(lesson for lesson in load_lessons()[0] if lesson.name == name)
    for block in (block for card in lesson.cards for block in _blocks(card)):
        exec(block, names)
    return names


def _blocks(card: Card) -> list[str]:
    return [part.text for part in passages(card.text) if part.language == "python"]


def _trainable(model: nn.Module) -> dict[str, int]:
    return {name: p.numel() for name, p in model.named_parameters() if p.requires_grad}


CARDS = [
    pytest.param(card, id=f"{lesson.name}: {card.title}")
    for lesson in load_lessons()[0]
    for card in lesson.cards
    if _blocks(card)
]


@pytest.mark.parametrize("card", CARDS)
def test_a_block_runs_and_the_network_still_answers(card: Card) -> None:
    names = _given()
    for block in _blocks(card):
        exec(block, names)
    assert names["model"](names["batch"]).isfinite().all()


def test_3_the_optimizer_has_every_parameter() -> None:
    groups = _after("full-fine-tuning")["optimizer"].param_groups
    assert sum(p.numel() for group in groups for p in group["params"]) == 4_400 + 410
    assert groups[0]["lr"] == 0.003


def test_4_the_last_layer_and_the_head_train() -> None:
    counts = _trainable(_after("freezing-layers")["model"])
    assert counts == {"layer3.weight": 1_600, "head.weight": 400, "head.bias": 10}


def test_5_the_new_head_trains_alone() -> None:
    assert _trainable(_after("linear-probe")["model"]) == {"head.weight": 400, "head.bias": 10}


def test_6_the_head_of_two_layers_has_826_parameters() -> None:
    head = _after("feature-head")["model"].head
    assert sum(_trainable(head).values()) == 826


def test_7_an_adapter_whose_up_is_zero_passes_its_input_on() -> None:
    names = _after("adapter-layers")
    nn.init.zeros_(names["up"].weight)
    nn.init.zeros_(names["up"].bias)
    h = torch.randn(2, 40)
    assert torch.equal(names["adapter"](h), h)
    modules = names["down"], names["up"]
    assert 3 * sum(sum(_trainable(module).values()) for module in modules) == 2_064


def test_8_peft_trains_920_parameters() -> None:
    names = _after("lora")
    counts = _trainable(names["model"])
    assert all("lora_" in name for name in counts)
    assert sum(counts.values()) == 920
    scaling = names["model"].base_model.model.layer1.scaling["default"]
    assert scaling == names["config"].lora_alpha / 4 == 1


def test_17_eval_stops_the_statistics_and_frozen_parameters_do_not() -> None:
    norm, batch = _after("batch-norm")["norm"], torch.randn(32, 40)
    assert not _trainable(norm)
    norm(batch)
    assert not norm.running_mean.any()
    norm.train()(batch)
    assert norm.running_mean.any()
