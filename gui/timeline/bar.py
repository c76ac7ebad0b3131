"""The strip under the stage: which step is shown, whether that is now, and the way to others."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QWidget

from engine.protocol.messages import Applied, Branch, Catalogue, Frame, Look, Timeline
from gui.branches import in_past, tip_of
from gui.controls.button import IconButton
from gui.notices import STARTING
from gui.session import Session
from gui.theme import RADIUS, SPACE, look
from gui.timeline.lane_lines import LaneLines
from gui.timeline.lane_name import LaneName
from gui.timeline.lane_side import LaneSide
from gui.timeline.place import PlaceLabel
from gui.timeline.scale import StepScale
from gui.timeline.track import Track
from gui.timeline.words import difference_text, lane_text, place_text, widest_place_text

PAUSE_MILLISECONDS = 100
"""While it trains, words and lanes say where it is ten times a second; the track always knows."""
BUTTON = 26
EDGE = 3
LEFT = 2 * BUTTON + SPACE


class TimelineBar(QWidget):
    """Follows the session's frames; asks it for other steps and branches."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._past = False
        self.setObjectName("timeline")
        self._back = IconButton("step-back", "One step back", object_name="stepBackButton",
                                size=BUTTON)  # fmt: skip
        self._on = IconButton("step-forward", "One step", object_name="stepOnButton", size=BUTTON)
        self.track = Track()
        self.place = PlaceLabel()
        self._now = QPushButton("Now")
        self._now.setObjectName("nowButton")
        self._now.setToolTip("Go to the newest step (End)")
        self._now.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._names: dict[int, LaneName] = {}
        self._sides: dict[int, LaneSide] = {}
        self._lines = LaneLines(self)
        self._lines.hide()
        self._grid = QGridLayout(self)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MILLISECONDS)
        self._listen()
        self._show()

    def _lay_out(self) -> None:
        buttons, right = QHBoxLayout(), QHBoxLayout()
        for row in (buttons, right):
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(SPACE)
        buttons.addWidget(self._back)
        buttons.addWidget(self._on)
        right.addWidget(self.place)
        right.addStretch(1)
        right.addWidget(self._now)
        grid = self._grid
        grid.setContentsMargins(SPACE, EDGE + 1, SPACE, EDGE)
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(0)
        grid.setColumnMinimumWidth(0, LEFT)
        grid.setColumnStretch(1, 1)
        grid.addLayout(buttons, 0, 0)
        grid.addWidget(self.track, 0, 1)
        grid.addLayout(right, 0, 2)

    def _listen(self) -> None:
        session = self._session
        self._back.clicked.connect(session.step_back)
        self._on.clicked.connect(self._on_step_clicked)
        self._now.clicked.connect(session.go_to_newest)
        self.track.valueChanged.connect(self._on_track_moved)
        self.track.sliderReleased.connect(self._on_track_released)
        self._lines.chosen.connect(session.switch_branch)
        self._timer.timeout.connect(self._on_timer_timeout)
        session.frame_changed.connect(self._on_session_frame_changed)
        session.timeline_changed.connect(self._on_session_timeline_changed)
        session.applied.connect(self._on_session_applied)
        session.stayed.connect(self._on_session_stayed)
        session.look_changed.connect(self._on_session_look_changed)
        session.catalogue_changed.connect(self._on_session_catalogue_changed)
        look.changed.connect(self._on_look_changed)

    # ------------------------------------------------------------ what it shows

    def _show(self) -> None:
        session, frame = self._session, self._session.frame
        if frame is None:
            return
        branches = session.branches()
        if tuple(self._names) != _with_lanes(branches):
            self._build_lanes(branches)
        past, scale = in_past(frame), self._show_track(frame)
        text, widest = place_text(frame, branches), widest_place_text(frame, branches)
        self.place.show_text(text, widest, past=past)
        self._show_lanes(frame, branches, scale)
        self._enable(frame, scale.first)
        if past != self._past:
            self._past = past
            self.update()

    def _show_track(self, frame: Frame) -> StepScale:
        """Tell the track where the run stands: what it does not reach nobody can go to."""
        session, branches = self._session, self._session.branches()
        scale = StepScale(
            min(branch.forked_at for branch in branches), max(branch.tip for branch in branches)
        )
        step = None if session.target is not None else frame.step
        self.track.follow(step, tip_of(frame), scale, session.marks.of(frame.branch))
        return scale

    def _enable(self, frame: Frame, first: int) -> None:
        ready = self._session.catalogue is not None and frame.run > 0
        self.track.setEnabled(ready)
        self._back.setEnabled(ready and frame.step > first)
        self._on.setEnabled(ready)
        self._now.setEnabled(ready and in_past(frame))
        on = "One step on" if in_past(frame) else "One step"
        self._back.set_name("One step back", "One step back (←)" if ready else STARTING.text)
        self._on.set_name(on, f"{on} (→)" if ready else STARTING.text)

    def _show_lanes(self, frame: Frame, branches: tuple[Branch, ...], scale: StepScale) -> None:
        against = self._session.looking.against
        if not self._names:
            return
        self._lines.follow(branches, frame.branch, frame.step, against, scale)
        for branch in branches:
            shown, compared = branch.number == frame.branch, branch.number == against
            compares = frame.difference is not None and frame.difference.branch == branch.number
            note = difference_text(frame, branches) if compares else lane_text(branch, branches)
            self._names[branch.number].show_branch(branch, shown=shown)
            self._sides[branch.number].show_branch(
                branch, note, shown=shown, compared=compared, last=len(branches) == 1
            )

    def _build_lanes(self, branches: tuple[Branch, ...]) -> None:
        """A lane for each branch, where there are several."""
        for widget in (*self._names.values(), *self._sides.values()):
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._grid.removeWidget(self._lines)
        self._names, self._sides = {}, {}
        wanted = _with_lanes(branches)
        self._lines.setVisible(bool(wanted))
        for row, branch in enumerate(branches if wanted else (), start=1):
            self._add_lane(row, branch)
        if wanted:
            self._grid.addWidget(self._lines, 1, 1, len(branches), 1)

    def _add_lane(self, row: int, branch: Branch) -> None:
        name, side = LaneName(self._session, branch), LaneSide(self._session, branch)
        name.drop_wanted.connect(side.ask)
        self._names[branch.number], self._sides[branch.number] = name, side
        self._grid.addWidget(name, row, 0)
        self._grid.addWidget(side, row, 2)
        name.show()
        side.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """In the past the strip stands out as a whole."""
        if self._past:
            painter, theme = QPainter(self), look.theme
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent_soft))
            painter.drawRoundedRect(QRectF(self.rect()), RADIUS, RADIUS)
            painter.setBrush(QColor(theme.accent))
            painter.drawRect(0, 0, EDGE, self.height())

    # ------------------------------------------------------------ events

    @Slot()
    def _on_step_clicked(self) -> None:
        self._session.step()

    @Slot(int)
    def _on_track_moved(self, step: int) -> None:
        self._session.go_to(step)
        if self._session.target is None:  # nobody goes there
            self._show()

    @Slot()
    def _on_track_released(self) -> None:
        self._show()

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        if frame.playing and self._timer.isActive():
            self._show_track(frame)
        else:
            self._show()
            self._timer.start()

    @Slot()
    def _on_timer_timeout(self) -> None:
        self._show()

    @Slot(object)
    def _on_session_timeline_changed(self, _timeline: Timeline | None) -> None:
        self._show()

    @Slot(object)
    def _on_session_applied(self, _applied: Applied) -> None:
        self._show()

    @Slot()
    def _on_session_stayed(self) -> None:
        self._show()

    @Slot(object)
    def _on_session_look_changed(self, _look: Look) -> None:
        self._show()

    @Slot(object)
    def _on_session_catalogue_changed(self, _catalogue: Catalogue) -> None:
        self._show()

    @Slot()
    def _on_look_changed(self) -> None:
        self.update()


def _with_lanes(branches: tuple[Branch, ...]) -> tuple[int, ...]:
    """Numbers of the branches that have lanes of their own: none where there is but one."""
    return tuple(branch.number for branch in branches) if len(branches) > 1 else ()
