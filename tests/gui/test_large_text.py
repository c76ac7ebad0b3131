"""Text of twice the size in a small window: it wraps, ends in “…” with a tooltip, or scrolls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.analysis import PAGES
from gui.shell.page_stack import COMPARE, METHOD_GUIDE, NETWORK
from gui.state.preferences import Preferences
from gui.theme import appearance
from gui.widgets.label import Label
from gui.window import Window
from tests.gui.cut_texts import cards_with_cut_texts, cut_texts
from tests.gui.frames import frame
from tests.gui.patience import settle
from tests.gui.shell_frames import FakeSession, sample

pytestmark = pytest.mark.may_stall("another text size polishes each of some 500 widgets anew")


@pytest.fixture
def large_text(dressed: None) -> Iterator[None]:
    appearance.set_text_scale(2.0)
    yield
    appearance.set_text_scale(1.0)


def test_no_text_is_cut(qtbot: QtBot, large_text: None) -> None:
    """With the left column folded at first, and then with a lesson in it."""
    session = FakeSession()
    window = Window(session, Preferences())
    window.resize(1280, 720)
    session.show(qtbot, window)
    window.add_charts()
    for strategy in ("full", "qlora", "adapter", "lora"):
        session.feed(replace(frame(strategy, step=1), sample=sample()))
        settle()
        assert cut_texts(window) == [], strategy
    for page in PAGES:
        window.show_tab(page)
        settle()
        assert cut_texts(window) == [], page
    assert cards_with_cut_texts(window, "8") == {}
    for page in (NETWORK, COMPARE, METHOD_GUIDE):
        window.page_stack.show_page(page)
        settle()
        assert cut_texts(window) == [], page


def test_what_is_cut_is_seen(qtbot: QtBot, dressed: None) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(300, 100)
    whole, narrow, outside = (Label("a line of text", window) for _ in range(3))
    wrapped = Label("some words in several lines", window, wrap=True)
    window.show()
    whole.move(0, 0)
    narrow.setGeometry(0, 20, 20, narrow.height())
    outside.move(290, 40)
    wrapped.setGeometry(0, 60, 60, 20)
    found = cut_texts(window)
    assert len(found) == 3
    assert "needs" in found[0] and "is outside of" in found[1] and "needs" in found[2]
