"""The method guide's figures: the file that ships is the one that its script makes."""

import math
from collections.abc import Sequence
from statistics import fmean

import pytest

from engine.cost.cost import compute_cost
from engine.cost.plan import CostPlan
from engine.method_figures.__main__ import HEADING, SEEDS, as_columns, figures_text, make_figures
from engine.method_figures.large_model import compute_large
from engine.method_figures.measured import (
    RunFigures,
    count_stored_parameters,
    keeps_head,
    measure,
    read_guide,
    settings_of,
)
from engine.protocol.method_figures import (
    FIGURES_FILE,
    SetupFigures,
    read_figures,
)
from engine.protocol.uncertainty import mean_margin

SETUPS, METHODS = read_guide()
SHIPPED = read_figures()
ONE_SAMPLE = 1 / 180
"""Share of one sample of the smallest test split: rounding differs between processors."""


def test_the_file_is_as_its_script_writes_it() -> None:
    text = HEADING + "".join(figures_text(name, SHIPPED[name]) for name in METHODS)
    assert text == FIGURES_FILE.read_text(encoding="utf-8")
    assert list(SHIPPED) == list(METHODS)
    for figures in SHIPPED.values():
        assert list(figures.runs) == list(SETUPS)
        for runs in figures.runs.values():
            assert {len(getattr(runs, field)) for field in RunFigures._fields} == {len(SEEDS)}


@pytest.mark.parametrize("method", METHODS)
def test_what_is_exact_is_so(method: str) -> None:
    figures = SHIPPED[method]
    assert figures.stored_parameters == count_stored_parameters(method)
    assert figures.keeps_head == keeps_head(method)
    for name, value in compute_large(method)._asdict().items():
        assert getattr(figures, name) == value, name


def test_the_large_model_by_hand() -> None:
    model = compute_cost(CostPlan(preset="llama-3-70b", method="full"))
    d, n = 8192, model.total_parameters
    probe, prompt = compute_large("linear_probe"), compute_large("prompt")
    assert (probe.memory_bytes, probe.file_bytes) == (2 * n + 16 * 10 * (d + 1), 40 * (d + 1))
    assert (prompt.memory_bytes, prompt.file_bytes) == (2 * n + 16 * 20 * d, 4 * 20 * d)
    passes = {name: compute_large(name).forward_passes for name in METHODS}
    assert passes["full"] == 3 and passes["linear_probe"] == 1
    assert 1.6 < passes["freeze"] < 5 / 3, "a third of the blocks, but not of the embeddings"
    assert passes["prompt"] == 2, "the gradient goes back through every frozen layer"
    assert 2 <= passes["lora"] <= 2.01 and compute_large("qlora").unpacks
    with pytest.raises(ValueError, match="vera"):
        compute_large("vera")


@pytest.mark.parametrize(("method", "setup"), [("lora", "near"), ("linear_probe", "few")])
def test_a_cell_can_be_measured_again(method: str, setup: str) -> None:
    seeds = (0, 1)
    again = [measure(settings_of(method, SETUPS[setup], seed)) for seed in seeds]
    _compare(as_columns(again), SHIPPED[method].runs[setup], seeds)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("method", METHODS)
def test_all_can_be_made_again(method: str) -> None:
    made = make_figures(method)
    for setup, runs in made.runs.items():
        _compare(runs, SHIPPED[method].runs[setup], SEEDS)


def _compare(again: SetupFigures, shipped: SetupFigures, seeds: Sequence[int]) -> None:
    """Hold the mean of some seeds against the same seeds' in the file, within the stated error."""
    for field in RunFigures._fields:
        stated = getattr(shipped, field)
        new, old = fmean(getattr(again, field)), fmean(stated[s] for s in seeds)
        if not (math.isnan(new) and math.isnan(old)):
            assert abs(new - old) <= mean_margin(stated) + ONE_SAMPLE, field
