"""Main window: lays out its parts, and handles the keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QIcon, QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from engine.protocol.shipped import RESOURCES
from gui.analysis import PAGES
from gui.controls.panel import ControlPanel
from gui.controls.transport import Transport
from gui.cost.dialog import CostDialog
from gui.inspector.inspector import Inspector
from gui.lessons.answers import Answers
from gui.lessons.controller import LessonController
from gui.lessons.library import LessonLibrary
from gui.presenter.presenter import Presenter
from gui.session import Session
from gui.shell.card_setup import CardSetup
from gui.shell.keys_dialog import KeysDialog
from gui.shell.left_column import LeftColumn
from gui.shell.notice_bar import NoticeBar
from gui.shell.page_stack import COMPARE, METHOD_GUIDE, NETWORK, STAGE, PageStack
from gui.state.preferences import Preferences
from gui.theme import SPACE, Scheme, appearance
from gui.widgets.box import hbox, vbox
from gui.widgets.surface import rule, side_panel

RIGHT_WIDTH = 240
"""Pixels at the ordinary text size; larger text widens the column, smaller does not narrow it."""
MIN_HEIGHT_FOR_TABS = 960
"""Height of the window in pixels, from which on the pages fit below the two networks."""
MIN_SIZE = (1100, 640)
"""(width, height) in pixels."""
TEXT_SCALE_STEP = 1.1
"""Factor by which one key press makes the text larger."""
RUN_KEYS = frozenset({
    Qt.Key.Key_Space, Qt.Key.Key_Escape, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Home,
    Qt.Key.Key_End, Qt.Key.Key_R, Qt.Key.Key_M,
})  # fmt: skip
"""Keys that move the run; inactive while the comparison is shown, which has meanings of its own."""


class Window(QWidget):
    """Lessons at the left, stage and analysis in the centre, controls at the right."""

    def __init__(
        self,
        session: Session,
        preferences: Preferences,
        library: LessonLibrary | None = None,
        answers: Answers | None = None,
    ) -> None:
        """Args: library: None: the program's lessons.  answers: None: none are saved."""
        super().__init__()
        self._session = session
        self._preferences = preferences
        self._keys_dialog: KeysDialog | None = None
        self._cost_dialog: CostDialog | None = None
        self._saved_appearance = appearance.scheme, appearance.chosen_scale
        self.setWindowTitle("ΔW")
        self.setWindowIcon(QIcon(str(RESOURCES / "icons" / "deltaw.svg")))
        self.setMinimumSize(*MIN_SIZE)

        self.lesson_controller = LessonController(session, answers or Answers())
        self._library = library or LessonLibrary(None)
        self.left = LeftColumn(session, self.lesson_controller, self._library)
        self.lesson_panel = self.left.lesson_panel
        self.page_stack = PageStack(session, self.lesson_controller)
        self.stage, self.timeline = self.page_stack.stage, self.page_stack.timeline
        self.tabs, self.strip = self.page_stack.tabs, self.page_stack.strip
        self.inspector = Inspector(session)
        self.controls = ControlPanel(session, preferences)
        self._right = side_panel()
        vbox((self.controls, 1), rule(), self.inspector, on=self._right)
        self.transport = Transport(session)
        self._lay_out()
        self.card_setup = CardSetup(
            self, self.lesson_controller, self.page_stack, self.show_tab, self.show_costs
        )
        self._actions = self._key_actions()
        self._connect()
        self._share()

    def _connect(self) -> None:
        stage, transport = self.stage, self.transport
        for listener in (self.inspector, self.lesson_panel, self.presenter.figures):
            stage.cell_changed.connect(listener.show_reading)
        stage.min_height_changed.connect(self._share_heights)
        stage.step_view.changed.connect(self._on_step_view_changed)
        self.lesson_panel.highlights_changed.connect(stage.highlight_cells)
        self.lesson_panel.method_guide_wanted.connect(self._on_lesson_panel_method_guide_wanted)
        self.inspector.released.connect(stage.release)
        self.inspector.unfolded.connect(self.controls.show_figures_only)
        self.page_stack.page_changed.connect(self._on_page_stack_page_changed)
        self.page_stack.lesson_wanted.connect(self._on_page_stack_lesson_wanted)
        self.lesson_controller.changed.connect(self._share)
        self.presenter.changed.connect(self._on_presenter_changed)
        transport.help.clicked.connect(self._on_keys_wanted)
        transport.network.clicked.connect(self._on_network_wanted)
        transport.compare.clicked.connect(self._on_compare_wanted)
        transport.cost.clicked.connect(self._on_cost_wanted)
        transport.present.clicked.connect(self.presenter.toggle)
        appearance.changed.connect(self._on_appearance_changed)

    # ------------------------------------------------------------ laying out

    def _lay_out(self) -> None:
        above, below, notices = rule(), rule(), NoticeBar(self._session)
        beside = rule(vertical=True)
        body = hbox(self.left, rule(vertical=True), (self.page_stack, 1), beside, self._right)
        vbox(self.transport, above, (body, 1), below, notices, on=self)
        controls = self.transport, above, self.timeline, beside, self._right, self.left.sample
        self.presenter = Presenter(
            self, self._session, self.lesson_controller, controls, (below, notices)
        )
        self.page_stack.column.insertWidget(1, self.presenter.figures)
        self.left.column.addWidget(self.presenter.hint)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: the columns and the panes below the stage keep their share."""
        self.presenter.fit()
        self._share()
        self.inspector.fit(self.height())

    @Slot()
    def _share(self) -> None:
        if self.presenter.bare:
            self.left.setFixedWidth(self.presenter.panel_width())
            self.left.set_vertical_margins(2 * SPACE)
        else:
            self.left.fit(self.width(), self.height())
        self._right.setFixedWidth(round(RIGHT_WIDTH * max(1.0, appearance.text_scale)))
        self._share_heights()

    @Slot()
    def _share_heights(self) -> None:
        presenter, stack, scale = self.presenter, self.page_stack, appearance.text_scale
        page_height = presenter.page_height(self.stage.min_height) if presenter.bare else None
        low = stack.current == NETWORK and self.height() < MIN_HEIGHT_FOR_TABS * max(1.0, scale)
        stack.fit(self.height(), page_height, show_tabs=presenter.shows_page and not low)

    # ------------------------------------------------------------ opening and closing

    def open(self, *, remembered: bool) -> None:
        """Show the window. Args: remembered: at the place where it was last, if there is one."""
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
        """Add the charts and the lessons, which come after the first picture."""
        if self.tabs.has_curves:
            return
        from gui.charts.charts import Charts

        self.tabs.add_curves(Charts(self._session))
        self._library.load()

    def show_tab(self, name: str) -> None:
        """Show a page below the stage: curves, spectrum, scale or merge."""
        self.tabs.show_page(name)
        self.presenter.want_page()

    def show_costs(self, shown: bool) -> None:
        """Open the cost calculator, or close it."""
        if shown and self._cost_dialog is None:
            self._cost_dialog = CostDialog(self._session, self)
        if self._cost_dialog is not None:
            self._cost_dialog.set_available_rect(self._beside_card())
            self._cost_dialog.setVisible(shown)
            (self._cost_dialog if shown else self).activateWindow()

    def _beside_card(self) -> QRect:
        """Return where on the screen a dialog leaves the open lesson's card visible."""
        if self.lesson_controller.lesson is None:
            return QRect()
        corner = self.mapToGlobal(QPoint(self.left.width(), 0))
        return QRect(corner, QSize(self.width() - self.left.width(), self.height()))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Qt's hook: remember the place, end the engine; nobody has to watch it end."""
        if self.presenter.presenting:
            self.hide()
            self.presenter.present(False)  # its place is where it was before
        self._preferences.geometry = self.saveGeometry()
        self.hide()
        self._session.close()
        super().closeEvent(event)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self._share()
        chosen = appearance.scheme, appearance.chosen_scale
        if chosen != self._saved_appearance:
            self._saved_appearance = chosen
            self._preferences.scheme, self._preferences.text_scale = chosen

    @Slot()
    def _on_presenter_changed(self) -> None:
        self.tabs.show_alone(self.presenter.bare)
        self.lesson_panel.setVisible(self.presenter.hint.isHidden())
        self._share()

    @Slot()
    def _on_page_stack_page_changed(self) -> None:
        page = self.page_stack.current
        self.presenter.set_crowded(page != STAGE)
        for part in (self.transport, self.controls):
            part.set_run_hidden(page == COMPARE)
        self._share_heights()

    @Slot()
    def _on_lesson_panel_method_guide_wanted(self) -> None:
        self.page_stack.toggle(METHOD_GUIDE)

    @Slot(str)
    def _on_page_stack_lesson_wanted(self, name: str) -> None:
        self.page_stack.show_page(STAGE)
        self.lesson_panel.open_named(name)

    # ------------------------------------------------------------ keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's hook: keys that no part of the window wanted for itself."""
        if not self._handle_key(event):
            super().keyPressEvent(event)

    def _handle_key(self, event: QKeyEvent) -> bool:
        key, stack = event.key(), self.page_stack
        if stack.current == COMPARE and key in RUN_KEYS - {Qt.Key.Key_Escape}:
            if key == Qt.Key.Key_Space:
                stack.toggle_comparison()
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return self._handle_control_key(key)
        elif self.strip.handle_key(key):
            pass
        elif key == Qt.Key.Key_Escape and stack.current != STAGE:
            stack.toggle(STAGE)
        elif self.presenter.answer(event):
            pass
        elif key in self._actions:
            self._actions[key]()
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            self._handle_digit(int(key) - int(Qt.Key.Key_0))
        else:
            return False
        return True

    def _handle_digit(self, digit: int) -> None:
        """Open a lesson; while one is open, choose an option of its question."""
        if self.lesson_controller.lesson is None:
            self.lesson_panel.open_named(str(digit))
        else:
            self.lesson_panel.choose_option(digit - 1)

    def _handle_control_key(self, key: int) -> bool:
        if key == Qt.Key.Key_Z:
            self._session.editor.undo()
        elif Qt.Key.Key_1 <= key < Qt.Key.Key_1 + len(PAGES):
            self.show_tab(PAGES[int(key) - int(Qt.Key.Key_1)])
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._session.navigation.next_branch(1 if key == Qt.Key.Key_Right else -1)
        else:
            return False
        return True

    def _key_actions(self) -> dict[int, Callable[[], object]]:
        session, stack, controller = self._session, self.page_stack, self.lesson_controller
        return {
            Qt.Key.Key_N: partial(stack.toggle, NETWORK),
            Qt.Key.Key_V: partial(stack.toggle, COMPARE),
            Qt.Key.Key_W: partial(stack.toggle, METHOD_GUIDE),
            Qt.Key.Key_M: self._toggle_step_view,
            Qt.Key.Key_PageDown: controller.next,
            Qt.Key.Key_PageUp: controller.back,
            Qt.Key.Key_Space: session.playback.toggle_play,
            Qt.Key.Key_Right: session.playback.step,
            Qt.Key.Key_Left: session.navigation.step_back,
            Qt.Key.Key_Home: session.navigation.go_to_earliest,
            Qt.Key.Key_End: session.navigation.go_to_newest,
            Qt.Key.Key_R: session.playback.reset,
            Qt.Key.Key_T: self._toggle_dark,
            Qt.Key.Key_C: self._on_cost_wanted,
            Qt.Key.Key_Plus: partial(self._scale_text, TEXT_SCALE_STEP),
            Qt.Key.Key_Equal: partial(self._scale_text, TEXT_SCALE_STEP),
            Qt.Key.Key_Minus: partial(self._scale_text, 1 / TEXT_SCALE_STEP),
            Qt.Key.Key_Question: self._on_keys_wanted,
        }

    def _toggle_step_view(self) -> None:
        self.page_stack.show_page(STAGE)
        self.stage.step_view.toggle()

    def _toggle_dark(self) -> None:
        appearance.set_scheme(Scheme.LIGHT if appearance.theme.dark else Scheme.DARK)

    def _scale_text(self, factor: float) -> None:
        appearance.set_text_scale(appearance.chosen_scale * factor)

    @Slot()
    def _on_step_view_changed(self) -> None:
        if self.strip.isVisibleTo(self) != self.stage.step_view.active:
            self._share_heights()

    @Slot()
    def _on_keys_wanted(self) -> None:
        if self._keys_dialog is None:
            self._keys_dialog = KeysDialog(self)
        self._keys_dialog.show()
        self._keys_dialog.raise_()

    @Slot()
    def _on_network_wanted(self) -> None:
        self.page_stack.toggle(NETWORK)

    @Slot()
    def _on_compare_wanted(self) -> None:
        self.page_stack.toggle(COMPARE)

    @Slot()
    def _on_cost_wanted(self) -> None:
        self.show_costs(True)
