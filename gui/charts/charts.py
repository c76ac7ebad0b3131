"""Three plots of a run over its steps: loss, accuracy, and how far each layer has moved."""

from __future__ import annotations

import re
from collections.abc import Mapping

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Frame
from gui.charts.run_curves import RunCurves
from gui.plots.line_plot import LinePlot, TitledPlot
from gui.plots.plot_spec import Curve, Mark, PlotSpec, nice_top
from gui.session import Session
from gui.state.curve_buffer import METRICS, SOURCE, TARGET, TRAIN, VALIDATION, CurveBuffer
from gui.text.layers import short_layer_title
from gui.text.numbers import loss_text, percent, percent_text, short_number
from gui.theme import SPACE, appearance
from gui.widgets.box import hbox
from gui.widgets.frame_throttle import FrameThrottle

REDRAW_MILLISECONDS = 40
"""Milliseconds between two redrawn plots.

Each of the three is redrawn eight times a second, enough for a curve, and no frame waits for all.
"""
EMPTY_TEXT = "the curves begin with the first step"
MAX_LOSS_RATIO = 3.0
"""Losses are drawn up to this many times the loss at the start."""
MAX_BRANCH_NAME_LENGTH = 9
"""Characters of a branch's name at the end of its curve."""


class Charts(QWidget):
    """Three plots side by side; the previous run's curves stay, faint, to compare with."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._hover: float | None = None
        self.curves = RunCurves(session.state.settings, session.state.change_log)
        self.loss = TitledPlot("Loss", LinePlot("lossChart", EMPTY_TEXT))
        self.accuracy = TitledPlot("Accuracy", LinePlot("accuracyChart"))
        self.moved = TitledPlot("Distance moved", LinePlot("movedChart"))
        self._plot_builders = {
            self.loss: make_loss_plot,
            self.accuracy: make_accuracy_plot,
            self.moved: make_moved_plot,
        }
        self._stale = list(self._plot_builders)
        self._throttle = FrameThrottle(self, REDRAW_MILLISECONDS)
        self._throttle.due.connect(self._draw_next)
        hbox(*((plot, 1) for plot in self._plot_builders), on=self, spacing=2 * SPACE)
        for plot in self._plot_builders:
            plot.plot.hovered.connect(self._on_plot_hovered)
        appearance.changed.connect(self._refresh)
        session.state.run_changed.connect(self._on_session_run_changed)
        session.state.frame_changed.connect(self._on_session_frame_changed)
        session.state.applied.connect(self._refresh)
        session.state.timeline_changed.connect(self._update_branches)
        session.view_requests.frame_options_changed.connect(self._update_branches)
        if session.state.frame is not None:
            self._on_session_run_changed(session.state.frame)
            self._update_branches()
            self.curves.add_frame(session.state.frame)

    def redraw(self) -> None:
        """Redraw all plots that are out of date now."""
        while self._stale:
            self._draw_next()

    def showEvent(self, event: QShowEvent) -> None:
        """Redraw what changed while the page was hidden."""
        super().showEvent(event)
        self.redraw()

    @Slot()
    def _update_branches(self) -> None:
        session = self._session
        branches = () if session.state.timeline is None else session.state.branches()
        self.curves.update_branches(branches, session.view_requests.frame_options.compared_branch)
        self._refresh()

    @Slot()
    def _draw_next(self) -> None:
        if self._stale:
            plot = self._stale.pop(0)
            plot.plot.set_spec(self._plot_builders[plot](self.curves))
        self._show_values()
        if self._stale:
            self._throttle.request()

    @Slot()
    def _refresh(self) -> None:
        # Whichever was drawn longest ago comes first.
        self._stale += [plot for plot in self._plot_builders if plot not in self._stale]
        self._throttle.request()

    def _show_values(self) -> None:
        buffer = self.curves.buffer
        row = None if self._hover is None else buffer.at(self._hover)
        step, values = (None, self.curves.values) if row is None else row
        self.loss.show_values(losses_text(values), step)
        self.accuracy.show_values(accuracy_text(values), step)
        self.moved.show_values(moved_text(values, in_full=step is not None), step)
        for plot in self._plot_builders:
            plot.plot.show_hover(None if step is None else float(step))

    # ------------------------------------------------------------ events

    @Slot(object)
    def _on_session_run_changed(self, frame: Frame) -> None:
        self.curves.start_run(frame)
        for plot in self._plot_builders:
            plot.plot.show_all()
        self._refresh()

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        if self.curves.add_frame(frame):
            self._refresh()

    @Slot(object)
    def _on_plot_hovered(self, step: float | None) -> None:
        self._hover = step
        self._show_values()


def make_loss_plot(run: RunCurves) -> PlotSpec:
    """Plot training loss solid, validation loss dashed, and both of the previous run faint."""
    buffer = run.buffer
    top, note = loss_axis_top(buffer, run.previous)
    curves = (
        *_other_branches(run, TRAIN),
        *_previous_run(run.previous, {VALIDATION: "muted", TRAIN: "target"}),
        Curve(VALIDATION, "validation", "muted", *buffer.curve(VALIDATION), dashed=True),
        Curve(TRAIN, "training", "target", *buffer.curve(TRAIN)),
    )
    return PlotSpec(
        curves, _marks(run), top, note=note, label_marks=True, shown_step=run.shown_step
    )


def make_accuracy_plot(run: RunCurves) -> PlotSpec:
    """Plot target and source accuracy, and both of the previous run faint, named at the foot."""
    buffer = run.buffer
    curves = (
        *_other_branches(run, TARGET),
        *_previous_run(run.previous, {SOURCE: "source", TARGET: "target"}),
        Curve(SOURCE, "source", "source", *buffer.curve(SOURCE)),
        Curve(TARGET, "target", "target", *buffer.curve(TARGET)),
    )
    caption = "" if run.previous is None else f"faint: {run.previous_label}"
    return PlotSpec(
        curves, _marks(run), 1.0, percent_text, caption=caption, shown_step=run.shown_step
    )


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
    top = nice_top(max((float(c.values.max()) for c in curves if len(c.values)), default=0.0))
    return PlotSpec(curves, _marks(run), top, shown_step=run.shown_step)


def _marks(run: RunCurves) -> tuple[Mark, ...]:
    return tuple(Mark(change.step, change.text) for change in run.marks)


def loss_axis_top(buffer: CurveBuffer, previous: CurveBuffer | None) -> tuple[float, str]:
    """Return the top of the loss axis, and a note where a loss lies beyond it."""
    runs = [run for run in (buffer, previous) if run is not None]
    starts = [values[0] for run in runs for _, values in [run.curve(TRAIN)] if len(values)]
    highest = max(
        (float(values.max()) for run in runs for name in (TRAIN, VALIDATION)
         for _, values in [run.curve(name)] if len(values)),
        default=0.0,
    )  # fmt: skip
    limit = nice_top(MAX_LOSS_RATIO * max(starts, default=1.0))
    if highest > limit:
        return limit, f"above {short_number(limit)}: not drawn to scale"
    return nice_top(highest), ""


def losses_text(values: Mapping[str, float]) -> str:
    """Return the losses to show beside the title."""
    if TRAIN not in values:
        return "how wrong it is"
    return f"{loss_text(values[TRAIN])} training · {loss_text(values[VALIDATION])} validation"


def accuracy_text(values: Mapping[str, float]) -> str:
    """Return the accuracies to show beside the title."""
    if SOURCE not in values:
        return "what is learned, what is remembered"
    return f"{percent(values[TARGET])} target · {percent(values[SOURCE])} source"


def moved_text(values: Mapping[str, float], *, in_full: bool) -> str:
    """Return ‖ΔW‖/‖W‖ of each layer to show beside the title, or the name of that ratio."""
    if not in_full:
        return "‖ΔW‖ / ‖W‖ of each layer"
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
