"""Moving weights: the number of trainable weights, as the big figure of the panel."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Frame
from gui.session import Session
from gui.text.numbers import count_text
from gui.theme import FIGURE, SMALL
from gui.widgets.box import hbox, vbox
from gui.widgets.label import ElidedLabel, Label

MAX_WEIGHTS_ON_ONE_LINE = 99_999
"""Largest body whose size stands beside the big figure; that of others stands below it."""

RUN_HIDDEN_TEXT = "The run on the stage"


@dataclass(frozen=True, slots=True)
class _MovingCounts:
    """Counts of trainable weights, by what they belong to."""

    weights: int
    """All weights of the body, trainable or not."""
    body: int
    adapters: int
    head: int
    in_place: bool
    """Whether the strategy's weights are trained instead of the body's, as LoRA's B and A."""


class MovingWeights(QWidget):
    """Shows “920 of 4,400 weights move”, and below it what moves beside the body."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._counts: _MovingCounts | None = None
        self._run_hidden = False
        self.setObjectName("moving")
        self._figure = Label(scale=FIGURE, bold=True)
        self._figure.setObjectName("movingWeights")
        self._of = ElidedLabel(scale=SMALL, colour="muted")
        self._beside = ElidedLabel(scale=SMALL, colour="muted")
        self._of.setContentsMargins(0, 0, 0, 5)
        line = hbox(self._figure, (self._of, 1, Qt.AlignmentFlag.AlignBottom), spacing=5)
        vbox(line, self._beside, on=self)
        self._show(None)
        session.state.frame_changed.connect(self._on_session_frame_changed)
        if session.state.frame is not None:
            self._on_session_frame_changed(session.state.frame)

    def set_run_hidden(self, run_hidden: bool) -> None:
        """Dim the figure, and name its run, while it is not shown."""
        self._run_hidden = run_hidden
        self._figure.set_colour("muted" if run_hidden else "text")
        self._beside.set_colour("text" if run_hidden else "muted")
        self._show(self._counts)

    def _show(self, counts: _MovingCounts | None) -> None:
        if counts is None:  # not known before the engine is ready
            settings = self._session.state.settings
            self._figure.show_text(count_text(settings.body_weights))
            self._of.show_text("weights")
            layers = "1 layer" if settings.depth == 1 else f"{settings.depth} layers"
            self._beside.show_text(f"{layers}, none moves yet")
            return
        self._figure.show_text(count_text(counts.body))
        total = count_text(counts.weights)
        beside = ((counts.adapters, "adapters"), (counts.head, "head"))
        more = [f"+ {count_text(number)} {name}" for number, name in beside if number]
        if counts.weights > MAX_WEIGHTS_ON_ONE_LINE:
            self._of.show_text("weights move")
            more.insert(0, f"in place of {total}" if counts.in_place else f"of {total}")
        else:
            words = "move in place of {}" if counts.in_place else "of {} weights move"
            self._of.show_text(words.format(total))
        text = " · ".join(more) or "nothing else moves"
        self._beside.show_text(RUN_HIDDEN_TEXT if self._run_hidden else text)

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        counts = _moving_counts(frame) if frame.run > 0 else None
        if counts != self._counts:
            self._counts = counts
            self._show(counts)


def _moving_counts(frame: Frame) -> _MovingCounts:
    body = [layer for layer in frame.layers if layer.block in frame.settings.body_shapes]
    head = [layer for layer in frame.layers if layer.block == "head"]
    total, body_count, head_count = (
        sum(layer.trainable_parameters for layer in layers) for layers in (frame.layers, body, head)
    )
    in_place = body_count > 0 and any(
        layer.total_parameters > math.prod(layer.shape) for layer in body
    )
    weights, adapters = frame.settings.body_weights, total - body_count - head_count
    return _MovingCounts(weights, body_count, adapters, head_count, in_place)
