"""What the proof lights say, in words that hold whatever the numbers are."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Check
from gui.controls.panel import NetworkSection
from gui.stage.check_text import (
    CHECK_LABELS,
    CHECK_NAMES,
    REMEDY,
    check_sentence,
    failure_lines,
    first_failing,
    value_text,
)
from tests.gui.made_checks import STATISTICS, checks, failing
from tests.gui.shell_frames import FakeSession


def test_every_claim_has_a_label() -> None:
    assert set(CHECK_LABELS) == set(CHECK_NAMES)


@pytest.mark.parametrize("claim", CHECK_NAMES)
def test_what_fails_is_told_in_full(claim: str) -> None:
    check = failing(claim)
    whole, short = check_sentence(check), "\n".join(failure_lines(check))
    for text in (whole, short):
        assert f"step {check.step}" in text
        assert "a bug of ours" in text
        assert "lesson" not in text
    numbers = {
        "frozen": ("0.041234568", "0.041234571"),
        "zero_start": ("0.020", "0"),
        "sum": ("0.10", "1.0·10⁻⁶"),
        "merged": ("0.020", "1.0·10⁻⁵"),
        "rank": ("5", "4"),
    }[claim]
    for number in numbers:
        assert number in whole
        assert number in short


def test_the_place_is_told_where_there_is_one() -> None:
    assert "W, row 4, column 8" in check_sentence(failing("frozen"))
    assert "W, row 4, column 8" in failure_lines(failing("frozen"))


def test_batchnorms_statistics_are_by_design_and_have_a_remedy() -> None:
    for text in (check_sentence(STATISTICS), "\n".join(failure_lines(STATISTICS))):
        assert "by design" in text
        assert "bug" not in text
        assert "running mean, row 1" in text
        assert "freeze the statistics too" in text.lower()
    assert failure_lines(STATISTICS)[0] == "statistics change"


def test_the_remedy_is_called_as_its_switch_is(qtbot: QtBot) -> None:
    section = NetworkSection(FakeSession())
    qtbot.addWidget(section)
    said = {
        each.text() for kind in (QLabel, QAbstractButton) for each in section.findChildren(kind)
    }
    assert REMEDY.capitalize() in said


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (Check("frozen", True, 0.0, 0.0, 40), "is as it was at step 40."),
        (Check("zero_start", True, 0.0, 0.0, 0), "At the start ΔW was exactly 0."),
        (Check("sum", True, 0.0, 1e-6, 0), "W′ = W + ΔW: exactly."),
        (Check("sum", True, 6e-8, 1e-6, 0), "no cell is off by more than 6.0·10⁻⁸."),
        (Check("merged", True, 0.0, 1e-5, 0), "differ not at all."),
        (Check("rank", True, 4, 4, 0), "Rank of ΔW: 4, and at most 4 is allowed."),
        (Check("rank", True, 3, 8, 0), "Rank of ΔW: 3, and at most 8 is allowed."),
    ],
)
def test_what_holds_is_told_with_its_number(check: Check, words: str) -> None:
    assert words in check_sentence(check)
    assert "step 0" not in check_sentence(check)


def test_an_unknown_claim_is_said_by_its_name() -> None:
    assert "balanced" in check_sentence(Check("balanced", True, 0.1, 0.2, 0))
    assert "balanced" in check_sentence(Check("balanced", False, 0.3, 0.2, 7))
    assert failure_lines(Check("balanced", False, 0.3, 0.2, 7))[0] == "balanced"


def test_the_first_red_light_from_the_left_is_the_one_told() -> None:
    assert first_failing(checks(lora=4)) is None
    assert first_failing((failing("rank"), *checks(lora=4), failing("sum"))) == failing("sum")


def test_a_table_shows_one_figure_or_the_two_that_disagree() -> None:
    assert value_text(Check("merged", True, 3e-7, 1e-5, 0)) == "3.0·10⁻⁷"
    assert value_text(Check("frozen", True, 0.0, 0.0, 40)) == "since step 40"
    assert value_text(Check("sum", True, 0.0, 1e-6, 0)) == "exactly"
    assert value_text(Check("rank", True, 4, 4, 0)) == "4 ≤ 4"
    assert value_text(failing("rank")) == "5, at most 4"
