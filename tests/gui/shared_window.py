"""One window for all tests of a module, given back to each as it was; to build one takes long."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QSettings

from engine.protocol.messages import Frame
from gui.analysis import PAGES
from gui.shell.page_stack import STAGE
from gui.state.preferences import Preferences
from gui.theme import appearance
from gui.window import Window
from tests.gui.patience import settle
from tests.gui.shell_frames import FakeSession, catalogue


class SharedWindow:
    """A window over a session that was fed some frames."""

    def __init__(
        self, size: tuple[int, int], *frames: Frame, session: FakeSession | None = None
    ) -> None:
        self._size, self._frames = size, frames
        self.session, self.preferences = session or FakeSession(), Preferences()
        self.window = Window(self.session, self.preferences)
        self.start = self.session.state.settings
        self.window.resize(*size)
        self.window.show()
        self.window.add_charts()
        self.session.feed(*frames)
        settle()

    def restore(self) -> None:
        """Undo what a test may do: lesson, settings, page, sections, size, text size, frame."""
        window, session = self.window, self.session
        window.presenter.present(False)
        window.lesson_controller.leave()
        window.lesson_controller.clear_answers("")
        if session.state.catalogue != catalogue():
            session.feed(catalogue())
        session.editor.update(**dataclasses.asdict(self.start))
        session.notices.dismiss()
        window.stage.step_view.leave()
        window.page_stack.show_page(STAGE)
        window.stage.release()
        window.show_tab(PAGES[0])
        window.card_setup.highlighter.clear()
        window.activateWindow()  # after a dialog it is not
        window.setFocus()
        window.resize(*self._size)
        if appearance.text_scale != 1.0:
            appearance.set_text_scale(1.0)
        shown, last = session.state.frame, self._frames[-1]
        if shown is None or (shown.run, shown.step) != (last.run, last.step):
            session.feed(*self._frames)
        session.fake_host.sent.clear()
        settle()


Shared = TypeVar("Shared", bound=SharedWindow)


@contextmanager
def shared_window(folder: Path, make: Callable[[], Shared]) -> Iterator[Shared]:
    """Open one, and close it. Args: folder: for its preferences."""
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
    shared = make()
    yield shared
    shared.window.close()
    shared.window.deleteLater()
