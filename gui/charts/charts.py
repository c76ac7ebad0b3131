"""Three plots of a run over its steps: loss, accuracy, and how far each layer has moved."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.protocol.messages import Applied, Frame, FrameOptions, Timeline
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

REDRAW_INTERVAL_SECONDS = 0.04
"""Seconds between two redrawn plots.

Each of the three is redrawn eight times a second, enough for a curve, together with what else a
frame changes, and no frame waits for all three.
"""
FINAL_REDRAW_DELAY_MILLISECONDS = 100
"""Milliseconds from the last frame until all plots that are out of date are redrawn."""
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
        self._drawn_at = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(FINAL_REDRAW_DELAY_MILLISECONDS)
        self._timer.timeout.connect(self._on_timer_timeout)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * SPACE)
        for plot in self._plot_builders:
            row.addWidget(plot, 1)
            plot.plot.hovered.connect(self._on_plot_hovered)
        appearance.changed.connect(self._on_appearance_changed)
        session.state.run_changed.connect(self._on_session_run_changed)
        session.state.frame_changed.connect(self._on_session_frame_changed)
        session.state.applied.connect(self._on_session_applied)
        session.state.timeline_changed.connect(self._on_session_timeline_changed)
        session.view_requests.frame_options_changed.connect(self._on_session_frame_options_changed)
        if session.state.frame is not None:
            self.curves.start_run(session.state.frame, session.state.catalogue)
            self._update_branches()
            self.curves.add_frame(session.state.frame)

    def redraw(self) -> None:
        """Redraw all plots that are out of date now."""
        while self._stale:
            self._draw_next()
        self._show_values()

    def showEvent(self, event: QShowEvent) -> None:
        """Redraw what changed while the page was hidden."""
        super().showEvent(event)
        self.redraw()

    def _update_branches(self) -> None:
        session = self._session
        branches = () if session.state.timeline is None else session.state.branches()
        self.curves.update_branches(branches, session.view_requests.frame_options.compared_branch)

    def _draw_next(self) -> None:
        plot = self._stale.pop(0)
        plot.plot.set_spec(self._plot_builders[plot](self.curves))

    def _refresh(self) -> None:
        # Whichever was drawn longest ago comes first.
        self._stale += [plot for plot in self._plot_builders if plot not in self._stale]
        if self.isVisible():
            self._timer.start()

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
        self._refresh()

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        if self.curves.add_frame(frame):
            self._refresh()
        now = time.monotonic()
        # A frame with new figures has enough to draw of its own.
        pause = (
            2 * REDRAW_INTERVAL_SECONDS
            if frame.playing and frame.measured_at is None
            else REDRAW_INTERVAL_SECONDS
        )
        if self._stale and self.isVisible() and now - self._drawn_at >= pause:
            self._drawn_at = now
            self._draw_next()
            self._show_values()

    @Slot(object)
    def _on_session_applied(self, _applied: Applied) -> None:
        self._refresh()

    @Slot(object)
    def _on_session_timeline_changed(self, _timeline: Timeline | None) -> None:
        self._update_branches()
        self._refresh()

    @Slot(object)
    def _on_session_frame_options_changed(self, _look: FrameOptions) -> None:
        self._update_branches()
        self._refresh()

    @Slot(object)
    def _on_plot_hovered(self, step: float | None) -> None:
        self._hover = step
        self._show_values()

    @Slot()
    def _on_timer_timeout(self) -> None:
        if self.isVisible():
            self.redraw()

    @Slot()
    def _on_appearance_changed(self) -> None:
        self._refresh()
