"""What people type, and what they read."""

import dataclasses
import math

import pytest

from engine.protocol.messages import Catalogue
from engine.protocol.settings import RESTARTS, Settings
from gui.text.numbers import loss_text, parse_number, parse_whole, percent, short_number, signed
from gui.text.settings_change import block_name, change_texts, pretty_name, set_texts
from gui.text.slider_scales import ListedScale, LogScale, WholeScale
from tests.gui.shell_frames import catalogue


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3e-3", 3e-3), ("0.003", 3e-3), ("0,003", 3e-3), (" .5 ", 0.5), ("1e30", 1e30),
        ("10⁻⁵", 1e-5), ("3·10⁻³", 3e-3), ("10^-2", 1e-2), ("−1", -1.0),
        ("abc", None), ("", None), ("1,2,3", None), ("10⁻", None), ("⁵", None),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it(text: str, value: float | None) -> None:
    assert parse_number(text) == (value if value is None else pytest.approx(value))


@pytest.mark.parametrize(
    ("text", "value"),
    [("8", 8), ("1,024", 1024), ("1 024", 1024), ("8.5", None), ("x", None), ("", None),
     ("9" * 5000, None)],
)  # fmt: skip
def test_a_whole_number_is_read_with_thousands_marks(text: str, value: int | None) -> None:
    assert parse_whole(text) == value


@pytest.mark.parametrize("value", [3e-3, 1e-5, 0.1, 1.0, 4.0, 1e30, 12345.0, 0.00316])
def test_what_is_written_can_be_read_back(value: float) -> None:
    assert parse_number(short_number(value)) == pytest.approx(value, rel=5e-3)


def test_figures_have_real_minus_signs_and_never_a_minus_zero() -> None:
    assert signed(-0.1312) == "−0.1312"
    assert signed(-0.00001) == "0.0000"
    assert signed(-math.inf) == "−∞"
    assert signed(math.nan) == "not a number"
    assert percent(0.78) == "78.0\u202f%"
    assert percent(None) == "–"
    assert percent(math.nan) == "–"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.15239, "0.1524"), (2.3, "2.3000"), (154.2, "154.20"), (1500.0, "1500"),
     (1e30, "1.0e30"), (0.00001, "< 0.0001"), (0.0, "0.0000"), (math.nan, "not a number")],
)  # fmt: skip
def test_a_loss_is_written_in_few_signs(value: float, text: str) -> None:
    assert loss_text(value) == text


def test_the_slider_of_the_rate_is_in_hundredths_of_a_decade() -> None:
    scale = LogScale(-500, 0)
    assert scale.value(-200) == pytest.approx(0.01)
    assert scale.position(3e-3) == -252
    assert (scale.position(1e30), scale.position(1e-30)) == (0, -500)
    assert all(scale.position(scale.value(p)) == p for p in range(-500, 1))


def test_a_whole_scale_keeps_whole_numbers_whole() -> None:
    assert WholeScale(1, 30).value(4) == 4
    assert isinstance(WholeScale(1, 30).value(4), int)
    assert WholeScale(1, 64, fractions=True).parse("0.5") == 0.5
    with pytest.raises(ValueError):
        WholeScale(1, 30).parse("4.5")


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


@pytest.mark.parametrize(
    ("changes", "texts"),
    [
        ({"rank": 8}, ("r 4 → 8",)),
        ({"learning_rate": 0.01}, ("η 0.003 → 0.01",)),
        ({"alpha": 16.0}, ("α 4 → 16",)),
        ({"optimizer": "sgd", "batch_size": 64}, ("Adam → SGD", "batch 32 → 64")),
        ({"frozen": ("layer1", "head")}, ("head frozen", "layer 1 frozen")),
        ({"weight_decay": 0.1}, ("decay default → 0.1",)),
        ({"schedule": "cosine"}, ("η constant → cosine",)),
        ({"warmup_steps": 20, "total_steps": 1000}, ("warm-up 0 → 20", "T 300 → 1,000")),
        ({"total_steps": None}, ("T 300 → open",)),
        ({"penalty": 1}, ("λ 0.1 → 1",)),
        ({"dropout": 0.2, "patience": 50}, ("dropout 0 → 0.2", "patience off → 50")),
        ({"rate_ratio": 8, "rate_decay": 2}, ("rate of B / A 16 → 8", "rate ÷ per layer 2.6 → 2")),
        ({"stage_steps": 100}, ("steps per stage 75 → 100",)),
        ({"freeze_statistics": True}, ("statistics free → frozen",)),
        ({"learning_rate": 0.0030000001}, ()),
        ({"label_noise": 0.3, "train_samples": 20, "batch_norm": True}, ()),
        ({"seed": 3}, ()),
        ({}, ()),
    ],
)
def test_a_change_is_told_in_a_few_signs(
    changes: dict[str, object], texts: tuple[str, ...]
) -> None:
    old = Settings(strategy="lora")
    assert change_texts(old, old.replace(**changes), catalogue()) == texts


def test_what_restarts_under_this_strategy_is_left_out() -> None:
    offered = catalogue()
    lora = next(info for info in offered.strategies if info.name == "lora")
    pissa = Catalogue((dataclasses.replace(lora, restarts=("rank",)),), offered.tasks)
    old = Settings(strategy="lora")
    assert change_texts(old, old.replace(rank=8, dropout=0.1), pissa) == ("dropout 0 → 0.1",)


def test_every_setting_that_can_change_live_is_told() -> None:
    other = {
        "learning_rate": 0.1, "rank": 5, "alpha": 9.0, "optimizer": "sgd", "batch_size": 3,
        "weight_decay": 0.1, "schedule": "linear", "warmup_steps": 3, "total_steps": 4,
        "rate_ratio": 2.0, "rate_decay": 2.0, "stage_steps": 3, "penalty": 2.0, "dropout": 0.1,
        "patience": 7, "freeze_statistics": True, "frozen": ("layer1",),
    }  # fmt: skip
    assert set(other) == set(Settings.__dataclass_fields__) - RESTARTS
    for field, value in other.items():
        assert change_texts(Settings(), Settings(**{field: value}), catalogue()), field


def test_only_what_is_set_is_said() -> None:
    fields = ("dropout", "patience", "label_noise", "train_samples")
    assert set_texts(Settings(rank=8), fields) == ()
    settings = Settings(dropout=0.25, label_noise=0.3, train_samples=20)
    assert set_texts(settings, fields) == ("dropout 0.25", "label noise 0.3", "samples 20")


def test_locks_count_from_those_of_the_strategy() -> None:
    old = Settings(strategy="freeze")
    new = old.replace(frozen=("layer1",))
    assert change_texts(old, new, catalogue()) == ("layer 2 unlocked",)
    assert change_texts(old, new, Catalogue((), ())) == ("layer 1 frozen",)


def test_names_are_said_as_people_say_them() -> None:
    assert block_name("layer1") == "layer 1"
    assert block_name("head") == "head"
    assert pretty_name("digits-to-rotated") == "Digits to rotated"
    assert pretty_name("linear_probe") == "Linear probe"
