"""What the form is made of: fields for whole numbers, switches, and rows that explain them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLineEdit, QSizePolicy, QToolButton, QWidget

from gui.text.numbers import parse_whole
from gui.theme import RADIUS, SPACE, appearance, font
from gui.widgets.label import RIGHT, Label

SMALL = 0.85
CAPTION_WIDTH = 84
"""Pixels at the ordinary text size."""
WIDEST = "10,000,000"
LONGEST = 24
"""Characters that a field takes: beyond them no number makes sense."""


class CountField(QLineEdit):
    """A whole number to type; the arrow keys count, Page Up and Page Down double and halve."""

    changed = Signal()
    """The user made it another number, or no number at all."""

    def __init__(self, object_name: str, accessible_name: str) -> None:
        super().__init__()
        self.setObjectName(object_name)
        self.setAccessibleName(accessible_name)
        self.setMaxLength(LONGEST)
        self.setAlignment(RIGHT)
        self._bad = False
        self.textEdited.connect(self._on_self_text_edited)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def value(self) -> int | str:
        """The number; what is no number as it was typed, for the engine to refuse."""
        number = parse_whole(self.text())
        return self.text() if number is None else number

    def show_value(self, value: int) -> None:
        """Show a number, without a signal."""
        self.setText(f"{value:,}")

    def set_bad(self, bad: bool) -> None:
        """Frame it as refused, or not."""
        if bad != self._bad:
            self._bad = bad
            self._on_appearance_changed()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Count up and down; leave the rest to the field, Escape to the dialog."""
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
    def _on_self_text_edited(self) -> None:
        self.changed.emit()

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.setFixedWidth(QFontMetrics(font()).horizontalAdvance(WIDEST) + 20)
        colour = appearance.theme.bad
        self.setStyleSheet(f"QLineEdit {{ border-color: {colour}; }}" if self._bad else "")


class Switch(QToolButton):
    """A name that is on or off."""

    def __init__(
        self, text: str, object_name: str, accessible_name: str, *, one_of_many: bool = False
    ) -> None:
        """Args: one_of_many: switching it on switches its neighbours off."""
        super().__init__()
        self.setText(text)
        self.setObjectName(object_name)
        self.setAccessibleName(accessible_name)
        self.setCheckable(True)
        self.setAutoExclusive(one_of_many)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)  # never elided
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    @Slot()
    def _on_appearance_changed(self) -> None:
        theme = appearance.theme
        self.setStyleSheet(f"""
            QToolButton {{ border: 1px solid {theme.line}; border-radius: {RADIUS}px;
                padding: 3px 5px; color: {theme.muted}; background: transparent; }}
            QToolButton:hover {{ background: {theme.hover}; }}
            QToolButton:checked {{ color: {theme.accent}; background: {theme.accent_soft};
                border-color: {theme.accent}; font-weight: 600; }}
            QToolButton:focus {{ border: 2px solid {theme.accent}; padding: 2px 4px; }}
            QToolButton:disabled {{ color: {theme.hatch}; background: transparent;
                border-color: {theme.line}; font-weight: 400; }}
        """)


class FormRow(QWidget):
    """A caption, what it names, and a note: what it means, why it is greyed, what is wrong.

    Args: wide: the control takes all the room, and the note the line below it.
    """

    def __init__(self, name: str, control: QWidget, hint: str = "", *, wide: bool = False) -> None:
        super().__init__()
        self._control, self._hint = control, hint
        self._reason = self._problem = ""
        self._caption = Label(name)
        self._note = Label(scale=SMALL, colour="muted", wrap=True)
        self._caption.setToolTip(hint)
        control.setToolTip(hint)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(2, 1)
        grid.addWidget(self._caption, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        if wide:
            grid.addWidget(control, 0, 1, 1, 2)
            grid.addWidget(self._note, 1, 1, 1, 2)
        else:
            grid.addWidget(control, 0, 1)
            grid.addWidget(self._note, 0, 2)
        self._wide = wide
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()
        self._tell()

    @property
    def note(self) -> str:
        """What stands beside or below the control."""
        return self._note.text()

    def set_reason(self, reason: str) -> None:
        """Grey it and say why; empty: free it."""
        self._reason = reason
        self._control.setEnabled(not reason)
        self._caption.set_colour("hatch" if reason else "text")
        self._tell()

    def set_problem(self, problem: str) -> None:
        """Say what is wrong with it; empty: nothing."""
        self._problem = problem
        if isinstance(self._control, CountField):
            self._control.set_bad(bool(problem))
        self._tell()

    def _tell(self) -> None:
        # Below a wide control there is room for a hint only in its tooltip.
        text = self._problem or self._reason or ("" if self._wide else self._hint)
        self._note.set_colour("bad" if self._problem else "muted")
        self._note.show_text(text)
        self._note.setVisible(bool(text) or not self._wide)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self._caption.setFixedWidth(round(CAPTION_WIDTH * appearance.text_scale))
