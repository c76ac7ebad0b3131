"""One setting as a name, a value to type over, and a slider between its ends."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.protocol.messages import Catalogue
from engine.protocol.settings import Settings
from gui.session import Session
from gui.text.slider_scales import SettingSpec, Value
from gui.theme import appearance
from gui.widgets.label import RIGHT, ElidedLabel, Label
from gui.widgets.slider import Slider
from gui.widgets.value_field import ValueField

SMALL_SCALE = 0.8
"""Of the ordinary text size: the ends of a slider, and what is noted of it."""
NEW_RUN = "starts a new run"


class ValueSlider(QWidget):
    """Shows one field of the settings and changes it, at every move of the thumb.

    Its height is the same with and without a reason for being greyed.
    """

    def __init__(self, session: Session, quantity: SettingSpec, object_name: str = "") -> None:
        super().__init__()
        self._session, self._quantity = session, quantity
        self._reason = self._at_length = ""
        self.setObjectName(f"control.{quantity.field}")
        self._name = ElidedLabel(quantity.name, bold=True)
        self._why = ElidedLabel(scale=SMALL_SCALE, colour="muted")
        self._why.setAlignment(RIGHT)
        self._why.hide()
        self._field = ValueField()
        self._field.setAccessibleName(f"{quantity.name}, value")
        self._slider = self._new_slider(object_name or slider_name(quantity.field))
        self._note = Label(NEW_RUN, scale=SMALL_SCALE, colour="muted")
        self._note.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._header = QHBoxLayout()
        self._lay_out()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._show(session.state.settings)
        self._note_restart()
        self._on_appearance_changed()
        self._slider.valueChanged.connect(self._on_slider_value_changed)
        self._field.typed.connect(self._on_field_typed)
        self._field.left.connect(self._on_field_left)
        session.state.settings_changed.connect(self._on_session_settings_changed)
        session.state.catalogue_changed.connect(self._on_session_catalogue_changed)
        appearance.changed.connect(self._on_appearance_changed)

    @property
    def reason(self) -> str:
        """Why it is greyed; empty: it is not."""
        return self._reason

    def set_reason(self, reason: str, at_length: str = "") -> None:
        """Grey it and say why, in place of its value and in its tooltip; empty: free it."""
        if (reason, at_length) == (self._reason, self._at_length):
            return
        self._reason, self._at_length = reason, at_length
        for part in (self._name, self._field, self._slider):
            part.setEnabled(not reason)
        self._name.set_colour("muted" if reason else "text")
        self._why.show_text(reason)
        self._why.setVisible(bool(reason))
        self._field.setVisible(not reason)
        self._note_restart()

    # ------------------------------------------------------------ building

    def _new_slider(self, object_name: str) -> Slider:
        scale = self._quantity.scale
        slider = Slider()
        slider.setObjectName(object_name)
        slider.setAccessibleName(self._quantity.name)
        slider.setRange(scale.first, scale.last)
        slider.setSingleStep(scale.small_step)
        slider.setPageStep(scale.large_step)
        return slider

    def _lay_out(self) -> None:
        self._header.setSpacing(6)
        self._header.addWidget(self._name)
        self._header.addWidget(self._why, 1)
        self._header.addWidget(self._field)
        span = QHBoxLayout()
        span.setSpacing(6)
        low, high = (Label(end, scale=SMALL_SCALE, colour="muted") for end in self._quantity.ends)
        span.addWidget(low)
        span.addWidget(self._slider, 1)
        span.addWidget(high)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._header)
        column.addLayout(span)
        column.addWidget(self._note)

    # ------------------------------------------------------------ following

    def _note_restart(self) -> None:
        """Say below it, and in the tooltip, when a change acts."""
        restarts = self._quantity.field in self._session.state.restarting_fields()
        self._note.setVisible(restarts and not self._reason)
        when = "A change starts a new run" if restarts else "A change acts at the next step"
        hint = f"{self._quantity.hint or self._quantity.name}. {when}"
        self._slider.setToolTip((self._at_length or self._reason) if self._reason else hint)
        self.setToolTip(self._at_length or self._reason)
        self._slider.setAccessibleDescription(self._slider.toolTip())

    def _value(self, settings: Settings) -> Value:
        value: Value = getattr(settings, self._quantity.shown or self._quantity.field)
        return value

    def _show(self, settings: Settings) -> None:
        value = self._value(settings)
        self._field.show_value(self._quantity.scale.text(value))
        self._slider.blockSignals(True)
        self._slider.setValue(self._quantity.scale.position(value))
        self._slider.blockSignals(False)

    @Slot(object, object)
    def _on_session_settings_changed(self, old: Settings, new: Settings) -> None:
        if self._value(old) != self._value(new):
            self._show(new)
        if old.strategy != new.strategy:
            self._note_restart()

    @Slot(object)
    def _on_session_catalogue_changed(self, _catalogue: Catalogue) -> None:
        self._note_restart()

    @Slot(int)
    def _on_slider_value_changed(self, position: int) -> None:
        scale = self._quantity.scale
        # A value typed beyond the end keeps its own figure until the thumb really moves.
        if position != scale.position(self._value(self._session.state.settings)):
            self._session.editor.update(**{self._quantity.field: scale.value(position)})
            self._show(self._session.state.settings)

    @Slot(str)
    def _on_field_typed(self, text: str) -> None:
        value: Value | str = text
        try:
            value = self._quantity.scale.parse(text)
        except ValueError:
            pass  # the settings refuse what is no number, and say what they take
        self._session.editor.update(**{self._quantity.field: value})
        self._show(self._session.state.settings)

    @Slot()
    def _on_field_left(self) -> None:
        self._slider.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self._name.setMinimumHeight(self._field.sizeHint().height())


def slider_name(field: str) -> str:
    """Object name of the slider of a settings field.

    >>> slider_name("learning_rate")
    'learningRateSlider'
    """
    first, *rest = field.split("_")
    return "".join((first, *(word.capitalize() for word in rest), "Slider"))
