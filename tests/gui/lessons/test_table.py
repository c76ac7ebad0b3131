"""The table of a card: a row a run, filled as runs end; one button for three runs."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from engine.protocol.settings import Settings
from gui.lessons.answers import Answers
from gui.lessons.card.code import CodeView
from gui.lessons.card.words import AS_GIVEN, own_run_text
from gui.lessons.code_block import passages, without_code
from gui.lessons.controller import LessonController
from gui.lessons.file import read_lesson
from gui.lessons.measure_column import MeasureColumn
from gui.lessons.toml_reader import LessonError
from tests.gui.shell_frames import FakeSession

HEAD = """+++
number = 1
title = "A sweep"
strategy = "full"
+++
## Three rates
```toml
"""
RUNS = "".join(
    f"""[[run]]
name = "{name}"
short = "rate {rate}"
[run.settings]
learning_rate = {rate}
"""
    for name, rate in (("low", 0.001), ("mid", 0.003), ("high", 0.03))
)
TABLE = """[table]
runs = ["low", "mid", "high"]
columns = ["rate", "target", "loss[30]"]
"""
TEXT = """```
As in PyTorch:
```python
print({"a": 1}, "$x$")
```
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "01-sweep.md"
    file.write_text(text, encoding="utf-8")
    return file


def test_code_may_be_indented_and_titled(tmp_path: Path) -> None:
    code = "```\nText:\n  ```python as in PEFT\n  ## a remark\n  ```\nOn."
    lesson = read_lesson(written(tmp_path, HEAD + code))
    (card,) = lesson.cards
    shown = [(part.text, part.is_code) for part in passages(card.text)]
    assert shown == [("Text:", False), ("  ## a remark", True), ("On.", False)]


def test_a_table_of_three_runs_has_one_button_for_them(tmp_path: Path) -> None:
    lesson = read_lesson(written(tmp_path, HEAD + RUNS + TABLE + TEXT))
    (card,) = lesson.cards
    assert card.runs_together and card.shown_table is card.table
    two = read_lesson(written(tmp_path, HEAD + RUNS + TABLE.replace('"low", ', "") + TEXT))
    assert not two.cards[0].runs_together  # a run that is not in it needs a button of its own


def test_code_is_no_formula_and_no_placeholder_and_no_words(tmp_path: Path) -> None:
    lesson = read_lesson(written(tmp_path, HEAD + RUNS + TABLE + TEXT))
    prose, code = passages(lesson.cards[0].text)
    assert (prose.text, code.text) == ("As in PyTorch:", 'print({"a": 1}, "$x$")')
    assert code.language == "python"
    assert without_code(lesson.cards[0].text).split() == ["As", "in", "PyTorch:"]


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ('"high"]', '"fast"]', 24, "table.runs: 'fast': there is no such run"),
        ('"rate", ', '"pace", ', 25, "table.columns: pace: unknown; there are target"),
        ("loss[30]", "trainable[30]", 25, "only these have steps"),
        ('"rate", ', '"rate", "loss", ', 25, "table.columns: must be 1 to 3 texts"),
        ('}, "$x$")\n```', '}, "$x$")\n', 28, "code is not closed by a line ```"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, old: str, new: str, line: int, problem: str) -> None:
    text = HEAD + RUNS + TABLE + TEXT
    assert old in text
    with pytest.raises(LessonError) as raised:
        read_lesson(written(tmp_path, text.replace(old, new)))
    assert f"line {line}: " in str(raised.value) and problem in str(raised.value)


def test_code_wraps_and_is_copied(qtbot: QtBot) -> None:
    view = CodeView()
    qtbot.addWidget(view)
    view.show_code("model.head.requires_grad_(True)  # the head alone", "python")
    view.resize(600, 100)
    wide = view.heightForWidth(600)
    assert view.heightForWidth(200) > wide, "nothing is cut: it goes on below"
    view.copy.click()
    assert QGuiApplication.clipboard().text() == view.text()


def test_a_row_is_named_by_what_the_reader_changed() -> None:
    base = Settings(rank=4)
    made = SimpleNamespace(frame=SimpleNamespace(settings=base.replace(rank=8, learning_rate=0.1)))
    named = own_run_text(made, base, ["loss"])  # type: ignore[arg-type]
    assert named == "yours: η 0.1, r 8", "as the lesson’s own rows are"
    assert own_run_text(made, base, ["rate"]) == "yours: r 8"  # type: ignore[arg-type]
    same = SimpleNamespace(frame=SimpleNamespace(settings=base.replace(seed=3)))
    assert own_run_text(same, base, []) == AS_GIVEN  # type: ignore[arg-type]


def test_headings_are_short_lines() -> None:
    assert MeasureColumn("forgotten").heading == "forgetting,\npoints"
    assert MeasureColumn("target[30]").heading == "target\naccuracy at\nstep 30"


def test_a_clicker_makes_all_runs_of_a_table_with_one_press(qtbot: QtBot, tmp_path: Path) -> None:
    controller = LessonController(FakeSession(), Answers())
    controller.enter(read_lesson(written(tmp_path, HEAD + RUNS + TABLE + TEXT)))
    controller.advance()
    assert controller.active_run is not None and controller.active_run.run.name == "low"
    assert controller.runner.is_needed(["high"]), "the others wait for their turn"


def test_a_number_is_copied_with_every_digit_in_the_unit_of_its_heading() -> None:
    values = {"forgotten": 0.12125, "target": 0.835, "trainable": 4810.0, "loss": float("nan")}
    result = SimpleNamespace(measure=values.__getitem__, measure_at=lambda _name, step: step / 100)
    told = {name: MeasureColumn(name).plain_text(result) for name in values}  # type: ignore[arg-type]
    assert told == {"forgotten": "12.125", "target": "0.835", "trainable": "4810.0", "loss": ""}
    assert MeasureColumn("loss[30]").plain_text(result) == "0.3"  # type: ignore[arg-type]
