"""Report dialog: the report of a problem, to be copied; nothing is sent."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QWidget

from gui.help.plain_text import PlainText
from gui.help.report import report_text
from gui.session import Session
from gui.theme import SPACE
from gui.widgets.box import vbox
from gui.widgets.button import text_button
from gui.widgets.dialog import Dialog
from gui.widgets.label import Label

WIDTH = 720
"""Pixels at the ordinary text size."""
EXPLANATION = (
    "Nothing is sent. Write what you did and what happened, copy the text, and give it to whoever "
    "looks after the program for you. The name of your home folder is written as ~."
)


class ReportDialog(Dialog):
    """Gathers the report when it is opened, unless somebody has written into the last one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, "Report a problem", "reportDialog", WIDTH)
        self._session = session
        self._text = PlainText("reportText", "Report of a problem", read_only=False)
        content = QWidget()
        vbox(Label(EXPLANATION, wrap=True), (self._text, 1), on=content, spacing=2 * SPACE)
        copy = text_button("Copy the report", "copyReport")
        anew = text_button("Begin anew", "beginReport", "Gather the report again")
        copy.clicked.connect(self._on_copy_clicked)
        anew.clicked.connect(self._gather)
        self.lay_out(content, copy, anew, scrolls=False)

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's hook: gather what is true now."""
        super().showEvent(event)
        if not self._text.document().isModified():
            self._gather()

    @Slot()
    def _gather(self) -> None:
        self._text.setPlainText(report_text(self._session, self.parentWidget()))

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._text.toPlainText())
