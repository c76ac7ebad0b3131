"""Method guide page: which method suits which situation, and three pitfalls to try."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QGridLayout, QWidget

from engine.protocol.settings import Settings
from gui.lessons.controller import TRIAL_STEPS, LessonController
from gui.lessons.run_result import RunResult
from gui.method_guide.columns import COLUMNS, Column
from gui.method_guide.copied import method_table
from gui.method_guide.entries import Setup, read_method_guide
from gui.method_guide.pitfall_card import RUNS, PitfallCard
from gui.method_guide.row import FIRST_FIGURES, GRID_ROWS, WHEN, MethodRow
from gui.method_guide.rules import RULES
from gui.session import Session
from gui.state.settings_editor import changes_to
from gui.theme import HEADING, LARGE, SECONDARY, SMALL, SPACE, TINY, appearance
from gui.widgets.box import hbox, vbox
from gui.widgets.button import text_button
from gui.widgets.combo_box import ComboBox
from gui.widgets.copying import Copy, table_copies
from gui.widgets.label import Label
from gui.widgets.surface import ScrollArea, rule

GAP = 2 * SPACE
NARROW_WIDTH = 860
"""Width below which columns are left out, in pixels at the ordinary text size."""
TICKS_IN_ROW = (6, 3, 2)
"""Tick boxes in a row, the first for which there is room; else one."""
LEAST = ("Overfitting", "Stored here", "Compute")
LEFT_OUT = tuple(index for index, column in enumerate(COLUMNS) if column.title in LEAST)
"""Columns of figures that are left out there."""
WRAPPED = {0: (88, 2), WHEN: (114, 5)}
"""Column with wrapped text -> (minimum width in pixels, stretch factor)."""
PITFALLS = "pitfalls"
"""Name by which a card highlights them."""
SETUP_CHARACTERS = 13
"""Width of the choice of a setup."""
FIRST_SETUP = "near"
"""Setup that the buttons start until another one is chosen."""


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
        guide = self._guide = read_method_guide()
        texts = guide.texts
        self.ticks = {name: QCheckBox(words) for name, words in texts.situations.items()}
        self.rows = [MethodRow(guide, method) for method in texts.methods]
        self._pitfalls = [PitfallCard(pitfall, controller) for pitfall in texts.pitfalls]
        self.verdict = Label(scale=SECONDARY, colour="muted", wrap=True)
        self.verdict.setObjectName("choicesVerdict")
        self.practice = Label(scale=SECONDARY, wrap=True)
        self.practice.setObjectName("choicesPractice")
        self.setups = ComboBox("choicesSetup", "What the buttons run")
        self.setups.setMinimumContentsLength(SETUP_CHARACTERS)
        self.setups.set_items(((setup.name, setup.label) for setup in texts.setups), FIRST_SETUP)
        self.back = text_button("Back to the stage", "choicesBack", "Back to the stage (Escape)")
        self._situations = QWidget()
        self._situations.setObjectName("choicesSituations")
        self._ticks = QGridLayout(self._situations)
        self._ticks.setContentsMargins(0, 0, 0, 0)
        self._tried: PitfallCard | None = None
        """What is kept in view."""
        self._untried: list[tuple[PitfallCard, str]] = []
        """(card, kind of run) that a clicker starts, one after the other."""
        self._run_buttons, self._lesson_buttons = QButtonGroup(self), QButtonGroup(self)
        self._lay_out()
        self._connect()
        self._on_tick_toggled()
        self._on_setup_chosen()

    def _connect(self) -> None:
        for name, tick in self.ticks.items():
            tick.setObjectName(f"situation.{name}")
            tick.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            tick.toggled.connect(self._on_tick_toggled)
        for index, row in enumerate(self.rows):
            self._run_buttons.addButton(row.run_button, index)
            self._lesson_buttons.addButton(row.lesson_button, index)
        self.setups.currentIndexChanged.connect(self._on_setup_chosen)
        self._run_buttons.idClicked.connect(self._on_run_clicked)
        self._lesson_buttons.idClicked.connect(self._on_lesson_clicked)
        for card in self._pitfalls:
            card.run_wanted.connect(self._on_pitfall_run_wanted)
        self._controller.trial_finished.connect(self._on_controller_trial_finished)
        self._controller.progressed.connect(self._on_controller_progressed)
        self._controller.changed.connect(self._on_controller_progressed)
        self._controller.card_changed.connect(self._on_controller_card_changed)
        self._controller.runner.trial_wanted.connect(self._on_runner_trial_wanted)
        self._on_controller_card_changed()
        self.back.clicked.connect(self.left)

    @property
    def setup(self) -> Setup:
        """What the buttons run."""
        return self._guide.setup(self.setups.currentData())

    @property
    def shows_run(self) -> bool:
        """Whether a card of the page draws the run under way."""
        active = self._controller.active_run
        return active is not None and any(card.draws(active) for card in self._pitfalls)

    def _lay_out(self) -> None:
        header = self._header = QGridLayout()
        header.setHorizontalSpacing(GAP)
        header.setVerticalSpacing(0)
        header.setColumnStretch(1, 1)
        self._title = Label("Which method?", scale=HEADING, bold=True)
        header.addWidget(self._title, 0, 0)
        self._ticks.setHorizontalSpacing(SPACE * 3 // 2)
        self._ticks.setVerticalSpacing(SPACE // 2)
        self._have = Label("I have:", colour="muted")
        self._ticks.addWidget(self._have, 0, 0)
        self._ticks.setColumnStretch(len(self.ticks) + 1, 1)
        content = self._content = QWidget()
        self._key = Label(scale=SMALL, colour="muted", wrap=True)
        what = Label("Run on", scale=SECONDARY, colour="muted")
        line = hbox((self._key, 1), what, self.setups, spacing=SPACE)
        table = vbox(line, self._new_table(), spacing=SPACE // 2, margins=(0, 0, 0, SPACE))
        pitfalls = self._new_pitfalls()
        vbox(table, pitfalls, 1, on=content, spacing=SPACE, margins=(0, 0, SPACE, SPACE))
        area = self._area = ScrollArea(content, horizontal=True)
        area.verticalScrollBar().rangeChanged.connect(
            self._on_area_range_changed, Qt.ConnectionType.QueuedConnection
        )
        margins = GAP, SPACE, SPACE, 0
        parts = header, self._situations, self.practice, (area, 1)
        vbox(*parts, on=self, spacing=SPACE, margins=margins)

    def _key_text(self, narrow: bool) -> str:
        left_out = "" if narrow else "Overfitting: points lost since the best step. "
        return (
            "The upper figure belongs to the upper line of its heading. Odd/even, Inverted: target "
            "accuracy in per cent, on test images like those in training. Source lost: points lost "
            "on upright digits by training on rotated ones, with the head as it is now, then with "
            f"the old one put back. {left_out}Mean of {self._guide.seeds} runs ± its likely error. "
            "Blue: suits what is ticked. "
            f"70B model (70 billion parameters){'' if narrow else ', Compute'}: calculated."
        )

    def _new_pitfalls(self) -> QWidget:
        pitfalls = QWidget()
        pitfalls.setObjectName("choicesPitfalls")
        title = Label("Three pitfalls", bold=True, scale=LARGE)
        cards = hbox(*((card, 1) for card in self._pitfalls), spacing=SPACE)
        vbox(title, cards, on=pitfalls, spacing=SPACE)
        return pitfalls

    def _new_table(self) -> QGridLayout:
        grid = self._table = QGridLayout()
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(SPACE // 4)
        for column, (width, stretch) in WRAPPED.items():
            grid.setColumnMinimumWidth(column, width)
            grid.setColumnStretch(column, stretch)
        top = Qt.AlignmentFlag.AlignTop
        self._headers = [_new_header(column) for column in COLUMNS]
        for number, header in enumerate(self._headers, start=FIRST_FIGURES):
            grid.addWidget(header, 0, number, top)
        self._when = Label("Choose it when", scale=SECONDARY, bold=True)
        grid.addWidget(self._when, 0, WHEN, top)
        for index, row in enumerate(self.rows):
            first = 1 + index * (GRID_ROWS + 1)
            grid.addWidget(rule(), first, 0, 1, WHEN + 2)
            row.add_to_grid(grid, first + 1)
        return grid

    def copies(self, at: QPoint | None) -> tuple[Copy, ...]:
        """Return how a method's row and the table are copied."""
        inside = None if at is None else self._content.mapFrom(self, at)
        meant = (number for number, row in enumerate(self.rows) if row.holds(inside))
        return table_copies(*method_table(self.rows), next(meant, None))

    def minimumSizeHint(self) -> QSize:
        """Qt's hook: room for one tick box in a row, however many are in it now."""
        widest = max(tick.sizeHint().width() for tick in self.ticks.values())
        width = self._have.sizeHint().width() + self._ticks.horizontalSpacing() + widest
        return QSize(width + GAP + SPACE, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the least important columns out where the page is narrow."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW_WIDTH * appearance.text_scale
        for column in LEFT_OUT:
            self._headers[column].setVisible(not narrow)
        for row in self.rows:
            row.set_narrow(narrow, LEFT_OUT)
        self._when.setVisible(not narrow)
        self._key.show_text(self._key_text(narrow))
        self._table.setColumnMinimumWidth(WHEN, 0 if narrow else WRAPPED[WHEN][0])
        self._header.addWidget(self.verdict, *((1, 0, 1, 3) if narrow else (0, 1, 1, 1)))
        beside = self._title.sizeHint().width() + self.back.sizeHint().width() + 3 * GAP
        self._header.addWidget(self.back, *((0, 2) if beside <= self.width() else (2, 0, 1, 3)))
        per_row = self._ticks_in_row()
        for index, tick in enumerate(self.ticks.values()):
            self._ticks.addWidget(tick, index // per_row, index % per_row + 1)

    def _ticks_in_row(self) -> int:
        """Return how many tick boxes fit beside each other in every row."""
        widths = [tick.sizeHint().width() for tick in self.ticks.values()]
        gap = self._ticks.horizontalSpacing()
        room = self.width() - GAP - SPACE - self._have.sizeHint().width()
        for count in TICKS_IN_ROW:
            if sum(max(widths[column::count]) + gap for column in range(count)) <= room:
                return count
        return 1

    @Slot(int)
    def _on_lesson_clicked(self, index: int) -> None:
        self.lesson_wanted.emit(self.rows[index].method.lesson)

    @Slot(int)
    def _on_run_clicked(self, index: int) -> None:
        row, setup = self.rows[index], self.setup
        row.expect(setup)
        strategy, offered = row.method.strategy, self._session.state.strategies()
        own = changes_to(strategy, Settings(), offered)
        self._controller.run_trial(strategy, {**self._plain(), **setup.settings, **own})

    def _plain(self) -> dict[str, Any]:
        """Return the settings that a run of this page begins with: all but the seed are fixed."""
        return dataclasses.asdict(Settings(seed=self._session.state.settings.seed))

    @Slot()
    def _on_setup_chosen(self) -> None:
        for row in self.rows:
            row.show_setup(self.setup, TRIAL_STEPS)

    @Slot()
    def _on_area_range_changed(self) -> None:
        """Keep the card in view that a lesson speaks of, or that a clicker started."""
        if self._tried is not None:
            self._bring_into_view(self._tried)

    def _bring_into_view(self, card: PitfallCard) -> None:
        """Show a card, or as much of it as there is room for, from its top."""
        self._area.ensureWidgetVisible(card, 0, SPACE)
        self._area.ensureVisible(0, card.mapTo(self._content, QPoint()).y(), 0, SPACE)

    @Slot(str, object)
    def _on_pitfall_run_wanted(self, name: str, settings: Mapping[str, Any]) -> None:
        self._tried = None  # nothing moves below the pointer
        self._controller.run_trial(name, {**self._plain(), **settings})

    @Slot()
    def _on_controller_card_changed(self) -> None:
        """Offer a clicker the pitfalls' runs while a card speaks of them, and show the first."""
        lesson_card = self._controller.card
        told = lesson_card is not None and PITFALLS in lesson_card.highlight
        self._untried = [(card, kind) for card in self._pitfalls for kind in RUNS if told]
        self._tried = self._pitfalls[0] if told else self._tried
        self._controller.runner.trials_left = len(self._untried)

    @Slot()
    def _on_runner_trial_wanted(self) -> None:
        card, kind = self._untried[0]
        card.press(kind)
        self._tried = card
        self._bring_into_view(card)

    @Slot()
    def _on_controller_progressed(self) -> None:
        active = self._controller.active_run
        trial = active if active is not None and active.trial else None
        for row in self.rows:
            row.show_progress(trial)
        for card in self._pitfalls:
            card.show_progress(trial)

    @Slot(str, object)
    def _on_controller_trial_finished(self, name: str, result: RunResult) -> None:
        for row in self.rows:
            row.show_result(name, result)
        for card in self._pitfalls:
            card.show_result(name, result)
        self._untried = [
            (card, kind) for card, kind in self._untried if card.run_name(kind) != name
        ]
        self._controller.runner.trials_left = len(self._untried)

    @Slot()
    def _on_tick_toggled(self) -> None:
        wanted = frozenset(name for name, tick in self.ticks.items() if tick.isChecked())
        suiting = sum([row.show_fit(wanted) for row in self.rows])
        if not wanted:
            text = "Tick one box or more: methods that do not suit turn grey."
        elif suiting:
            text = f"{suiting} of {len(self.rows)} methods suit this; the others are grey."
        else:
            text = "No method suits all of this. Untick one, or try the two closest and compare."
        self.verdict.show_text(text)
        texts = self._guide.texts
        told = [
            _told(words, RULES[name].text, texts.practice.get(name, ""))
            for name, words in texts.situations.items()
            if name in wanted
        ]
        self.practice.show_text("\n".join(told))
        self.practice.setVisible(bool(told))


def _new_header(column: Column) -> QWidget:
    header = QWidget()
    header.setToolTip(column.hint)
    parts = (Label(part, scale=TINY, colour="muted") for part in column.parts)
    vbox(Label(column.title, scale=SECONDARY, bold=True), *parts, on=header)
    return header


def _told(situation: str, rule: str, practice: str) -> str:
    """Return what is said of a situation that is ticked: its rule, and what the figures hide."""
    suits = f"{situation.capitalize()}. What suits: {rule[0].lower()}{rule[1:]}."
    return f"{suits} {practice}".rstrip()
