"""The merge page: what each format costs, in figures and in one honest sentence."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Frame
from engine.protocol.settings import Settings
from gui.analysis.merge_page import (
    ADAPTERS,
    COLUMNS,
    TOO_LARGE,
    WAITING,
    MergePage,
    bits_text,
    change_text,
    error_text,
    exact_merge,
    sentence,
)
from tests.gui.changed import changed
from tests.gui.frames import MERGES, frame, session_of
from tests.gui.shell_frames import FakeSession, dress


def merged(strategy: str = "lora", *, change: float = 0.03, **changes: float | None) -> Frame:
    """A frame with merges. Args: changes: of the four-bit one."""
    now = frame(strategy, step=9, change=change)
    return changed(now, merges=(*MERGES[:-1], replace(MERGES[-1], **changes)))


def opened(qtbot: QtBot, session: FakeSession) -> MergePage:
    dress()
    page = MergePage(session)
    page.resize(806, 118)
    qtbot.addWidget(page)
    page.show()
    return page


def test_a_body_that_is_too_large_is_not_rounded_and_says_so() -> None:
    now = replace(frame("full"), settings=Settings(width=768, depth=3))
    assert sentence(now) == TOO_LARGE
    assert sentence(frame("full")) == WAITING


def test_every_format_has_its_row(qtbot: QtBot) -> None:
    session = session_of("lora")
    page = opened(qtbot, session)
    session.feed(merged())
    page.redraw()
    texts = [tuple(f"{cell.text} {cell.note}".strip() for cell in row.cells)
             for row in page.table.rows]  # fmt: skip
    per_cent = "\u202f%"
    assert texts == [
        ("float32", "32", "0", "0", f"50.0{per_cent}", f"90.0{per_cent}"),
        ("float16", "16", f"0.021{per_cent}", f"0.090{per_cent}", f"50.0{per_cent}",
         f"90.0{per_cent}"),
        ("bfloat16", "16", f"0.17{per_cent}", f"0.71{per_cent}", f"50.0{per_cent}",
         f"90.0{per_cent}"),
        ("int8", "8.8000", f"0.62{per_cent}", f"2.6{per_cent}", f"50.0{per_cent}",
         f"89.8{per_cent} −0.2"),
        ("NF4", "4.1270", f"9.1{per_cent}", f"38.0{per_cent}", f"48.2{per_cent} −1.8",
         f"91.0{per_cent} +1.0"),
    ]  # fmt: skip
    bars = [row.cells[2].share for row in page.table.rows]
    assert bars == pytest.approx([0, 0.00021 / 0.0911, 0.0017 / 0.0911, 0.0062 / 0.0911, 1])
    assert page.table.rows[-1].cells[3].share == 0.38
    assert page.text() == (
        "Merging at 4 bits makes an error 38.0\u202f% as large as ΔW; "
        "target accuracy is 48.2\u202f% instead of 50.0\u202f%, within noise."
    )
    assert "NF4: Bits per weight 4.1270" in page.table.accessibleDescription()
    page.grab()


def test_until_the_answer_comes_the_formats_stand_there_empty(qtbot: QtBot) -> None:
    session = session_of("lora")
    page = opened(qtbot, session)
    session.feed(frame("lora", step=9))
    page.redraw()
    assert page.text() == WAITING
    assert [row.cells[0].text for row in page.table.rows] == [
        "float32", "float16", "bfloat16", "int8", "NF4",
    ]  # fmt: skip
    assert {cell.text for row in page.table.rows for cell in row.cells[1:]} == {"–"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"target_accuracy": 0.5}, "; target accuracy stays at 50.0\u202f%."),
        ({"target_accuracy": 0.5004}, "; target accuracy stays at 50.0\u202f%."),
        ({"target_accuracy": 0.58}, "; target accuracy rises from 50.0\u202f% to 58.0\u202f%."),
        (
            {"target_accuracy": 0.52},
            "; target accuracy is 52.0",
        ),
        (
            {"target_accuracy": None},
            "; source accuracy is 91.0",
        ),
        ({"delta_error": 3.21}, "makes an error 3.2 times as large as ΔW; target"),
    ],
)
def test_the_sentence_says_what_happened(changes: dict[str, float | None], said: str) -> None:
    assert said in sentence(merged(**changes))


def test_the_accuracy_to_compare_with_is_the_one_at_the_merges_own_step() -> None:
    later = changed(merged(), target_accuracy=0.7)
    assert "48.2\u202f% instead of 50.0\u202f%, within noise" in sentence(later)
    assert exact_merge(later.measurements.merges).format == "float32"


def test_without_a_delta_nothing_is_merged_yet() -> None:
    said = sentence(merged("full", change=0.0, delta_error=float("nan")))
    assert said.startswith("ΔW is zero: nothing to merge yet. At 4 bits W is off by 9.1\u202f%;")


def test_adapters_are_said_to_stay_beside(qtbot: QtBot) -> None:
    said = sentence(merged("adapter", delta_error=float("nan")))
    assert said.startswith(ADAPTERS)
    assert said.endswith("target accuracy is 48.2\u202f% instead of 50.0\u202f%, within noise.")
    session = session_of("adapter")
    page = opened(qtbot, session)
    session.feed(merged("adapter", delta_error=float("nan")))
    page.redraw()
    page.grab()
    assert page.table.rows[-1].cells[3].text == "–"


@pytest.mark.parametrize(("strategy", "strong"), [("qlora", ["NF4"]), ("lora", [])])
def test_the_format_in_which_w_is_stored_stands_out(
    qtbot: QtBot, strategy: str, strong: list[str]
) -> None:
    session = session_of(strategy)
    page = opened(qtbot, session)
    session.feed(replace(merged(), settings=Settings(strategy=strategy)))
    page.redraw()
    assert [row.cells[0].text for row in page.table.rows if row.strong] == strong


def test_each_column_says_what_it_is(qtbot: QtBot) -> None:
    page = opened(qtbot, session_of("lora"))
    hints = {page.table.hint_at(QPoint(x, 9)) for x in range(page.table.width())}
    assert hints == {column.hint for column in COLUMNS}


def test_in_a_narrow_place_every_figure_has_a_line_of_its_own(qtbot: QtBot) -> None:
    page = opened(qtbot, session_of("lora"))
    table, wide = page.table, page.table.minimumSizeHint().height()
    page.resize(250, 300)
    qtbot.waitUntil(lambda: table.minimumSizeHint().height() > 3 * wide)
    assert table.width() <= 250
    assert table.height() >= table.minimumSizeHint().height(), "the page scrolls"
    hints = {table.hint_at(QPoint(5, y)) for y in range(table.height())}
    assert hints == {column.hint for column in COLUMNS}
    table.grab()


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0"), (1e-8, "< 0.0001\u202f%"), (2.1e-4, "0.021\u202f%"), (0.0911, "9.1\u202f%"),
        (0.0996, "10.0\u202f%"), (0.38, "38.0\u202f%"), (3.2, "320\u202f%"), (12.0, "× 12"),
        (float("nan"), "–"),
    ],
)  # fmt: skip
def test_errors_are_written_as_shares(share: float, text: str) -> None:
    assert error_text(share) == text


def test_bits_are_exact() -> None:
    assert [bits_text(bits) for bits in (32.0, 4.5, 4.126953125)] == ["32", "4.5000", "4.1270"]


def test_a_difference_that_is_not_seen_in_the_figures_is_not_written() -> None:
    assert change_text(0.5004, 0.5) == ""
    assert change_text(0.482, 0.5) == "−1.8"
    assert change_text(0.52, 0.5) == "+2.0"
    assert change_text(None, 0.5) == ""
