"""Column of a card's table: a measure, its heading, and how its numbers are written; without Qt."""

from __future__ import annotations

import math
import re
import textwrap

from gui.lessons.measure_text import POINTS, measure_title, plain_measure_text
from gui.lessons.run_result import RunResult, measure_problem, step_problem
from gui.text.plain_numbers import plain_number

HEADING_CHARACTERS = 11
"""Width at which a heading wraps: as a rule two lines above a number."""
_COLUMN = re.compile(r"(?P<measure>\w+)(?:\[(?P<step>\d{1,6})\])?")


class MeasureColumn(str):
    """A measure of a run, as in a placeholder: `target`, `loss[30]`."""

    def __init__(self, text: str) -> None:
        """Parse the text. Raises: ValueError."""
        match = _COLUMN.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r}: only measures such as target or loss[30]")
        self.measure, step = match["measure"], match["step"]
        problem = measure_problem(self.measure)
        if step is not None:
            problem = problem or step_problem(self.measure)
        if problem:
            raise ValueError(f"{text}: {problem}")
        self.step = None if step is None else int(step)
        """The step at which it is taken; None: the last one."""

    @property
    def heading(self) -> str:
        """Its words, in short lines."""
        unit = ", points" if self.measure in POINTS else ""
        at = "" if self.step is None else f" at step {self.step}"
        title = f"{measure_title(self.measure)}{at}{unit}"
        lines = textwrap.wrap(title, HEADING_CHARACTERS, break_long_words=False)
        return "\n".join(lines)

    def plain_text(self, result: RunResult) -> str:
        """Return a run's number for a spreadsheet: shares of 1, but points where it says so."""
        value = self._value(result)
        if not math.isfinite(value):
            return ""
        return plain_number(100 * value if self.measure in POINTS else value)

    def value_text(self, result: RunResult) -> str:
        """Return a run's number for it."""
        return plain_measure_text(self.measure, self._value(result))

    def _value(self, result: RunResult) -> float:
        if self.step is None:
            return result.measure(self.measure)
        return result.measure_at(self.measure, self.step)
