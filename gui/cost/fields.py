"""Widgets of the form: fields for integers, switches, and rows with their units."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLineEdit, QSizePolicy, QToolButton, QWidget

from engine.protocol.number_text import parse_whole_number
from gui.cost.flow_row import FlowRow
from gui.theme import SMALL, SPACE, appearance, font
from gui.widgets.label import RIGHT, Label
from gui.widgets.value_field import show_refusal

CAPTION_WIDTH = 92
"""Pixels at the ordinary text size."""
WIDEST_NUMBER = "10,000,000"
MAX_CHARACTERS = 24
"""Longest input of a field."""


class CountField(QLineEdit):
    """Integer field; the arrow keys count, Page Up and Page Down double and halve."""

    changed = Signal()
    """Emitted when the user changes the text."""

    def __init__(self, object_name: str, accessible_name: str) -> None:
        super().__init__()
        self.setObjectName(object_name)
        self.setAccessibleName(accessible_name)
        self.setMaxLength(MAX_CHARACTERS)
        self.setAlignment(RIGHT)
        self.textEdited.connect(self.changed)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def value(self) -> int | str:
        """Return the number, or the text if it is none, for the engine to refuse."""
        try:
            return parse_whole_number(self.text())
        except ValueError:
            return self.text()

    def show_value(self, value: int) -> None:
        """Show a number without emitting `changed`."""
        self.setText(f"{value:,}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Count up and down; leave all other keys to the field and the window."""
        value = self.value()
        steps = {
            Qt.Key.Key_Up: lambda number: number + 1,
            Qt.Key.Key_Down: lambda number: number - 1,
            Qt.Key.Key_PageUp: lambda number: number * 2,
            Qt.Key.Key_PageDown: lambda number: number // 2,
        }
        if event.key() not in steps or isinstance(value, str):
            super().keyPressEvent(event)
            return
        self.show_value(max(1, steps[Qt.Key(event.key())](value)))
        self.changed.emit()

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.setFixedWidth(QFontMetrics(font()).horizontalAdvance(WIDEST_NUMBER) + 20)


class Switch(QToolButton):
    """Toggle button with a name."""

    def __init__(
        self, text: str, object_name: str, accessible_name: str, hint: str,
        *, one_of_many: bool = False,
    ) -> None:  # fmt: skip
        """Create it. Args: hint: its tooltip.  one_of_many: it switches its neighbours off."""
        super().__init__()
        self.setText(text)
        self.setObjectName(object_name)
        self.setAccessibleName(accessible_name)
        self.setToolTip(hint)
        self.setCheckable(True)
        self.setAutoExclusive(one_of_many)
        self.setProperty("role", "switch")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)  # never elided


class SwitchRow(FlowRow):
    """A number that is one of a few, each a switch of its own."""

    changed = Signal()
    """Emitted when the user chooses another one."""

    def __init__(self, object_name: str, first: int) -> None:
        """Create it. Args: first: what is chosen before the user chooses."""
        super().__init__()
        self.setObjectName(object_name)
        self.value = first
        self._numbers: dict[int, Switch] = {}

    def offer(self, choices: dict[int, tuple[str, str]]) -> None:
        """Offer numbers. Args: choices: number -> (caption, tooltip)."""
        for number, (caption, hint) in choices.items():
            if number not in self._numbers:
                name = f"{self.objectName()}.{number}"
                switch = Switch(caption, name, f"{caption}: {hint}", hint, one_of_many=True)
                switch.setChecked(number == self.value)
                switch.clicked.connect(self._on_switch_clicked)
                self._numbers[number] = switch
                self.add(switch)

    def choose(self, number: int) -> None:
        """Choose a number, without a signal."""
        self.value = number
        if number in self._numbers:
            self._numbers[number].setChecked(True)

    @Slot()
    def _on_switch_clicked(self) -> None:
        self.value = next(n for n, switch in self._numbers.items() if switch.isChecked())
        self.changed.emit()


class FormRow(QWidget):
    """A caption, its control, its unit, and below them what is wrong with the value.

    Args: hint: the unit, or where the control is wide what the caption's tooltip says.  wide: the
    control takes the whole width.
    """

    def __init__(self, name: str, control: QWidget, hint: str = "", *, wide: bool = False) -> None:
        super().__init__()
        self._control = control
        self._caption = Label(name)
        self._problem = Label(scale=SMALL, colour="bad", wrap=True)
        self._problem.hide()
        self._caption.setToolTip(hint)
        control.setToolTip(hint)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(2, 1)
        grid.addWidget(self._caption, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(control, 0, 1, 1, 2 if wide else 1)
        if not wide:
            grid.addWidget(Label(hint, scale=SMALL, colour="muted", wrap=True), 0, 2)
        grid.addWidget(self._problem, 1, 1, 1, 2)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    @property
    def problem(self) -> str:
        """Text on what is wrong with the value; empty: nothing."""
        return self._problem.text()

    def set_problem(self, problem: str) -> None:
        """Show what is wrong with the value; empty: nothing."""
        if isinstance(self._control, CountField):
            show_refusal(self._control, problem)
        self._problem.show_text(problem)
        self._problem.setVisible(bool(problem))

    @Slot()
    def _on_appearance_changed(self) -> None:
        self._caption.setFixedWidth(round(CAPTION_WIDTH * appearance.text_scale))
