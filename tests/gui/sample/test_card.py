"""The sample being looked at."""

import gc
import weakref

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from engine.protocol.messages import ShowSample
from gui.palette import LIGHT
from gui.sample.card import SampleCard
from gui.sample.class_bars import ClassBars
from gui.sample.picture import SamplePicture
from gui.theme import Scheme, appearance
from tests.gui.shell_frames import FakeSession, frame, sample


def opened(qtbot: QtBot, session: FakeSession) -> SampleCard:
    card = SampleCard(session)
    card.resize(208, card.sizeHint().height())
    session.show(qtbot, card)
    return card


def test_it_waits_calmly_and_then_keeps_its_size(qtbot: QtBot) -> None:
    session = FakeSession()
    card = opened(qtbot, session)
    assert "once the engine is ready" in card.text()
    height = card.sizeHint().height()
    session.feed(frame(1, sample=sample()))
    assert card.sizeHint().height() == height
    assert card.minimumSizeHint().width() <= 208


def test_it_says_what_the_network_takes_it_for(qtbot: QtBot) -> None:
    session = FakeSession()
    card = opened(qtbot, session)
    session.feed(frame(1, sample=sample(11, label=3)))
    assert card.text() == ("Sample 12 of 400 before: 5, 82\u202f%, wrong now: 3, 91\u202f%, right")


def test_while_it_trains_the_verdict_is_drawn_now_and_then(qtbot: QtBot) -> None:
    session = FakeSession()
    card = opened(qtbot, session)
    shown = []
    for step in range(1, 20):
        after = np.full(10, 0.01 * step, np.float32)
        playing = replace(frame(step, sample=sample(after=after)), playing=True)
        session.feed(playing)
        shown.append(card.text())
    assert len(set(shown)) <= 2
    qtbot.waitUntil(lambda: "19\u202f%" in card.text())
    session.feed(replace(frame(20, sample=sample(5)), playing=True))
    assert "Sample 6" in card.text()


def test_a_drawing_is_neither_right_nor_wrong(qtbot: QtBot) -> None:
    session = FakeSession()
    card = opened(qtbot, session)
    height = card.sizeHint().height()
    session.feed(frame(1, sample=sample(11, label=None, drawn=True)))
    assert card.text() == "Your drawing  before: 5, 82\u202f% now: 3, 91\u202f%"
    assert card.sizeHint().height() == height
    card.grab()
    qtbot.mouseClick(card.findChild(QToolButton, "nextSample"), Qt.MouseButton.LeftButton)
    assert session.last_sent == ShowSample(12)


def test_a_network_without_the_targets_classes_has_none(qtbot: QtBot) -> None:
    session = FakeSession()
    card = opened(qtbot, session)
    session.feed(frame(1, sample=sample()), frame(0, run=2, sample=None))
    assert "no outputs" in card.text()


def test_probabilities_that_are_no_numbers_are_drawn_as_none(qtbot: QtBot) -> None:
    session = FakeSession()
    card = opened(qtbot, session)
    session.feed(frame(1, sample=sample(after=np.full(10, np.nan, np.float32))))
    assert "now: not a number" in card.text()
    card.grab()


def test_the_arrows_go_on_and_back(qtbot: QtBot) -> None:
    session = FakeSession()
    card = opened(qtbot, session)
    session.feed(frame(1, sample=sample(0)))
    qtbot.mouseClick(card.findChild(QToolButton, "nextSample"), Qt.MouseButton.LeftButton)
    assert session.last_sent == ShowSample(1)
    session.feed(frame(1, sample=sample(1)))
    qtbot.mouseClick(card.findChild(QToolButton, "previousSample"), Qt.MouseButton.LeftButton)
    assert session.last_sent == ShowSample(0)


def test_a_picture_is_ink_on_paper_in_either_theme(qtbot: QtBot) -> None:
    session = FakeSession()
    picture = opened(qtbot, session).findChild(SamplePicture)
    session.feed(frame(1, sample=sample()))
    before = appearance.scheme
    try:
        for scheme in (Scheme.LIGHT, Scheme.DARK):
            appearance.set_scheme(scheme)
            image = picture.grab().toImage()
            first, last = image.pixelColor(6, 6), image.pixelColor(69, 69)
            assert first.name() == LIGHT.panel
            assert last.name() == LIGHT.text
    finally:
        appearance.set_scheme(before)


def test_a_tumour_is_a_grid_of_named_measurements(qtbot: QtBot) -> None:
    session = FakeSession()
    card = opened(qtbot, session)
    names = tuple(f"feature {i}" for i in range(30))
    session.feed(
        frame(1, sample=sample(
            picture=np.linspace(-3, 3, 30, dtype=np.float32).reshape(3, 10), names=names,
            label=1, classes=("malignant", "benign"),
            before=np.array([0.3, 0.7], np.float32), after=np.array([0.1, 0.9], np.float32),
        ))
    )  # fmt: skip
    picture = card.findChild(SamplePicture)
    assert picture.cell_text(4, 30) == "feature 0: −3.00"
    assert picture.cell_text(70, 44) == "feature 29: +3.00"
    assert picture.cell_text(4, 2) == ""
    assert "benign, 90\u202f%, right" in card.text()
    bars = card.findChild(ClassBars)
    assert "benign: 70.0\u202f% before, 90.0\u202f% now" in bars.toolTip()
    card.grab()


def test_it_dies_when_it_is_closed(qtbot: QtBot) -> None:
    session = FakeSession()
    card = SampleCard(session)
    card.show()
    session.feed(frame(1, sample=sample()))
    alive = weakref.ref(card)
    card.close()
    card.deleteLater()
    del card
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert alive() is None
    session.feed(frame(2, sample=sample()))
