"""Menus made of the table: they say what can be done now, and why the rest cannot."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QMenuBar, QToolButton, QWidget

from gui.actions.actions import Actions
from gui.actions.table import ACTIONS, MENUS
from gui.theme import icon


class ActionMenu(QMenu):
    """A menu of some actions. Args: groups: their names, with a line between two groups."""

    def __init__(
        self, title: str, actions: Actions, *groups: tuple[str, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(title, parent)
        self._table = actions
        self.setToolTipsVisible(True)
        for number, names in enumerate(groups):
            if number:
                self.addSeparator()
            self.addActions([actions.action(name) for name in names])
        self.aboutToShow.connect(self._on_self_about_to_show)
        self.aboutToHide.connect(self._on_self_about_to_hide)

    @Slot()
    def _on_self_about_to_show(self) -> None:
        for made in self.actions():
            action = ACTIONS.get(made.objectName())
            if action is None:
                continue
            reason = self._table.reason(action.name)
            keys = action.shown_keys[:1] if made.shortcut().isEmpty() else ()
            made.setText("\t".join((self._table.text(action.name), *keys)))
            made.setToolTip(reason or action.hint)
            made.setIcon(icon(action.icon) if action.icon else QIcon())
            made.setEnabled(not reason)

    @Slot()
    def _on_self_about_to_hide(self) -> None:
        for made in self.actions():
            made.setEnabled(True)  # its keys ask again whether it can be done


class MenuBar(QMenuBar):
    """All actions, in menus."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("menuBar")
        self.setNativeMenuBar(False)  # it hides with the other controls before a room
        for title, groups in MENUS.items():
            names = (tuple(action.name for action in group) for group in groups)
            self.addMenu(ActionMenu(title, actions, *names, parent=self))


class MenuOpener(ActionMenu):
    """A menu of some actions below a button, opened by a click on it."""

    def __init__(self, button: QToolButton, actions: Actions, *names: str) -> None:
        super().__init__("", actions, names, parent=button)
        self._button = button
        button.clicked.connect(self._on_button_clicked)

    @Slot()
    def _on_button_clicked(self) -> None:
        self.popup(self._button.mapToGlobal(QPoint(0, self._button.height())))
