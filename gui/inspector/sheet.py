"""The derivation of a cell's number: what it is made of, and how the last step changed it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from engine.protocol.messages import CellDerivation, DerivationLine
from gui.inspector.line_text import LineText, line_text
from gui.theme import SMALL, SPACE
from gui.widgets.box import vbox
from gui.widgets.button import PRESS_KEYS
from gui.widgets.label import Label
from gui.widgets.selectable_label import SelectableLabel
from gui.widgets.surface import SCROLL_BAR_WIDTH

VALUE_HEADING = "Made of"
PATH_HEADING = "Through the adapter, before the step"
UNFOLD_HINT = "Click to see every term"


class DerivationSheet(QScrollArea):
    """A column of lines under headings; its widgets stay while only numbers change."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("arithmetic")
        parts = _SheetSection(), _SheetSection(), _SheetSection()
        self._value, self._path, self._move = parts
        self._note = SelectableLabel(scale=SMALL, colour="muted", wrap=True)
        self._inside = inside = QWidget()
        margins = 0, SPACE // 2, SCROLL_BAR_WIDTH, SPACE
        vbox(*parts, self._note, 1, on=inside, spacing=2 * SPACE, margins=margins)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for surface in (self.viewport(), inside):
            surface.setAutoFillBackground(False)

    def show_derivation(self, derivation: CellDerivation) -> None:
        """Show a derivation."""
        step = derivation.step
        self._value.show_lines(VALUE_HEADING, derivation.value_lines)
        self._path.show_lines(PATH_HEADING, derivation.path)
        move_heading = f"Step {step - 1:,} → {step:,}" if step else "The first step"
        self._move.show_lines(move_heading, derivation.move)
        self._note.show_text(derivation.note)
        self._note.setVisible(bool(derivation.note))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's hook: → and ← belong to the run, although a part of a line is selected."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def natural_height(self, width: int) -> int:
        """Return the height in which nothing scrolls. Args: width: in pixels."""
        # A scroll bar that was there before stays where the lines beside it would not fit.
        beside_bar = width - self.verticalScrollBar().sizeHint().width()
        return self._inside.heightForWidth(beside_bar) + 2

    def text(self, *, whole: bool = False) -> str:
        """Return all that is shown, line by line. Args: whole: with every term of a sum."""
        parts = (part.text(whole) for part in (self._value, self._path, self._move))
        return "\n".join(filter(None, (*parts, self._note.text())))


class _SheetSection(QWidget):
    """Lines under a heading; hidden without lines."""

    def __init__(self) -> None:
        super().__init__()
        self._heading = Label(bold=True, wrap=True)
        self._views: list[LineView] = []
        self._column = vbox(self._heading, on=self, spacing=SPACE)

    def show_lines(self, heading: str, lines: tuple[DerivationLine, ...]) -> None:
        self._heading.show_text(heading)
        while len(self._views) < len(lines):
            self._views.append(LineView())
            self._column.addWidget(self._views[-1])
        for view, line in zip(self._views, lines, strict=False):
            view.show_line(line)
        for place, view in enumerate(self._views):
            view.setVisible(place < len(lines))
        self.setVisible(bool(lines))

    def text(self, whole: bool) -> str:
        shown = [view for view in self._views if not view.isHidden()]
        lines = (view.text(whole=whole) for view in shown)
        return "\n".join((self._heading.text(), *lines)) if shown else ""


class LineView(QWidget):
    """A formula, and below it the first terms with their numbers; a click, or Enter, shows all."""

    def __init__(self) -> None:
        super().__init__()
        self._text = LineText("", "", "")
        self._unfolded = False
        self._formula = SelectableLabel(scale=SMALL, colour="muted", wrap=True)
        self._numbers = SelectableLabel(wrap=True)
        for part in (self._formula, self._numbers):
            part.clicked.connect(self._toggle_unfolded)
        vbox(self._formula, self._numbers, on=self, spacing=SPACE // 4)

    @property
    def folds(self) -> bool:
        """Whether there is more than is shown at first."""
        return self._text.numbers != self._text.whole

    def show_line(self, line: DerivationLine) -> None:
        """Show a line."""
        self._text = line_text(line)
        self._formula.show_text(self._text.formula)
        self._show_numbers()

    def text(self, *, whole: bool = False) -> str:
        """Return formula and numbers as shown. Args: whole: with every term."""
        return f"{self._formula.text()}\n{self._text.whole if whole else self._numbers.text()}"

    def _show_numbers(self) -> None:
        shown, folds = self._text.whole if self._unfolded else self._text.numbers, self.folds
        self._numbers.show_text(shown)
        hint = f"{UNFOLD_HINT}\n{self._text.whole}"
        self.setToolTip(hint if folds and not self._unfolded else "")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if folds else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if folds else Qt.CursorShape.ArrowCursor)
        self.setAccessibleName(f"{self._text.formula} {shown}")

    @Slot()
    def _toggle_unfolded(self) -> None:
        if self.folds:
            self._unfolded = not self._unfolded
            self._show_numbers()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Toggle the terms on a click."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._toggle_unfolded()

    def event(self, event: QEvent) -> bool:
        """Toggle the terms on Enter and Space."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if self.folds and event.key() in PRESS_KEYS:
                self._toggle_unfolded()
                return True
        return super().event(event)
