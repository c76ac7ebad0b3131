"""Expressions and claims of a lesson as sentences, their numbers as the cards have them."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from typing import Literal

from gui.lessons.expression import FORMATS, Claim, Expression, Results, as_shown
from gui.lessons.measure_text import COUNTS, POINTS, SHARES, measure_title, plain_measure_text
from gui.text.numbers import MINUS, distinct_texts, points_text, short_number

Kind = Literal["share", "points", "count", "number"]
"""What a number is: a share of all samples, a difference of two, a count, or another number."""
Names = Mapping[str, str]
"""Name of a run -> its display name."""
NO_NUMBER = "there is no such number"
"""What a run shows that ended before the step, or diverged."""
_SIGNS = {ast.Add: "+", ast.Sub: MINUS, ast.Mult: "×", ast.Div: "/",
          ast.Lt: "<", ast.LtE: "≤", ast.Gt: ">", ast.GtE: "≥", ast.Eq: "="}  # fmt: skip


def expression_kind(expression: Expression) -> Kind:
    """Return what an expression's number is.

    >>> expression_kind(Expression("a.target")), expression_kind(Expression("a.target - b.target"))
    ('share', 'points')
    >>> expression_kind(Expression("a.trainable / 2")), expression_kind(Expression("a.loss + 1"))
    ('count', 'number')
    """
    return _kind(expression.tree) or "number"


def value_text(kind: Kind, value: float) -> str:
    r"""Format an expression's value.

    >>> value_text("share", 0.835), value_text("points", -0.0031), value_text("count", 4810.0)
    ('83.5\u202f%', '−0.3 points', '4,810')
    """
    return FORMATS["percent" if kind == "share" else kind](value)


def measured_text(expression: Expression, results: Results, names: Names) -> str:
    """Return an expression in words with its value.

    Args: results: of all its runs.
    """
    match tree := expression.tree:
        case ast.BinOp(left=ast.Attribute(value=ast.Name(id=run), attr=measure), op=ast.Sub(),
                       right=ast.Attribute(value=ast.Name(id=other), attr=same),
                      ) if measure == same:  # fmt: skip
            told, between = measure_title(measure), f" ({names[run]} minus {names[other]})"
        case ast.BinOp(op=ast.Div()):
            return _parts_text(tree, results, names)
        case _:
            told, between = _text(tree, names), ""
    kind = expression_kind(expression)
    value = value_text(kind, expression.value(as_shown(results) if kind == "points" else results))
    return f"{told[0].upper()}{told[1:]}: {value}{between}"


def _parts_text(tree: ast.expr, results: Results, names: Names) -> str:
    """Return the measures of a ratio, each with its value: they tell more than the ratio."""
    parts = {ast.unparse(part): part for part in ast.walk(tree) if isinstance(part, ast.Attribute)}
    told = "; ".join(
        f"{_text(part, names)} {plain_measure_text(part.attr, Expression(name).value(results))}"
        for name, part in parts.items()
    )
    return f"{told[0].upper()}{told[1:]}"


def claim_text(claim: Claim, results: Results, names: Names) -> tuple[str, str]:
    """Return what a claim says, and what these runs show instead.

    Args: results: of all its runs.
    """
    left, sign, right = claim.left.tree, claim.sign, claim.right.tree
    kind = _kind(left) or _kind(right) or "number"
    sides = claim.left.value(results), claim.right.value(results)
    margin = _margin(right)
    if margin is not None and kind == "share" and not isinstance(sign, ast.Eq):
        base, share = margin
        shown = as_shown(results)
        gap = claim.left.value(shown) - Expression(ast.unparse(base)).value(shown)
        more = isinstance(sign, ast.Gt | ast.GtE) == (share >= 0)
        side = "above" if share > 0 or (share == 0 and more) else "below"
        much = f"{'more' if more else 'no more'} than {_constant_text(abs(share), 'points')} "
        where = f"{_text(left, names)} is {much if share else ''}{side} {_text(base, names)}"
        here = f"{points_text(abs(gap))} points {'above' if gap > 0 else 'below'}"
        if not math.isfinite(gap):
            return where, NO_NUMBER
        return where, f"it is {here}" if gap else "the two are equal"
    told = f"{_text(left, names)} {_SIGNS[type(sign)]} {_text(right, names, kind)}"
    if kind == "number":
        ours, theirs = distinct_texts(*sides, digits=3)
    elif not all(map(math.isfinite, sides)):
        return told, NO_NUMBER
    else:
        ours, theirs = (value_text(kind, side) for side in sides)
    against = "" if isinstance(right, ast.Constant) else f" against {theirs}"
    return told, f"it is {ours}{against}"


def _margin(tree: ast.expr) -> tuple[ast.expr, float] | None:
    """Return a base and the margin added to it: of `b.target - 0.05` b.target and −0.05."""
    match tree:
        case ast.BinOp(left=base, op=ast.Add() | ast.Sub() as sign,
                       right=ast.Constant(value=int() | float() as share)):  # fmt: skip
            return base, float(share) if isinstance(sign, ast.Add) else -float(share)
        case ast.Constant():
            return None
    return tree, 0.0


def _kind(tree: ast.expr) -> Kind | None:
    """Return what a part's number is; None: it is a constant."""
    match tree:
        case ast.Attribute(attr=measure) | ast.Subscript(value=ast.Attribute(attr=measure)):
            if measure in SHARES:
                return "share"
            return "points" if measure in POINTS else "count" if measure in COUNTS else "number"
        case ast.UnaryOp(operand=operand):
            return _kind(operand)
        case ast.Call(args=parts):
            return next((kind for kind in map(_kind, parts) if kind is not None), None)
        case ast.BinOp(left=left, op=sign, right=right):
            return _kind_of_pair(_kind(left), sign, _kind(right))
    return None


def _kind_of_pair(left: Kind | None, sign: ast.operator, right: Kind | None) -> Kind | None:
    if left is None or right is None:
        reciprocal = isinstance(sign, ast.Div) and left is None and right is not None
        return "number" if reciprocal else left or right
    if isinstance(sign, ast.Mult | ast.Div):
        return "number"
    if left == right == "share":
        return "points" if isinstance(sign, ast.Sub) else "number"
    if {left, right} == {"share", "points"}:
        return "share"
    return left if left == right else "number"


def _text(tree: ast.expr, names: Names, kind: Kind | None = None) -> str:
    """Return a part in words. Args: kind: of what a constant is compared with or added to."""
    match tree:
        case ast.Attribute(value=ast.Name(id=run), attr=measure):
            return f"{measure_title(measure)} ({names[run]})"
        case ast.Subscript(value=ast.Attribute(value=ast.Name(id=run), attr=measure),
                           slice=ast.Constant(value=int() as step)):  # fmt: skip
            return f"{measure_title(measure)} at step {step} ({names[run]})"
        case ast.Constant(value=int() | float() as number):
            return _constant_text(float(number), kind)
        case ast.UnaryOp(operand=operand):
            return f"{MINUS}{_text(operand, names, kind)}"
        case ast.Call(func=ast.Name(id=function), args=parts):
            inner = (_text(part, names, kind) for part in parts)
            joined = " and ".join(inner)
            words = {"abs": "size of", "min": "smaller of", "max": "larger of"}
            return f"{words[function]} {joined}"
        case ast.BinOp(left=left, op=sign, right=right):
            added = isinstance(sign, ast.Add | ast.Sub)
            inside = (_kind(left) or _kind(right)) if added else None
            inside = "points" if inside == "share" else inside
            sides = [_text(part, names, inside) for part in (left, right)]
            if not added:
                sides = [
                    f"({side})" if isinstance(part, ast.BinOp) else side
                    for side, part in zip(sides, (left, right), strict=True)
                ]
            return f" {_SIGNS[type(sign)]} ".join(sides)
    return ast.unparse(tree)


def _constant_text(number: float, kind: Kind | None) -> str:
    """Return a number of the lesson's file: with no more digits than it has there."""
    text = f"{100 * number:g}".replace("-", MINUS)
    if kind == "share":
        return f"{text}\u202f%"
    if kind == "points":
        return f"{text} point{'' if abs(number) == 0.01 else 's'}"
    return short_number(number)


def range_problem(kind: Kind, value: float) -> str:
    """Return why no such number can be as large as a value; empty: it can.

    >>> range_problem("share", 50.0), range_problem("points", 0.05)
    ('an accuracy lies between 0 and 1: did you mean 0.5 in place of 50?', '')
    """
    least = {"share": 0.0, "points": -1.0}.get(kind)
    if least is None or least <= value <= 1.0:
        return ""
    what = "an accuracy lies" if kind == "share" else "a difference of two accuracies lies"
    meant = f": did you mean {value / 100:g} in place of {value:g}?" if abs(value) <= 100 else ""
    return f"{what} between {least:g} and 1{meant}"


def claim_problem(claim: Claim) -> str:
    """Return why a claim compares with a number out of range; empty: it does not."""
    sides = claim.left.tree, claim.right.tree
    kinds = [_kind(side) for side in sides]
    problems = []
    for side, kind, other in zip(sides, kinds, reversed(kinds), strict=True):
        margin = _margin(side)
        if isinstance(side, ast.Constant) and isinstance(side.value, int | float):
            problems.append(range_problem(other or "number", float(side.value)))
        elif margin is not None and kind == "share":
            problems.append(range_problem("points", margin[1]))
    return next(filter(None, problems), "")
