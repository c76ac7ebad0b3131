"""Commands are lossless, but for stale ones."""

import threading

from engine.inbox import Inbox
from engine.protocol.messages import Configure, Play, Step
from engine.protocol.settings import Settings


def test_only_the_newest_settings_count_and_the_rest_keeps_its_order() -> None:
    inbox = Inbox()
    for rank in range(1, 31):
        inbox.put(Configure(Settings(rank=rank)))
        inbox.put(Step())
    inbox.put(Play())
    taken = inbox.take(0)
    assert [c for c in taken if isinstance(c, Configure)] == [Configure(Settings(rank=30))]
    assert taken.count(Step()) == 30
    assert taken[-1] == Play()
    assert inbox.take(0) == []


def test_waiting_ends_with_a_command_and_with_the_end() -> None:
    inbox = Inbox()
    threading.Timer(0.05, inbox.put, (Play(),)).start()
    assert inbox.take(None) == [Play()]
    threading.Timer(0.05, inbox.close).start()
    assert inbox.take(None) == []
    assert inbox.closed
