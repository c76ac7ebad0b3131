"""About dialog: what the program is, the versions that it runs with, and licences."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from engine.protocol.shipped import RESOURCES
from gui.help.report import without_home
from gui.help.versions import RESOURCE_PARTS, Shipped, libraries, program_version, version_lines
from gui.theme import HEADING, SECONDARY, SPACE
from gui.widgets.box import hbox, vbox
from gui.widgets.button import text_button
from gui.widgets.dialog import Dialog
from gui.widgets.label import Label

WIDTH = 680
"""Pixels at the ordinary text size."""
ICON_PIXELS = 64
PURPOSE = "Watch fine-tuning change the weights of a neural network, layer by layer."
LICENCE = "© 2026 the ΔW authors. MIT licence: use, change and share it freely."
TEXTS = "Licence texts: {} and its folders fonts, icons and data."


class AboutDialog(Dialog):
    """Name and version, what it runs on, and what ships with it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, "About ΔW", "aboutDialog", WIDTH)
        content, grid = QWidget(), QGridLayout()
        grid.setHorizontalSpacing(2 * SPACE)
        grid.setVerticalSpacing(SPACE // 2)
        grid.setColumnStretch(3, 1)
        _add_rows(grid, "Runs with", libraries())
        _add_rows(grid, "Ships with", RESOURCE_PARTS)
        texts = TEXTS.format(without_home(str(RESOURCES)))
        foot = Label(texts, scale=SECONDARY, colour="muted", wrap=True)
        vbox(_head(), grid, foot, 1, on=content, spacing=2 * SPACE)
        copy = text_button("Copy the versions", "copyVersions")
        copy.clicked.connect(self._on_copy_clicked)
        self.lay_out(content, copy)

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(version_lines())


def _head() -> QWidget:
    """Return the icon beside name, purpose and licence of the program."""
    picture, head = QLabel(), QWidget()
    icon = QIcon(str(RESOURCES / "icons" / "deltaw.svg"))
    picture.setPixmap(icon.pixmap(QSize(ICON_PIXELS, ICON_PIXELS)))
    words = vbox(
        Label(f"ΔW {program_version()}", scale=HEADING, bold=True),
        Label(PURPOSE, wrap=True),
        Label(LICENCE, scale=SECONDARY, colour="muted", wrap=True),
        spacing=SPACE // 2,
    )
    hbox((picture, 0, Qt.AlignmentFlag.AlignTop), (words, 1), on=head, spacing=2 * SPACE)
    return head


def _add_rows(grid: QGridLayout, title: str, parts: Iterable[Shipped]) -> None:
    """Add a heading, and a line for each part: name, version, licence, what it is for."""
    row = grid.rowCount()
    heading = Label(title, scale=SECONDARY, colour="muted")
    heading.setContentsMargins(0, SPACE if row > 1 else 0, 0, 0)
    grid.addWidget(heading, row, 0, 1, 4)
    for line, part in enumerate(parts, start=row + 1):
        labels = (
            Label(part.name, wrap=True), Label(part.version), Label(part.licence, wrap=True),
            Label(part.what, colour="muted", wrap=True),
        )  # fmt: skip
        for column, label in enumerate(labels):
            grid.addWidget(label, line, column)
