"""Copied values: the curves of a plot as a table, a step a row. Without Qt."""

from __future__ import annotations

from gui.plots.plot_spec import PlotSpec
from gui.text.plain_numbers import plain_number


def curve_rows(spec: PlotSpec) -> list[list[str]]:
    """Return a heading and a row for each step; empty where a curve has no value at it.

    Args: spec: of the plot.
    """
    curves = {curve.name: curve for curve in (*spec.curves, *spec.named)}.values()
    columns = [
        dict(zip(curve.steps.tolist(), curve.values.tolist(), strict=True)) for curve in curves
    ]
    rows = [[spec.axis_name or "step", *(curve.name for curve in curves)]]
    for step in sorted(set().union(*columns)):
        number = plain_number(int(step) if step == int(step) else step)
        values = (column.get(step) for column in columns)
        rows.append([number, *("" if v is None else plain_number(v) for v in values)])
    return rows
