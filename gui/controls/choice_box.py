"""Choice box: a setting that is one of several names."""

from __future__ import annotations

from PySide6.QtCore import Slot

from engine.protocol.setting import Choice
from engine.protocol.settings import SETTINGS, Settings
from gui.controls.value_slider import widget_name
from gui.session import Session
from gui.widgets.combo_box import ComboBox


class ChoiceBox(ComboBox):
    """Shows one field of the settings and sets it to another name."""

    def __init__(self, session: Session, field: str) -> None:
        setting = SETTINGS[field]
        super().__init__(widget_name(field, "Box"), setting.label)
        self._session, self._field = session, field
        self.set_reason("")
        assert isinstance(setting.kind, Choice)
        labels = ((name, text[0].upper() + text[1:]) for name, text in setting.kind.labels.items())
        self.set_items(labels, getattr(session.state.settings, field))
        self.currentIndexChanged.connect(self._on_self_current_index_changed)
        session.state.settings_changed.connect(self._on_session_settings_changed)

    def set_reason(self, reason: str, long_reason: str = "") -> None:
        """Disable it and say why in its tooltip; empty: enable it."""
        self.setEnabled(not reason)
        self.setToolTip(long_reason or reason or SETTINGS[self._field].hint)

    @Slot()
    def _on_self_current_index_changed(self) -> None:
        self._session.editor.update(**{self._field: self.currentData()})
        self.set_current_data(getattr(self._session.state.settings, self._field))

    @Slot(object, object)
    def _on_session_settings_changed(self, _old: Settings, new: Settings) -> None:
        self.set_current_data(getattr(new, self._field))
