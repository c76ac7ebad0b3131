"""The line at the bottom of the window."""

import gc
import weakref

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Diverged, Failed, GoBack, Refused
from gui.shell.notice_bar import NoticeBar
from tests.gui.shell_frames import FakeSession


def opened(qtbot: QtBot, session: FakeSession) -> NoticeBar:
    bar = NoticeBar(session)
    bar.resize(900, bar.sizeHint().height())
    session.show(qtbot, bar)
    return bar


def message(bar: NoticeBar) -> QLabel:
    label = bar.findChild(QLabel, "statusMessage")
    assert label is not None
    return label


def test_it_is_as_high_with_nothing_to_say(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    height = bar.height()
    assert message(bar).text() == ""
    session.feed(Diverged(1, 41, 39, 1.0))
    QApplication.processEvents()
    assert bar.minimumHeight() == bar.maximumHeight() == bar.height() == height
    session.notices.dismiss()
    assert message(bar).text() == ""


def test_the_way_on_is_offered_and_taken(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(Diverged(1, 41, 39, 1.0))
    assert "diverged at step 41" in message(bar).text()
    button = bar.findChild(QPushButton)
    assert button.isVisible()
    assert button.text() == "Back to step 39, η = 0.0003"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert GoBack() in session.fake_host.sent
    assert message(bar).text() == ""
    assert not button.isVisible()


def test_it_can_be_put_away(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(Refused("That cannot be"))
    assert message(bar).text() == "That cannot be."
    qtbot.mouseClick(bar.findChild(QToolButton, "noticeDismiss"), Qt.MouseButton.LeftButton)
    assert session.state.notice is None
    assert message(bar).text() == ""


def test_marked_up_text_stays_text(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    text = "<img src='file:///etc/passwd'><b>bold</b>"
    session.feed(Failed(text, "", 1, 3))
    assert message(bar).textFormat() == Qt.TextFormat.PlainText
    assert text in message(bar).text()


def test_a_long_message_wraps_and_stays_inside(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    session.feed(Diverged(1, 1_234_567, 1_234_565, 1e30))
    QApplication.processEvents()
    label = message(bar)
    assert label.heightForWidth(label.width()) <= bar.height()


def test_a_warning_does_not_look_like_a_remark(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = opened(qtbot, session)
    empty = _corner(bar)
    session.feed(Refused("No."))
    assert _corner(bar) != empty


def _corner(bar: NoticeBar) -> int:
    image = QImage(bar.grab().toImage())
    return image.pixel(image.width() // 2, 2)


def test_it_dies_when_it_is_closed(qtbot: QtBot) -> None:
    session = FakeSession()
    bar = NoticeBar(session)
    alive = weakref.ref(bar)
    bar.deleteLater()
    del bar
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert alive() is None
    session.feed(Refused("No."))
