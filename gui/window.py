"""The window: it lays the parts out, and answers the keys."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QIcon, QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from gui.analysis import PAGES
from gui.controls.panel import ControlPanel
from gui.controls.transport import Transport
from gui.cost.dialog import CostDialog
from gui.inspector.inspector import Inspector
from gui.lessons.answers import Answers
from gui.lessons.controller import LessonController
from gui.lessons.library import LessonLibrary
from gui.lessons.tex import warm_up
from gui.presenter.presenter import Presenter
from gui.session import Session
from gui.shell.card_setup import CardSetup
from gui.shell.keys_dialog import KeysDialog
from gui.shell.layout_sizes import share, share_before_a_room
from gui.shell.left_column import LeftColumn
from gui.shell.notice_bar import NoticeBar
from gui.shell.page_stack import CHOICES, COMPARE, NETWORK, STAGE, PageStack
from gui.state.preferences import Preferences
from gui.theme import RESOURCES, SPACE, Scheme, look
from gui.widgets.surface import rule, side_panel

RIGHT_WIDTH = 240
"""In pixels at the ordinary text size; larger text widens it, smaller does not narrow it."""
PAGES_BESIDE_NETWORK = 960
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

    def __init__(
        self,
        session: Session,
        preferences: Preferences,
        shelf: LessonLibrary | None = None,
        answers: Answers | None = None,
    ) -> None:
        """Args: shelf: None: the program's lessons.  answers: None: none are kept."""
        super().__init__()
        self._session = session
        self._preferences = preferences
        self._keys: KeysDialog | None = None
        self._cost: CostDialog | None = None
        self._chosen = look.scheme, look.chosen_scale
        self.setWindowTitle("ΔW")
        self.setWindowIcon(QIcon(str(RESOURCES / "icons" / "deltaw.svg")))
        self.setMinimumSize(*MINIMUM_SIZE)

        self.guide = LessonController(session, answers or Answers())
        self._shelf = shelf or LessonLibrary(None)
        self.left = LeftColumn(session, self.guide, self._shelf)
        self.lessons = self.left.lessons
        self.middle = PageStack(session, self.guide)
        self.stage, self.tabs, self.strip = self.middle.stage, self.middle.tabs, self.middle.strip
        self.timeline = self.middle.timeline
        self.inspector = Inspector(session)
        self.controls = ControlPanel(session, preferences)
        self._right = self._new_right()
        self.transport = Transport(session)
        self._lay_out()
        self.staging = CardSetup(self, self.guide)
        self._connect()
        self._share()
        self._leave_focus_to_keys()

    def _connect(self) -> None:
        stage, transport = self.stage, self.transport
        for reader in (self.inspector, self.lessons, self.presenter.figures):
            stage.cell_changed.connect(reader.show_reading)
        stage.least_height_changed.connect(self._share_height)
        stage.microscope.changed.connect(self._on_microscope_changed)
        self.lessons.ringed.connect(stage.ring)
        self.lessons.choices_wanted.connect(self._on_lessons_choices_wanted)
        self.inspector.released.connect(stage.release)
        self.inspector.unfolded.connect(self.controls.give_way)
        self.middle.turned.connect(self._on_middle_turned)
        self.middle.lesson_wanted.connect(self._on_middle_lesson_wanted)
        self.guide.changed.connect(self._share)
        self.presenter.changed.connect(self._on_presenter_changed)
        transport.keys_wanted.connect(self._on_keys_wanted)
        transport.network_wanted.connect(self._on_network_wanted)
        transport.compare_wanted.connect(self._on_compare_wanted)
        transport.cost_wanted.connect(self._on_cost_wanted)
        transport.presenter_wanted.connect(self.presenter.toggle)
        look.changed.connect(self._on_look_changed)

    # ------------------------------------------------------------ laying out

    def _lay_out(self) -> None:
        above, below, notices = rule(), rule(), NoticeBar(self._session)
        beside = rule(vertical=True)
        body = QHBoxLayout()
        body.setSpacing(0)
        body.setContentsMargins(0, 0, 0, 0)
        for part, stretch in (
            (self.left, 0), (rule(vertical=True), 0), (self.middle, 1), (beside, 0),
            (self._right, 0),
        ):  # fmt: skip
            body.addWidget(part, stretch)
        page = QVBoxLayout(self)
        page.setSpacing(0)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(self.transport)
        page.addWidget(above)
        page.addLayout(body, 1)
        page.addWidget(below)
        page.addWidget(notices)
        furniture = self.transport, above, self.timeline, beside, self._right, self.left.sample
        self.presenter = Presenter(self, self._session, self.guide, furniture, (below, notices))
        self.middle.column.insertWidget(1, self.presenter.figures)
        self.left.column.addWidget(self.presenter.hint)

    def _new_right(self) -> QWidget:
        panel = side_panel()
        layout = QVBoxLayout(panel)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.controls, 1)
        layout.addWidget(rule())
        layout.addWidget(self.inspector)
        return panel

    def _leave_focus_to_keys(self) -> None:
        """A click must not take the keyboard away from Space and →; Tab still reaches all."""
        for kind in (QAbstractButton, QComboBox):
            for widget in self.findChildren(kind):
                widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: what stands at the sides and below keeps its share."""
        self.presenter.fit()
        self._share()
        self.inspector.fit(self.height())

    @Slot()
    def _share(self) -> None:
        if self.presenter.bare:
            self.left.setFixedWidth(self.presenter.panel_width())
            self.left.set_air(2 * SPACE)
        else:
            self.left.share(self.width(), self.height())
        self._right.setFixedWidth(round(RIGHT_WIDTH * max(1.0, look.text_scale)))
        self._share_height()

    @Slot()
    def _share_height(self) -> None:
        presenter, middle, scale = self.presenter, self.middle, look.text_scale
        if presenter.bare:
            heights = share_before_a_room(presenter.page_height(self.stage.least_height), scale)
        else:
            heights = share(self.height(), scale, looking=self.stage.microscope.on)
        low = middle.place == NETWORK and self.height() < PAGES_BESIDE_NETWORK * max(1.0, scale)
        middle.share(heights, pages=presenter.shows_page and not low)

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
        """Put the charts in; they and formulas need imports that come after the first picture."""
        if self.tabs.has_curves:
            return
        from gui.charts import Charts

        self.tabs.add_curves(Charts(self._session))
        warm_up()
        self._shelf.look_closely()

    def show_page(self, name: str) -> None:
        """Open a page below the stage: curves, spectrum, scale or merge."""
        self.tabs.show_page(name)
        self.presenter.want_page()

    def show_costs(self, shown: bool) -> None:
        """Open the calculator, or close it."""
        if shown and self._cost is None:
            self._cost = CostDialog(self._session, self)
            self._cost.turned.connect(self._on_cost_turned)
        if self._cost is not None:
            self._cost.stand_in(self._beside_card())
            self._cost.heed_clicker(self.presenting)
            self._cost.setVisible(shown)
            (self._cost if shown else self).activateWindow()

    def _beside_card(self) -> QRect | None:
        """Where a dialog leaves the open lesson's card to be read, on the screen."""
        if self.guide.lesson is None:
            return None
        corner = self.mapToGlobal(QPoint(self.left.width(), 0))
        return QRect(corner, QSize(self.width() - self.left.width(), self.height()))

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
    def _on_presenter_changed(self) -> None:
        for part in (self.lessons, self.tabs):
            part.show_alone(self.presenter.bare)
        self.lessons.setVisible(self.presenter.shows_lesson)
        self._share()

    @Slot()
    def _on_middle_turned(self) -> None:
        place = self.middle.place
        self.presenter.crowd(place != STAGE)
        for part in (self.transport, self.controls):
            part.stand_back(place == COMPARE)
        self._share_height()

    @Slot()
    def _on_lessons_choices_wanted(self) -> None:
        self.middle.toggle(CHOICES)

    @Slot(str)
    def _on_middle_lesson_wanted(self, name: str) -> None:
        self.middle.show_place(STAGE)
        self.lessons.open_named(name)

    # ------------------------------------------------------------ keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's hook: keys that no part of the window wanted for itself."""
        if not self._answer(event):
            super().keyPressEvent(event)

    def _answer(self, event: QKeyEvent) -> bool:
        session = self._session
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        middle, place = self.middle, self.middle.place
        if place == COMPARE and event.key() in OF_THE_RUN - {Qt.Key.Key_Escape}:
            if event.key() == Qt.Key.Key_Space:
                middle.toggle_comparison()
            return True
        match event.key():
            case Qt.Key.Key_Z if control:
                session.editor.undo()
            case digit if control and Qt.Key.Key_1 <= digit < Qt.Key.Key_1 + len(PAGES):
                self.show_page(PAGES[int(digit) - int(Qt.Key.Key_1)])
            case Qt.Key.Key_Left | Qt.Key.Key_Right if control:
                session.navigation.next_branch(1 if event.key() == Qt.Key.Key_Right else -1)
            case _ if control:
                return False
            case key if self.strip.answer(key):
                pass
            case Qt.Key.Key_Escape if place != STAGE:
                middle.toggle(STAGE)
            case _ if self.presenter.answer(event):
                pass
            case Qt.Key.Key_N:
                middle.toggle(NETWORK)
            case Qt.Key.Key_V:
                middle.toggle(COMPARE)
            case Qt.Key.Key_W:
                middle.toggle(CHOICES)
            case Qt.Key.Key_M:
                middle.show_place(STAGE)
                self.stage.microscope.toggle()
            case Qt.Key.Key_PageDown:
                self.guide.next()
            case Qt.Key.Key_PageUp:
                self.guide.back()
            case Qt.Key.Key_Space:
                session.playback.toggle_play()
            case Qt.Key.Key_Right:
                session.playback.step()
            case Qt.Key.Key_Left:
                session.navigation.step_back()
            case Qt.Key.Key_Home:
                session.navigation.go_to_earliest()
            case Qt.Key.Key_End:
                session.navigation.go_to_newest()
            case Qt.Key.Key_R:
                session.playback.reset()
            case Qt.Key.Key_T:
                look.set_scheme(Scheme.LIGHT if look.theme.dark else Scheme.DARK)
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
    def _on_network_wanted(self) -> None:
        self.middle.toggle(NETWORK)

    @Slot()
    def _on_compare_wanted(self) -> None:
        self.middle.toggle(COMPARE)

    @Slot(int)
    def _on_cost_turned(self, way: int) -> None:
        (self.guide.back if way < 0 else self.guide.advance)()

    @Slot()
    def _on_cost_wanted(self) -> None:
        self.show_costs(True)
