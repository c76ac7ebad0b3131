"""The path of five moments under the stage, and what happens in the one that is shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.step_view.captions import caption
from gui.step_view.controller import StepView
from gui.step_view.path import PhasePath
from gui.step_view.phases import Phase
from gui.step_view.probabilities import ClassProbabilities
from gui.theme import MARGIN, SPACE
from gui.widgets.button import IconButton
from gui.widgets.label import Label

WAITING = "The engine works the step out …"
SLOW_MILLISECONDS = 1500
"""From moment to moment in slow motion."""
FAST_MILLISECONDS, SLOWEST_MILLISECONDS = 375, 6000
CAPTION_SCALE = 1.15


class StepStrip(QWidget):
    """Leads through the moments of a step, by hand or in slow motion."""

    def __init__(self, step_view: StepView) -> None:
        super().__init__()
        self._step_view = step_view
        self.setObjectName("microscopeStrip")
        self._step = Label(bold=True)
        self._path = PhasePath()
        self._back = IconButton("chevron-left", "Moment before", size=28)
        self._next = IconButton("chevron-right", "Next moment", size=28)
        self._slow = IconButton("play", "Slow motion", object_name="slowMotion", size=28)
        self._slow.setCheckable(True)
        self._close = IconButton("x", "Leave", object_name="microscopeClose", size=28, frame=False)
        self._back.set_name("Moment before", "Moment before (←)")
        self._next.set_name("Next moment", "Next moment (→)")
        self._close.set_name("Leave the step", "Leave the step (Escape)")
        self._caption = Label(scale=CAPTION_SCALE, wrap=True)
        self._caption.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._chances = ClassProbabilities()
        policy = self._chances.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._chances.setSizePolicy(policy)
        self._timer = QTimer(self)
        self._timer.setInterval(SLOW_MILLISECONDS)
        self._lay_out()
        self._timer.timeout.connect(step_view.forward)
        self._back.clicked.connect(self._on_back_clicked)
        self._next.clicked.connect(self._on_next_clicked)
        self._slow.clicked.connect(self.toggle_slow_motion)
        self._close.clicked.connect(step_view.leave)
        self._path.chosen.connect(self._on_path_chosen)
        step_view.changed.connect(self._on_step_view_changed)
        self._on_step_view_changed()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        row.addWidget(self._step)
        row.addWidget(self._path)
        row.addStretch(1)
        for button in (self._back, self._slow, self._next, self._close):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, SPACE // 2, MARGIN, 0)
        column.setSpacing(SPACE)
        column.addLayout(row)
        below = QHBoxLayout()
        below.setSpacing(3 * SPACE)
        below.addWidget(self._caption, 1)
        below.addWidget(self._chances, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(below, 1)

    # ------------------------------------------------------------ slow motion

    @property
    def slow_motion(self) -> bool:
        """Whether the moments follow each other by themselves."""
        return self._timer.isActive()

    @Slot()
    def toggle_slow_motion(self) -> None:
        """Let the moments follow each other, or stop."""
        if self._timer.isActive():
            self._stop()
        else:
            self._timer.start()
            self._follow_timer()

    def change_pace(self, factor: float) -> None:
        """Show each moment so many times as long, within bounds."""
        wanted = round(self._timer.interval() * factor)
        self._timer.setInterval(min(max(wanted, FAST_MILLISECONDS), SLOWEST_MILLISECONDS))
        self._follow_timer()

    def _stop(self) -> None:
        self._timer.stop()
        self._follow_timer()

    def _follow_timer(self) -> None:
        runs = self._timer.isActive()
        self._slow.setChecked(runs)
        self._slow.set_icon("pause" if runs else "play")
        seconds = self._timer.interval() / 1000
        name = "Stop the slow motion" if runs else "Slow motion"
        self._slow.set_name(name, f"{name} (Space); {seconds:g} s a moment, ↑ ↓ change it")

    # ------------------------------------------------------------ keys

    def answer(self, key: int) -> bool:
        """Do what a key means while a step is looked into. Returns: whether it means anything."""
        if not self._step_view.on:
            return False
        match key:
            case Qt.Key.Key_Right:
                self._on_next_clicked()
            case Qt.Key.Key_Left:
                self._on_back_clicked()
            case Qt.Key.Key_Space:
                self.toggle_slow_motion()
            case Qt.Key.Key_Up:
                self.change_pace(0.5)
            case Qt.Key.Key_Down:
                self.change_pace(2.0)
            case Qt.Key.Key_Escape:
                self._step_view.leave()
            case _:
                return False
        return True

    # ------------------------------------------------------------ handlers

    def text(self) -> str:
        """Step and caption."""
        return f"{self._step.text()}\n{self._caption.text()}"

    @Slot()
    def _on_step_view_changed(self) -> None:
        step_view = self._step_view
        if not step_view.on:
            self._stop()
            return
        shown = step_view.shown
        self._back.setEnabled(step_view.can_go_back)
        if shown is None:
            self._step.show_text("")
            self._caption.show_text(WAITING)
            return
        frame, inside, moment = shown
        self._step.show_text(f"Step {inside.step - 1:,} → {inside.step:,}")
        self._path.show_moment(moment)
        self._caption.show_text(caption(moment, frame, inside))
        self._chances.show_step(inside)
        self._chances.setVisible(moment >= Phase.LOSS)

    @Slot()
    def _on_back_clicked(self) -> None:
        self._stop()
        self._step_view.back()

    @Slot()
    def _on_next_clicked(self) -> None:
        self._stop()
        self._step_view.forward()

    @Slot(object)
    def _on_path_chosen(self, moment: Phase) -> None:
        self._stop()
        self._step_view.go_to(moment)

    def hideEvent(self, event: QHideEvent) -> None:
        """Qt's hook: what is not seen does not go on."""
        super().hideEvent(event)
        self._stop()
