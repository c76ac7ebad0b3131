"""Arithmetic over the measures of runs, in claims and in texts: the only expressions of lessons."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from gui.lessons.code_block import CODE
from gui.lessons.measure_text import LOSSES, SHARES
from gui.lessons.run_result import RunResult, measure_problem, step_problem
from gui.lessons.tex import FORMULA
from gui.text.numbers import (
    NO_VALUE,
    count_text,
    loss_text,
    number_text,
    percent,
    points_text,
    short_number,
    signed,
)

Results = Mapping[str, RunResult]
"""Name of a run -> its result."""
Value = Callable[[Results], float]

MAX_CHARACTERS = 200
"""Longest expression."""

_ARITHMETIC: dict[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip
_COMPARISONS: dict[type[ast.AST], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq,
}  # fmt: skip
_FUNCTIONS: dict[str, Callable[..., float]] = {"abs": abs, "min": min, "max": max}
NO_ARITHMETIC = "is no arithmetic"
NO_CLAIM = "must compare two numbers once, with < <= > >= or ==: full.target > probe.target + 0.05"


class ExpressionError(ValueError):
    """A text that is not arithmetic over measures of runs."""


class Expression(str):
    """A number: `full.target - probe.target`, `full.target[30]`, `max(a.loss, b.loss) * 2`."""

    def __init__(self, text: str) -> None:
        """Parse the text. Raises: ExpressionError."""
        measures: set[tuple[str, str]] = set()
        self.tree = _parse(text, NO_ARITHMETIC)
        self.value = _compiled(self.tree, text, measures)
        """Function of the runs' results; a division by 0 gives NaN. Raises: KeyError."""
        self.measures = frozenset(measures)
        """(run, measure) of all that occur in it: ("full", "loss[30]")."""
        self.runs = frozenset(run for run, _ in measures)
        """Names of the runs that occur in it."""


class Claim(str):
    """A lesson's statement as a comparison: `full.target > probe.target + 0.05`."""

    def __init__(self, text: str) -> None:
        """Parse the text. Raises: ExpressionError."""
        match _parse(text, NO_CLAIM):
            case ast.Compare(left=left, ops=[sign], comparators=[right]) if (
                type(sign) in _COMPARISONS
            ):
                self.sign, self.compare = sign, _COMPARISONS[type(sign)]
                """`compare`: function of two values, whether they compare as the claim says."""
                self.left, self.right = map(Expression, map(ast.unparse, (left, right)))
            case _:
                raise ExpressionError(f"{text!r} {NO_CLAIM}")
        self.measures = self.left.measures | self.right.measures
        """(run, measure) of all that occur in it."""
        self.runs = self.left.runs | self.right.runs
        """Names of the runs that occur in it."""

    def holds(self, results: Results) -> bool:
        """Return whether it holds for these runs. Raises: KeyError: a run is missing."""
        return self.compare(self.left.value(results), self.right.value(results))


def _parse(text: str, otherwise: str) -> ast.expr:
    """Return the tree of a text. Args: otherwise: what is said of one that is no expression."""
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(f"must be at most {MAX_CHARACTERS} characters long")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(f"{text!r} {otherwise}") from error


def _compiled(tree: ast.expr, text: str, measures: set[tuple[str, str]]) -> Value:
    """Return the value of a part as a function of the results; add what it names to `measures`.

    Raises: ExpressionError: it is not arithmetic over measures.
    """

    def part(tree: ast.expr) -> Value:
        return _compiled(tree, text, measures)

    match tree:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return lambda results: float(number)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            operand_value = part(operand)
            return lambda results: -operand_value(results)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _ARITHMETIC:
            return _combined(_ARITHMETIC[type(sign)], part(left), part(right))
        case ast.Call(func=ast.Name(id=name), args=[_, *_] as parts, keywords=[]):
            if name in _FUNCTIONS and (name == "abs") == (len(parts) == 1):
                return _combined(_FUNCTIONS[name], *map(part, parts))
        case ast.Subscript(value=ast.Attribute(value=ast.Name(id=run), attr=measure), slice=index):
            step: Any = index.value if isinstance(index, ast.Constant) else None
            if type(step) is not int or step < 0:
                raise ExpressionError(f"{text!r}: between [ and ] stands a step, as in [30]")
            if problem := step_problem(measure):
                raise ExpressionError(f"{run}.{measure}: {problem}")
            measures.add((run, f"{measure}[{step}]"))
            return lambda results: results[run].measure_at(measure, step)
        case ast.Attribute(value=ast.Name(id=run), attr=measure):
            if problem := measure_problem(measure):
                raise ExpressionError(f"{run}.{measure}: {problem}")
            measures.add((run, measure))
            return lambda results: results[run].measure(measure)
    raise ExpressionError(
        f"{text!r}: only numbers, measures such as full.target, + - * / abs min max and brackets"
    )


def _combined(function: Callable[..., float], *parts: Value) -> Value:
    """Return a function of the parts' values; a division by 0 gives NaN."""

    def value(results: Results) -> float:
        try:
            return float(function(*(part(results) for part in parts)))
        except ZeroDivisionError:
            return float("nan")

    return value


@dataclass(frozen=True, slots=True)
class _Shown:
    """A run whose shares are rounded as `percent` writes them."""

    result: RunResult

    def measure(self, name: str) -> float:
        """Return a measure's value, a share to a tenth of a point."""
        value = self.result.measure(name)
        return round(100 * value, 1) / 100 if name in SHARES else value

    def measure_at(self, name: str, step: int) -> float:
        """Return a measure's value at a step, a share to a tenth of a point."""
        value = self.result.measure_at(name, step)
        return round(100 * value, 1) / 100 if name in SHARES else value


def as_shown(results: Results) -> Results:
    """Return results of which a difference is that of the percentages beside it."""
    return {name: cast("RunResult", _Shown(result)) for name, result in results.items()}


UNKNOWN = "…"
"""Text in place of a number whose run has no result."""
_SENTENCE = re.compile(r".+?(?:[.?!](?=\s)\s+|\Z)", re.DOTALL)
_PATTERN = re.compile(
    rf"(?P<literal>{CODE.pattern}|{FORMULA.pattern})|\{{(?P<place>[^{{}}\n]*)\}}",
    FORMULA.flags | CODE.flags,
)
"""What stays as it is, and placeholders."""


def points(share: float) -> str:
    """Format a difference of shares in percentage points.

    >>> points(-0.0312), points(0.01)
    ('−3.1 points', '+1.0 point')
    """
    text = points_text(share, plus=True)
    unit = "point" if text.endswith("1.0") and len(text) == 4 else "points"
    return text if text == NO_VALUE else f"{text} {unit}"


def _number(value: float) -> str:
    """Format a number with three digits, also trailing zeros, so that two can be compared.

    >>> _number(0.4), _number(-2.9204), _number(16.0), _number(0.0), _number(1e-7)
    ('0.400', '−2.92', '16', '0', '1.00·10⁻⁷')
    """
    is_whole = math.isfinite(value) and value == round(value)
    return short_number(value) if is_whole else number_text(value, 3)


def _count(value: float) -> str:
    return count_text(round(value)) if math.isfinite(value) else NO_VALUE


FORMATS: dict[str, Callable[[float], str]] = {
    "percent": percent,
    "points": points,
    "number": _number,
    "signed": lambda value: signed(value, 2),
    "count": _count,
    "times": lambda value: f"{_number(value)}\u202f×",
}


class TemplateError(ValueError):
    """A placeholder that is not valid."""

    def __init__(self, problem: str, offset: int) -> None:
        super().__init__(problem)
        self.offset = offset
        """Position of the placeholder in the text."""


def placeholders(text: str) -> Iterator[tuple[int, Expression]]:
    """Yield (position, expression) of each placeholder in a text. Raises: TemplateError."""
    for match in _PATTERN.finditer(text):
        if match["literal"] is None:
            yield match.start(), _read_placeholder(match)[0]


def fill(text: str, results: Results) -> str:
    """Fill in the numbers of runs that have results, and `UNKNOWN` for all others."""

    def filled(match: re.Match[str]) -> str:
        if match["literal"] is not None:
            return match[0]
        expression, number_format = _read_placeholder(match)
        if not expression.runs <= results.keys():
            return UNKNOWN
        value = expression.value(as_shown(results) if number_format is points else results)
        measured = re.fullmatch(r"\w+\.(\w+)(\[\d+\])?", expression)
        if measured is not None and measured[1] in LOSSES and number_format is _number:
            return loss_text(value)  # as beside the stage
        return number_format(value)

    return _PATTERN.sub(filled, text)


def known_part(text: str) -> str:
    """Return a filled text without the sentences that tell of runs not made yet.

    >>> known_part("It ends at …: a closer fit. Now drag the width to 4.5.")
    'Now drag the width to 4.5.'
    """
    return "".join(s for s in _SENTENCE.findall(text) if UNKNOWN not in s).strip()


def _read_placeholder(match: re.Match[str]) -> tuple[Expression, Callable[[float], str]]:
    """Return a placeholder's expression, and the format of its value. Raises: TemplateError."""
    expression, _, name = match["place"].rpartition("|")
    number_format = FORMATS.get(name.strip())
    if number_format is None or not expression:
        raise TemplateError(
            f"{match[0]}: write a measure and how to show it, as in {{full.target|percent}}; "
            f"there are {', '.join(FORMATS)}",
            match.start(),
        )
    try:
        return Expression(expression.strip()), number_format
    except ExpressionError as error:
        raise TemplateError(f"{match[0]}: {error}", match.start()) from error
