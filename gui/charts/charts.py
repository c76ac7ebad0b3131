"""The plots of a run over its steps, as many as fit, beside or below each other."""

from __future__ import annotations

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QStackedLayout, QWidget

from engine.protocol.messages import Frame
from gui.charts.purpose import Purpose
from gui.charts.run_curves import RunCurves
from gui.charts.run_plots import (
    accuracy_text,
    losses_text,
    make_accuracy_plot,
    make_loss_plot,
    make_moved_plot,
    moved_text,
)
from gui.plots.line_plot import LinePlot
from gui.plots.titled_plot import TitledPlot
from gui.session import Session
from gui.theme import SMALL, SPACE, appearance, font
from gui.widgets.box import hbox, vbox
from gui.widgets.frame_throttle import FrameThrottle
from gui.widgets.surface import ScrollArea

REDRAW_MILLISECONDS = 40
"""Milliseconds between two redrawn plots.

Each of the three is redrawn eight times a second, enough for a curve, and no frame waits for all.
"""
MIN_PLOT_HEIGHT, MIN_PLOT_WIDTH = 84, 190
"""Pixels of a plot with its title, where they are below each other, and where they are beside each
other, at the ordinary text size."""
LARGE_HEIGHT, LARGE_WIDTH = 150, 300
"""Pixels of a plot with its title from which on it draws more, at the ordinary text size."""
HINT = "Click: go to this step · Ctrl + wheel: zoom · drag: pan · double click: show all"


class RunPlot(LinePlot):
    """Plot in the column beside the stage."""

    background = "panel"


class Charts(QWidget):
    """Loss, accuracy and distance moved; before the first step, what the network is for.

    The previous run's curves stay, faint, to compare with, for as long as the user likes.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._hover: float | None = None
        self.curves = RunCurves(session.state.settings, session.state.change_log)
        self.loss = TitledPlot("Loss", RunPlot("lossChart"))
        self.accuracy = TitledPlot("Accuracy", RunPlot("accuracyChart"))
        self.moved = TitledPlot("Distance moved", RunPlot("movedChart"))
        self._plot_builders = {
            self.loss: make_loss_plot,
            self.accuracy: make_accuracy_plot,
            self.moved: make_moved_plot,
        }
        self._stale = list(self._plot_builders)
        self._throttle = FrameThrottle(self, REDRAW_MILLISECONDS)
        self._throttle.due.connect(self._draw_next)
        self.purpose = Purpose(session)
        self.previous = QCheckBox()
        self.previous.setObjectName("previousRunBox")
        self.previous.setChecked(True)
        self.previous.hide()
        self._lay_out()
        self._connect()
        if session.state.frame is not None:
            self._on_session_run_changed(session.state.frame)
            self._update_branches()
            self._on_session_frame_changed(session.state.frame)

    def _lay_out(self) -> None:
        content = QWidget()
        plots = ((plot, 1) for plot in self._plot_builders)
        self._row: QBoxLayout = hbox(*plots, on=content, spacing=2 * SPACE)
        self._area = ScrollArea(content, keeps_place=True)
        self._pages = QStackedLayout()
        column = vbox(on=self)
        column.addLayout(self._pages, 1)
        # Now they get a parent at once: else the first would be a window for a moment.
        self._pages.addWidget(self.purpose)
        self._pages.addWidget(self._area)
        column.addWidget(self.previous)

    def _connect(self) -> None:
        session = self._session
        for plot in self._plot_builders:
            plot.plot.hint = HINT
            plot.plot.hovered.connect(self._on_plot_hovered)
            plot.plot.clicked.connect(self._on_plot_clicked)
        self.previous.toggled.connect(self._on_previous_toggled)
        appearance.changed.connect(self._on_appearance_changed)
        session.state.run_changed.connect(self._on_session_run_changed)
        session.state.frame_changed.connect(self._on_session_frame_changed)
        session.state.applied.connect(self._refresh)
        session.state.timeline_changed.connect(self._update_branches)
        session.view_requests.frame_options_changed.connect(self._update_branches)

    def redraw(self) -> None:
        """Redraw all plots that are out of date now."""
        while self._stale:
            self._draw_next()

    # ------------------------------------------------------------ laying out

    def minimumSizeHint(self) -> QSize:
        """Return the size of one plot: the others are scrolled to."""
        scale = appearance.layout_scale
        return QSize(round(MIN_PLOT_WIDTH * scale), round(MIN_PLOT_HEIGHT * scale))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the plots for the new size, which may have room for more or fewer curves."""
        super().resizeEvent(event)
        self._arrange()
        self._refresh()

    def _arrange(self) -> None:
        """Stand the plots beside each other in a wide place, else below: as many as fit at once."""
        count, least = len(self._plot_builders), self.minimumSizeHint()
        below = 0 if self.previous.isHidden() else self.previous.sizeHint().height()
        available = self.height() - below
        beside = self.width() >= count * least.width() and self.width() > self.height()
        way = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        self._row.setDirection(way)
        gap = SPACE // 2
        self._row.setSpacing(2 * SPACE if beside else gap)
        fitting = min(max((available + gap) // (least.height() + gap), 1), count)
        height = 0 if beside else max((available + gap) // fitting - gap, least.height())
        for plot in self._plot_builders:
            plot.setMinimumHeight(height)
            plot.plot.wheel_scrolls = not beside and fitting < count

    def showEvent(self, event: QShowEvent) -> None:
        """Redraw what changed while the page was hidden."""
        super().showEvent(event)
        self.redraw()

    # ------------------------------------------------------------ drawing

    @Slot()
    def _update_branches(self) -> None:
        session = self._session
        branches = () if session.state.timeline is None else session.state.branches()
        self.curves.update_branches(branches, session.view_requests.frame_options.compared_branch)
        self._refresh()

    @Slot()
    def _draw_next(self) -> None:
        begun = len(self.curves.buffer) > 1
        self._pages.setCurrentIndex(1 if begun else 0)
        scale, plot = appearance.layout_scale, self.accuracy
        self.curves.shows_all_accuracies = (
            plot.width() >= LARGE_WIDTH * scale and plot.height() >= LARGE_HEIGHT * scale
        )
        if not begun:
            self.purpose.draw()
        if self._stale:
            plot = self._stale.pop(0)
            plot.plot.set_spec(self._plot_builders[plot](self.curves))
            self._align()
        self._show_previous()
        self._show_values()
        if self._stale:
            self._throttle.request()

    def _align(self) -> None:
        """Stand plots that are below each other on one axis of steps."""
        stacked = self._row.direction() == QBoxLayout.Direction.TopToBottom
        needed = [plot.plot.needed for plot in self._plot_builders]
        left, right = (max(widths) if stacked else 0.0 for widths in zip(*needed, strict=True))
        for plot in self._plot_builders:
            plot.plot.align(left, right)

    @Slot()
    def _refresh(self) -> None:
        # Whichever was drawn longest ago comes first.
        self._stale += [plot for plot in self._plot_builders if plot not in self._stale]
        self._throttle.request()

    def _show_previous(self) -> None:
        """Offer the previous run where there is one to compare with."""
        offered = self.curves.previous is not None and len(self.curves.buffer) > 1
        self.previous.setText(f"earlier run: {self.curves.previous_label}")
        if offered == self.previous.isHidden():
            self.previous.setVisible(offered)
            self._arrange()

    def _show_values(self) -> None:
        buffer = self.curves.buffer
        row = None if self._hover is None else buffer.at(self._hover)
        step, values = (None, self.curves.values) if row is None else row
        self.loss.show_values(losses_text(values), step)
        in_full = self.curves.shows_all_accuracies
        self.accuracy.show_values(accuracy_text(values, step is not None, in_full), step)
        self.moved.show_values(moved_text(values, in_full=step is not None), step)
        for plot in self._plot_builders:
            plot.plot.show_hover(None if step is None else float(step))

    # ------------------------------------------------------------ events

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.previous.setFont(font(SMALL))
        self._arrange()
        self._refresh()

    @Slot(object)
    def _on_session_run_changed(self, frame: Frame) -> None:
        self.curves.start_run(frame)
        for plot in self._plot_builders:
            plot.plot.show_all()
        self._refresh()

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        if self.curves.add_frame(frame) or len(self.curves.buffer) < 2:
            self._refresh()

    @Slot(object)
    def _on_plot_hovered(self, step: float | None) -> None:
        self._hover = step
        self._show_values()

    @Slot(float)
    def _on_plot_clicked(self, step: float) -> None:
        if len(self.curves.buffer) > 1:
            self._session.navigation.go_to(min(round(step), self.curves.buffer.last_step))

    @Slot(bool)
    def _on_previous_toggled(self, shown: bool) -> None:
        self.curves.shows_previous = shown
        self._refresh()
