"""What a claim says in plain words, and the numbers of the runs at hand; without Qt."""

from __future__ import annotations

import ast
import dataclasses
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gui.controls.numbers import MINUS, count_text, short_number
from gui.lessons.expression import Claim, Expression
from gui.lessons.record import RunRecord

MEASURES = {
    "target": "target accuracy",
    "source": "source accuracy",
    "start_target": "target accuracy at the start",
    "start_source": "source accuracy at the start",
    "forgotten": "share forgotten",
    "loss": "training loss",
    "validation": "validation loss",
    "start_loss": "training loss at the start",
    "start_validation": "validation loss at the start",
    "best_validation": "lowest validation loss",
    "steps": "number of steps",
    "rate": "learning rate",
    "trainable": "count of trainable numbers",
    "body_trainable": "count of trainable numbers in the body",
    "total": "count of all numbers",
    "change": "mean ‖ΔW‖ / ‖W‖",
    "rounding": "rounding error",
    "lost": "count of runs beyond all bounds",
}
"""What a measure of a run is called within a sentence."""
SHARES = frozenset({"target", "source", "start_target", "start_source", "forgotten", "rounding"})
COUNTS = frozenset({"steps", "trainable", "body_trainable", "total"})
SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "plus", ast.Sub: "minus", ast.Mult: "times", ast.Div: "divided by",
}  # fmt: skip
FUNCTIONS = {"abs": "the size of", "min": "the least of", "max": "the largest of"}
MORE, LESS = frozenset({">", ">="}), frozenset({"<", "<="})
_SIGN = re.compile(r"<=|>=|==|<|>")


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a comparison, as measure + gap."""

    words: str
    number: Expression
    """The measure alone, without the gap."""
    gap: float
    form: Callable[[float], str]
    distance: Callable[[float], str]


def exception_text(
    claim: Claim, records: Mapping[str, RunRecord], names: Mapping[str, str]
) -> str:
    """That these runs do not bear a claim out, with their numbers.

    Args: names: of the runs, for people.
    """
    said, numbers = claim_text(claim, names), claim_numbers(claim, records)
    return f"Your run is an exception. As a rule, over many seeds, {said}. Here: {numbers}."


def claim_text(claim: Claim, names: Mapping[str, str]) -> str:
    """The claim as a clause: the target accuracy of “full” is above 90 %."""
    sign = _sign(claim)
    apart = _apart(claim)
    if apart is not None:
        one, other = (_side(Expression(ast.unparse(part)), names) for part in apart)
        bound = one.distance(_constant(claim.right) or 0.0)
        way = "less" if sign in LESS else "more"
        return f"{one.words} and {other.words} differ by {way} than {bound}"
    left, right = _sides(claim, names)
    if not right.number.runs:
        relation = {">": "above", ">=": "at least", "<": "below", "<=": "at most"}.get(sign, "just")
        return f"{left.words} is {relation} {left.form(right.number.value({}))}"
    gap, to = right.gap - left.gap, _again(right.words, left.words)
    size = left.distance(abs(gap))
    if sign == "==":
        return f"{left.words} is the same as {to}"
    if not gap:
        return f"{left.words} is {'above' if sign in MORE else 'below'} {to}"
    if (sign in MORE) == (gap > 0):
        return f"{left.words} is more than {size} {'above' if gap > 0 else 'below'} {to}"
    return f"{left.words} is at most {size} {'above' if gap > 0 else 'below'} {to}"


def claim_numbers(claim: Claim, records: Mapping[str, RunRecord]) -> str:
    """What is compared, in these runs: 81.0 % and 79.0 %; differing to the eye."""
    apart = _apart(claim)
    both = (
        _sides(claim, {}) if apart is None
        else tuple(_side(Expression(ast.unparse(part)), {}) for part in apart)
    )  # fmt: skip
    sides = [side for side in both if side.number.runs]
    values = [side.number.value(records) for side in sides]
    told = [side.form(value) for side, value in zip(sides, values, strict=True)]
    if len(told) == 2 and told[0] == told[1] and values[0] != values[1]:
        times, unit = (100, "\u202f%") if sides[0].form is _percent else (1, "")
        digits = next((n for n in range(3, 8) if len({f"{v:.{n}g}" for v in values}) > 1), 8)
        told = [f"{times * value:.{digits}g}{unit}".replace("-", MINUS) for value in values]
    return " and ".join(told)


def _sign(claim: Claim) -> str:
    found = _SIGN.search(claim.text)
    assert found is not None  # a claim compares
    return found[0]


def _tree(expression: Expression) -> ast.expr:
    return ast.parse(expression.text.strip(), mode="eval").body


def _constant(expression: Expression) -> float | None:
    """Its value where it speaks of no run."""
    return None if expression.runs else expression.value({})


def _apart(claim: Claim) -> tuple[ast.expr, ast.expr] | None:
    """a and b of abs(a - b) < number."""
    match _tree(claim.left):
        case ast.Call(func=ast.Name(id="abs"), args=[ast.BinOp(op=ast.Sub()) as difference]):
            return None if claim.right.runs else (difference.left, difference.right)
    return None


def _sides(claim: Claim, names: Mapping[str, str]) -> tuple[_Side, _Side]:
    """Both sides; a - b < number is read as a < b + number."""
    left, right = _side(claim.left, names), _side(claim.right, names)
    match _tree(claim.left):
        case ast.BinOp(left=one, op=ast.Sub(), right=other) if not claim.right.runs:
            if not isinstance(other, ast.Constant):
                left, right = (_side(Expression(ast.unparse(tree)), names) for tree in (one, other))
                right = dataclasses.replace(right, gap=_constant(claim.right) or 0.0)
    return left, right


def _again(words: str, before: str) -> str:
    """What is compared with, without saying twice what it has in common."""
    if max(words.count("“"), before.count("“")) > 1:
        return words
    measure, _, run = words.rpartition(" of “")
    said, _, of = before.rpartition(" of “")
    if measure and measure == said:
        return f"that of “{run}"
    if measure.startswith("the ") and run and run == of:
        return f"its {measure.removeprefix('the ')}"
    return words


def _side(expression: Expression, names: Mapping[str, str]) -> _Side:
    tree, gap = _tree(expression), 0.0
    match tree:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=ast.Constant(value=number)) if (
            expression.runs
        ):
            gap = float(number) if isinstance(tree.op, ast.Add) else -float(number)
            tree = left
    measure = next((node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)), "")
    alone = Expression(ast.unparse(tree))
    share = measure in SHARES or measure.startswith("change")
    counted = measure in COUNTS or measure.startswith("k90")
    ratio = len(alone.runs) > 1 and isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div)
    if counted if ratio else share:
        return _Side(_words(tree, names), alone, gap, _percent, _points)
    form = _count if counted else _number
    return _Side(_words(tree, names), alone, gap, form, form)


def _words(tree: ast.expr, names: Mapping[str, str]) -> str:
    match tree:
        case ast.Subscript(value=ast.Attribute() as measure, slice=ast.Constant(value=step)):
            return _words(measure, names).replace(" of “", f" at step {step} of “")
        case ast.Attribute(value=ast.Name(id=run), attr=name):
            return f"the {_measure(name)} of “{names.get(run, run)}”"
        case ast.BinOp(left=left, op=sign, right=right):
            return f"{_words(left, names)} {SIGNS[type(sign)]} {_words(right, names)}"
        case ast.Call(func=ast.Name(id=name), args=parts):
            return f"{FUNCTIONS[name]} {' and '.join(_words(part, names) for part in parts)}"
        case ast.UnaryOp(operand=operand):
            return f"{MINUS}{_words(operand, names)}"
        case _:
            return ast.unparse(tree).replace("-", MINUS)


def _measure(name: str) -> str:
    if name in MEASURES:
        return MEASURES[name]
    what, _, layer = name.partition("_")
    told = "k90" if what == "k90" else "‖ΔW‖ / ‖W‖"
    return f"{told} of {layer.replace('layer', 'layer ')}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g}\u202f%" if math.isfinite(share) else "not a number"


def _points(share: float) -> str:
    number = f"{100 * share:.3g}"
    return f"{number} point{'' if number == '1' else 's'}"


def _number(value: float) -> str:
    return short_number(value).replace("-", MINUS) if math.isfinite(value) else "not a number"


def _count(value: float) -> str:
    return count_text(round(value)) if math.isfinite(value) else "–"
