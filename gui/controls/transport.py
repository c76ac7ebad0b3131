"""The bar at the top: reset, step, play, speed; strategy and task; theme and keys."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QWidget

from engine.protocol.messages import Catalogue, Frame
from gui.controls.run_choice import RunChoice
from gui.controls.speed_slider import SpeedSlider
from gui.controls.step_count import StepCount
from gui.session import Session
from gui.state.branches import in_past
from gui.state.notices import STARTING
from gui.theme import SPACE, Scheme, look
from gui.widgets.button import IconButton

CHOICE_FIRST = 1000
"""So many times more of the spare room goes to the boxes, until they have enough, than is empty."""
BEHIND = "Back to the stage first: the run is there"


class Transport(QWidget):
    """What drives a run and chooses what it is."""

    keys_wanted = Signal()
    """The list of keys, please."""
    network_wanted = Signal()
    """The network before and now, please, or back to the stage."""
    compare_wanted = Signal()
    """Strategies side by side, please, or back to the stage."""
    presenter_wanted = Signal()
    """Present, please, or no longer."""
    cost_wanted = Signal()
    """What a large model costs, please."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._reset = IconButton("rotate-ccw", "Reset", object_name="resetButton")
        self._step = IconButton("step-forward", "One step", object_name="stepButton")
        self._play = IconButton("play", "Play", object_name="playButton", size=44, primary=True)
        self._play.setCheckable(True)
        self._present = IconButton("presentation", "Present", object_name="presentButton")
        self._present.set_name("Present", "Present: full screen, large type (F)")
        self._theme = IconButton("sun-moon", "Theme", object_name="themeButton")
        self._help = IconButton("circle-help", "Keys", object_name="helpButton")
        self._help.set_name("Keys", "Keys (?)")
        self._count = StepCount(session)
        self._behind = False
        self._compare = QPushButton("Compare")
        self._compare.setObjectName("compareButton")
        self._compare.setToolTip("Race strategies side by side (V)")
        self._compare.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._network = QPushButton("Network")
        self._network.setObjectName("networkButton")
        self._network.setToolTip("A sample flows through W and W′, side by side; draw your own (N)")
        self._network.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._cost = QPushButton("Costs")
        self._cost.setObjectName("costButton")
        self._cost.setToolTip("What fine-tuning a large model costs (C)")
        self._cost.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._lay_out()
        self._reset.clicked.connect(session.playback.reset)
        self._step.clicked.connect(self._on_step_clicked)
        self._play.clicked.connect(self._on_play_clicked)
        self._present.clicked.connect(self.presenter_wanted)
        self._theme.clicked.connect(self.cycle_scheme)
        self._help.clicked.connect(self.keys_wanted)
        self._compare.clicked.connect(self.compare_wanted)
        self._network.clicked.connect(self.network_wanted)
        self._cost.clicked.connect(self.cost_wanted)
        session.state.playing_changed.connect(self._on_session_playing_changed)
        session.state.frame_changed.connect(self._on_session_frame_changed)
        session.state.catalogue_changed.connect(self._on_session_catalogue_changed)
        look.changed.connect(self._on_look_changed)
        self._follow()
        self._on_look_changed()

    @Slot()
    def cycle_scheme(self) -> None:
        """Light, dark, the system's: the first change is always one that shows."""
        system_is_dark = QApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        other, same = (Scheme.LIGHT, Scheme.DARK) if system_is_dark else (Scheme.DARK, Scheme.LIGHT)
        following = {Scheme.SYSTEM: other, other: same, same: Scheme.SYSTEM}
        look.set_scheme(following[look.scheme])

    def stand_back(self, behind: bool) -> None:
        """Let Play alone move a run that is not seen, as it leads back to it."""
        self._behind = behind
        self._count.stand_back(behind)
        self._follow()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * SPACE, SPACE - 2, 2 * SPACE, SPACE - 2)
        row.setSpacing(SPACE)
        for button in (self._reset, self._step, self._play):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addSpacing(SPACE // 2)
        row.addWidget(self._count)
        row.addWidget(SpeedSlider(self._session))
        row.addStretch(1)
        row.addWidget(RunChoice(self._session), CHOICE_FIRST)
        row.addSpacing(SPACE // 2)
        row.addWidget(self._network)
        row.addWidget(self._compare)
        row.addWidget(self._cost)
        row.addWidget(self._present)
        row.addWidget(self._theme)
        row.addWidget(self._help)

    def _follow(self) -> None:
        """Show what can be pressed, and what Play would do."""
        ready, playing = self._session.state.catalogue is not None, self._session.state.playing
        for button in (self._reset, self._step, self._play):
            button.setEnabled(ready and (button is self._play or not self._behind))
        self._play.setChecked(playing)
        self._play.set_icon("pause" if playing else "play")
        play = "Pause" if playing else self._play_name()
        for button, name, hint in (
            (self._reset, "Reset", "Reset: the same initial weights again (R)"),
            (self._step, "One step", "One step (→)"),
            (self._play, play, f"{play} (Space)"),
        ):
            if self._behind:
                hint = f"{name}: back to the stage" if button is self._play else BEHIND
            button.set_name(name, hint if ready else STARTING.text)

    def _play_name(self) -> str:
        frame = self._session.state.frame
        if frame is None or not in_past(frame):
            return "Play"
        return f"Play on from step {frame.step:,}"

    @Slot()
    def _on_step_clicked(self) -> None:
        self._session.playback.step()

    @Slot()
    def _on_play_clicked(self) -> None:
        self._session.playback.toggle_play()
        self._follow()

    @Slot(object)
    def _on_session_frame_changed(self, _frame: Frame) -> None:
        if not self._session.state.playing and self._play.accessibleName() != self._play_name():
            self._follow()

    @Slot(bool)
    def _on_session_playing_changed(self, _playing: bool) -> None:
        self._follow()

    @Slot(object)
    def _on_session_catalogue_changed(self, _catalogue: Catalogue) -> None:
        self._follow()

    @Slot()
    def _on_look_changed(self) -> None:
        self._theme.set_name(f"Theme: {look.scheme.value}", f"Theme: {look.scheme.value} (T)")
