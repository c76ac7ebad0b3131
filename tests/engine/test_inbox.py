"""Commands are lossless, but for stale ones."""

import threading

from engine.inbox import Inbox
from engine.protocol.messages import Configure, Play, RequestFrame, Step
from engine.protocol.settings import Settings


def test_of_a_drag_only_the_newest_settings_count() -> None:
    inbox = Inbox()
    inbox.put(Play())
    for rank in range(1, 31):
        inbox.put(Configure(Settings(rank=rank)))
        inbox.put(RequestFrame(rank))
    assert inbox.take(0) == [Play(), Configure(Settings(rank=30)), RequestFrame(30)]
    assert inbox.take(0) == []


def test_a_step_is_taken_under_the_settings_that_came_before_it() -> None:
    inbox = Inbox()
    commands = [Configure(Settings(rank=2)), Step(), Configure(Settings(rank=3)), Step()]
    for command in commands:
        inbox.put(command)
    assert inbox.take(0) == commands


def test_waiting_ends_with_a_command_and_with_the_end() -> None:
    inbox = Inbox()
    threading.Timer(0.05, inbox.put, (Play(),)).start()
    assert inbox.take(None) == [Play()]
    threading.Timer(0.05, inbox.close).start()
    assert inbox.take(None) == []
    assert inbox.closed
