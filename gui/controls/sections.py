"""Sections of the control panel: schedule, overfitting, network."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout

from engine.protocol.setting import Choice, Flag, Section as Place
from engine.protocol.settings import SETTINGS, Settings, fields_in
from gui.controls.boxes import ChoiceBox, Toggle
from gui.controls.rate_curve import RateCurve
from gui.controls.value_slider import AlphaSlider, ValueSlider
from gui.session import Session
from gui.text.setting_text import shown_text
from gui.text.settings_change import non_default_texts
from gui.widgets.collapsible import Section


def new_control(session: Session, field: str) -> ChoiceBox | Toggle | ValueSlider:
    """Make the control of a settings field."""
    kind = SETTINGS[field].kind
    if isinstance(kind, Choice):
        return ChoiceBox(session, field)
    if isinstance(kind, Flag):
        return Toggle(session, field)
    return AlphaSlider(session) if field == "alpha" else ValueSlider(session, field)


class SettingsSection(Section):
    """The controls of a place, toggles last; one without effect is disabled with the reason.

    While it is closed, its header says what is set inside.
    """

    def __init__(self, session: Session, place: Place, name: str) -> None:
        super().__init__(place, name)
        self._session = session
        fields = sorted(fields_in(place), key=lambda field: isinstance(SETTINGS[field].kind, Flag))
        self._controls = {field: new_control(session, field) for field in fields}
        for control in self._controls.values():
            self.add(control)
        self.show_settings()
        session.state.settings_changed.connect(self.show_settings)

    def summarise(self, settings: Settings) -> str:
        """Return a few words on what is set inside."""
        return ", ".join(non_default_texts(settings, self._controls)) or "nothing set"

    @Slot()
    def show_settings(self) -> None:
        """Show which controls have an effect, and the summary."""
        settings = self._session.state.settings
        for field, control in self._controls.items():
            why_unused = SETTINGS[field].why_unused
            if why_unused is not None and self.isAncestorOf(control):
                control.set_reason(*why_unused(settings))
        self.set_summary(self.summarise(settings))


class ScheduleSection(SettingsSection):
    """Schedule of the learning rate over the steps."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, "schedule", "Schedule")
        fields = list(self._controls)
        self.add(RateCurve(session), fields.index("schedule") + 1)
        self._total = self._controls["total_steps"]
        self._total_index = fields.index("total_steps") + 1  # the curve stands above it

    def summarise(self, settings: Settings) -> str:
        """Return the schedule, and the warm-up unless the schedule has its own."""
        fields = () if settings.schedule == "slanted" else ("warmup_steps",)
        return ", ".join((shown_text("schedule", settings), *non_default_texts(settings, fields)))

    def place_total(self, outside: QVBoxLayout | None) -> None:
        """Move the slider of T out, as some strategies need it at a constant rate; None: back."""
        if outside is None and not self.isAncestorOf(self._total):
            self.add(self._total, self._total_index)
            self.show_settings()
        elif outside is not None and self.isAncestorOf(self._total):
            outside.addWidget(self._total)
            self._total.set_reason("")


class NetworkSection(SettingsSection):
    """Size of the network, BatchNorm, and whether “frozen” includes its statistics."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, "network", "Network")

    def summarise(self, settings: Settings) -> str:
        """Return the size, and whether there is a BatchNorm."""
        frozen = ", statistics frozen" if settings.freeze_statistics else ""
        norm = f", BatchNorm{frozen}" if settings.batch_norm else ""
        return f"{settings.depth} × {settings.width:,}{norm}"
