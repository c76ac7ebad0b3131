"""The name of a branch, by which it is shown, renamed and dropped."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QPushButton, QSizePolicy

from engine.protocol.messages import Branch
from engine.protocol.timeline import MAX_NAME_LENGTH
from gui.session import Session
from gui.text.branches import short_branch_name
from gui.theme import SMALL, appearance, font
from gui.widgets.button import handle_press_key

PADDING = 6
EDITOR_WIDTH = 160
TOOLTIP = "Show branch {} (double click or F2: another name; Delete: drop it)"


class LaneName(QPushButton):
    """Shows the branch when pressed; a double click or F2 renames it."""

    drop_requested = Signal()

    def __init__(self, session: Session, branch: Branch) -> None:
        super().__init__()
        self._session, self._number = session, branch.number
        self.setObjectName(f"branch.{branch.number}")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._name = branch.name
        self._editor: QLineEdit | None = None
        self.clicked.connect(self._on_clicked)
        self.setProperty("role", "lane")
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def show_branch(self, branch: Branch, *, shown: bool) -> None:
        """Show its name, and whether it is on the stage."""
        self._name = branch.name
        self.setChecked(shown)
        text = short_branch_name(branch.name)
        self.setToolTip(TOOLTIP.format(branch.name))
        self._fit()
        self.setAccessibleName(f"Branch {text}{', shown' if shown else ''}")

    def _fit(self) -> None:
        available = self.width() - 2 * PADDING
        # Bold as it is where it is shown, so that what fits does not depend on that.
        metrics = QFontMetrics(font(SMALL, bold=True))
        text = metrics.elidedText(self._name, Qt.TextElideMode.ElideRight, available)
        if text != self.text():
            self.setText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the name into the width."""
        super().resizeEvent(event)
        self._fit()

    def nextCheckState(self) -> None:
        """Do nothing: the engine decides which branch is shown."""

    @Slot()
    def rename(self) -> None:
        """Edit the name in place: Enter accepts it, Escape discards it."""
        if self._editor is not None:
            return
        self._editor = _Editor(self._name, self)
        self._editor.editingFinished.connect(self._on_editor_finished)
        self._editor.show()
        self._editor.setFocus()

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


class _Editor(QLineEdit):
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
