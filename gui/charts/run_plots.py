"""The plots of a run: its loss, its accuracy, and how far each layer has moved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from gui.charts.run_curves import RunCurves
from gui.plots.plot_spec import Curve, Mark, PlotSpec, nice_ends, nice_top
from gui.state.curve_buffer import (
    KEPT_HEAD,
    METRICS,
    SOURCE,
    TARGET,
    TRAIN,
    VALIDATION,
    VALIDATION_ACCURACY,
    CurveBuffer,
)
from gui.text.accuracies import SourceHead, baselines
from gui.text.layers import short_layer_title
from gui.text.numbers import loss_text, percent, percent_text, short_number
from gui.text.settings_change import ALPHA_FOLLOWS
from gui.theme import appearance

MAX_LOSS_RATIO = 3.0
"""Losses are drawn up to this many times the loss at the start."""
MIN_ACCURACY_SPAN = 0.05
"""Least difference of the ends of the axis of accuracies."""
MAX_BRANCH_NAME_LENGTH = 9
"""Characters of a branch's name at the end of its curve."""


def make_loss_plot(run: RunCurves) -> PlotSpec:
    """Plot training loss solid, validation loss dashed, and both of the previous run faint."""
    buffer, previous = run.buffer, run.shown_previous
    curves = (
        *_other_branches(run, TRAIN),
        *_previous_run(previous, {VALIDATION: "muted", TRAIN: "target"}),
        Curve(VALIDATION, "validation", "muted", *buffer.curve(VALIDATION), dashed=True),
        Curve(TRAIN, "training", "target", *buffer.curve(TRAIN)),
    )
    limit, note = loss_limit(buffer, previous)
    low, high = value_range(curves)
    bottom, top = nice_ends(low, min(high, limit))
    return PlotSpec(
        curves, _marks(run), top, bottom, note=note, label_marks=True, shown_step=run.shown_step
    )


def make_accuracy_plot(run: RunCurves) -> PlotSpec:
    """Plot target and source accuracy, also with the old head kept, and those of the previous run.

    Where there is room, validation accuracy and what needs no learning are drawn as well; else they
    are told under the pointer alone, and the old head has no label.
    """
    buffer, large = run.buffer, run.shows_all_accuracies
    main = (
        *_other_branches(run, TARGET),
        *_previous_run(run.shown_previous, {SOURCE: "source", TARGET: "target"}),
        Curve(SOURCE, "source", "source", *buffer.curve(SOURCE)),
        Curve(TARGET, "target", "target", *buffer.curve(TARGET)),
    )
    kept = _kept_head(run)
    validation = Curve(
        VALIDATION_ACCURACY, "validation", "muted", *buffer.curve(VALIDATION_ACCURACY), dashed=True
    )
    drawn: tuple[Curve, ...] = (validation, *kept, *main)
    named: tuple[Curve, ...] = ()
    if not large:
        drawn, named = (*(replace(one, label="") for one in kept), *main), (*kept, validation)
    bottom, top = nice_ends(*value_range(drawn), MIN_ACCURACY_SPAN)
    for line in _baselines(run):
        # Of one far below the curves only the value is told: they would lose their height to it.
        if large and line.values[0] >= bottom:
            drawn = (line, *drawn)
        else:
            named = (*named, line)
    return PlotSpec(
        drawn, _marks(run), min(top, 1.0), bottom, percent_text, shown_step=run.shown_step,
        named=named,
    )  # fmt: skip


def make_moved_plot(run: RunCurves) -> PlotSpec:
    """Plot ‖ΔW‖/‖W‖ of each layer; layers at the same value share one label."""
    buffer = run.buffer
    layers = [name for name in buffer.names if name not in METRICS]
    last = buffer.last()
    together: dict[float, list[str]] = {}
    for name in layers:
        together.setdefault(round(last.get(name, 0.0), 4), []).append(name)
    label_of = {names[0]: " ".join(map(short_layer_title, names)) for names in together.values()}
    shared = {names[0] for names in together.values() if len(names) > 1}
    curves = tuple(
        Curve(name, label_of.get(name, ""), _layer_colour(name), *buffer.curve(name),
              dashed=name.endswith((".up", ".output")),
              label_colour="muted" if name in shared else "")
        for name in layers
    )  # fmt: skip
    top = nice_top(value_range(curves)[1])
    return PlotSpec(curves, _marks(run), top, shown_step=run.shown_step)


def _marks(run: RunCurves) -> tuple[Mark, ...]:
    """Return a line at each change of settings; its text is short, to stand beside the curves."""
    return tuple(Mark(change.step, change.text.replace(ALPHA_FOLLOWS, "")) for change in run.marks)


def value_range(curves: Iterable[Curve]) -> tuple[float, float]:
    """Return the least and the largest value that is drawn; zeros without any."""
    drawn = [curve.values for curve in curves if len(curve.values)]
    lows, highs = ([float(pick(values)) for values in drawn] for pick in (np.min, np.max))
    return min(lows, default=0.0), max(highs, default=0.0)


def loss_limit(buffer: CurveBuffer, previous: CurveBuffer | None) -> tuple[float, str]:
    """Return the largest loss to draw, and a note where one lies beyond it."""
    runs = [run for run in (buffer, previous) if run is not None]
    starts = [values[0] for run in runs for _, values in [run.curve(TRAIN)] if len(values)]
    limit = nice_top(MAX_LOSS_RATIO * max(starts, default=1.0))
    losses = [values for run in runs for name in (TRAIN, VALIDATION)
              for _, values in [run.curve(name)]]  # fmt: skip
    is_cut = any((values > limit).any() for values in losses)
    return limit, f"axis cut at {short_number(limit)}" if is_cut else ""


def losses_text(values: Mapping[str, float]) -> str:
    """Return the losses to show beside the title."""
    if TRAIN not in values:
        return "how wrong it is"
    return f"{loss_text(values[TRAIN])} training · {loss_text(values[VALIDATION])} validation"


def accuracy_text(values: Mapping[str, float], pointed: bool, in_full: bool) -> str:
    """Return the accuracies to show beside the title.

    Args: pointed: whether they are under the pointer; else the others stand among the figures.
    in_full: whether there is room for all of them.
    """
    if SOURCE not in values:
        return "what is learned, what is remembered"
    validation = f"{percent(values[VALIDATION_ACCURACY])} validation"
    if not pointed:
        return validation
    tested = f"{percent(values[TARGET])} target · {percent(values[SOURCE])} source"
    return f"{tested} · {validation}" if in_full else tested


def moved_text(values: Mapping[str, float], *, in_full: bool) -> str:
    """Return ‖ΔW‖/‖W‖ of each layer to show beside the title, or the name of that ratio."""
    if not in_full:
        return "‖ΔW‖ / ‖W‖"
    layers = (name for name in values if name not in METRICS)
    return " · ".join(f"{short_layer_title(name)} {values[name]:.2f}" for name in layers)


def _previous_run(previous: CurveBuffer | None, colours: Mapping[str, str]) -> tuple[Curve, ...]:
    """Return the faint curves of the previous run."""
    if previous is None:
        return ()
    return tuple(
        Curve(f"ghost.{name}", "", colour, *previous.curve(name),
              dashed=name == VALIDATION, faint=True)
        for name, colour in colours.items()
    )  # fmt: skip


def _kept_head(run: RunCurves) -> tuple[Curve, ...]:
    """Return source accuracy with the old head kept, where it is a curve of its own."""
    if run.source_head is not SourceHead.TRAINED:
        return ()
    points = run.buffer.curve(KEPT_HEAD)
    return (Curve(KEPT_HEAD, "old head", "source", *points, dashed=True),)


def _baselines(run: RunCurves) -> tuple[Curve, ...]:
    """Return horizontal lines at the target accuracies that need no learning."""
    steps, _ = run.buffer.curve(TARGET)
    return tuple(
        Curve(name, name, "muted", steps, np.full_like(steps, accuracy), dotted=True)
        for name, accuracy in baselines(run.target_test).items()
        if len(steps)
    )


def _other_branches(run: RunCurves, name: str) -> tuple[Curve, ...]:
    """Return the same curve of other branches, from where they part, labelled with their names."""
    curves = []
    for other in run.other_branches:
        steps, values = other.buffer.curve(name)
        apart = steps >= other.shared_until
        cut = len(other.name) > MAX_BRANCH_NAME_LENGTH
        label = f"{other.name[:MAX_BRANCH_NAME_LENGTH]}…" if cut else other.name
        curves.append(
            Curve(f"{other.name}.{name}", label, "target", steps[apart], values[apart],
                  dashed=True, faint=True, label_colour="muted")
        )  # fmt: skip
    return tuple(curves)


def _layer_colour(layer: str) -> str:
    """Return a layer's colour; an adapter has that of the layer it follows."""
    number = re.search(r"\d+", layer.partition(".")[0])
    return "muted" if number is None else appearance.theme.layer_colour(int(number[0]))
