"""Readouts: accuracies, forgetting, losses, and the last change of a setting."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.protocol.messages import Applied, Arrived, Frame
from engine.protocol.settings import Settings
from gui.session import Session
from gui.text.numbers import NO_VALUE, loss_text, percent, points_text
from gui.text.settings_change import change_texts
from gui.theme import SMALL
from gui.widgets.label import RIGHT, ElidedLabel, Label

ROWS = (
    ("target", "target accuracy", "target", "On test samples of the task it is tuned for"),
    ("source", "source accuracy", "source", "On the task it was pretrained on: what it remembers"),
    ("forgotten", "forgotten", "text", "Source accuracy lost since step 0, in percentage points"),
    ("train", "loss, training", "text", "Mean over the whole training split"),
    ("validation", "loss, validation", "text", "Mean over samples that it is not trained on"),
)
"""(key, label, colour of the theme, tooltip)"""
WIDEST_TEXT = "+100.0 points"
"""Widest figure that can occur: the labels have its width."""


class Readouts(QWidget):
    """Rows of a label and a figure."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._settings = session.state.settings
        self._branch = 0
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(0, 1)
        self._figures: dict[str, Label] = {}
        for row, (key, name, colour, hint) in enumerate(ROWS):
            label = ElidedLabel(name, colour="muted")
            label.setObjectName(f"readoutName.{key}")
            figure = Label(bold=True, colour=colour, widest=WIDEST_TEXT)
            figure.setObjectName(f"readout.{key}")
            figure.setAlignment(RIGHT)
            for part in (label, figure):
                part.setToolTip(hint)
            grid.addWidget(label, row, 0)
            grid.addWidget(figure, row, 1)
            self._figures[key] = figure
        self._change = ElidedLabel(scale=SMALL, colour="muted")
        self._change.setObjectName("readout.change")
        grid.addWidget(self._change, len(ROWS), 0, 1, 2)
        session.state.frame_changed.connect(self._show)
        session.state.run_changed.connect(self._on_session_run_changed)
        session.state.settings_changed.connect(self._on_session_settings_changed)
        session.state.applied.connect(self._on_session_applied)
        session.state.arrived.connect(self._on_session_arrived)
        self._show(session.state.frame)

    def text(self, key: str) -> str:
        """Return the figure of a row. Args: key: target, source, forgotten, train or validation."""
        return self._figures[key].text()

    def set_run_hidden(self, run_hidden: bool) -> None:
        """Dim the figures while the run is not shown."""
        for key, _, colour, _ in ROWS:
            self._figures[key].set_colour("muted" if run_hidden else colour)

    def change_text(self) -> str:
        """Return the line on the last change."""
        return self._change.full_text()

    @Slot(object)
    def _show(self, frame: Frame | None) -> None:
        texts = dict.fromkeys(self._figures, NO_VALUE)
        if frame is not None:
            texts["target"] = percent(frame.measurements.target_accuracy)
            texts["source"] = percent(frame.measurements.source_accuracy)
            texts["forgotten"] = _forgotten(frame)
        if frame is not None and frame.run > 0:
            texts["train"] = loss_text(frame.measurements.train_loss)
            texts["validation"] = loss_text(frame.measurements.validation_loss)
        for key, text in texts.items():
            self._figures[key].show_text(text)

    @Slot(object)
    def _on_session_run_changed(self, frame: Frame) -> None:
        self._settings, self._branch = frame.settings, frame.branch
        self._change.show_text("")

    @Slot(object, object)
    def _on_session_settings_changed(self, _old: Settings, new: Settings) -> None:
        changes = self._pending_changes(new)
        if changes:
            self._change.show_text(f"{changes} at the next step…")

    @Slot(object)
    def _on_session_applied(self, applied: Applied) -> None:
        changes = self._pending_changes(applied.settings)
        dissolved = applied.branch < self._branch  # a new one has a higher number
        self._settings, self._branch = applied.settings, applied.branch
        if dissolved:  # on the branch that is back nothing has changed
            self._change.show_text("")
        elif changes:
            self._change.show_text(f"{changes} from step {applied.step + 1:,}")

    @Slot(object)
    def _on_session_arrived(self, arrived: Arrived) -> None:
        """Adopt the settings in force at another step, which are no change about to act."""
        self._settings, self._branch = arrived.settings, arrived.branch
        if arrived.settings == self._session.state.settings:
            self._change.show_text("")

    def _pending_changes(self, new: Settings) -> str:
        """Return what is about to change in this run; empty where that begins a new one."""
        if self._session.state.restarting_fields() & self._settings.differences(new).keys():
            return ""
        return ", ".join(change_texts(self._settings, new, self._session.state.catalogue))


def _forgotten(frame: Frame) -> str:
    body = next(iter(frame.layers), None)
    if frame.run == 0 or body is None or body.randomly_initialised:
        return NO_VALUE  # it starts from random weights: there is nothing to forget
    lost = frame.start_source_accuracy - frame.measurements.source_accuracy
    return f"{points_text(lost)} points"
