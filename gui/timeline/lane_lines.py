"""The branches as lines, each from its fork to its newest step."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from engine.protocol.messages import Branch
from gui.state.branches import find
from gui.text.branches import short_branch_name
from gui.theme import appearance
from gui.timeline.slider import TimelineSlider

SHOWN_LINE_WIDTH, LINE_WIDTH = 3.0, 1.5
END_RADIUS = 3
SHOWN_STEP_RADIUS = 4.5


def lane_text(branch: Branch, branches: Sequence[Branch]) -> str:
    """Return where a branch begins and how far it goes."""
    parent = find(branches, branch.parent)
    if parent is None:
        return f"to step {branch.tip:,}"
    return f"left {short_branch_name(parent.name)} at {branch.forked_at:,} · to {branch.tip:,}"


class LaneLines(QWidget):
    """Lines below each other, below the slider and on its axis; a click chooses one."""

    chosen = Signal(int)
    """The branch's number."""

    def __init__(self, track: TimelineSlider, parent: QWidget) -> None:
        super().__init__(parent)
        self._track = track
        self.setAccessibleName("Branches")
        self._branches: tuple[Branch, ...] = ()
        self._shown, self._step = 0, 0
        self._against: int | None = None

    def show_run(
        self, branches: Sequence[Branch], shown: int, step: int, against: int | None
    ) -> None:
        """Show the run. Args: shown, against: numbers of the branch shown, and compared with."""
        self._branches, self._shown, self._step = tuple(branches), shown, step
        self._against = against
        self.update()

    def _branch_at(self, y: float) -> Branch | None:
        place = int(y * len(self._branches) / max(self.height(), 1))
        return self._branches[place] if 0 <= place < len(self._branches) else None

    # ------------------------------------------------------------ Qt's hooks

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
                words = lane_text(branch, self._branches)
                text = f"Branch {short_branch_name(branch.name)}: {words}"
                QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint lines that bend where they fork, and the step that is shown."""
        height = self.height() / max(len(self._branches), 1)
        middles = {b.number: (place + 0.5) * height for place, b in enumerate(self._branches)}
        shown_x = self._track.axis.x(self._step)
        painter = QPainter(self)
        painter.setPen(QPen(QColor(appearance.theme.accent), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(shown_x, 0), QPointF(shown_x, self.height()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for branch in self._branches:
            self._paint_lane(painter, branch, middles)

    def _paint_lane(self, painter: QPainter, branch: Branch, middles: dict[int, float]) -> None:
        theme, axis, y = appearance.theme, self._track.axis, middles[branch.number]
        start, end = axis.x(branch.forked_at), QPointF(axis.x(branch.tip), y)
        shown, compared = branch.number == self._shown, branch.number == self._against
        colour = QColor(theme.accent if shown else theme.text if compared else theme.hatch)
        if branch.parent in middles:
            painter.setPen(QPen(colour, LINE_WIDTH))
            painter.drawLine(QPointF(start, middles[branch.parent]), QPointF(start, y))
        width = SHOWN_LINE_WIDTH if shown else LINE_WIDTH
        style = Qt.PenStyle.DashLine if compared else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour, width, style, Qt.PenCapStyle.FlatCap))
        painter.drawLine(QPointF(start, y), end)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(end, END_RADIUS, END_RADIUS)
        if shown:
            painter.setPen(QPen(QColor(theme.page), 1))
            shown_step = QPointF(axis.x(self._step), y)
            painter.drawEllipse(shown_step, SHOWN_STEP_RADIUS, SHOWN_STEP_RADIUS)
