"""The window: it lays the parts out, and answers the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QIcon, QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui.analysis import PAGES, AnalysisTabs
from gui.controls.keys_dialog import KeysDialog
from gui.controls.panel import ControlPanel
from gui.controls.surface import rule, side_panel
from gui.controls.transport import Transport
from gui.cost.dialog import CostDialog
from gui.heights import share, share_before_a_room
from gui.inspector import Inspector
from gui.lessons.answers import Answers
from gui.lessons.guide import Guide
from gui.lessons.panel import LessonPanel
from gui.lessons.shelf import Shelf
from gui.microscope.button import StepButton
from gui.microscope.strip import Strip
from gui.notice_bar import NoticeBar
from gui.preferences import Preferences
from gui.presenter.presenter import Presenter
from gui.sample import SampleCard
from gui.session import Session
from gui.spotlight import Spotlight
from gui.stage.stage import Stage
from gui.theme import RESOURCES, SPACE, Scheme, look
from gui.timeline import TimelineBar

if TYPE_CHECKING:
    from gui.compare.page import ComparePage

LEFT_WIDTH = 224
LESSON_WIDTHS = (284, 400)
"""Of the left column while a lesson is open, in a narrow and in a very wide window."""
LESSON_GROWTH = 0.09
"""Pixels for it of each pixel that the window is wider than `LOW_WINDOW`."""
RIGHT_WIDTH = 240
"""In pixels at the ordinary text size; larger text widens them, smaller does not narrow them."""
MINIMUM_SIZE = (1100, 640)
TEXT_STEP = 1.1
OF_THE_RUN = frozenset({
    Qt.Key.Key_Space, Qt.Key.Key_Escape, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Home,
    Qt.Key.Key_End, Qt.Key.Key_R, Qt.Key.Key_M,
})  # fmt: skip
"""Keys that move the run: they do not while it is not seen; some mean something to the race."""


class Window(QWidget):
    """Lessons at the left, stage and analysis in the middle, controls at the right."""

    def __init__(
        self,
        session: Session,
        preferences: Preferences,
        shelf: Shelf | None = None,
        answers: Answers | None = None,
    ) -> None:
        """Args: shelf: None: the program's lessons.  answers: None: none are kept."""
        super().__init__()
        self.guide = Guide(session, answers or Answers())
        self.lessons = LessonPanel(session, self.guide, shelf or Shelf(None))
        self._session = session
        self._preferences = preferences
        self._keys: KeysDialog | None = None
        self._cost: CostDialog | None = None
        self._compare: ComparePage | None = None
        self._chosen = look.scheme, look.chosen_scale
        self.setWindowTitle("ΔW")
        self.setWindowIcon(QIcon(str(RESOURCES / "icons" / "deltaw.svg")))
        self.setMinimumSize(*MINIMUM_SIZE)

        self.stage = Stage(session)
        self.stage.least_height_changed.connect(self._on_stage_least_height_changed)
        self.inspector = Inspector(session)
        self.stage.cell_changed.connect(self.inspector.show_reading)
        self.inspector.released.connect(self.stage.release)
        self.stage.cell_changed.connect(self.lessons.show_reading)
        self.lessons.ringed.connect(self.stage.ring)
        self.guide.changed.connect(self._on_guide_changed)
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
        body.addWidget(self._left)
        body.addWidget(rule(vertical=True))
        self._middle = QStackedWidget()
        self._middle.addWidget(self._new_middle())
        body.addWidget(self._middle, 1)
        self._beside = rule(vertical=True)
        body.addWidget(self._beside)
        body.addWidget(self._right)
        self.transport = Transport(session)
        self.transport.keys_wanted.connect(self._on_keys_wanted)
        self.transport.compare_wanted.connect(self._on_compare_wanted)
        self.transport.cost_wanted.connect(self._on_cost_wanted)
        self._lay_out(body)
        self.transport.presenter_wanted.connect(self.presenter.toggle)
        self.spotlight = Spotlight(self)
        session.playing_changed.connect(self._on_session_playing_changed)
        look.changed.connect(self._on_look_changed)
        self._widen()
        self._leave_focus_to_keys()

    # ------------------------------------------------------------ laying out

    def _lay_out(self, body: QHBoxLayout) -> None:
        above, below, notices = rule(), rule(), NoticeBar(self._session)
        page = QVBoxLayout(self)
        page.setSpacing(0)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(self.transport)
        page.addWidget(above)
        page.addLayout(body, 1)
        page.addWidget(below)
        page.addWidget(notices)
        furniture = self.transport, above, self.timeline, self._beside, self._right, self._sample
        self.presenter = Presenter(self, self._session, furniture, (below, notices))
        self.presenter.changed.connect(self._on_presenter_changed)
        self.stage.cell_changed.connect(self.presenter.figures.show_reading)
        self._column.insertWidget(1, self.presenter.figures)
        for part in (self.presenter.place, self.presenter.hint):
            self._lessons.addWidget(part)

    def _new_left(self) -> QWidget:
        panel = side_panel()
        self._lessons = layout = QVBoxLayout(panel)
        layout.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        layout.setSpacing(SPACE)
        self.lessons, self._sample = LessonPanel(self._session), SampleCard(self._session)
        layout.addWidget(self.lessons, 1)
        layout.addWidget(self._sample)
        return panel

    def _new_middle(self) -> QWidget:
        middle = QWidget()
        middle.setProperty("role", "page")
        self._column = layout = QVBoxLayout(middle)
        layout.setContentsMargins(SPACE // 2, 0, SPACE // 2, SPACE // 2)
        layout.setSpacing(SPACE // 2)
        layout.addWidget(self.stage, 1)
        layout.addWidget(self.timeline)
        layout.addWidget(self.strip)
        layout.addWidget(self.tabs)
        return middle

    def _new_right(self) -> QWidget:
        panel = side_panel()
        layout = QVBoxLayout(panel)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.controls, 1)
        layout.addWidget(rule())
        layout.addWidget(self.inspector)
        return panel

    def _widen(self) -> None:
        scale = max(1.0, look.text_scale)
        bare = self.presenter.bare
        self._left.setFixedWidth(
            self.presenter.panel_width() if bare else round(LEFT_WIDTH * scale)
        )
        self._right.setFixedWidth(round(RIGHT_WIDTH * scale))

    def _leave_focus_to_keys(self) -> None:
        """A click must not take the keyboard away from Space and →; Tab still reaches all."""
        for kind in (QAbstractButton, QComboBox):
            for widget in self.findChildren(kind):
                widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: the pages below the stage keep their share of the height."""
        self.presenter.fit()
        self._share()
        self.inspector.fit(self.height())

    def _share(self) -> None:
        self._widen()
        self._share_height()

    def _share_height(self) -> None:
        presenter, looking = self.presenter, self.stage.microscope.on
        if presenter.bare:
            heights = share_before_a_room(
                presenter.page_height(self.stage.least_height), look.text_scale
            )
        else:
            heights = share(self.height(), look.text_scale, looking=looking)
        self.strip.setFixedHeight(heights.strip)
        self.tabs.setFixedHeight(heights.tabs)
        pages = presenter.shows_page and (heights.tabs_beside_strip or not looking)
        # First what goes, then what comes, so that the stage is never squeezed between.
        seen = {self.strip: looking, self.tabs: pages}
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
        self.presenter.want_page(True)

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
        self.presenter.crowd(comparing)
        for part in (self.transport, self.controls):
            part.stand_back(comparing)
        race = self._session.race
        if not comparing and race is not None and race.running:
            self._session.run_race(False)

    @property
    def presenting(self) -> bool:
        """Whether it is as a room full of people is to see it."""
        return self.presenter.presenting

    def present(self, presenting: bool) -> None:
        """Begin to present, or give everything back as it was."""
        self.presenter.present(presenting)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Qt's hook: remember the place, end the engine; nobody has to watch it end."""
        if self.presenting:
            self.hide()
            self.present(False)  # its place is where it was before
        self._preferences.geometry = self.saveGeometry()
        self.hide()
        self._session.close()
        super().closeEvent(event)

    @Slot()
    def _on_look_changed(self) -> None:
        self._share()
        chosen = look.scheme, look.chosen_scale
        if chosen != self._chosen:
            self._chosen = chosen
            self._preferences.scheme, self._preferences.text_scale = chosen

    @Slot()
    def _on_stage_least_height_changed(self) -> None:
        self._share_height()

    @Slot()
    def _on_presenter_changed(self) -> None:
        for part in (self.lessons, self.tabs):
            part.show_alone(self.presenter.bare)
        self.lessons.setVisible(self.presenter.shows_lesson)
        margin = SPACE * (2 if self.presenter.bare else 1)
        self._lessons.setContentsMargins(SPACE, margin, SPACE, margin)
        self._share()

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
            case key if self.strip.answer(key) or self.presenter.answer(event):
                pass
            case Qt.Key.Key_M:
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
                look.set_text_scale(look.chosen_scale * TEXT_STEP)
            case Qt.Key.Key_Minus:
                look.set_text_scale(look.chosen_scale / TEXT_STEP)
            case Qt.Key.Key_Question:
                self._on_keys_wanted()
            case digit if Qt.Key.Key_1 <= digit <= Qt.Key.Key_9:
                self.lessons.choose(int(digit) - int(Qt.Key.Key_0))
            case _:
                return False
        return True

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
