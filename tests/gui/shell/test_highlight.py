"""Rings round what a card speaks of: on the right part, wherever it goes."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Catalogue
from engine.protocol.settings import fields_in
from gui.analysis import PAGES
from gui.lessons.highlight_targets import TARGETS, widget_names
from gui.shell.highlight import Highlighter
from gui.theme import appearance
from gui.widgets.box import vbox
from gui.widgets.collapsible import Section
from gui.widgets.label import Label
from gui.widgets.surface import ScrollArea
from gui.window import Window
from tests.engine.cover import some_of
from tests.gui.frames import frame as stage_frame
from tests.gui.patience import settle
from tests.gui.shared_window import SharedWindow, shared_window
from tests.gui.shell_frames import FakeSession, catalogue, frame as shell_frame, sample

OF_STRATEGIES = {
    "lora": ("layer1", "layer1.lock", "layer2.weight", "layer2.delta", "layer3.updated",
             "layer1.lora_B", "layer1.lora_A", "head", "head.lock", "head.delta"),
    "qlora": ("layer1.codes", "layer2.rounding_error"),
    "adapter": ("adapter1", "adapter1.lock", "adapter1.down", "adapter2.up"),
    "feature_head": ("head", "head.hidden", "head.output", "head.output.delta"),
    "vera": ("layer1.vera_d",),
}  # fmt: skip
pytestmark = pytest.mark.may_stall("another text size polishes each of some 500 widgets anew")


@pytest.fixture(scope="module")
def opened(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedWindow]:
    frames = shell_frame(1, run=1, sample=sample()), stage_frame("lora", step=1, run=2)
    folder = tmp_path_factory.mktemp("shared")
    with shared_window(folder, lambda: SharedWindow((1280, 720), *frames)) as shared:
        shared.window.rail.column_wanted.emit(True)
        settle()
        yield shared


@pytest.fixture
def window(opened: SharedWindow) -> Iterator[Window]:
    yield opened.window
    opened.restore()


@pytest.fixture
def session(opened: SharedWindow) -> FakeSession:
    return opened.session


OF_THE_CHOICES = ("situations", "pitfalls")


def followed(window: Window) -> None:
    """Wait until the rings have followed what moves, more than once."""
    timer = window.card_setup.highlighter.findChild(QTimer)
    assert timer is not None and timer.isActive()
    times: list[None] = []
    count = timer.timeout.connect(lambda: times.append(None))
    while len(times) < 3:
        QTest.qWait(5)
    timer.timeout.disconnect(count)


def rings(window: Window) -> list[QRect]:
    found = window.findChildren(QWidget, "spotlightRing")
    return [ring.geometry() for ring in found if ring.isVisible()]


def place(window: Window, name: str) -> QRect:
    """Of the widget of that object name, in the window."""
    widget = window.findChild(QWidget, name)
    assert widget is not None and widget.isVisible(), name
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def using(field: str) -> Catalogue:
    """Strategies that all use a setting."""
    offered = catalogue()
    strategies = (replace(info, controls=(field,)) for info in offered.strategies)
    return Catalogue(tuple(strategies), offered.tasks)


@pytest.mark.parametrize("name", some_of(sorted(TARGETS), 6))
def test_each_part_is_found(window: Window, session: FakeSession, name: str) -> None:
    if name in PAGES:
        window.show_tab(name)
    if name in OF_THE_CHOICES:
        window.page_stack.show_page("choices")
    if name in fields_in("strategy"):
        session.feed(using(name))
        settle()
    window.card_setup.highlighter.show((name,))
    followed(window)
    rects = window.card_setup.highlighter.rects()
    assert list(rects) == [name]
    assert window.rect().contains(rects[name]) and min(rects[name].size().toTuple()) > 10
    named = [window.findChild(QWidget, part) for group in widget_names(name) for part in group]
    first = next(part for part in named if part is not None and part.isVisible())
    assert rects[name].intersects(place(window, first.objectName()))
    (ring,) = rings(window)
    assert ring.contains(rects[name].adjusted(-1, -1, 1, 1) & window.rect())


def test_a_ring_round_a_box_holds_its_caption(window: Window) -> None:
    window.card_setup.highlighter.show(("task",))
    assert window.card_setup.highlighter.rects()["task"].contains(place(window, "taskBoxCaption"))


def test_the_ring_of_a_small_button_lies_on_it(window: Window) -> None:
    window.card_setup.highlighter.show(("layer1.lock", "rate"))
    lock = place(window, "freeze.layer1")
    assert any(lock.adjusted(-1, -1, 1, 1) == ring for ring in rings(window))


def test_a_ring_leaves_the_letters_of_matrices_free(window: Window, session: FakeSession) -> None:
    session.feed(stage_frame("lora", step=2, run=3))
    settle()
    window.card_setup.highlighter.show(("layer1.lora_B", "layer1.lora_A", "layer1.delta"))
    followed(window)
    for name in ("lora_B", "lora_A"):
        letter = window.findChild(Label, f"letter.layer1.{name}")
        assert letter is not None and letter.isVisible()
        text = letter.contentsRect()
        text.setWidth(letter.advance(letter.text()))
        text.translate(letter.mapTo(window, QPoint()))
        for ring in window.findChildren(QWidget, "spotlightRing"):
            assert not ring.mask().translated(ring.pos()).intersects(text), name


def test_what_is_wider_than_its_page_is_shown_from_its_beginning(qtbot: QtBot) -> None:
    window, page, wide = QWidget(), QWidget(), QWidget()
    qtbot.addWidget(window)
    wide.setObjectName("choicesPitfalls")
    wide.setFixedSize(900, 40)
    vbox(wide, on=page, margins=(30, 600, 0, 0))
    area = ScrollArea(page, horizontal=True)
    vbox((area, 1), on=window)
    window.resize(400, 200)
    window.show()
    Highlighter(window).show(("pitfalls",))
    assert area.verticalScrollBar().value() > 0
    assert wide.mapTo(area.viewport(), QPoint()).x() >= 0


def test_each_part_of_a_layer_is_found(window: Window, session: FakeSession) -> None:
    for run, (strategy, names) in enumerate(OF_STRATEGIES.items(), start=3):
        session.feed(stage_frame(strategy, step=2, run=run))
        settle()
        assert all(map(widget_names, names))
        window.card_setup.highlighter.show(names)
        followed(window)
        rects = window.card_setup.highlighter.rects()
        assert set(rects) == set(names), strategy
        for name in names:
            if name not in ("head", "adapter1"):
                found = place(window, widget_names(name)[0][0])
                assert rects[name] == found, name


NO_PARTS = (
    "", "rnak", "layer0", "layer1.", "layer1.lora_C", "layer.delta", "adapter1.side",
    "adapter1.delta", "head.hidden.lock", "layer1.lock.lock", "Layer1", "layer1 ",
)  # fmt: skip


def test_other_names_are_no_part(window: Window) -> None:
    for name in NO_PARTS:
        assert widget_names(name) == ()
        window.card_setup.highlighter.show((name,))
        assert window.card_setup.highlighter.rects() == {} and rings(window) == [], name


def test_it_follows_what_moves_and_waits_for_what_is_not_there(
    window: Window, session: FakeSession
) -> None:
    window.card_setup.highlighter.show(("rank", "adapter1.down"))
    assert list(window.card_setup.highlighter.rects()) == ["rank"]
    for act in (lambda: window.resize(1500, 900), lambda: appearance.set_text_scale(1.3)):
        before = window.card_setup.highlighter.rects()["rank"]
        act()
        followed(window)
        after = window.card_setup.highlighter.rects()["rank"]
        assert before != after == place(window, "control.rank")
    appearance.set_text_scale(1.0)
    session.feed(stage_frame("adapter", step=2, run=3))
    followed(window)
    assert set(window.card_setup.highlighter.rects()) == {"rank", "adapter1.down"}
    window.presenter.present(True)
    followed(window)
    assert list(window.card_setup.highlighter.rects()) == ["adapter1.down"]
    window.presenter.present(False)


def test_a_folded_section_is_unfolded_for_as_long(window: Window, opened: SharedWindow) -> None:
    section = window.findChild(Section, "controls.overfitting")
    assert section is not None
    folded = section.height()
    window.card_setup.highlighter.show(("overfitting",))
    followed(window)
    assert section.height() > 3 * folded
    seen = window.card_setup.highlighter.rects()["overfitting"]
    assert seen.height() > 3 * folded  # it is scrolled to
    assert opened.preferences.open_sections == frozenset()
    window.card_setup.highlighter.show(("rate",))
    followed(window)
    assert section.height() == folded and opened.preferences.open_sections == frozenset()


def test_a_control_in_a_folded_section_is_unfolded_and_scrolled_to(window: Window) -> None:
    window.card_setup.highlighter.show(("patience",))
    followed(window)
    seen = window.card_setup.highlighter.rects()["patience"]
    assert seen == place(window, "control.patience")  # all of it
    window.card_setup.highlighter.clear()
    control = window.findChild(QWidget, "control.patience")
    assert control is not None and not control.isVisible()


@pytest.mark.parametrize("clicks", [1, 2])
def test_what_the_user_does_with_a_section_meanwhile_stays(
    window: Window, opened: SharedWindow, clicks: int
) -> None:
    section = window.findChild(Section, "controls.network")
    header = window.findChild(QAbstractButton, "section.network")
    assert section is not None and header is not None
    window.card_setup.highlighter.show(("network",))
    for _ in range(clicks):
        header.click()
    window.card_setup.highlighter.clear()
    assert header.isChecked() == (clicks == 2)
    assert opened.preferences.open_sections == (
        frozenset({"network"}) if clicks == 2 else frozenset()
    )
    if header.isChecked():
        header.click()


def test_a_section_that_stood_open_stays_open(window: Window) -> None:
    header = window.findChild(QAbstractButton, "section.schedule")
    assert header is not None
    header.click()
    window.card_setup.highlighter.show(("schedule",))
    window.card_setup.highlighter.clear()
    assert header.isChecked()
    header.click()


def test_a_row_out_of_sight_is_scrolled_to_once(window: Window) -> None:
    window.resize(900, 480)
    appearance.set_text_scale(2.0)
    settle()
    scroll = window.stage.findChild(QScrollArea)
    assert scroll is not None and scroll.verticalScrollBar().maximum() > 0
    bar = scroll.verticalScrollBar()
    window.card_setup.highlighter.show(("layer3.updated",))
    assert bar.value() > 0 and "layer3.updated" in window.card_setup.highlighter.rects()
    bar.setValue(0)
    followed(window)
    assert bar.value() == 0
    appearance.set_text_scale(1.0)


def test_a_click_goes_through_a_ring(window: Window, session: FakeSession) -> None:
    window.card_setup.highlighter.show(("play",))
    ring = rings(window)[0]
    button = window.findChild(QAbstractButton, "playButton")
    assert window.childAt(ring.center()) is button
    assert window.childAt(ring.topLeft() + QPoint(2, 2)) is not None
    ringed = [w for w in window.findChildren(QWidget, "spotlightRing") if w.isVisible()]
    assert window.childAt(ring.topLeft() + QPoint(2, 2)) not in ringed


def test_nothing_runs_while_nothing_is_spoken_of(window: Window) -> None:
    timer = window.card_setup.highlighter.findChild(QTimer)
    assert timer is not None and not timer.isActive()
    window.card_setup.highlighter.show(("play",))
    assert timer.isActive()
    window.card_setup.highlighter.show(())
    settle()
    assert not timer.isActive() and rings(window) == []


def test_a_ring_covers_nothing_but_itself(window: Window) -> None:
    """So a matrix in it is painted as often as without."""
    window.card_setup.highlighter.show(("layer1.delta",))
    (ring,) = (w for w in window.findChildren(QWidget, "spotlightRing") if w.isVisible())
    part = window.card_setup.highlighter.rects()["layer1.delta"]
    inside = part.translated(-ring.pos())
    assert not ring.mask().isEmpty() and not ring.mask().intersects(inside)
    assert ring.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
