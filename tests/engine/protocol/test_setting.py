"""A setting is described once: what it takes, what its slider offers, and all that derives."""

import pytest

from engine.protocol.setting import (
    Integer,
    Number,
    SliderScale,
    integer_scale,
    log_scale,
    one_two_five,
)
from engine.protocol.settings import SETTINGS, Settings

SLIDERS = [
    field
    for field, setting in SETTINGS.items()
    if isinstance(setting.kind, Integer | Number) and setting.section not in ("", "header", "boxes")
]
"""The boxes take numbers as well."""


def test_the_slider_of_the_rate_is_in_hundredths_of_a_decade() -> None:
    scale = log_scale(-5, 0)
    assert (scale.first, scale.last) == (-500, 0)
    assert scale.value(-200) == pytest.approx(0.01)
    assert scale.position(3e-3) == -252
    assert (scale.position(1e30), scale.position(1e-30)) == (0, -500)


def test_a_scale_of_integers_has_each_at_its_own_position() -> None:
    assert integer_scale(1, 30).value(4) == 4
    assert isinstance(integer_scale(1, 30).value(4), int)
    assert integer_scale(1, 64).position(100.5) == 64


def test_what_lies_between_two_values_stands_at_the_nearer_one() -> None:
    scale = SliderScale((None, 0, 1e-3, 1e-2))
    assert (scale.first, scale.last) == (0, 3)
    assert [scale.position(value) for value in (None, 0, 2e-3, 0.9)] == [0, 1, 2, 3]
    assert one_two_five(-1, 1) == (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


@pytest.mark.parametrize("field", SLIDERS)
def test_every_position_of_a_slider_is_a_setting(field: str) -> None:
    scale = SETTINGS[field].slider
    for position in range(scale.first, scale.last + 1):
        Settings(**{field: scale.value(position)})
        assert scale.position(scale.value(position)) == position
