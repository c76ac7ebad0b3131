"""The branches as lines, each from its fork to its newest step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QToolTip, QWidget

from engine.protocol.messages import Branch
from gui.text.branches import short_branch_name
from gui.theme import appearance
from gui.timeline.step_axis import StepAxis
from gui.timeline.texts import lane_text

SHOWN_LINE_WIDTH, LINE_WIDTH = 3.0, 1.5
END_RADIUS = 3
SHOWN_STEP_RADIUS = 4.5


@dataclass(frozen=True, slots=True)
class _Lane:
    """One line, in pixels."""

    start: int
    end: int
    parent: int | None
    """Index of the lane that it forked from, from the top; None: there is none."""
    shown: bool
    compared: bool


class LaneLines(QWidget):
    """Lines below each other on the slider's axis; a click chooses one."""

    chosen = Signal(int)
    """The branch's number."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Branches")
        self._branches: tuple[Branch, ...] = ()
        self._shown, self._step = 0, 0
        self._against: int | None = None
        self._scale = StepAxis()
        self._painted: tuple[object, ...] = ()

    def show_run(
        self, branches: Sequence[Branch], shown: int, step: int, against: int | None,
        scale: StepAxis,
    ) -> None:  # fmt: skip
        """Show the run. Args: shown, against: branch shown, and compared with.  scale: slider's."""
        self._branches, self._shown, self._step = tuple(branches), shown, step
        self._against, self._scale = against, replace(scale, width=self.width())
        if self._painted_state() != self._painted:
            self.update()

    def _painted_state(self) -> tuple[object, ...]:
        return (*self._lanes(), self._scale.x(self._step))

    def _lanes(self) -> list[_Lane]:
        places = {branch.number: place for place, branch in enumerate(self._branches)}
        return [
            _Lane(
                start=self._scale.x(branch.forked_at),
                end=self._scale.x(branch.tip),
                parent=None if branch.parent is None else places.get(branch.parent),
                shown=branch.number == self._shown,
                compared=branch.number == self._against,
            )
            for branch in self._branches
        ]

    def _middle(self, place: int) -> float:
        return (place + 0.5) * self.height() / max(len(self._branches), 1)

    def _branch_at(self, y: float) -> Branch | None:
        place = int(y * len(self._branches) / max(self.height(), 1))
        return self._branches[place] if 0 <= place < len(self._branches) else None

    # ------------------------------------------------------------ Qt's hooks

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Adapt the axis."""
        self._scale = replace(self._scale, width=self.width())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the branch under the pointer."""
        branch = self._branch_at(event.position().y())
        if branch is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(branch.number)

    def event(self, event: QEvent) -> bool:
        """Show a tooltip of the branch under the pointer."""
        if isinstance(event, QHelpEvent):
            branch = self._branch_at(event.pos().y())
            if branch is not None:
                words = (
                    f"Branch {short_branch_name(branch.name)}: {lane_text(branch, self._branches)}"
                )
                QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint lines that bend where they fork, and the step that is shown."""
        self._painted = self._painted_state()
        theme, shown_x = appearance.theme, self._scale.x(self._step)
        painter = QPainter(self)
        painter.setPen(QPen(QColor(theme.accent), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(shown_x, 0), QPointF(shown_x, self.height()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, lane in enumerate(self._lanes()):
            self._paint_lane(painter, place, lane, shown_x)

    def _paint_lane(self, painter: QPainter, place: int, lane: _Lane, shown_x: int) -> None:
        theme, y = appearance.theme, self._middle(place)
        colour = QColor(
            theme.accent if lane.shown else theme.text if lane.compared else theme.hatch
        )
        width = SHOWN_LINE_WIDTH if lane.shown else LINE_WIDTH
        if lane.parent is not None:
            painter.setPen(QPen(colour, LINE_WIDTH))
            painter.drawLine(QPointF(lane.start, self._middle(lane.parent)), QPointF(lane.start, y))
        style = Qt.PenStyle.DashLine if lane.compared else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour, width, style, Qt.PenCapStyle.FlatCap))
        painter.drawLine(QPointF(lane.start, y), QPointF(lane.end, y))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(lane.end, y), END_RADIUS, END_RADIUS)
        if lane.shown:
            painter.setPen(QPen(QColor(theme.page), 1))
            painter.drawEllipse(QPointF(shown_x, y), SHOWN_STEP_RADIUS, SHOWN_STEP_RADIUS)
