"""Method guide page: which method suits which situation, and three pitfalls to try."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QFrame, QGridLayout, QWidget

from engine.protocol.settings import Settings
from gui.lessons.controller import LessonController
from gui.lessons.expression import UNKNOWN, fill
from gui.lessons.run_result import RunResult
from gui.method_guide.entries import Pitfall, read_method_guide
from gui.method_guide.row import HEADERS, HINTS, MethodRow
from gui.session import Session
from gui.state.settings_editor import changes_to
from gui.theme import HEADING, LARGE, SECONDARY, SPACE, appearance
from gui.widgets.box import hbox, vbox
from gui.widgets.button import text_button
from gui.widgets.label import Label
from gui.widgets.surface import ScrollArea, rule

GAP = 2 * SPACE
NARROW_WIDTH = 720
"""Width below which columns are left out, in pixels at the ordinary text size."""
MIN_WIDTH_FOR_THREE = 560
"""Width from which on three tick boxes stand in a row, in pixels at the ordinary text size."""
STORED = "Stored here"
COLUMNS = {"Method": (96, 2), "The old task": (76, 1), "Choose it when": (140, 4)}
"""Column with wrapped text -> (minimum width in pixels, stretch factor)."""
RUNS = {"wrong": "Run it", "right": "Run the cure"}
"""Kind of run -> text of its button."""


class MethodGuidePage(QWidget):
    """Table of methods; ticking situations fades the methods that do not suit them."""

    lesson_wanted = Signal(str)
    """Name of the lesson to read."""
    left = Signal()
    """Emitted to go back to the stage."""

    def __init__(self, session: Session, controller: LessonController) -> None:
        super().__init__()
        self._session, self._controller = session, controller
        self.setObjectName("choicesPage")
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        guide = read_method_guide()
        self.ticks = {name: QCheckBox(words) for name, words in guide.situations.items()}
        self.rows = [MethodRow(method) for method in guide.methods]
        self._pitfalls = [PitfallCard(pitfall) for pitfall in guide.pitfalls]
        self.verdict = Label(scale=SECONDARY, colour="muted", wrap=True)
        self.verdict.setObjectName("choicesVerdict")
        self.back = text_button("Back to the stage", "choicesBack", "Back to the stage (Escape)")
        self._situations = QWidget()
        self._situations.setObjectName("choicesSituations")
        self._ticks = QGridLayout(self._situations)
        self._ticks.setContentsMargins(0, 0, 0, 0)
        self._lay_out()
        for name, tick in self.ticks.items():
            tick.setObjectName(f"situation.{name}")
            tick.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            tick.toggled.connect(self._on_tick_toggled)
        self._run_buttons, self._lesson_buttons = QButtonGroup(self), QButtonGroup(self)
        for index, row in enumerate(self.rows):
            self._run_buttons.addButton(row.run_button, index)
            self._lesson_buttons.addButton(row.lesson_button, index)
        self._run_buttons.idClicked.connect(self._on_run_clicked)
        self._lesson_buttons.idClicked.connect(self._on_lesson_clicked)
        for card in self._pitfalls:
            card.run_wanted.connect(self._on_pitfall_run_wanted)
        controller.trial_finished.connect(self._on_controller_trial_finished)
        self.back.clicked.connect(self.left)
        self._on_tick_toggled()

    def _lay_out(self) -> None:
        header = self._header = QGridLayout()
        header.setHorizontalSpacing(GAP)
        header.setVerticalSpacing(0)
        header.setColumnStretch(1, 1)
        header.addWidget(Label("Which one when", scale=HEADING, bold=True), 0, 0)
        header.addWidget(self.back, 0, 2)
        self._ticks.setHorizontalSpacing(SPACE * 3 // 2)
        self._ticks.setVerticalSpacing(0)
        self._ticks.addWidget(Label("I have:", colour="muted"), 0, 0)
        self._ticks.setColumnStretch(len(self.ticks) + 1, 1)
        content = QWidget()
        table = vbox(self._new_table(), margins=(0, 0, 0, SPACE))
        pitfalls = self._new_pitfalls()
        vbox(table, pitfalls, 1, on=content, spacing=SPACE, margins=(0, 0, SPACE, SPACE))
        area = ScrollArea(content, horizontal=True)
        margins = GAP, SPACE, SPACE, 0
        vbox(header, self._situations, (area, 1), on=self, spacing=SPACE, margins=margins)

    def _new_pitfalls(self) -> QWidget:
        pitfalls = QWidget()
        pitfalls.setObjectName("choicesPitfalls")
        title = Label("Three pitfalls", bold=True, scale=LARGE)
        cards = hbox(*((card, 1) for card in self._pitfalls), spacing=SPACE)
        vbox(title, cards, on=pitfalls, spacing=SPACE)
        return pitfalls

    def _new_table(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE * 3 // 2)
        grid.setVerticalSpacing(SPACE // 2)
        for header, (width, stretch) in COLUMNS.items():
            grid.setColumnMinimumWidth(HEADERS.index(header), width)
            grid.setColumnStretch(HEADERS.index(header), stretch)
        for column, (header, hint) in enumerate(zip(HEADERS, HINTS, strict=True)):
            text = Label(header, scale=SECONDARY, colour="muted")
            text.setToolTip(hint)
            grid.addWidget(text, 0, column)
            if header == STORED:
                self._stored = text
        for index, row in enumerate(self.rows):
            grid.addWidget(rule(), 2 * index + 1, 0, 1, len(HEADERS))
            row.add_to_grid(grid, 2 * index + 2)
        return grid

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the least important column out where the page is narrow."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW_WIDTH * appearance.text_scale
        self._stored.setVisible(not narrow)
        for row in self.rows:
            row.set_narrow(narrow)
        self._header.addWidget(self.verdict, *((1, 0, 1, 3) if narrow else (0, 1, 1, 1)))
        per_row = 3 if self.width() >= MIN_WIDTH_FOR_THREE * appearance.text_scale else 2
        for index, tick in enumerate(self.ticks.values()):
            self._ticks.addWidget(tick, index // per_row, index % per_row + 1)

    @Slot(int)
    def _on_lesson_clicked(self, index: int) -> None:
        self.lesson_wanted.emit(self.rows[index].method.lesson)

    @Slot(int)
    def _on_run_clicked(self, index: int) -> None:
        session, strategy = self._session, self.rows[index].method.strategy
        changes = changes_to(strategy, session.state.settings, session.state.strategies())
        self._controller.run_trial(strategy, changes)

    @Slot(str, object)
    def _on_pitfall_run_wanted(self, name: str, settings: Mapping[str, Any]) -> None:
        plain = dataclasses.asdict(Settings(seed=self._session.state.settings.seed))
        self._controller.run_trial(name, {**plain, **settings})

    @Slot(str, object)
    def _on_controller_trial_finished(self, name: str, result: RunResult) -> None:
        for row in self.rows:
            row.show_result(name, result)
        for card in self._pitfalls:
            card.show_result(name, result)

    @Slot()
    def _on_tick_toggled(self) -> None:
        wanted = frozenset(name for name, tick in self.ticks.items() if tick.isChecked())
        suiting = sum([row.show_fit(wanted) for row in self.rows])
        if not wanted:
            text = "Tick what you have, and see which methods suit it."
        elif suiting:
            text = f"{suiting} of {len(self.rows)} suit this."
        else:
            text = "None suits all of this: give one wish up, or try the nearest two and compare."
        self.verdict.show_text(text)


class PitfallCard(QFrame):
    """Describes the pitfall; after a run, shows the run's result instead."""

    run_wanted = Signal(str, object)
    """(name of the run, its settings)."""

    def __init__(self, pitfall: Pitfall) -> None:
        super().__init__()
        self._pitfall = pitfall
        self._results: dict[str, RunResult] = {}
        self.setProperty("role", "card")
        self._description = Label(pitfall.says, scale=SECONDARY, colour="muted", wrap=True)
        self._result = Label(scale=SECONDARY, wrap=True)
        self._result.setObjectName(f"pitfallResult.{pitfall.name}")
        self._buttons = QButtonGroup(self)
        for index, (kind, label) in enumerate(RUNS.items()):
            button = text_button(label, f"pitfall.{pitfall.name}.{kind}")
            button.setAccessibleName(f"{label.removesuffix(' it')}: {pitfall.title}")
            self._buttons.addButton(button, index)
        self._buttons.idClicked.connect(self._on_buttons_id_clicked)
        buttons = hbox(*self._buttons.buttons(), 1, spacing=SPACE // 2)
        title = Label(pitfall.title, bold=True, wrap=True)
        parts = (title, self._description, self._result, 1, buttons)
        vbox(*parts, on=self, spacing=SPACE // 2, margins=(SPACE * 3 // 2, SPACE, SPACE, SPACE))
        self._result.hide()

    def show_result(self, name: str, result: RunResult) -> None:
        """Show the result of one of the pitfall's runs; ignore other runs."""
        pitfall_name, _, kind = name.partition(".")
        if pitfall_name != self._pitfall.name or not kind:
            return
        self._results[kind] = result
        texts = [fill(text, self._results) for text in (self._pitfall.shows, self._pitfall.cured)]
        self._result.show_text(" ".join(text for text in texts if UNKNOWN not in text))
        self._description.setVisible(not self._result.text())
        self._result.setVisible(bool(self._result.text()))

    @Slot(int)
    def _on_buttons_id_clicked(self, index: int) -> None:
        kind = [*RUNS][index]
        self.run_wanted.emit(f"{self._pitfall.name}.{kind}", getattr(self._pitfall, kind))
