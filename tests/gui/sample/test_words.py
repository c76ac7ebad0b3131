"""Words for what a network says of a sample."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from gui.sample.words import predicted_class, short_verdict, verdict
from gui.text.numbers import NO_VALUE
from tests.gui.shell_frames import sample


@pytest.mark.parametrize(
    ("label", "said", "in_short"),
    [
        (1, "1, 75\u202f%, right", "1 ✓"),
        (2, "1, 75\u202f%, wrong", "1 ✗"),
        (None, "1, 75\u202f%", "1"),
    ],
)
def test_the_class_and_whether_it_is_right(label: int | None, said: str, in_short: str) -> None:
    shown = replace(sample(), label=label, classes=("0", "1", "2"))
    probabilities = np.array([0.2, 0.75, 0.05], np.float32)
    assert (verdict(shown, probabilities), short_verdict(shown, probabilities)) == (
        said,
        in_short,
    )
    probabilities[0] = np.nan
    assert predicted_class(probabilities) is None
    assert verdict(shown, probabilities) == "not a number"
    assert short_verdict(shown, probabilities) == NO_VALUE
