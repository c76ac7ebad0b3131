"""Loss, accuracy and how far each layer has moved, over the steps of a run."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.protocol.messages import Applied, Frame, FrameOptions, Timeline
from gui.charts.curves import (
    accuracy_picture,
    accuracy_text,
    loss_picture,
    losses_text,
    moved_picture,
    moved_text,
)
from gui.charts.run_curves import RunCurves
from gui.plots.titled_plot import TitledPlot
from gui.session import Session
from gui.theme import SPACE, look

REDRAW_SECONDS = 0.04
"""Between two plots: each of the three is redrawn eight times a second, which is enough for a
curve, together with a frame's other news, and no frame waits for all three."""
LAST_MILLISECONDS = 100
"""After the last frame, until what is left is drawn."""


class Charts(QWidget):
    """Three plots side by side; the run before stays as a ghost to compare with."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._hover: float | None = None
        self.curves = RunCurves(session.settings, session.marks)
        self.loss = TitledPlot("Loss", "lossChart", "the curves begin with the first step")
        self.accuracy = TitledPlot("Accuracy", "accuracyChart")
        self.moved = TitledPlot("Distance moved", "movedChart")
        self._pictures = {
            self.loss: loss_picture,
            self.accuracy: accuracy_picture,
            self.moved: moved_picture,
        }
        self._stale = list(self._pictures)
        self._drawn_at = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LAST_MILLISECONDS)
        self._timer.timeout.connect(self._on_timer_timeout)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * SPACE)
        for plot in self._pictures:
            row.addWidget(plot, 1)
            plot.canvas.hovered.connect(self._on_canvas_hovered)
        look.changed.connect(self._on_look_changed)
        session.run_changed.connect(self._on_session_run_changed)
        session.frame_changed.connect(self._on_session_frame_changed)
        session.applied.connect(self._on_session_applied)
        session.timeline_changed.connect(self._on_session_timeline_changed)
        session.look_changed.connect(self._on_session_look_changed)
        if session.frame is not None:
            self.curves.begin(session.frame, session.catalogue)
            self._follow_branches()
            self.curves.take(session.frame)

    def redraw(self) -> None:
        """Draw all that has come since the last time, at once."""
        while self._stale:
            self._draw_next()
        self._write_values()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came while it was hidden."""
        super().showEvent(event)
        self.redraw()

    def _follow_branches(self) -> None:
        session = self._session
        branches = () if session.timeline is None else session.branches()
        self.curves.follow(branches, session.looking.compared_branch)

    def _draw_next(self) -> None:
        plot = self._stale.pop(0)
        plot.canvas.show_picture(self._pictures[plot](self.curves))

    def _refresh(self) -> None:
        # Whichever was drawn longest ago comes first.
        self._stale += [plot for plot in self._pictures if plot not in self._stale]
        if self.isVisible():
            self._timer.start()

    def _write_values(self) -> None:
        record = self.curves.record
        row = None if self._hover is None else record.at(self._hover)
        step, values = (None, self.curves.values) if row is None else row
        self.loss.show_values(losses_text(values), step)
        self.accuracy.show_values(accuracy_text(values), step)
        self.moved.show_values(moved_text(values, in_full=step is not None), step)
        for plot in self._pictures:
            plot.canvas.show_hover(None if step is None else float(step))

    # ------------------------------------------------------------ events

    @Slot(object)
    def _on_session_run_changed(self, frame: Frame) -> None:
        self.curves.begin(frame, self._session.catalogue)
        self._refresh()

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        if self.curves.take(frame):
            self._refresh()
        now = time.monotonic()
        # A frame with new figures has enough to draw of its own.
        pause = (
            2 * REDRAW_SECONDS if frame.playing and frame.measured_at is None else REDRAW_SECONDS
        )
        if self._stale and self.isVisible() and now - self._drawn_at >= pause:
            self._drawn_at = now
            self._draw_next()
            self._write_values()

    @Slot(object)
    def _on_session_applied(self, _applied: Applied) -> None:
        self._refresh()

    @Slot(object)
    def _on_session_timeline_changed(self, _timeline: Timeline | None) -> None:
        self._follow_branches()
        self._refresh()

    @Slot(object)
    def _on_session_look_changed(self, _look: FrameOptions) -> None:
        self._follow_branches()
        self._refresh()

    @Slot(object)
    def _on_canvas_hovered(self, step: float | None) -> None:
        self._hover = step
        self._write_values()

    @Slot()
    def _on_timer_timeout(self) -> None:
        if self.isVisible():
            self.redraw()

    @Slot()
    def _on_look_changed(self) -> None:
        self._refresh()
