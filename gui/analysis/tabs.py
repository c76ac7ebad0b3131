"""Tabs of the analysis pages."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QStackedWidget, QTabBar, QWidget

from gui.actions.table import tooltip_of
from gui.analysis.merge_page import MergePage
from gui.analysis.scale_page import ScalePage
from gui.analysis.spectrum_page import SpectrumPage
from gui.session import Session
from gui.theme import SECONDARY, SPACE, appearance, font
from gui.widgets.box import hbox, vbox
from gui.widgets.surface import SCROLL_BAR_WIDTH

PAGES = ("curves", "spectrum", "scale", "merge")


class AnalysisTabs(QWidget):
    """The pages Curves, Spectrum, Scale and Merge, one at a time, in a wide or a narrow place."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("analysisTabs")
        self.bar = QTabBar()
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setElideMode(Qt.TextElideMode.ElideNone)
        self.bar.setAccessibleName("Analysis pages")
        # Reached with Tab, not by a click: after a click Space stays Play.
        self.bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.pages = QStackedWidget()
        curves = QWidget()
        curves.setObjectName("curvesPage")
        margins = 2 * SPACE, SPACE // 2, 2 * SPACE - SCROLL_BAR_WIDTH, 0
        self._curves_column = vbox(on=curves, margins=margins)
        pages = (curves, SpectrumPage(session), ScalePage(session), MergePage(session))
        for number, (name, page) in enumerate(zip(PAGES, pages, strict=True), start=1):
            self.bar.addTab(name.capitalize())
            self.bar.setTabToolTip(number - 1, tooltip_of(name))
            self.pages.addWidget(page)
        self.bar.currentChanged.connect(self.pages.setCurrentIndex)
        vbox(hbox(self.bar, margins=(2 * SPACE, 0, 0, 0)), (self.pages, 1), on=self)
        appearance.changed.connect(self._on_appearance_changed)
        appearance.sizes_changed.connect(self._on_appearance_sizes_changed)
        self._on_appearance_changed()
        self._on_appearance_sizes_changed()

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
        return PAGES[self.bar.currentIndex()]

    def show_page(self, name: str) -> None:
        """Switch to a page, one of `PAGES`."""
        self.bar.setCurrentIndex(PAGES.index(name))

    def show_alone(self, alone: bool) -> None:
        """Show or hide all but the page. Args: alone: True: hide it."""
        self.bar.setHidden(alone)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.bar.setFont(font(SECONDARY))

    @Slot()
    def _on_appearance_sizes_changed(self) -> None:
        """Be as wide as the names of all pages, which arrows would cover."""
        self.bar.setMinimumWidth(self.bar.sizeHint().width())
