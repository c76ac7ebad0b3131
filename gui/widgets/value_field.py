"""Fields for what is typed: one rule for what is refused, and until when."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from gui.theme import appearance, font
from gui.widgets.keyboard import keep_escape, release_keyboard
from gui.widgets.label import RIGHT

WIDEST_TEXT = "0.00316"
"""Text that must fit."""
REFUSED = "refused"
"""Dynamic property of a field in its red frame: the reason."""
HINT = "hint"
"""Dynamic property of a field in its red frame: the tooltip that it has otherwise."""


def show_refusal(field: QWidget, problem: str) -> None:
    """Frame a field in red; its tooltip says what is right. Args: problem: empty: nothing."""
    before = field.property(REFUSED) or ""
    if problem == before:
        return
    if not before:
        field.setProperty(HINT, field.toolTip())
    field.setToolTip(problem or field.property(HINT))
    field.setAccessibleDescription(field.toolTip())
    field.setProperty(REFUSED, problem or None)
    field.style().unpolish(field)
    field.style().polish(field)


class EntryField(QLineEdit):
    """Shows a value; Enter or leaving commits what is typed, Escape restores the value.

    What is refused stays as it was typed, framed, until another text is accepted, Escape is
    pressed, or the value changes elsewhere.
    Args: read: text -> value; it raises ValueError with a sentence that says what is right.
    framed: what is drawn round the field; None: the field itself.
    """

    entered = Signal(object)
    """(value) It was committed, and its text differs from the one that was shown."""
    refused = Signal(str)
    """(problem) What was committed is not right."""
    righted = Signal(str)
    """(problem) It no longer stands."""

    def __init__(self, read: Callable[[str], object], framed: QWidget | None = None) -> None:
        super().__init__()
        self._read, self._framed = read, framed or self
        self._shown = self._refused_text = ""
        self.editingFinished.connect(self._on_self_editing_finished)

    @property
    def problem(self) -> str:
        """Sentence on what is wrong with the text in the field; empty: nothing."""
        return self._framed.property(REFUSED) or ""

    def show_value(self, text: str) -> None:
        """Show a value, even while one is typed; while it is the same, what is refused stays."""
        if text != self._shown or not self.problem:
            self._shown = text
            self.restore()

    def restore(self) -> None:
        """Show the value again instead of what was typed."""
        self.setText(self._shown)
        self._accept()

    def commit(self) -> None:
        """Take what is typed, or refuse it."""
        text = self.text()
        if text == self._shown:
            self._accept()
            return
        try:
            value = self._read(text)
        except ValueError as error:
            self._refused_text = text
            show_refusal(self._framed, str(error))
            self.refused.emit(str(error))
        else:
            self._accept()
            self.entered.emit(value)

    def _accept(self) -> None:
        problem = self.problem
        if problem:
            show_refusal(self._framed, "")
            self.righted.emit(problem)

    def event(self, event: QEvent) -> bool:
        """Qt's hook: see `keep_escape`."""
        return keep_escape(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's hook: Enter commits, Escape restores; both give up the keyboard."""
        if event.key() == Qt.Key.Key_Escape:
            self.restore()
            release_keyboard(self)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.commit()
            release_keyboard(self)
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_self_editing_finished(self) -> None:
        if not self.problem or self.text() != self._refused_text:  # that one was told already
            self.commit()


class ValueField(EntryField):
    """The box at the right of a slider, with a value to read and to type over."""

    def __init__(self, read: Callable[[str], object], hint: str) -> None:
        """Args: read: as of `EntryField`.  hint: the tooltip."""
        super().__init__(read)
        self.setAlignment(RIGHT)
        self.setProperty("role", "value")
        self.setToolTip(hint)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.setFixedWidth(QFontMetrics(font()).horizontalAdvance(WIDEST_TEXT) + 12)
