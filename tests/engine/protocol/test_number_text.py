"""Numbers as people type them: read where they can mean one thing, else refused in a sentence."""

import pytest

from engine.protocol.number_text import parse_number, parse_whole_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("8", 8), (" 8 ", 8), ("1,024", 1024), ("1,000,000", 1_000_000), ("1 024", 1024),
        ("1\u202f024", 1024), ("+5", 5), ("−3", -3), ("-3", -3), ("007", 7),
    ],
)  # fmt: skip
def test_a_whole_number_is_read(text: str, value: int) -> None:
    assert parse_whole_number(text) == value


@pytest.mark.parametrize(
    "text",
    ["1,5", "8,5", "1,2,3", "8.5", "8.0", "1_6", "٣", "１６", "12,34,567", "0,024", "1,0240", "1,",
     "1e3", "0x10", "", " ", "x", "nan", "inf", "1,024 000"],
)  # fmt: skip
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a whole number$"):
        parse_whole_number(text)


@pytest.mark.parametrize("digits", [19, 5000])
def test_a_whole_number_of_too_many_digits_is_too_large(digits: int) -> None:
    with pytest.raises(ValueError, match=r"is too large$"):
        parse_whole_number("9" * digits)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3e-3", 3e-3), ("3E-3", 3e-3), ("0.003", 3e-3), ("0,003", 3e-3), (" .5 ", 0.5),
        ("1e30", 1e30), ("10⁻⁵", 1e-5), ("-10⁻⁵", -1e-5), ("3·10⁻³", 3e-3), ("1,5·10⁻³", 1.5e-3),
        ("10^-2", 1e-2), ("10^2", 100), ("10", 10), ("−1", -1), ("1,5", 1.5), ("1,50", 1.5),
        ("0,125", 0.125), ("1234,567", 1234.567), ("1,000,000", 1e6), ("1,000.5", 1000.5),
        ("1 000", 1000), ("5.", 5), (",5", 0.5), ("0,000", 0),
    ],
)  # fmt: skip
def test_a_number_is_read(text: str, value: float) -> None:
    assert parse_number(text) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [
        ("1,024", "1024", "1.024"),
        ("-12,300", "-12300", "-12.300"),
        ("1,024e3", "1024e3", "1.024e3"),
    ],
)
def test_a_comma_that_could_be_either_is_refused_with_both(text: str, one: str, other: str) -> None:
    with pytest.raises(ValueError, match=f"“{text}” could be {one} or {other}: write it without"):
        parse_number(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        *((text, "is not a number") for text in (
            "1_000", "٣", "１", "1e5_0", "nan", "NaN", "inf", "-inf", "Infinity", "1.000,5",
            "1.000.000", "1,2,3", "1,0,0", "0,125,000", "abc", "", "10⁻", "⁵", "10-5", "0x1p3",
            "1..5", "--1", "1e", "e5", "9" * 10_000 + "x",
        )),
        ("1e999", "is too large"), ("9" * 400, "is too large"), ("1e-999", "is too small"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"{why}$") as raised:
        parse_number(text)
    assert len(str(raised.value)) < 80
