"""Short explanations of a cell's ΔW with its numbers."""

from __future__ import annotations

from engine.protocol.settings import Settings
from gui.matrices.cell_reading import CellReading
from gui.matrices.factor_kinds import RANK_AXES, factor_kind, shared_sides
from gui.text.numbers import short_number, signed

MAX_SHOWN_TERMS = 2
"""Products that are written out; the others become “…”."""
NOTE_LABELS = {
    "codes": "code",
    "rounding_error": "rounding error",
    "truncated": "rank-r part",
    "difference": "W′ − W′ of the other branch",
    "delta_b": "Δb",
    "prompt": "p",
    "running_mean": "μ",
    "running_var": "σ²",
}
"""Factors that ΔW is not made of -> label of their number at the cell."""

Values = tuple[float, ...]


def explain_cell(reading: CellReading, settings: Settings | None) -> str:
    """Return what this cell's ΔW is made of, and what else is known of the cell.

    Args: reading: of the cell.  settings: those of the frame that the reading comes from.
    """
    if reading.value is not None:
        return _explain_factor(reading)
    factors = {factor.name: factor.values for factor in reading.factors}
    notes = [
        f"{word} {signed(factors[name][0])}"
        for name, word in NOTE_LABELS.items()
        if name in factors
    ]
    lines = (_explain_delta(reading, factors, settings), " · ".join(notes))
    return "\n".join(filter(None, lines))


def _explain_factor(reading: CellReading) -> str:
    """Return what a number of a matrix is that has not ΔW's shape."""
    axis = RANK_AXES.get(reading.matrix)
    if axis is None:
        return factor_kind(reading.matrix).description or f"Row {reading.row + 1} of the layer."
    direction = (reading.row, reading.column)[axis] + 1
    name = factor_kind(reading.matrix).title
    rows, columns = shared_sides(reading.matrix, (0, 0), (0, 0))
    if rows:
        return f"Direction {direction} of {name}: it enters row {reading.row + 1} of ΔW."
    if columns:
        return f"Direction {direction} of {name}: it enters column {reading.column + 1} of ΔW."
    return f"Direction {direction} of {name}: it enters every cell of ΔW."


def _explain_delta(
    reading: CellReading, factors: dict[str, Values], settings: Settings | None
) -> str:
    if reading.scaling is not None:
        return _product_text(factors["lora_B"], factors["lora_A"], reading.scaling)
    if "magnitude" in factors:
        return f"ΔW = m·V/‖V‖ − W with V = W + s·B A; m = {signed(factors['magnitude'][0])} here."
    if "lora_E" in factors:
        kept = sum(value != 0.0 for value in factors["lora_E"])
        return f"ΔW = s · Σ BₖEₖAₖ; E keeps {kept} of {len(factors['lora_E'])} directions."
    if "lora_B" in factors:
        return "ΔW is what B and A have changed since the start, not B A itself."
    if "vera_b" in factors:
        return f"ΔW = b · Σ BₖdₖAₖ; b = {signed(factors['vera_b'][0])} in this row."
    if "ia3_l" in factors:
        return f"ΔW = (l − 1) · W; l = {signed(factors['ia3_l'][0])} in this row."
    if "gradient" in factors:
        return _gradient_step_text(factors["gradient"][0], settings)
    if reading.delta == 0:
        return "ΔW is zero: this weight has not moved."
    return "ΔW = W′ − W: all that the steps so far have added."


def _product_text(b: Values, a: Values, scaling: float) -> str:
    terms = [f"{signed(left, 3)}·{signed(right, 3)}" for left, right in zip(b, a, strict=True)]
    shown = " + ".join(terms[:MAX_SHOWN_TERMS]) + (" + …" if len(terms) > MAX_SHOWN_TERMS else "")
    return f"ΔW = s · Σ BₖAₖ, k = 1…{len(terms)}\n= {short_number(scaling)}·({shown})"


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
    return f"Gradient step: −η · g\n= −{short_number(learning_rate)} · {signed(gradient)} = {move}"
