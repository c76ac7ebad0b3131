"""Rate curve: the learning rate over the planned steps, with a dot at the next step."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.protocol.messages import Frame
from engine.protocol.schedules import schedule_factor
from engine.protocol.settings import Settings
from gui.session import Session
from gui.text.numbers import short_number
from gui.theme import TINY, appearance, font

HEIGHT = 36
"""Pixels for the curve."""
DOT_RADIUS = 3.5
"""Pixels."""
POINTS = 120
"""Intervals that the curve is drawn with."""


class RateCurve(QWidget):
    """Shows η from step 0 to T, and below it the ends and the rate of the next step."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._settings = session.state.settings
        frame = session.state.frame
        self._step = 0 if frame is None else frame.step
        self._learning_rate = None if frame is None else frame.learning_rate
        self.setObjectName("rateCurve")
        self.setToolTip("The learning rate η over the planned steps; the dot is the next step")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        session.state.settings_changed.connect(self._on_session_settings_changed)
        session.state.frame_changed.connect(self._on_session_frame_changed)
        self._update_name()

    def text(self) -> str:
        """Return the rate of the next step, as shown."""
        learning_rate = self._learning_rate
        if learning_rate is None:
            learning_rate = self._settings.learning_rate * schedule_factor(
                self._settings, self._step
            )
        return f"η = {short_number(learning_rate)}"

    def last_step(self) -> int:
        """Return the step at the right end."""
        settings = self._settings
        taken = self._step if settings.schedule == "constant" else 0  # it plans no end
        return max(settings.total_steps or 1, settings.warmup_steps, taken)

    def sizeHint(self) -> QSize:
        """Qt's hook: a low strip and a line of text."""
        return QSize(120, HEIGHT + QFontMetrics(font(TINY)).height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's hook: the curve, its dot, and the figures below."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(DOT_RADIUS + 1, DOT_RADIUS + 1, -DOT_RADIUS - 1, 0)
        area.setHeight(HEIGHT - 2 * DOT_RADIUS - 2)
        self._paint_curve(painter, area)
        painter.setFont(font(TINY))
        painter.setPen(QColor(appearance.theme.muted))
        below = self.rect().adjusted(0, HEIGHT, 0, 0)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "0")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{self.last_step():,}")
        painter.setPen(QColor(appearance.theme.text))
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, self.text())

    def _paint_curve(self, painter: QPainter, area: QRectF) -> None:
        theme, last = appearance.theme, self.last_step()
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        steps = sorted({round(last * i / POINTS) for i in range(POINTS + 1)} | {self._corner()})
        painter.setPen(QPen(QColor(theme.muted), 1.5))
        painter.drawPolyline(QPolygonF([self._at(area, step) for step in steps if step <= last]))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent))
        painter.drawEllipse(self._at(area, self._step), DOT_RADIUS, DOT_RADIUS)

    def _corner(self) -> int:
        """Return the step of the highest rate: a corner that evenly spaced points might cut."""
        settings = self._settings
        return settings.warmup_steps if settings.schedule != "slanted" else self.last_step() // 10

    def _at(self, area: QRectF, step: int) -> QPointF:
        last = self.last_step()
        return QPointF(
            area.left() + area.width() * min(step, last) / last,
            area.bottom() - area.height() * schedule_factor(self._settings, step),
        )

    def _update_name(self) -> None:
        self.setAccessibleName(f"Learning rate at step {self._step:,}: {self.text()}")

    @Slot(object, object)
    def _on_session_settings_changed(self, _old: Settings, new: Settings) -> None:
        self._settings, self._learning_rate = new, None  # the frame's is of the settings before
        self._update_name()
        self.update()

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        known = frame.learning_rate if frame.settings == self._settings else None
        if (frame.step, known) != (self._step, self._learning_rate):
            self._step, self._learning_rate = frame.step, known
            self.update()
            if self.isVisible():
                self._update_name()
