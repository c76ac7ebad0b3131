"""Main window: lays out its parts, and handles the keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QIcon, QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from engine.protocol.shipped import RESOURCES
from gui.analysis import PAGES
from gui.controls.transport import Transport
from gui.inspector.inspector import Inspector
from gui.lessons.answers import Answers
from gui.lessons.controller import LessonController
from gui.lessons.library import LessonLibrary
from gui.palette import ColourMap
from gui.presenter.presenter import Presenter
from gui.session import Session
from gui.shell.card_setup import CardSetup
from gui.shell.columns import Columns
from gui.shell.keys_dialog import KeysDialog
from gui.shell.left_column import MIN_WIDTH_FOR_OPEN, LeftColumn
from gui.shell.notice_toast import NoticeToast
from gui.shell.page_stack import COMPARE, COSTS, METHOD_GUIDE, NETWORK, STAGE, PageStack
from gui.shell.placement import MIN_SIZE, fit_on_screen, place_window
from gui.shell.rail import Rail
from gui.shell.right_column import RightColumn
from gui.state.preferences import Preferences
from gui.theme import SPACE, Scheme, appearance
from gui.tour.tour import Tour
from gui.widgets.box import hbox, vbox
from gui.widgets.keyboard import KeyboardFocus
from gui.widgets.surface import rule

RUN_KEYS = frozenset({
    Qt.Key.Key_Space, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_End,
    Qt.Key.Key_R, Qt.Key.Key_M,
})  # fmt: skip
"""Keys that move the run: all but Space do nothing while the comparison is shown."""


class Window(QWidget):
    """Rail and lessons at the left, the stage in the centre, analysis and controls at the right."""

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
        self._placed = True  # until `open`: whoever only shows it has given it a place
        self._saved_appearance = _chosen_appearance()
        self.setWindowTitle("ΔW")
        self.setWindowIcon(QIcon(str(RESOURCES / "icons" / "deltaw.svg")))
        self.setMinimumSize(MIN_SIZE)
        self.lesson_controller = LessonController(session, answers or Answers())
        self._library = library or LessonLibrary(None)
        with appearance.style_held_back():
            self._build()

    def _build(self) -> None:
        """Make the parts, place and connect them."""
        session = self._session
        self.rail = Rail(session)
        self.left = LeftColumn(session, self.lesson_controller, self._library)
        self.lesson_panel = self.left.lesson_panel
        self.page_stack = PageStack(session, self.lesson_controller)
        self.stage, self.timeline = self.page_stack.stage, self.page_stack.timeline
        self.strip = self.page_stack.strip
        self.inspector = Inspector(session, self.page_stack, self)
        self.right = RightColumn(session, self._preferences)
        self.tabs = self.right.tabs
        self.transport = Transport(session)
        self._lesson_folded = False  # whether the open lesson is folded away
        self._lay_out()
        self.card_setup = CardSetup(
            self, session, self.lesson_controller, self.page_stack, self.tabs, self.show_tab
        )
        self._keyboard = KeyboardFocus(self, self._regions())
        self._actions = self._key_actions()
        self._connect()
        self._share()

    def _regions(self) -> tuple[QWidget, ...]:
        """Return the parts of the window in the order of Tab and F6."""
        middle = self.right.controls, self.page_stack, self.tabs, self.rail, self.left
        return self.transport, *middle, self.right.readout

    def _connect(self) -> None:
        stage, transport = self.stage, self.transport
        readers = self.inspector, self.right.readout, self.lesson_panel, self.presenter.figures
        for reader in readers:
            stage.cell_changed.connect(reader.show_reading)
        self.lesson_panel.highlights_changed.connect(stage.highlight_cells)
        self.inspector.released.connect(stage.release)
        self.rail.column_wanted.connect(self._on_rail_column_wanted)
        self.rail.methods_wanted.connect(self._on_rail_methods_wanted)
        self.page_stack.page_changed.connect(self._on_page_stack_page_changed)
        self.page_stack.lesson_wanted.connect(self._on_page_stack_lesson_wanted)
        self.lesson_controller.changed.connect(self._on_lesson_controller_changed)
        self.lesson_panel.list_wanted.connect(self._on_lesson_panel_list_wanted)
        self.presenter.changed.connect(self._on_presenter_changed)
        self.presenter.lesson_chosen.connect(self.lesson_panel.open)
        transport.help.clicked.connect(self._on_keys_wanted)
        transport.network.clicked.connect(self._on_network_wanted)
        transport.compare.clicked.connect(self._on_compare_wanted)
        transport.cost.clicked.connect(self._on_cost_wanted)
        transport.present.clicked.connect(self.presenter.toggle)
        appearance.changed.connect(self._on_appearance_changed)

    # ------------------------------------------------------------ laying out

    def _lay_out(self) -> None:
        above, beside = rule(), rule(vertical=True)
        self.columns = Columns(self.left, self.page_stack, self.right, self._preferences)
        body = hbox(self.rail, beside, (self.columns, 1))
        vbox(self.transport, above, (body, 1), on=self)
        foot = self.page_stack.foot
        controls = (
            self.transport, above, self.rail, beside, foot, self.right, self.left.sample
        )  # fmt: skip
        self.presenter = Presenter(
            self, self._session, self.lesson_controller, self._library, self.stage.step_view,
            controls, self.lesson_panel.read_on,
        )  # fmt: skip
        self.page_stack.column.addWidget(self.presenter.figures)
        self.toast = NoticeToast(self._session, self.page_stack, foot, self.presenter.figures)
        self.tour = Tour(self, self._session, self._preferences, self.lesson_controller)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: the columns keep their share."""
        self.presenter.fit()
        self._share()

    @Slot()
    def _share(self) -> None:
        bare = self.presenter.bare
        if bare:
            self.left.set_vertical_margins(2 * SPACE)
            width = self.presenter.panel_width()
        else:
            self.left.fit(self.height())
            width = self.left.natural_width(self.width())
        bare_left = self.lesson_panel.opened or self.presenter.shows_page
        self.lesson_panel.setVisible(self.lesson_panel.opened or not bare)
        self.left.setVisible(bare_left if bare else self._left_is_open())
        self._place_tabs()
        self.columns.fit(width, fixed=bare)
        column = not self.left.isHidden()
        self.rail.show_state(column=column, methods=self.page_stack.current == METHOD_GUIDE)

    def _left_is_open(self) -> bool:
        if self.lesson_panel.opened:
            return not self._lesson_folded
        chosen = self._preferences.left_open
        return self.width() >= MIN_WIDTH_FOR_OPEN if chosen is None else chosen

    def _place_tabs(self) -> None:
        """Before a room a page of analysis stands below the card that names it."""
        presenter = self.presenter
        if not presenter.bare:
            self.right.take_tabs()
            return
        if self.left.column.indexOf(self.tabs) < 0:
            self.left.column.insertWidget(1, self.tabs)
        self.tabs.setFixedHeight(presenter.page_height())
        room = self.left.column.geometry().height() - presenter.page_height()
        self.tabs.setVisible(presenter.shows_page and self.lesson_panel.may_be(room))

    # ------------------------------------------------------------ opening and closing

    def open(self, *, remembered: bool) -> None:
        """Show the window. Args: remembered: at the place where it was last, if there is one."""
        geometry = self._preferences.geometry if remembered else None
        place_window(self, geometry, fills=remembered)
        self._placed = False
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's hook: once the network is on the screen, there is time for what takes longer."""
        super().paintEvent(event)
        if not self._placed:
            self._placed = True
            QTimer.singleShot(0, self._fit_on_screen)
        if not self.tabs.has_curves:
            QTimer.singleShot(0, self.add_charts)

    @Slot()
    def _fit_on_screen(self) -> None:
        fit_on_screen(self)

    @Slot()
    def add_charts(self) -> None:
        """Add the charts and the lessons, which come after the first picture."""
        if self.tabs.has_curves:
            return
        from gui.charts.charts import Charts

        self.tabs.add_curves(Charts(self._session))
        self._library.load()

    def show_tab(self, name: str) -> None:
        """Show a page of analysis: curves, spectrum, scale or merge."""
        self.tabs.show_page(name)
        self.presenter.want_page()

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
        chosen, kept = _chosen_appearance(), self._preferences
        if chosen != self._saved_appearance:
            self._saved_appearance = chosen
            kept.scheme, kept.text_scale, kept.colour_map = chosen

    @Slot()
    def _on_presenter_changed(self) -> None:
        self.tabs.show_alone(self.presenter.bare)
        self._share()

    @Slot()
    def _on_page_stack_page_changed(self) -> None:
        page = self.page_stack.current
        self.presenter.set_crowded(page != STAGE)
        for part in (self.transport, self.right):
            part.set_run_hidden(page == COMPARE)
        self._share()

    @Slot(bool)
    def _on_rail_column_wanted(self, wanted: bool) -> None:
        if self.lesson_panel.opened:
            self._lesson_folded = not wanted
        else:
            self._preferences.left_open = wanted
        self._share()

    @Slot()
    def _on_lesson_controller_changed(self) -> None:
        if not self.lesson_panel.opened:
            self._lesson_folded = False
        self._share()

    @Slot()
    def _on_lesson_panel_list_wanted(self) -> None:
        self._preferences.left_open = True
        self._share()

    @Slot()
    def _on_rail_methods_wanted(self) -> None:
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

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Qt's hook: Tab goes from region to region."""
        return self._keyboard.move(forward=forward)

    def _handle_key(self, event: QKeyEvent) -> bool:
        if self._keyboard.handle_key(event):
            return True
        key, stack = event.key(), self.page_stack
        if stack.current == COMPARE and key in RUN_KEYS:
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
        elif self.lesson_panel.handle_letter(event.text()):
            pass
        elif key in self._actions:
            self._actions[key]()
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            self.lesson_panel.handle_digit(int(key) - int(Qt.Key.Key_0))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.focusWidget() in (None, self):
            return self.lesson_panel.handle_enter()
        else:
            return False
        return True

    def _handle_control_key(self, key: int) -> bool:
        if key == Qt.Key.Key_Z:
            self._session.editor.undo()
        elif key == Qt.Key.Key_0:
            appearance.step_text_scale(0)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self._actions[key]()
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
            Qt.Key.Key_C: partial(stack.toggle, COSTS),
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
            Qt.Key.Key_L: self._toggle_left,
            Qt.Key.Key_P: self.columns.toggle_right,
            Qt.Key.Key_Plus: partial(appearance.step_text_scale, 1),
            Qt.Key.Key_Equal: partial(appearance.step_text_scale, 1),
            Qt.Key.Key_Minus: partial(appearance.step_text_scale, -1),
            Qt.Key.Key_Question: self._on_keys_wanted,
        }

    def _toggle_step_view(self) -> None:
        self.page_stack.show_page(STAGE)
        self.stage.step_view.toggle()

    def _toggle_left(self) -> None:
        self.setFocus()  # what is hidden must not have the keyboard
        ended = self.lesson_controller.finished and self.left.isVisible()
        if ended:  # what one wants there is the list
            self.lesson_controller.leave()
        self._on_rail_column_wanted(ended or self.left.isHidden())
        self.lesson_panel.focus_list()

    def _toggle_dark(self) -> None:
        appearance.set_scheme(Scheme.LIGHT if appearance.theme.dark else Scheme.DARK)

    @Slot()
    def _on_keys_wanted(self) -> None:
        if self._keys_dialog is None:
            self._keys_dialog = KeysDialog(self)
            self._keys_dialog.tour_wanted.connect(self._on_tour_wanted)
        self._keys_dialog.show()
        self._keys_dialog.raise_()

    @Slot()
    def _on_tour_wanted(self) -> None:
        self.page_stack.show_page(STAGE)
        self.tour.start()

    @Slot()
    def _on_network_wanted(self) -> None:
        self.page_stack.toggle(NETWORK)

    @Slot()
    def _on_compare_wanted(self) -> None:
        self.page_stack.toggle(COMPARE)

    @Slot()
    def _on_cost_wanted(self) -> None:
        self.page_stack.toggle(COSTS)


def _chosen_appearance() -> tuple[Scheme, float, ColourMap]:
    """Return what the user chose of the window's appearance, to remember it."""
    return appearance.scheme, appearance.chosen_scale, appearance.colour_map
