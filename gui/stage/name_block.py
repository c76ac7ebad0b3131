"""What a layer is called, how large it is, how much of it moves, its lock and its proofs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QToolButton, QWidget

from engine.protocol.messages import Check
from gui.stage.check_lights import CheckLights, FailureNote
from gui.stage.check_text import failing
from gui.stage.text import PlainLabel
from gui.text.layers import title
from gui.theme import SPACE, appearance, icon

LOCK_SIDE = 24
ICON_SIDE = 14
GAP = SPACE // 2
WIDEST = "9,999 of 9,999 move"
"""Room is kept for this in a small row, so that W stays where it is from strategy to strategy."""
SECOND = 0.9
"""Size of the lines under the name."""


class NameBlock(QWidget):
    """Name, shape and count above the lock and the lights; on two lines where the row is low."""

    lock_clicked = Signal(str, bool)
    """(unit, frozen) as the user asks for it."""
    proofs_wanted = Signal()
    """All of them, in full."""

    def __init__(self, layer: str, parent: QWidget, *, has_lock: bool = True) -> None:
        """Args: layer: its name.  has_lock: False where another row's lock holds this one too."""
        super().__init__(parent)
        self._unit, self._has_part, _ = layer.partition(".")
        self._name = PlainLabel(title(layer), self, bold=True)
        self._new = PlainLabel("new", self, scale=SECOND)
        self._shape = PlainLabel("", self, scale=SECOND, role="muted")
        self._count = PlainLabel("", self, scale=SECOND, role="muted")
        self._state = PlainLabel("trains", self, scale=SECOND, role="muted")
        self._lock = self._make_lock() if has_lock else None
        self._lights = CheckLights(layer, self)
        self._lights.pressed.connect(self.proofs_wanted)
        self._note = FailureNote(self)
        self._fresh = self._short = False
        self._full_count = self._short_count = ""
        self._widest = WIDEST
        self._checks: Sequence[Check] | None = None
        self._said: tuple[str, str, str, bool] | None = None
        self.restyle()

    def _make_lock(self) -> QToolButton:
        lock = QToolButton(self)
        lock.setObjectName(f"freeze.{self._unit}")
        lock.setCheckable(True)
        lock.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        # The theme's buttons are taller than a line of text; two lines must fit a low row.
        lock.setStyleSheet("QToolButton { min-height: 0px; padding: 2px; }")
        lock.setAccessibleName(f"Freeze {title(self._unit)}")
        lock.clicked.connect(self._on_lock_clicked)
        return lock

    # ------------------------------------------------------------ what it says

    def say(
        self,
        shape: str,
        full_count: str,
        short_count: str,
        *,
        fresh: bool = False,
        widest: str = WIDEST,
    ) -> None:
        """Show shape and counts; the short count where the row is low.

        Args: widest: the longest full count that room is kept for.
        """
        self._widest = widest
        said = (shape, full_count, short_count, fresh)
        if said == self._said:
            return
        self._said = said
        self._shape.say(shape)
        self._full_count, self._short_count = full_count, short_count
        self._fresh = fresh
        self._new.setVisible(fresh)
        self._arrange()

    def show_proofs(self, checks: Sequence[Check]) -> None:
        """Light what holds and what fails, and say the first that fails."""
        if checks is self._checks:
            return
        self._checks = checks
        self._lights.show_proofs(checks)
        self._note.show_proof(failing(checks))

    def set_lock(self, frozen: bool, reason: str = "", from_step: int = 0) -> None:
        """Show the lock shut or open.

        Args: reason: why it cannot be opened; empty: it can.  from_step: the first step that
        moves the layer, where the strategy makes it wait; 0: it does not.
        """
        self._state.say(f"from {from_step:,}" if from_step else "frozen" if frozen else "trains")
        self._arrange()
        if self._lock is None:
            return
        self._lock.setChecked(frozen)
        self._lock.setEnabled(not reason)
        self._lock.setIcon(icon("lock" if frozen else "lock-open"))
        state = f"{title(self._unit)} {'is frozen' if frozen else 'trains'}"
        way = "click to let it train" if frozen else "click to freeze it"
        self._lock.setToolTip(f"{state}: {reason}" if reason else f"{state}; {way}")
        self._lock.setAccessibleDescription(self._lock.toolTip())

    def restyle(self) -> None:
        """Take the theme and the text size in force."""
        for text in (self._name, self._new, self._shape, self._count, self._state):
            text.restyle()
        self._new.setStyleSheet(f"color: {appearance.theme.accent};")
        self._note.update()
        if self._lock is not None:
            self._lock.setFixedSize(self._lock_side(), self._lock_side())
            self._lock.setIcon(icon("lock" if self._lock.isChecked() else "lock-open"))
        self._arrange()

    # ------------------------------------------------------------ where it stands

    def natural_width(self) -> int:
        """Pixels in which no line is cut, in full or short."""
        return max(
            self._name_width(),
            self._shape.width(),
            self._count.advance(self._widest),
            self._count.advance(self._full_count),
            self._foot_width(),
        )

    def note_width(self) -> int:
        """Pixels in which no line of what fails is cut; 0 where nothing does."""
        return self._note.width_needed()

    def short_width(self) -> int:
        """Pixels in which no short line is cut; a long name has its shape on the next line."""
        beside = self._name_width() + SPACE + self._shape.width()
        return max(self.stacked_width(), 0 if self._has_part else beside)

    def stacked_width(self) -> int:
        """The same with the shape always on a line of its own."""
        return max(
            self._name_width(),
            self._shape.width(),
            self._foot_width(),
        )

    def _foot_width(self) -> int:
        """Of the line with the lock, in short."""
        words = self._state_end() + self._count.advance(self._short_count)
        return max(words, self._lock_width() + CheckLights.widest())

    def height_for(self, width: int, *, short: bool) -> int:
        """Pixels that its lines take in this width."""
        line = self._name.height()
        last = self._foot_height() + self._note.height_needed()
        if short:
            return line + last + (0 if self._shape_fits_beside_name(width) else line)
        return 3 * line + GAP + last

    def _foot_height(self) -> int:
        """Of the lock with the state and the lights beside it."""
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
        self._new.move(self._name.width() + GAP, line - self._new.height())
        beside = self._short and self._shape_fits_beside_name(self.width())
        shape_y = line - self._shape.height() if beside else line
        self._shape.move(self._name_width() + SPACE if beside else 0, shape_y)
        self._count.say(self._short_count if self._short else self._full_count)
        y = line if beside else 2 * line
        if not self._short:
            self._count.move(0, y)
            y += line + GAP
        foot = self._foot_height()
        state_y = y + (foot - self._state.height() - self._lights.height()) // 2
        self._state.move(self._lock_width(), state_y)
        self._lights.move(self._lock_width(), state_y + self._state.height())
        self._note.setGeometry(0, y + foot, self.width(), self._note.height_needed())
        if self._lock is not None:
            self._lock.move(0, y + (foot - self._lock_side()) // 2)
        if self._short:
            self._count.move(self._state_end(), self._state.y())

    def _shape_fits_beside_name(self, width: int) -> bool:
        return self._name_width() + SPACE + self._shape.width() <= width

    def _name_width(self) -> int:
        return self._name.width() + (GAP + self._new.width() if self._fresh else 0)

    def _lock_side(self) -> int:
        return max(LOCK_SIDE, self._name.height())

    def _lock_width(self) -> int:
        return 0 if self._lock is None else self._lock_side() + GAP

    def _state_end(self) -> int:
        # Both words keep the same room, so that the number does not move with the lock.
        words = max(self._state.advance("trains"), self._state.advance("frozen"))
        return self._lock_width() + words + GAP

    @Slot(bool)
    def _on_lock_clicked(self, checked: bool) -> None:
        self.lock_clicked.emit(self._unit, checked)
