"""Short explanations of a cell's ΔW with its numbers."""

from __future__ import annotations

from collections.abc import Sequence

from engine.protocol.messages import Matrix
from engine.protocol.settings import Settings
from gui.matrices.cell_reading import CellReading, Numbers
from gui.state.session_state import SessionState
from gui.text.layers import range_text
from gui.text.numbers import short_number, signed

MAX_SHOWN_TERMS = 2
"""Products that are written out; the others become “…”."""
UNNOTED_ROLES = ("gradient", "activation", "step")
"""Roles of matrices whose numbers at a cell are not noted: they have captions of their own."""

NOT_VISIBLE = (
    "Not in the part of the layer that is visible: an arrow key or “show all” brings it back."
)
ZOOM_HINT = "Scroll to zoom in to single cells."
FIRST_LAYER = "layer1"
"""The layer whose columns are the network's inputs."""


def explain_reading(reading: CellReading, state: SessionState) -> str:
    """Return what is to say of a cell, or of a block of cells, beside its numbers."""
    if not reading.visible:
        return NOT_VISIBLE
    if reading.cell_block is not None:
        top, bottom, left, right = reading.cell_block
        where = f"Rows {range_text(top, bottom)}, columns {range_text(left, right)}"
        return f"{where}: of each matrix the value of largest magnitude. {ZOOM_HINT}"
    settings = None if state.frame is None else state.frame.settings
    info = None if settings is None else state.strategy_info(settings)
    said = explain_cell(reading, settings, "" if info is None else info.equation)
    task = state.task_info()
    feature = input_feature_text(reading, () if task is None else task.features)
    return "\n".join(filter(None, (feature, said)))


def input_feature_text(reading: CellReading, features: tuple[str, ...]) -> str:
    """Return a line with the name of the input that a weight multiplies; empty without one."""
    if reading.layer != FIRST_LAYER or not features or reading.cell_block is not None:
        return ""
    return f"Input: {features[reading.column]}"


def explain_cell(reading: CellReading, settings: Settings | None, equation: str = "") -> str:
    """Return what a cell's ΔW is made of, and what else is known of it. Args: equation: of ΔW."""
    if reading.value is not None:
        return _explain_factor(reading)
    if reading.info is not None and reading.info.role == "step":
        step = (factor for factor in reading.factors if factor.info.role == "step")
        return " · ".join(f"{each.info.title} {signed(each.values[0], 5)}" for each in step)
    notes = [
        f"{factor.info.symbol or factor.info.title} {signed(factor.values[0])}"
        for factor in reading.factors
        if not factor.info.makes_delta and factor.info.role not in UNNOTED_ROLES
    ]
    lines = (_explain_delta(reading, settings, equation), " · ".join(notes))
    return "\n".join(filter(None, lines))


def _explain_factor(reading: CellReading) -> str:
    """Return what a number of a matrix is that has not ΔW's shape."""
    info = reading.info
    if info is None or info.rank_axis is None:
        return (info and info.description) or f"Row {reading.row + 1} of the layer."
    direction = (reading.row, reading.column)[info.rank_axis] + 1
    rows, columns = info.shared
    entered = "every cell"
    if rows:
        entered = f"row {reading.row + 1}"
    elif columns:
        entered = f"column {reading.column + 1}"
    return f"Direction {direction} of {info.title}: it enters {entered} of ΔW."


def _explain_delta(reading: CellReading, settings: Settings | None, equation: str) -> str:
    made_of = [factor for factor in reading.factors if factor.info.makes_delta]
    if reading.is_product:
        return _product_text(made_of, reading.scaling)
    others = [factor for factor in made_of if factor.info.role != "factor"]
    if others:
        here = "; ".join(f"{each.info.title} = {signed(each.values[0])}" for each in others)
        return f"ΔW {equation or '= W′ − W'}; {here} here."
    if made_of:
        titles = [factor.info.title for factor in made_of]
        return (
            f"ΔW is what {' and '.join(titles)} have changed since the start, not "
            f"{' '.join(titles)} itself."
        )
    gradient = next((each for each in reading.factors if each.info.role == "gradient"), None)
    if gradient is not None:
        return _gradient_step_text(gradient.values[0], settings)
    if reading.delta == 0:
        return "ΔW is zero: this weight has not changed."
    return "ΔW = W′ − W: all that the steps so far have added."


def _product_text(factors: Sequence[Matrix[Numbers]], scaling: float | None) -> str:
    """Return a product in symbols and in numbers, with a sum over its directions."""
    single = [factor for factor in factors if factor.info.rank_axis is None]
    along_rank = [factor for factor in factors if factor.info.rank_axis is not None]
    terms = ["·".join(signed(value, 3) for value in values)
             for values in zip(*(factor.values for factor in along_rank), strict=True)]  # fmt: skip
    shown = " + ".join(terms[:MAX_SHOWN_TERMS]) + (" + …" if len(terms) > MAX_SHOWN_TERMS else "")
    symbols = [] if scaling is None else ["s"]
    symbols += [factor.info.title for factor in single]
    numbers = [] if scaling is None else [short_number(scaling)]
    numbers += [signed(factor.values[0], 3) for factor in single]
    if terms:
        symbols.append(f"Σ {''.join(f'{factor.info.title}ₖ' for factor in along_rank)}")
        symbols[-1] += f", k = 1…{len(terms)}"
        numbers.append(f"({shown})")
    lines = [f"ΔW = {' · '.join(symbols)}", f"= {'·'.join(numbers)}"]
    for factor in along_rank:
        kept = sum(value != 0.0 for value in factor.values)
        if factor.info.is_vector and kept < len(terms):
            lines.append(f"{factor.info.title} keeps {kept} of {len(terms)} directions.")
    return "\n".join(lines)


def _gradient_step_text(gradient: float, settings: Settings | None) -> str:
    plain = (
        settings is not None
        and (settings.optimizer, settings.schedule) == ("sgd", "constant")
        and not settings.warmup_steps
        and not settings.weight_decay
    )
    if settings is None or not plain:
        return f"Gradient of the last step: g = {signed(gradient)}"
    learning_rate = settings.learning_rate
    move = signed(-learning_rate * gradient, 5)
    factor = f"({signed(gradient)})" if gradient < 0 else signed(gradient)
    return f"Step: −η · g\n= −{short_number(learning_rate)} · {factor} = {move}"
