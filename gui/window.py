"""The window: it lays the parts out, and answers the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QIcon, QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui.analysis import PAGES, AnalysisTabs
from gui.controls.keys_dialog import KeysDialog
from gui.controls.panel import ControlPanel
from gui.controls.transport import Transport
from gui.cost.dialog import CostDialog
from gui.inspector import Inspector
from gui.lesson_panel import LessonPanel
from gui.microscope.button import StepButton
from gui.microscope.strip import Strip
from gui.notice_bar import NoticeBar
from gui.preferences import Preferences
from gui.sample import SampleCard
from gui.session import Session
from gui.stage.stage import Stage
from gui.theme import RESOURCES, SPACE, Scheme, look
from gui.timeline import TimelineBar

if TYPE_CHECKING:
    from gui.compare.page import ComparePage
    from gui.network_page.page import NetworkPage

LEFT_WIDTH = 224
RIGHT_WIDTH = 240
"""In pixels at the ordinary text size; larger text widens them, smaller does not narrow them."""
TABS_HEIGHTS = (138, 342)
"""Of the pages below the stage with their names, in the lowest and in a very high window."""
TABS_GROWTH = 0.41
"""Pixels for them of each pixel that the window is higher than `LOW_WINDOW`."""
LOW_WINDOW = 720
STRIP_HEIGHT = 112
"""Of the moments of a step, where the pages below the stage keep at least the next number."""
LEAST_TABS = 120
TABS_BESIDE_NETWORK = 960
"""From this height of the window on there is room for the pages below the two networks."""
MINIMUM_SIZE = (1100, 640)
TEXT_STEP = 1.1
OF_THE_RUN = frozenset({
    Qt.Key.Key_Space, Qt.Key.Key_Escape, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Home,
    Qt.Key.Key_End, Qt.Key.Key_R, Qt.Key.Key_M,
})  # fmt: skip
"""Keys that move the run: they do not while it is not seen; some mean something to the race."""


class Window(QWidget):
    """Lessons at the left, stage and analysis in the middle, controls at the right."""

    def __init__(self, session: Session, preferences: Preferences) -> None:
        super().__init__()
        self._session = session
        self._preferences = preferences
        self._keys: KeysDialog | None = None
        self._cost: CostDialog | None = None
        self._compare: ComparePage | None = None
        self._network: NetworkPage | None = None
        self.setWindowTitle("ΔW")
        self.setWindowIcon(QIcon(str(RESOURCES / "icons" / "deltaw.svg")))
        self.setMinimumSize(*MINIMUM_SIZE)

        self.stage = Stage(session)
        self._centre = QStackedWidget()
        self._centre.addWidget(self.stage)
        self.inspector = Inspector(session)
        self.stage.cell_changed.connect(self.inspector.show_reading)
        self.inspector.released.connect(self.stage.release)
        self.controls = ControlPanel(session, preferences)
        self.inspector.unfolded.connect(self.controls.give_way)
        self.timeline = TimelineBar(session)
        self.tabs = AnalysisTabs(session)
        self.tabs.setCornerWidget(StepButton(self.stage.microscope))
        self.strip = Strip(self.stage.microscope)
        self.strip.hide()
        self.stage.microscope.changed.connect(self._on_microscope_changed)
        body = QHBoxLayout()
        body.setSpacing(0)
        body.setContentsMargins(0, 0, 0, 0)
        self._left, self._right = self._new_left(), self._new_right()
        self._widen()
        body.addWidget(self._left)
        body.addWidget(_rule(vertical=True))
        self._middle = QStackedWidget()
        self._middle.addWidget(self._new_middle())
        body.addWidget(self._middle, 1)
        body.addWidget(_rule(vertical=True))
        body.addWidget(self._right)
        page = QVBoxLayout(self)
        page.setSpacing(0)
        page.setContentsMargins(0, 0, 0, 0)
        self.transport = Transport(session)
        self.transport.keys_wanted.connect(self._on_keys_wanted)
        self.transport.compare_wanted.connect(self._on_compare_wanted)
        self.transport.network_wanted.connect(self._on_network_wanted)
        self.transport.cost_wanted.connect(self._on_cost_wanted)
        page.addWidget(self.transport)
        page.addWidget(_rule())
        page.addLayout(body, 1)
        page.addWidget(_rule())
        page.addWidget(NoticeBar(session))
        session.playing_changed.connect(self._on_session_playing_changed)
        look.changed.connect(self._on_look_changed)
        self._leave_focus_to_keys()

    # ------------------------------------------------------------ laying out

    def _new_left(self) -> QWidget:
        panel = _side_panel()
        layout = QVBoxLayout(panel)
        layout.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        layout.setSpacing(SPACE)
        layout.addWidget(LessonPanel(self._session), 1)
        layout.addWidget(SampleCard(self._session))
        return panel

    def _new_middle(self) -> QWidget:
        middle = QWidget()
        middle.setProperty("role", "page")
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(SPACE // 2, 0, SPACE // 2, SPACE // 2)
        layout.setSpacing(SPACE // 2)
        layout.addWidget(self._centre, 1)
        layout.addWidget(self.timeline)
        layout.addWidget(self.strip)
        layout.addWidget(self.tabs)
        return middle

    def _new_right(self) -> QWidget:
        panel = _side_panel()
        layout = QVBoxLayout(panel)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.controls, 1)
        layout.addWidget(_rule())
        layout.addWidget(self.inspector)
        return panel

    def _widen(self) -> None:
        scale = max(1.0, look.text_scale)
        self._left.setFixedWidth(round(LEFT_WIDTH * scale))
        self._right.setFixedWidth(round(RIGHT_WIDTH * scale))

    def _leave_focus_to_keys(self) -> None:
        """A click must not take the keyboard away from Space and →; Tab still reaches all."""
        for kind in (QAbstractButton, QComboBox):
            for widget in self.findChildren(kind):
                widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: the pages below the stage keep their share of the height."""
        self._share_height()
        self.inspector.fit(self.height())

    def _share_height(self) -> None:
        """While a step is looked into, its moments take the pages' room, so the stage keeps its."""
        low, high = TABS_HEIGHTS
        wanted = low + round((self.height() - LOW_WINDOW) * TABS_GROWTH)
        room = min(max(wanted, low), high)
        looking = self.stage.microscope.on
        strip = round(STRIP_HEIGHT * max(1.0, look.text_scale))
        left = room - strip - SPACE // 2 if looking else room
        both = left >= LEAST_TABS
        self.strip.setFixedHeight(strip if both else max(strip, room))
        self.tabs.setFixedHeight(left if both else room)
        # First what goes, then what comes, so that the stage is never squeezed between.
        low = self.networking and self.height() < TABS_BESIDE_NETWORK * max(1.0, look.text_scale)
        seen = {self.strip: looking, self.tabs: (both or not looking) and not low}
        for part in sorted(seen, key=seen.__getitem__):
            part.setVisible(seen[part])

    # ------------------------------------------------------------ opening and closing

    def open(self, *, remembered: bool) -> None:
        """Show the window, at its remembered place if there is one."""
        geometry = self._preferences.geometry
        if not (remembered and geometry is not None and self.restoreGeometry(geometry)):
            available = self.screen().availableGeometry().size()
            self.resize(self.size().boundedTo(available))
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's hook: once the network is on the screen, there is time for what takes longer."""
        super().paintEvent(event)
        if not self.tabs.has_curves:
            QTimer.singleShot(0, self.add_charts)

    @Slot()
    def add_charts(self) -> None:
        """Put the charts in; pyqtgraph is imported only now, after the first picture."""
        if self.tabs.has_curves:
            return
        from gui.charts import Charts

        self.tabs.add_curves(Charts(self._session))

    def show_page(self, name: str) -> None:
        """Open a page below the stage: curves, spectrum, scale or merge."""
        self.tabs.show_page(name)

    @property
    def comparing(self) -> bool:
        """Whether strategies side by side stand where the stage stands else."""
        return self._middle.currentIndex() > 0

    def compare(self, comparing: bool) -> None:
        """Show strategies side by side, for which pyqtgraph is imported, or the stage.

        A race that is not seen rests.
        """
        if comparing and self._compare is None:
            from gui.compare.page import ComparePage

            self._compare = ComparePage(self._session)
            self._compare.left.connect(self._on_compare_left)
            self._middle.addWidget(self._compare)
        self._middle.setCurrentIndex(int(comparing))
        for part in (self.transport, self.controls):
            part.stand_back(comparing)
        race = self._session.race
        if not comparing and race is not None and race.running:
            self._session.run_race(False)

    @property
    def networking(self) -> bool:
        """Whether the network before and now stands where the stage stands else."""
        return self._centre.currentIndex() > 0

    def show_network(self, networking: bool) -> None:
        """Show the network with W and with W′, side by side, or the stage; the run goes on."""
        if networking and self._network is None:
            from gui.network_page.page import NetworkPage

            self._network = NetworkPage(self._session)
            self._network.left.connect(self._on_network_left)
            self._centre.addWidget(self._network)
        if networking:
            self.compare(False)
            self.stage.microscope.leave()
        self._centre.setCurrentIndex(int(networking))
        self._share_height()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Qt's hook: remember the place, end the engine; nobody has to watch it end."""
        self._preferences.geometry = self.saveGeometry()
        self.hide()
        self._session.close()
        super().closeEvent(event)

    @Slot()
    def _on_look_changed(self) -> None:
        self._widen()
        self._share_height()
        self._preferences.scheme = look.scheme
        self._preferences.text_scale = look.text_scale

    # ------------------------------------------------------------ keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's hook: keys that no part of the window wanted for itself."""
        if not self._answer(event):
            super().keyPressEvent(event)

    def _answer(self, event: QKeyEvent) -> bool:
        session = self._session
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if self._compare is not None and self.comparing and event.key() in OF_THE_RUN:
            if event.key() == Qt.Key.Key_Space:
                self._compare.toggle()
            elif event.key() == Qt.Key.Key_Escape:
                self.compare(False)
            return True
        match event.key():
            case Qt.Key.Key_Z if control:
                session.undo()
            case digit if control and Qt.Key.Key_1 <= digit < Qt.Key.Key_1 + len(PAGES):
                self.show_page(PAGES[int(digit) - int(Qt.Key.Key_1)])
            case Qt.Key.Key_Left | Qt.Key.Key_Right if control:
                session.next_branch(1 if event.key() == Qt.Key.Key_Right else -1)
            case _ if control:
                return False
            case key if self.strip.answer(key):
                pass
            case Qt.Key.Key_Escape if self.networking:
                self.show_network(False)
            case Qt.Key.Key_N:
                self._on_network_wanted()
            case Qt.Key.Key_M:
                self.show_network(False)
                self.stage.microscope.toggle()
            case Qt.Key.Key_Space:
                session.toggle_play()
            case Qt.Key.Key_Right:
                session.step()
            case Qt.Key.Key_Left:
                session.step_back()
            case Qt.Key.Key_Home:
                session.go_to_earliest()
            case Qt.Key.Key_End:
                session.go_to_newest()
            case Qt.Key.Key_R:
                session.reset()
            case Qt.Key.Key_T:
                look.set_scheme(Scheme.LIGHT if look.theme.dark else Scheme.DARK)
            case Qt.Key.Key_V:
                self._on_compare_wanted()
            case Qt.Key.Key_C:
                self._on_cost_wanted()
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                look.set_text_scale(look.text_scale * TEXT_STEP)
            case Qt.Key.Key_Minus:
                look.set_text_scale(look.text_scale / TEXT_STEP)
            case Qt.Key.Key_Question:
                self._on_keys_wanted()
            case digit if Qt.Key.Key_1 <= digit <= Qt.Key.Key_9:
                self._lessons().choose(int(digit) - int(Qt.Key.Key_0))
            case _:
                return False
        return True

    def _lessons(self) -> LessonPanel:
        panel = self.findChild(LessonPanel)
        assert isinstance(panel, LessonPanel)
        return panel

    @Slot()
    def _on_microscope_changed(self) -> None:
        if self.strip.isVisibleTo(self) != self.stage.microscope.on:
            self._share_height()

    @Slot()
    def _on_keys_wanted(self) -> None:
        if self._keys is None:
            self._keys = KeysDialog(self)
        self._keys.show()
        self._keys.raise_()

    @Slot()
    def _on_compare_wanted(self) -> None:
        self.compare(not self.comparing)

    @Slot()
    def _on_compare_left(self) -> None:
        self.compare(False)

    @Slot()
    def _on_network_wanted(self) -> None:
        self.show_network(self.comparing or not self.networking)

    @Slot()
    def _on_network_left(self) -> None:
        self.show_network(False)

    @Slot(bool)
    def _on_session_playing_changed(self, playing: bool) -> None:
        if playing:  # what moves is to be seen
            self.compare(False)

    @Slot()
    def _on_cost_wanted(self) -> None:
        if self._cost is None:
            self._cost = CostDialog(self._session, self)
        self._cost.show()
        self._cost.activateWindow()


def _side_panel() -> QWidget:
    panel = QWidget()
    panel.setProperty("role", "panel")
    return panel


def _rule(*, vertical: bool = False) -> QFrame:
    rule = QFrame()
    rule.setProperty("role", "rule")
    if vertical:
        rule.setFixedWidth(1)
    else:
        rule.setFixedHeight(1)
    return rule
