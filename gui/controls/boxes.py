"""Boxes for settings that are chosen from a list, typed, or ticked."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from engine.protocol.setting import Choice, Value
from engine.protocol.settings import MAX_BATCH_SIZE, MAX_SEED, SETTINGS, Settings
from gui.controls.entry import in_words, read_setting, tell_refusals
from gui.controls.value_slider import NEW_RUN, widget_name
from gui.session import Session
from gui.theme import TINY
from gui.widgets.box import vbox
from gui.widgets.button import handle_press_key
from gui.widgets.combo_box import ComboBox
from gui.widgets.keyboard import keep_escape, release_keyboard
from gui.widgets.label import Label
from gui.widgets.value_field import EntryField

BATCH_SIZES = (1, 8, 16, 32, 64)
"""Batch sizes on offer."""
WHOLE_SET_TEXT = "all"
"""Stands for the largest batch there is: the engine takes no more samples than it has."""


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
        session.state.settings_changed.connect(self._show)

    def set_reason(self, reason: str, long_reason: str = "") -> None:
        """Disable it and say why in its tooltip; empty: enable it."""
        self.setEnabled(not reason)
        self.setToolTip(long_reason or reason or SETTINGS[self._field].hint)

    @Slot()
    def _show(self) -> None:
        self.set_current_data(getattr(self._session.state.settings, self._field))

    @Slot()
    def _on_self_current_index_changed(self) -> None:
        self._session.editor.update(**{self._field: self.currentData()})
        self._show()


class BatchBox(ComboBox):
    """Usual batch sizes to choose, any other to type."""

    def __init__(self, session: Session) -> None:
        super().__init__("batchBox", SETTINGS["batch_size"].label)
        self._session = session
        self.setToolTip(SETTINGS["batch_size"].hint)
        self._field = EntryField(in_words(partial(_read_batch, session)), framed=self)
        self.setLineEdit(self._field)
        self.setCompleter(None)  # type: ignore[arg-type] # the stubs do not know that None is one
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        sizes = [(size, str(size)) for size in (*BATCH_SIZES, WHOLE_SET_TEXT)]
        self.set_items(sizes, session.state.settings.batch_size)
        self._show()
        self.activated.connect(self._on_self_activated)
        self._field.entered.connect(self._on_field_entered)
        tell_refusals(session, self._field)
        session.state.settings_changed.connect(self._on_session_settings_changed)

    def event(self, event: QEvent) -> bool:
        """Qt's hook: see `keep_escape`."""
        return keep_escape(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's hook: Enter commits, Escape restores; both give up the keyboard."""
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            release_keyboard(self)

    def _show(self) -> None:
        size = self._session.state.settings.batch_size
        self._field.show_value(WHOLE_SET_TEXT if size == MAX_BATCH_SIZE else f"{size:,}")

    @Slot(object)
    def _on_field_entered(self, size: int) -> None:
        self._session.editor.update(batch_size=size)
        self._show()

    @Slot()
    def _on_self_activated(self) -> None:
        self._field.commit()
        release_keyboard(self)

    @Slot(object, object)
    def _on_session_settings_changed(self, old: Settings, new: Settings) -> None:
        if old.batch_size != new.batch_size:  # else one may be typed at the moment
            self._show()


class SeedBox(EntryField):
    """Shows and sets the seed, which ↑ and ↓ count up and down."""

    def __init__(self, session: Session) -> None:
        super().__init__(in_words(partial(read_setting, session, "seed")))
        self._session = session
        self.setObjectName("seedBox")
        self.setAccessibleName(SETTINGS["seed"].label)
        self.setToolTip(SETTINGS["seed"].hint)
        self._show()
        self.entered.connect(self._on_self_entered)
        session.state.settings_changed.connect(self._on_session_settings_changed)
        tell_refusals(session, self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's hook: count up and down."""
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        seed = self._session.state.settings.seed + step
        self._session.editor.update(seed=min(max(seed, 0), MAX_SEED))

    def _show(self) -> None:
        self.show_value(f"{self._session.state.settings.seed:,}")

    @Slot(object)
    def _on_self_entered(self, seed: int) -> None:
        self._session.editor.update(seed=seed)
        self._show()

    @Slot(object, object)
    def _on_session_settings_changed(self, old: Settings, new: Settings) -> None:
        if old.seed != new.seed:
            self._show()


def _read_batch(session: Session, text: str) -> Value:
    whole_set = text.strip().lower() == WHOLE_SET_TEXT
    return MAX_BATCH_SIZE if whole_set else read_setting(session, "batch_size", text)


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
        self._forced = False
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
        when = f"a change {NEW_RUN}" if self._restarts else "applies from the next step"
        self._box.setToolTip(f"{self._setting.hint}; {long_reason or reason or when}")
        self._box.setAccessibleDescription(self._box.toolTip())

    def set_forced(self, forced: bool) -> None:
        """Show it as on whatever the setting, where nothing else is possible; False: as it is."""
        self._forced = forced
        self._show()

    @Slot(bool)
    def _on_box_toggled(self, on: bool) -> None:
        self._session.editor.update(**{self._field: on})
        self._show()

    @Slot()
    def _show(self) -> None:
        with QSignalBlocker(self._box):
            setting = getattr(self._session.state.settings, self._field)
            self._box.setChecked(self._forced or setting)
