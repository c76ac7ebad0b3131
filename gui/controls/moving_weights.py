"""The big figure: how many weights move."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.protocol.messages import Frame
from engine.protocol.network_shape import BODY_SHAPES, BODY_WEIGHTS
from gui.controls.text import ElidedText, Text
from gui.session import Session


class MovingWeights(QWidget):
    """“920 of 4,400 weights move”, and below it what moves beside the body."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._counts: tuple[int, int, int] | None = None
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

    def _show(self, counts: tuple[int, int, int] | None) -> None:
        """Args: counts: trainable numbers of body layers, adapters and head; None: not known."""
        if counts is None:
            self._figure.show_text(f"{BODY_WEIGHTS:,}")
            self._of.show_text("weights")
            self._beside.show_text("three layers, none moves yet")
            return
        body, adapters, head = counts
        self._figure.show_text(f"{body:,}")
        self._of.show_text(f"of {BODY_WEIGHTS:,} weights move")
        more = [f"+ {n:,} {name}" for n, name in ((adapters, "adapters"), (head, "head")) if n]
        self._beside.show_text(" · ".join(more) or "nothing else moves")

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        counts = _counted(frame) if frame.run > 0 else None
        if counts != self._counts:
            self._counts = counts
            self._show(counts)


def _counted(frame: Frame) -> tuple[int, int, int]:
    body = adapters = head = 0
    for layer in frame.layers:
        if layer.unit in BODY_SHAPES:
            body += layer.trainable_parameters
        elif layer.unit.startswith("head"):
            head += layer.trainable_parameters
        else:
            adapters += layer.trainable_parameters
    return body, adapters, head
