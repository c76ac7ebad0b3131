"""Claims and predictions in words, with numbers as the cards have them."""

import math
from typing import Any

import pytest

from gui.lessons.expression import Claim, Expression, fill
from gui.lessons.expression_text import NO_NUMBER, claim_problem, claim_text, measured_text
from gui.text.numbers import NO_VALUE
from tests.gui.lessons.card.test_words import Made

RUNS = {
    "a": Made(target=0.785, loss=0.5, trainable=4810.0),
    "b": Made(target=0.772, loss=0.51, trainable=400.0),
}
NAMES = {"a": "layer 3", "b": "layer 1"}
A, B = "target accuracy (layer 3)", "target accuracy (layer 1)"


@pytest.mark.parametrize(
    ("claim", "said", "here"),
    [
        ("a.target > b.target + 0.03", f"{A} is more than 3 points above {B}",
         "it is 1.3 points above"),
        ("a.target > b.target - 0.05", f"{A} is no more than 5 points below {B}",
         "it is 1.3 points above"),
        ("a.target < b.target - 0.01", f"{A} is more than 1 point below {B}",
         "it is 1.3 points above"),
        ("a.target < b.target", f"{A} is below {B}", "it is 1.3 points above"),
        ("a.target > 0.9", f"{A} > 90\u202f%", "it is 78.5\u202f%"),
        ("a.target - b.target > 0.05", f"{A} − {B} > 5 points", "it is +1.3 points"),
        ("a.loss < b.loss * 0.5", "training loss (layer 3) < training loss (layer 1) × 0.5",
         "it is 0.500 against 0.255"),
        ("a.trainable == b.trainable",
         "trainable parameters (layer 3) = trainable parameters (layer 1)",
         "it is 4,810 against 400"),
    ],
)  # fmt: skip
def test_a_claim_is_said_with_points_and_percents(claim: str, said: str, here: str) -> None:
    assert claim_text(Claim(claim), RUNS, NAMES) == (said, here)  # type: ignore[arg-type]


def test_the_number_that_decides_names_what_it_is() -> None:
    for expression, told in (
        ("a.target - b.target", "Target accuracy: +1.3 points (layer 3 minus layer 1)"),
        ("a.loss", "Training loss (layer 3): 0.500"),
        ("a.trainable - b.trainable", "Trainable parameters: 4,410 (layer 3 minus layer 1)"),
        ("a.loss / b.loss", "Training loss (layer 3) 0.5000; training loss (layer 1) 0.5100"),
    ):
        assert measured_text(Expression(expression), RUNS, NAMES) == told  # type: ignore[arg-type]


def test_a_difference_is_that_of_the_percentages_beside_it() -> None:
    made: Any = {"a": Made(target=0.745), "b": Made(target=0.7475)}  # shown as 74.5 and 74.8
    difference = "a.target - b.target"
    assert measured_text(Expression(difference), made, NAMES).startswith(
        "Target accuracy: −0.3 points"
    )
    assert fill("{" + difference + "|points}", made) == "−0.3 points"
    assert claim_text(Claim("a.target > b.target"), made, NAMES)[1] == "it is 0.3 points below"


@pytest.mark.parametrize(
    "claim", ["a.target > 0.5", "a.target > b.target + 0.1", "a.best_step < b.trainable"]
)
def test_what_a_run_does_not_have_is_said_to_be_missing(claim: str) -> None:
    lost = {"a": Made(target=math.nan, best_step=math.nan), "b": RUNS["b"]}
    assert claim_text(Claim(claim), lost, NAMES)[1] == NO_NUMBER  # type: ignore[arg-type]
    assert measured_text(Claim(claim).left, lost, NAMES).endswith(NO_VALUE)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("claim", "problem"),
    [
        ("a.target > 90", "did you mean 0.9 in place of 90?"),
        ("a.target > b.target + 5", "did you mean 0.05 in place of 5?"),
        ("60 < a.target", "did you mean 0.6 in place of 60?"),
        ("a.target - b.target > 500", "lies between -1 and 1"),
        ("a.target > 2 * b.target", ""),
        ("a.loss > 50", ""),
        ("a.target > 0.9", ""),
    ],
)
def test_percentages_are_noticed(claim: str, problem: str) -> None:
    found = claim_problem(Claim(claim))
    assert (problem in found) if problem else not found
