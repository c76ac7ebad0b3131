"""Toggle: a setting that is on or off."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from engine.protocol.settings import SETTINGS, Settings
from gui.controls.value_slider import NEW_RUN, widget_name
from gui.session import Session
from gui.theme import TINY
from gui.widgets.label import Label


class _CheckBox(QCheckBox):
    """Check box that Enter toggles as well as Space."""

    def event(self, event: QEvent) -> bool:
        """Qt's hook: Enter toggles it."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        ):
            self.click()
            return True
        return super().event(event)


class Toggle(QWidget):
    """Shows one field of the settings and toggles it, with a note below."""

    def __init__(self, session: Session, field: str) -> None:
        super().__init__()
        self._session, self._field, self._setting = session, field, SETTINGS[field]
        self._restarts = field in session.state.restarting_fields()
        self.setObjectName(f"control.{field}")
        self._box = _CheckBox(self._setting.label)
        self._box.setObjectName(widget_name(field, "Toggle"))
        self._box.setAccessibleName(self._setting.label)
        self._box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._note = Label(scale=TINY, colour="muted")
        self._note.setIndent(22)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self._box)
        column.addWidget(self._note)
        self.set_reason("")
        self._box.setChecked(getattr(session.state.settings, field))
        self._box.toggled.connect(self._on_box_toggled)
        session.state.settings_changed.connect(self._on_session_settings_changed)

    def set_reason(self, reason: str, long_reason: str = "") -> None:
        """Disable it and show why, in full in its tooltip; empty: enable it."""
        self._box.setEnabled(not reason)
        self._note.show_text(reason or (NEW_RUN if self._restarts else ""))
        self._note.setVisible(bool(self._note.text()))
        when = f"a change {NEW_RUN}" if self._restarts else "acts at the next step"
        self._box.setToolTip(f"{self._setting.hint}; {long_reason or reason or when}")
        self._box.setAccessibleDescription(self._box.toolTip())

    @Slot(bool)
    def _on_box_toggled(self, on: bool) -> None:
        self._session.editor.update(**{self._field: on})
        self._show(self._session.state.settings)

    def _show(self, settings: Settings) -> None:
        self._box.blockSignals(True)
        self._box.setChecked(getattr(settings, self._field))
        self._box.blockSignals(False)

    @Slot(object, object)
    def _on_session_settings_changed(self, _old: Settings, new: Settings) -> None:
        self._show(new)
