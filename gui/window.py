"""Main window: lays out its parts, and handles the keys."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QContextMenuEvent,
    QIcon,
    QKeyEvent,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from engine.protocol.shipped import RESOURCES
from gui.actions.actions import Actions
from gui.actions.menu import MenuBar
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
from gui.shell.dialogs import Dialogs
from gui.shell.left_column import MIN_WIDTH_FOR_OPEN, LeftColumn
from gui.shell.notice_toast import NoticeToast
from gui.shell.page_stack import COMPARE, METHOD_GUIDE, STAGE, PageStack
from gui.shell.placement import MIN_SIZE, fit_on_screen, place_window
from gui.shell.rail import Rail
from gui.shell.right_column import RightColumn
from gui.shell.window_actions import WindowActions
from gui.shell.window_title import WindowTitle
from gui.state.preferences import Preferences
from gui.theme import SPACE, Scheme, appearance
from gui.tour.tour import Tour
from gui.widgets.box import hbox, vbox
from gui.widgets.keyboard import KeyboardFocus
from gui.widgets.surface import rule


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
        self._title = WindowTitle(self, session)
        self._placed = True  # until `open`: whoever only shows it has given it a place
        self._saved_appearance = _chosen_appearance()
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
        self.actions_table = Actions(self)
        self._lesson_folded = False  # whether the open lesson is folded away
        self._lay_out()
        self.card_setup = CardSetup(
            self, session, self.lesson_controller, self.page_stack, self.tabs, self.show_tab
        )
        self._keyboard = KeyboardFocus(self, self._regions())
        self._window_actions = WindowActions(
            self, self.actions_table, session, self.page_stack, self.lesson_panel,
            self.presenter, self._keyboard,
        )  # fmt: skip
        self._dialogs = Dialogs(self, session, self._preferences, self.actions_table)
        self._bind_own_actions()
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
        self.rail.methods_wanted.connect(self.actions_table.action("methods").trigger)
        self.page_stack.page_changed.connect(self._on_page_stack_page_changed)
        self.page_stack.lesson_wanted.connect(self._on_page_stack_lesson_wanted)
        self.lesson_controller.changed.connect(self._on_lesson_controller_changed)
        self.lesson_panel.list_wanted.connect(self._on_lesson_panel_list_wanted)
        self.presenter.changed.connect(self._on_presenter_changed)
        self.presenter.lesson_chosen.connect(self.lesson_panel.open)
        for name, button in transport.action_buttons.items():
            button.clicked.connect(self.actions_table.action(name).trigger)
        appearance.changed.connect(self._on_appearance_changed)

    # ------------------------------------------------------------ laying out

    def _lay_out(self) -> None:
        above, beside = rule(), rule(vertical=True)
        self.columns = Columns(self.left, self.page_stack, self.right, self._preferences)
        body = hbox(self.rail, beside, (self.columns, 1))
        menu_bar = MenuBar(self.actions_table)
        vbox(menu_bar, self.transport, above, (body, 1), on=self)
        foot = self.page_stack.foot
        controls = (
            menu_bar, self.transport, above, self.rail, beside, foot, self.right, self.left.sample
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

    @Slot(str)
    def _on_page_stack_lesson_wanted(self, name: str) -> None:
        self.page_stack.show_page(STAGE)
        self.lesson_panel.open_named(name)

    # ------------------------------------------------------------ actions and keys

    def _bind_own_actions(self) -> None:
        bind = self.actions_table.bind
        bind("left_column", self._toggle_left)
        bind("right_column", self.columns.toggle_right)
        bind("layout", self._reset_layout)
        bind("lessons", self._show_lessons)
        bind("tour", self._start_tour)
        for name in PAGES:
            bind(name, partial(self.show_tab, name))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's hook: keys that no part of the window wanted for itself."""
        if not self._window_actions.handle_key(event):
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Qt's hook: no part of the window has a menu of its own; they say what is in it."""
        self._window_actions.context_menus.open(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Qt's hook: Tab goes from region to region."""
        return self._keyboard.move(forward=forward)

    def _toggle_left(self) -> None:
        if self.presenter.presenting:
            self.presenter.open_chooser()
            return
        self.setFocus()  # what is hidden must not have the keyboard
        ended = self.lesson_controller.finished and self.left.isVisible()
        if ended:  # what one wants there is the list
            self.lesson_controller.leave()
        self._on_rail_column_wanted(ended or self.left.isHidden())
        self.lesson_panel.focus_list()

    def _reset_layout(self) -> None:
        self._preferences.forget_layout()
        self._share()
        self.right.fit()

    def _show_lessons(self) -> None:
        if self.left.isHidden() or self.lesson_controller.finished or self.presenter.presenting:
            self._toggle_left()
        self.lesson_panel.focus_list()

    def _start_tour(self) -> None:
        self.page_stack.show_page(STAGE)
        self.tour.start()


def _chosen_appearance() -> tuple[Scheme, float, ColourMap]:
    """Return what the user chose of the window's appearance, to remember it."""
    return appearance.scheme, appearance.chosen_scale, appearance.colour_map
