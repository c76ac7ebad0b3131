"""Preferences dialog: how the window looks, how fast it trains, and where the rest is set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from gui.actions.actions import Actions
from gui.actions.table import ACTIONS
from gui.controls.pace import SpeedSlider
from gui.matrices.colour_bar import ColourBar
from gui.palette import ColourMap
from gui.session import Session
from gui.state.preferences import DEFAULT_SPEED
from gui.theme import SECONDARY, SPACE, TEXT_SCALES, Scheme, appearance
from gui.widgets.box import vbox
from gui.widgets.button import text_button
from gui.widgets.combo_box import ComboBox
from gui.widgets.dialog import Dialog
from gui.widgets.label import Label

WIDTH = 520
"""Pixels at the ordinary text size."""
SCHEMES = {
    Scheme.SYSTEM: "As the system has it", Scheme.LIGHT: "Light", Scheme.DARK: "Dark",
}  # fmt: skip
ELSEWHERE = ("layout", "keys", "tour", "log")
"""Actions that have a button here."""


class Choices(NamedTuple):
    """The values of everything that the dialog sets."""

    scheme: Scheme = Scheme.SYSTEM
    text_scale: float = 1.0
    colour_map: ColourMap = ColourMap.BLUE_ORANGE
    speed: float = DEFAULT_SPEED


class PreferencesDialog(Dialog):
    """Sets theme, text, colours and speed; each acts at once, and can be undone while it is open.

    The window and the session remember what is set, wherever it is done.
    """

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent, "Preferences", "preferencesDialog", WIDTH)
        self._session, self._before = session, Choices()
        self._scheme = ComboBox("preferences.scheme", "Theme")
        self._text = ComboBox("preferences.text", "Text size")
        self._colours = ComboBox("preferences.colours", "Colours of matrices")
        self._scheme.set_items(SCHEMES.items(), None)
        self._text.set_items(((scale, f"{100 * scale:.0f}\u202f%") for scale in TEXT_SCALES), None)
        self._colours.set_items(_colour_maps(), None)
        content, grid = QWidget(), QGridLayout()
        self._fill(grid, actions, ColourBar("the matrices", content))
        vbox(grid, 1, on=content)
        defaults = text_button("Defaults", "preferencesDefaults", "As it was at first")
        self._undo = text_button("Undo changes", "preferencesUndo", "As it was before this dialog")
        self.lay_out(content, defaults, self._undo)
        for box in (self._scheme, self._text, self._colours):
            box.activated.connect(self._on_box_activated)
        defaults.clicked.connect(self._on_defaults_clicked)
        self._undo.clicked.connect(self._on_undo_clicked)
        appearance.changed.connect(self._show)
        session.playback.speed_changed.connect(self._show)
        self._show()

    def _fill(self, grid: QGridLayout, actions: Actions, colour_bar: ColourBar) -> None:
        """Place captions and controls in two columns."""
        grid.setHorizontalSpacing(2 * SPACE)
        grid.setVerticalSpacing(3 * SPACE // 2)
        grid.setColumnStretch(1, 1)
        speed = SpeedSlider(self._session)
        speed.setObjectName("preferences.speed")
        colour_bar.draw(1.0)
        colour_bar.setFixedHeight(colour_bar.natural_height())
        rows: list[tuple[str, QWidget | None]] = [
            ("Theme", self._scheme), ("Text size", self._text), ("Colours of matrices",
            self._colours), ("", colour_bar), ("Speed of training", speed), ("", None),
        ]  # fmt: skip
        for row, (caption, control) in enumerate(rows):
            grid.addWidget(Label(caption), row, 0)
            if isinstance(control, SpeedSlider):  # of a fixed width
                grid.addWidget(control, row, 1, Qt.AlignmentFlag.AlignLeft)
            elif control is not None:
                grid.addWidget(control, row, 1)
        for row, name in enumerate(ELSEWHERE, start=len(rows)):
            action = ACTIONS[name]
            button = text_button(action.text, f"preferences.{name}", action.tooltip)
            button.setAutoDefault(False)
            button.clicked.connect(actions.action(name).trigger)
            hint = Label(action.hint, scale=SECONDARY, colour="muted", wrap=True)
            grid.addWidget(hint, row, 1)
            grid.addWidget(button, row, 0)

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's hook: from here on changes can be undone."""
        super().showEvent(event)
        if not event.spontaneous():
            self._before = self.choices()
            self._show()

    def choices(self) -> Choices:
        """Return what is set now."""
        look, playback = appearance, self._session.playback
        return Choices(look.scheme, look.chosen_scale, look.colour_map, playback.speed)

    def apply(self, choices: Choices) -> None:
        """Set what differs from what is set now."""
        now, playback = self.choices(), self._session.playback
        if choices.text_scale != now.text_scale:
            appearance.set_text_scale(choices.text_scale)
        if choices.scheme is not now.scheme:
            appearance.set_scheme(choices.scheme)
        appearance.set_colour_map(choices.colour_map)
        if choices.speed != now.speed:
            playback.choose_speed(choices.speed)

    @Slot()
    def _show(self) -> None:
        now = self.choices()
        self._scheme.set_current_data(now.scheme)
        nearest = min(TEXT_SCALES, key=lambda scale: abs(scale - now.text_scale))
        self._text.set_current_data(nearest)
        self._colours.set_current_data(now.colour_map)
        self._undo.setEnabled(self.isVisible() and now != self._before)

    @Slot()
    def _on_box_activated(self) -> None:
        boxes = self._scheme, self._text, self._colours
        scheme, text_scale, colour_map = (box.currentData() for box in boxes)
        speed = self._session.playback.speed
        self.apply(Choices(scheme, text_scale, colour_map, speed))

    @Slot()
    def _on_defaults_clicked(self) -> None:
        self.apply(Choices())

    @Slot()
    def _on_undo_clicked(self) -> None:
        self.apply(self._before)


def _colour_maps() -> Iterable[tuple[ColourMap, str]]:
    """Yield each colour map with its two colours in words."""
    for colours in ColourMap:
        in_grey = ", told apart in grey" if colours is ColourMap.BLUE_YELLOW else ""
        yield colours, f"{colours.negative.capitalize()} − and {colours.positive} +{in_grey}"
