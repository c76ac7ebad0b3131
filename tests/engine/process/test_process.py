"""The engine process, driven over its pipe as the window drives it."""

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.protocol.codec import MessageDecoder, MessageEncoder
from engine.protocol.host import EngineHost
from engine.protocol.messages import (
    Applied,
    Catalogue,
    Checkpoint,
    Configure,
    Diverged,
    EngineDied,
    Failed,
    GoBack,
    Pause,
    Play,
    Quit,
    Refused,
    Reset,
    Resume,
    SetSpeed,
    ShowSample,
    Step,
)
from engine.protocol.network_shape import MAX_DEPTH, body_shapes
from engine.protocol.settings import Settings
from engine.protocol.strategy_files import strategy_names
from engine.trainer import Trainer
from tests.engine.faulty_engines import (
    busy,
    counting,
    faulty_engine,
    fifth_step_fails,
    import_fails,
)
from tests.engine.process_driver import Driver, engine

ROOT = Path(__file__).resolve().parents[3]
LORA = Settings(strategy="lora", learning_rate=0.01)


@pytest.fixture(scope="module")
def shared() -> Iterator[Driver]:
    """One engine for tests that leave it paused; each begins with a reset."""
    with engine(LORA) as driver:
        driver.wait_for(Catalogue)
        yield driver


@pytest.fixture
def driver(shared: Driver) -> Driver:
    shared.send(Configure(LORA), SetSpeed(0), Reset())
    shared.frame(lambda frame: frame.step == 0 and frame.settings == LORA)
    shared.host.take_reports()
    shared.reports.clear()
    return shared


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="no priorities here")
def test_the_engine_stands_back_where_cores_are_short(driver: Driver) -> None:
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    threads = Path(f"/proc/{driver.host.process_id}/task")
    engines = [int(each.name) for each in threads.iterdir()] if threads.exists() else []
    for thread in engines or [driver.host.process_id]:
        assert os.getpriority(os.PRIO_PROCESS, thread) > ours


def test_the_catalogue_offers_every_strategy_and_task() -> None:
    with engine(LORA) as driver:
        catalogue = driver.wait_for(Catalogue)
        assert {info.name for info in catalogue.strategies} == set(strategy_names())
        locked = {info.name: set(info.lock_reasons) for info in catalogue.strategies}
        assert locked["full"] == set()
        body = set(body_shapes(depth=MAX_DEPTH))
        assert locked["linear_probe"] == locked["adapter"] == body
        assert locked["weight_update"] == body - {"layer1"} | {"head"}


def test_steps_are_those_of_the_trainer(driver: Driver) -> None:
    driver.send(Step(25))
    frame = driver.frame(lambda frame: frame.step == 25)
    trainer = Trainer(LORA)
    losses = [trainer.step().loss for _ in range(25)]
    assert frame.losses.tolist() == pytest.approx(losses)
    for theirs, ours in zip(frame.layers, trainer.frame().layers, strict=True):
        assert theirs.updated.tobytes() == ours.updated.tobytes()


def test_reset_brings_the_same_weights_back(driver: Driver) -> None:
    first = Trainer(LORA).frame()
    driver.send(Play())
    driver.frame(lambda frame: frame.step > 20)
    driver.send(Reset())
    again = driver.frame(lambda frame: frame.step == 0)
    assert not again.playing
    for one, other in zip(first.layers, again.layers, strict=True):
        assert one.weight.tobytes() == other.weight.tobytes() == other.updated.tobytes()


def test_a_paused_engine_sends_nothing_new(driver: Driver) -> None:
    driver.send(Step(3))
    driver.frame(lambda frame: frame.step == 3)
    driver.host.request_frame(None)
    time.sleep(0.2)
    assert driver.host.take_frame() is None
    driver.send(Step(1))
    assert driver.frame().step == 4


def test_settings_act_live_and_say_from_which_step(driver: Driver) -> None:
    driver.send(Step(10))
    before = driver.frame(lambda frame: frame.step == 10)
    driver.send(Configure(LORA.replace(rank=9, frozen=("layer2",))))
    applied = driver.wait_for(Applied)
    assert (applied.step, applied.settings.rank) == (10, 9)
    assert "ΔW is kept" in applied.notes[0]
    after = driver.frame(lambda frame: frame.settings.rank == 9)
    assert after.step == 10
    assert abs(after.layers[1].delta - before.layers[1].delta).max() < 1e-6
    assert not after.layers[1].trainable
    driver.send(Step(5))
    then = driver.frame(lambda frame: frame.step == 15)
    assert then.layers[1].delta.tobytes() == after.layers[1].delta.tobytes()
    assert then.run == before.run


@pytest.mark.parametrize("change", [{"strategy": "full"}, {"task": "digits-0-4-to-5-9"}])
def test_another_strategy_or_task_begins_a_new_run(driver: Driver, change: dict) -> None:
    driver.send(Step(10))
    before = driver.frame(lambda frame: frame.step == 10)
    driver.send(Configure(LORA.replace(**change)))
    after = driver.frame(lambda frame: frame.settings != LORA)
    assert (after.run, after.step) == (before.run + 1, 0)


def test_a_layer_that_is_not_there_is_refused_and_nothing_changes(driver: Driver) -> None:
    driver.send(Configure(LORA.replace(frozen=("adapter1",))))
    assert "layer1, layer2, layer3, head" in driver.wait_for(Refused).message
    driver.send(Step(1))
    assert driver.frame(lambda frame: frame.step == 1).settings.frozen is None


def test_a_diverging_run_pauses_and_goes_back_to_the_last_good_step(driver: Driver) -> None:
    driver.send(Step(12))
    good = driver.frame(lambda frame: frame.step == 12)
    driver.send(Configure(LORA.replace(learning_rate=1e30)), Play())
    diverged = driver.wait_for(Diverged)
    assert diverged.last_good_step == 12
    assert diverged.step <= 14
    assert not driver.frame(lambda frame: not frame.playing).playing
    driver.send(Configure(LORA), GoBack())
    back = driver.frame(lambda frame: frame.step == 12)
    for one, other in zip(good.layers, back.layers, strict=True):
        assert one.updated.tobytes() == other.updated.tobytes()
    driver.send(Step(5))
    onwards = driver.frame(lambda frame: frame.step == 17).measurements
    assert onwards.train_loss < good.measurements.train_loss * 2


def test_it_is_never_faster_than_it_was_told(driver: Driver) -> None:
    began = time.monotonic()
    driver.send(SetSpeed(20), Play())
    last = driver.frame(lambda frame: frame.step >= 20)
    assert last.step <= 20 * (time.monotonic() - began) + 2
    driver.send(Pause())


def test_samples_wrap_round(driver: Driver) -> None:
    driver.send(ShowSample(-1))
    frame = driver.frame(lambda frame: frame.sample is not None and frame.sample.index != 0)
    assert frame.sample.index == frame.sample.count - 1
    assert frame.sample.after.sum() == pytest.approx(1)
    driver.send(ShowSample(0))


def test_curves_have_the_same_points_however_fast_one_looks(driver: Driver) -> None:
    def curve() -> list[int]:
        driver.send(Reset())
        frame = driver.frame(lambda frame: frame.step == 0)
        steps = list(frame.curves.steps)
        driver.send(Step(250))
        while frame.step < 250:
            driver.host.request_frame(frame)
            frame = driver.host.take_frame() or frame
            steps += [s for s in frame.curves.steps if s not in steps]
        return steps

    once = curve()
    assert once == curve()
    assert once[:101] == list(range(101))
    assert once[-1] == 250


# ---------------------------------------------------------------- ends


def test_a_killed_engine_is_noticed_and_a_new_one_goes_on_where_it_was() -> None:
    with engine(LORA) as driver:
        driver.wait_for(Catalogue)
        driver.send(Step(40))
        driver.frame(lambda frame: frame.step == 40)
        driver.send(Step(1))
        driver.frame(lambda frame: frame.step == 41)
        checkpoint = driver.wait_for(Checkpoint)
        while checkpoint.step < 41:
            checkpoint = driver.wait_for(Checkpoint)
        os.kill(driver.host.process_id, signal.SIGKILL)
        assert driver.wait_for(EngineDied).exit_code == -signal.SIGKILL
        driver.host.start(LORA)
        driver.wait_for(Catalogue)
        driver.send(Resume(checkpoint), Step(9))
        resumed = driver.frame(lambda frame: frame.step == 50)
    trainer = Trainer(LORA)
    for _ in range(50):
        trainer.step()
    for theirs, ours in zip(resumed.layers, trainer.frame().layers, strict=True):
        assert theirs.updated.tobytes() == ours.updated.tobytes()


def test_closing_ends_everything() -> None:
    threads, children = threading.active_count(), len(multiprocessing.active_children())
    for moment in (0.0, 0.3, 2.5):
        host = EngineHost()
        host.start(LORA)
        host.send(Play())
        time.sleep(moment)
        host.close()
        host.close()
        assert not host.alive
        assert host.process_id is None
    assert threading.active_count() == threads
    assert len(multiprocessing.active_children()) == children


def test_an_engine_in_the_middle_of_a_long_step_ends_in_order() -> None:
    """A process that ends by itself while a thread of it is inside torch aborts."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=busy, args=(theirs, LORA.to_json(), 1))
    process.start()
    theirs.close()
    ours.send_bytes(MessageEncoder().encode(Play()))
    while not isinstance(MessageDecoder().decode(ours.recv_bytes()), Catalogue):
        pass
    time.sleep(1)  # by then it computes
    ours.send_bytes(MessageEncoder().encode(Quit()))
    process.join(20)
    assert process.exitcode == 0
    ours.close()


def test_the_engine_ends_with_its_window() -> None:
    """`kill -9` of the window's process leaves no engine behind."""
    code = """
        import time
        from engine.protocol.host import EngineHost
        from engine.protocol.messages import Play
        from engine.protocol.settings import Settings
        if __name__ == "__main__":
            host = EngineHost()
            host.start(Settings())
            host.send(Play())
            print(host.process_id, flush=True)
            time.sleep(60)
    """
    window = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert window.stdout is not None
    engine_id = int(window.stdout.readline())
    time.sleep(2)
    window.kill()
    window.wait()
    window.stdout.close()
    deadline = time.monotonic() + 60
    while _runs(engine_id) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(engine_id)


def _runs(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.slow)])
def test_frames_are_never_torn(count: int) -> None:
    """Each step adds one to every weight, a row at a time: a frame holds one number, its step."""
    steps = [0]
    with faulty_engine(counting) as driver:
        driver.wait_for(Catalogue)
        driver.send(Play())
        while len(steps) <= count:
            driver.host.request_frame(None)
            frame = driver.host.take_frame()
            if frame is None:
                assert driver.host.alive
                time.sleep(0.0005)
                continue
            assert len(frame.layers) == 4
            for layer in frame.layers:
                assert (layer.updated == frame.step).all()
                assert np.array_equal(layer.delta, layer.updated - layer.weight)
            assert frame.step - steps[-1] <= len(frame.losses) <= frame.step
            steps.append(frame.step)
            driver.host.take_reports()
    assert steps == sorted(steps)
    assert steps[-1] > count


def test_a_step_that_raises_half_way_is_taken_back() -> None:
    with faulty_engine(fifth_step_fails, LORA) as driver:
        driver.send(Play())
        failed = driver.wait_for(Failed)
        assert (failed.message, failed.last_good_step) == ("no room", 3)
        assert "MemoryError" in failed.traceback
        assert not driver.frame().playing
        driver.send(GoBack(), Step(7))
        frame = driver.frame(lambda frame: frame.step == 10)
    trainer = Trainer(LORA)
    for _ in range(10):
        trainer.step()
    for theirs, ours in zip(frame.layers, trainer.frame().layers, strict=True):
        assert theirs.updated.tobytes() == ours.updated.tobytes()


def test_an_engine_that_cannot_even_start_says_why() -> None:
    with faulty_engine(import_fails) as driver:
        assert "torch" in driver.wait_for(Failed).message
        assert driver.wait_for(EngineDied).exit_code == 1
