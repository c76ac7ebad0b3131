"""Right column: figures of the run, pages of analysis, settings, and the cell under the pointer."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.analysis import AnalysisTabs
from gui.controls.figures import Readouts, TrainableCount
from gui.controls.panel import ControlPanel
from gui.inspector.readout import CellReadout
from gui.session import Session
from gui.shell.splitter import Splitter
from gui.state.preferences import Preferences
from gui.theme import SPACE, appearance
from gui.widgets.box import NO_LIMIT, vbox
from gui.widgets.surface import ScrollArea, rule

MIN_TABS_HEIGHT, MIN_SETTINGS_HEIGHT = 150, 170
"""Pixels at the ordinary text size; in a lower window the whole column scrolls."""
MIN_WIDTH = 150
"""Pixels at the ordinary text size; what is wider scrolls sideways."""
MAX_SETTINGS_SHARE = 0.5
"""Largest share of the height for settings, unless somebody drags the divider."""
MIN_HEIGHT_FOR_ALL = 860
"""Height of the column in pixels from which on all figures stand there."""


class RightColumn(QWidget):
    """Everything beside the stage; the divider between analysis and settings can be dragged."""

    def __init__(self, session: Session, preferences: Preferences) -> None:
        super().__init__()
        self._preferences = preferences
        self.setProperty("role", "panel")
        self._count, self._readouts = TrainableCount(session), Readouts(session)
        self.tabs = AnalysisTabs(session)
        self.controls = ControlPanel(session, preferences)
        self.readout = CellReadout(session)
        self._split = Splitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        for part in (self.tabs, self.controls):
            self._split.addWidget(part)
        inside = QWidget()
        figures = vbox(
            self._count, self._readouts, spacing=SPACE // 2, margins=(2 * SPACE, 0, 2 * SPACE, 0)
        )
        vbox(figures, (self._split, 1), on=inside, spacing=SPACE // 2, margins=(0, SPACE, 0, 0))
        self._area = ScrollArea(inside, horizontal=True)
        vbox((self._area, 1), rule(), self.readout, on=self)
        self.controls.height_changed.connect(self.fit)
        self._split.splitterMoved.connect(self._on_split_splitter_moved)
        appearance.sizes_changed.connect(self.fit)

    def set_run_hidden(self, run_hidden: bool) -> None:
        """Dim the figures, and name their run, while it is not shown."""
        for part in (self._count, self._readouts):
            part.set_run_hidden(run_hidden)

    def take_tabs(self) -> None:
        """Take the pages of analysis back from wherever they are shown."""
        if self._split.indexOf(self.tabs) < 0:
            self.tabs.setMaximumHeight(NO_LIMIT)
            self._split.insertWidget(0, self.tabs)
            self.tabs.show()
            self.fit()

    def minimumSizeHint(self) -> QSize:
        """Qt's hook: narrower than what is inside."""
        return QSize(round(MIN_WIDTH * appearance.layout_scale), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: share the height anew."""
        super().resizeEvent(event)
        self.fit()

    @Slot()
    def fit(self) -> None:
        """Share the height between analysis and settings."""
        scale = appearance.layout_scale
        self._readouts.show_all(self.height() >= MIN_HEIGHT_FOR_ALL * scale)
        if self._split.indexOf(self.tabs) < 0:
            return
        self.tabs.setMinimumHeight(round(MIN_TABS_HEIGHT * scale))
        self.controls.setMinimumHeight(round(MIN_SETTINGS_HEIGHT * scale))
        height, share = self._split.height(), self._preferences.settings_share
        if share is None:
            most = round(MAX_SETTINGS_SHARE * height)
            settings = min(self.controls.natural_height(), most)
        else:
            settings = round(share * height)
        self._split.setSizes([max(height - settings, 1), settings])

    @Slot(int, int)
    def _on_split_splitter_moved(self, _position: int, _handle: int) -> None:
        upper, lower = self._split.sizes()
        self._preferences.settings_share = lower / max(upper + lower, 1)
