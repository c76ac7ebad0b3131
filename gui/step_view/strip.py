"""The strip of the step view: the path of phases and a caption; and the button that opens it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QHideEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QPushButton, QSizePolicy, QWidget

from engine.protocol.messages import StepTrace
from gui.actions.table import tooltip_of
from gui.sample.class_bars import ClassBars
from gui.sample.picture import SamplePicture
from gui.step_view.controller import StepView
from gui.step_view.phases import Phase, phase_caption
from gui.theme import LARGE, MARGIN, SMALL, SPACE, TINY, appearance, font
from gui.widgets.box import hbox, stand_in, vbox
from gui.widgets.button import IconButton
from gui.widgets.label import Label
from gui.widgets.surface import ScrollArea

DOT_DIAMETER = 20
"""Diameter of a phase's number, in pixels at the ordinary text size."""
LINK_LENGTH = 18
"""Length of the line between two phases, in pixels."""
PROBABILITIES_WIDTH, PROBABILITIES_HEIGHT = 200, 36  # pixels
PICTURE_SIDE = 64  # pixels
HEIGHT = 112
"""Of the strip, in pixels at the ordinary text size."""
NARROW_SHARE = 0.4
"""Share of the height around it that it takes where it is narrow."""
WIDEST_STEP = "Step 9,999 → 9,999"
PROBABILITIES_TITLE = "p of each class"
BUTTON_HINT = tooltip_of("step_view")
WAITING = "Computing the step …"
PHASE_MILLISECONDS, MIN_PHASE_MILLISECONDS, MAX_PHASE_MILLISECONDS = 1500, 375, 6000
"""Duration of a phase in slow motion, and its limits."""


class PhasePath(QWidget):
    """Numbered dots joined by lines; the current one is filled and its name bold."""

    chosen = Signal(object)
    """The phase that was clicked."""

    def __init__(self) -> None:
        super().__init__()
        self.phase = Phase.FORWARD
        self.setObjectName("momentPath")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_phase(self, phase: Phase) -> None:
        """Mark a phase as current."""
        self.phase = phase
        self.setAccessibleName(f"Phase {phase} of {len(Phase)}: {phase.title}")
        self.update()

    def place(self, phase: Phase) -> QRectF:
        """Return the rectangle of a phase with its name."""
        gap = LINK_LENGTH + SPACE if self._whole else SPACE // 2
        left = sum(self._width(one) + gap for one in Phase if one < phase)
        return QRectF(left, 0.0, self._width(phase), float(self.height()))

    def sizeHint(self) -> QSize:
        """Return the size for all names, each as if it were bold."""
        return QSize(self._whole_width(), round(self._dot()) + 6)

    def minimumSizeHint(self) -> QSize:
        """Return the size with only the current phase's name."""
        names = max(self._words(one) for one in Phase)
        dots = len(Phase) * (self._dot() + SPACE // 2)
        return QSize(round(dots + names), round(self._dot()) + 6)

    @property
    def _whole(self) -> bool:
        return self.width() >= self._whole_width()

    def _whole_width(self) -> int:
        width = sum(self._dot() + self._words(one) for one in Phase)
        return round(width + (len(Phase) - 1) * (LINK_LENGTH + SPACE)) + 2

    def _dot(self) -> float:
        return DOT_DIAMETER * appearance.layout_scale

    def _words(self, phase: Phase) -> int:
        """Return the width of a name with the gap before it."""
        return SPACE // 2 + QFontMetrics(font(bold=True)).horizontalAdvance(phase.title)

    def _named(self, phase: Phase) -> bool:
        return phase is self.phase or self._whole

    def _width(self, phase: Phase) -> float:
        return self._dot() + (self._words(phase) if self._named(phase) else 0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint all phases."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for phase in Phase:
            self._paint_phase(painter, phase)

    def _paint_phase(self, painter: QPainter, phase: Phase) -> None:
        theme, place, dot = appearance.theme, self.place(phase), self._dot()
        middle = place.center().y()
        current, past = phase is self.phase, phase < self.phase
        circle = QRectF(place.left() + 2, middle - dot / 2 + 1, dot - 3, dot - 3)
        colour = QColor(theme.accent if current or past else theme.muted)
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(colour if current else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(circle)
        painter.setFont(font(SMALL, bold=current))
        painter.setPen(QColor(theme.on_accent) if current else colour)
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(int(phase)))
        if self._named(phase):
            painter.setFont(font(bold=current))
            painter.setPen(QColor(theme.text if current else theme.muted))
            words = place.adjusted(dot + SPACE // 2, 0, SPACE, 0)
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(words, left, phase.title)
        if phase is not Phase.TAKEN and self._whole:
            painter.setPen(QPen(QColor(theme.accent if past else theme.line), 1.5))
            end = place.right() + SPACE // 2
            painter.drawLine(QPointF(end, middle), QPointF(end + LINK_LENGTH - SPACE // 2, middle))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Report the phase that is clicked."""
        for phase in Phase:
            if self.place(phase).contains(event.position()):
                self.chosen.emit(phase)


class StepStrip(QWidget):
    """Leads through the phases of a step, manually or in slow motion."""

    def __init__(self, step_view: StepView) -> None:
        super().__init__()
        self._step_view = step_view
        self.setObjectName("microscopeStrip")
        self._step = Label(bold=True)
        self._path = PhasePath()
        self._back = IconButton("chevron-left", "", size=28)
        self._next = IconButton("chevron-right", "", size=28)
        self._slow = IconButton("play", "", object_name="slowMotion", size=28)
        self._slow.setCheckable(True)
        self._close = IconButton("x", "", object_name="microscopeClose", size=28, frame=False)
        self._back.set_name("Previous phase", "Previous phase (←)")
        self._next.set_name("Next phase", "Next phase (→)")
        self._close.set_name("Close", "Close the step view (Escape)")
        self._caption = Label(scale=LARGE, wrap=True)
        self._caption.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._picture = SamplePicture(PICTURE_SIDE)
        self._label = Label(scale=TINY, colour="muted")
        self._label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._probabilities = ClassBars(PROBABILITIES_WIDTH, PROBABILITIES_HEIGHT)
        self._probabilities.setObjectName("chances")
        self._probabilities.setAccessibleName(PROBABILITIES_TITLE)
        policy = QSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._probabilities.setSizePolicy(policy)
        self._chances = QWidget()
        title = Label(PROBABILITIES_TITLE, scale=TINY, colour="muted")
        vbox(title, self._probabilities, on=self._chances)
        self._chances.setSizePolicy(policy)
        self._sample = QWidget()
        self._narrow: bool | None = None
        self._timer = QTimer(self, interval=PHASE_MILLISECONDS)
        self._lay_out()
        self._timer.timeout.connect(step_view.next_phase)
        self._back.clicked.connect(self._on_back_clicked)
        self._next.clicked.connect(self._on_next_clicked)
        self._slow.clicked.connect(self.toggle_slow_motion)
        self._close.clicked.connect(step_view.leave)
        self._path.chosen.connect(self._on_path_chosen)
        step_view.changed.connect(self._on_step_view_changed)
        self._on_step_view_changed()

    def _lay_out(self) -> None:
        self._buttons = hbox(self._back, self._slow, self._next, self._close, spacing=SPACE)
        self._head = QGridLayout()
        self._head.setSpacing(SPACE)
        self._head.setColumnStretch(2, 1)
        self._head.addWidget(self._step, 0, 0)
        self._head.addLayout(self._buttons, 0, 3)
        top = Qt.AlignmentFlag.AlignTop
        content = QWidget()
        self._below = hbox((self._caption, 1), (self._chances, 0, top), on=content)
        self._below.setSpacing(3 * SPACE)
        vbox(self._picture, self._label, 0, on=self._sample, spacing=SPACE // 4)
        path = vbox(self._head, (ScrollArea(content), 1), spacing=SPACE // 2)
        margins = MARGIN, SPACE // 2, MARGIN, 0
        hbox(self._sample, (path, 1), on=self, spacing=2 * SPACE, margins=margins)
        self.fit(QSize(0, 0))

    def fit(self, around: QSize) -> None:
        """Take a height, and in a narrow place stand below each other. Args: around: the place."""
        scale = appearance.layout_scale
        parts = self._path.minimumSizeHint(), self._buttons.sizeHint(), self._sample.sizeHint()
        words = self._step.advance(WIDEST_STEP)
        needed = sum(part.width() for part in parts) + words + 4 * SPACE + 2 * MARGIN
        narrow = around.width() < needed
        tall = round(NARROW_SHARE * around.height())
        self.setFixedHeight(max(round(HEIGHT * scale), tall if narrow else 0))
        if narrow == self._narrow:
            return
        self._narrow = narrow
        self._head.removeWidget(self._path)
        self._head.addWidget(self._path, *((1, 0, 1, 4) if narrow else (0, 1)))
        self._sample.setHidden(narrow)
        stand_in(self._below, around.width(), needed)
        policy = self._chances.sizePolicy()
        policy.setRetainSizeWhenHidden(not narrow)  # so that the words beside it do not move
        self._chances.setSizePolicy(policy)

    # ------------------------------------------------------------ slow motion

    @property
    def slow_motion(self) -> bool:
        """Whether the phases advance by themselves."""
        return self._timer.isActive()

    @Slot()
    def toggle_slow_motion(self) -> None:
        """Start or stop slow motion."""
        if self._timer.isActive():
            self._timer.stop()
        else:
            self._timer.start()
        self._show_timer()

    def change_pace(self, factor: float) -> None:
        """Multiply the duration of a phase, within limits."""
        wanted = round(self._timer.interval() * factor)
        self._timer.setInterval(min(max(wanted, MIN_PHASE_MILLISECONDS), MAX_PHASE_MILLISECONDS))
        self._show_timer()

    def _stop(self) -> None:
        self._timer.stop()
        self._show_timer()

    def _show_timer(self) -> None:
        runs = self._timer.isActive()
        self._slow.setChecked(runs)
        self._slow.set_icon("pause" if runs else "play")
        seconds = self._timer.interval() / 1000
        name = "Stop slow motion" if runs else "Slow motion"
        self._slow.set_name(name, f"{name} (Space); {seconds:g} s per phase, ↑ ↓ to change")

    # ------------------------------------------------------------ keys

    def handle_key(self, key: int) -> bool:
        """Handle a key while the step view is active. Returns: whether the key has a meaning."""
        actions: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Right: self._on_next_clicked,
            Qt.Key.Key_Left: self._on_back_clicked,
            Qt.Key.Key_Space: self.toggle_slow_motion,
            Qt.Key.Key_Up: partial(self.change_pace, 0.5),
            Qt.Key.Key_Down: partial(self.change_pace, 2.0),
            Qt.Key.Key_Escape: self._step_view.leave,
        }
        act = actions.get(key) if self._step_view.active else None
        if act is not None:
            act()
        return act is not None

    # ------------------------------------------------------------ handlers

    def text(self) -> str:
        """Return step and caption."""
        return f"{self._step.text()}\n{self._caption.text()}"

    @Slot()
    def _on_step_view_changed(self) -> None:
        step_view = self._step_view
        if not step_view.active:
            self._stop()
            return
        shown = step_view.shown
        self._back.setEnabled(step_view.can_go_back)
        if shown is None:
            self._step.show_text("")
            self._caption.show_text(WAITING)
            return
        frame, trace, phase = shown
        self._step.show_text(f"Step {trace.step - 1:,} → {trace.step:,}")
        self._path.show_phase(phase)
        self._caption.show_text(phase_caption(phase, frame, trace))
        self._probabilities.show_classes(trace.classes, trace.label, trace.probabilities)
        self._chances.setVisible(phase >= Phase.LOSS)
        self._picture.show_picture(trace.picture, trace.names)
        self._label.show_text(label_text(trace))
        self._picture.setAccessibleDescription(label_text(trace))

    @Slot()
    def _on_back_clicked(self) -> None:
        self._stop()
        self._step_view.previous_phase()

    @Slot()
    def _on_next_clicked(self) -> None:
        self._stop()
        self._step_view.next_phase()

    @Slot(object)
    def _on_path_chosen(self, phase: Phase) -> None:
        self._stop()
        self._step_view.go_to_phase(phase)

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop slow motion: what is not visible does not go on."""
        super().hideEvent(event)
        self._stop()


def label_text(trace: StepTrace) -> str:
    """Return the label of the traced sample."""
    return f"labelled {trace.classes[trace.label]}"


class StepButton(QPushButton):
    """Enters and leaves the step view; disabled, with the reason, where that is impossible."""

    def __init__(self, step_view: StepView) -> None:
        super().__init__("Look into a step")
        self._step_view = step_view
        self.setObjectName("microscopeButton")
        self.setCheckable(True)
        self.setProperty("role", "quiet")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(step_view.toggle)
        step_view.changed.connect(self._show)
        self._show()

    def nextCheckState(self) -> None:
        """Qt's hook: whether it is checked depends on the step view alone."""

    @Slot()
    def _show(self) -> None:
        reason = self._step_view.reason
        self.setEnabled(not reason)
        self.setChecked(self._step_view.active)
        self.setToolTip(reason or BUTTON_HINT)
        self.setAccessibleDescription(self.toolTip())
