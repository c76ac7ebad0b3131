"""Toggle: a setting that is on or off."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QCheckBox, QWidget

from engine.protocol.settings import SETTINGS
from gui.controls.value_slider import NEW_RUN, widget_name
from gui.session import Session
from gui.theme import TINY
from gui.widgets.box import vbox
from gui.widgets.button import handle_press_key
from gui.widgets.label import Label


class _CheckBox(QCheckBox):
    """Check box that Enter toggles as well as Space."""

    def event(self, event: QEvent) -> bool:
        """Qt's hook: see `handle_press_key`."""
        return handle_press_key(self, event) or super().event(event)


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
        vbox(self._box, self._note, on=self, spacing=1)
        self.set_reason("")
        self._show()
        self._box.toggled.connect(self._on_box_toggled)
        session.state.settings_changed.connect(self._show)

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
        self._show()

    @Slot()
    def _show(self) -> None:
        with QSignalBlocker(self._box):
            self._box.setChecked(getattr(self._session.state.settings, self._field))
