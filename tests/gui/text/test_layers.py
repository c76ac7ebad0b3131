"""The stage's words, with real typographic signs."""

from __future__ import annotations

import pytest

from gui.text import layers


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
    assert layers.layer_title(name) == title
