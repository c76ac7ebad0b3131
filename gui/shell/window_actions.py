"""Window actions: bind the table of actions to the window, and say who hears a key first."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from gui.actions.action_palette import ActionPalette, Entry
from gui.actions.actions import Actions
from gui.actions.key_positions import TEXT_MODIFIERS, latin_key
from gui.actions.menu import MenuOpener
from gui.actions.table import ACTIONS
from gui.controls.transport import RUN_HIDDEN_TEXT
from gui.lessons.panel import LessonPanel
from gui.presenter.presenter import Presenter
from gui.session import Session
from gui.shell.context_menus import ContextMenus
from gui.shell.page_stack import COMPARE, COSTS, METHOD_GUIDE, NETWORK, RUNS, STAGE, PageStack
from gui.shell.printing import Printing
from gui.theme import Scheme, appearance
from gui.widgets.keyboard import KeyboardFocus

NOT_PRESENTING, PRESENTING = "Present first (F)", "Presenting already"
NOT_THE_STAGE = "The stage is printed: go back to it first"
COMPARED = "The comparison is over: begin a new one"
NO_LESSON, NO_BRANCH = "No lesson is open", "The run has no other branch"
PAGE_ACTIONS = {
    "network": NETWORK, "compare": COMPARE, "methods": METHOD_GUIDE, "costs": COSTS,
    "runs": RUNS,
}  # fmt: skip
"""Action -> the page that it shows, or leaves for the stage."""


class WindowActions(QObject):
    """Binds the actions of a window, and hands it their keys."""

    def __init__(
        self,
        window: QWidget,
        table: Actions,
        session: Session,
        stack: PageStack,
        panel: LessonPanel,
        presenter: Presenter,
        keyboard: KeyboardFocus,
    ) -> None:
        """Args: window: hears the keys.  table: not bound yet.  panel: of lessons."""
        super().__init__(window)
        self._window, self._session, self._stack = window, session, stack
        self._panel, self._presenter, self._keyboard = panel, presenter, keyboard
        self._controller, self.table = panel.controller, table
        self.context_menus = ContextMenus(window, table)
        self._palette: ActionPalette | None = None
        self._bind_file()
        self._bind_edit()
        self._bind_view()
        self._bind_run()
        self._bind_lesson()
        self._bind_help()

    # ------------------------------------------------------------ what they do

    def _bind_file(self) -> None:
        printing = Printing(self._window, self._session, self._stack.stage)
        self.table.bind("print", printing.ask, self._why_not_print)
        self.table.bind("quit", self._window.close)

    def _bind_edit(self) -> None:
        bind, undo_stack, menus = self.table.bind, self._session.undo_stack, self.context_menus
        bind("undo", undo_stack.undo, self._why_not_undo, self._undo_text)
        bind("redo", undo_stack.redo, self._why_not_redo, self._redo_text)
        bind("copy", menus.copy, menus.why_not_copy, menus.copy_text)
        bind("context_menu", menus.open_focused, menus.why_no_menu)

    def _bind_view(self) -> None:
        bind = self.table.bind
        for name, page in PAGE_ACTIONS.items():
            bind(name, partial(self._stack.toggle, page))
        bind("theme", _toggle_dark)
        bind("full_screen", self._toggle_full_screen, self._why_not_begin)
        for name, steps in {"larger": 1, "smaller": -1, "normal": 0}.items():
            bind(name, partial(self._step_text_scale, steps))

    def _bind_run(self) -> None:
        bind, session = self.table.bind, self._session
        navigation, playback = session.navigation, session.playback
        bind("play", self._play, self._why_not_play, self._play_text)
        for name, do in {
            "step": playback.step,
            "step_back": navigation.step_back,
            "first": navigation.go_to_earliest,
            "newest": navigation.go_to_newest,
            "reset": playback.reset,
            "step_view": self._toggle_step_view,
        }.items():
            bind(name, do, self._why_not_run)
        bind("next_branch", partial(navigation.next_branch, 1), self._why_no_branch)
        bind("previous_branch", partial(navigation.next_branch, -1), self._why_no_branch)

    def _bind_lesson(self) -> None:
        bind, controller, presenter = self.table.bind, self._controller, self._presenter
        bind("next_card", controller.next, self._why_no_lesson)
        bind("previous_card", controller.back, self._why_no_lesson)
        bind("present", presenter.toggle, text=self._present_text)
        bind("present_first", self._present_first, self._why_not_begin)
        bind("controls", presenter.toggle_controls, self._why_not_presenting)
        bind("notes", presenter.toggle_notes, self._why_not_presenting)
        bind("black", presenter.cover, self._why_not_presenting)
        bind("folder", self._panel.open_folder)
        bind("clear_one", self._panel.ask_to_clear_one, self._panel.why_not_clear_one)
        bind("clear_all", self._panel.ask_to_clear_all, self._panel.why_not_clear_all)
        MenuOpener(self._panel.menu_button, self.table, "folder", "clear_one", "clear_all")

    def _bind_help(self) -> None:
        self.table.bind("palette", self._show_palette)

    def _toggle_full_screen(self) -> None:
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _step_text_scale(self, steps: int) -> None:
        if self._presenter.bare:
            self._presenter.zoom(steps)
        else:
            appearance.step_text_scale(steps)

    def _play(self) -> None:
        if self._stack.current == COMPARE:
            self._stack.toggle_comparison()
        else:
            self._session.playback.toggle_play()

    def _toggle_step_view(self) -> None:
        self._stack.show_page(STAGE)
        self._stack.stage.step_view.toggle()

    def _present_first(self) -> None:
        self._controller.go(0)
        self._presenter.present(True)

    def _show_palette(self) -> None:
        if self._palette is None:
            self._palette = ActionPalette(self._window)
            self._palette.chosen.connect(self._on_palette_chosen)
        self._palette.ask(self._palette_entries())

    def _palette_entries(self) -> list[Entry]:
        """Return what the palette offers: the actions, lessons, strategies and tasks."""
        table, catalogue = self.table, self._session.state.catalogue
        entries = [
            Entry(("action", name), table.text(name), action.shown_keys[:1], table.reason(name))
            for name, action in ACTIONS.items()
            if name != "palette"
        ]
        entries += [
            Entry(("lesson", lesson.name), f"Lesson {lesson.number}: {lesson.title}")
            for lesson in self._panel.library.lessons
        ]
        if catalogue is not None:
            for kind, infos in (
                ("strategy", catalogue.strategies), ("task", catalogue.tasks),
            ):  # fmt: skip
                entries += [
                    Entry((kind, info.name), f"{kind.capitalize()}: {info.label}") for info in infos
                ]
        return entries

    @Slot(object)
    def _on_palette_chosen(self, what: tuple[str, str]) -> None:
        kind, name = what
        match kind:
            case "action":
                self.table.trigger(name)
            case "lesson":
                self._stack.show_page(STAGE)
                self._panel.open_named(name)
            case "strategy":
                self._session.editor.choose_strategy(name)
            case _:
                self._session.editor.update(task=name)

    # ------------------------------------------------------------ why they cannot be done now

    def _why_not_undo(self) -> str:
        return "" if self._session.undo_stack.undo_text else "Nothing to undo"

    def _why_not_redo(self) -> str:
        return "" if self._session.undo_stack.redo_text else "Nothing to redo"

    def _undo_text(self) -> str:
        return f"Undo {self._session.undo_stack.undo_text}".strip()

    def _redo_text(self) -> str:
        return f"Redo {self._session.undo_stack.redo_text}".strip()

    def _why_not_play(self) -> str:
        frame = self._session.comparison.frame
        return COMPARED if self._stack.current == COMPARE and frame and frame.over else ""

    def _why_not_run(self) -> str:
        return RUN_HIDDEN_TEXT if self._stack.current == COMPARE else ""

    def _why_not_print(self) -> str:
        return "" if self._stack.current == STAGE else NOT_THE_STAGE

    def _why_no_branch(self) -> str:
        if self._stack.current == COMPARE:
            return RUN_HIDDEN_TEXT
        return "" if len(self._session.state.branches()) > 1 else NO_BRANCH

    def _why_no_lesson(self) -> str:
        return NO_LESSON if self._controller.lesson is None else ""

    def _why_not_begin(self) -> str:
        return PRESENTING if self._presenter.presenting else ""

    def _why_not_presenting(self) -> str:
        return "" if self._presenter.presenting else NOT_PRESENTING

    def _play_text(self) -> str:
        if self._stack.current == COMPARE:
            frame = self._session.comparison.frame
            verb = "Start" if frame is None else "Pause" if frame.running else "Continue"
            return f"{verb} the comparison"
        return "Pause" if self._session.state.playing else "Play"

    def _present_text(self) -> str:
        return "Stop presenting" if self._presenter.presenting else "Present"

    # ------------------------------------------------------------ keys

    def handle_key(self, event: QKeyEvent) -> bool:
        """Handle a key that nothing that has the keyboard wanted. Returns: whether it is ours."""
        if self._keyboard.handle_key(event):
            return True
        held = event.modifiers()
        if held & TEXT_MODIFIERS:
            return False
        if held & Qt.KeyboardModifier.ControlModifier:
            return self.table.handle_key(event)
        key, stack, panel = latin_key(event), self._stack, self._panel
        if stack.current != COMPARE and stack.strip.handle_key(key):
            return True
        if key == Qt.Key.Key_Escape and stack.current != STAGE:
            stack.toggle(STAGE)
            return True
        if self._presenter.handle_key(key) or panel.handle_letter(key):
            return True
        if self.table.handle_key(event):
            return True
        if Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            panel.handle_digit(int(key) - int(Qt.Key.Key_0))
            return True
        enter = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        return enter and self._window.focusWidget() in (None, self._window) and panel.handle_enter()


def _toggle_dark() -> None:
    appearance.set_scheme(Scheme.LIGHT if appearance.theme.dark else Scheme.DARK)
