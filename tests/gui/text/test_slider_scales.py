"""Slider positions stand for values."""

import pytest

from gui.text.slider_scales import IntegerScale, ListedScale, LogScale


def test_the_slider_of_the_rate_is_in_hundredths_of_a_decade() -> None:
    scale = LogScale(-500, 0)
    assert scale.value(-200) == pytest.approx(0.01)
    assert scale.position(3e-3) == -252
    assert (scale.position(1e30), scale.position(1e-30)) == (0, -500)
    assert all(scale.position(scale.value(p)) == p for p in range(-500, 1))


def test_a_whole_scale_keeps_whole_numbers_whole() -> None:
    assert IntegerScale(1, 30).value(4) == 4
    assert isinstance(IntegerScale(1, 30).value(4), int)
    assert IntegerScale(1, 64, fractions=True).parse("0.5") == 0.5
    with pytest.raises(ValueError):
        IntegerScale(1, 30).parse("4.5")


def test_a_listed_scale_takes_what_lies_between_its_values() -> None:
    scale = ListedScale((None, 0, 1e-3, 1e-2), "off", whole=False)
    assert (scale.first, scale.last) == (0, 3)
    assert [scale.text(value) for value in scale.values] == ["off", "0", "0.001", "0.01"]
    assert (scale.parse(" OFF"), scale.parse("2e-3")) == (None, 2e-3)
    assert [scale.position(value) for value in (None, 0, 2e-3, 0.9)] == [0, 1, 2, 3]
    with pytest.raises(ValueError):
        scale.parse("none")
    with pytest.raises(ValueError):
        ListedScale((1, 2)).parse("1.5")
    assert ListedScale((1, 10_000)).text(10_000) == "10,000"
