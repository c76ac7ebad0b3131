"""Value slider: one setting as a name, a value to type over, and a slider."""

from __future__ import annotations

import math
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from engine.protocol.setting import Value
from engine.protocol.settings import SETTINGS, Settings
from gui.controls.entry import in_words, read_setting, tell_refusals
from gui.session import Session
from gui.text.numbers import short_number
from gui.text.setting_text import shown_text, shown_value, typing_hint, value_text
from gui.theme import TINY, appearance
from gui.widgets.box import hbox, vbox
from gui.widgets.label import RIGHT, ElidedLabel, Label
from gui.widgets.slider import Slider
from gui.widgets.value_field import ValueField

NEW_RUN = "starts a new run"


class ValueSlider(QWidget):
    """Shows one field of the settings and changes it; of constant height."""

    def __init__(self, session: Session, field: str) -> None:
        super().__init__()
        self._session, self._field, self._setting = session, field, SETTINGS[field]
        self._scale = self._setting.slider
        self.reason = ""
        """Reason for being disabled; empty: it is enabled."""
        self._long_reason = ""
        self.setObjectName(f"control.{field}")
        self._name = ElidedLabel(self._setting.label, bold=True)
        self._reason_label = ElidedLabel(scale=TINY, colour="muted")
        self._reason_label.setAlignment(RIGHT)
        self._reason_label.hide()
        read = in_words(partial(read_setting, session, field))
        self._value_field = ValueField(read, typing_hint(self._setting.kind))
        self._value_field.setAccessibleName(f"{self._setting.label}, value")
        self._slider = self._new_slider()
        self._note = Label(NEW_RUN, scale=TINY, colour="muted")
        self._note.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._lay_out()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._show()
        self._show_restart()
        self._on_appearance_changed()
        self._slider.valueChanged.connect(self._on_slider_value_changed)
        self._value_field.entered.connect(self._on_value_field_entered)
        tell_refusals(session, self._value_field)
        session.state.settings_changed.connect(self._on_session_settings_changed)
        session.state.catalogue_changed.connect(self._show_restart)
        appearance.changed.connect(self._on_appearance_changed)

    def set_reason(self, reason: str, long_reason: str = "") -> None:
        """Disable it and show why, in place of its value and in its tooltip; empty: enable it."""
        if (reason, long_reason) == (self.reason, self._long_reason):
            return
        self.reason, self._long_reason = reason, long_reason
        for part in (self._name, self._value_field, self._slider):
            part.setEnabled(not reason)
        self._name.set_colour("muted" if reason else "text")
        self._reason_label.show_text(reason)
        self._reason_label.setVisible(bool(reason))
        self._value_field.setVisible(not reason)
        self._show_restart()

    # ------------------------------------------------------------ building

    def _new_slider(self) -> Slider:
        slider = Slider()
        slider.setObjectName(widget_name(self._field, "Slider"))
        slider.setAccessibleName(self._setting.label)
        slider.scale = self._scale
        slider.setRange(self._scale.first, self._scale.last)
        slider.setSingleStep(self._scale.small_step)
        slider.setPageStep(self._scale.large_step)
        return slider

    def _lay_out(self) -> None:
        low, high = (
            Label(value_text(self._field, end), scale=TINY, colour="muted")
            for end in (self._scale.values[0], self._scale.values[-1])
        )
        self._header = hbox(self._name, (self._reason_label, 1), self._value_field, spacing=6)
        vbox(self._header, hbox(low, (self._slider, 1), high, spacing=6), self._note, on=self)

    # ------------------------------------------------------------ following

    @Slot()
    def _show_restart(self) -> None:
        """Show below it, and in the tooltip, when a change acts."""
        restarts = self._field in self._session.state.restarting_fields()
        self._note.setVisible(restarts and not self.reason)
        when = "A change starts a new run" if restarts else "A change applies from the next step"
        hint = f"{self._setting.hint or self._setting.label}. {when}"
        reason = self._long_reason or self.reason
        self._slider.setToolTip(reason or hint)
        self.setToolTip(reason)
        self._slider.setAccessibleDescription(self._slider.toolTip())

    def _show(self) -> None:
        text = shown_text(self._field, self._session.state.settings)
        self._value_field.show_value(text)
        self._slider.speak(text)
        with QSignalBlocker(self._slider):
            self._slider.setValue(self._position())

    def _position(self) -> int:
        return self._scale.position(shown_value(self._field, self._session.state.settings))

    @Slot(object, object)
    def _on_session_settings_changed(self, old: Settings, new: Settings) -> None:
        if shown_value(self._field, old) != shown_value(self._field, new):
            self._show()
        if old.strategy != new.strategy:
            self._show_restart()

    @Slot(int)
    def _on_slider_value_changed(self, position: int) -> None:
        # A value typed beyond the end keeps its own figure until the handle really moves.
        if position != self._position():
            self._session.editor.update(**{self._field: self._scale.value(position)})
            self._show()

    @Slot(object)
    def _on_value_field_entered(self, value: Value) -> None:
        self._session.editor.update(**{self._field: value})
        self._show()

    @Slot()
    def _on_appearance_changed(self) -> None:
        self._name.setMinimumHeight(self._value_field.sizeHint().height())


class AlphaSlider(ValueSlider):
    """Shows α / r as well; its button “= r” lets α follow the rank again."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, "alpha")
        self._scaling = Label(scale=TINY, colour="muted")
        self._follow = QToolButton()
        self._follow.setText("= r")
        self._follow.setCheckable(True)
        self._follow.setToolTip("Keep α equal to the rank, so that α/r = 1")
        self._follow.setAccessibleName("alpha follows the rank")
        self._follow.setProperty("role", "follow")
        self._follow.setCursor(Qt.CursorShape.PointingHandCursor)
        self._header.insertWidget(1, self._scaling)
        self._header.insertWidget(2, self._follow)
        self._follow.clicked.connect(self._on_follow_clicked)
        session.state.settings_changed.connect(self._show_scaling)
        session.state.catalogue_changed.connect(self._show_scaling)
        self._show_scaling()

    def set_reason(self, reason: str, long_reason: str = "") -> None:
        """Disable it and show why, in place of its value and in its tooltip; empty: enable it."""
        super().set_reason(reason, long_reason)
        self._follow.setVisible(not reason)
        self._scaling.setVisible(not reason)

    @Slot()
    def _show_scaling(self) -> None:
        settings, info = self._session.state.settings, self._session.state.strategy_info()
        divides_by_root = info is not None and info.scaling_rule == "α/√r"
        divisor = math.sqrt(settings.rank) if divides_by_root else settings.rank
        scaling = short_number(settings.scaling_alpha / divisor)
        self._scaling.show_text(f"{'α/√r' if divides_by_root else 'α/r'} = {scaling}")
        self._follow.setChecked(settings.alpha is None)

    @Slot()
    def _on_follow_clicked(self) -> None:
        self._session.editor.update(alpha=None)
        self._show_scaling()


def widget_name(field: str, kind: str) -> str:
    """Return the object name of a settings field's widget. Args: kind: Slider, Box or Toggle.

    >>> widget_name("learning_rate", "Slider")
    'learningRateSlider'
    """
    first, *rest = field.split("_")
    return "".join((first, *(word.capitalize() for word in rest), kind))
