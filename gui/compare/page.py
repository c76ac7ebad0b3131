"""Page in place of the stage: two to four strategies trained side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.protocol.catalogue import find_named
from engine.protocol.comparison import MAX_COMPARED_RUNS, MAX_COMPARED_STEPS, MIN_COMPARED_RUNS
from engine.protocol.messages import ComparisonFrame, ComparisonRow, StrategyInfo
from engine.protocol.settings import Settings, SettingsError
from gui.compare.entries import (
    ComparisonEntry,
    comparable_strategies,
    default_entries,
    with_another_entry,
)
from gui.compare.run_column import MIN_CHART_HEIGHT, RunColumn, fitting_cell, layers_of
from gui.compare.table import ComparisonTable
from gui.compare.words import RunText, fairness_text, remark_text
from gui.controls.run_choice import grouped
from gui.matrices.colour_bar import ColourBar
from gui.matrices.colour_scale import robust_maximum
from gui.session import Session
from gui.text.numbers import parse_integer
from gui.text.settings_change import fallback_label
from gui.theme import HEADING, SECONDARY, SPACE, TINY, appearance
from gui.widgets.box import Part, hbox, stand_in, vbox
from gui.widgets.button import text_button
from gui.widgets.label import Label
from gui.widgets.surface import ScrollArea
from gui.widgets.value_field import ValueField

DEFAULT_STEPS = 300
GAP = 2 * SPACE
COLOUR_BAR_WIDTH = 120  # pixels at the ordinary text size
MIN_HEADER_WIDTH = 320
"""Pixels from which on the colours stand beside what is fair, at the ordinary text size."""
CHART_SHARE = 0.55
"""Smallest height of a chart while the heatmaps grow, as a share of its column's width."""


class ComparisonBar(QWidget):
    """Controls of the comparison."""

    steps_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.steps = DEFAULT_STEPS
        """Number of steps of each run."""
        self._steps_label = Label(colour="muted")
        self.steps_field = ValueField()
        self.steps_field.setObjectName("comparisonSteps")
        self.steps_field.setAccessibleName("Steps of the comparison")
        self.start = text_button("Start", "comparisonStart")
        self.start.setProperty("role", "primary")
        self.clear = text_button(
            "New comparison", "newComparison", "Discard this comparison and set up another"
        )
        self.add = text_button("+ Add a strategy", "addStrategy")
        self.back = text_button("Back to the stage", "comparisonBack", "Back to the stage (Escape)")
        self._title = Label("Compare", scale=HEADING, bold=True)
        run = hbox(self.start, self.steps_field, (self._steps_label, 1), spacing=SPACE)
        margins = GAP, 0, GAP, 0
        parts = self._title, run, self.add, self.clear, 1, self.back
        self._box = hbox(*parts, on=self, spacing=SPACE, margins=margins)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.steps_field.typed.connect(self._on_steps_field_typed)
        self.steps_field.show_value(f"{DEFAULT_STEPS:,}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: without the title where the buttons need its space, else below each other."""
        super().resizeEvent(event)
        parts = (self.start, self.steps_field, self._steps_label, self.add, self.clear, self.back)
        widths = (part.sizeHint().width() + SPACE for part in parts if not part.isHidden())
        needed = sum(widths) + GAP
        self._title.setVisible(self.width() > needed + self._title.sizeHint().width())
        stand_in(self._box, self.width(), needed)

    def minimumSizeHint(self) -> QSize:
        """Qt's hook: as narrow as the widest part, since they can stand below each other."""
        parts = (self.start, self.add, self.clear, self.back)
        widest = max(part.sizeHint().width() for part in parts if not part.isHidden())
        return QSize(widest + 2 * GAP, super().minimumSizeHint().height())

    def show_comparison(
        self, comparison: ComparisonFrame | None, *, ready: bool, can_add: bool
    ) -> None:
        """Update the buttons. Args: ready: it can start.  can_add: one more strategy fits."""
        action = "Start" if comparison is None else "Pause" if comparison.running else "Continue"
        self.start.setText(action)
        self.start.setToolTip(f"{action} (Space)")
        self.start.setEnabled(ready)
        self.start.setVisible(comparison is None or not comparison.over)
        self.steps_field.setVisible(comparison is None)
        self._steps_label.show_text(
            "steps each" if comparison is None else f"{comparison.steps:,} steps each"
        )
        self.add.setVisible(comparison is None)
        self.add.setEnabled(ready and can_add)
        self.clear.setVisible(comparison is not None)

    @Slot(str)
    def _on_steps_field_typed(self, text: str) -> None:
        value = parse_integer(text)
        if value is not None:
            self.steps = min(max(value, 1), MAX_COMPARED_STEPS)
        self.steps_field.show_value(f"{self.steps:,}")
        self.steps_changed.emit()


class ComparePage(QWidget):
    """Page of the comparison: conditions of its fairness, a column for each run, a table."""

    left = Signal()
    """Emitted to go back to the stage."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._entries: tuple[ComparisonEntry, ...] = ()
        self._is_chosen = False
        """True: the user chose the entries."""
        self.setObjectName("comparePage")
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.bar = ComparisonBar()
        self.fairness_label = Label(scale=SECONDARY, colour="muted", wrap=True)
        self.fairness_label.setObjectName("fairness")
        self._legend = Label("ΔW, same scale for all", scale=TINY, colour="muted")
        self._colours = ColourBar("ΔW of all runs", self)
        self.columns = [RunColumn(index) for index in range(MAX_COMPARED_RUNS)]
        self.table = ComparisonTable()
        self._lay_out()
        self._connect()
        self._offer_strategies()
        self._on_appearance_changed()

    def _lay_out(self) -> None:
        legend = QWidget()
        vbox(self._legend, self._colours, on=legend, spacing=2)
        parts: tuple[Part, ...] = (self.fairness_label, 1), (legend, 0, Qt.AlignmentFlag.AlignTop)
        self._header = hbox(*parts, spacing=GAP, margins=(GAP, 0, GAP, 0))
        runs = hbox(*((column, 1) for column in self.columns), spacing=GAP)
        content = QWidget()
        margins = GAP, 0, GAP, SPACE
        vbox((runs, 1), self.table, 0, on=content, spacing=SPACE, margins=margins)
        self._area = ScrollArea(content)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        parts = self.bar, self._header, (self._area, 1)
        vbox(*parts, on=self, spacing=SPACE, margins=(0, SPACE, 0, 0))

    def _connect(self) -> None:
        session = self._session
        self.bar.back.clicked.connect(self.left)
        self.bar.start.clicked.connect(self.toggle)
        self.bar.clear.clicked.connect(session.comparison.end)
        self.bar.add.clicked.connect(self._on_bar_added)
        self.bar.steps_changed.connect(self._refresh)
        for column in self.columns:
            column.changed.connect(self._on_column_changed)
            column.removed.connect(self._on_column_removed)
        self.table.opened.connect(self._on_table_opened)
        session.comparison.changed.connect(self._refresh)
        session.state.settings_changed.connect(self._on_session_settings_changed)
        session.state.catalogue_changed.connect(self._offer_strategies)
        appearance.changed.connect(self._on_appearance_changed)

    # ------------------------------------------------------------ user actions

    @Slot()
    def toggle(self) -> None:
        """Start, pause or resume the comparison; do nothing after its end."""
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
            self._session.notices.refuse(str(error))
            return
        if len(settings) >= MIN_COMPARED_RUNS:
            self._session.comparison.start(tuple(settings), self.bar.steps)

    @Slot(int, dict)
    def _on_column_changed(self, index: int, changes: dict[str, Any]) -> None:
        """Change an entry, unless its settings are not valid together."""
        is_new = "strategy" in changes
        entry = ComparisonEntry(**changes) if is_new else replace(self._entries[index], **changes)
        try:
            entry.settings(self._session.state.settings, self._session.state.strategies())
        except SettingsError as error:
            self._session.notices.refuse(str(error))
        else:
            self.set_entries((*self._entries[:index], entry, *self._entries[index + 1 :]))
        self._refresh()

    def set_entries(self, entries: tuple[ComparisonEntry, ...]) -> None:
        """Set the strategies to be compared next."""
        self._entries, self._is_chosen = entries, True
        self._refresh()

    @Slot()
    def _on_bar_added(self) -> None:
        self.set_entries(with_another_entry(self._entries, self._session.state.strategies()))

    @Slot(int)
    def _on_column_removed(self, index: int) -> None:
        self.set_entries((*self._entries[:index], *self._entries[index + 1 :]))

    @Slot(int)
    def _on_table_opened(self, index: int) -> None:
        self._session.comparison.open_run(index)
        self.left.emit()

    # ------------------------------------------------------------ showing

    def _run_texts(self) -> tuple[RunText, ...]:
        comparison, infos = self._session.comparison.frame, self._session.state.strategies()
        if comparison is not None:
            return tuple(
                _run_text(row.settings.strategy, row.settings, infos, row)
                for row in comparison.rows
            )
        base, runs = self._session.state.settings, []
        for entry in self._entries:
            try:
                settings = entry.settings(base, infos, self.bar.steps)
            except SettingsError:  # reported when the comparison is started
                plain = {"schedule": "constant", "total_steps": self.bar.steps}
                settings = base.replace(strategy=entry.strategy, **plain)
            runs.append(_run_text(entry.strategy, settings, infos))
        return tuple(runs)

    @Slot()
    def _refresh(self) -> None:
        if not self.isVisible():
            return
        session, comparison = self._session, self._session.comparison.frame
        infos = session.state.strategies()
        if not self._is_chosen and comparison is None:
            self._entries = default_entries(session.state.settings, infos)
        runs = self._run_texts()
        steps = self.bar.steps if comparison is None else comparison.steps
        self.bar.show_comparison(
            comparison, ready=bool(runs), can_add=len(runs) < MAX_COMPARED_RUNS
        )
        self._show_fairness(runs, steps, comparison)
        scale = self._delta_scale(runs)
        self._colours.draw(scale)
        shown = sum(column.isVisibleTo(self) for column in self.columns)
        for column, run in zip(self.columns, runs, strict=False):
            column.show()
            column.show_run(run, scale, steps, can_remove=len(runs) > MIN_COMPARED_RUNS)
        for column in self.columns[len(runs) :]:
            column.hide()
        if shown != len(runs):
            self._fit_columns()
        self.table.show_runs(runs, can_reorder=comparison is None or not comparison.running)

    @Slot()
    def _offer_strategies(self) -> None:
        groups = grouped(comparable_strategies(self._session.state.strategies()))
        for column in self.columns:
            column.box.set_grouped_items(groups, "")
        self._refresh()

    def _show_fairness(
        self, runs: tuple[RunText, ...], steps: int, comparison: ComparisonFrame | None
    ) -> None:
        if runs:
            entries = [run.settings for run in runs]
            compared = () if comparison is None else entries
            remark = remark_text(self._session.state.settings, compared)
            self.fairness_label.show_text(f"{fairness_text(entries, steps)} {remark}".strip())

    def _delta_scale(self, runs: tuple[RunText, ...]) -> float:
        """Return the colour scale shared by all runs; runs that diverged are ignored."""
        valid = [run for run in runs if run.row is not None and not run.row.problem]
        return robust_maximum(layer.delta for run in valid for layer in layers_of(run))

    def _fit_columns(self) -> None:
        """Give all columns the same width, and the heatmaps the largest cells that fit."""
        runs = self._run_texts()
        if not runs:
            return
        width = (self._area.viewport().width() - GAP * (len(runs) + 1)) // len(runs)
        shapes = [(layer.delta.shape[0], layer.delta.shape[1]) for layer in layers_of(runs[0])]
        chart = max(round(CHART_SHARE * width), MIN_CHART_HEIGHT)
        fixed = self.columns[0].header_height() + self.table.sizeHint().height() + 4 * SPACE
        available = self._area.viewport().height() - fixed - chart
        cell = fitting_cell(shapes, width, available)
        for column in self.columns:
            column.arrange(cell, width)

    def showEvent(self, event: QShowEvent) -> None:
        """Show what changed while the page was hidden."""
        super().showEvent(event)
        self._on_session_settings_changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the columns to the new size."""
        super().resizeEvent(event)
        needed = round(MIN_HEADER_WIDTH * appearance.text_scale)
        stand_in(self._header, self.width(), needed)
        self._header.setStretch(0, int(needed <= self.width()))  # it spreads sideways alone
        self._fit_columns()

    @Slot()
    def _on_session_settings_changed(self) -> None:
        self._refresh()
        self._fit_columns()

    @Slot()
    def _on_appearance_changed(self) -> None:
        scale = appearance.layout_scale
        self._colours.setFixedSize(round(COLOUR_BAR_WIDTH * scale), self._colours.natural_height())
        self._fit_columns()


def _run_text(
    name: str, settings: Settings, infos: tuple[StrategyInfo, ...], row: ComparisonRow | None = None
) -> RunText:
    info = find_named(infos, name)
    label = fallback_label(name) if info is None else info.label
    return RunText(label, settings, info is not None and "rank" in info.controls, row)
