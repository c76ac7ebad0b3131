"""What is said at the foot of the page."""

import gc
import weakref

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Diverged, Failed, GoBack, Refused
from gui.shell.notice_toast import NoticeToast
from gui.widgets.box import vbox
from tests.gui.shell_frames import FakeSession

FOOT = 40
"""Pixels below it."""


def opened(qtbot: QtBot, session: FakeSession) -> NoticeToast:
    page, foot = QWidget(), QWidget()
    foot.setFixedHeight(FOOT)
    vbox(1, foot, on=page)
    page.resize(900, 500)
    session.show(qtbot, page)
    return NoticeToast(session, page, foot)


def message(toast: NoticeToast) -> QLabel:
    label = toast.findChild(QLabel, "statusMessage")
    assert label is not None
    return label


def test_it_stands_above_the_foot_only_while_there_is_something_to_say(qtbot: QtBot) -> None:
    session = FakeSession()
    toast = opened(qtbot, session)
    assert not toast.isVisible()
    session.feed(Diverged(1, 41, 39, 1.0))
    page = toast.parentWidget()
    assert toast.isVisible() and page is not None
    for size in ((900, 500), (420, 300)):
        page.resize(*size)
        QApplication.processEvents()
        assert page.rect().adjusted(0, 0, 0, -FOOT).contains(toast.geometry())
    session.notices.dismiss()
    assert not toast.isVisible()


def test_the_way_on_is_offered_and_taken(qtbot: QtBot) -> None:
    session = FakeSession()
    toast = opened(qtbot, session)
    session.feed(Diverged(1, 41, 39, 1.0))
    assert "diverged at step 41" in message(toast).text()
    button = toast.findChild(QPushButton)
    assert button.isVisible()
    assert button.text() == "Back to step 39, η = 0.0003"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert GoBack() in session.fake_host.sent
    assert not toast.isVisible()


def test_it_can_be_put_away(qtbot: QtBot) -> None:
    session = FakeSession()
    toast = opened(qtbot, session)
    session.feed(Refused("That cannot be"))
    assert message(toast).text() == "That cannot be."
    qtbot.mouseClick(toast.findChild(QToolButton, "noticeDismiss"), Qt.MouseButton.LeftButton)
    assert session.state.notice is None
    assert not toast.isVisible()


def test_marked_up_text_stays_text(qtbot: QtBot) -> None:
    session = FakeSession()
    toast = opened(qtbot, session)
    text = "<img src='file:///etc/passwd'><b>bold</b>"
    session.feed(Failed(text, "", 1, 3))
    assert message(toast).textFormat() == Qt.TextFormat.PlainText
    assert text in message(toast).text()


def test_a_long_message_wraps_and_stays_inside(qtbot: QtBot) -> None:
    session = FakeSession()
    toast = opened(qtbot, session)
    session.feed(Diverged(1, 1_234_567, 1_234_565, 1e30))
    QApplication.processEvents()
    label = message(toast)
    assert label.heightForWidth(label.width()) <= toast.height()


def test_a_warning_does_not_look_like_a_remark(qtbot: QtBot) -> None:
    session = FakeSession()
    toast = opened(qtbot, session)
    session.notices.add_notes(1, ("A remark.",))
    remark = _corner(toast)
    session.feed(Refused("No."))
    assert _corner(toast) != remark


def _corner(toast: NoticeToast) -> int:
    image = QImage(toast.grab().toImage())
    return image.pixel(image.width() // 2, 2)


def test_it_dies_when_it_is_closed(qtbot: QtBot) -> None:
    session = FakeSession()
    page = QWidget()
    qtbot.addWidget(page)
    toast = NoticeToast(session, page, QWidget(page))
    alive = weakref.ref(toast)
    toast.deleteLater()
    del toast
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert alive() is None
    session.feed(Refused("No."))
