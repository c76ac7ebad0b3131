"""Values of settings as words, and words as values: what the program writes it reads back."""

import pytest

from engine.protocol.setting import Integer, Number
from engine.protocol.settings import SETTINGS
from gui.text.setting_text import parse_value, value_text

TYPED = [field for field, it in SETTINGS.items() if isinstance(it.kind, Integer | Number)]


@pytest.mark.parametrize("field", TYPED)
def test_what_a_control_shows_is_read_back(field: str) -> None:
    setting = SETTINGS[field]
    assert isinstance(setting.kind, Integer | Number)
    few = (setting.kind.least, setting.kind.most, 1000, 1024)
    for value in few if setting.scale is None else setting.scale.values:
        if not setting.accepts(value):
            continue
        text = value_text(field, value)
        back = parse_value(field, text)
        assert back == (value if value is None else pytest.approx(value, rel=5e-3)), text
        assert value_text(field, back) == text


@pytest.mark.parametrize("field", TYPED)
@pytest.mark.parametrize("text", ["1_6", "٣", "nan", "inf", "1,2,3", "abc", "", "1e999", "0x1"])
def test_every_field_refuses_the_same(field: str, text: str) -> None:
    with pytest.raises(ValueError, match=f"^{field}: .*; it must be ") as raised:
        parse_value(field, text)
    assert SETTINGS[field].kind.allowed in str(raised.value)


def test_a_comma_is_never_guessed() -> None:
    with pytest.raises(ValueError, match=r"“1,024” could be 1024 or 1.024"):
        parse_value("alpha", "1,024")
    with pytest.raises(ValueError, match=r"“1,5” is not a whole number"):
        parse_value("rank", "1,5")
    assert parse_value("total_steps", "1,024") == 1024
    assert parse_value("alpha", "1,5") == 1.5
