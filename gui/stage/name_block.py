"""The name block of a row: title, shape, parameter count, lock, check lights and ‖ΔW‖/‖W‖."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QBoxLayout, QPushButton, QWidget

from engine.protocol.messages import Check
from gui.stage.check_lights import CheckLights, FailureNote
from gui.stage.check_text import first_failing
from gui.stage.sparkline import RATIO_TOOLTIP, WIDEST_NUMBER, Sparkline
from gui.text.layers import NORM_RATIO, layer_title
from gui.theme import SECONDARY, SMALL, SPACE, appearance, font
from gui.widgets.box import hbox, vbox
from gui.widgets.button import SmallIconButton
from gui.widgets.label import Label

MIN_LOCK_SIZE = 24
ICON_GAP = SPACE // 2
MAX_SCALE_OF_SHAPE = 1.75
"""Largest text with which the shape stands in one line with all else."""
WIDEST_COUNT = "99,999 trainable"
"""Width reserved in a small row, so that W does not move from strategy to strategy."""
NEW_TOOLTIP = "A new layer: it was not pretrained, so its W is a random start."
COUNT_TOOLTIP = "{:,} of the layer’s {:,} parameters are trained, {:,} stay fixed."
SHAPE_TOOLTIP = "Rows × columns of W: outputs × inputs of the layer."
FOCUS_TOOLTIP, LEAVE_TOOLTIP = "Show this layer alone, larger", "Show all layers again (Escape)"


class NameBlock(QWidget):
    """Name, shape and count above lock, lights and ratio; on two lines where the row is low.

    Where the row is narrow they stand in one line above it.
    """

    lock_clicked = Signal(str, bool)
    """(block, frozen) as the user asks for it."""
    checks_requested = Signal()
    """The user asks for all checks in full."""
    focus_clicked = Signal(str)
    """The user asks to see this layer alone, or all again."""

    def __init__(
        self, layer: str, *, has_lock: bool = True, has_ratio: bool = True, focused: bool = False
    ) -> None:
        """Make the block of a layer.

        Args: has_lock: False: another row has it.  has_ratio: whether it shows ‖ΔW‖/‖W‖, and its
        name is the button of the focus.  focused: whether the layer is shown alone.
        """
        super().__init__()
        self._layer, self._block = layer, layer.partition(".")[0]
        self._narrow = not has_ratio or layer != self._block
        self._is_short = self._is_new = False
        self.in_line = False
        """Whether it is one line, above the matrices."""
        self._name = self._make_name(layer, focused=focused) if has_ratio else None
        title = Label(layer_title(layer), bold=True) if self._name is None else self._name
        self._new, *rest = (
            Label(text, scale=SECONDARY, colour=colour)
            for text, colour in (("new", "accent"), *4 * (("", "muted"),))
        )
        self._shape, self._count, self._state, self._short_shape = rest
        self._short_ratio = Label("", scale=SMALL)
        self._short_ratio.setToolTip(RATIO_TOOLTIP)
        self._new.setToolTip(NEW_TOOLTIP)
        self._shape.setToolTip(SHAPE_TOOLTIP)
        self._short_shape.setToolTip(SHAPE_TOOLTIP)
        self._new.hide()
        self._lock = self._make_lock() if has_lock else None
        self._lights = CheckLights(layer, self)
        self._lights.clicked.connect(self.checks_requested)
        self._note = FailureNote()
        self.sparkline = Sparkline(layer) if has_ratio else None
        """‖ΔW‖/‖W‖, not drawn where the row is low; None: it has none."""
        self._checks: Sequence[Check] | None = None
        self._lay_out(title)
        self._short_shape.hide()
        self._short_ratio.hide()
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def _lay_out(self, title: QWidget) -> None:
        self._beside = vbox(self._state, self._short_ratio, self._lights)
        foot = hbox(self._beside, 1, spacing=ICON_GAP)
        foot.setAlignment(self._beside, Qt.AlignmentFlag.AlignVCenter)
        if self._lock is not None:
            foot.insertWidget(0, self._lock, 0, Qt.AlignmentFlag.AlignVCenter)
        head = hbox(title, self._new, self._short_shape, 1, spacing=ICON_GAP)
        self._title = title
        self._column = vbox(head, self._shape, self._count, foot, self._note, on=self)
        if self.sparkline is not None:
            self._column.insertWidget(4, self.sparkline)

    def _make_name(self, layer: str, *, focused: bool) -> QPushButton:
        name = QPushButton(f"‹ {layer_title(layer)}" if focused else layer_title(layer))
        name.setObjectName(f"focus.{layer}")
        name.setProperty("role", "title")
        name.setCheckable(True)
        name.setChecked(focused)
        name.setToolTip(LEAVE_TOOLTIP if focused else FOCUS_TOOLTIP)
        name.setAccessibleName(f"{layer_title(layer)} alone")
        name.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        name.setCursor(Qt.CursorShape.PointingHandCursor)
        name.clicked.connect(self._on_name_clicked)
        return name

    def _make_lock(self) -> SmallIconButton:
        lock = SmallIconButton("lock-open", self, object_name=f"freeze.{self._block}")
        lock.setAccessibleName(f"Freeze {layer_title(self._block)}")
        lock.clicked.connect(self._on_lock_clicked)
        return lock

    def show_counts(
        self, shape: str, trainable: int, total: int, *, is_new: bool = False, counted: bool = True
    ) -> None:
        """Show shape and parameters.

        Args: trainable, total: numbers of parameters.  counted: whether the engine has counted
        those that are trainable.
        """
        self._shape.show_text(shape)
        self._short_shape.show_text(shape)
        fixed = f"{total:,} fixed" if counted else f"{total:,} weights"
        self._count.show_text(f"{trainable:,} trainable" if trainable else fixed)
        tooltip = COUNT_TOOLTIP.format(trainable, total, total - trainable)
        self._count.setToolTip(tooltip if counted else "")
        if is_new != self._is_new:
            self._is_new = is_new
            self._new.setVisible(is_new)
            self._show_shape()

    def show_ratio(self, value: float, k90: str) -> None:
        """Show ‖ΔW‖/‖W‖ as a number. Args: k90: as `k90_text` returns it."""
        if self.sparkline is not None:
            self.sparkline.set_value(value, k90)
            self._show_short_ratio()

    def _show_short_ratio(self) -> None:
        """Show the number with its name; in a block, where that has no room, in short."""
        number = "" if self.sparkline is None else self.sparkline.text
        name = NORM_RATIO if self.in_line and appearance.text_scale <= MAX_SCALE_OF_SHAPE else "ΔW"
        self._short_ratio.show_text(f"{name} {number}")
        widest = self._short_ratio.advance(f"{name} {WIDEST_NUMBER}")
        height = QFontMetrics(self._short_ratio.font()).height()
        self._short_ratio.setFixedSize(widest + 1, height)

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
        state = f"from {from_step:,}" if from_step else "frozen" if frozen else ""
        self._state.show_text(state)
        self._state.setToolTip(
            f"Frozen until then, trainable from step {from_step:,} on." if from_step
            else "No step changes this layer; its ΔW is hatched." if frozen else ""
        )  # fmt: skip
        self._show_state()
        if self._lock is None:
            return
        self._lock.setChecked(frozen)
        self._lock.setEnabled(not reason)
        self._lock.set_icon("lock" if frozen else "lock-open")
        state = f"{layer_title(self._block)} is {'frozen' if frozen else 'trainable'}"
        action = "click to make it trainable" if frozen else "click to freeze it"
        self._lock.setToolTip(f"{state}: {reason}" if reason else f"{state}; {action}")
        self._lock.setAccessibleDescription(self._lock.toolTip())

    def fit_to(self, height: int, *, brief: bool = False) -> None:
        """Show the name in full where that is no higher than the matrix, and not `brief`."""
        self.set_short(brief or self.in_line or self._full_height() > height)

    def _full_height(self) -> int:
        lines = sum(part.sizeHint().height() for part in (self._title, self._shape, self._count))
        beside = self._state.sizeHint().height() + self._lights.height()
        lock = 0 if self._lock is None else self._lock.height()
        note = 0 if self._note.isHidden() else self._note.sizeHint().height()
        ratio = 0 if self.sparkline is None else self.sparkline.height()
        return lines + max(beside, lock) + note + ratio

    def set_in_line(self, in_line: bool) -> None:
        """Put all in one line, or below each other."""
        self.in_line = in_line
        way = QBoxLayout.Direction
        # The lights come first: what stands behind them changes its width.
        for box, row in (self._column, way.LeftToRight), (self._beside, way.RightToLeft):
            box.setDirection(row if in_line else way.TopToBottom)
            box.setSpacing(SPACE if in_line else 0)
        self._show_shape()
        self._show_short_ratio()
        self._keep_line_height()

    def _keep_line_height(self) -> None:
        """Let no row squeeze what stands in one line: the style sheet would allow it."""
        lock = 0 if self._lock is None else self._lock.maximumHeight()
        line = max(self._title.sizeHint().height(), lock)
        self.setMinimumHeight(line if self.in_line else 0)

    def set_short(self, short: bool) -> None:
        """Show the short name, or the full one."""
        if short != self._is_short:
            self._is_short = short
            self._show_shape()
            self._count.setHidden(short)
            if self.sparkline is not None:
                self.sparkline.setHidden(short)
            self._show_state()
        self._column.activate()  # only then does the grid around it hear of a new size

    def _show_shape(self) -> None:
        """Show it beside a short name; below what would be too wide with it."""
        beside = self._is_short and not self._narrow and not self._is_new
        left_out = self.in_line and appearance.text_scale > MAX_SCALE_OF_SHAPE
        self._short_shape.setVisible(beside and not left_out)
        self._shape.setHidden(beside or left_out)

    def _show_state(self) -> None:
        """Show the state beside the lock, or the ratio where there is none and the row is low."""
        ratio = self._is_short and self.sparkline is not None and not self._state.text()
        self._short_ratio.setVisible(ratio)
        self._state.setVisible(bool(self._state.text()))

    @Slot()
    def _on_appearance_changed(self) -> None:
        """Reserve widths, so that no number that changes moves anything."""
        self._title.setFont(font(bold=True))
        self._show_shape()
        self._show_short_ratio()
        self._count.setMinimumWidth(self._count.advance(WIDEST_COUNT))
        if self._lock is not None:
            side = max(MIN_LOCK_SIZE, self._title.sizeHint().height())
            self._lock.setFixedSize(side, side)
        self._keep_line_height()

    @Slot()
    def _on_name_clicked(self) -> None:
        self.focus_clicked.emit(self._layer)

    @Slot(bool)
    def _on_lock_clicked(self, checked: bool) -> None:
        self.lock_clicked.emit(self._block, checked)
