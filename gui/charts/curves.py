"""From the points of a run to what is drawn: which curves, in which colours, how high."""

from __future__ import annotations

from collections.abc import Mapping

from gui.charts.run_curves import RunCurves
from gui.plots.axis import nice_top
from gui.plots.curve import Curve
from gui.plots.plot_spec import PlotSpec
from gui.state.curve_buffer import SOURCE, TARGET, TRAIN, VALIDATION, CurveBuffer
from gui.text.numbers import loss_text, percent, short_number
from gui.theme import appearance

CLIP = 3.0
"""Losses are drawn up to this many times the loss at the start."""
NOT_LAYERS = frozenset({TRAIN, VALIDATION, TARGET, SOURCE})
MAX_NAME_LENGTH = 9
"""Signs of a branch's name at the end of its curve."""
_PARTS = {"down": "↓", "up": "↑", "hidden": " 1", "output": " 2"}


def loss_picture(run: RunCurves) -> PlotSpec:
    """Training solid, validation dashed; of the run before both faint; other branches' training."""
    theme, record = appearance.theme, run.record
    top, note = loss_top(record, run.ghost)
    curves = (
        *_others(run, TRAIN, theme.target),
        *_ghosts(run.ghost, {VALIDATION: theme.muted, TRAIN: theme.target}),
        Curve(VALIDATION, "validation", theme.muted, *record.curve(VALIDATION), dashed=True),
        Curve(TRAIN, "training", theme.target, *record.curve(TRAIN)),
    )
    here = run.here
    return PlotSpec(curves, run.marks, top, short_number(top), note, name_marks=True, here=here)


def accuracy_picture(run: RunCurves) -> PlotSpec:
    """Target blue, source orange; of the run before both faint, with its name at the foot."""
    theme, record = appearance.theme, run.record
    curves = (
        *_others(run, TARGET, theme.target),
        *_ghosts(run.ghost, {SOURCE: theme.source, TARGET: theme.target}),
        Curve(SOURCE, "source", theme.source, *record.curve(SOURCE)),
        Curve(TARGET, "target", theme.target, *record.curve(TARGET)),
    )
    caption = "" if run.ghost is None else f"faint: {run.ghost_label}"
    return PlotSpec(curves, run.marks, 1.0, "100%", caption=caption, here=run.here)


def moved_picture(run: RunCurves) -> PlotSpec:
    """‖ΔW‖/‖W‖ of each layer; layers at the same value share one label."""
    record = run.record
    layers = [name for name in record.names if name not in NOT_LAYERS]
    last = record.last()
    together: dict[float, list[str]] = {}
    for name in layers:
        together.setdefault(round(last.get(name, 0.0), 4), []).append(name)
    label_of = {names[0]: " ".join(map(short_name, names)) for names in together.values()}
    shared = {names[0] for names in together.values() if len(names) > 1}
    curves = tuple(
        Curve(name, label_of.get(name, ""), _colour(name), *record.curve(name),
              dashed=name.endswith((".up", ".output")),
              label_colour=appearance.theme.muted if name in shared else "")
        for name in layers
    )  # fmt: skip
    top = nice_top(max((float(c.values.max()) for c in curves if len(c.values)), default=0.0))
    return PlotSpec(curves, run.marks, top, short_number(top), here=run.here)


def loss_top(record: CurveBuffer, ghost: CurveBuffer | None) -> tuple[float, str]:
    """The upper end of the loss axis, and what to say where a loss lies beyond it."""
    runs = [run for run in (record, ghost) if run is not None]
    starts = [values[0] for run in runs for _, values in [run.curve(TRAIN)] if len(values)]
    highest = max(
        (float(values.max()) for run in runs for name in (TRAIN, VALIDATION)
         for _, values in [run.curve(name)] if len(values)),
        default=0.0,
    )  # fmt: skip
    limit = nice_top(CLIP * max(starts, default=1.0))
    if highest > limit:
        return limit, f"above {short_number(limit)}: not drawn to scale"
    return nice_top(highest), ""


def short_name(layer: str) -> str:
    """A layer's name at the end of its curve.

    >>> short_name("layer2"), short_name("adapter1.down"), short_name("head.hidden")
    ('L2', 'A1↓', 'head 1')
    """
    unit, _, part = layer.partition(".")
    unit = unit.replace("layer", "L").replace("adapter", "A")
    return unit + _PARTS.get(part, part)


def losses_text(values: Mapping[str, float]) -> str:
    """The losses beside the title."""
    if TRAIN not in values:
        return "how wrong it is"
    return f"{loss_text(values[TRAIN])} training · {loss_text(values[VALIDATION])} validation"


def accuracy_text(values: Mapping[str, float]) -> str:
    """The accuracies beside the title."""
    if SOURCE not in values:
        return "what is learned, what is remembered"
    return f"{percent(values[TARGET])} target · {percent(values[SOURCE])} source"


def moved_text(values: Mapping[str, float], *, in_full: bool) -> str:
    """The ratios beside the title, or what they are."""
    if not in_full:
        return "‖ΔW‖ / ‖W‖ of each layer"
    layers = (name for name in values if name not in NOT_LAYERS)
    return " · ".join(f"{short_name(name)} {values[name]:.2f}" for name in layers)


def _ghosts(ghost: CurveBuffer | None, colours: Mapping[str, str]) -> tuple[Curve, ...]:
    if ghost is None:
        return ()
    return tuple(
        Curve(f"ghost.{name}", "", colour, *ghost.curve(name),
              dashed=name == VALIDATION, ghost=True)
        for name, colour in colours.items()
    )  # fmt: skip


def _others(run: RunCurves, name: str, colour: str) -> tuple[Curve, ...]:
    """The same measure on other branches, from where they part, under their letters."""
    found = []
    for beside in run.beside:
        steps, values = beside.record.curve(name)
        apart = steps >= beside.since
        label = (
            beside.name
            if len(beside.name) <= MAX_NAME_LENGTH
            else f"{beside.name[:MAX_NAME_LENGTH]}…"
        )
        found.append(
            Curve(f"{beside.name}.{name}", label, colour, steps[apart], values[apart],
                  dashed=True, ghost=True, label_colour=appearance.theme.muted)
        )  # fmt: skip
    return tuple(found)


def _colour(layer: str) -> str:
    """As in the network: an adapter takes the colour of the layer that it follows."""
    unit = layer.partition(".")[0]
    colours = appearance.theme.curves
    return colours[int(unit[-1]) - 1] if unit[-1] in "123" else colours[3]
