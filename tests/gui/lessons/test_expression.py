"""Arithmetic over measures: what it comes to, and that it is nothing else."""

import math
import warnings

import pytest

from gui.lessons.expression import (
    NO_CLAIM,
    Claim,
    Expression,
    ExpressionError,
    TemplateError,
    fill,
    placeholders,
)
from gui.lessons.run_result import RunResult
from gui.state.curve_buffer import TARGET, TRAIN, CurveBuffer
from tests.gui.changed import changed
from tests.gui.frames import frame


def result(loss: float, target: float) -> RunResult:
    curves = CurveBuffer()
    for step in (0, 10, 20):
        curves.add(step, {TRAIN: loss * (3 - step / 10), TARGET: target * step / 20})
    return RunResult(changed(frame(), train_loss=loss, target_accuracy=target), curves)


RECORDS = {"a": result(1.0, 0.5), "b": result(2.0, 0.75)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("b.target - a.target", 0.25),
        ("-a.loss + 2 * b.loss", 3.0),
        ("(a.loss + b.loss) / 2", 1.5),
        ("max(a.target, b.target, 0.1)", 0.75),
        ("abs(a.loss - b.loss)", 1.0),
        ("a.loss[0]", 3.0),
        ("a.loss[12]", 2.0),
        ("b.target[1000]", 0.75),
        ("1 / (a.loss - 1)", math.nan),
    ],
)
def test_what_it_comes_to(text: str, value: float) -> None:
    assert Expression(text).value(RECORDS) == pytest.approx(value, nan_ok=True)


@pytest.mark.parametrize(
    "text",
    ["", "a", "a.b.c", "a.nothing", "a.target[x]", "a.target[-1]", "a.target[1.5]", "a.rate[3]",
     "a.target ** 9", "__import__('os')", "open('x')", "a.target()", "abs()", "abs(1, 2)", "min(1)",
     "max(*[1, 2])", "[a.loss]", "'text'", "True", "a.target if 1 else 2", "lambda: 1", "1 < 2",
     "a.target and 1", "x := 1", "a.target; 1", "1" * 300, "(" * 90, "0" * 150 + "1"],
)  # fmt: skip
def test_nothing_else_can_be_expressed(text: str) -> None:
    with warnings.catch_warnings(), pytest.raises(ExpressionError):
        warnings.simplefilter("ignore", SyntaxWarning)
        Expression(text)


@pytest.mark.parametrize(
    ("text", "holds"),
    [("a.loss < b.loss", True), ("a.loss >= b.loss", False), ("a.loss == 1", True),
     ("a.target > b.target - 0.3", True)],
)  # fmt: skip
def test_a_claim_holds_or_not(text: str, holds: bool) -> None:
    claim = Claim(text)
    assert claim.runs <= {"a", "b"}
    assert claim.holds(RECORDS) is holds


@pytest.mark.parametrize(
    ("text", "problem"),
    [("a.loss", NO_CLAIM), ("a.loss < b.loss < 3", NO_CLAIM), ("a.loss != 1", NO_CLAIM),
     ("a.loss in 3", NO_CLAIM), ("a.loss <", NO_CLAIM),
     (f"a.loss < {'1 + ' * 60} 1", "must be at most 200 characters long")],
)  # fmt: skip
def test_a_claim_compares_once(text: str, problem: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        Claim(text)
    assert str(raised.value).endswith(problem)


def test_a_text_is_filled_outside_of_formulas() -> None:
    text = "$\\frac{a}{b}$ is {a.target|percent}, {b.target - a.target|points} and {c.loss|number}."
    assert fill(text, RECORDS) == ("$\\frac{a}{b}$ is 50.0\u202f%, +25.0 points and ….")
    assert fill("{a.loss*4400|count} {a.loss|times} {a.loss - 1.5|signed}", RECORDS) == (
        "4,400 1\u202f× −0.50"
    )


@pytest.mark.parametrize(
    "text", ["{}", "{a.target}", "{a.target|percents}", "{|percent}", "{a.|percent}", "{a b|count}"]
)
def test_a_place_that_cannot_be_filled_is_refused(text: str) -> None:
    with pytest.raises(TemplateError) as raised:
        list(placeholders("Some text, then " + text))
    assert raised.value.offset == 16
