"""A screen of 960 × 500 (1920 × 1080 at 200 %, less a taskbar): everything is within reach."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from gui.shell.page_stack import COMPARE, COSTS, METHOD_GUIDE, NETWORK, RUNS, STAGE
from gui.shell.placement import FRAME_ALLOWANCE
from gui.state.preferences import Preferences
from gui.window import Window
from tests.gui.cut_texts import cards_with_cut_texts, cut_texts
from tests.gui.frames import frame
from tests.gui.patience import settle
from tests.gui.shell_frames import FakeSession, sample


@pytest.mark.may_stall("pages are built one after another")
@pytest.mark.usefixtures("dressed")
def test_all_is_within_reach(qtbot: QtBot) -> None:
    session = FakeSession()
    window = Window(session, Preferences())
    window.resize(960 - FRAME_ALLOWANCE.width(), 500 - FRAME_ALLOWANCE.height())
    session.show(qtbot, window)
    assert window.width() == 960 - FRAME_ALLOWANCE.width()
    assert window.height() == 500 - FRAME_ALLOWANCE.height()
    window.add_charts()
    for strategy in ("qlora", "adapter", "lora"):
        session.feed(replace(frame(strategy, step=1), sample=sample()))
        settle()
        assert cut_texts(window) == [], strategy
    for page in (NETWORK, COMPARE, METHOD_GUIDE, COSTS, RUNS, STAGE):
        window.page_stack.show_page(page)
        settle()
        assert cut_texts(window) == [], page
    assert cards_with_cut_texts(window, "8") == {}
