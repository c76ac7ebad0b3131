"""Page in place of the stage: two to four strategies trained side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from engine.protocol.catalogue import find_named
from engine.protocol.comparison import (
    MAX_COMPARED_RUNS,
    MIN_COMPARED_RUNS,
    problem_of_seeds,
)
from engine.protocol.messages import ComparisonFrame, ComparisonRow
from engine.protocol.settings import Settings, SettingsError
from gui.compare.bar import GAP, ComparisonBar
from gui.compare.delta_grid import layers_of
from gui.compare.entries import (
    ComparisonEntry,
    comparable_strategies,
    default_entries,
    with_another_entry,
)
from gui.compare.runs_area import RunsArea
from gui.compare.summary import ComparisonSummary
from gui.compare.table import ComparisonTable
from gui.compare.words import (
    RunText,
    distinct_labels,
    fairness_text,
    plan_text,
    progress_text,
    remark_text,
)
from gui.controls.entry import tell_refusals
from gui.controls.run_choice import grouped
from gui.matrices.colour_bar import ColourBar
from gui.matrices.colour_scale import robust_maximum
from gui.session import Session
from gui.text.settings_change import fallback_label
from gui.theme import SECONDARY, SPACE, TINY, appearance
from gui.widgets.box import Part, hbox, stand_in, vbox
from gui.widgets.label import Label
from gui.widgets.surface import ScrollArea

COLOUR_BAR_WIDTH = 120  # pixels at the ordinary text size
MIN_HEADER_WIDTH = 320
"""Pixels from which on the colours stand beside what is fair, at the ordinary text size."""
MAX_HEADER_SHARE = 0.3
"""Largest share of the page's height for what is fair."""


class ComparePage(QWidget):
    """Page of the comparison: conditions of its fairness, a row for each run, charts, a table."""

    left = Signal()
    """Emitted to go back to the stage."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._entries: tuple[ComparisonEntry, ...] = ()
        self._is_chosen = False
        """True: the user chose the entries."""
        self._fitted = (0, True, 0)
        """What the runs were arranged for: their number, whether one chooses, the results."""
        self.setObjectName("comparePage")
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.bar = ComparisonBar()
        self.fairness_label = Label(scale=SECONDARY, colour="muted", wrap=True)
        self.fairness_label.setObjectName("fairness")
        self._legend = Label("ΔW, same scale for all", scale=TINY, colour="muted")
        self._colours = ColourBar("ΔW of all runs", self)
        self.runs = RunsArea()
        self.table = ComparisonTable()
        self.summary = ComparisonSummary()
        self._lay_out()
        self._connect()
        self._offer_strategies()
        self._on_appearance_changed()

    def _lay_out(self) -> None:
        legend = QWidget()
        vbox(self._legend, self._colours, on=legend, spacing=2)
        self._fairness_area = ScrollArea(self.fairness_label)
        parts: tuple[Part, ...] = (self._fairness_area, 1), (legend, 0, Qt.AlignmentFlag.AlignTop)
        self._header = hbox(*parts, spacing=GAP, margins=(GAP, 0, GAP, 0))
        content = QWidget()
        margins = GAP, 0, GAP, SPACE // 2
        results = vbox(self.table, self.summary, spacing=SPACE // 2)
        vbox((self.runs, 1), results, 0, on=content, spacing=SPACE, margins=margins)
        self._area = ScrollArea(content)
        self._area.installEventFilter(self)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        parts = self.bar, self._header, (self._area, 1)
        vbox(*parts, on=self, spacing=SPACE, margins=(0, SPACE, 0, 0))

    def _connect(self) -> None:
        session = self._session
        self.bar.back.clicked.connect(self.left)
        self.bar.start.clicked.connect(self.toggle)
        self.bar.at_once.clicked.connect(self._on_bar_at_once_clicked)
        self.bar.clear.clicked.connect(session.comparison.end)
        self.bar.add.clicked.connect(self._on_bar_added)
        self.bar.plan_changed.connect(self._refresh)
        tell_refusals(session, self.bar.steps_field, self.bar.seeds_field)
        for row in self.runs.rows:
            tell_refusals(session, row.learning_rate, row.rank)
            row.changed.connect(self._on_row_changed)
            row.removed.connect(self._on_row_removed)
        self.table.opened.connect(self._on_table_opened)
        session.comparison.changed.connect(self._refresh)
        session.playback.speed_changed.connect(self._on_session_speed_changed)
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

    @Slot()
    def _on_bar_at_once_clicked(self) -> None:
        if self._session.comparison.frame is None:
            self._start(at_once=True)
        else:
            self._session.comparison.set_running(True, at_once=True)

    def _start(self, *, at_once: bool = False) -> None:
        infos, base = self._session.state.strategies(), self._session.state.settings
        steps, seeds = self.bar.steps, self.bar.seeds
        try:
            settings = tuple(entry.settings(base, infos, steps) for entry in self._entries)
        except SettingsError as error:
            self._session.notices.refuse(str(error))
            return
        if problem := problem_of_seeds(len(settings), steps, seeds, base.seed):
            self._session.notices.refuse(problem)
        elif len(settings) >= MIN_COMPARED_RUNS:
            self._session.comparison.start(settings, steps, seeds, at_once=at_once)

    @Slot(int, dict)
    def _on_row_changed(self, index: int, changes: dict[str, Any]) -> None:
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
    def _on_row_removed(self, index: int) -> None:
        self.set_entries((*self._entries[:index], *self._entries[index + 1 :]))

    @Slot(int)
    def _on_table_opened(self, index: int) -> None:
        self._session.comparison.open_run(index)
        self.left.emit()

    # ------------------------------------------------------------ showing

    def _run_texts(self) -> tuple[RunText, ...]:
        comparison, infos = self._session.comparison.frame, self._session.state.strategies()
        if comparison is not None:
            return distinct_labels([self._run_text(row.settings, row) for row in comparison.rows])
        base, runs = self._session.state.settings, []
        for entry in self._entries:
            try:
                settings = entry.settings(base, infos, self.bar.steps)
            except SettingsError:  # reported when the comparison is started
                plain = {"schedule": "constant", "total_steps": self.bar.steps}
                settings = base.replace(strategy=entry.strategy, **plain)
            runs.append(self._run_text(settings))
        return distinct_labels(runs)

    def _run_text(self, settings: Settings, row: ComparisonRow | None = None) -> RunText:
        state, name = self._session.state, settings.strategy
        info = find_named(state.strategies(), name)
        task = find_named(() if state.catalogue is None else state.catalogue.tasks, settings.task)
        if info is None:
            return RunText(fallback_label(name), settings, has_rank=False, row=row)
        keeps_head = task is None or task.shares_head
        has_new_head = (
            settings.new_head or info.new_head or not info.pretrained or not keeps_head
        )  # fmt: skip
        has_rank = "rank" in info.controls
        held = info.frozen if settings.frozen is None else settings.frozen
        frozen = frozenset((*held, *info.lock_reasons))
        return RunText(info.label, settings, has_rank, row, info.pretrained, has_new_head, frozen)

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
        self._show_plan(runs, comparison)
        scale = self._delta_scale(runs)
        self._colours.draw(scale)
        self.runs.show_runs(runs, scale, steps)
        self.summary.show_runs(runs)
        self.table.show_runs(runs, can_reorder=comparison is None or not comparison.running)
        needs = len(runs), comparison is None, self._results_height()
        if needs != self._fitted:
            self._fitted = needs
            self._fit_runs()

    @Slot()
    def _offer_strategies(self) -> None:
        groups = grouped(comparable_strategies(self._session.state.strategies()))
        for row in self.runs.rows:
            row.box.set_grouped_items(groups, "")
        self._refresh()

    def _show_fairness(
        self, runs: tuple[RunText, ...], steps: int, comparison: ComparisonFrame | None
    ) -> None:
        if runs:
            entries = [run.settings for run in runs]
            compared = () if comparison is None else entries
            remark = remark_text(self._session.state.settings, compared)
            seeds = self.bar.seeds if comparison is None else comparison.seeds
            self.fairness_label.show_text(f"{fairness_text(runs, steps, seeds)} {remark}".strip())
            self._fit_fairness()

    def _fit_fairness(self) -> None:
        """Show the conditions whole where they leave room for the runs; else they scroll."""
        height = self.fairness_label.heightForWidth(self._fairness_area.viewport().width())
        most = round(MAX_HEADER_SHARE * self.height())
        self._fairness_area.setFixedHeight(max(min(height, most), 0))

    def _show_plan(self, runs: tuple[RunText, ...], comparison: ComparisonFrame | None) -> None:
        speed = self._session.playback.speed
        if comparison is not None:
            self.bar.show_note(progress_text(comparison, speed))
            return
        steps, seeds = self.bar.steps, self.bar.seeds
        base = self._session.state.settings
        rate = self._session.comparison.steps_per_second(base)
        problem = problem_of_seeds(len(runs), steps, seeds, base.seed)
        plan = plan_text(len(runs), steps, seeds, base.seed, rate, speed)
        self.bar.show_note(plan, warns=bool(problem))

    def _delta_scale(self, runs: tuple[RunText, ...]) -> float:
        """Return the colour scale shared by all runs; runs that diverged are ignored."""
        valid = [run for run in runs if run.row is not None and not run.row.problem]
        return robust_maximum(layer.delta for run in valid for layer in layers_of(run))

    def _fit_runs(self) -> None:
        """Share what is seen without scrolling between the runs and the table below them."""
        size, bar = self._area.size(), self._area.verticalScrollBar().sizeHint().width()
        width = size.width() - 2 * GAP - bar
        self.summary.arrange(width)
        self.runs.arrange(width, size.height() - self._results_height() - SPACE * 3 // 2)

    def _results_height(self) -> int:
        """Return the height of the table, and of the lines below it, in pixels."""
        has_summary = self.summary.isVisibleTo(self)
        summary = self.summary.sizeHint().height() + SPACE // 2 if has_summary else 0
        return self.table.sizeHint().height() + summary

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
        self._header.activate()
        self._fit_fairness()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's hook: fit the runs to the room that the header leaves them."""
        if watched is self._area and event.type() == QEvent.Type.Resize:
            self._fit_runs()
        return super().eventFilter(watched, event)

    @Slot()
    def _on_session_speed_changed(self) -> None:
        if self.isVisible():
            self._show_plan(self._run_texts(), self._session.comparison.frame)

    @Slot()
    def _on_session_settings_changed(self) -> None:
        self._refresh()
        self._fit_runs()

    @Slot()
    def _on_appearance_changed(self) -> None:
        scale = appearance.layout_scale
        self._colours.setFixedSize(round(COLOUR_BAR_WIDTH * scale), self._colours.natural_height())
        self._fit_runs()
