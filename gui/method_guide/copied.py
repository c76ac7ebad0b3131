"""Copied method table: a method a row, a figure a cell, each margin in a cell of its own."""

from __future__ import annotations

from collections.abc import Sequence

from gui.method_guide.columns import COLUMNS
from gui.method_guide.row import MethodRow
from gui.text.plain_numbers import plain_text

PLUS_MINUS = " ± "
REMARK = "remark"
METHOD, ADVICE = "Method", "Choose it when"


def method_table(rows: Sequence[MethodRow]) -> tuple[list[str], list[list[str]]]:
    """Return the headings, and the texts of each row."""
    columns = [(METHOD, [row.label for row in rows])]
    for place, column in enumerate(COLUMNS):
        cells = [row.figures[place].cells for row in rows]
        for line in range(max(map(len, cells))):
            part = column.parts[line] if line < len(column.parts) else REMARK
            texts = [plain_text(each[line].text) if line < len(each) else "" for each in cells]
            columns += _with_margins(f"{column.title}, {part}", texts)
    columns.append((ADVICE, [row.method.when for row in rows]))
    table = zip(*(texts for _, texts in columns), strict=True)
    return [title for title, _ in columns], [list(row) for row in table]


def _with_margins(title: str, texts: list[str]) -> list[tuple[str, list[str]]]:
    """Split “85.0 ± 1.2” into two columns, where any text has a margin."""
    if not any(PLUS_MINUS in text for text in texts):
        return [(title, texts)]
    values, margins = zip(*(_split(text) for text in texts), strict=True)
    return [(title, list(values)), (PLUS_MINUS.strip(), list(margins))]


def _split(text: str) -> tuple[str, str]:
    value, _, margin = text.partition(PLUS_MINUS)
    return value, margin
