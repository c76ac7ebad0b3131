"""The page that takes the stage's place: which method when, and the pitfalls, a click away."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from engine.protocol.settings import Settings
from gui.lessons.controller import LessonController
from gui.lessons.run_result import RunResult
from gui.method_guide.entries import read_choices
from gui.method_guide.pitfall import PitfallCard
from gui.method_guide.row import HEADS, HINTS, MethodRow
from gui.session import Session
from gui.state.strategy_defaults import changes_to
from gui.theme import SPACE, appearance
from gui.widgets.button import text_button
from gui.widgets.label import Label
from gui.widgets.surface import rule, scroll_area

GAP = 2 * SPACE
IN_A_ROW = (6, 3, 2)
"""Ticks."""
HEAD_WIDTH = 90
"""Pixels for what stands before the ticks, and their margins."""
NARROW = 720
"""Pixels of width, at the ordinary text size."""
STORED = "Stored here"
SMALL = 0.9
COLUMNS = {"Method": (96, 2), "The old task": (76, 1), "Choose it when": (140, 4)}
"""Least width of those that wrap, in pixels, and their share of what is left."""


class MethodGuidePage(QWidget):
    """Ticks say what one has; the methods that suit it stay, the others step back."""

    lesson_wanted = Signal(str)
    """Name of the lesson to read."""
    left = Signal()
    """Back to the stage."""

    def __init__(self, session: Session, guide: LessonController) -> None:
        super().__init__()
        self._session, self._guide = session, guide
        self.setObjectName("choicesPage")
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        choices = read_choices()
        self.ticks = {name: QCheckBox(words) for name, words in choices.situations.items()}
        self.rows = [MethodRow(method, self) for method in choices.methods]
        self._pitfalls = [PitfallCard(pitfall) for pitfall in choices.pitfalls]
        self.verdict = Label(scale=SMALL, colour="muted", wrap=True)
        self.verdict.setObjectName("choicesVerdict")
        self.back = text_button("Back to the stage", "choicesBack", "Back to the stage (Escape)")
        self._in_a_row = 0
        self._situations = QWidget()
        self._situations.setObjectName("choicesSituations")
        self._ticks = QGridLayout(self._situations)
        self._ticks.setContentsMargins(0, 0, 0, 0)
        self._lay_out()
        for name, tick in self.ticks.items():
            tick.setObjectName(f"situation.{name}")
            tick.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            tick.toggled.connect(self._on_tick_toggled)
        for row in self.rows:
            row.tried.connect(self._on_row_tried)
            row.read.connect(self.lesson_wanted)
        for card in self._pitfalls:
            card.run_wanted.connect(self._on_pitfall_run_wanted)
        guide.tried.connect(self._on_guide_tried)
        self.back.clicked.connect(self.left)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()
        session.state.catalogue_changed.connect(self._on_session_catalogue_changed)
        self._on_session_catalogue_changed()
        self._on_tick_toggled()

    def _lay_out(self) -> None:
        above = self._above = QGridLayout()
        above.setHorizontalSpacing(GAP)
        above.setVerticalSpacing(0)
        above.setColumnStretch(1, 1)
        above.addWidget(Label("Which one when", scale=1.2, bold=True), 0, 0)
        above.addWidget(self.back, 0, 2)
        self._ticks.setHorizontalSpacing(SPACE * 3 // 2)
        self._ticks.setVerticalSpacing(0)
        self._ticks.addWidget(Label("I have:", colour="muted"), 0, 0)
        self._ticks.setColumnStretch(len(self.ticks) + 1, 1)
        inside = QWidget()
        page = QVBoxLayout(inside)
        page.setContentsMargins(0, 0, SPACE, SPACE)
        page.setSpacing(SPACE)
        page.addLayout(self._new_table())
        page.addSpacing(SPACE)
        page.addWidget(self._new_pitfalls())
        page.addStretch(1)
        area = scroll_area(inside)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        around = QVBoxLayout(self)
        around.setContentsMargins(GAP, SPACE, SPACE, 0)
        around.setSpacing(SPACE)
        around.addLayout(above)
        around.addWidget(self._situations)
        around.addWidget(area, 1)

    def _new_pitfalls(self) -> QWidget:
        pitfalls = QWidget()
        pitfalls.setObjectName("choicesPitfalls")
        column = QVBoxLayout(pitfalls)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(Label("Three pitfalls", bold=True, scale=1.1))
        cards = QHBoxLayout()
        cards.setSpacing(SPACE)
        for card in self._pitfalls:
            cards.addWidget(card, 1)
        column.addLayout(cards)
        return pitfalls

    def _new_table(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE * 3 // 2)
        grid.setVerticalSpacing(SPACE // 2)
        for head, (width, stretch) in COLUMNS.items():
            grid.setColumnMinimumWidth(HEADS.index(head), width)
            grid.setColumnStretch(HEADS.index(head), stretch)
        for column, (head, hint) in enumerate(zip(HEADS, HINTS, strict=True)):
            text = Label(head, scale=SMALL, colour="muted")
            text.setToolTip(hint)
            grid.addWidget(text, 0, column)
            if head == STORED:
                self._stored = text
        for index, row in enumerate(self.rows):
            grid.addWidget(rule(), 2 * index + 1, 0, 1, len(HEADS))
            row.place(grid, 2 * index + 2)
        return grid

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: what is narrow for its text does without the least."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW * appearance.text_scale
        self._stored.setVisible(not narrow)
        for row in self.rows:
            row.narrow(narrow)
        self._above.addWidget(self.verdict, *((1, 0, 1, 3) if narrow else (0, 1, 1, 1)))
        self._spread_ticks()

    def _spread_ticks(self) -> None:
        """As many in a row as have room."""
        widths = [tick.sizeHint().width() + 2 * SPACE for tick in self.ticks.values()]
        room = self.width() - HEAD_WIDTH * appearance.text_scale
        in_a_row = next(
            (n for n in IN_A_ROW if sum(max(widths[column::n]) for column in range(n)) < room),
            IN_A_ROW[-1],
        )
        if in_a_row != self._in_a_row:
            self._in_a_row = in_a_row
            for index, tick in enumerate(self.ticks.values()):
                self._ticks.addWidget(tick, index // in_a_row, index % in_a_row + 1)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self._spread_ticks()

    @Slot(str)
    def _on_row_tried(self, strategy: str) -> None:
        session = self._session
        changes = changes_to(strategy, session.state.settings, session.state.strategies())
        self._guide.try_out(strategy, changes)

    @Slot(str, object)
    def _on_pitfall_run_wanted(self, name: str, settings: Mapping[str, Any]) -> None:
        plain = dataclasses.asdict(Settings(seed=self._session.state.settings.seed))
        self._guide.try_out(name, {**plain, **settings})

    @Slot(str, object)
    def _on_guide_tried(self, name: str, record: RunResult) -> None:
        for row in self.rows:
            row.show_result(name, record)
        for card in self._pitfalls:
            card.show_result(name, record)

    @Slot()
    def _on_session_catalogue_changed(self) -> None:
        labels = {info.name: info.label for info in self._session.state.strategies()}
        for row in self.rows:
            row.show_label(labels.get(row.method.strategy, row.method.strategy))

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
