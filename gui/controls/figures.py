"""Figures of the run: trainable parameters, accuracies, losses, the last change of a setting."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Frame
from gui.session import Session
from gui.text.numbers import NO_VALUE, count_text, loss_text, percent, points_text
from gui.text.settings_change import change_texts
from gui.theme import FIGURE, SMALL, SPACE
from gui.widgets.box import hbox, vbox
from gui.widgets.label import RIGHT, ElidedLabel, Label

RUN_HIDDEN_TEXT = "The run on the stage"
ROWS = (
    ("target", "target accuracy", "target", "On test samples of the task it is fine-tuned for"),
    ("source", "source accuracy", "source", "On test samples of the task it was pretrained on"),
    ("forgotten", "forgotten", "text", "Source accuracy lost since step 0, in percentage points"),
    ("train", "training loss", "text", "Mean over the whole training split"),
    ("validation", "validation loss", "text", "Mean over samples it does not train on"),
)
"""(key, label, colour of the theme, tooltip)"""
WIDEST_SHARE, WIDEST_TEXT = "100.0 %", "+100.0 points"
"""Widest accuracy, and widest other figure, that can occur: the labels have their width."""


class TrainableCount(QWidget):
    """Shows “920 trainable parameters”, and below it of how many, and what trains beside them."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._run_hidden = False
        self.setObjectName("moving")
        self._figure = Label(scale=FIGURE, bold=True)
        self._figure.setObjectName("movingWeights")
        self._unit = ElidedLabel(scale=SMALL, colour="muted")
        self._beside = ElidedLabel(scale=SMALL, colour="muted")
        self._unit.setContentsMargins(0, 0, 0, 5)
        line = hbox(self._figure, (self._unit, 1, Qt.AlignmentFlag.AlignBottom), spacing=5)
        vbox(line, self._beside, on=self)
        self._show()
        session.state.frame_changed.connect(self._show)

    def set_run_hidden(self, run_hidden: bool) -> None:
        """Dim the figure, and name its run, while it is not shown."""
        self._run_hidden = run_hidden
        self._figure.set_colour("muted" if run_hidden else "text")
        self._beside.set_colour("text" if run_hidden else "muted")
        self._show()

    @Slot()
    def _show(self) -> None:
        frame = self._session.state.frame
        if frame is None or frame.run == 0:  # not known before the engine is ready
            settings = self._session.state.settings
            figure, unit = count_text(settings.body_weights), "parameters"
            layers = "1 layer" if settings.depth == 1 else f"{settings.depth} layers"
            beside = f"{layers}, not trained yet"
        else:
            figure, beside = _trainable_texts(frame)
            unit = "trainable parameters"
            beside = RUN_HIDDEN_TEXT if self._run_hidden else beside
        self._figure.show_text(figure)
        self._unit.show_text(unit)
        self._beside.show_text(beside)


def _trainable_texts(frame: Frame) -> tuple[str, str]:
    """Return how many parameters train in the body, and of how many, and what trains beside it."""
    body = [layer for layer in frame.layers if layer.block in frame.settings.body_shapes]
    head = [layer for layer in frame.layers if layer.block == "head"]
    total, of_body, of_head = (
        sum(layer.trainable_parameters for layer in layers) for layers in (frame.layers, body, head)
    )
    weights = count_text(frame.settings.body_weights)
    counts = [(of_body, ""), (total - of_body - of_head, "adapters"), (of_head, "head")]
    first = next((count for count in counts if count[0]), counts[0])
    # Some strategies train their own parameters instead of the body's, as LoRA does B and A.
    own = of_body > 0 and any(layer.total_parameters > math.prod(layer.shape) for layer in body)
    if first[1]:
        parts = [f"in the {first[1]}", f"{weights} fixed"]
    else:
        parts = [f"instead of {weights}" if own else f"of {weights}"]
    rest = counts[counts.index(first) + 1 :]
    parts += [f"+ {count_text(number)} {name}" for number, name in rest if number]
    return count_text(first[0]), " · ".join(parts)


class Readouts(QWidget):
    """Rows of a label and a figure, and a line on the last change of a setting."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        rows = vbox(on=self, spacing=3)
        self._figures: dict[str, Label] = {}
        self._names: dict[str, ElidedLabel] = {}
        for key, name, colour, hint in ROWS:
            label = ElidedLabel(name, colour="muted")
            label.setObjectName(f"readoutName.{key}")
            widest = WIDEST_SHARE if name.endswith("accuracy") else WIDEST_TEXT
            figure = Label(bold=True, colour=colour, widest=widest)
            figure.setObjectName(f"readout.{key}")
            figure.setAlignment(RIGHT)
            for part in (label, figure):
                part.setToolTip(hint)
            rows.addLayout(hbox((label, 1), figure, spacing=SPACE))
            self._figures[key], self._names[key] = figure, label
        self._change = ElidedLabel(scale=SMALL, colour="muted")
        self._change.setObjectName("readout.change")
        rows.addWidget(self._change)
        state = session.state
        state.frame_changed.connect(self._show)
        for signal in (state.run_changed, state.settings_changed, state.applied, state.arrived):
            signal.connect(self._show_change)
        self._show()

    def text(self, key: str) -> str:
        """Return the figure of a row. Args: key: target, source, forgotten, train or validation."""
        return self._figures[key].text()

    def set_run_hidden(self, run_hidden: bool) -> None:
        """Dim the figures while the run is not shown."""
        for key, _, colour, _ in ROWS:
            self._figures[key].set_colour("muted" if run_hidden else colour)

    def show_losses(self, shown: bool) -> None:
        """Show the losses, or leave them to the chart's title where height is short."""
        for key in ("train", "validation"):
            self._figures[key].setVisible(shown)
            self._names[key].setVisible(shown)

    def change_text(self) -> str:
        """Return the line on the last change."""
        return self._change.full_text()

    @Slot()
    def _show(self) -> None:
        frame, texts = self._session.state.frame, dict.fromkeys(self._figures, NO_VALUE)
        if frame is not None:
            texts["target"] = percent(frame.measurements.target_accuracy)
            texts["source"] = percent(frame.measurements.source_accuracy)
            texts["forgotten"] = _forgotten(frame)
        if frame is not None and frame.run > 0:
            texts["train"] = loss_text(frame.measurements.train_loss)
            texts["validation"] = loss_text(frame.measurements.validation_loss)
        for key, text in texts.items():
            self._figures[key].show_text(text)

    @Slot()
    def _show_change(self) -> None:
        """Show the change that is about to act in this run, or else the newest that did."""
        state = self._session.state
        new, log, newest = state.settings, state.change_log.shown, state.change_log.shown.newest
        changes = change_texts(log.settings, new, state.catalogue)
        if changes and not state.restarting_fields() & log.settings.differences(new).keys():
            self._change.show_text(f"{', '.join(changes)} at the next step…")
        elif newest is not None:
            self._change.show_text(f"{newest.text} from step {newest.step + 1:,}")
        else:
            self._change.show_text("")


def _forgotten(frame: Frame) -> str:
    body = next(iter(frame.layers), None)
    if frame.run == 0 or body is None or body.randomly_initialised:
        return NO_VALUE  # it starts from random weights: there is nothing to forget
    lost = frame.start_source_accuracy - frame.measurements.source_accuracy
    return f"{points_text(lost)} points"
