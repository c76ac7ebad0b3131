"""What the side panel says of a cell: arithmetic where it holds, and nothing false elsewhere."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from msgspec.structs import replace

from engine.protocol.messages import CellAddress, LayerFrame, Matrix, MatrixInfo
from engine.protocol.settings import Settings
from gui.inspector.explanation import explain_cell
from gui.matrices.cell_reading import CellReading, Numbers, read_cell
from gui.text.numbers import signed
from tests.gui.frames import info, layers, scaled
from tests.gui.made_factors import INFOS

READING = CellReading("layer2", 16, 4, -0.1312, 0.0467, -0.0845, True)


def low_rank(rank: int) -> CellReading:
    b, a = (0.5, 0.25) * (rank // 2), (0.1, 0.2) * (rank // 2)
    delta = 2 * sum(left * right for left, right in zip(b, a, strict=True))
    return dataclasses.replace(
        READING, delta=delta, factors=factors(b, a), is_product=True, scaling=2.0
    )


def factors(b: Numbers, a: Numbers) -> tuple[Matrix[Numbers], ...]:
    return (Matrix(INFOS["lora_B"], b), Matrix(INFOS["lora_A"], a))


def first(strategy: str) -> LayerFrame:
    return layers(strategy)[0]


def said(one: LayerFrame, strategy: str = "") -> str:
    reading = read_cell(one, CellAddress("layer1", 2, 3), pinned=False)
    return explain_cell(reading, None, info(strategy).equation if strategy else "")


def test_the_product_of_lora_is_written_with_this_cells_numbers() -> None:
    text = explain_cell(low_rank(2), None)
    assert text.splitlines() == ["ΔW = s · Σ BₖAₖ, k = 1…2", "= 2·(0.500·0.100 + 0.250·0.200)"]


def test_many_products_become_dots() -> None:
    assert explain_cell(low_rank(30), None).endswith("+ …)")


def test_the_numbers_written_for_lora_make_the_cell() -> None:
    one = replace(first("lora"), scaling=0.5, delta=first("lora").delta * 0.5)
    reading = read_cell(one, CellAddress("layer1", 7, 5), pinned=False)
    b, a = (factor.values for factor in reading.factors)
    assert reading.scaling == 0.5
    assert reading.scaling * np.dot(b, a) == pytest.approx(reading.delta, rel=1e-4)


def test_a_product_of_another_scaling_is_not_written_out() -> None:
    one = replace(first("lora"), scaling=0.5)
    assert read_cell(one, CellAddress("layer1", 7, 5), pinned=False).scaling is None
    assert "= 0.5·(" not in said(one)


@pytest.mark.parametrize(
    ("strategy", "words"),
    [
        ("dora", "m · V/‖V‖"),
        ("pissa", "not B A itself"),
        ("ia3", "(l − 1) ⊙ W"),
    ],
)
def test_where_b_and_a_alone_do_not_make_it_no_sum_is_written(strategy: str, words: str) -> None:
    text = said(first(strategy), strategy)
    assert words in text
    assert "k = 1…" not in text


@pytest.mark.parametrize(
    ("strategy", "symbols"), [("adalora", "ΔW = s · Σ BₖEₖAₖ"), ("vera", "ΔW = b · Σ BₖdₖAₖ")]
)
def test_products_of_more_than_two_are_written_out_likewise(strategy: str, symbols: str) -> None:
    one = first(strategy)
    symbolic, numeric = said(one).splitlines()
    directions = 6 if strategy == "adalora" else 16
    assert symbolic == f"{symbols}, k = 1…{directions}"
    term = "·".join(
        signed(number, 3)
        for factor in read_cell(one, CellAddress("layer1", 2, 3), pinned=False).factors
        for number in factor.values[:1]
        if factor.name != "vera_b"
    )
    assert f"({term} + " in numeric


def test_adalora_says_how_many_directions_are_left() -> None:
    one = first("adalora")
    b, e, a = one.factors
    pruned = e.values.copy()
    pruned[1:3] = 0.0
    factors = b, replace(e, values=pruned), a
    assert one.scaling is not None
    delta = one.scaling * (b.values * pruned[:, 0]) @ a.values
    one = replace(one, delta=delta, factors=factors)
    assert "E keeps 4 of 6 directions" in said(one)


def test_ia3_and_dora_name_the_number_of_the_row() -> None:
    for strategy, name in (("ia3", "ia3_l"), ("dora", "magnitude")):
        one = first(strategy)
        assert signed(float(dict(one.factors)[name][2, 0])) in said(one), strategy


def test_qlora_adds_the_code_and_the_rounding_error_of_the_cell() -> None:
    one = first("qlora_xray")
    known = dict(one.factors)
    text = said(one)
    assert text.splitlines()[0] == "ΔW = s · Σ BₖAₖ, k = 1…4"
    for word, name in (
        ("code", "codes"),
        ("rounding error", "rounding_error"),
        ("rank-r part", "truncated"),
    ):
        assert f"{word} {signed(float(known[name][2, 3]))}" in text


def test_a_bias_and_a_prompt_are_read_beside_a_weight_that_stays() -> None:
    one = first("prefix")
    known = dict(one.factors)
    lines = said(one).splitlines()
    assert lines[0] == "ΔW is zero: this weight has not changed."
    bias, prompt = float(known["delta_b"][2, 0]), float(known["prompt"][0, 3])
    assert lines[1] == f"p {signed(prompt)} · Δb {signed(bias)}"


def test_the_step_just_taken_is_minus_rate_times_gradient() -> None:
    reading = dataclasses.replace(READING, factors=(Matrix(INFOS["gradient"], (0.0312,)),))
    settings = Settings(strategy="weight_update", optimizer="sgd", learning_rate=0.1)
    assert explain_cell(reading, settings) == "Step: −η · g\n= −0.1 · 0.0312 = −0.00312"
    falling = dataclasses.replace(READING, factors=(Matrix(INFOS["gradient"], (-0.0312,)),))
    assert explain_cell(falling, settings) == "Step: −η · g\n= −0.1 · (−0.0312) = 0.00312"
    for other in (
        settings.replace(optimizer="adam"),
        settings.replace(schedule="cosine"),
        settings.replace(warmup_steps=10),
        settings.replace(weight_decay=0.1),
    ):
        assert explain_cell(reading, other) == "Gradient of the last step: g = 0.0312"


def test_a_weight_that_has_not_changed_says_so() -> None:
    assert "not changed" in explain_cell(dataclasses.replace(READING, delta=0.0), None)
    assert "W′ − W" in explain_cell(READING, None)


def test_a_lost_run_is_not_taken_for_another_method() -> None:
    assert "not B A itself" not in said(scaled(first("lora"), np.nan))


def test_within_a_step_a_cell_is_told_by_its_gradient_and_its_move() -> None:
    gradient, move = (
        MatrixInfo(name=name, title=title, role="step", sides=("out", "in"), description="")
        for name, title in (("loss_gradient", "∂L/∂W′"), ("move", "move"))
    )
    factors = Matrix(gradient, (-0.0312,)), Matrix(move, (0.00312,))
    reading = dataclasses.replace(READING, factors=factors, matrix="move", info=move)
    assert explain_cell(reading, None) == "∂L/∂W′ −0.03120 · move 0.00312"
