"""Runs page, in place of the stage: every run since the program began, to be opened again."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QInputDialog,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from engine.protocol.runs import MAX_RUN_NAME_LENGTH
from gui.runs.words import (
    FIGURES,
    HEADINGS,
    ListedRun,
    memory_text,
    run_rows,
    why_not_compare,
)
from gui.session import Session
from gui.theme import HEADING, SMALL, SPACE, appearance
from gui.widgets.box import hbox, vbox
from gui.widgets.button import text_button
from gui.widgets.frame_throttle import NUMBER_MILLISECONDS, FrameThrottle
from gui.widgets.keyboard import make_one_stop
from gui.widgets.label import RIGHT, Label

GAP = 2 * SPACE
SETTINGS_COLUMN = 2
INTRO = (
    "Reset, another strategy, a lesson or a task begins a new run; the ones before stay here with "
    "their branches. Double click a run to go on with it, exactly where you left it."
)
ALREADY_THERE, NO_CHOICE = "This run is on the stage", "Choose one run first"


class RunsPage(QWidget):
    """The list, with buttons above it for the run that is chosen."""

    left = Signal()
    """Emitted to go back to the stage."""
    compared = Signal()
    """Emitted when a comparison of runs has begun."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._rows: tuple[ListedRun, ...] = ()
        self.setObjectName("runsPage")
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._list = _RunTree()
        self._memory = Label(scale=SMALL, colour="muted", wrap=True)
        self._throttle = FrameThrottle(self, NUMBER_MILLISECONDS)
        self._open = text_button("Open", "openRun")
        self._rename = text_button("Rename", "renameRun")
        self._delete = text_button("Delete", "deleteRun")
        self._compare = text_button("Compare", "compareRuns")
        self._lay_out()
        self._connect()
        self._show()

    def _lay_out(self) -> None:
        title = Label("Runs", scale=HEADING, bold=True)
        self._back = text_button("Back to the stage", "runsBack", "Back to the stage (Escape)")
        buttons = QWidget()
        hbox(self._open, self._rename, self._delete, self._compare, 1, on=buttons, spacing=SPACE)
        make_one_stop(buttons)
        parts = (
            hbox((title, 1), self._back, spacing=GAP), Label(INTRO, colour="muted", wrap=True),
            buttons, (self._list, 1), self._memory,
        )  # fmt: skip
        vbox(*parts, on=self, spacing=SPACE, margins=(GAP, SPACE, GAP, SPACE))

    def _connect(self) -> None:
        state = self._session.state
        self._back.clicked.connect(self.left)
        self._open.clicked.connect(self.open_chosen)
        self._rename.clicked.connect(self.rename_chosen)
        self._delete.clicked.connect(self.delete_chosen)
        self._compare.clicked.connect(self._on_compare_clicked)
        self._list.itemDoubleClicked.connect(self.open_chosen)
        self._list.opened.connect(self.open_chosen)
        self._list.renamed.connect(self.rename_chosen)
        self._list.deleted.connect(self.delete_chosen)
        self._list.itemSelectionChanged.connect(self._enable)
        self._throttle.due.connect(self._show)
        state.runs_changed.connect(self._throttle.request)
        state.frame_changed.connect(self._throttle.request)
        state.settings_changed.connect(self._throttle.request)
        appearance.changed.connect(self._show)

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's hook: what has changed meanwhile; the list has the keyboard."""
        super().showEvent(event)
        self._show()
        self._list.setFocus()

    # ------------------------------------------------------------ what a user does

    @property
    def chosen(self) -> tuple[ListedRun, ...]:
        """The rows that are selected, the newest run first."""
        return tuple(self._rows[row] for row in self._list.selected_rows() if row < len(self._rows))

    @Slot()
    def open_chosen(self) -> None:
        """Go on with the chosen run, on the stage."""
        if not self._why_not_open():
            self._session.run_list.open(self.chosen[0].serial)
            self.left.emit()

    @Slot()
    def rename_chosen(self) -> None:
        """Ask for a name of the chosen run."""
        if len(self.chosen) != 1:
            return
        row = self.chosen[0]
        name, agreed = QInputDialog.getText(
            self, "Name of the run", "Name (empty: none)", text=row.name
        )
        if agreed:
            self._session.run_list.rename(row.serial, name[:MAX_RUN_NAME_LENGTH])

    @Slot()
    def delete_chosen(self) -> None:
        """Delete the chosen runs, but that on the stage; Ctrl+Z brings them back."""
        for row in self.chosen:
            if not row.on_stage:
                self._session.run_list.drop(row.serial)

    @Slot()
    def _on_compare_clicked(self) -> None:
        rows = self.chosen
        if not why_not_compare(rows):
            steps = max(1, *(row.steps for row in rows))
            self._session.comparison.start(tuple(row.settings for row in rows), steps)
            self.compared.emit()

    def _why_not_open(self) -> str:
        if len(self.chosen) != 1:
            return NO_CHOICE
        return ALREADY_THERE if self.chosen[0].on_stage else ""

    # ------------------------------------------------------------ showing

    @Slot()
    def _show(self) -> None:
        state = self._session.state
        if state.runs is None:
            self._rows = ()
            self._memory.show_text("")
        else:
            self._rows = run_rows(state.runs, state.settings, state.frame, state.catalogue)
            self._memory.show_text(memory_text(state.runs))
        self._list.show_rows(self._rows)
        self._enable()

    @Slot()
    def _enable(self) -> None:
        deletes = any(not row.on_stage for row in self.chosen)
        for button, reason, hint in (
            (self._open, self._why_not_open(), "Go on with this run (Enter)"),
            (self._rename, "" if len(self.chosen) == 1 else NO_CHOICE, "Give it a name (F2)"),
            (self._delete, "" if deletes else NO_CHOICE, "Delete it; Ctrl+Z brings it back (Del)"),
            (self._compare, why_not_compare(self.chosen),
             "Train their settings again, side by side, for as many steps"),
        ):  # fmt: skip
            button.setEnabled(not reason)
            button.setToolTip(reason or hint)


class _RunTree(QTreeWidget):
    """The rows; keeps what is selected while their figures change."""

    opened = Signal()
    renamed = Signal()
    deleted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("runList")
        self.setAccessibleName("Runs, the newest first")
        self.setHeaderLabels(HEADINGS)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setProperty("role", "table")
        self.setAllColumnsShowFocus(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.header().setSectionResizeMode(SETTINGS_COLUMN, QHeaderView.ResizeMode.Stretch)
        for column in FIGURES:
            self.headerItem().setTextAlignment(column, RIGHT)

    def show_rows(self, rows: tuple[ListedRun, ...]) -> None:
        """Show the rows."""
        if self.topLevelItemCount() != len(rows) or self._serials() != [r.serial for r in rows]:
            self._rebuild(rows)
        for row, shown in enumerate(rows):
            item = self.topLevelItem(row)
            assert item is not None
            for column, text in enumerate(shown.cells):
                if item.text(column) != text:
                    item.setText(column, text)
                    item.setToolTip(column, text)

    def _serials(self) -> list[int]:
        items = (self.topLevelItem(row) for row in range(self.topLevelItemCount()))
        return [item.data(0, Qt.ItemDataRole.UserRole) for item in items if item is not None]

    def _rebuild(self, rows: tuple[ListedRun, ...]) -> None:
        serials = self._serials()
        chosen = {serials[row] for row in self.selected_rows()}
        self.clear()
        for shown in rows:
            item = QTreeWidgetItem()
            item.setData(0, Qt.ItemDataRole.UserRole, shown.serial)
            for column in FIGURES:
                item.setTextAlignment(column, RIGHT)
            self.addTopLevelItem(item)
            item.setSelected(shown.serial in chosen)
        if rows and not self.selectedItems():
            self.setCurrentIndex(self.model().index(0, 0))

    def selected_rows(self) -> list[int]:
        """Return the places of the selected rows, from the top."""
        return sorted(self.indexOfTopLevelItem(item) for item in self.selectedItems())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's hook: Enter, F2 and Delete; letters are the window's."""
        keys = {
            Qt.Key.Key_Return: self.opened, Qt.Key.Key_Enter: self.opened,
            Qt.Key.Key_F2: self.renamed, Qt.Key.Key_Delete: self.deleted,
        }  # fmt: skip
        signal = keys.get(Qt.Key(event.key()))
        if signal is not None:
            signal.emit()
        elif event.text().isprintable() and event.text():
            event.ignore()
        else:
            super().keyPressEvent(event)
