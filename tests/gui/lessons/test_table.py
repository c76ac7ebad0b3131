"""The table of a card: a row a run, filled as runs end; one button for three runs."""

from pathlib import Path

import pytest

from gui.lessons.code_block import passages, without_code
from gui.lessons.file import read_lesson
from gui.lessons.measure_column import MeasureColumn
from gui.lessons.toml_reader import LessonError

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


def test_headings_are_short_lines() -> None:
    assert MeasureColumn("forgotten").heading == "forgetting,\npoints"
    assert MeasureColumn("target[30]").heading == "target\naccuracy at\nstep 30"
