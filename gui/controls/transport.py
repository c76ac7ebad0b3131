"""Transport bar: reset, step, play and speed; strategy and task; pages, theme and keys."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QApplication, QWidget

from gui.controls.run_choice import RunChoice
from gui.controls.speed import SpeedSlider, StepCount
from gui.session import Session
from gui.state.branches import in_past
from gui.state.notices import STARTING
from gui.theme import SPACE, Scheme, appearance
from gui.widgets.box import hbox
from gui.widgets.button import IconButton, text_button

RUN_CHOICE_STRETCH = 1000
"""Stretch of the boxes against 1 of the gap: they get the spare width first."""
RUN_HIDDEN_TEXT = "Back to the stage first: the run is there"


class Transport(QWidget):
    """Controls that drive a run and choose its strategy and task; buttons that open pages."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._reset = IconButton("rotate-ccw", "Reset", object_name="resetButton")
        self._step = IconButton("step-forward", "One step", object_name="stepButton")
        self._play = IconButton("play", "Play", object_name="playButton", size=44, primary=True)
        self._play.setCheckable(True)
        self.present = IconButton("presentation", "Present", object_name="presentButton")
        self.present.set_name("Present", "Present: full screen, large type (F)")
        self._theme = IconButton("sun-moon", "Theme", object_name="themeButton")
        self.help = IconButton("circle-help", "Keys", object_name="helpButton")
        self.help.set_name("Keys", "Keys (?)")
        self._count = StepCount(session)
        self._run_hidden = False
        compare_hint = "Compare strategies side by side (V)"
        self.compare = text_button("Compare", "compareButton", compare_hint)
        network_hint = "A sample flows through W and W′, side by side; draw your own (N)"
        self.network = text_button("Network", "networkButton", network_hint)
        self.cost = text_button("Costs", "costButton", "What fine-tuning a large model costs (C)")
        self._lay_out()
        self._connect()
        self._update_buttons()
        self._on_appearance_changed()

    def _connect(self) -> None:
        session = self._session
        self._reset.clicked.connect(session.playback.reset)
        self._step.clicked.connect(self._session.playback.step)
        self._play.clicked.connect(self._on_play_clicked)
        self._theme.clicked.connect(self.cycle_scheme)
        session.state.playing_changed.connect(self._update_buttons)
        session.state.frame_changed.connect(self._on_session_frame_changed)
        session.state.catalogue_changed.connect(self._update_buttons)
        appearance.changed.connect(self._on_appearance_changed)

    @Slot()
    def cycle_scheme(self) -> None:
        """Switch to the next of light, dark and the system's; the first change always shows."""
        system_is_dark = QApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        other, same = (Scheme.LIGHT, Scheme.DARK) if system_is_dark else (Scheme.DARK, Scheme.LIGHT)
        following = {Scheme.SYSTEM: other, other: same, same: Scheme.SYSTEM}
        appearance.set_scheme(following[appearance.scheme])

    def set_run_hidden(self, run_hidden: bool) -> None:
        """Leave only Play enabled while the run is not shown, as it leads back to the stage."""
        self._run_hidden = run_hidden
        self._count.set_run_hidden(run_hidden)
        self._update_buttons()

    def _lay_out(self) -> None:
        gap, middle = SPACE // 2, Qt.AlignmentFlag.AlignVCenter
        buttons = (self._reset, 0, middle), (self._step, 0, middle), (self._play, 0, middle)
        pages = self.network, self.compare, self.cost, self.present, self._theme, self.help
        row = hbox(
            *buttons, self._count, SpeedSlider(self._session), 1,
            (RunChoice(self._session), RUN_CHOICE_STRETCH), *pages,
            on=self, spacing=SPACE, margins=(2 * SPACE, SPACE - 2, 2 * SPACE, SPACE - 2),
        )  # fmt: skip
        row.insertSpacing(7, gap)
        row.insertSpacing(3, gap)

    @Slot()
    def _update_buttons(self) -> None:
        """Enable the buttons that can be pressed, and name what they do."""
        ready, playing = self._session.state.catalogue is not None, self._session.state.playing
        buttons = self._reset, self._step, self._play
        for button in buttons:
            button.setEnabled(ready and (button is self._play or not self._run_hidden))
        self._play.setChecked(playing)
        self._play.set_icon("pause" if playing else "play")
        play = "Pause" if playing else self._play_name()
        hints = "Reset: the same initial weights again (R)", "One step (→)", f"{play} (Space)"
        if self._run_hidden:
            hints = RUN_HIDDEN_TEXT, RUN_HIDDEN_TEXT, f"{play}: back to the stage"
        for button, name, hint in zip(buttons, ("Reset", "One step", play), hints, strict=True):
            button.set_name(name, hint if ready else STARTING.text)

    def _play_name(self) -> str:
        frame = self._session.state.frame
        if frame is None or not in_past(frame):
            return "Play"
        return f"Play on from step {frame.step:,}"

    @Slot()
    def _on_play_clicked(self) -> None:
        self._session.playback.toggle_play()
        self._update_buttons()

    @Slot()
    def _on_session_frame_changed(self) -> None:
        if not self._session.state.playing and self._play.accessibleName() != self._play_name():
            self._update_buttons()

    @Slot()
    def _on_appearance_changed(self) -> None:
        name = f"Theme: {appearance.scheme.value}"
        self._theme.set_name(name, f"{name} (T)")
