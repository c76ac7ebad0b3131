"""Notice toast: a notice and its button, floating over the centre of the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QLabel, QWidget

from gui.session import Session
from gui.state.notices import Notice
from gui.theme import RADIUS, SPACE, appearance, icon
from gui.widgets.box import hbox
from gui.widgets.button import IconButton, text_button
from gui.widgets.label import Label

MAX_WIDTH = 720
"""Pixels at the ordinary text size."""
ICON_SIZE = 18
"""Pixels."""


class NoticeToast(QWidget):
    """Shows the session's notice at the foot of a page, and nothing where there is none.

    Args: page: what it floats over.  above: it stays above these parts of the page.
    """

    def __init__(self, session: Session, page: QWidget, *above: QWidget) -> None:
        super().__init__(page)
        self._session, self._above = session, above
        self.setObjectName("noticeToast")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._icon = QLabel()
        self._icon.setFixedSize(ICON_SIZE, ICON_SIZE)
        self._text = Label(wrap=True)
        self._text.setObjectName("statusMessage")
        self._action = text_button("", "noticeAction")
        self._dismiss = IconButton(
            "x", "Dismiss", object_name="noticeDismiss", size=24, frame=False
        )
        parts = (self._icon, (self._text, 1), self._action, self._dismiss)
        self._row = hbox(*parts, on=self, spacing=SPACE, margins=(SPACE + 4, SPACE, SPACE, SPACE))
        self._action.clicked.connect(session.act_on_notice)
        self._dismiss.clicked.connect(session.notices.dismiss)
        session.state.notice_changed.connect(self._on_session_notice_changed)
        appearance.changed.connect(self._show)
        for widget in (page, *above):
            widget.installEventFilter(self)
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's hook: follow the page and what it stands above."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.LayoutRequest):
            self._place()
        return super().eventFilter(watched, event)

    @Slot()
    def _show(self) -> None:
        theme, notice = appearance.theme, self._session.state.notice or Notice("")
        self._text.setText(notice.text)
        self._action.setText(notice.action)
        self._action.setVisible(bool(notice.action))
        urgent = notice.kind != "info"
        shown = icon("triangle-alert" if urgent else "info")
        self._icon.setPixmap(shown.pixmap(QSize(ICON_SIZE, ICON_SIZE), self.devicePixelRatioF()))
        background = theme.warn_soft if urgent else theme.panel
        # The colour is said here too: polishing brings a label's older palette back.
        self.setStyleSheet(
            f"#noticeToast {{ background: {background}; border: 1px solid {theme.muted};"
            f" border-radius: {RADIUS}px; }} #statusMessage {{ color: {theme.text}; }}"
        )
        self.setVisible(bool(notice.text))
        self._place()

    def _place(self) -> None:
        """Stand centred above the parts, as wide as the text needs."""
        page = self.parentWidget()
        if page is None or self.isHidden():
            return
        self._row.activate()
        most = min(round(MAX_WIDTH * appearance.layout_scale), page.width() - 2 * SPACE)
        width = min(self._natural_width(), most)
        height = max(self._row.heightForWidth(width), self._row.minimumSize().height())
        foot = min((part.y() for part in self._above if not part.isHidden()), default=page.height())
        self.setGeometry((page.width() - width) // 2, foot - height - SPACE // 2, width, height)
        self.raise_()

    def _natural_width(self) -> int:
        """Return the width with the text in one line, in pixels."""
        beside = self._row.minimumSize().width() - self._text.minimumSizeHint().width()
        return beside + self._text.advance(self._text.text()) + SPACE

    @Slot(object)
    def _on_session_notice_changed(self, notice: Notice | None) -> None:
        self._show()
        if notice is not None:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._text, notice.text))
