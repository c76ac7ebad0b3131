"""The page that takes the stage's place: two to four strategies, side by side."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from engine.protocol.comparison import MAX_COMPARED_RUNS, MIN_COMPARED_RUNS
from engine.protocol.messages import Catalogue, ComparisonFrame, ComparisonRow, StrategyInfo
from engine.protocol.settings import Settings, SettingsError
from gui.compare.bar import ComparisonBar
from gui.compare.deltas import fitting_cell
from gui.compare.line_up import ComparisonEntry, can_be_compared, first_entries, one_more
from gui.compare.run_column import LOWEST_CHART, RunColumn, layers_of
from gui.compare.table import ComparisonTable
from gui.compare.words import RunText, beside, fairness
from gui.matrices.colour_bar import ColourBar
from gui.matrices.colour_scale import robust_maximum
from gui.session import Session
from gui.text.settings_change import pretty_name
from gui.theme import SPACE, appearance
from gui.widgets.label import Label

GAP = 2 * SPACE
BAR_WIDTH = 120
CHART_SHARE = 0.55
"""Of a column's width: as high as its chart stays while its heatmaps grow."""


class ComparePage(QWidget):
    """Chooses, races, and shows: above how it is fair, then the racers, then the table."""

    left = Signal()
    """Back to the stage."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._entries: tuple[ComparisonEntry, ...] = ()
        self._touched = False
        """Whether the user chose who is to race."""
        self._offered = False
        self.setObjectName("comparePage")
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.bar = ComparisonBar()
        self.fair = Label(scale=0.9, colour="muted", wrap=True)
        self.fair.setObjectName("fairness")
        self._legend = Label("ΔW, one scale for all", scale=0.8, colour="muted")
        self._colours = ColourBar("ΔW of all racers", self)
        self.columns = [RunColumn(index) for index in range(MAX_COMPARED_RUNS)]
        self.table = ComparisonTable()
        self._lay_out()
        self._connect()
        self._on_appearance_changed()

    def _lay_out(self) -> None:
        above, runs = QHBoxLayout(), QHBoxLayout()
        legend = QVBoxLayout()
        legend.setSpacing(2)
        legend.addWidget(self._legend)
        legend.addWidget(self._colours)
        legend.addStretch(1)
        above.setSpacing(GAP)
        above.setContentsMargins(GAP, 0, GAP, 0)
        above.addWidget(self.fair, 1)
        above.addLayout(legend)
        runs.setSpacing(GAP)
        for column in self.columns:
            runs.addWidget(column, 1)
        inside = QWidget()
        page = QVBoxLayout(inside)
        page.setContentsMargins(GAP, 0, GAP, SPACE)
        page.setSpacing(SPACE)
        page.addLayout(runs, 1)
        page.addWidget(self.table)
        page.addStretch(0)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(inside)
        for part in (self._area.viewport(), inside):  # the page shows through
            part.setAutoFillBackground(False)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, SPACE, 0, 0)
        around.setSpacing(SPACE)
        around.addWidget(self.bar)
        around.addLayout(above)
        around.addWidget(self._area, 1)

    def _connect(self) -> None:
        session = self._session
        self.bar.left.connect(self.left)
        self.bar.toggled.connect(self.toggle)
        self.bar.anew.connect(session.comparison.end)
        self.bar.added.connect(self._on_bar_added)
        self.bar.steps_changed.connect(self._refresh)
        for column in self.columns:
            column.chosen.connect(self._on_column_chosen)
            column.rated.connect(self._on_column_rated)
            column.ranked.connect(self._on_column_ranked)
            column.removed.connect(self._on_column_removed)
        self.table.opened.connect(self._on_table_opened)
        session.comparison.changed.connect(self._refresh)
        session.state.settings_changed.connect(self._on_session_settings_changed)
        session.state.catalogue_changed.connect(self._on_session_catalogue_changed)
        appearance.changed.connect(self._on_appearance_changed)

    # ------------------------------------------------------------ what a user does

    @Slot()
    def toggle(self) -> None:
        """Start the race, pause it, or let it go on; what is over stays over."""
        comparison = self._session.comparison.frame
        if comparison is None:
            self._start()
        elif not comparison.over:
            self._session.comparison.set_running(not comparison.running)

    def _start(self) -> None:
        infos, base = self._session.state.strategies(), self._session.state.settings
        try:
            settings = [entry.settings(base, infos, self.bar.steps) for entry in self._entries]
        except SettingsError as error:
            self._session.notices.refuse(error)
            return
        if len(settings) >= MIN_COMPARED_RUNS:
            self._session.comparison.start(tuple(settings), self.bar.steps)

    def _change(self, index: int, entry: ComparisonEntry) -> None:
        """Take another entry, unless its settings do not go together."""
        try:
            entry.settings(self._session.state.settings, self._session.state.strategies())
        except SettingsError as error:
            self._session.notices.refuse(error)
        else:
            self.choose((*self._entries[:index], entry, *self._entries[index + 1 :]))
        self._refresh()

    def choose(self, entries: tuple[ComparisonEntry, ...]) -> None:
        """Have these race next."""
        self._entries, self._touched = entries, True
        self._refresh()

    @Slot()
    def _on_bar_added(self) -> None:
        self.choose(one_more(self._entries, self._session.state.strategies()))

    @Slot(int, str)
    def _on_column_chosen(self, index: int, strategy: str) -> None:
        self._change(index, ComparisonEntry(strategy))

    @Slot(int, object)
    def _on_column_rated(self, index: int, rate: float) -> None:
        self._change(index, replace(self._entries[index], learning_rate=rate))

    @Slot(int, object)
    def _on_column_ranked(self, index: int, rank: int) -> None:
        self._change(index, replace(self._entries[index], rank=rank))

    @Slot(int)
    def _on_column_removed(self, index: int) -> None:
        self.choose((*self._entries[:index], *self._entries[index + 1 :]))

    @Slot(int)
    def _on_table_opened(self, index: int) -> None:
        self._session.comparison.open_run(index)
        self.left.emit()

    # ------------------------------------------------------------ showing

    def _lines(self) -> tuple[RunText, ...]:
        comparison, infos = self._session.comparison.frame, self._session.state.strategies()
        if comparison is not None:
            return tuple(
                _line(row.settings.strategy, row.settings, infos, row) for row in comparison.rows
            )
        base, lines = self._session.state.settings, []
        for entry in self._entries:
            try:
                settings = entry.settings(base, infos, self.bar.steps)
            except SettingsError:  # told when the race is to begin
                plain = {"schedule": "constant", "total_steps": self.bar.steps}
                settings = base.replace(strategy=entry.strategy, **plain)
            lines.append(_line(entry.strategy, settings, infos))
        return tuple(lines)

    @Slot()
    def _refresh(self) -> None:
        if not self.isVisible():
            return
        session, comparison = self._session, self._session.comparison.frame
        infos = session.state.strategies()
        if not self._touched and comparison is None:
            self._entries = first_entries(session.state.settings, infos)
        lines = self._lines()
        steps = self.bar.steps if comparison is None else comparison.steps
        self._offer(infos)
        self.bar.show_comparison(comparison, ready=bool(lines), room=len(lines) < MAX_COMPARED_RUNS)
        self._write(lines, steps, comparison)
        scale = self._scale(lines)
        self._colours.draw(scale)
        shown = sum(column.isVisibleTo(self) for column in self.columns)
        for column, line in zip(self.columns, lines, strict=False):
            column.show()
            column.show_line(line, scale, steps, may_go=len(lines) > MIN_COMPARED_RUNS)
        for column in self.columns[len(lines) :]:
            column.hide()
        if shown != len(lines):
            self._place()
        self.table.show_lines(lines, resting=comparison is None or not comparison.running)

    def _offer(self, infos: tuple[StrategyInfo, ...]) -> None:
        if infos and not self._offered:
            self._offered = True
            for column in self.columns:
                column.set_items(can_be_compared(infos), "")

    def _write(
        self, lines: tuple[RunText, ...], steps: int, comparison: ComparisonFrame | None
    ) -> None:
        entries = [line.settings for line in lines]
        if entries:
            more = beside(self._session.state.settings, () if comparison is None else entries)
            self.fair.show_text(f"{fairness(entries, steps)} {more}".strip())

    def _scale(self, lines: tuple[RunText, ...]) -> float:
        """One for all; racers that are lost do not decide it."""
        kept = [line for line in lines if line.row is not None and not line.row.problem]
        return robust_maximum(layer.delta for line in kept for layer in layers_of(line))

    def _place(self) -> None:
        """Give every racer the same room, and its heatmaps what fits into it."""
        lines = self._lines()
        if not lines:
            return
        width = (self._area.viewport().width() - GAP * (len(lines) + 1)) // len(lines)
        shapes = [(layer.delta.shape[0], layer.delta.shape[1]) for layer in layers_of(lines[0])]
        chart = max(round(CHART_SHARE * width), LOWEST_CHART)
        others = self.columns[0].height_of_head() + self.table.sizeHint().height() + 4 * SPACE
        room = self._area.viewport().height() - others - chart
        cell = fitting_cell(shapes, width, room)
        for column in self.columns:
            column.arrange(cell, width)

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's hook: show what came while it was hidden."""
        super().showEvent(event)
        self._refresh()
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: share the room out anew."""
        super().resizeEvent(event)
        self._place()

    @Slot(object, object)
    def _on_session_settings_changed(self, _old: Settings, _new: Settings) -> None:
        self._refresh()
        self._place()

    @Slot(object)
    def _on_session_catalogue_changed(self, _catalogue: Catalogue) -> None:
        self._offered = False
        self._refresh()

    @Slot()
    def _on_appearance_changed(self) -> None:
        scale = max(1.0, appearance.text_scale)
        self._colours.setFixedSize(round(BAR_WIDTH * scale), self._colours.natural_height())
        self._place()


def _line(
    name: str, settings: Settings, infos: tuple[StrategyInfo, ...], row: ComparisonRow | None = None
) -> RunText:
    info = next((info for info in infos if info.name == name), None)
    label = pretty_name(name) if info is None else info.label
    return RunText(label, settings, info is not None and "rank" in info.controls, row)
