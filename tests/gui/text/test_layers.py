"""The stage's words, with real typographic signs."""

from __future__ import annotations

import doctest

import pytest

from gui.text import layers


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(layers).failed == 0


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("layer1", "Layer 1"),
        ("head", "Head"),
        ("head.hidden", "Head · hidden layer"),
        ("head.output", "Head · output layer"),
        ("adapter1", "Adapter 1"),
        ("layer12", "Layer 12"),
    ],
)
def test_titles(name: str, title: str) -> None:
    assert layers.title(name) == title


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (0.42, "0.42"),
        (0.0999, "0.10"),
        (9.96, "10"),
        (12345.6, "12,000"),
        (-0.00012, "−0.00012"),
        (1.5e-7, "1.5·10⁻⁷"),
        (2e9, "2.0·10⁹"),
        (float("nan"), "not a number"),
        (float("-inf"), "−∞"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert layers.number(value) == text
