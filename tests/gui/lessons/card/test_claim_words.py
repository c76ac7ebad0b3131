"""A claim in plain words, and the two numbers that do not bear it out."""

import pytest

from gui.lessons import load_lessons
from gui.lessons.card.claim_words import claim_numbers, claim_text, exception_text
from gui.lessons.expression import Claim

NAMES = {"full": "full", "probe": "linear probe"}


class Made:
    """A run with these measures."""

    def __init__(self, **measures: float) -> None:
        self._measures = measures

    def measure(self, name: str) -> float:
        return self._measures[name]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("full.target > probe.target + 0.05",
         "the target accuracy of “full” is more than 5 points above that of “linear probe”"),
        ("full.target > probe.target - 0.01",
         "the target accuracy of “full” is at most 1 point below that of “linear probe”"),
        ("full.forgotten < probe.forgotten - 0.1",
         "the share forgotten of “full” is more than 10 points below that of “linear probe”"),
        ("full.target - probe.target < 0.05",
         "the target accuracy of “full” is at most 5 points above that of “linear probe”"),
        ("abs(full.loss - probe.loss) < 0.2",
         "the training loss of “full” and the training loss of “linear probe” differ by less "
         "than 0.2"),
        ("full.validation > full.best_validation + 0.2",
         "the validation loss of “full” is more than 0.2 above its lowest validation loss"),
        ("full.change_layer1 < full.change_layer3",
         "the ‖ΔW‖ / ‖W‖ of layer 1 of “full” is below its ‖ΔW‖ / ‖W‖ of layer 3"),
        ("full.target[90] > full.target + 0.08",
         "the target accuracy at step 90 of “full” is more than 8 points above its target "
         "accuracy"),
        ("full.change < probe.change / 2",
         "the mean ‖ΔW‖ / ‖W‖ of “full” is below that of “linear probe” divided by 2"),
        ("full.target < 0.2", "the target accuracy of “full” is below 20\u202f%"),
        ("full.trainable == 82", "the count of trainable numbers of “full” is just 82"),
        ("full.loss == full.start_loss",
         "the training loss of “full” is the same as its training loss at the start"),
    ],
)  # fmt: skip
def test_a_claim_in_words(written: str, said: str) -> None:
    assert claim_text(Claim(written, False), NAMES) == said


@pytest.mark.parametrize(
    ("loss", "told"),
    [(2.9204, "2.9204 and 2.9201"), (3.5, "3.5 and 2.92"),
     (float("nan"), "not a number and 2.92")],
)  # fmt: skip
def test_an_exception_gives_the_numbers_with_digits_enough(loss: float, told: str) -> None:
    runs = {"full": Made(loss=loss, start_loss=2.9201)}
    text = exception_text(Claim("full.loss < full.start_loss", False), runs, NAMES)  # type: ignore[arg-type]
    assert text.endswith(f"Here: {told}.")


def test_the_numbers_are_those_of_the_runs_and_not_of_the_margin() -> None:
    runs = {"full": Made(target=0.81), "probe": Made(target=0.79)}
    claim = Claim("full.target > probe.target + 0.05", False)
    assert claim_numbers(claim, runs) == "81\u202f% and 79\u202f%"  # type: ignore[arg-type]
    apart = Claim("abs(full.target - probe.target) < 0.01", False)
    assert claim_numbers(apart, runs) == "81\u202f% and 79\u202f%"  # type: ignore[arg-type]
    alone = Claim("full.target > 0.9", False)
    assert claim_numbers(alone, runs) == "81\u202f%"  # type: ignore[arg-type]


def test_every_claim_of_the_lessons_is_said_without_arithmetic() -> None:
    claims = [
        (claim, lesson) for lesson in load_lessons()[0] for card in lesson.cards
        for claim in card.claims
    ]  # fmt: skip
    assert len(claims) > 100
    for claim, lesson in claims:
        said = claim_text(claim, {name: run.called for name, run in lesson.runs.items()})
        assert not any(sign in said for sign in ("_", "<", ">", "=", "*", "+")), said
