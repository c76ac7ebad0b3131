"""The name block of a row: title, shape, parameter count, lock and check lights."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Check
from gui.stage.check_lights import CheckLights, FailureNote
from gui.stage.check_text import first_failing
from gui.text.layers import layer_title
from gui.theme import SECONDARY, SPACE, appearance
from gui.widgets.box import hbox, vbox
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

    def __init__(self, layer: str, *, has_lock: bool = True, narrow: bool = False) -> None:
        """Args: has_lock: False: another row has it.  narrow: the shape always has its own line."""
        super().__init__()
        self._block, _, part = layer.partition(".")
        self._narrow = narrow or bool(part)
        self._is_short = False
        self._name = Label(layer_title(layer), bold=True)
        self._new, *rest = (
            Label(text, scale=SECONDARY, colour=colour)
            for text, colour in (("new", "accent"), *5 * (("", "muted"),))
        )
        self._shape, self._count, self._state, self._short_shape, self._short_count = rest
        self._new.hide()
        self._lock = self._make_lock() if has_lock else None
        self._lights = CheckLights(layer, self)
        self._lights.clicked.connect(self.checks_requested)
        self._note = FailureNote()
        self._widest = WIDEST_COUNT
        self._checks: Sequence[Check] | None = None
        self._lay_out()
        for label in (self._short_shape, self._short_count):
            label.hide()
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def _lay_out(self) -> None:
        state = hbox(self._state, self._short_count, 1, spacing=ICON_GAP)
        foot = hbox(vbox(1, state, self._lights, 1), 1, spacing=ICON_GAP)
        if self._lock is not None:
            foot.insertWidget(0, self._lock, 0, Qt.AlignmentFlag.AlignVCenter)
        title = hbox(self._name, self._new, self._short_shape, 1, spacing=ICON_GAP)
        self._column = vbox(title, self._shape, self._count, foot, self._note, on=self)

    def _make_lock(self) -> SmallIconButton:
        lock = SmallIconButton("lock-open", self, object_name=f"freeze.{self._block}")
        lock.setAccessibleName(f"Freeze {layer_title(self._block)}")
        lock.clicked.connect(self._on_lock_clicked)
        return lock

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

        Args: widest: longest full count to reserve width for.
        """
        if widest != self._widest:
            self._widest = widest
            self._on_appearance_changed()
        self._shape.show_text(shape)
        self._short_shape.show_text(shape)
        self._count.show_text(full_count)
        self._short_count.show_text(short_count)
        self._new.setVisible(is_new)

    def show_checks(self, checks: Sequence[Check]) -> None:
        """Show the lights, and the first failure."""
        if checks != self._checks:
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
        if self._lock is None:
            return
        self._lock.setChecked(frozen)
        self._lock.setEnabled(not reason)
        self._lock.set_icon("lock" if frozen else "lock-open")
        state = f"{layer_title(self._block)} {'is frozen' if frozen else 'trains'}"
        action = "click to let it train" if frozen else "click to freeze it"
        self._lock.setToolTip(f"{state}: {reason}" if reason else f"{state}; {action}")
        self._lock.setAccessibleDescription(self._lock.toolTip())

    def fit_to(self, height: int, *, brief: bool = False) -> None:
        """Show the name in full where that is no higher than the matrix, and not `brief`."""
        self.set_short(brief or self._full_height() > height)

    def _full_height(self) -> int:
        lines = sum(label.sizeHint().height() for label in (self._name, self._shape, self._count))
        beside = self._state.sizeHint().height() + self._lights.height()
        lock = 0 if self._lock is None else self._lock.height()
        note = 0 if self._note.isHidden() else self._note.sizeHint().height()
        return lines + max(beside, lock) + note

    def set_short(self, short: bool) -> None:
        """Show the short name, or the full one."""
        if short != self._is_short:
            self._is_short = short
            self._shape.setHidden(short and not self._narrow)
            self._short_shape.setVisible(short and not self._narrow)
            self._count.setHidden(short)
            self._short_count.setVisible(short)
        self._column.activate()  # only then does the grid around it hear of a new size

    @Slot()
    def _on_appearance_changed(self) -> None:
        """Reserve widths, so that no number that changes moves anything."""
        self._state.setMinimumWidth(max(map(self._state.advance, ("trains", "frozen"))))
        self._count.setMinimumWidth(self._count.advance(self._widest))
        self._short_count.setMinimumWidth(self._short_count.advance(WIDEST_SHORT_COUNT))
        if self._lock is not None:
            side = max(MIN_LOCK_SIZE, self._name.sizeHint().height())
            self._lock.setFixedSize(side, side)

    @Slot(bool)
    def _on_lock_clicked(self, checked: bool) -> None:
        self.lock_clicked.emit(self._block, checked)
