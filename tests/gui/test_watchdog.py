"""The watchdog barks at what holds a window up, and at nothing else; it is there with --pace."""

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest
from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from tests.gui.watchdog import WatchedApplication

TOO_LONG = 0.2


class Button(QPushButton):
    """Does something when it is pressed."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self._work = work
        self.clicked.connect(self._on_clicked)

    @Slot()
    def _on_clicked(self) -> None:
        self._work()


def _sleep() -> None:
    time.sleep(TOO_LONG)


def _compute() -> None:
    end = time.thread_time() + TOO_LONG
    while time.thread_time() < end:
        sum(range(1000))


def _send() -> None:
    """More than a pipe takes before somebody reads."""
    ours, theirs = multiprocessing.Pipe()
    reader = threading.Timer(TOO_LONG, theirs.recv_bytes)
    reader.start()
    ours.send_bytes(bytes(4_000_000))
    reader.join()


def _lock() -> None:
    lock = threading.Lock()
    lock.acquire()
    threading.Timer(TOO_LONG, lock.release).start()
    lock.acquire()


@pytest.fixture
def watched(qapp: QApplication) -> WatchedApplication:
    if not isinstance(qapp, WatchedApplication):
        pytest.skip("needs --pace")
    return qapp


def _barked(app: WatchedApplication) -> list[str]:
    """What it noticed, which is no fault of the test."""
    stalls, app.stalls = app.stalls, []
    return stalls


@pytest.mark.parametrize("work", [_sleep, _compute, _send, _lock])
def test_a_press_that_takes_long_is_noticed(
    qtbot: QtBot, watched: WatchedApplication, work: Callable[[], None]
) -> None:
    button = Button(work)
    qtbot.addWidget(button)
    button.show()
    QTimer.singleShot(0, button, button.click)
    qtbot.waitUntil(lambda: bool(watched.stalls))
    assert [stall.split()[0] for stall in _barked(watched)] == ["MetaCall"]
    qtbot.keyClick(button, " ")
    assert [stall.split()[0] for stall in _barked(watched)] == ["KeyRelease"]


def test_many_short_events_are_none_that_takes_long(
    qtbot: QtBot, watched: WatchedApplication
) -> None:
    done: list[float] = []

    def work() -> None:
        time.sleep(0.03)
        done.append(time.perf_counter())

    button = Button(work)
    qtbot.addWidget(button)
    for _ in range(6):
        QTimer.singleShot(0, button, button.click)
    qtbot.waitUntil(lambda: len(done) == 6)
    assert not _barked(watched)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs Linux")
def test_a_machine_that_is_busy_with_others_is_not_to_blame(
    qtbot: QtBot, watched: WatchedApplication
) -> None:
    """Six others on the same core: 40 ms of computing take a quarter of a second."""
    took: list[float] = []

    def work() -> None:
        began, end = time.perf_counter(), time.thread_time() + 0.04
        while time.thread_time() < end:
            sum(range(1000))
        took.append(time.perf_counter() - began)

    cores = os.sched_getaffinity(0)
    core = min(cores)
    code = f"import os; os.sched_setaffinity(0, [{core}])\nprint(flush=True)\nwhile True: pass"
    others = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(6)
    ]
    try:
        for other in others:
            assert other.stdout is not None
            other.stdout.readline()
        os.sched_setaffinity(threading.get_native_id(), [core])
        button = Button(work)
        qtbot.addWidget(button)
        QTimer.singleShot(0, button, button.click)
        qtbot.waitUntil(lambda: bool(took))
    finally:
        os.sched_setaffinity(threading.get_native_id(), cores)
        for other in others:
            other.kill()
            other.communicate()
    assert took[0] > 0.1
    assert not _barked(watched)
