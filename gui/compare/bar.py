"""Controls of the comparison: how long and how often its runs train, start, pause, discard."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.protocol.comparison import MAX_COMPARED_SEEDS, MAX_COMPARED_STEPS
from engine.protocol.messages import ComparisonFrame
from engine.protocol.setting import Integer
from gui.controls.entry import in_words
from gui.text.setting_text import read_number, typing_hint
from gui.theme import HEADING, SMALL, SPACE
from gui.widgets.box import hbox, stand_in
from gui.widgets.button import text_button
from gui.widgets.label import ElidedLabel, Label
from gui.widgets.value_field import ValueField

DEFAULT_STEPS = 300
GAP = 2 * SPACE
SEEDS_HINT = (
    "Trains every run with this many seeds: the seed that is set and the ones after it. Each "
    "seed draws other samples and another pretrained W; all runs share them. The first seed's "
    "runs are shown; of the others only the results are kept. Fewer than five seeds say little"
)
AT_ONCE_HINT = "Take the steps that are left as fast as possible"


class ComparisonBar(QWidget):
    """Controls of the comparison."""

    plan_changed = Signal()
    """Emitted when the user has chosen another number of steps or seeds."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = DEFAULT_STEPS
        """Number of steps of each run."""
        self.seeds = 1
        """Number of seeds that each run is trained with."""
        self.steps_field = _count_field("Steps", MAX_COMPARED_STEPS)
        self.seeds_field = _count_field("Seeds", MAX_COMPARED_SEEDS)
        self._steps_label, self._seeds_label = Label(colour="muted"), Label(colour="muted")
        self.seeds_field.setToolTip(SEEDS_HINT)
        self.note = ElidedLabel(scale=SMALL, colour="muted")
        self.start = text_button("Start", "comparisonStart")
        self.start.setProperty("role", "primary")
        self.at_once = text_button("Skip to the end", "comparisonAtOnce", AT_ONCE_HINT)
        self.clear = text_button(
            "New comparison", "newComparison", "Discard this comparison and set up another"
        )
        self.add = text_button("+ Add a strategy", "addStrategy")
        self.back = text_button("Back to the stage", "comparisonBack", "Back to the stage (Escape)")
        self._title = Label("Compare", scale=HEADING, bold=True)
        self._lay_out()
        self.steps_field.entered.connect(self._on_steps_field_entered)
        self.seeds_field.entered.connect(self._on_seeds_field_entered)
        self.steps_field.show_value(f"{DEFAULT_STEPS:,}")
        self.seeds_field.show_value("1")

    def _lay_out(self) -> None:
        self._buttons: Sequence[QWidget] = self.start, self.at_once
        self._fields: Sequence[QWidget] = (
            self.steps_field, self._steps_label, self.seeds_field, self._seeds_label
        )  # fmt: skip
        self._plan: Sequence[QWidget] = *self._buttons, *self._fields
        self._rest: Sequence[QWidget] = self.note, self.add, self.clear, self.back
        first = hbox(self._title, *self._buttons, 1, spacing=SPACE)
        second = hbox(*self._fields, 1, spacing=SPACE)
        self._plan_box = hbox(first, (second, 1), spacing=SPACE)
        self._rest_box = hbox((self.note, 1), *self._rest[1:], spacing=SPACE)
        margins = GAP, 0, GAP, 0
        boxes = self._plan_box, (self._rest_box, 1)
        self._box = hbox(*boxes, on=self, spacing=SPACE, margins=margins)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: without the title where its space is needed, then in two rows, then below."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        width, plan, rest = self.width() - 2 * GAP, _row_width(self._plan), _row_width(self._rest)
        whole = plan + rest + SPACE
        title = self._title.sizeHint().width() + SPACE
        in_one_row = whole <= width
        self._title.setVisible((whole if in_one_row else plan) + title <= width)
        stand_in(self._box, width, whole)
        stand_in(self._plan_box, width, plan)
        stand_in(self._rest_box, width, rest)

    def minimumSizeHint(self) -> QSize:
        """Qt's hook: as narrow as the widest row, since they can stand below each other."""
        rows = self._buttons, self._fields, (self.add,), (self.clear,), (self.back,)
        widest = max(map(_row_width, rows))
        return QSize(widest + 2 * GAP, super().minimumSizeHint().height())

    def show_comparison(
        self, comparison: ComparisonFrame | None, *, ready: bool, can_add: bool
    ) -> None:
        """Update the controls. Args: ready: it can start.  can_add: one more strategy fits."""
        action = "Start" if comparison is None else "Pause" if comparison.running else "Continue"
        self.start.setText(action)
        self.start.setToolTip(f"{action} (Space)")
        self.start.setEnabled(ready)
        self.start.setVisible(comparison is None or not comparison.over)
        self.at_once.setEnabled(ready)
        self.at_once.setVisible(comparison is None or not (comparison.over or comparison.at_once))
        steps, seeds = "steps each", "seed" if self.seeds == 1 else "seeds"
        if comparison is not None:
            steps = f"{comparison.steps:,} steps each"
            seeds = "" if comparison.seeds == 1 else f"{comparison.seeds} seeds"
        self._steps_label.show_text(steps)
        self._seeds_label.show_text(seeds)
        for field in (self.steps_field, self.seeds_field, self.add):
            field.setVisible(comparison is None)
        self.add.setEnabled(ready and can_add)
        self.clear.setVisible(comparison is not None)
        self._arrange()

    def show_note(self, text: str, *, warns: bool = False) -> None:
        """Show how much is to be done. Args: text: a few words.  warns: it is too much."""
        self.note.set_colour("bad" if warns else "muted")
        if text != self.note.full_text():
            self.note.show_text(text)
            self._arrange()

    @Slot(object)
    def _on_steps_field_entered(self, steps: int) -> None:
        self.steps = steps
        self.steps_field.show_value(f"{steps:,}")
        self.plan_changed.emit()

    @Slot(object)
    def _on_seeds_field_entered(self, seeds: int) -> None:
        self.seeds = seeds
        self.seeds_field.show_value(str(seeds))
        self.plan_changed.emit()


def _count_field(name: str, most: int) -> ValueField:
    kind = Integer(1, most)
    read = in_words(lambda text: read_number(name, text, kind))
    field = ValueField(read, typing_hint(kind))
    field.setObjectName(f"comparison{name}")
    field.setAccessibleName(f"{name} of the comparison")
    return field


def _row_width(parts: Sequence[QWidget]) -> int:
    """Return the width of the parts that are shown, in a row, in pixels."""
    widths = [part.sizeHint().width() for part in parts if not part.isHidden()]
    return sum(widths) + SPACE * max(len(widths) - 1, 0)
