"""The branches as lines, each from where it left another to its newest step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QToolTip, QWidget

from engine.protocol.messages import Branch
from gui.theme import appearance
from gui.timeline.scale import StepAxis
from gui.timeline.words import lane_text, short_name

STRONG, THIN = 3.0, 1.5
END_RADIUS = 3
HERE_RADIUS = 4.5


@dataclass(frozen=True, slots=True)
class _Lane:
    """One line, in pixels."""

    start: int
    end: int
    parent: int | None
    """Place of the lane that it left, from the top; None: there is none."""
    shown: bool
    compared: bool


class LaneLines(QWidget):
    """One line below the other on the track's scale; a click chooses one."""

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
        appearance.changed.connect(self._on_appearance_changed)

    def follow(
        self, branches: Sequence[Branch], shown: int, step: int, against: int | None,
        scale: StepAxis,
    ) -> None:  # fmt: skip
        """Show where the run stands. Args: against: the branch that W′ is compared with."""
        self._branches, self._shown, self._step = tuple(branches), shown, step
        self._against, self._scale = against, replace(scale, width=self.width())
        if self._picture() != self._painted:
            self.update()

    def _picture(self) -> tuple[object, ...]:
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
        """Spread the steps anew."""
        self._scale = replace(self._scale, width=self.width())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the branch under the pointer."""
        branch = self._branch_at(event.position().y())
        if branch is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(branch.number)

    def event(self, event: QEvent) -> bool:
        """Say which branch lies under the pointer."""
        if isinstance(event, QHelpEvent):
            branch = self._branch_at(event.pos().y())
            if branch is not None:
                words = f"Branch {short_name(branch.name)}: {lane_text(branch, self._branches)}"
                QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Lines with a bend where they leave another, and the step that is shown."""
        self._painted = self._picture()
        theme, here = appearance.theme, self._scale.x(self._step)
        painter = QPainter(self)
        painter.setPen(QPen(QColor(theme.accent), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(here, 0), QPointF(here, self.height()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, lane in enumerate(self._lanes()):
            self._paint_lane(painter, place, lane, here)

    def _paint_lane(self, painter: QPainter, place: int, lane: _Lane, here: int) -> None:
        theme, y = appearance.theme, self._middle(place)
        colour = QColor(
            theme.accent if lane.shown else theme.text if lane.compared else theme.hatch
        )
        width = STRONG if lane.shown else THIN
        if lane.parent is not None:
            painter.setPen(QPen(colour, THIN))
            painter.drawLine(QPointF(lane.start, self._middle(lane.parent)), QPointF(lane.start, y))
        style = Qt.PenStyle.DashLine if lane.compared else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour, width, style, Qt.PenCapStyle.FlatCap))
        painter.drawLine(QPointF(lane.start, y), QPointF(lane.end, y))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(lane.end, y), END_RADIUS, END_RADIUS)
        if lane.shown:
            painter.setPen(QPen(QColor(theme.page), 1))
            painter.drawEllipse(QPointF(here, y), HERE_RADIUS, HERE_RADIUS)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.update()
