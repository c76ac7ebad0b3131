"""The compared runs: a row for each, and beside the rows the charts of all of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QBoxLayout, QWidget

from engine.protocol.comparison import MAX_COMPARED_RUNS, MIN_COMPARED_RUNS
from gui.compare.charts import RunsChart
from gui.compare.delta_grid import fitting_grid, layers_of, place_in_grid
from gui.compare.run_row import RunRow
from gui.compare.words import RunText
from gui.state.curve_buffer import TARGET, VALIDATION
from gui.theme import SPACE, appearance
from gui.widgets.box import hbox, vbox

GAP, ROW_GAP = 2 * SPACE, SPACE // 2
MIN_COMMON_WIDTH = 320
"""Of a chart of all runs beside the rows, in pixels at the ordinary text size."""
OWN_CHART_SHARE = 0.3
"""Share of the width beside the heatmaps that the runs' own charts have."""
MAX_OWN_CHART_RATIO = 1.8
"""Greatest width of a run's own chart, as a multiple of its height."""
STACKED_ROW_HEIGHT, STACKED_CHART_HEIGHT = 90, 170
"""Heights of the heatmaps, and of a chart of all runs, where these stand below the rows and the
page scrolls: in pixels at the ordinary text size."""


class RunsArea(QWidget):
    """Rows of runs, their heatmaps as large as fits, and two charts of all runs."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = [RunRow(index) for index in range(MAX_COMPARED_RUNS)]
        self.charts = RunsChart("runsChart", TARGET), RunsChart("runsLossChart", VALIDATION)
        self._shown: tuple[RunText, ...] = ()
        left = Qt.AlignmentFlag.AlignLeft
        rows = vbox(*((row, 1, left) for row in self.rows), spacing=ROW_GAP)
        charts = vbox(*((chart, 1) for chart in self.charts), spacing=SPACE)
        self._box = hbox(rows, (charts, 1), on=self, spacing=GAP)
        for chart in self.charts:
            chart.chosen.connect(self._align_charts)

    def show_runs(self, runs: Sequence[RunText], scale: float, steps: int) -> None:
        """Show runs. Args: scale: of all ΔW.  steps: planned."""
        self._shown = tuple(runs)
        for row, run in zip(self.rows, runs, strict=False):
            row.show()
            row.show_run(run, scale, steps, can_remove=len(runs) > MIN_COMPARED_RUNS)
        for row in self.rows[len(runs) :]:
            row.hide()
        for chart in self.charts:
            chart.show_runs(runs, steps)
        self._align_charts()

    @Slot()
    def _align_charts(self) -> None:
        """Let the same step stand above itself in the charts of all runs."""
        plots = [chart.plot for chart in self.charts]
        left, right = (max(sides) for sides in zip(*(plot.needed for plot in plots), strict=True))
        for plot in plots:
            plot.align(left, right)

    def arrange(self, width: int, height: int) -> None:
        """Give the heatmaps the largest cells that fit.

        Args: width, height: seen without scrolling, in pixels.
        """
        count = len(self._shown)
        if not count:
            return
        pictures = (layer.delta.shape for layer in layers_of(self._shown[0]))
        shapes, scale = [(rows, columns) for rows, columns in pictures], appearance.text_scale
        head = max(row.head_height() for row in self.rows[:count])
        high = (height - (count - 1) * ROW_GAP) // count - head
        own = self.rows[0].chart_width()
        room = width - own - SPACE
        beside = room - round(MIN_COMMON_WIDTH * scale) - GAP
        grid = fitting_grid(shapes, beside, high)
        wide, tall = place_in_grid(shapes, grid)[1]
        enough = max(high, round(STACKED_ROW_HEIGHT * scale))
        side_by_side = wide <= beside and tall <= enough
        if not side_by_side:
            grid = fitting_grid(shapes, room, enough)
        deltas = place_in_grid(shapes, grid)[1]
        row_width = width
        if side_by_side:
            share = round(OWN_CHART_SHARE * (width - deltas[0] - GAP))
            own = max(own, min(share, round(MAX_OWN_CHART_RATIO * high)))
            heads = (row.head_width() for row in self.rows[:count])
            row_width = max(deltas[0] + SPACE + own, *heads)
        self._place(side_by_side)
        for row in self.rows:
            row.arrange(grid, row_width)

    def _place(self, side_by_side: bool) -> None:
        directions = QBoxLayout.Direction
        self._box.setDirection(directions.LeftToRight if side_by_side else directions.TopToBottom)
        least = 0 if side_by_side else round(STACKED_CHART_HEIGHT * appearance.text_scale)
        for chart in self.charts:
            chart.setMinimumHeight(least)
