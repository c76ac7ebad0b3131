"""The window's end of the pipe: nothing it is asked ever waits for the engine."""

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.protocol import host as host_module
from engine.protocol.host import QUIT_SECONDS, EngineHost
from engine.protocol.messages import (
    Catalogue,
    Configure,
    EngineDied,
    EstimateCost,
    FrameOptions,
    Play,
    Pong,
    RequestFrame,
    Reset,
    SetSpeed,
    SetViews,
    ShowSample,
    Step,
)
from engine.protocol.settings import Settings
from tests.engine.faulty_engines import FLOOD, LETTER, faulty_engine, flood, garble
from tests.engine.process_driver import Driver, engine

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs SIGSTOP")
LORA = Settings(strategy="lora")


@pytest.fixture(scope="module")
def shared() -> Iterator[Driver]:
    with engine(LORA) as driver:
        driver.wait_for(Catalogue)
        yield driver


@pytest.fixture
def stopped(shared: Driver) -> Driver:
    """An engine at step 0 that is there and does not read."""
    shared.send(Reset())
    shared.frame(lambda frame: frame.step == 0)
    os.kill(shared.host.process_id, signal.SIGSTOP)
    return shared


def _continue(driver: Driver) -> None:
    os.kill(driver.host.process_id, signal.SIGCONT)


def _drag(driver: Driver, count: int) -> None:
    """As a user who moves every slider that there is."""
    for index in range(count):
        driver.send(
            Configure(LORA.replace(rank=1 + index % 30)), SetSpeed(index), ShowSample(index),
            FrameOptions(truncation_rank=index % 5), SetViews(()), RequestFrame(index),
            EstimateCost({"preset": "gpt2-medium", "rank": 1 + index % 8}),
        )  # fmt: skip


def test_sending_to_an_engine_that_does_not_read_never_waits_and_piles_nothing_up(
    stopped: Driver,
) -> None:
    """A pipe is full after some hundred commands."""
    user = threading.Thread(target=_drag, args=(stopped, 1_000), daemon=True)
    user.start()
    user.join(30)
    assert not user.is_alive()
    tracemalloc.start()
    _drag(stopped, 100)
    before, _ = tracemalloc.get_traced_memory()
    _drag(stopped, 1_000)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 50_000
    stopped.send(Configure(LORA.replace(rank=17)), Step(3))
    _continue(stopped)
    assert stopped.frame(lambda frame: frame.step == 3).settings.rank == 17


def test_what_waited_is_carried_out_in_order(stopped: Driver) -> None:
    for rank in range(1, 12):
        stopped.send(Configure(LORA.replace(rank=rank)), Step(2))
    _continue(stopped)
    frame = stopped.frame(lambda frame: frame.step == 22)
    assert frame.settings.rank == 11


@pytest.mark.parametrize("patience", [QUIT_SECONDS, 0.0])
def test_closing_an_engine_that_does_not_read_ends_it(
    patience: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float | None] = []

    def waiting(what: list[int], seconds: float | None) -> list[object]:
        waits.append(seconds)
        return multiprocessing.connection.wait(what, seconds)

    monkeypatch.setattr(host_module, "wait", waiting)
    threads = threading.active_count()
    children = len(multiprocessing.active_children())
    with faulty_engine(garble) as driver:
        os.kill(driver.host.process_id, signal.SIGSTOP)
        _drag(driver, 1_000)
        driver.send(*[Step(1)] * 5_000)
        process_id = driver.host.process_id
        driver.host.close(patience)
    assert waits == [patience, None]  # then it is killed
    assert threading.active_count() == threads
    assert len(multiprocessing.active_children()) == children
    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)


def test_only_a_running_engine_gives_a_sign_of_life(stopped: Driver) -> None:
    assert stopped.host.ping()
    time.sleep(0.3)
    assert not stopped.host.ping()
    _continue(stopped)
    deadline = time.monotonic() + 60
    while not stopped.host.ping() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert time.monotonic() < deadline
    assert not [r for r in stopped.host.take_reports() if isinstance(r, Pong)]


def test_the_exit_code_is_told_however_many_ask_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks the system just after another one did gets no exit code, for a moment."""
    asked = os.waitpid

    def slowly(process_id: int, options: int) -> tuple[int, int]:
        if threading.current_thread() is not threading.main_thread():
            time.sleep(0.1)  # as if the core went to another thread, which asks first
            return asked(process_id, options)
        answer = asked(process_id, options)
        if answer[0]:
            time.sleep(0.3)
        return answer

    with faulty_engine(garble) as driver:
        monkeypatch.setattr(os, "waitpid", slowly)
        os.kill(driver.host.process_id, signal.SIGKILL)
        while driver.host.alive:
            time.sleep(0.001)
        assert driver.wait_for(EngineDied).exit_code == -signal.SIGKILL


def test_a_flood_of_frames_fills_no_memory_and_the_newest_wins() -> None:
    """None of them was asked for: 10,000 frames, 160 MB, as fast as they go."""
    with faulty_engine(flood) as driver:
        before, steps, pause = _resident(), [], 0.016
        while not steps or steps[-1] < FLOOD:
            assert pause < 10
            frame = driver.host.take_frame()
            if frame is not None:
                steps.append(frame.step)
            time.sleep(pause)
            pause *= 1.1  # few looks, however long the flood takes
        grown = _resident() - before
    assert steps == sorted(steps)
    assert grown < 20e6 < FLOOD * LETTER * 4 / 5


def _resident() -> int:
    """Bytes of this process in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_an_engine_whose_answer_cannot_be_read_is_ended(caplog: pytest.LogCaptureFixture) -> None:
    """What it says later builds on it, and would be misunderstood."""
    with faulty_engine(garble) as driver:
        driver.host.request_frame(None)
        assert driver.wait_for(EngineDied).exit_code == -signal.SIGKILL
        assert driver.host.take_frame() is None
    assert "cannot be read" in caplog.text


def test_a_command_that_cannot_be_sent_stops_none_behind_it(
    shared: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    shared.send(Reset(), EstimateCost({"plan": object()}), Step(2))
    shared.frame(lambda frame: frame.step == 2)
    assert "EstimateCost cannot be sent" in caplog.text


def test_without_an_engine_nothing_is_kept() -> None:
    host = EngineHost()
    host.send(Play())
    assert not host.alive
    with faulty_engine(garble) as driver:
        os.kill(driver.host.process_id, signal.SIGKILL)
        driver.wait_for(EngineDied)
        tracemalloc.start()
        driver.send(*[Step(count) for count in range(20_000)])
        kept, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert kept < 400_000  # 20,000 commands that are kept take more than a million bytes
