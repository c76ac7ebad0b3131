"""Three plots of a run over its steps: loss, accuracy, and how far each layer has moved."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Frame
from gui.charts.curves import (
    accuracy_text,
    losses_text,
    make_accuracy_plot,
    make_loss_plot,
    make_moved_plot,
    moved_text,
)
from gui.charts.run_curves import RunCurves
from gui.plots.line_plot import LinePlot
from gui.plots.titled_plot import TitledPlot
from gui.session import Session
from gui.theme import SPACE, appearance
from gui.widgets.box import hbox
from gui.widgets.frame_throttle import FrameThrottle

REDRAW_MILLISECONDS = 40
"""Milliseconds between two redrawn plots.

Each of the three is redrawn eight times a second, enough for a curve, and no frame waits for all.
"""
EMPTY_TEXT = "the curves begin with the first step"


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
        self.curves.start_run(frame, self._session.state.catalogue)
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
