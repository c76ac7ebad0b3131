"""What can be set beside the strategy: the rate's schedule, overfitting, the network."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout

from engine.protocol.settings import SCHEDULES, Settings
from gui.controls.rate_curve import RateCurve
from gui.controls.toggle import Toggle
from gui.controls.value_slider import ValueSlider
from gui.session import Session
from gui.text.setting_specs import (
    DEPTH,
    DROPOUT,
    LABEL_NOISE,
    PATIENCE,
    TOTAL_STEPS,
    TRAIN_SAMPLES,
    WARMUP_STEPS,
    WEIGHT_DECAY,
    WIDTH,
)
from gui.text.settings_change import SCHEDULE_NAMES, set_texts
from gui.widgets.collapsible import Section
from gui.widgets.combo_box import ComboBox

T_PLACE = 3
"""Of the total steps in their section."""


class ScheduleSection(Section):
    """How the learning rate goes over the steps."""

    def __init__(self, session: Session) -> None:
        super().__init__("schedule", "Schedule")
        self._session = session
        self._box = ComboBox("scheduleBox", "Schedule of the learning rate")
        self._box.setToolTip("How the learning rate falls over the total steps T")
        self._box.offer(
            ((name, SCHEDULE_NAMES[name].capitalize()) for name in SCHEDULES),
            session.state.settings.schedule,
        )
        self._warmup = ValueSlider(session, WARMUP_STEPS)
        self._total = ValueSlider(session, TOTAL_STEPS)
        for part in (self._box, RateCurve(session), self._warmup, self._total):
            self.add(part)
        self._follow(session.state.settings)
        self._box.currentIndexChanged.connect(self._on_box_current_index_changed)
        session.state.settings_changed.connect(self._on_session_settings_changed)

    def lend_total(self, to: QVBoxLayout) -> None:
        """Have the slider of T stand there: the strategy needs it even at a constant rate."""
        if self.isAncestorOf(self._total):
            to.addWidget(self._total)
            self._total.set_reason("")

    def take_total_back(self) -> None:
        """Have the slider of T in its place again."""
        if not self.isAncestorOf(self._total):
            self.add(self._total, T_PLACE)
            self._follow(self._session.state.settings)

    def _follow(self, settings: Settings) -> None:
        slanted, constant = settings.schedule == "slanted", settings.schedule == "constant"
        self._box.show_choice(settings.schedule)
        self._warmup.set_reason(
            "has its own" if slanted else "",
            "The slanted triangle rises over the first tenth of the steps by itself.",
        )
        if self.isAncestorOf(self._total):
            self._total.set_reason(
                "not at a constant rate" if constant else "",
                "A constant rate plans no end; the other schedules do.",
            )
        warmup = () if slanted else set_texts(settings, ("warmup_steps",))
        self.say(", ".join((SCHEDULE_NAMES[settings.schedule], *warmup)))

    @Slot(object, object)
    def _on_session_settings_changed(self, _old: Settings, new: Settings) -> None:
        self._follow(new)

    @Slot()
    def _on_box_current_index_changed(self) -> None:
        self._session.editor.update(schedule=self._box.currentData())
        self._follow(self._session.state.settings)


class OverfittingSection(Section):
    """What brings overfitting about, and what helps against it."""

    QUANTITIES = (WEIGHT_DECAY, DROPOUT, PATIENCE, LABEL_NOISE, TRAIN_SAMPLES)

    def __init__(self, session: Session) -> None:
        super().__init__("overfitting", "Overfitting")
        for quantity in self.QUANTITIES:
            self.add(ValueSlider(session, quantity))
        self._follow(session.state.settings)
        session.state.settings_changed.connect(self._on_session_settings_changed)

    def _follow(self, settings: Settings) -> None:
        fields = {quantity.field for quantity in self.QUANTITIES}
        self.say(", ".join(set_texts(settings, fields)) or "nothing set")

    @Slot(object, object)
    def _on_session_settings_changed(self, _old: Settings, new: Settings) -> None:
        self._follow(new)


class NetworkSection(Section):
    """How large the network is, whether it has BatchNorm, and what “frozen” means for that."""

    def __init__(self, session: Session) -> None:
        super().__init__("network", "Network")
        for quantity in (WIDTH, DEPTH):
            self.add(ValueSlider(session, quantity))
        self.add(
            Toggle(
                session, "batch_norm", "BatchNorm after each layer", "batchNormToggle",
                "Each layer's outputs are brought to mean 0 and variance 1",
            )
        )  # fmt: skip
        self._freeze = Toggle(
            session, "freeze_statistics", "Freeze the statistics too", "freezeStatisticsToggle",
            "A frozen layer's running mean and variance move on with each batch, unless this is on",
        )  # fmt: skip
        self.add(self._freeze)
        self._follow(session.state.settings)
        session.state.settings_changed.connect(self._on_session_settings_changed)

    def _follow(self, settings: Settings) -> None:
        self._freeze.set_reason("" if settings.batch_norm else "there are none without BatchNorm")
        frozen = ", statistics frozen" if settings.freeze_statistics else ""
        norm = f", BatchNorm{frozen}" if settings.batch_norm else ""
        self.say(f"{settings.depth} × {settings.width:,}{norm}")

    @Slot(object, object)
    def _on_session_settings_changed(self, _old: Settings, new: Settings) -> None:
        self._follow(new)
