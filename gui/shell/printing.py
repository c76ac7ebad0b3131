"""Printing: the stage on one page, in light colours, below a line that says what it is."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QRectF, QSaveFile, QStandardPaths, Qt, Slot
from PySide6.QtGui import QImage, QPagedPaintDevice, QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QWidget

from gui.session import Session
from gui.shell.window_title import run_title
from gui.theme import LARGE, Scheme, appearance, font
from gui.widgets.copying import picture_of

DOTS_PER_INCH = 300
NO_PRINTER = "No printer is set up here: save the page as a PDF"
SAVED, NOT_SAVED = "The stage is printed as a PDF: {}", "The PDF could not be written: {}"
GAP = 1.5
"""Heights of the title's line from its top to the stage."""


class Printing(QObject):
    """Asks for a printer, or, where there is none, for a PDF file, and prints the stage."""

    def __init__(self, window: QWidget, session: Session, stage: QWidget) -> None:
        super().__init__(window)
        self._window, self._session, self._stage = window, session, stage

    def ask(self) -> None:
        """Ask where to print, and print there."""
        dialog = self._printer_dialog() or self._file_dialog()
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _printer_dialog(self) -> QDialog | None:
        """Return a dialog that prints; None: there is no printer."""
        try:  # slow to load, and not on every system
            from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
        except ImportError:
            return None
        if not QPrinterInfo.availablePrinterNames():
            return None
        printer = QPrinter()
        printer.setDocName(run_title(self._session))
        self._fit_page(printer)
        dialog = QPrintDialog(printer, self._window)
        dialog.accepted.connect(self._on_dialog_accepted)
        return dialog

    def _file_dialog(self) -> QDialog:
        documents = QStandardPaths.StandardLocation.DocumentsLocation
        folder = Path(QStandardPaths.writableLocation(documents))
        dialog = QFileDialog(self._window, NO_PRINTER, str(folder), "PDF (*.pdf)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pdf")
        dialog.selectFile("stage.pdf")
        dialog.fileSelected.connect(self._on_dialog_file_selected)
        return dialog

    @Slot()
    def _on_dialog_accepted(self) -> None:
        self.paint(self.sender().printer())  # type: ignore[attr-defined]

    @Slot(str)
    def _on_dialog_file_selected(self, name: str) -> None:
        file, notices = QSaveFile(name), self._session.notices
        if not file.open(QSaveFile.OpenModeFlag.WriteOnly):
            notices.report_error(NOT_SAVED.format(file.errorString()))
            return
        writer = QPdfWriter(file)
        writer.setTitle(run_title(self._session))
        writer.setResolution(DOTS_PER_INCH)
        writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
        self._fit_page(writer)
        self.paint(writer)
        if file.commit():
            notices.tell(SAVED.format(name))
        else:
            notices.report_error(NOT_SAVED.format(file.errorString()))

    def _fit_page(self, device: QPagedPaintDevice) -> None:
        """Turn the page as the stage is."""
        wide = self._stage.width() > self._stage.height()
        orientation = QPageLayout.Orientation
        device.setPageOrientation(orientation.Landscape if wide else orientation.Portrait)

    def paint(self, device: QPagedPaintDevice) -> None:
        """Print the title and the stage, as large as they fit."""
        painter = QPainter(device)
        page = QRectF(painter.viewport())
        painter.setFont(font(LARGE, bold=True))
        title = painter.fontMetrics().height()
        painter.drawText(page, Qt.AlignmentFlag.AlignLeft, run_title(self._session))
        page.setTop(page.top() + GAP * title)
        stage = QRectF(self._stage.rect())
        factor = min(page.width() / stage.width(), page.height() / stage.height())
        target = QRectF(page.topLeft(), stage.size() * factor)
        painter.drawImage(target, self.picture(factor))
        painter.end()

    def picture(self, factor: float) -> QImage:
        """Return the stage in light colours. Args: factor: dots of a pixel.

        The window is not painted meanwhile, and stays as it is.
        """
        chosen, dark = appearance.scheme, appearance.theme.dark
        if dark:
            appearance.set_scheme(Scheme.LIGHT)
            QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        picture = picture_of(self._stage, factor)
        if dark:
            appearance.set_scheme(chosen)
        return picture
