"""The derivation of a cell's number: what it is made of, and how the last step changed it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from engine.protocol.messages import CellDerivation, DerivationLine
from gui.inspector.line_view import LineView
from gui.theme import SMALL, SPACE
from gui.widgets.label import Label

VALUE_HEADING = "Made of"
PATH_HEADING = "Through the adapter, before the step"
SCROLL_BAR_WIDTH = 10
"""Pixels, as in the theme."""


class DerivationSheet(QScrollArea):
    """A column of lines under headings; its widgets stay while only numbers change."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("arithmetic")
        self._value, self._move, self._path = _SheetSection(), _SheetSection(), _SheetSection()
        self._note = Label(scale=SMALL, colour="muted", wrap=True)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, SPACE // 2, SCROLL_BAR_WIDTH, SPACE)
        column.setSpacing(2 * SPACE)
        for part in (self._value, self._path, self._move, self._note):
            column.addWidget(part)
        column.addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for surface in (self.viewport(), inside):
            surface.setAutoFillBackground(False)

    def show_derivation(self, derivation: CellDerivation) -> None:
        """Show a derivation."""
        self._value.show_lines(VALUE_HEADING, derivation.value_lines)
        self._path.show_lines(PATH_HEADING, derivation.path)
        self._move.show_lines(step_heading(derivation), derivation.move)
        self._note.show_text(derivation.note)
        self._note.setVisible(bool(derivation.note))

    def text(self) -> str:
        """Return all that is shown, line by line."""
        parts = (part.text() for part in (self._value, self._path, self._move))
        return "\n".join(filter(None, (*parts, self._note.text())))


class _SheetSection(QWidget):
    """Lines under a heading; hidden without lines."""

    def __init__(self) -> None:
        super().__init__()
        self._heading = Label(bold=True, wrap=True)
        self._views: list[LineView] = []
        self._count = 0
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE)
        self._column.addWidget(self._heading)

    def show_lines(self, heading: str, lines: tuple[DerivationLine, ...]) -> None:
        self._heading.show_text(heading)
        while len(self._views) < len(lines):
            self._views.append(LineView())
            self._column.addWidget(self._views[-1])
        for view, line in zip(self._views, lines, strict=False):
            view.show_line(line)
        if len(lines) != self._count:
            self._count = len(lines)
            for place, view in enumerate(self._views):
                view.setVisible(place < self._count)
        self.setVisible(bool(lines))

    def text(self) -> str:
        if not self._count:
            return ""
        shown = self._views[: self._count]
        return "\n".join((self._heading.text(), *(view.text() for view in shown)))


def step_heading(derivation: CellDerivation) -> str:
    """Return the heading of a step's move: Step 119 → 120."""
    return (
        f"Step {derivation.step - 1:,} → {derivation.step:,}"
        if derivation.step
        else "The first step"
    )
