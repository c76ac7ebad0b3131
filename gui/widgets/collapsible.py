"""Collapsible section: a header with a summary, and a body that opens and closes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from gui.theme import RADIUS, SMALL, SPACE, appearance
from gui.widgets.box import hbox, vbox
from gui.widgets.button import handle_press_key
from gui.widgets.label import RIGHT, ElidedLabel, Label

ARROW_SIZE = 4.0
"""Half the width of the arrow, in pixels at the ordinary text size."""
INDENT = 2 * SPACE
"""Pixels left of the name, at the ordinary text size."""


class _Header(QAbstractButton):
    """Header to click: an arrow, a name, and a summary."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.summary = ElidedLabel(scale=SMALL, colour="muted")
        self.summary.setAlignment(RIGHT)
        title = Label(name, bold=True)
        for part in (title, self.summary):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            part.setForegroundRole(QPalette.ColorRole.WindowText)  # in a button: ButtonText
        self._row = hbox(title, (self.summary, 1), on=self, spacing=SPACE)
        self._on_appearance_changed()
        appearance.changed.connect(self._on_appearance_changed)

    def set_summary(self, summary: str) -> None:
        """Show a summary, in full in the tooltip and to screen readers."""
        self.summary.show_text(summary)
        self.setToolTip(f"{self._name}: {summary}")
        self.setAccessibleName(self._name)
        self.setAccessibleDescription(summary)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self._row.setContentsMargins(round(INDENT * appearance.icon_scale), 2, 2, 2)
        self.update()

    def sizeHint(self) -> QSize:
        """Qt's hook: the size of its layout."""
        return self._row.sizeHint()

    def event(self, event: QEvent) -> bool:
        """Qt's hook: see `handle_press_key`."""
        return handle_press_key(self, event) or super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's hook: the arrow, and a frame while it has the keyboard."""
        theme = appearance.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.underMouse():
            painter.setBrush(QColor(theme.hover))
            painter.drawRoundedRect(self.rect(), RADIUS, RADIUS)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.text), 2))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        painter.setPen(QPen(QColor(theme.muted), 1.6, c=Qt.PenCapStyle.RoundCap))
        painter.translate(6.0 * appearance.icon_scale, self.height() / 2)
        painter.scale(appearance.icon_scale, appearance.icon_scale)
        painter.rotate(90 if self.isChecked() else 0)
        half = ARROW_SIZE / 2
        painter.drawPolyline(
            QPolygonF([QPointF(-half, -ARROW_SIZE), QPointF(half, 0), QPointF(-half, ARROW_SIZE)])
        )


class Section(QWidget):
    """Header, and a column of widgets below it while it is open.

    Args: key: names it in the preferences and to tests: its header is `section.KEY`.
    """

    toggled = Signal(str, bool)
    """(key, open)"""

    def __init__(self, key: str, name: str) -> None:
        super().__init__()
        self._key = key
        self.setObjectName(f"controls.{key}")
        self._header = _Header(name)
        self._header.setObjectName(f"section.{key}")
        self._body = QWidget()
        self._body.hide()
        self._column = vbox(on=self._body, spacing=SPACE, margins=(0, SPACE // 2, 0, SPACE))
        vbox(self._header, self._body, on=self)
        self._held = False
        self._header.toggled.connect(self._on_header_toggled)

    @property
    def key(self) -> str:
        """Name of the section in the preferences."""
        return self._key

    def add(self, widget: QWidget, index: int = -1) -> None:
        """Insert a widget into the body. Args: index: −1: at the end."""
        self._column.insertWidget(index, widget)

    def set_summary(self, summary: str) -> None:
        """Show a few words on what is set inside."""
        self._header.set_summary(summary)

    def summary(self) -> str:
        """Return what it shows while it is closed."""
        return self._header.summary.full_text()

    def set_open(self, is_open: bool) -> None:
        """Open or close it."""
        self._header.setChecked(is_open)

    def hold_open(self, held: bool) -> None:
        """Hold it open without a signal, or let it go back to what it was.

        If it is opened or closed by its header meanwhile, it stays so.
        """
        if held != self._held and held != self._header.isChecked():
            self._held = held
            with QSignalBlocker(self._header):
                self._header.setChecked(held)
            self._show_body(held)

    def _show_body(self, is_open: bool) -> None:
        self._body.setVisible(is_open)
        self._header.summary.setVisible(not is_open)

    @Slot(bool)
    def _on_header_toggled(self, is_open: bool) -> None:
        self._held = False
        self._show_body(is_open)
        self.toggled.emit(self._key, is_open)
