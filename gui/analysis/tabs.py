"""Tabs of the analysis pages below the stage."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QTabWidget, QWidget

from gui.analysis.merge_page import MergePage
from gui.analysis.scale_page import ScalePage
from gui.analysis.spectrum_page import SpectrumPage
from gui.session import Session
from gui.theme import MARGIN, SECONDARY, SPACE, appearance, font
from gui.widgets.box import vbox

PAGES = ("curves", "spectrum", "scale", "merge")


class AnalysisTabs(QTabWidget):
    """Tab widget with the pages Curves, Spectrum, Scale and Merge."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("analysisTabs")
        self.setDocumentMode(True)
        bar = self.tabBar()
        bar.setDrawBase(False)
        bar.setExpanding(False)
        bar.setUsesScrollButtons(False)
        bar.setElideMode(Qt.TextElideMode.ElideNone)
        bar.setAccessibleName("Pages below the stage")
        # Reached with Tab, not by a click: after a click Space stays Play.
        bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        curves = QWidget()
        curves.setObjectName("curvesPage")
        # The same side margins as the stage's.
        self._curves_column = vbox(on=curves, margins=(MARGIN, SPACE // 2, MARGIN, 0))
        pages = (curves, SpectrumPage(session), ScalePage(session), MergePage(session))
        for number, (name, page) in enumerate(zip(PAGES, pages, strict=True), start=1):
            self.addTab(page, name.capitalize())
            self.setTabToolTip(number - 1, f"{name.capitalize()} (Ctrl+{number})")
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    @property
    def has_curves(self) -> bool:
        """True once the charts are there: they come after the first picture."""
        return self._curves_column.count() > 0

    def add_curves(self, charts: QWidget) -> None:
        """Add the charts to their page."""
        self._curves_column.addWidget(charts)

    @property
    def page(self) -> str:
        """Name of the current page, one of `PAGES`."""
        return PAGES[self.currentIndex()]

    def show_page(self, name: str) -> None:
        """Switch to a page, one of `PAGES`."""
        self.setCurrentIndex(PAGES.index(name))

    def show_alone(self, alone: bool) -> None:
        """Show or hide the tab bar and its corner widget. Args: alone: True: hide them."""
        self.tabBar().setHidden(alone)
        corner = self.cornerWidget()
        if corner is not None:
            corner.setHidden(alone)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.tabBar().setFont(font(SECONDARY))
