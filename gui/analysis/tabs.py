"""The row of pages below the stage, of which one is seen."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from gui.analysis.merge_page import MergePage
from gui.analysis.scale_page import ScalePage
from gui.analysis.spectrum_page import SpectrumPage
from gui.session import Session
from gui.theme import MARGIN, SPACE, appearance, font

PAGES = ("curves", "spectrum", "scale", "merge")


class AnalysisTabs(QTabWidget):
    """Curves, Spectrum, Scale and Merge under a quiet bar of names."""

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
        self._curves = QWidget()
        self._curves.setObjectName("curvesPage")
        # At the sides as the stage has them.
        QVBoxLayout(self._curves).setContentsMargins(MARGIN, SPACE // 2, MARGIN, 0)
        pages = (self._curves, SpectrumPage(session), ScalePage(session), MergePage(session))
        for number, (name, page) in enumerate(zip(PAGES, pages, strict=True), start=1):
            self.addTab(page, name.capitalize())
            self.setTabToolTip(number - 1, f"{name.capitalize()} (Ctrl+{number})")
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    @property
    def has_curves(self) -> bool:
        """Whether the charts are there: they come after the first picture."""
        return self._curves_layout().count() > 0

    def add_curves(self, charts: QWidget) -> None:
        """Put the charts on their page."""
        self._curves_layout().addWidget(charts)

    @property
    def page(self) -> str:
        """The page that is open, one of `PAGES`."""
        return PAGES[self.currentIndex()]

    def show_page(self, name: str) -> None:
        """Open a page, one of `PAGES`."""
        self.setCurrentIndex(PAGES.index(name))

    def show_alone(self, alone: bool) -> None:
        """Show the page without the names of the others, or with them."""
        self.tabBar().setHidden(alone)
        beside = self.cornerWidget()
        if beside is not None:
            beside.setHidden(alone)

    def _curves_layout(self) -> QVBoxLayout:
        layout = self._curves.layout()
        assert isinstance(layout, QVBoxLayout)
        return layout

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.tabBar().setFont(font(0.9))
