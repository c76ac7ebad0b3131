"""The pages beside the stage: how one reaches them, when they draw, what they ask for."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QSlider, QWidget
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Command, FrameOptions
from engine.protocol.settings import Settings
from gui.analysis import PAGES, AnalysisTabs
from gui.analysis.scale_page import ScalePage
from gui.analysis.spectrum_page import SpectrumPage
from gui.state.preferences import Preferences
from gui.theme import Scheme, appearance
from gui.widgets.frame_throttle import FrameThrottle
from gui.window import Window
from tests.gui.frames import frame, session_of
from tests.gui.patience import settle
from tests.gui.shell_frames import FakeSession, dress


@pytest.fixture(autouse=True)
def _dressed() -> Iterator[None]:
    dress()
    yield
    appearance.set_scheme(Scheme.LIGHT)
    appearance.set_text_scale(1.0)


def opened(qtbot: QtBot, session: FakeSession, page: str = "curves") -> AnalysisTabs:
    tabs = AnalysisTabs(session)
    tabs.resize(806, 138)
    qtbot.addWidget(tabs)
    tabs.show_page(page)
    tabs.show()
    return tabs


def slider_of(tabs: QWidget) -> QSlider:
    slider = tabs.findChild(QSlider, "xraySlider")
    assert slider is not None
    return slider


def looks(sent: list[Command]) -> list[FrameOptions]:
    return [command for command in sent if isinstance(command, FrameOptions)]


# ---------------------------------------------------------------- reaching them


def test_the_pages_have_the_names_that_tests_rely_on(qtbot: QtBot) -> None:
    tabs = opened(qtbot, session_of())
    assert tabs.objectName() == "analysisTabs"
    assert [tabs.pages.widget(i).objectName() for i in range(tabs.pages.count())] == [
        f"{name}Page" for name in PAGES
    ]
    assert [tabs.bar.tabText(i) for i in range(4)] == ["Curves", "Spectrum", "Scale", "Merge"]
    assert tabs.bar.currentIndex() == 0


def test_arrow_keys_go_through_the_pages(qtbot: QtBot) -> None:
    tabs = opened(qtbot, session_of())
    bar = tabs.bar
    assert bar.focusPolicy() == Qt.FocusPolicy.TabFocus
    qtbot.keyClick(bar, Qt.Key.Key_Right)
    qtbot.keyClick(bar, Qt.Key.Key_Right)
    assert tabs.pages.currentWidget().objectName() == "scalePage"
    qtbot.keyClick(bar, Qt.Key.Key_Left)
    assert tabs.pages.currentWidget().objectName() == "spectrumPage"


def test_control_and_a_digit_open_a_page_and_leave_lessons_alone(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="lora"))
    window = Window(session, Preferences())
    session.show(qtbot, window)
    tabs = window.findChild(AnalysisTabs, "analysisTabs")
    assert tabs is not None
    for number, name in enumerate(PAGES, start=1):
        qtbot.keyClick(window, str(number), Qt.KeyboardModifier.ControlModifier)
        assert tabs.pages.currentWidget().objectName() == f"{name}Page"
    qtbot.keyClick(window, str(len(PAGES) + 1), Qt.KeyboardModifier.ControlModifier)
    assert tabs.pages.currentWidget().objectName() == f"{PAGES[-1]}Page"
    assert session.state.settings.strategy == "lora"


def test_the_charts_come_later_and_only_once(qtbot: QtBot) -> None:
    session = FakeSession()
    window = Window(session, Preferences())
    session.show(qtbot, window)
    window.add_charts()
    window.add_charts()
    page = window.findChild(QWidget, "curvesPage")
    assert page is not None
    assert len(page.findChildren(QWidget, "lossChart")) == 1


def test_the_bar_of_names_takes_almost_no_height(qtbot: QtBot) -> None:
    tabs = opened(qtbot, session_of())
    assert tabs.bar.height() <= 24


def rested(qtbot: QtBot, page: QWidget) -> None:
    """Wait until the page has drawn all that has come."""
    throttle = page.findChild(FrameThrottle)
    assert throttle is not None
    timer = throttle.findChild(QTimer)
    assert timer is not None
    qtbot.waitUntil(lambda: not timer.isActive())
    settle()


@pytest.mark.parametrize("page", PAGES[1:])
@pytest.mark.parametrize("strategy", ["full", "lora"])
def test_at_the_projectors_size_nothing_has_to_be_scrolled(
    qtbot: QtBot, page: str, strategy: str
) -> None:
    session = session_of(strategy)
    tabs = opened(qtbot, session, page)
    session.feed(frame(strategy, step=9))
    rested(qtbot, tabs.pages.currentWidget())
    area = tabs.pages.currentWidget().findChild(QWidget, "qt_scrollarea_viewport").parent()
    assert area.verticalScrollBar().maximum() == 0
    assert area.horizontalScrollBar().maximum() == 0
    assert area.focusPolicy() == Qt.FocusPolicy.NoFocus


def test_what_does_not_fit_can_be_scrolled_with_the_keyboard(qtbot: QtBot) -> None:
    session = session_of("adapter")
    tabs = opened(qtbot, session, "scale")
    session.feed(frame("adapter", step=9))
    rested(qtbot, tabs.pages.currentWidget())
    area = tabs.pages.currentWidget().findChild(QWidget, "qt_scrollarea_viewport").parent()
    assert area.verticalScrollBar().maximum() > 0
    assert area.focusPolicy() == Qt.FocusPolicy.TabFocus


@pytest.mark.parametrize("page", PAGES[1:])
def test_pages_follow_theme_and_text_size(qtbot: QtBot, page: str) -> None:
    session = session_of("lora")
    tabs = opened(qtbot, session, page)
    session.feed(frame("lora", step=9))
    light = tabs.grab().toImage()
    appearance.set_scheme(Scheme.DARK)
    assert tabs.grab().toImage() != light
    appearance.set_scheme(Scheme.LIGHT)
    appearance.set_text_scale(1.5)
    assert tabs.grab().toImage() != light


# ---------------------------------------------------------------- drawing


def test_a_page_that_is_not_seen_draws_nothing(qtbot: QtBot) -> None:
    session = session_of("full")
    tabs = opened(qtbot, session, "curves")
    page = tabs.findChild(ScalePage)
    assert page is not None
    session.feed(frame("full", step=9))
    assert page.table.rows == ()
    tabs.show_page("scale")
    assert len(page.table.rows) == 4


def test_frames_that_come_fast_are_drawn_at_the_pages_own_pace(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = session_of("full")
    tabs = opened(qtbot, session, "scale")
    page = tabs.findChild(ScalePage)
    assert page is not None
    rested(qtbot, page)
    drawn: list[int] = []
    monkeypatch.setattr(page, "draw", lambda frame: drawn.append(frame.step))
    for step in range(1, 4):
        session.feed(frame("full", step=step))
    assert drawn == []  # the frames themselves are painted first
    qtbot.waitUntil(lambda: drawn == [3])
    for step in range(4, 9):
        session.feed(frame("full", step=step))
    rested(qtbot, page)
    assert drawn == [3, 8]  # then the newest


# ---------------------------------------------------------------- asking the engine


def test_nothing_is_asked_for_until_somebody_looks(qtbot: QtBot) -> None:
    session = session_of()
    tabs = opened(qtbot, session)
    tabs.show_page("scale")
    tabs.show_page("spectrum")  # its slider is off
    assert looks(session.fake_host.sent) == []


def test_the_cut_is_asked_for_while_its_page_is_seen(qtbot: QtBot) -> None:
    session = session_of()
    tabs = opened(qtbot, session, "spectrum")
    slider_of(tabs).setValue(4)
    slider_of(tabs).setValue(6)
    tabs.show_page("curves")
    tabs.show_page("spectrum")
    slider_of(tabs).setValue(0)
    assert looks(session.fake_host.sent) == [
        FrameOptions(truncation_rank=4),
        FrameOptions(truncation_rank=6),
        FrameOptions(),
        FrameOptions(truncation_rank=6),
        FrameOptions(),
    ]


def test_a_slider_moved_unseen_asks_for_nothing(qtbot: QtBot) -> None:
    session = session_of()
    tabs = opened(qtbot, session)
    slider_of(tabs).setValue(4)
    assert looks(session.fake_host.sent) == []


def test_from_one_asking_page_to_the_other(qtbot: QtBot) -> None:
    session = session_of()
    tabs = opened(qtbot, session, "spectrum")
    slider_of(tabs).setValue(4)
    tabs.show_page("merge")
    assert looks(session.fake_host.sent)[-1] == FrameOptions(merges=True)
    tabs.show_page("spectrum")
    assert looks(session.fake_host.sent)[-1] == FrameOptions(truncation_rank=4)
    tabs.hide()
    assert looks(session.fake_host.sent)[-1] == FrameOptions()


def test_pages_let_go_of_their_session(qtbot: QtBot) -> None:
    session = session_of("lora")
    tabs = AnalysisTabs(session)
    tabs.show_page("spectrum")
    tabs.show()
    page = tabs.findChild(SpectrumPage)
    assert page is not None
    with qtbot.waitSignal(page.destroyed):
        tabs.close()
        tabs.deleteLater()
    session.feed(frame("lora", step=3))
    appearance.changed.emit()


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_no_arrows_cover_the_names_of_the_pages(qtbot: QtBot, scale: float) -> None:
    tabs = opened(qtbot, session_of())
    appearance.set_text_scale(scale)
    settle()
    assert tabs.minimumSizeHint().width() >= tabs.bar.sizeHint().width()
