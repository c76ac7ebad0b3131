"""A stage to look at, closed for good when its test is over."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QSettings
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.shell.gc_timer import collect_due
from gui.stage.stage import Stage
from gui.theme import Scheme, appearance
from tests.forked import forked_engines
from tests.gui.frames import LAPTOP, Open, frame, session_of
from tests.gui.large_frames import Engine, OpenLarge
from tests.gui.patience import PatientBot
from tests.gui.shell_frames import FakeSession
from tests.gui.watchdog import WatchedApplication


@pytest.fixture(scope="session")
def qapp_cls(pytestconfig: pytest.Config) -> type[QApplication]:
    """What pytest-qt makes the application of: with --pace, of one that is watched."""
    return WatchedApplication if pytestconfig.getoption("pace") else QApplication


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """In the place of pytest-qt's, which waits five seconds."""
    return PatientBot(request)


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QWidget]:
    """Around a plot: pyqtgraph takes one apart that is closed by itself."""
    made = QWidget()
    QVBoxLayout(made)
    qtbot.addWidget(made)
    made.show()
    yield made


@pytest.fixture(scope="package", autouse=True)
def _engines_are_forked() -> Iterator[None]:
    with forked_engines():
        yield


@pytest.fixture(autouse=True)
def _own_preferences(tmp_path: Path) -> None:
    """No test reads or writes what a user prefers."""
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path))


@pytest.fixture(autouse=True)
def _no_event_takes_long(request: pytest.FixtureRequest) -> Iterator[None]:
    """With --pace a test in which one did fails, unless it is marked `may_stall(why)`."""
    marker = request.node.get_closest_marker("may_stall")
    assert marker is None or marker.args
    yield
    app = QApplication.instance()
    if isinstance(app, WatchedApplication):
        stalls, app.stalls = app.stalls, []
        if stalls and marker is None:
            pytest.fail(f"the window was held up: {', '.join(stalls)}", pytrace=False)


@pytest.fixture(autouse=True)
def _garbage_is_collected_here() -> Iterator[None]:
    """As in the program: the threads at the engine's pipe must not destroy a test's widgets."""
    gc.disable()
    yield
    # pytest-qt would leave them until an event loop runs, and every change of style visits them
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    collect_due()
    gc.enable()


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_left_for_other_threads() -> Iterator[None]:
    """A watcher of files that a thread of a later, windowless test collects closes its socket."""
    yield
    gc.collect()
    gc.freeze()  # what is left stays, and need not be searched again


@pytest.fixture
def plays_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Play does not pause by itself: for a test that would else have to be quick."""
    monkeypatch.setattr("gui.state.playback.FIRST_STOP", 10**9)


@pytest.fixture(scope="module", autouse=True)
def _ordinary_text_for_the_next_module() -> Iterator[None]:
    yield
    appearance.set_projector_scheme(None)
    if appearance.chosen_scale != 1.0:
        appearance.set_text_scale(1.0)


@pytest.fixture(scope="module")
def dressed(qapp: QApplication) -> Iterator[None]:
    appearance.start(Scheme.LIGHT)
    yield


Show = Callable[[Stage, tuple[int, int]], Stage]


@pytest.fixture
def show_stage(qtbot: QtBot, dressed: None) -> Iterator[Show]:
    """(stage, size) -> the same, shown."""
    stages: list[Stage] = []

    def shown(stage: Stage, size: tuple[int, int]) -> Stage:
        stages.append(stage)
        stage.resize(*size)
        stage.show()
        return stage

    yield shown
    for stage in stages:
        stage.close()
        stage.deleteLater()
    # pytest-qt would leave them until an event loop runs, and every change of style visits them
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if appearance.text_scale != 1.0:
        appearance.set_text_scale(1.0)


@pytest.fixture
def open_stage(show_stage: Show) -> Open:
    def opened(
        strategy: str, size: tuple[int, int] = LAPTOP, step: int = 1, **shape: Any
    ) -> tuple[FakeSession, Stage]:
        session = session_of(strategy)
        stage = show_stage(Stage(session), size)
        session.feed(frame(strategy, step=step, **shape))
        return session, stage

    return opened


@pytest.fixture
def open_large(show_stage: Show) -> OpenLarge:
    def opened(engine: Engine, size: tuple[int, int] = LAPTOP) -> tuple[FakeSession, Stage]:
        session = session_of(engine.strategy)
        stage = show_stage(Stage(session), size)
        session.feed(engine.frame(1))
        engine.look(session)
        session.feed(engine.frame(2))
        return session, stage

    return opened
