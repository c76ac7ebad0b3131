"""Context menu: what can be done with the widget that it was asked of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from gui.actions.actions import Actions
from gui.actions.menu import ActionMenu
from gui.widgets.copying import MenuRow


class ContextMenu(ActionMenu):
    """A menu for once. Args: groups: with a line between two; a text names an action."""

    def __init__(
        self, actions: Actions, groups: Sequence[Sequence[MenuRow | str]], parent: QWidget
    ) -> None:
        super().__init__("", actions, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._own: dict[QAction, Callable[[], object]] = {}
        """What the rows do that are no actions of the table."""
        for number, rows in enumerate(groups):
            if number:
                self.addSeparator()
            for row in rows:
                self.addAction(actions.action(row) if isinstance(row, str) else self._made(row))
        self.triggered.connect(self._on_self_triggered)

    def _made(self, row: MenuRow) -> QAction:
        made = QAction(f"{row.text}\t{row.hint}" if row.hint else row.text, self)
        made.setEnabled(not row.reason)
        made.setToolTip(row.reason)
        made.setCheckable(row.checked is not None)
        made.setChecked(bool(row.checked))
        self._own[made] = row.do
        return made

    @Slot(QAction)
    def _on_self_triggered(self, made: QAction) -> None:
        if made in self._own:
            self._own[made]()
