"""Figures of the run: trainable parameters, accuracies, losses, the last change of a setting."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Frame
from engine.protocol.settings import Settings
from gui.session import Session
from gui.text.accuracies import (
    FOR_CHOOSING,
    forgotten_hint,
    forgotten_points,
    margin_text,
    sample_noun,
    source_hint,
    target_hint,
    validation_hint,
)
from gui.text.numbers import NO_VALUE, count_text, loss_text, percent, points_text
from gui.text.settings_change import change_texts
from gui.theme import FIGURE, SMALL, SPACE, TINY
from gui.widgets.box import hbox, vbox
from gui.widgets.label import RIGHT, ElidedLabel, Label

RUN_HIDDEN_TEXT = "The run on the stage"
ROWS = (
    ("target", "target accuracy", "target", "On test data of the task it is fine-tuned for"),
    ("source", "source accuracy", "source", "On test data of the task it was pretrained on"),
    ("forgotten", "forgotten", "text", "Source accuracy lost since step 0, in percentage points"),
    ("validation_accuracy", "validation accuracy", "text", FOR_CHOOSING),
    ("train", "training loss", "text", "Mean over all training samples"),
    ("validation", "validation loss", "text", "Mean over samples it is not trained on"),
)
"""(key, label, colour of the theme, tooltip until there is a frame)"""
MEASURED_ASIDE = ("validation_accuracy", "train", "validation")
"""Rows that are left to the charts' titles where height is short."""
WIDEST_SHARE, WIDEST_LOSS, WIDEST_POINTS = "100.0\u202f%", "not a number", "+100.0"
"""Widest figures that can occur: the labels have their width."""
WIDEST_UNIT = "±\u202f10.0"
"""Widest text behind a figure; “points” is not wider."""


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
            figure, unit = count_text(_body_parameters(settings)), "parameters"
            layers = "1 layer" if settings.depth == 1 else f"{settings.depth} layers"
            beside = f"{layers}, not trained yet"
        else:
            figure, beside = _trainable_texts(frame)
            unit = "trainable parameters"
            beside = RUN_HIDDEN_TEXT if self._run_hidden else beside
        self._figure.show_text(figure)
        self._unit.show_text(unit)
        self._beside.show_text(beside)


def _body_parameters(settings: Settings) -> int:
    """Return the parameters of the body as pretrained: its weights, and BatchNorm's γ and β."""
    outputs = sum(shape[0] for shape in settings.body_shapes.values())
    return settings.body_weights + (2 * outputs if settings.batch_norm else 0)


def _trainable_texts(frame: Frame) -> tuple[str, str]:
    """Return how many parameters train in the body, and of how many, and what trains beside it."""
    body = [layer for layer in frame.layers if layer.block in frame.settings.body_shapes]
    head = [layer for layer in frame.layers if layer.block == "head"]
    total, of_body, of_head = (
        sum(layer.trainable_parameters for layer in layers) for layers in (frame.layers, body, head)
    )
    weights = count_text(_body_parameters(frame.settings))
    counts = [(of_body, ""), (total - of_body - of_head, "adapters"), (of_head, "head")]
    first = next((count for count in counts if count[0]), counts[0])
    # Some strategies train their own parameters instead of the body's, as LoRA does B and A.
    in_all = sum(layer.total_parameters for layer in body)
    own = of_body > 0 and in_all > _body_parameters(frame.settings)
    if first[1]:
        parts = [f"in the {first[1]}", f"{weights} fixed"]
    else:
        parts = [f"instead of {weights}" if own else f"of {weights}"]
    rest = counts[counts.index(first) + 1 :]
    parts += [f"+ {count_text(number)} {name}" for number, name in rest if number]
    return count_text(first[0]), " · ".join(parts)


class ReadoutRow(QWidget):
    """A name, a figure, and behind it, smaller, its unit or how sure it is."""

    def __init__(self, key: str, name: str, colour: str, hint: str) -> None:
        super().__init__()
        self._name, self._colour = name, colour
        widest = WIDEST_SHARE if name.endswith("accuracy") else WIDEST_LOSS
        self._figure = Label(
            bold=True, colour=colour, widest=WIDEST_POINTS if key == "forgotten" else widest
        )
        self._unit = Label(scale=SMALL, colour="muted", widest=WIDEST_UNIT)
        label = ElidedLabel(name, colour="muted")
        label.setObjectName(f"readoutName.{key}")
        self._figure.setObjectName(f"readout.{key}")
        for part in (self._figure, self._unit):
            part.setAlignment(RIGHT)
        hbox((label, 1), self._figure, self._unit, on=self, spacing=SPACE // 2)
        self.show_figure(NO_VALUE, "", hint)

    def show_figure(self, text: str, unit: str, hint: str) -> None:
        """Show a figure. Args: text: it.  unit: smaller, behind it.  hint: the row's tooltip."""
        self._figure.show_text(text)
        self._unit.show_text(unit)
        spoken = f"{self._name} {self.text()}"
        if spoken != self._figure.accessibleName():
            self._figure.setAccessibleName(spoken)
        if hint != self.toolTip():
            self.setToolTip(hint)
            self._figure.setAccessibleDescription(hint)

    def text(self) -> str:
        """Return the figure with what stands behind it."""
        return f"{self._figure.text()} {self._unit.text()}".rstrip()

    def set_run_hidden(self, run_hidden: bool) -> None:
        """Dim the figure while the run is not shown."""
        self._figure.set_colour("muted" if run_hidden else self._colour)


class Readouts(QWidget):
    """Rows of a name and a figure, and a line on the last change of a setting."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._tested_on = Label(scale=TINY, colour="muted")
        self._tested_on.setAlignment(RIGHT)
        self._rows = {row[0]: ReadoutRow(*row) for row in ROWS}
        self._change = ElidedLabel(scale=SMALL, colour="muted")
        self._change.setObjectName("readout.change")
        vbox(self._tested_on, *self._rows.values(), self._change, on=self, spacing=3)
        state = session.state
        state.frame_changed.connect(self._show)
        state.catalogue_changed.connect(self._show)
        for signal in (state.run_changed, state.settings_changed, state.applied, state.arrived):
            signal.connect(self._show_change)
        self._show()

    def text(self, key: str) -> str:
        """Return the figure of a row, with its unit. Args: key: first of one of `ROWS`."""
        return self._rows[key].text()

    def set_run_hidden(self, run_hidden: bool) -> None:
        """Dim the figures while the run is not shown."""
        for row in self._rows.values():
            row.set_run_hidden(run_hidden)

    def show_all(self, shown: bool) -> None:
        """Show every row, or leave some to the charts' titles where height is short."""
        for key in MEASURED_ASIDE:
            self._rows[key].setVisible(shown)

    def change_text(self) -> str:
        """Return the line on the last change."""
        return self._change.full_text()

    @Slot()
    def _show(self) -> None:
        frame, task = self._session.state.frame, self._session.state.task_info()
        self._tested_on.show_text(f"on test {sample_noun(task)}")
        if frame is None:
            return
        strategy, now = self._session.state.strategy_info(frame.settings), frame.measurements
        lost = forgotten_points(frame)
        self._rows["target"].show_figure(
            percent(now.target_accuracy),
            margin_text(now.target_accuracy, frame.target_test),
            target_hint(frame, task),
        )
        self._rows["source"].show_figure(
            percent(now.source_accuracy),
            margin_text(now.source_accuracy, frame.source_test),
            source_hint(frame, task, strategy),
        )
        self._rows["forgotten"].show_figure(
            NO_VALUE if lost is None else points_text(lost),
            "" if lost is None else "points",
            forgotten_hint(frame, strategy),
        )
        if frame.run > 0:
            self._show_aside(frame)

    def _show_aside(self, frame: Frame) -> None:
        """Show what is not measured on test data."""
        now, hints = frame.measurements, {key: hint for key, _, _, hint in ROWS}
        self._rows["validation_accuracy"].show_figure(
            percent(now.validation_accuracy),
            margin_text(now.validation_accuracy, frame.validation),
            validation_hint(frame, self._session.state.task_info()),
        )
        for key, loss in (("train", now.train_loss), ("validation", now.validation_loss)):
            self._rows[key].show_figure(loss_text(loss), "", hints[key])

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
