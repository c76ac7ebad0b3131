"""Nothing of a closed window stays alive, and nothing in gui/ could keep it so."""

import ast
import gc
import importlib
import pkgutil
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

import gui
from engine.protocol.messages import Branch, CellAddress, Refused, Timeline
from gui.actions.context_menu import ContextMenu
from gui.analysis import PAGES
from gui.inspector.sheet import DerivationSheet
from gui.lessons.library import LessonLibrary
from gui.matrices.heatmap import Heatmap
from gui.shell.page_stack import METHOD_GUIDE
from gui.stage.check_lights import CheckLights
from gui.state.preferences import Preferences
from gui.timeline.lane import LaneName
from gui.window import Window
from tests.gui.comparisons import comparison, row
from tests.gui.frames import EVERY, frame as stage_frame
from tests.gui.lessons.sample_lesson import everything
from tests.gui.made_activations import flowing
from tests.gui.made_derivations import with_derivation
from tests.gui.shell_frames import FakeSession, frame, sample

FOLDER = Path(gui.__file__).parent
ELSEWHERE = {"MeasuredWindow"}
"""Widgets that no ordinary window holds."""


def _own_widgets() -> set[str]:
    """The widget classes of gui/, but for those that only others are made of."""
    for module in pkgutil.walk_packages(gui.__path__, "gui."):
        importlib.import_module(module.name)
    found: set[type] = set()
    fresh = [QWidget]
    while fresh:
        kind = fresh.pop()
        fresh += kind.__subclasses__()
        found.add(kind)
    ours = {kind for kind in found if kind.__module__.startswith("gui.")}
    return {kind.__name__ for kind in ours} - ELSEWHERE


def _note(window: Window, parts: list["weakref.ref[QWidget]"], kinds: set[str]) -> None:
    """Of which widgets a window is made now."""
    for widget in [window, *window.findChildren(QWidget)]:
        if type(widget).__module__.startswith("gui."):
            parts.append(weakref.ref(widget))
            kinds.update(kind.__name__ for kind in type(widget).__mro__)


TABLE = """[table]
runs = ["low", "again"]
columns = ["target"]
"""
CODE = """```python
W += B @ A
```
"""
BECAUSE = """[[because]]
claim = "low.loss < again.loss"
run = "low"
control = "again"
cause = "twice the steps"
"""


@pytest.mark.qt_log_ignore("does not support raise", extend=True)
@pytest.mark.may_stall("dialogs are built when they are first opened")
def test_every_widget_of_a_closed_window_dies(qtbot: QtBot, tmp_path: Path) -> None:
    """Each class of gui/ is in it; a lambda that captures its widget would keep it for ever."""
    session = FakeSession()
    more = f"{TABLE}{BECAUSE}[set]"
    everything(tmp_path, ("[set]", more), ("Far too fast.", f"{CODE}Far too fast."))
    window = Window(session, Preferences(), LessonLibrary(None, tmp_path))
    window.resize(1280, 720)
    window.show()
    window.add_charts()
    parts: list[weakref.ref[QWidget]] = []
    kinds: set[str] = set()
    for number, strategy in enumerate(EVERY[::4], start=1):
        session.feed(stage_frame(strategy, step=1, run=number))
        _note(window, parts, kinds)
    work = with_derivation(stage_frame("lora"), CellAddress("layer2", 1, 2, "delta")).derivation
    assert work is not None
    window.findChild(DerivationSheet).show_derivation(work)
    qtbot.keyClick(window.findChild(CheckLights), Qt.Key.Key_Return)
    session.feed(frame(3, run=99, sample=sample()), Refused("No."))
    for page in PAGES:
        window.show_tab(page)
    session.feed(Timeline(99, 0, (Branch(0, "A", None, 0, 3), Branch(1, "B", 0, 2, 4))))
    window.findChild(Heatmap, "heatmap.layer1.delta").setFocus()
    window.actions_table.trigger("context_menu")
    _note(window, parts, kinds)
    window.findChild(ContextMenu).close()
    window.findChild(LaneName).rename()
    for name in ("keys", "palette", "preferences", "glossary", "log", "report", "about"):
        window.actions_table.trigger(name)
    qtbot.keyClick(window, "u")
    qtbot.keyClick(window, "c")
    qtbot.keyClick(window, "n")
    session.feed(flowing("adapter", run=100))
    _note(window, parts, kinds)
    window.tour.start()
    _note(window, parts, kinds)
    qtbot.keyClick(window, "w")
    _note(window, parts, kinds)
    qtbot.keyClick(window, "v")
    window.lesson_panel.open_named("3")
    for index in range(window.lesson_controller.count):
        window.lesson_controller.go(index)
        _note(window, parts, kinds)
    window.page_stack.show_page(METHOD_GUIDE)
    _note(window, parts, kinds)
    session.feed(comparison(row(session.state.settings), row(session.state.settings)))
    qtbot.keyClick(window, "v")
    window.presenter.present(True)
    window.card_setup.highlighter.show(("rank", "layer1.delta"))
    _note(window, parts, kinds)
    for index in range(window.lesson_controller.count):  # some have controls for a room
        window.lesson_controller.go(index)
        _note(window, parts, kinds)
    window.presenter.present(False)
    assert _own_widgets() - kinds == set()
    window.close()
    window.deleteLater()
    del window
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert len(parts) > 1_000
    assert not [part() for part in parts if part() is not None]


def _connections(tree: ast.AST) -> Iterator[tuple[int, ast.expr]]:
    """Line and callable of whatever is to be called back later."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in ("connect", "singleShot"):
                yield node.lineno, node.args[-1]


def _slots(tree: ast.AST) -> set[str]:
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(d).partition("(")[0] == "Slot" for d in node.decorator_list)
    }


def _keeps_alive(target: ast.expr, slots: set[str]) -> bool:
    if not isinstance(target, ast.Attribute):
        return True
    own = isinstance(target.value, ast.Name) and target.value.id == "self"
    return own and target.attr.startswith("_") and target.attr not in slots


def test_signals_are_connected_to_methods_alone() -> None:
    """A lambda, a partial or a function within a function keeps alive whatever it refers to."""
    wrong = []
    for file in FOLDER.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        slots = _slots(tree)
        wrong += [
            f"{file.relative_to(FOLDER)}:{line}: {ast.unparse(target)}"
            for line, target in _connections(tree)
            if _keeps_alive(target, slots)
        ]
    assert wrong == []
