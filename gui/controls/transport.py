"""Transport bar: reset, step, play and speed; strategy and task; pages, theme and keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QGridLayout, QSizePolicy, QWidget

from gui.actions.table import tooltip_of
from gui.controls.pace import SpeedSlider, StepCount
from gui.controls.run_choice import RunChoice
from gui.session import Session
from gui.state.branches import in_past
from gui.state.notices import STARTING
from gui.state.playback import FIRST_STOP
from gui.theme import SPACE, Scheme, appearance, font
from gui.widgets.box import hbox
from gui.widgets.button import IconButton, ThemedIconButton, handle_press_key, text_button
from gui.widgets.keyboard import make_one_stop

BUTTON_SIZE, PLAY_HEIGHT, ICON_SIZE = 30, 34, 16
"""Pixels; the last two at the ordinary text size."""
PLAY_NAMES = PLAY, PAUSE, CONTINUE = "Play", "Pause", "Continue"
PLAY_HINTS = {
    PLAY: f"Train, and pause at step {FIRST_STOP} (Space)",
    PAUSE: "Pause (Space)",
    CONTINUE: "Keep training until you pause (Space)",
}
RUN_HIDDEN_TEXT = "Go back to the stage first: the run is there"
PAUSE_HIDDEN_TEXT = "Pause the run on the stage"


class PlayButton(ThemedIconButton):
    """Says what it does: play, pause or continue; of constant width."""

    icon_pixels = ICON_SIZE

    def __init__(self) -> None:
        super().__init__("play", None, object_name="playButton", primary=True)
        self.setProperty("role", "primary")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        # Reached with Tab, not by a click: after a click Space stays Play.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCheckable(True)
        self._on_appearance_changed()

    def show_action(self, name: str, hint: str) -> None:
        """Show what a press does. Args: name: one of `PLAY_NAMES`.  hint: the tooltip."""
        self.setText(name)
        self.setAccessibleName(name)
        self.setToolTip(hint)
        self.set_icon("pause" if name == PAUSE else "play")

    def event(self, event: QEvent) -> bool:
        """Qt's hook: see `handle_press_key`."""
        return handle_press_key(self, event) or super().event(event)

    def _apply_style(self) -> None:
        scale, metrics = appearance.layout_scale, QFontMetrics(font(bold=True))
        self.setFont(font(bold=True))
        icon, height = self.iconSize().width(), round(PLAY_HEIGHT * scale)
        widest = max(map(metrics.horizontalAdvance, PLAY_NAMES))
        self.setFixedSize(widest + icon + 3 * SPACE, height)
        ring = appearance.theme.text
        self.setStyleSheet(
            f"QToolButton {{ border-radius: {height // 2}px; padding: 0 {SPACE}px;"
            f" min-height: {height - 2}px; max-height: {height - 2}px; }}"
            f"QToolButton:focus {{ border-color: {ring}; }}"
        )


class Transport(QWidget):
    """Controls that drive a run and choose its strategy and task; buttons that open pages."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._reset = _icon_button("rotate-ccw", "Reset", "resetButton")
        self._step = _icon_button("step-forward", "One step", "stepButton")
        self._play = PlayButton()
        present = _icon_button("presentation", "Present", "presentButton")
        present.set_name("Present", tooltip_of("present"))
        self._theme = _icon_button("sun-moon", "Theme", "themeButton")
        keys = _icon_button("circle-help", "Keys", "helpButton")
        keys.set_name("Keys", tooltip_of("keys"))
        self._count = StepCount(session)
        self._run_hidden = False
        self._places: tuple[tuple[int, int, int], ...] = ()
        self.action_buttons: dict[str, QAbstractButton] = {
            "network": text_button("Network", "networkButton", tooltip_of("network")),
            "compare": text_button("Compare", "compareButton", tooltip_of("compare")),
            "costs": text_button("Costs", "costButton", tooltip_of("costs")),
            "present": present,
            "keys": keys,
        }
        """Name of an action -> the button that does it."""
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
        """Disable what drives the run while that is not shown; one that still trains can pause."""
        self._run_hidden = run_hidden
        self._count.set_run_hidden(run_hidden)
        self._update_buttons()

    def _lay_out(self) -> None:
        middle, gap = Qt.AlignmentFlag.AlignVCenter, SPACE // 2
        buttons = (self._reset, 0, middle), (self._step, 0, middle), (self._play, 0, middle)
        self._run, self._pages, run_buttons = QWidget(), QWidget(), QWidget()
        hbox(*buttons, on=run_buttons, spacing=SPACE)
        hbox(run_buttons, self._count, SpeedSlider(self._session), on=self._run, spacing=SPACE)
        for one_stop in (run_buttons, self._pages):
            make_one_stop(one_stop)
        *pages, keys = self.action_buttons.values()
        pages += [self._theme, keys]
        hbox(*((page, 0, middle) for page in pages), on=self._pages, spacing=gap)
        self._choice = RunChoice(self._session)
        for group in (self._run, self._pages):
            group.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(SPACE, SPACE // 2, SPACE, SPACE // 2)
        self._grid.setHorizontalSpacing(3 * SPACE // 2)
        self._grid.setVerticalSpacing(SPACE // 2)
        self._grid.setColumnStretch(1, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._place_groups()

    def _place_groups(self) -> None:
        """Place the three groups in one row, or the choice below, or each in a row of its own."""
        groups = self._run, self._choice, self._pages
        widths = [group.sizeHint().width() for group in groups]
        margins = self._grid.contentsMargins()
        width = self.width() - margins.left() - margins.right()
        gap = self._grid.horizontalSpacing()
        right = Qt.AlignmentFlag.AlignRight
        if sum(widths) + 2 * gap <= width:
            places = ((0, 0, 1), (0, 1, 1), (0, 2, 1))
        elif widths[0] + widths[2] + gap <= width:
            places = ((0, 0, 1), (1, 0, 3), (0, 2, 1))
        else:
            places = ((0, 0, 3), (1, 0, 3), (2, 0, 3))
        if places != self._places:
            self._places = places
            for group, (row, column, span) in zip(groups, places, strict=True):
                side = Qt.AlignmentFlag.AlignLeft if span == 3 else right
                one_row = group is self._choice and span == 3 and widths[1] > width
                alignment = Qt.AlignmentFlag(0) if one_row else side
                self._grid.addWidget(group, row, column, 1, span, alignment)

    def minimumSizeHint(self) -> QSize:
        """Qt's hook: the widest group; the choice can be narrower than it wants to be."""
        margins = self._grid.contentsMargins()
        least = max(self._run.sizeHint().width(), self._pages.sizeHint().width())
        return QSize(least + margins.left() + margins.right(), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: place the groups anew."""
        super().resizeEvent(event)
        self._place_groups()

    @Slot()
    def _update_buttons(self) -> None:
        """Enable the buttons that can be pressed, and name what they do."""
        ready, playing = self._session.state.catalogue is not None, self._session.state.playing
        buttons = self._reset, self._step, self._play
        for button in buttons:
            pauses = button is self._play and playing
            button.setEnabled(ready and (pauses or not self._run_hidden))
        self._play.setChecked(playing)
        name, play_hint = self._play_action()
        hints = tooltip_of("reset"), tooltip_of("step"), play_hint
        if self._run_hidden:
            play_hint = PAUSE_HIDDEN_TEXT if playing else RUN_HIDDEN_TEXT
            hints = RUN_HIDDEN_TEXT, RUN_HIDDEN_TEXT, play_hint
        reset, step, play = (hint if ready else STARTING.text for hint in hints)
        self._reset.set_name("Reset", reset)
        self._step.set_name("One step", step)
        self._play.show_action(name, play)

    def _play_action(self) -> tuple[str, str]:
        """Return the name and the tooltip of what Play does now."""
        frame = self._session.state.frame
        if self._session.state.playing:
            return PAUSE, PLAY_HINTS[PAUSE]
        name = PLAY if frame is None or frame.step < FIRST_STOP else CONTINUE
        hint = PLAY_HINTS[name]
        if frame is not None and in_past(frame):
            hint = hint.replace("Train", f"Train from step {frame.step:,}", 1)
        return name, hint

    @Slot()
    def _on_play_clicked(self) -> None:
        self._session.playback.toggle_play()
        self._update_buttons()

    @Slot()
    def _on_session_frame_changed(self) -> None:
        if self._play.toolTip() != self._play_action()[1] and not self._session.state.playing:
            self._update_buttons()

    @Slot()
    def _on_appearance_changed(self) -> None:
        name = f"Theme: {appearance.scheme.value}"
        self._theme.set_name(name, f"{name} (T)")
        self._place_groups()


def _icon_button(icon_name: str, name: str, object_name: str) -> IconButton:
    return IconButton(icon_name, name, object_name=object_name, size=BUTTON_SIZE)
