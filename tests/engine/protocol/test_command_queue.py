"""Commands are lossless, but for stale ones."""

import threading

from engine.protocol.command_queue import CommandQueue
from engine.protocol.messages import Configure, Play, RequestFrame, Step
from engine.protocol.settings import Settings


def test_of_a_drag_only_the_newest_settings_count() -> None:
    queue = CommandQueue()
    queue.put(Play())
    for rank in range(1, 31):
        queue.put(Configure(Settings(rank=rank)))
        queue.put(RequestFrame(rank))
    assert queue.take(0) == [Play(), Configure(Settings(rank=30)), RequestFrame(30)]
    assert queue.take(0) == []


def test_a_step_is_taken_under_the_settings_that_came_before_it() -> None:
    queue = CommandQueue()
    commands = [Configure(Settings(rank=2)), Step(), Configure(Settings(rank=3)), Step()]
    for command in commands:
        queue.put(command)
    assert queue.take(0) == commands


def test_waiting_ends_with_a_command_and_with_the_end() -> None:
    queue = CommandQueue()
    threading.Timer(0.05, queue.put, (Play(),)).start()
    assert queue.take(None) == [Play()]
    threading.Timer(0.05, queue.close).start()
    assert queue.take(None) == []
    assert queue.closed
