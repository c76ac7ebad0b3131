"""Rate curve: the learning rate over the planned steps, with a dot at the next step."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.protocol.schedules import schedule_factor
from gui.session import Session
from gui.text.numbers import short_number
from gui.theme import TINY, appearance, font

HEIGHT, DOT_RADIUS = 36, 3.5
"""Height of the curve, and radius of the dot on it, in pixels."""
POINTS = 120
"""Intervals that the curve is drawn with."""


class RateCurve(QWidget):
    """Shows η from step 0 to T, and below it the ends and the rate of the next step."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setObjectName("rateCurve")
        self.setToolTip("Learning rate η over the planned steps; the dot marks the next step")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        session.state.settings_changed.connect(self._show)
        session.state.frame_changed.connect(self._show)
        self._show()

    @property
    def _step(self) -> int:
        frame = self._session.state.frame
        return 0 if frame is None else frame.step

    def text(self) -> str:
        """Return the rate of the next step, as shown."""
        frame, settings = self._session.state.frame, self._session.state.settings
        rate = frame.learning_rate if frame is not None and frame.settings == settings else None
        if rate is None:
            rate = settings.learning_rate * schedule_factor(settings, self._step)
        return f"η = {short_number(rate)}"

    def last_step(self) -> int:
        """Return the step at the right end."""
        settings = self._session.state.settings
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
        settings = self._session.state.settings
        return settings.warmup_steps if settings.schedule != "slanted" else self.last_step() // 10

    def _at(self, area: QRectF, step: int) -> QPointF:
        last = self.last_step()
        return QPointF(
            area.left() + area.width() * min(step, last) / last,
            area.bottom() - area.height() * schedule_factor(self._session.state.settings, step),
        )

    @Slot()
    def _show(self) -> None:
        self.update()
        self.setAccessibleName(f"Learning rate at step {self._step:,}: {self.text()}")
