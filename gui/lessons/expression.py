"""Arithmetic over the measures of runs, the only expressions that lessons can contain."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gui.lessons.run_result import STEP_MEASURES, RunResult, measure_problem

MAX_CHARACTERS = 200
"""Longest expression."""

_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip
_COMPARISONS: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq,
}  # fmt: skip
_FUNCTIONS: dict[str, Callable[..., float]] = {"abs": abs, "min": min, "max": max}


class ExpressionError(ValueError):
    """A text that is not arithmetic over measures of runs."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A number: `full.target - probe.target`, `full.target[30]`, `max(a.loss, b.loss) * 2`."""

    text: str
    runs: frozenset[str] = field(init=False)
    """Names of the runs that occur in it."""
    _tree: ast.expr = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Parse the text. Raises: ExpressionError."""
        tree = _parse(self.text)
        object.__setattr__(self, "_tree", tree)
        object.__setattr__(self, "runs", frozenset(_check(tree, self.text)))

    def value(self, results: Mapping[str, RunResult]) -> float:
        """Evaluate it; a division by 0 gives NaN. Raises: KeyError: a run is missing."""
        return _value(self._tree, results)


@dataclass(frozen=True, slots=True)
class Claim:
    """A lesson's statement as a comparison: `full.target > probe.target + 0.05`."""

    text: str
    always: bool
    """True: it holds for every seed; False: on average over seeds."""
    left: Expression = field(init=False)
    right: Expression = field(init=False)
    _holds: Callable[[float, float], bool] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Parse the text. Raises: ExpressionError."""
        tree = _parse(self.text)
        if not isinstance(tree, ast.Compare) or len(tree.ops) != 1:
            raise ExpressionError(f"{self.text!r} must compare two numbers once: < <= > >= ==")
        compare = _COMPARISONS.get(type(tree.ops[0]))
        if compare is None:
            raise ExpressionError(f"{self.text!r}: compare with < <= > >= or ==")
        object.__setattr__(self, "left", Expression(ast.unparse(tree.left)))
        object.__setattr__(self, "right", Expression(ast.unparse(tree.comparators[0])))
        object.__setattr__(self, "_holds", compare)

    @property
    def runs(self) -> frozenset[str]:
        """Names of the runs that occur in it."""
        return self.left.runs | self.right.runs

    def holds(self, results: Mapping[str, RunResult]) -> bool:
        """Return whether it holds for these runs. Raises: KeyError: a run is missing."""
        return self.compare(self.left.value(results), self.right.value(results))

    def compare(self, left: float, right: float) -> bool:
        """Return whether two values compare as the claim says."""
        return self._holds(left, right)


def _parse(text: str) -> ast.expr:
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(f"must be at most {MAX_CHARACTERS} characters long")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(f"{text!r} is no arithmetic") from error


def _check(tree: ast.expr, text: str) -> set[str]:
    """Return the names of the runs in it. Raises: ExpressionError: not arithmetic over measures."""
    match tree:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float()):
            return set()
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _check(operand, text)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _ARITHMETIC:
            return _check(left, text) | _check(right, text)
        case ast.Call(func=ast.Name(id=name), args=[_, *_] as parts, keywords=[]):
            if name in _FUNCTIONS and (name == "abs") == (len(parts) == 1):
                return set().union(*(_check(part, text) for part in parts))
        case ast.Subscript(value=ast.Attribute(value=ast.Name(id=run), attr=measure), slice=step):
            if not isinstance(step, ast.Constant) or type(step.value) is not int or step.value < 0:
                raise ExpressionError(f"{text!r}: between [ and ] stands a step, as in [30]")
            if measure not in STEP_MEASURES:
                known = ", ".join(STEP_MEASURES)
                raise ExpressionError(f"{run}.{measure}: only these have steps: {known}")
            return {run}
        case ast.Attribute(value=ast.Name(id=run), attr=measure):
            problem = measure_problem(measure)
            if problem:
                raise ExpressionError(f"{run}.{measure}: {problem}")
            return {run}
    raise ExpressionError(
        f"{text!r}: only numbers, measures such as full.target, + - * / abs min max and brackets"
    )


def _value(tree: ast.expr, results: Mapping[str, RunResult]) -> float:
    match tree:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.UnaryOp(operand=operand):
            return -_value(operand, results)
        case ast.BinOp(left=left, op=sign, right=right):
            try:
                return _ARITHMETIC[type(sign)](_value(left, results), _value(right, results))
            except ZeroDivisionError:
                return float("nan")
        case ast.Call(func=ast.Name(id=name), args=parts):
            return float(_FUNCTIONS[name](*(_value(part, results) for part in parts)))
        case ast.Subscript(
            value=ast.Attribute(value=ast.Name(id=run), attr=measure),
            slice=ast.Constant(value=int() as step),
        ):
            return results[run].measure_at(measure, step)
        case ast.Attribute(value=ast.Name(id=run), attr=measure):
            return results[run].measure(measure)
    raise AssertionError("checked when it was made")
