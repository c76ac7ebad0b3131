"""The big figure: how many weights move."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.protocol.messages import Frame
from engine.protocol.network_shape import BODY_SHAPES, BODY_WEIGHTS
from gui.controls.text import ElidedText, Text
from gui.session import Session


@dataclass(frozen=True, slots=True)
class _Counts:
    """Trainable numbers, by what they belong to."""

    body: int
    adapters: int
    head: int
    in_place: bool
    """Whether the body's are not its own weights but a strategy's, as LoRA's B and A."""


class MovingWeights(QWidget):
    """“920 of 4,400 weights move”, and below it what moves beside the body."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._counts: _Counts | None = None
        self._figure = Text(scale=1.9, bold=True)
        self._figure.setObjectName("movingWeights")
        self._of = ElidedText(scale=0.85, colour="muted")
        self._beside = ElidedText(scale=0.85, colour="muted")
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

    def _show(self, counts: _Counts | None) -> None:
        if counts is None:  # not known before the engine is ready
            self._figure.show_text(f"{BODY_WEIGHTS:,}")
            self._of.show_text("weights")
            self._beside.show_text("three layers, none moves yet")
            return
        self._figure.show_text(f"{counts.body:,}")
        words = "move in place of {:,}" if counts.in_place else "of {:,} weights move"
        self._of.show_text(words.format(BODY_WEIGHTS))
        beside = ((counts.adapters, "adapters"), (counts.head, "head"))
        more = [f"+ {number:,} {name}" for number, name in beside if number]
        self._beside.show_text(" · ".join(more) or "nothing else moves")

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        counts = _counted(frame) if frame.run > 0 else None
        if counts != self._counts:
            self._counts = counts
            self._show(counts)


def _counted(frame: Frame) -> _Counts:
    body = [layer for layer in frame.layers if layer.unit in BODY_SHAPES]
    head = [layer for layer in frame.layers if layer.unit == "head"]
    everything, of_body, of_head = (
        sum(layer.trainable_parameters for layer in layers) for layers in (frame.layers, body, head)
    )
    in_place = of_body > 0 and any(layer.total_parameters > layer.weight.size for layer in body)
    return _Counts(of_body, everything - of_body - of_head, of_head, in_place)
