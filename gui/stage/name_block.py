"""The name block of a row: title, shape, parameter count, lock and check lights."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Check
from gui.stage.check_lights import CheckLights, FailureNote
from gui.stage.check_text import first_failing
from gui.text.layers import layer_title
from gui.theme import SECONDARY, SPACE
from gui.widgets.button import SmallIconButton
from gui.widgets.label import Label

MIN_LOCK_SIZE = 24
ICON_GAP = SPACE // 2
WIDEST_COUNT = "9,999 of 9,999 move"
"""Width reserved in a small row, so that W does not move from strategy to strategy."""
WIDEST_SHORT_COUNT = "9,999"
"""The same where the name is short; a rank that grows must not push it out."""


class NameBlock(QWidget):
    """Name, shape and count above lock and lights; on two lines where the row is low."""

    lock_clicked = Signal(str, bool)
    """(block, frozen) as the user asks for it."""
    checks_requested = Signal()
    """The user asks for all checks in full."""

    def __init__(self, layer: str, parent: QWidget, *, has_lock: bool = True) -> None:
        """Show a name.

        Args: layer: its name.  parent: of the widget.  has_lock: False where another row's lock
        applies.
        """
        super().__init__(parent)
        self._block, self._has_part, _ = layer.partition(".")
        self._name = Label(layer_title(layer), self, bold=True)
        self._new = Label("new", self, scale=SECONDARY, colour="accent")
        self._shape = Label("", self, scale=SECONDARY, colour="muted")
        self._count = Label("", self, scale=SECONDARY, colour="muted")
        self._state = Label("trains", self, scale=SECONDARY, colour="muted")
        self._lock = self._make_lock() if has_lock else None
        self._lights = CheckLights(layer, self)
        self._lights.pressed.connect(self.checks_requested)
        self._note = FailureNote(self)
        self._is_new = self._short = False
        self._full_count = self._short_count = ""
        self._widest = WIDEST_COUNT
        self._checks: Sequence[Check] | None = None
        self._shown_texts: tuple[str, str, str, bool] | None = None

    def _make_lock(self) -> SmallIconButton:
        lock = SmallIconButton("lock-open", self, object_name=f"freeze.{self._block}")
        lock.setAccessibleName(f"Freeze {layer_title(self._block)}")
        lock.clicked.connect(self._on_lock_clicked)
        return lock

    # ------------------------------------------------------------ what it says

    def show_counts(
        self,
        shape: str,
        full_count: str,
        short_count: str,
        *,
        is_new: bool = False,
        widest: str = WIDEST_COUNT,
    ) -> None:
        """Show shape and counts; the short count where the row is low.

        Args: shape: as text.  full_count, short_count: of trainable parameters.  is_new: whether
        the layer is.  widest: longest full count to reserve width for.
        """
        self._widest = widest
        texts = (shape, full_count, short_count, is_new)
        if texts == self._shown_texts:
            return
        self._shown_texts = texts
        self._shape.show_text(shape)
        self._full_count, self._short_count = full_count, short_count
        self._is_new = is_new
        self._new.setVisible(is_new)
        self._arrange()

    def show_checks(self, checks: Sequence[Check]) -> None:
        """Show the lights, and the first failure."""
        if checks == self._checks:
            return
        self._checks = checks
        self._lights.show_checks(checks)
        self._note.show_check(first_failing(checks))

    def set_lock(self, frozen: bool, reason: str = "", from_step: int = 0) -> None:
        """Show the lock closed or open.

        Args: frozen: closed.  reason: why it cannot be opened; empty: it can.  from_step: first
        step that trains the layer, where the strategy unfreezes it later; 0: it does not.
        """
        self._state.show_text(
            f"from {from_step:,}" if from_step else "frozen" if frozen else "trains"
        )
        self._arrange()
        if self._lock is None:
            return
        self._lock.setChecked(frozen)
        self._lock.setEnabled(not reason)
        self._lock.set_icon("lock" if frozen else "lock-open")
        state = f"{layer_title(self._block)} {'is frozen' if frozen else 'trains'}"
        action = "click to let it train" if frozen else "click to freeze it"
        self._lock.setToolTip(f"{state}: {reason}" if reason else f"{state}; {action}")
        self._lock.setAccessibleDescription(self._lock.toolTip())

    # ------------------------------------------------------------ where it stands

    def natural_width(self) -> int:
        """Return the width in which no line is cut, in full or short, in pixels."""
        return max(
            self._name_width(),
            self._shape.width(),
            self._count.advance(self._widest),
            self._count.advance(self._full_count),
            self._foot_width(),
        )

    def note_width(self) -> int:
        """Return the width in which no line on a failure is cut; 0 where nothing fails."""
        return self._note.width_needed()

    def short_width(self) -> int:
        """Return the width in which no short line is cut.

        A long name has its shape on the next line.
        """
        in_line = self._name_width() + SPACE + self._shape.width()
        return max(self.stacked_width(), 0 if self._has_part else in_line)

    def stacked_width(self) -> int:
        """Return the width in which no short line is cut, with the shape always on its own line."""
        return max(
            self._name_width(),
            self._shape.width(),
            self._foot_width(),
        )

    def _foot_width(self) -> int:
        """Return the width of the line with the lock, in short."""
        count = max(self._short_count, WIDEST_SHORT_COUNT, key=len)
        width = self._state_end() + self._count.advance(count)
        return max(width, self._lock_width() + CheckLights.widest())

    def height_for(self, width: int, *, short: bool) -> int:
        """Return the height of its lines in this width, in pixels."""
        line = self._name.height()
        last = self._foot_height() + self._note.height_needed()
        if short:
            return line + last + (0 if self._shape_fits_beside_name(width) else line)
        return 3 * line + ICON_GAP + last

    def _foot_height(self) -> int:
        """Return the height of the lock with state and lights beside it."""
        lock = self._lock_side() if self._lock is not None else 0
        return max(lock, self._state.height() + self._lights.height())

    def arrange(self, width: int, *, short: bool) -> None:
        """Lay the lines out in this width; the widget's size follows."""
        self._short = short
        self.resize(width, self.height_for(width, short=short))
        self._arrange()

    def _arrange(self) -> None:
        line = self._name.height()
        self._name.move(0, 0)
        self._new.move(self._name.width() + ICON_GAP, line - self._new.height())
        in_line = self._short and self._shape_fits_beside_name(self.width())
        shape_y = line - self._shape.height() if in_line else line
        self._shape.move(self._name_width() + SPACE if in_line else 0, shape_y)
        self._count.show_text(self._short_count if self._short else self._full_count)
        y = line if in_line else 2 * line
        if not self._short:
            self._count.move(0, y)
            y += line + ICON_GAP
        foot = self._foot_height()
        state_y = y + (foot - self._state.height() - self._lights.height()) // 2
        self._state.move(self._lock_width(), state_y)
        self._lights.move(self._lock_width(), state_y + self._state.height())
        self._note.setGeometry(0, y + foot, self.width(), self._note.height_needed())
        if self._lock is not None:
            self._lock.setFixedSize(self._lock_side(), self._lock_side())
            self._lock.move(0, y + (foot - self._lock_side()) // 2)
        if self._short:
            self._count.move(self._state_end(), self._state.y())

    def _shape_fits_beside_name(self, width: int) -> bool:
        return self._name_width() + SPACE + self._shape.width() <= width

    def _name_width(self) -> int:
        return self._name.width() + (ICON_GAP + self._new.width() if self._is_new else 0)

    def _lock_side(self) -> int:
        return max(MIN_LOCK_SIZE, self._name.height())

    def _lock_width(self) -> int:
        return 0 if self._lock is None else self._lock_side() + ICON_GAP

    def _state_end(self) -> int:
        # Both width keep the same room, so that the number does not move with the lock.
        width = max(self._state.advance("trains"), self._state.advance("frozen"))
        return self._lock_width() + width + ICON_GAP

    @Slot(bool)
    def _on_lock_clicked(self, checked: bool) -> None:
        self.lock_clicked.emit(self._block, checked)
