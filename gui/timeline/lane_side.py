"""The controls at the right of a branch's line: how far it goes, compare, drop."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QPushButton, QWidget

from engine.protocol.messages import Branch
from gui.session import Session
from gui.text.branches import short_branch_name
from gui.theme import SMALL, SPACE
from gui.widgets.box import hbox
from gui.widgets.button import IconButton
from gui.widgets.label import ElidedLabel

BUTTON_SIZE = 16
MAX_UNASKED_STEPS = 50
"""Steps of its own up to which a branch is dropped without asking."""
COMPARE_TOOLTIP = "Show W′ here − W′ of branch {} beside ΔW"


class LaneSide(QWidget):
    """A note, “Compare”, and ×, which asks for confirmation where much would be lost."""

    def __init__(self, session: Session, branch: Branch) -> None:
        super().__init__()
        self._session = session
        self._note = ElidedLabel(scale=SMALL, colour="muted")
        self._note_text = ""
        self._asking = False
        self._branch, self._shown, self._last = branch, False, False
        self._compare = QPushButton("Compare")
        self._compare.setObjectName(f"compare.{branch.number}")
        self._compare.setCheckable(True)
        self._drop = QPushButton("Drop")
        self._drop.setObjectName(f"drop.{branch.number}")
        self._keep = QPushButton("Keep")
        self._keep.setObjectName(f"keep.{branch.number}")
        self._ask = IconButton(
            "x", "Drop", object_name=f"askDrop.{branch.number}", size=BUTTON_SIZE, frame=False
        )
        for action in (self._compare, self._drop, self._keep):
            action.setProperty("role", "laneAction")
        row = hbox((self._note, 1), on=self, spacing=SPACE // 2, margins=(SPACE, 0, 0, 0))
        for button in (self._compare, self._drop, self._keep, self._ask):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        self._compare.clicked.connect(self._on_compare_clicked)
        self._drop.clicked.connect(self._on_drop_clicked)
        self._keep.clicked.connect(self._on_keep_clicked)
        self._ask.clicked.connect(self.ask)
        self._arrange()

    def show_branch(
        self, branch: Branch, note: str, *, shown: bool, compared: bool, last: bool
    ) -> None:
        """Show the branch. Args: note: text.  compared: with W′.  last: it cannot be dropped."""
        if branch.name != self._branch.name or not self._compare.toolTip():
            name = short_branch_name(branch.name)
            self._compare.setToolTip(COMPARE_TOOLTIP.format(name))
            self._compare.setAccessibleName(f"Compare W′ with branch {name}")
            self._ask.set_name(f"Drop branch {name}")
        self._branch, self._note_text = branch, note
        self._compare.setChecked(compared)
        if (shown, last) != (self._shown, self._last):
            self._shown, self._last = shown, last
            self._arrange()
        self._show_note()

    @Slot()
    def ask(self) -> None:
        """Drop the branch, or ask first where that would lose many steps."""
        if self._last:
            return
        if self._own_steps() <= MAX_UNASKED_STEPS:
            self._session.navigation.drop_branch(self._branch.number)
            return
        self._asking = True
        self._arrange()
        self._show_note()
        self._keep.setFocus()

    def _own_steps(self) -> int:
        return self._branch.tip - self._branch.forked_at

    def _show_note(self) -> None:
        question = f"Forget {self._own_steps():,} steps for good?"
        self._note.show_text(question if self._asking else self._note_text)

    def _arrange(self) -> None:
        self._compare.setVisible(not self._asking and not self._shown)
        self._ask.setVisible(not self._asking and not self._last)
        self._drop.setVisible(self._asking)
        self._keep.setVisible(self._asking)

    @Slot(bool)
    def _on_compare_clicked(self, wanted: bool) -> None:
        self._session.view_requests.set_options(
            compared_branch=self._branch.number if wanted else None
        )

    @Slot()
    def _on_drop_clicked(self) -> None:
        self._on_keep_clicked()
        self._session.navigation.drop_branch(self._branch.number)

    @Slot()
    def _on_keep_clicked(self) -> None:
        self._asking = False
        self._arrange()
        self._show_note()
