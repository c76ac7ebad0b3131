"""Which layers make a row, and when rows have to be made anew."""

from __future__ import annotations

import pytest

from gui.stage.row_specs import make_row_specs
from tests.gui.frames import layers

ROWS = {
    "full": ["layer1", "layer2", "layer3", "head"],
    "lora": ["layer1", "layer2", "layer3", "head"],
    "adapter": ["layer1", "layer2", "layer3", "head"],
    "linear_probe": ["layer1", "layer2", "layer3", "head"],
    "feature_head": ["layer1", "layer2", "layer3", "head.hidden", "head.output"],
}


@pytest.mark.parametrize("strategy", ROWS)
def test_rows_follow_the_network(strategy: str) -> None:
    assert [line.layer.name for line in make_row_specs(layers(strategy))] == ROWS[strategy]


def test_an_adapter_stands_in_the_line_of_the_layer_it_follows() -> None:
    found = make_row_specs(layers("adapter"))
    units = [line.adapter[0].block if line.adapter else "" for line in found]
    assert units == ["adapter1", "adapter2", "adapter3", ""]


def test_half_an_adapter_is_a_row_of_its_own() -> None:
    down = layers("adapter")[1]
    found = make_row_specs([layers("full")[0], down])
    assert [line.layer.name for line in found] == ["layer1", "adapter1.down"]


def test_a_strategy_shows_only_what_is_worth_showing() -> None:
    found = make_row_specs(layers("weight_update"), ("layer1",))
    assert [line.layer.name for line in found] == ["layer1"]
    assert not found[0].focused
    assert len(make_row_specs(layers("full"), ("no such layer",))) == 4
    assert make_row_specs(()) == ()


@pytest.mark.parametrize(
    ("strategy", "focus", "expected"),
    [
        ("lora", "layer2", ["layer2"]),
        ("full", "head", ["head"]),
        ("feature_head", "head", ["head.hidden", "head.output"]),
        ("feature_head", "head.output", ["head.output"]),
        ("adapter", "layer2", ["layer2"]),
        ("adapter", "adapter2", ["layer2"]),
        ("full", "adapter2", ["layer1", "layer2", "layer3", "head"]),
    ],
)
def test_focus_leaves_the_rows_of_a_layer(strategy: str, focus: str, expected: list[str]) -> None:
    found = make_row_specs(layers(strategy), focus=focus)
    assert [line.layer.name for line in found] == expected
    assert all(line.focused == (len(expected) < 4) for line in found)


def test_the_rank_changes_places_but_not_the_structure() -> None:
    four, thirty = make_row_specs(layers("lora", rank=4)), make_row_specs(layers("lora", rank=30))
    assert [line.structure for line in four] == [line.structure for line in thirty]
    assert [line.shapes for line in four] != [line.shapes for line in thirty]


def test_a_bottleneck_changes_places_and_a_strategy_the_structure() -> None:
    narrow, wide = (make_row_specs(layers("adapter", bottleneck=m)) for m in (4, 40))
    assert [line.structure for line in narrow] == [line.structure for line in wide]
    assert [line.shapes for line in narrow] != [line.shapes for line in wide]
    full, lora = make_row_specs(layers("full")), make_row_specs(layers("lora"))
    assert [line.structure for line in full] != [line.structure for line in lora]
