"""Transport bar: reset, step, play and speed; strategy and task; pages, theme and keys."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from engine.protocol.messages import Frame, StrategyInfo
from engine.protocol.setting import SliderScale
from gui.session import Session
from gui.state.branches import in_past
from gui.state.notices import STARTING
from gui.text.settings_change import fallback_label
from gui.theme import HEADING, SMALL, SPACE, TINY, Scheme, appearance
from gui.widgets.box import hbox, vbox
from gui.widgets.button import IconButton, text_button
from gui.widgets.combo_box import ComboBox
from gui.widgets.frame_throttle import SPEED_MILLISECONDS, FrameThrottle
from gui.widgets.label import Label
from gui.widgets.slider import Slider

STRATEGY_WIDTH, TASK_WIDTH, MIN_WIDTH, SPEED_WIDTH = 208, 200, 88, 132
"""Pixels at the ordinary text size; they do not depend on the choice, so that none moves others."""
RUN_CHOICE_STRETCH = 1000
"""Stretch of the boxes against 1 of the gap: they get the spare width first."""
SPEEDS = SliderScale((*(float(10 ** (i / 20)) for i in range(61)), None), large_step=20)
"""Steps per second, 20 positions per factor of 10; None: as fast as possible."""
RUN_HIDDEN_TEXT = "Back to the stage first: the run is there"


class RunChoice(QWidget):
    """Lists what the engine offers; before it is ready, what is set."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._strategy = ComboBox("strategyBox", "Strategy")
        self._task = ComboBox("taskBox", "Task")
        columns = []
        for name, box in (("Strategy", self._strategy), ("Task", self._task)):
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            caption = Label(name, scale=TINY, colour="muted")
            caption.setObjectName(f"{box.objectName()}Caption")
            columns.append(vbox(caption, box, spacing=1))
        hbox(*columns, on=self, spacing=SPACE)
        self._fill()
        self._on_appearance_changed()
        self._strategy.currentIndexChanged.connect(self._on_strategy_current_index_changed)
        self._task.currentIndexChanged.connect(self._on_task_current_index_changed)
        session.state.settings_changed.connect(self._show)
        session.state.catalogue_changed.connect(self._fill)
        appearance.changed.connect(self._on_appearance_changed)

    @Slot()
    def _fill(self) -> None:
        settings, catalogue = self._session.state.settings, self._session.state.catalogue
        for box in (self._strategy, self._task):
            box.setEnabled(catalogue is not None)
        strategies = {"": [(settings.strategy, fallback_label(settings.strategy))]}
        tasks = [(settings.task, fallback_label(settings.task))]
        if catalogue is not None:
            strategies = grouped(catalogue.strategies)
            tasks = [(info.name, info.label) for info in catalogue.tasks]
        self._strategy.set_grouped_items(strategies, settings.strategy)
        self._task.set_items(tasks, settings.task)
        self._show()

    @Slot()
    def _show(self) -> None:
        settings = self._session.state.settings
        self._strategy.set_current_data(settings.strategy)
        self._task.set_current_data(settings.task)
        strategy, task = self._session.state.strategy_info(), self._session.state.task_info()
        self._strategy.setToolTip("" if strategy is None else strategy.summary)
        self._task.setToolTip(
            "" if task is None else f"Pretrained on {task.source}, tuned for {task.target}"
        )

    @Slot()
    def _on_strategy_current_index_changed(self) -> None:
        name = self._strategy.currentData()
        if name is None:  # a heading
            self._strategy.set_current_data(self._session.state.settings.strategy)
        else:
            self._session.editor.choose_strategy(name)

    @Slot()
    def _on_task_current_index_changed(self) -> None:
        self._session.editor.update(task=self._task.currentData())

    @Slot()
    def _on_appearance_changed(self) -> None:
        for box, width in ((self._strategy, STRATEGY_WIDTH), (self._task, TASK_WIDTH)):
            box.setMinimumWidth(round(MIN_WIDTH * appearance.text_scale))
            box.setMaximumWidth(round(width * appearance.text_scale))
        self.setMaximumWidth(self._strategy.maximumWidth() + SPACE + self._task.maximumWidth())


def grouped(strategies: tuple[StrategyInfo, ...]) -> dict[str, list[tuple[str, str]]]:
    """Return heading -> (name, label) of its strategies, all in the order of the catalogue."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for info in strategies:
        groups.setdefault(info.group, []).append((info.name, info.label))
    return groups


class SpeedSlider(QWidget):
    """Sets how many steps a second are taken at most."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setObjectName("speed")
        self._slider = Slider()
        self._slider.setObjectName("speedSlider")
        self._slider.setAccessibleName("Speed")
        self._slider.setRange(SPEEDS.first, SPEEDS.last)
        self._slider.setPageStep(SPEEDS.large_step)
        self._slider.setToolTip("How fast to train: one step a second … as fast as it goes")
        self._label = Label(scale=SMALL, colour="muted")
        self._label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        vbox(0, self._slider, self._label, 0, on=self, spacing=1)
        self._on_session_speed_changed(session.playback.speed)
        self._on_appearance_changed()
        appearance.changed.connect(self._on_appearance_changed)
        self._slider.valueChanged.connect(self._on_slider_value_changed)
        session.playback.speed_changed.connect(self._on_session_speed_changed)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.setFixedWidth(round(SPEED_WIDTH * max(1.0, appearance.text_scale)))

    @Slot(int)
    def _on_slider_value_changed(self, position: int) -> None:
        self._session.playback.set_speed(SPEEDS.value(position) or 0.0)

    @Slot(float)
    def _on_session_speed_changed(self, speed: float) -> None:
        with QSignalBlocker(self._slider):  # the nearest position may be another speed
            self._slider.setValue(SPEEDS.position(speed or None))
        text = {0.0: "as fast as it goes", 1.0: "1 step a second"}.get(speed)
        self._label.show_text(text or _speed_text(speed))


class StepCount(QWidget):
    """Shows “step 300”, and below it the steps per second while it trains; of constant width."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._throttle = FrameThrottle(self, SPEED_MILLISECONDS)
        self._throttle.due.connect(self._show_speed)
        self._step = Label(scale=HEADING, bold=True, widest="step 9,999,999")
        self._step.setObjectName("stepCount")
        self._step.setAutoFillBackground(True)  # else all that lies behind is painted with it
        self._speed = Label(scale=SMALL, colour="muted", widest="88,888 steps a second")
        self._of_the_stage = Label("on the stage", scale=SMALL, colour="muted")
        self._of_the_stage.hide()
        vbox(0, self._step, self._speed, self._of_the_stage, 0, on=self)
        session.state.frame_changed.connect(self._on_session_frame_changed)
        session.state.playing_changed.connect(self._on_session_playing_changed)
        step = 0 if session.state.frame is None else session.state.frame.step
        self._step.show_text(f"step {step:,}")
        self._speed.show_text("paused")

    def set_run_hidden(self, run_hidden: bool) -> None:
        """Show that the run is on the stage, while that is not shown."""
        self._step.set_colour("muted" if run_hidden else "text")
        self._speed.setVisible(not run_hidden)
        self._of_the_stage.setVisible(run_hidden)

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        self._step.show_text(f"step {frame.step:,}")
        if frame.playing:
            self._throttle.request()
        else:
            self._show_speed()

    @Slot()
    def _show_speed(self) -> None:
        frame = self._session.state.frame
        if frame is not None and frame.playing:
            self._speed.show_text(_speed_text(frame.steps_per_second))
        elif frame is not None:
            self._speed.show_text("paused in the past" if in_past(frame) else "paused")

    @Slot(bool)
    def _on_session_playing_changed(self, playing: bool) -> None:
        if not playing:
            self._speed.show_text("paused")


def _speed_text(steps_per_second: float) -> str:
    if steps_per_second <= 0:
        return "training"
    digits = 0 if steps_per_second >= 10 else 1
    return f"{steps_per_second:,.{digits}f} steps a second"


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
        middle = Qt.AlignmentFlag.AlignVCenter
        buttons = (self._reset, 0, middle), (self._step, 0, middle), (self._play, 0, middle)
        pages = self.network, self.compare, self.cost, self.present, self._theme, self.help
        row = hbox(
            *buttons, self._count, SpeedSlider(self._session), 1,
            (RunChoice(self._session), RUN_CHOICE_STRETCH), *pages,
            on=self, spacing=SPACE, margins=(2 * SPACE, SPACE - 2, 2 * SPACE, SPACE - 2),
        )  # fmt: skip
        for index in (7, 3):  # before the pages, and behind Play
            row.insertSpacing(index, SPACE // 2)

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
