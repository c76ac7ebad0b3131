"""Notice bar: the line at the bottom of the window, with a notice and its button."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFontMetrics, QIcon
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from gui.session import Session
from gui.state.notices import Notice
from gui.theme import RADIUS, SPACE, appearance, font, icon
from gui.widgets.box import hbox
from gui.widgets.button import IconButton, text_button
from gui.widgets.label import Label

LINES = 2
"""Lines of text that it has room for."""
ICON_SIZE = 18
"""Pixels."""


class NoticeBar(QWidget):
    """Shows the session's notice; as high where there is none."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setObjectName("noticeBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._icon = QLabel()
        self._icon.setFixedSize(ICON_SIZE, ICON_SIZE)
        self._text = Label(wrap=True)
        self._text.setObjectName("statusMessage")
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._action = text_button("", "noticeAction")
        self._dismiss = IconButton(
            "x", "Dismiss", object_name="noticeDismiss", size=24, frame=False
        )
        parts = (self._icon, (self._text, 1), self._action, self._dismiss)
        hbox(*parts, on=self, spacing=SPACE + 2, margins=(2 * SPACE, 0, SPACE, 0))
        self._action.clicked.connect(session.act_on_notice)
        self._dismiss.clicked.connect(session.notices.dismiss)
        session.state.notice_changed.connect(self._on_session_notice_changed)
        appearance.changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        theme, notice = appearance.theme, self._session.state.notice or Notice("")
        self._text.setText(notice.text)
        self._action.setText(notice.action)
        self._action.setVisible(bool(notice.action))
        self._dismiss.setVisible(bool(notice.text))
        urgent = notice.kind != "info"
        shown = icon("triangle-alert" if urgent else "info") if notice.text else QIcon()
        self._icon.setPixmap(shown.pixmap(QSize(ICON_SIZE, ICON_SIZE), self.devicePixelRatioF()))
        background = theme.warn_soft if urgent else "transparent"
        # The colour is said here too: polishing brings a label's older palette back.
        self.setStyleSheet(
            f"#noticeBar {{ background: {background}; border-radius: {RADIUS}px; }}"
            f"#statusMessage {{ color: {theme.text}; }}"
        )
        self.setFixedHeight(QFontMetrics(font()).lineSpacing() * LINES + SPACE)

    @Slot(object)
    def _on_session_notice_changed(self, notice: Notice | None) -> None:
        self._show()
        if notice is not None:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._text, notice.text))
