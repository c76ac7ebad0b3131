"""Text about a learner's answers and the results."""

import pytest

from gui.lessons.card.words import distance_text, exception_text, rank_text
from gui.lessons.expression import Claim


class Made:
    """A run with these measures."""

    def __init__(self, **measures: float) -> None:
        self._measures = measures

    def measure(self, name: str) -> float:
        return self._measures[name]


@pytest.mark.parametrize(
    ("loss", "told"),
    [(2.9204, "2.9204 against 2.9201"), (3.5, "3.50 against 2.92"),
     (float("nan"), "not a number against 2.92")],
)  # fmt: skip
def test_an_exception_gives_the_numbers_with_digits_enough(loss: float, told: str) -> None:
    runs = {"a": Made(loss=loss, start_loss=2.9201)}
    assert told in exception_text(Claim("a.loss < a.start_loss"), runs, {"a": "full"}, tested=True)  # type: ignore[arg-type]


def test_a_curve_is_compared_as_far_as_there_is_truth() -> None:
    nan = float("nan")
    assert distance_text("train_loss", [1.0, 2.0], [1.5, nan]) == (
        "On average your curve is 0.5 off."
    )
    assert distance_text("source_accuracy", [0.5], [0.51]) == (
        "On average your curve is 1 point off."
    )
    assert "no such curve" in distance_text("train_loss", [1.0], [nan])


def test_the_best_guess_of_all() -> None:
    assert rank_text(1, 1200, 0.09, (2, 3), 0.09) == (
        "Your cell changed most of all 1,200: by 0.09."
    )
