"""Cyclic garbage is searched for on the GUI thread alone."""

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.shell.gc_timer import GcTimer, collect_due


@pytest.fixture
def collecting() -> Iterator[None]:
    """As Python begins; whatever a test does to it is undone."""
    gc.enable()
    gc.unfreeze()
    yield
    gc.enable()
    gc.unfreeze()


class Owner:
    """Part of a cycle, with a widget."""

    def __init__(self) -> None:
        self.myself = self
        self.widget = QWidget()


def _dies_on() -> list[int]:
    """Where the widget of a dropped cycle is destroyed: the thread's id, once that is so."""
    threads: list[int] = []
    owner = Owner()
    weakref.finalize(owner, lambda: threads.append(threading.get_ident()))
    return threads


def _allocate() -> None:
    """So much that Python would search every generation."""
    for _ in range(30):
        kept = [[] for _ in range(5_000)]
    del kept


def test_a_thread_that_allocates_destroys_no_widget(qtbot: QtBot, collecting: None) -> None:
    gc.collect()
    searcher = GcTimer(interval=20)
    died = _dies_on()
    reader = threading.Thread(target=_allocate)
    reader.start()
    reader.join()
    assert died == []
    allocated = [[] for _ in range(5_000)]
    qtbot.waitUntil(lambda: bool(died))
    assert len(allocated) == 5_000
    assert died == [threading.get_ident()]
    assert searcher.thread().isCurrentThread()


def test_it_searches_what_is_due_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[int] = []
    monkeypatch.setattr(gc, "collect", searched.append)
    monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))
    for counts in ((700, 10, 10), (701, 3, 0), (0, 11, 2), (900, 11, 11), (3, 0, 11)):
        monkeypatch.setattr(gc, "get_count", lambda counts=counts: counts)
        collect_due()
    assert searched == [0, 1, 2, 2]


def test_what_the_window_is_made_of_is_not_searched_again(qtbot: QtBot, collecting: None) -> None:
    searcher = GcTimer(interval=5)
    qtbot.waitUntil(lambda: gc.get_freeze_count() > 10_000)
    assert searcher.thread().isCurrentThread()
