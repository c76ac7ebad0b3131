"""The big figure: how many weights move."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.protocol.messages import Frame
from gui.session import Session
from gui.text.numbers import count_text
from gui.widgets.label import ElidedLabel, Label

MOST_ON_A_LINE = 99_999
"""Weights of a body that are told beside the big figure; of more, in the line below."""

BEHIND = "The run on the stage"


@dataclass(frozen=True, slots=True)
class _MovingCounts:
    """Trainable numbers, by what they belong to."""

    weights: int
    """Of the body, whether they move or not."""
    body: int
    adapters: int
    head: int
    in_place: bool
    """Whether the body's are not its own weights but a strategy's, as LoRA's B and A."""


class MovingWeights(QWidget):
    """“920 of 4,400 weights move”, and below it what moves beside the body."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._counts: _MovingCounts | None = None
        self._behind = False
        self.setObjectName("moving")
        self._figure = Label(scale=1.9, bold=True)
        self._figure.setObjectName("movingWeights")
        self._of = ElidedLabel(scale=0.85, colour="muted")
        self._beside = ElidedLabel(scale=0.85, colour="muted")
        line = QHBoxLayout()
        line.setSpacing(5)
        line.addWidget(self._figure)
        line.addWidget(self._of, 1, Qt.AlignmentFlag.AlignBottom)
        self._of.setContentsMargins(0, 0, 0, 5)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self._beside)
        self._show(None)
        session.frame_changed.connect(self._on_session_frame_changed)
        if session.frame is not None:
            self._on_session_frame_changed(session.frame)

    def stand_back(self, behind: bool) -> None:
        """Dim the figure, and say whose it is, while the run is not what is seen."""
        self._behind = behind
        self._figure.set_colour("muted" if behind else "text")
        self._beside.set_colour("text" if behind else "muted")
        self._show(self._counts)

    def _show(self, counts: _MovingCounts | None) -> None:
        if counts is None:  # not known before the engine is ready
            settings = self._session.settings
            self._figure.show_text(count_text(settings.body_weights))
            self._of.show_text("weights")
            layers = "1 layer" if settings.depth == 1 else f"{settings.depth} layers"
            self._beside.show_text(f"{layers}, none moves yet")
            return
        self._figure.show_text(count_text(counts.body))
        total = count_text(counts.weights)
        beside = ((counts.adapters, "adapters"), (counts.head, "head"))
        more = [f"+ {count_text(number)} {name}" for number, name in beside if number]
        if counts.weights > MOST_ON_A_LINE:
            self._of.show_text("weights move")
            more.insert(0, f"in place of {total}" if counts.in_place else f"of {total}")
        else:
            words = "move in place of {}" if counts.in_place else "of {} weights move"
            self._of.show_text(words.format(total))
        told = " · ".join(more) or "nothing else moves"
        self._beside.show_text(BEHIND if self._behind else told)

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        counts = _counted(frame) if frame.run > 0 else None
        if counts != self._counts:
            self._counts = counts
            self._show(counts)


def _counted(frame: Frame) -> _MovingCounts:
    body = [layer for layer in frame.layers if layer.block in frame.settings.body_shapes]
    head = [layer for layer in frame.layers if layer.block == "head"]
    everything, of_body, of_head = (
        sum(layer.trainable_parameters for layer in layers) for layers in (frame.layers, body, head)
    )
    in_place = of_body > 0 and any(
        layer.total_parameters > math.prod(layer.shape) for layer in body
    )
    weights, adapters = frame.settings.body_weights, everything - of_body - of_head
    return _MovingCounts(weights, of_body, adapters, of_head, in_place)
