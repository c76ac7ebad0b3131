"""Batch box: usual batch sizes to choose, any other to type."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox

from engine.protocol.settings import MAX_BATCH_SIZE, SETTINGS, Settings
from gui.session import Session
from gui.text.numbers import parse_integer

SIZES = (1, 8, 16, 32, 64)
"""Batch sizes on offer."""
WHOLE_SET_TEXT = "all"
"""Stands for the largest batch there is: the engine takes no more samples than it has."""


class BatchBox(QComboBox):
    """Shows and sets how many samples a step takes."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setObjectName("batchBox")
        self.setAccessibleName(SETTINGS["batch_size"].label)
        self.setToolTip(SETTINGS["batch_size"].hint)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.addItems([*map(str, SIZES), WHOLE_SET_TEXT])
        self._show(session.state.settings)
        self.activated.connect(self._on_self_activated)
        edit = self.lineEdit()
        assert edit is not None  # there is one in an editable box
        edit.setCompleter(None)  # type: ignore[arg-type] # the stubs do not know that None is one
        edit.editingFinished.connect(self._commit)
        session.state.settings_changed.connect(self._on_session_settings_changed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's hook: Enter commits and gives up the keyboard; Escape restores the value."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._commit()
            self.clearFocus()
        elif event.key() == Qt.Key.Key_Escape:
            self._show(self._session.state.settings)
            self.clearFocus()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Qt's hook: leave the wheel to the page."""
        event.ignore()

    def _show(self, settings: Settings) -> None:
        size = settings.batch_size
        self.setEditText(WHOLE_SET_TEXT if size == MAX_BATCH_SIZE else str(size))

    @Slot()
    def _commit(self) -> None:
        text = self.currentText()
        value = MAX_BATCH_SIZE if text == WHOLE_SET_TEXT else parse_integer(text)
        self._session.editor.update(batch_size=text if value is None else value)
        self._show(self._session.state.settings)

    @Slot()
    def _on_self_activated(self) -> None:
        self._commit()
        self.clearFocus()

    @Slot(object, object)
    def _on_session_settings_changed(self, old: Settings, new: Settings) -> None:
        if old.batch_size != new.batch_size:
            self._show(new)
