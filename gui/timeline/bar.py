"""The timeline: the step that is shown, the way to others, and the branches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from engine.protocol.messages import Branch, Frame
from gui.session import Session
from gui.state.branches import find, in_past, tip_of
from gui.state.notices import STARTING
from gui.text.branches import difference_caption, short_branch_name
from gui.text.numbers import number_text
from gui.theme import RADIUS, SPACE, appearance, font
from gui.timeline.lane import Lane
from gui.timeline.lane_lines import LaneLines, lane_text
from gui.timeline.slider import TimelineSlider
from gui.widgets.box import hbox
from gui.widgets.button import IconButton, text_button
from gui.widgets.copying import MenuRow
from gui.widgets.frame_throttle import NUMBER_MILLISECONDS, FrameThrottle

SEPARATOR = " · "
"""Between two parts of the text at the right."""
BUTTON_SIZE = 26
PAST_EDGE_WIDTH = 3
LEFT_COLUMN_WIDTH = 2 * BUTTON_SIZE + SPACE


def position_text(frame: Frame, branches: Sequence[Branch]) -> str:
    """Return the step that is shown, whether it is the newest, and its branch among several."""
    tip = tip_of(frame)
    past = f"Step {frame.step:,} of {tip:,} · the past" if in_past(frame) else f"Step {tip:,} · now"
    shown = find(branches, frame.branch)
    if shown is None or len(branches) < 2:
        return past
    return f"{past} · Branch {short_branch_name(shown.name)}"


def widest_position_text(frame: Frame, branches: Sequence[Branch]) -> str:
    """Return a text at least as wide as any until the newest step has one more digit."""
    nines = 10 ** max(len(str(tip_of(frame))), 3) - 1
    text = f"Step {nines:,} of {nines:,} · the past"
    if len(branches) < 2:
        return text
    return f"{text} · Branch {max((short_branch_name(b.name) for b in branches), key=len)}"


def difference_text(frame: Frame, branches: Sequence[Branch]) -> str:
    """Return the largest difference of W′ from the branch that it is compared with."""
    largest = max(
        (float(np.nanmax(np.abs(factor.values), initial=0.0)) for layer in frame.layers
         for factor in layer.factors if factor.info.role == "difference"),
        default=0.0,
    )  # fmt: skip
    return f"{difference_caption(frame, branches)}: up to {number_text(largest)}"


class PositionLabel(QWidget):
    """Plain text at the newest step, on a filled background in the past; of constant width.

    Where it has no room, parts of the text go, from its end on, and never its size.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("timelineText")
        self._text, self._widest, self._past = "", "", False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """Return the text."""
        return self._text

    def show_text(self, text: str, widest: str, *, past: bool) -> None:
        """Show a text. Args: widest: determines the width.  past: is the step in the past?"""
        if widest != self._widest:
            self._widest = widest
            self.updateGeometry()
        if (text, past) != (self._text, self._past):
            self._text, self._past = text, past
            self.setAccessibleName(text)
            self.setToolTip(text)
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size of the widest text."""
        metrics = QFontMetrics(font(bold=True))
        return QSize(metrics.horizontalAdvance(self._widest) + 2 * SPACE, metrics.height() + 6)

    def minimumSizeHint(self) -> QSize:
        """Return the size of the step alone."""
        metrics, step = QFontMetrics(font(bold=True)), self._widest.partition(SEPARATOR)[0]
        return QSize(metrics.horizontalAdvance(step) + 2 * SPACE, self.sizeHint().height())

    def shown_text(self) -> str:
        """Return as many parts of the text as fit."""
        metrics, parts = QFontMetrics(font(bold=True)), self._text.split(SEPARATOR)
        texts = [SEPARATOR.join(parts[:count]) for count in range(len(parts), 0, -1)]
        texts.append(parts[0].removeprefix("Step "))
        fits = (t for t in texts if metrics.horizontalAdvance(t) + 2 * SPACE <= self.width())
        return next(fits, texts[-1])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the background and the text."""
        theme, text = appearance.theme, self.shown_text()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(bold=True))
        words = QRectF(self.rect()).adjusted(SPACE, 0, -SPACE, 0)
        if self._past:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent))
            wide = painter.fontMetrics().horizontalAdvance(text) + 2 * SPACE
            painter.drawRoundedRect(QRectF(0, 0, wide, self.height()), RADIUS, RADIUS)
        painter.setPen(QColor(theme.on_accent if self._past else theme.text))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, text)


class TimelineBar(QWidget):
    """Follows the session's frames; asks it for other steps and branches."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._past = False
        self.setObjectName("timeline")
        size = BUTTON_SIZE
        self._back = IconButton("chevron-left", "", object_name="stepBackButton", size=size)
        self._forward = IconButton("chevron-right", "", object_name="stepOnButton", size=size)
        self.track = TimelineSlider()
        self.position = PositionLabel()
        self._now = text_button("Now", "nowButton", "Go to the newest step (End)")
        self._lanes: dict[int, Lane] = {}
        """Lane of each branch, by its number; none where there is only one branch."""
        self._lines = LaneLines(self.track, self)
        self._lines.hide()
        self._grid = QGridLayout(self)
        self._lay_out()
        self._throttle = FrameThrottle(self, NUMBER_MILLISECONDS)
        self._connect_signals()
        self._show()

    def _lay_out(self) -> None:
        grid = self._grid
        grid.setContentsMargins(SPACE, PAST_EDGE_WIDTH + 1, SPACE, PAST_EDGE_WIDTH)
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(0)
        grid.setColumnMinimumWidth(0, LEFT_COLUMN_WIDTH)
        grid.setColumnStretch(1, 1)
        grid.addLayout(hbox(self._back, self._forward, spacing=SPACE), 0, 0)
        grid.addWidget(self.track, 0, 1)
        grid.addLayout(hbox(self.position, 1, self._now, spacing=SPACE), 0, 2)

    def _connect_signals(self) -> None:
        session = self._session
        self._back.clicked.connect(session.navigation.step_back)
        self._forward.clicked.connect(self._session.playback.step)
        self._now.clicked.connect(session.navigation.go_to_newest)
        self.track.valueChanged.connect(self._on_track_moved)
        self.track.sliderReleased.connect(self._show)
        self._lines.chosen.connect(session.navigation.switch_branch)
        self._throttle.due.connect(self._show)
        state, options_changed = session.state, session.view_requests.frame_options_changed
        state.frame_changed.connect(self._on_session_frame_changed)
        for signal in (state.timeline_changed, state.applied, state.seek_dropped, options_changed):
            signal.connect(self._show)
        state.catalogue_changed.connect(self._show)

    # ------------------------------------------------------------ what it shows

    @Slot()
    def _show(self) -> None:
        session, frame = self._session, self._session.state.frame
        if frame is None:
            return
        branches = session.state.branches()
        lanes = branches if len(branches) > 1 else ()
        if list(self._lanes) != [branch.number for branch in lanes]:
            self._build_lanes(lanes)
        past, first = in_past(frame), self._show_step(frame, branches)
        self._show_lanes(frame, branches)
        self._enable(frame, first)
        if past != self._past:
            self._past = past
            self.update()

    def _show_step(self, frame: Frame, branches: Sequence[Branch]) -> int:
        """Show where the run stands: no step beyond can be gone to. Returns: the first step."""
        session = self._session
        text, widest = position_text(frame, branches), widest_position_text(frame, branches)
        self.position.show_text(text, widest, past=in_past(frame))
        first = min(branch.forked_at for branch in branches)
        last = max(branch.tip for branch in branches)
        step = None if session.navigation.target is not None else frame.step
        marks = session.state.change_log.of(frame.branch)
        self.track.show_run(step, tip_of(frame), (first, last), marks)
        return first

    def _enable(self, frame: Frame, first: int) -> None:
        ready = self._session.state.catalogue is not None and frame.run > 0
        self.track.setEnabled(ready)
        self._back.setEnabled(ready and frame.step > first)
        self._forward.setEnabled(ready)
        self._now.setEnabled(ready and in_past(frame))
        on = "One step on" if in_past(frame) else "One step"
        self._back.set_name("One step back", "One step back (←)" if ready else STARTING.text)
        self._forward.set_name(on, f"{on} (→)" if ready else STARTING.text)

    def _show_lanes(self, frame: Frame, branches: tuple[Branch, ...]) -> None:
        against = self._session.view_requests.frame_options.compared_branch
        self._lines.show_run(branches, frame.branch, frame.step, against)
        difference = frame.measurements.difference
        for branch in branches if self._lanes else ():
            shown, compared = branch.number == frame.branch, branch.number == against
            compares = difference is not None and difference.branch == branch.number
            note = difference_text(frame, branches) if compares else lane_text(branch, branches)
            lane = self._lanes[branch.number]
            lane.show_branch(branch, note, shown=shown, compared=compared)

    def _build_lanes(self, branches: tuple[Branch, ...]) -> None:
        for old in self._lanes.values():
            for widget in (old.name, old):
                widget.hide()
                widget.deleteLater()
        self._lanes = {branch.number: Lane(self._session, branch) for branch in branches}
        self._grid.removeWidget(self._lines)
        self._lines.setVisible(bool(branches))
        for row, lane in enumerate(self._lanes.values(), start=1):
            self._grid.addWidget(lane.name, row, 0)
            self._grid.addWidget(lane, row, 2)
        if branches:
            self._grid.addWidget(self._lines, 1, 1, len(branches), 1)

    def menu_rows(self, at: QPoint | None) -> tuple[MenuRow | str, ...]:
        """Return what can be done with the branch meant, on its name, its line or beside it."""
        meant = next((lane for lane in self._lanes.values() if lane.holds(at)), None)
        return () if meant is None else meant.rows_of_menu()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Highlight the whole bar while the past is shown."""
        if self._past:
            painter, theme = QPainter(self), appearance.theme
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent_soft))
            painter.drawRoundedRect(QRectF(self.rect()), RADIUS, RADIUS)
            painter.setBrush(QColor(theme.accent))
            painter.drawRect(0, 0, PAST_EDGE_WIDTH, self.height())

    # ------------------------------------------------------------ events

    @Slot(int)
    def _on_track_moved(self, step: int) -> None:
        self._session.navigation.go_to(step)
        if self._session.navigation.target is None:  # nobody goes there
            self._show()

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        if frame.playing:  # the step agrees with the one above at all times
            self._show_step(frame, self._session.state.branches())
            self._throttle.request()
        else:
            self._throttle.draw_now()
