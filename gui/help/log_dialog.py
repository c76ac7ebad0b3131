"""Log dialog: where the program keeps its files, and the end of the log."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication, QShowEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from gui.help.plain_text import PlainText
from gui.help.report import NO_LOG, log_end, without_home
from gui.state.preferences import Preferences
from gui.state.user_files import answers_file, lessons_folder, log_file
from gui.theme import SECONDARY, SPACE
from gui.widgets.box import hbox, vbox
from gui.widgets.button import text_button
from gui.widgets.dialog import Dialog
from gui.widgets.label import Label

WIDTH = 720
"""Pixels at the ordinary text size."""
MIN_LOG_LINES = 8
NOT_THERE = "{} is not there yet: nothing has been kept in it."
NOT_OPENED = "No program here opens folders; the path is copied instead."


class LogDialog(Dialog):
    """Names the user's files, with a way to each, above the end of the log."""

    report_wanted = Signal()

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent, "Files and log", "logDialog", WIDTH)
        files = {
            "Log": log_file(),
            "Preferences": Path(preferences.store.fileName()),
            "Answers": answers_file(),
            "Your lessons": lessons_folder(),
        }
        self._message = Label(scale=SECONDARY, colour="muted", wrap=True)
        self._log = PlainText("log", "End of the log", read_only=True)
        content, grid = QWidget(), QGridLayout()
        grid.setHorizontalSpacing(2 * SPACE)
        grid.setVerticalSpacing(SPACE // 2)
        grid.setColumnStretch(1, 1)
        for row, (name, path) in enumerate(files.items()):
            file_row = _PathButtons(name, path)
            file_row.told.connect(self._message.show_text)
            grid.addWidget(Label(name), row, 0)
            grid.addWidget(Label(without_home(str(path)), colour="muted", wrap=True), row, 1)
            grid.addWidget(file_row, row, 2)
        heading = Label("End of the log", bold=True)
        parts = grid, self._message, heading, (self._log, 1)
        vbox(*parts, on=content, spacing=SPACE)
        copy = text_button("Copy the log", "copyLog")
        report = text_button("Report a problem…", "logReport")
        copy.clicked.connect(self._on_copy_clicked)
        report.clicked.connect(self.report_wanted)
        self.lay_out(content, copy, report)

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's hook: read the log as it is now."""
        super().showEvent(event)
        self._message.show_text("")
        self._log.setMinimumHeight(MIN_LOG_LINES * self._log.fontMetrics().lineSpacing())
        self._log.show_end(log_end() or NO_LOG)

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._log.toPlainText())


class _PathButtons(QWidget):
    """Buttons that copy the path of a file or folder, and show it in the file manager."""

    told = Signal(str)
    """What the user has to know of it."""

    def __init__(self, name: str, path: Path) -> None:
        super().__init__()
        self._path = path
        copy, show = text_button("Copy", ""), text_button("Open", "")
        for button, does in (copy, "Copy the path"), (show, "Open the folder"):
            button.setToolTip(does)
            button.setAccessibleName(f"{does}: {name}")
            button.setAutoDefault(False)
        copy.clicked.connect(self._on_copy_clicked)
        show.clicked.connect(self._on_show_clicked)
        hbox(copy, show, on=self, spacing=SPACE // 2)

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(str(self._path))
        self.told.emit(f"Copied: {without_home(str(self._path))}")

    @Slot()
    def _on_show_clicked(self) -> None:
        path = self._path
        folder = path if path.is_dir() else path.parent
        if not folder.is_dir():
            self.told.emit(NOT_THERE.format(without_home(str(folder))))
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._on_copy_clicked()
            self.told.emit(NOT_OPENED)
        else:
            self.told.emit("")
