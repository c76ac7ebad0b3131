"""Sections of the control panel: schedule, overfitting, network."""

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
from gui.text.settings_change import SCHEDULE_NAMES, non_default_texts
from gui.widgets.collapsible import Section
from gui.widgets.combo_box import ComboBox

TOTAL_STEPS_INDEX = 3
"""Index of the slider of T in its section."""


class ScheduleSection(Section):
    """Schedule of the learning rate over the steps."""

    def __init__(self, session: Session) -> None:
        super().__init__("schedule", "Schedule")
        self._session = session
        self._box = ComboBox("scheduleBox", "Schedule of the learning rate")
        self._box.setToolTip("How the learning rate falls over the total steps T")
        self._box.set_items(
            ((name, SCHEDULE_NAMES[name].capitalize()) for name in SCHEDULES),
            session.state.settings.schedule,
        )
        self._warmup = ValueSlider(session, WARMUP_STEPS)
        self._total = ValueSlider(session, TOTAL_STEPS)
        for part in (self._box, RateCurve(session), self._warmup, self._total):
            self.add(part)
        self._show(session.state.settings)
        self._box.currentIndexChanged.connect(self._on_box_current_index_changed)
        session.state.settings_changed.connect(self._on_session_settings_changed)

    def move_total_to(self, layout: QVBoxLayout) -> None:
        """Move the slider of T: the strategy needs it even at a constant rate."""
        if self.isAncestorOf(self._total):
            layout.addWidget(self._total)
            self._total.set_reason("")

    def restore_total(self) -> None:
        """Move the slider of T back into this section."""
        if not self.isAncestorOf(self._total):
            self.add(self._total, TOTAL_STEPS_INDEX)
            self._show(self._session.state.settings)

    def _show(self, settings: Settings) -> None:
        slanted, constant = settings.schedule == "slanted", settings.schedule == "constant"
        self._box.set_current_data(settings.schedule)
        self._warmup.set_reason(
            "has its own" if slanted else "",
            "The slanted triangle rises over the first tenth of the steps by itself.",
        )
        if self.isAncestorOf(self._total):
            self._total.set_reason(
                "not at a constant rate" if constant else "",
                "A constant rate plans no end; the other schedules do.",
            )
        warmup = () if slanted else non_default_texts(settings, ("warmup_steps",))
        self.set_summary(", ".join((SCHEDULE_NAMES[settings.schedule], *warmup)))

    @Slot(object, object)
    def _on_session_settings_changed(self, _old: Settings, new: Settings) -> None:
        self._show(new)

    @Slot()
    def _on_box_current_index_changed(self) -> None:
        self._session.editor.update(schedule=self._box.currentData())
        self._show(self._session.state.settings)


class OverfittingSection(Section):
    """Settings that cause overfitting, and settings that reduce it."""

    SPECS = (WEIGHT_DECAY, DROPOUT, PATIENCE, LABEL_NOISE, TRAIN_SAMPLES)

    def __init__(self, session: Session) -> None:
        super().__init__("overfitting", "Overfitting")
        for spec in self.SPECS:
            self.add(ValueSlider(session, spec))
        self._show(session.state.settings)
        session.state.settings_changed.connect(self._on_session_settings_changed)

    def _show(self, settings: Settings) -> None:
        fields = {spec.field for spec in self.SPECS}
        self.set_summary(", ".join(non_default_texts(settings, fields)) or "nothing set")

    @Slot(object, object)
    def _on_session_settings_changed(self, _old: Settings, new: Settings) -> None:
        self._show(new)


class NetworkSection(Section):
    """Size of the network, BatchNorm, and whether “frozen” includes its statistics."""

    def __init__(self, session: Session) -> None:
        super().__init__("network", "Network")
        for spec in (WIDTH, DEPTH):
            self.add(ValueSlider(session, spec))
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
        self._show(session.state.settings)
        session.state.settings_changed.connect(self._on_session_settings_changed)

    def _show(self, settings: Settings) -> None:
        self._freeze.set_reason("" if settings.batch_norm else "there are none without BatchNorm")
        frozen = ", statistics frozen" if settings.freeze_statistics else ""
        norm = f", BatchNorm{frozen}" if settings.batch_norm else ""
        self.set_summary(f"{settings.depth} × {settings.width:,}{norm}")

    @Slot(object, object)
    def _on_session_settings_changed(self, _old: Settings, new: Settings) -> None:
        self._show(new)
