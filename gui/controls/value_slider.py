"""One setting as a name, a value to type over, a slider, and a line that says what it spans."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.protocol.settings import RESTARTS, Settings
from gui.controls.scales import Quantity
from gui.controls.slider import Slider
from gui.controls.text import ElidedText, Text
from gui.controls.value_field import ValueField
from gui.session import Session

SMALL = 0.8
"""Of the ordinary text size: the line below a slider."""


class ValueSlider(QWidget):
    """Shows one field of the settings and changes it, at every move of the thumb.

    Its height is the same with and without a reason for being greyed.
    """

    def __init__(self, session: Session, quantity: Quantity, object_name: str) -> None:
        super().__init__()
        self._session, self._quantity = session, quantity
        self._reason = ""
        self._name = ElidedText(quantity.name, bold=True)
        self._field = ValueField()
        self._field.setAccessibleName(f"{quantity.name}, value")
        self._slider = self._new_slider(object_name)
        low, high = quantity.ends
        self._low = Text(low, scale=SMALL, colour="muted")
        self._note = ElidedText(self._plain_note(), scale=SMALL, colour="muted")
        self._high = Text(high, scale=SMALL, colour="muted")
        self._header = QHBoxLayout()
        self._lay_out()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._show(session.settings)
        self._slider.valueChanged.connect(self._on_slider_value_changed)
        self._field.typed.connect(self._on_field_typed)
        self._field.left.connect(self._on_field_left)
        session.settings_changed.connect(self._on_session_settings_changed)

    @property
    def reason(self) -> str:
        """Why it is greyed; empty: it is not."""
        return self._reason

    def set_reason(self, reason: str, at_length: str = "") -> None:
        """Grey it and say why, below it and in its tooltip; empty: free it."""
        if reason == self._reason:
            return
        self._reason = reason
        for part in (self._name, self._field, self._slider):
            part.setEnabled(not reason)
        self._name.set_colour("muted" if reason else "text")
        for end in (self._low, self._high):
            end.setVisible(not reason)
        self._note.setAlignment(
            Qt.AlignmentFlag.AlignLeft if reason else Qt.AlignmentFlag.AlignHCenter
        )
        self._note.show_text(reason or self._plain_note())
        self._slider.setToolTip((at_length or reason) if reason else self._hint())
        self.setToolTip(at_length or reason)

    # ------------------------------------------------------------ building

    def _new_slider(self, object_name: str) -> Slider:
        scale = self._quantity.scale
        slider = Slider()
        slider.setObjectName(object_name)
        slider.setAccessibleName(self._quantity.name)
        slider.setRange(scale.first, scale.last)
        slider.setSingleStep(scale.small_step)
        slider.setPageStep(scale.large_step)
        slider.setToolTip(self._hint())
        return slider

    def _lay_out(self) -> None:
        self._header.setSpacing(6)
        self._header.addWidget(self._name)
        self._header.addWidget(self._field)
        span = QHBoxLayout()
        span.setSpacing(6)
        span.addWidget(self._low)
        span.addWidget(self._note, 1)
        span.addWidget(self._high)
        self._note.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._header)
        column.addWidget(self._slider)
        column.addLayout(span)

    def _plain_note(self) -> str:
        return "starts a new run" if self._quantity.field in RESTARTS else ""

    def _hint(self) -> str:
        if self._quantity.field in RESTARTS:
            return f"{self._quantity.name}: a change starts a new run"
        return f"{self._quantity.name}: a change acts at the next step"

    # ------------------------------------------------------------ following

    def _value(self, settings: Settings) -> float:
        quantity = self._quantity
        return float(getattr(settings, quantity.shown or quantity.field))

    def _show(self, settings: Settings) -> None:
        value = self._value(settings)
        self._field.show_value(self._quantity.text(value))
        self._slider.blockSignals(True)
        self._slider.setValue(self._quantity.scale.position(value))
        self._slider.blockSignals(False)

    @Slot(object, object)
    def _on_session_settings_changed(self, old: Settings, new: Settings) -> None:
        if self._value(old) != self._value(new):
            self._show(new)

    @Slot(int)
    def _on_slider_value_changed(self, position: int) -> None:
        scale = self._quantity.scale
        # A value typed beyond the end keeps its own figure until the thumb really moves.
        if position != scale.position(self._value(self._session.settings)):
            self._session.update(**{self._quantity.field: scale.value(position)})

    @Slot(str)
    def _on_field_typed(self, text: str) -> None:
        value = self._quantity.scale.parse(text)
        # What is no number goes to the settings as it is: they refuse it, and say what they take.
        self._session.update(**{self._quantity.field: text if value is None else value})
        self._show(self._session.settings)

    @Slot()
    def _on_field_left(self) -> None:
        self._slider.setFocus(Qt.FocusReason.OtherFocusReason)
