"""Who is to race with which settings, and what the table makes of the racers' figures."""

from __future__ import annotations

import dataclasses
import math

import pytest
from msgspec.structs import replace

from engine.protocol.comparison import SHARED_FIELDS
from engine.protocol.settings import Settings, SettingsError
from gui.compare.entries import (
    ComparisonEntry,
    comparable_strategies,
    default_entries,
    with_another_entry,
)
from gui.compare.run_column import fitting_cell, flow_layout
from gui.compare.words import (
    FIGURES,
    RunText,
    TableFigure,
    best_runs,
    fairness_text,
    remark_text,
    sorted_runs,
)
from tests.gui.comparisons import row
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


def figure(key: str) -> TableFigure:
    return next(figure for figure in FIGURES if figure.key == key)


def run_text(label: str = "LoRA", has_rank: bool = True, **changes: object) -> RunText:
    settings = Settings(strategy="lora", rank=3)
    return RunText(label, settings, has_rank, row(settings, **changes))


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
    text = fairness_text((one, one.replace(strategy="lora", learning_rate=0.1)), 250)
    for part in ("100 training samples", "seed 5", "250 steps", "batch size 16", "Momentum",
                 "each at its own learning rate"):  # fmt: skip
        assert part in text
    assert "the same learning rate" in fairness_text((Settings(), Settings(strategy="lora")), 9)


def test_what_is_said_beside() -> None:
    assert remark_text(Settings(), ()) == ""
    assert "Early stopping" in remark_text(Settings(patience=10), ())
    assert "next comparison" in remark_text(Settings(seed=2), (Settings(),))
    assert remark_text(Settings(learning_rate=0.9), (Settings(),)) == ""


def test_the_texts_of_a_row() -> None:
    told = run_text(seconds=1.234, stored_bytes=820, source_accuracy=0.5, start_source_accuracy=0.9)
    texts = {each.key: each.text(told) for each in FIGURES}
    assert texts == {
        "learning_rate": "0.003",
        "rank": "3",
        "step": "60",
        "target": "80.0\u202f%",
        "source": "50.0\u202f%",
        "forgetting": "40.0",
        "trainable": "4,810",
        "stored": "820\u202fbytes",
        "seconds": "1.23\u202fs",
    }
    waiting = dataclasses.replace(told, row=None, has_rank=False)
    assert [each.text(waiting) for each in FIGURES] == ["0.003", *["–"] * 8]


def test_the_best_of_each_column() -> None:
    runs = [
        run_text(target_accuracy=0.9, stored_bytes=10, seconds=0.3),
        run_text(target_accuracy=0.9, stored_bytes=30, seconds=0.1),
        run_text(target_accuracy=0.5, stored_bytes=20, seconds=0.2),
        run_text(target_accuracy=1.0, stored_bytes=1, seconds=0.01, problem="diverged at step 2"),
    ]
    assert best_runs(figure("target"), runs) == {0, 1}
    assert best_runs(figure("stored"), runs) == {0}
    assert best_runs(figure("seconds"), runs) == {1}
    assert best_runs(figure("source"), runs) == frozenset()  # all alike
    assert best_runs(figure("learning_rate"), runs) == frozenset()  # none is better than another
    assert (
        best_runs(figure("stored"), [run_text(step=0), run_text(step=0, stored_bytes=1)])
        == frozenset()
    )


def test_sorting_puts_what_has_no_figure_last() -> None:
    runs = [run_text("b", target_accuracy=None), run_text("C", target_accuracy=0.1),
             run_text("a", target_accuracy=0.7)]  # fmt: skip
    assert sorted_runs(runs, figure("target"), descending=True) == [2, 1, 0]
    assert sorted_runs(runs, figure("target"), descending=False) == [1, 2, 0]
    assert sorted_runs(runs, None, descending=False) == [2, 0, 1]


@pytest.mark.parametrize("width", [120, 183, 246, 515])
@pytest.mark.parametrize("layers", [1, 3, 16])
def test_heatmaps_lie_within_the_room_and_do_not_overlap(
    width: int, layers: int, dressed: None
) -> None:
    shapes = [(40, 30), *[(40, 40)] * (layers - 1)]
    cell = fitting_cell(shapes, width, 220)
    places, height = flow_layout(shapes, cell, width)
    boxes = [
        (x, y, x + columns * cell, y + rows * cell)
        for (x, y), (rows, columns) in zip(places, shapes, strict=True)
    ]
    assert all(right <= width for _, _, right, _ in boxes)
    assert all(bottom <= height for _, _, _, bottom in boxes)
    assert cell == 1 or height <= 220
    for i, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[i + 1 :]:
            assert other[0] >= right or other[2] <= left or other[1] >= bottom or other[3] <= top
    if cell < 8:  # the next would not fit
        wider = max(columns for _, columns in shapes) * (cell + 1) + 6 > width
        assert wider or flow_layout(shapes, cell + 1, width)[1] > 220


def test_no_figure_is_not_the_best() -> None:
    runs = [
        run_text(target_accuracy=None),
        run_text(target_accuracy=0.2),
        run_text(target_accuracy=0.1),
    ]
    assert best_runs(figure("target"), runs) == {1}
    assert not math.isnan(runs[1].settings.learning_rate)
