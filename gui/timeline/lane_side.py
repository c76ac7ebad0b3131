"""What stands right of a branch's line: how far it goes, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from engine.protocol.messages import Branch
from gui.session import Session
from gui.theme import SPACE, font, look
from gui.timeline.lane_name import SMALL
from gui.timeline.words import short_name
from gui.widgets.button import IconButton
from gui.widgets.label import ElidedLabel

BUTTON = 16
FEW_STEPS = 50
"""So many of its own a branch may have to go without being asked for."""
COMPARE_TIP = "Show W′ here − W′ of branch {} beside ΔW"


class LaneSide(QWidget):
    """A note, “Compare”, and ×, which asks again where much would be lost."""

    def __init__(self, session: Session, branch: Branch) -> None:
        super().__init__()
        self._session = session
        self._note = ElidedLabel(scale=SMALL, colour="muted")
        self._words = ""
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
            "x", "Drop", object_name=f"askDrop.{branch.number}", size=BUTTON, frame=False
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE, 0, 0, 0)
        row.setSpacing(SPACE // 2)
        row.addWidget(self._note, 1)
        for button in (self._compare, self._drop, self._keep, self._ask):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        self._compare.clicked.connect(self._on_compare_clicked)
        self._drop.clicked.connect(self._on_drop_clicked)
        self._keep.clicked.connect(self._on_keep_clicked)
        self._ask.clicked.connect(self.ask)
        look.changed.connect(self._on_look_changed)
        self._on_look_changed()
        self._arrange()

    def show_branch(
        self, branch: Branch, note: str, *, shown: bool, compared: bool, last: bool
    ) -> None:
        """Say where it stands. Args: last: it is the only one and cannot be dropped."""
        if branch.name != self._branch.name or not self._compare.toolTip():
            name = short_name(branch.name)
            self._compare.setToolTip(COMPARE_TIP.format(name))
            self._compare.setAccessibleName(f"Compare W′ with branch {name}")
            self._ask.set_name(f"Drop branch {name}")
        self._branch, self._words = branch, note
        self._compare.setChecked(compared)
        if (shown, last) != (self._shown, self._last):
            self._shown, self._last = shown, last
            self._arrange()
        self._say()

    @Slot()
    def ask(self) -> None:
        """Drop it, or ask first where that would lose many steps."""
        if self._last:
            return
        if self._own_steps() <= FEW_STEPS:
            self._session.drop_branch(self._branch.number)
            return
        self._asking = True
        self._arrange()
        self._say()
        self._keep.setFocus()

    def _own_steps(self) -> int:
        return self._branch.tip - self._branch.forked_at

    def _say(self) -> None:
        question = f"Forget {self._own_steps():,} steps for good?"
        self._note.show_text(question if self._asking else self._words)

    def _arrange(self) -> None:
        self._compare.setVisible(not self._asking and not self._shown)
        self._ask.setVisible(not self._asking and not self._last)
        self._drop.setVisible(self._asking)
        self._keep.setVisible(self._asking)

    @Slot(bool)
    def _on_compare_clicked(self, wanted: bool) -> None:
        self._session.look(compared_branch=self._branch.number if wanted else None)

    @Slot()
    def _on_drop_clicked(self) -> None:
        self._on_keep_clicked()
        self._session.drop_branch(self._branch.number)

    @Slot()
    def _on_keep_clicked(self) -> None:
        self._asking = False
        self._arrange()
        self._say()

    @Slot()
    def _on_look_changed(self) -> None:
        theme = look.theme
        for button in (self._compare, self._drop, self._keep):
            button.setFont(font(SMALL))
            button.setStyleSheet(
                f"QPushButton {{ padding: 0 6px; min-height: {BUTTON - 2}px; border-radius: 4px; }}"
                f"QPushButton:checked {{ background: {theme.accent}; color: {theme.on_accent}; }}"
                f"QPushButton:focus {{ padding: 0 5px; min-height: {BUTTON - 4}px; }}"
            )
