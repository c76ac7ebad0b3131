"""A lesson in a window 1280 wide, beside each page: nothing lies beyond the right edge."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from gui.shell.columns import Columns
from gui.shell.page_stack import COMPARE, COSTS, METHOD_GUIDE, NETWORK, RUNS, STAGE
from gui.shell.right_column import RightColumn
from gui.state.preferences import Preferences
from gui.widgets.surface import ScrollArea
from gui.window import Window
from tests.gui.cut_texts import cut_texts
from tests.gui.made_activations import flowing
from tests.gui.patience import settle
from tests.gui.shell_frames import FakeSession

PAGES = (NETWORK, COMPARE, METHOD_GUIDE, COSTS, RUNS, STAGE)


@pytest.mark.may_stall("pages are built one after another")
@pytest.mark.usefixtures("dressed")
def test_nothing_beside_a_lesson_is_beyond_the_edge(qtbot: QtBot) -> None:
    session = FakeSession()
    window = Window(session, Preferences())
    window.resize(1280, 720)
    session.show(qtbot, window)
    window.add_charts()
    before = flowing("full")
    session.feed(replace(before, activations=None))
    assert window.lesson_panel.open_named("3")
    settle()
    columns, right = window.findChild(Columns), window.findChild(RightColumn)
    assert isinstance(columns, Columns)
    assert isinstance(right, RightColumn)
    area = right.findChild(ScrollArea)
    assert isinstance(area, ScrollArea)
    widths = columns.sizes()
    for page in PAGES:
        window.page_stack.show_page(page)
        settle()
        session.feed(replace(before, activations=None if page != NETWORK else before.activations))
        settle()
        if right.isVisible():
            assert area.horizontalScrollBar().maximum() == 0, page
            assert columns.sizes() == widths, page
        assert columns.width() <= window.width() == 1280, page
        assert cut_texts(window) == [], page
