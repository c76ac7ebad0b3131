"""A branch beside its line: its name at the left; at the right how far it goes, compare, drop."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QPushButton, QSizePolicy, QWidget

from engine.protocol.messages import Branch
from engine.protocol.timeline import MAX_NAME_LENGTH
from gui.session import Session
from gui.text.branches import short_branch_name
from gui.theme import SMALL, SPACE, appearance, font
from gui.widgets.box import hbox
from gui.widgets.button import IconButton, handle_press_key, text_button
from gui.widgets.copying import MenuRow, in_row
from gui.widgets.label import ElidedLabel

NAME_PADDING, EDITOR_WIDTH, BUTTON_SIZE = 6, 160, 16  # pixels
MAX_UNASKED_STEPS = 50
"""Steps of its own up to which a branch is dropped without asking."""
NAME_TOOLTIP = "Show branch {} (double click or F2: rename it; Delete: delete it)"
COMPARE_TOOLTIP = "Show W′ here − W′ of branch {} beside ΔW"


class Lane(QWidget):
    """A note, “Compare”, and ×, which asks for confirmation where much would be lost."""

    def __init__(self, session: Session, branch: Branch) -> None:
        super().__init__()
        self._session, self._branch = session, branch
        self._note_text = ""
        self._asking = self._shown = False
        self.name = LaneName(session, branch)
        """Its name, at the left of the line."""
        self._note = ElidedLabel(scale=SMALL, colour="muted")
        self._compare = self._new_button("Compare", "compare")
        self._compare.setCheckable(True)
        self._drop, self._keep = self._new_button("Drop", "drop"), self._new_button("Keep", "keep")
        self._ask = IconButton(
            "x", "Drop", object_name=f"askDrop.{branch.number}", size=BUTTON_SIZE, frame=False
        )
        buttons = self._compare, self._drop, self._keep, self._ask
        hbox((self._note, 1), *buttons, on=self, spacing=SPACE // 2, margins=(SPACE, 0, 0, 0))
        self.name.drop_requested.connect(self.ask)
        self._compare.clicked.connect(self._on_compare_clicked)
        self._drop.clicked.connect(self._on_drop_clicked)
        self._keep.clicked.connect(self._on_keep_clicked)
        self._ask.clicked.connect(self.ask)
        self._arrange()

    def _new_button(self, text: str, name: str) -> QPushButton:
        button = text_button(text, f"{name}.{self._branch.number}")
        button.setProperty("role", "small")
        return button

    def show_branch(self, branch: Branch, note: str, *, shown: bool, compared: bool) -> None:
        """Show the branch. Args: note: text.  compared: whether with W′."""
        self.name.show_branch(branch, shown=shown)
        if branch.name != self._branch.name or not self._compare.toolTip():
            name = short_branch_name(branch.name)
            self._compare.setToolTip(COMPARE_TOOLTIP.format(name))
            self._compare.setAccessibleName(f"Compare W′ with branch {name}")
            self._ask.set_name(f"Drop branch {name}")
        self._branch, self._note_text = branch, note
        self._shown = shown
        self._compare.setChecked(compared)
        self._arrange()

    def holds(self, at: QPoint | None) -> bool:
        """Return whether the branch is meant. Args: at: in the timeline; None: by the keyboard."""
        return in_row((self.name, self), at)

    def rows_of_menu(self) -> tuple[MenuRow, ...]:
        """Return what can be done with the branch."""
        shown = "This branch is on the stage" if self._shown else ""
        compared = self._compare.isChecked()
        show = partial(self._session.navigation.switch_branch, self._branch.number)
        name = short_branch_name(self._branch.name)
        return (
            MenuRow(f"Show branch {name}", show, "click", shown),
            MenuRow(f"Compare W′ with branch {name}",
                    partial(self._on_compare_clicked, not compared),
                    reason=shown, checked=compared),
            MenuRow("Rename", self.name.rename, "F2"),
            MenuRow("Delete", self.ask, "Delete"),
        )  # fmt: skip

    @Slot()
    def ask(self) -> None:
        """Drop the branch, or ask first where that would lose many steps."""
        if self._own_steps() <= MAX_UNASKED_STEPS:
            self._session.navigation.drop_branch(self._branch.number)
            return
        self._asking = True
        self._arrange()
        self._keep.setFocus()

    def _own_steps(self) -> int:
        return self._branch.tip - self._branch.forked_at

    def _arrange(self) -> None:
        self._compare.setVisible(not self._asking and not self._shown)
        self._ask.setVisible(not self._asking)
        self._drop.setVisible(self._asking)
        self._keep.setVisible(self._asking)
        question = f"Delete {self._own_steps():,} steps? Ctrl+Z brings them back."
        self._note.show_text(question if self._asking else self._note_text)

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


class LaneName(QPushButton):
    """Shows the branch when pressed; a double click or F2 renames it."""

    drop_requested = Signal()

    def __init__(self, session: Session, branch: Branch) -> None:
        super().__init__()
        self._session, self._number, self._name = session, branch.number, branch.name
        self._editor: QLineEdit | None = None
        self.setObjectName(f"branch.{branch.number}")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setProperty("role", "lane")
        self.clicked.connect(self._on_clicked)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def show_branch(self, branch: Branch, *, shown: bool) -> None:
        """Show its name, and whether it is on the stage."""
        self._name = branch.name
        self.setChecked(shown)
        self.setToolTip(NAME_TOOLTIP.format(branch.name))
        self._fit()
        text = short_branch_name(branch.name)
        self.setAccessibleName(f"Branch {text}{', shown' if shown else ''}")

    def _fit(self) -> None:
        available = self.width() - 2 * NAME_PADDING
        # Bold as it is where it is shown, so that what fits does not depend on that.
        metrics = QFontMetrics(font(SMALL, bold=True))
        text = metrics.elidedText(self._name, Qt.TextElideMode.ElideRight, available)
        if text != self.text():
            self.setText(text)

    @Slot()
    def rename(self) -> None:
        """Edit the name in place: Enter accepts it, Escape discards it."""
        if self._editor is not None:
            return
        self._editor = _BranchNameEdit(self._name, self)
        self._editor.editingFinished.connect(self._on_editor_finished)
        self._editor.show()
        self._editor.setFocus()

    # ------------------------------------------------------------ Qt's hooks

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the name into the width."""
        super().resizeEvent(event)
        self._fit()

    def nextCheckState(self) -> None:
        """Do nothing: the engine decides which branch is shown."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Rename: the first click has chosen the branch already."""
        self.rename()

    def event(self, event: QEvent) -> bool:
        """Handle the keys of `handle_press_key`."""
        return handle_press_key(self, event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Rename on F2, drop on Delete."""
        if event.key() == Qt.Key.Key_F2:
            self.rename()
        elif event.key() == Qt.Key.Key_Delete:
            self.drop_requested.emit()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_clicked(self) -> None:
        self._session.navigation.switch_branch(self._number)

    @Slot()
    def _on_editor_finished(self) -> None:
        editor, self._editor = self._editor, None
        if editor is not None:
            name = editor.text().strip()
            editor.hide()
            editor.deleteLater()
            if name and name != self._name:
                self._session.navigation.name_branch(self._number, name)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.setFont(font(SMALL))
        self._fit()


class _BranchNameEdit(QLineEdit):
    def __init__(self, name: str, button: LaneName) -> None:
        super().__init__(name, button.parentWidget())
        self._name = name
        self.setObjectName("branchNameEdit")
        self.setAccessibleName("Name of the branch")
        self.setMaxLength(MAX_NAME_LENGTH)
        height = max(self.sizeHint().height(), button.height())
        top = max(button.geometry().center().y() - height // 2, 0)
        self.setGeometry(button.x(), top, EDITOR_WIDTH, height)
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Discard the new name on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self._name)
            self.editingFinished.emit()
        else:
            super().keyPressEvent(event)
