"""What a card says of what a learner committed to."""

from gui.lessons.card.words import distance_text, rank_text


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
    assert rank_text(1, 1200, 0.09, (2, 3), 0.09) == ("Your cell moved most of all 1,200: by 0.09.")
